"""The worker: wakes leads whose time has come, posts what people must hear, sends the mails of tracks,
brings scores up to date, seals the audit log, goes on with files that people import and with dry runs,
and draws the reports that pages show.

Any number of them run at once. Each duty has a thread of its own, so that a receiver that hangs
delays no timer; trouble with the database ends none of them.
"""

import logging
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from threading import Event, Thread

from django.db import InterfaceError, OperationalError, connection

from leaddesk.book import (
    answers,
    audit,
    bulk,
    dry_run_steps,
    dry_runs,
    foretelling,
    imports,
    invitations,
    moment,
    outbox,
    rescoring,
    seats,
    sign_in,
    wake,
)
from leaddesk.book.drawing import Drawer
from leaddesk.book.models import Entry, Pulse, ScoreModel
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.book.record import warm
from leaddesk.post import digest, planning
from leaddesk.post.nurture_mail import Mailer
from leaddesk.post.sending import Sender
from leaddesk.sample import workspace as sample
from leaddesk.wire import jobs

LATE = 5 * SECOND
"""What is woken so long after its time is reported as late."""
GONE = 60 * MINUTE
"""A worker that wasn't seen for so long is forgotten."""
_LONGEST_SLEEP = 1.0
_LONGEST_JOB = 10.0
_LONGEST_TRY = 5.0
_MOST_TRIED = 4
_LONGEST_BACK_OFF = 5.0
_PATIENCE = 0.8
_journal = logging.getLogger(__name__)


