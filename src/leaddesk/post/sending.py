"""Sending: deliveries whose time has come go out, several at a time, each outcome written down.

The database is spoken to by the one thread that calls; others only wait for the network, so a
receiver that hangs keeps nobody but itself waiting: each channel gets a few of the places, and
one that is silent gets none for a while.
"""

import logging
from collections import Counter
from concurrent.futures import Future

from django.db import DatabaseError, InterfaceError

from leaddesk.book import outbox
from leaddesk.book.moment import SECOND
from leaddesk.book.outbox import Claimed
from leaddesk.post.attempts import Attempts
from leaddesk.post.channels import channels
from leaddesk.post.exchange import Reach
from leaddesk.post.installation import reach as reach_of_the_installation
from leaddesk.post.message import Gone, Message, Outcome, Refused, Retry, Sent
from leaddesk.post.wishes import unwanted
from leaddesk.post.wording import worded

MOST_AT_ONCE = 16
MOST_OF_A_CHANNEL = 2
SILENCE = 30 * SECOND
"""So long nothing more is sent by a channel whose receiver didn't answer in its time."""
_DEFECT = "a defect of this desk: {}"
_journal = logging.getLogger(__name__)


class Sender(Attempts[Claimed]):
    """Sends for one worker; `step` is called again and again, `finish` or `close` at the end."""

    def __init__(self, reach: Reach | None = None, most: int = MOST_AT_ONCE) -> None:
        super().__init__(most, "send")
        self.channels = channels(reach or reach_of_the_installation())

    def step(self, now: int) -> int:
        """Write down what came of earlier attempts and begin what is due; how many are finished."""
        finished = self._note_finished(now)
        for _place in range(MOST_OF_A_CHANNEL):
            free = self.most - len(self.under_way)
            for claimed in outbox.claim_one_each(now, free, self._closed(now)):
                self._begin(claimed, now)
        return finished

    def _closed(self, now: int) -> set[int]:
        """The channels that get nothing more at the moment."""
        self.silent_until = {one: end for one, end in self.silent_until.items() if end > now}
        busy = Counter(one.channel.pk for one in self.under_way.values())
        full = (one for one, count in busy.items() if count >= MOST_OF_A_CHANNEL)
        return {*full, *self.silent_until}

    def _begin(self, claimed: Claimed, now: int) -> None:
        try:
            why = unwanted(claimed, now)
            message = None if why else worded(claimed)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  (a defect of ours: it must not keep others from being sent)
            _journal.exception("delivery %s can't be worded", claimed.delivery.key)
            outbox.again(claimed, now, _DEFECT.format(type(error).__name__), None)
            return
        if message is None:
            outbox.skipped(claimed, now, why)
        else:
            self.under_way[self.pool.submit(self._sent, claimed, message, now)] = claimed

    def _sent(self, claimed: Claimed, message: Message, now: int) -> Outcome:
        channel = self.channels.get(claimed.channel.kind)
        if channel is None:
            return Refused(f"there is no channel '{claimed.channel.kind}'")
        if not claimed.channel.is_active:
            return Refused("the channel is switched off")
        return channel.send(message, claimed.channel.settings, claimed.channel.secrets, now)

    def _note(self, claimed: Claimed, future: Future[Outcome], now: int) -> None:
        try:
            outcome = future.result()
        except Exception as error:  # noqa: BLE001  (a defect of a channel: it must not keep others from being sent)
            _journal.error("delivery %s failed", claimed.delivery.key, exc_info=error)
            outcome = Retry(_DEFECT.format(type(error).__name__))
        match outcome:
            case Sent(reference, answer):
                outbox.done(claimed, now, reference or "", answer)
            case Retry(why, after_seconds, is_silent):
                if is_silent:
                    self.silent_until[claimed.channel.pk] = now + SILENCE
                outbox.again(claimed, now, why, after_seconds)
            case Refused(why):
                outbox.dead(claimed, now, why)
            case Gone(why):
                outbox.gone(claimed, now, why)


def send_due(now: int, reach: Reach | None = None) -> int:
    """Send all that is due at an instant, and wait for it; how many attempts that took."""
    sender = Sender(reach)
    try:
        count = sender.step(now)
        while sender.is_busy():
            sender.wait(1)
            count += sender.step(now)
        return count
    finally:
        sender.close()
