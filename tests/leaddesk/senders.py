"""Senders: programs that hand in facts over HTTP, many at once, until each is taken."""

import http.client
import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from leaddesk.book import access, moment
from leaddesk.book.models import Lead
from leaddesk.book.record import Submission, record
from tests.leaddesk import oracle
from tests.leaddesk.desk import person

LEADS = [f"L-{n}" for n in range(80)]
TAKEN = (200, 201)
PATIENCE = 40


def token(own):
    """The secret of a token by which facts can be handed in."""
    person(own, "sender", role="admin", email="sender@example.com")
    actor = access.Actor(own.pk, "sender", "admin")
    return access.issue_token(actor, name="sender", scopes=["admin"], now=moment.now())[1]


@dataclass
class Senders:
    """Threads that share a list of ids; what was taken, and what each failure was."""

    port: int
    secret: str
    ids: list[str]
    taken: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    gap: float = 0

    def start(self, threads=6):
        """Begin to send; each id is sent again until it is taken."""
        self.left = [*reversed(self.ids)]
        self.end = time.monotonic() + PATIENCE
        self.threads = [threading.Thread(target=self._send_all) for _ in range(threads)]
        for one in self.threads:
            one.start()
        return self

    def finish(self):
        """Wait until everything is taken."""
        for one in self.threads:
            one.join()
        return self

    def _send_all(self):
        while True:
            try:
                key = self.left.pop()
            except IndexError:
                return
            while key not in self.taken and time.monotonic() < self.end:
                answer = self._sent(key)
                if answer in TAKEN:
                    self.taken.add(key)
                else:
                    self.failed.append(str(answer))
                    time.sleep(0.05)
            time.sleep(self.gap)

    def _sent(self, key):
        """The status of the answer, or the name of what went wrong."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        fact = {"lead": key, "kind": "handed_over", "occurred_at": "2026-03-10T10:00:00Z"}
        fact |= {"owner": "ana", "source_id": key}
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if key.endswith(("1", "3", "5", "7", "9")):
            headers["Idempotency-Key"] = key
        try:
            line.request("POST", "/api/v1/facts", json.dumps(fact), headers)
            answer = line.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            with suppress(OSError):
                line.close()


def checked(own, senders, log):
    """All that is wrong with a desk after its senders are done."""
    now = moment.now()
    due = Lead.objects.of(own).filter(wake_at__lte=now).values_list("key", flat=True)
    record([Submission(own.pk, again=dict.fromkeys(due))], now=now)
    told = Path(log).read_text("utf-8")
    return [
        *(f"{key}: was never taken" for key in {*senders.ids} - senders.taken),
        *oracle.faults(own, now=now, acknowledged=senders.taken),
        *oracle.leaked(told, [senders.secret, os.environ["LEADDESK_SECRET_KEY"]]),
    ]