class Worker:
    """One worker with its threads; `start` returns at once, `stop` within a second."""

    def __init__(self, name: str = "") -> None:
        self.name = (name or f"{socket.gethostname()}:{os.getpid()}")[:100]
        self.woken = self.sent = 0
        self.stopping, self.noticed = Event(), Event()
        self._threads = [
            Thread(target=self._serve, args=(duty,), name=type(duty).__name__.lower(), daemon=True)
            for duty in (
                Waking(self),
                Posting(self),
                Mailing(self),
                Importing(self),
                Trying(self),
                Keeping(self),
                Drawing(self),
                Learning(self),
                Rescoring(self),
            )
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()
        _journal.info("worker %s started", self.name)

    def stop(self) -> bool:
        """Begin nothing more; whether everything that was under way has ended in time."""
        self.stopping.set()
        self.noticed.set()
        ends = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        _journal.info("worker %s stopped", self.name)
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(
        self,
        duty: "Waking | Posting | Mailing | Importing | Trying | Keeping | Drawing | Learning | Rescoring",
    ) -> None:
        """Do one duty again and again; `turn` says in how many seconds it is due again."""
        pause, troubles = 0.0, 0
        while not self.stopping.is_set():
            try:
                pause, troubles = duty.turn(), 0
            except (OperationalError, InterfaceError) as error:
                troubles += 1
                pause = _back_off(troubles)
                _journal.warning("the database fails (%s): again in %.1f s", _short(error), pause)
                _hang_up()
            except Exception:  # noqa: BLE001  (a defect of one turn must not end the worker)
                troubles += 1
                pause = _back_off(troubles)
                _journal.exception("a turn of %s failed", type(duty).__name__.lower())
            duty.rest.wait(pause)
            if duty.rest is not self.stopping:
                duty.rest.clear()
        try:
            duty.end()
        except (OperationalError, InterfaceError) as error:
            _journal.warning("the database fails (%s) while stopping", _short(error))
        _hang_up()


def _back_off(troubles: int) -> float:
    return min(_LONGEST_BACK_OFF, 0.1 * 2.0 ** min(troubles, 10))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _hang_up() -> None:
    """Give this thread's connection back; the next query opens another."""
    try:
        connection.close()
    except (OperationalError, InterfaceError):  # it was dead already
        connection.connection = None


class _Every:
    """Says that it is due once in so many seconds, whatever jumps the clock makes."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.due = seconds, 0.0

    def is_due(self) -> bool:
        if time.monotonic() < self.due:
            return False
        self.due = time.monotonic() + self.seconds
        return True


class Waking:
    """Looks at leads whose time has come. What it holds when the database fails it tries again."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping
        self.held: list[wake.Claimed] = []
        self.is_warm = False

    def turn(self) -> float:
        """Wake what has come due; until the next wake otherwise, a second at most."""
        if not self.is_warm:
            warm(moment.now())
            self.is_warm = True
        now = moment.now()
        if not self.held:
            soonest = wake.next_at(now)
            if soonest is None or soonest > now:
                left = _LONGEST_SLEEP if soonest is None else (soonest - now) / SECOND
                return min(left, _LONGEST_SLEEP)
            self.held = wake.claim(now)
        wake.look(self.held, moment.now())
        self._tell(now)
        self.held = []
        return 0.0

    def _tell(self, now: int) -> None:
        self.worker.woken += len(self.held)
        self.worker.noticed.set()
        late = [now - one.wake_at for one in self.held if one.wake_at and one.wake_at < now - LATE]
        if late:
            _journal.warning(
                "%d leads were looked at late, up to %d s: no worker got to them in time",
                len(late),
                max(late) // SECOND,
            )

    def end(self) -> None:
        """Nothing is left behind: a lease that is still held runs out."""


class Posting:
    """Plans messages for what has to be heard, and sends them."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.noticed
        self.sender = Sender()
        self.digests = _Every(60)

    def turn(self) -> float:
        """Plan and send what there is; soon again while answers are awaited."""
        now = moment.now()
        if self.digests.is_due():
            digest.plan(now)
        planned = planning.plan(now)
        finished = self.sender.step(moment.now())
        self.worker.sent += finished
        if self.sender.is_busy():
            self.sender.wait(0.2)
            return 0.0
        return 0.0 if planned or finished else _LONGEST_SLEEP

    def end(self) -> None:
        """What is under way and doesn't end now is sent again with the same key."""
        self.sender.finish(moment.now(), _PATIENCE / 2)


class Mailing:
    """Sends the mails of nurture tracks. A mail server that hangs delays nothing else."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping
        self.mailer = Mailer()

    def turn(self) -> float:
        """Send what is due; soon again while answers are awaited."""
        dealt = self.mailer.step(moment.now())
        if self.mailer.is_busy():
            self.mailer.wait(0.2)
            return 0.0
        return 0.0 if dealt else _LONGEST_SLEEP

    def end(self) -> None:
        """What is under way and doesn't end now is sent again, as the same mail."""
        self.mailer.finish(moment.now(), _PATIENCE / 2)


class Importing:
    """Goes on with files that people import, in turn."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping

    def turn(self) -> float:
        """Take a job that nobody holds and go on with it for a while."""
        whole = imports.claim(moment.now())
        if whole is None:
            return _LONGEST_SLEEP
        jobs.work(whole, _LONGEST_JOB, self.worker.stopping.is_set)
        return 0.0

    def end(self) -> None:
        """Nothing is left behind: whoever comes next goes on behind the last rows that were taken."""


class Trying:
    """Goes on with dry runs of the route, in turn; keeps what each came to from turn to turn."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping
        self.held = deque[dry_run_steps.Steps]()

    def turn(self) -> float:
        """Take one more that nobody holds, and go on for a while with the one that has waited longest."""
        if len(self.held) < _MOST_TRIED and (run := dry_runs.claim(moment.now())) is not None:
            self.held.appendleft(dry_run_steps.Steps(run))
        if not self.held:
            return _LONGEST_SLEEP
        steps = self.held.popleft()
        if steps.go_on(_LONGEST_TRY, self.worker.stopping.is_set):
            self.held.append(steps)
        return 0.0

    def end(self) -> None:
        """Let others go on with what is under way."""
        for steps in self.held:
            steps.let_go()


class Keeping:
    """Seals the audit log, shows that the worker lives, lets samples live, forgets what is over, and
    goes on with acts on many leads.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping
        self.started_at = moment.now()
        self.beats, self.tales, self.forgets = _Every(10), _Every(60), _Every(600)

    def turn(self) -> float:
        """Each second the seal, every ten the pulse, now and then what is over."""
        now = moment.now()
        for workspace in _unsealed():
            audit.seal(workspace, now)
        self._beat_if_due()
        if self.tales.is_due() or sample.is_untold():
            sample.tell(now, lambda _told, _of: self._beat_if_due())
        if self.forgets.is_due():
            answers.forget(now)
            outbox.forget(now)
            sign_in.forget_tries(now)
            seats.forget(now)
            invitations.forget(now)
            imports.forget(now)
            dry_runs.forget(now)
            Pulse.objects.filter(seen_at__lt=now - GONE).delete()
        return 0.0 if bulk.go_on(now) else _LONGEST_SLEEP

    def _beat_if_due(self) -> None:
        if self.beats.is_due():
            self._beat(moment.now())

    def _beat(self, now: int) -> None:
        told = {"seen_at": now, "woken": self.worker.woken, "sent": self.worker.sent}
        Pulse.objects.update_or_create(
            worker=self.worker.name,
            defaults=told,
            create_defaults={**told, "started_at": self.started_at},
        )

    def end(self) -> None:
        """A worker that was stopped is missed by nobody."""
        Pulse.objects.filter(worker=self.worker.name).delete()


class Drawing:
    """Draws the reports that pages show."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping
        self.drawer = Drawer(worker.name)

    def turn(self) -> float:
        """Draw one report that is due; until there may be another one."""
        return self.drawer.turn(moment.now())

    def end(self) -> None:
        """Other workers draw on."""
        self.drawer.end()


class Learning:
    """Trains models of the chance to win, and looks whether those in use still hold."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping
        self.looks = _Every(60)

    def turn(self) -> float:
        """Train a model that somebody asked for; now and then look at one that is in use."""
        now = moment.now()
        wanted = foretelling.claim(now)
        if wanted is not None:
            self._train(wanted, now)
            return 0.0
        if self.looks.is_due():
            foretelling.look_after(now)
        return _LONGEST_SLEEP

    def _train(self, wanted: ScoreModel, now: int) -> None:
        try:
            foretelling.train(wanted, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001  (what fails once would fail again, without an end)
            _journal.exception("training model %d failed", wanted.number)
            foretelling.give_up(wanted, now)

    def end(self) -> None:
        """Nothing is left behind: another worker trains once the lease has run out."""


class Rescoring:
    """Brings the stored scores of open leads up to date."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.rest = worker, worker.stopping

    def turn(self) -> float:
        """Score some leads of each workspace where it is due; then let others write as long."""
        began = time.monotonic()
        is_under_way = rescoring.go_on(moment.now())
        return time.monotonic() - began if is_under_way else _LONGEST_SLEEP

    def end(self) -> None:
        """Nothing is left behind: whoever comes next goes on behind the last leads that were scored."""


def _unsealed() -> list[int]:
    found = Entry.across.filter(block__isnull=True).values_list("workspace_id", flat=True)
    return sorted(set(found.distinct()))


def run(wait: Callable[[], object], name: str = "") -> bool:
    """Work until `wait` returns; whether everything that was under way has ended in time."""
    worker = Worker(name)
    worker.start()
    wait()
    return worker.stop()
