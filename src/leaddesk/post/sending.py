"""Sending: deliveries whose time has come go out, several at a time, each outcome written down.

The database is spoken to by the one thread that calls; others only wait for the network, so a
receiver that hangs keeps nobody but itself waiting.
"""

import logging
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings

from leaddesk.book import outbox
from leaddesk.book.outbox import Claimed
from leaddesk.post.channels import channels
from leaddesk.post.exchange import Reach
from leaddesk.post.message import Gone, Message, Outcome, Refused, Retry, Sent
from leaddesk.post.wording import worded

MOST_AT_ONCE = 8
_journal = logging.getLogger(__name__)


class Sender:
    """Sends for one worker; `step` is called again and again, `close` at the end."""

    def __init__(self, reach: Reach | None = None, most: int = MOST_AT_ONCE) -> None:
        self.channels = channels(reach or Reach(allow=settings.ENVIRONMENT.webhook_allow))
        self.most = most
        self.pool = ThreadPoolExecutor(most, thread_name_prefix="send")
        self.under_way: dict[Future[Outcome], Claimed] = {}

    def step(self, now: int) -> int:
        """Write down what came of earlier attempts and begin what is due; how many are finished."""
        finished = [future for future in self.under_way if future.done()]
        for future in finished:
            self._note(self.under_way.pop(future), future, now)
        for claimed in outbox.claim(now, self.most - len(self.under_way)):
            message = worded(claimed)
            self.under_way[self.pool.submit(self._sent, claimed, message, now)] = claimed
        return len(finished)

    def is_busy(self) -> bool:
        """Whether attempts are under way."""
        return bool(self.under_way)

    def wait(self, seconds: float) -> None:
        """Wait until an attempt ends, or for so long."""
        wait(self.under_way, seconds, return_when=FIRST_COMPLETED)

    def close(self) -> None:
        """Begin nothing more; attempts under way end by themselves and are sent again if need be."""
        self.pool.shutdown(wait=False, cancel_futures=True)

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
            _journal.exception("delivery %s failed", claimed.delivery.key)
            outcome = Retry(f"a defect of this desk: {type(error).__name__}")
        match outcome:
            case Sent(reference, answer):
                outbox.done(claimed, now, reference or "", answer)
            case Retry(why, after_seconds):
                outbox.again(claimed, now, why, after_seconds)
            case Refused(why):
                outbox.dead(claimed, now, why)
            case Gone(why):
                outbox.gone(claimed, now, why)


def send_due(now: int, reach: Reach | None = None) -> int:
    """Send all that is due at an instant, and wait for it; how many attempts were made."""
    sender = Sender(reach)
    try:
        count = sender.step(now)
        while sender.is_busy():
            sender.wait(1)
            count += sender.step(now)
        return count
    finally:
        sender.close()
