"""Nurture mail: mails of tracks whose time has come go out, each once in effect.

It has a thread of its own, and each workspace a few places in it: a mail server that hangs delays
nobody else's mail, and nothing else that the desk does.
"""

import logging
import re
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

from leaddesk.book import mailings
from leaddesk.book.mailings import Ready
from leaddesk.book.models import Channel, Mailing, Offer, Workspace
from leaddesk.post.attempts import Attempts
from leaddesk.post.channels.email import Email
from leaddesk.post.exchange import Reach
from leaddesk.post.installation import reach as reach_of_the_installation
from leaddesk.post.message import Message, Outcome, Refused, Retry, Sent
from leaddesk.post.nurture_letter import letter, message, receiver_of, sender
from leaddesk.post.sending import SILENCE

MOST_AT_ONCE = 8
MOST_OF_A_WORKSPACE = 4
_CODE = re.compile(r"(?<!\S)[245]\d\d(?: [245]\.\d{1,3}\.\d{1,3})?(?!\S)")
_journal = logging.getLogger(__name__)


@dataclass(frozen=True)
class UnderWay:
    """A mail that is being handed to a server, and the address that it goes to."""

    mailing: Mailing
    address: str


class Mailer(Attempts[UnderWay]):
    """Sends for one worker; `step` is called again and again, `finish` or `close` at the end."""

    def __init__(self, reach: Reach | None = None, most: int = MOST_AT_ONCE) -> None:
        super().__init__(most, "mail")
        self.channel = Email(reach or reach_of_the_installation())

    def step(self, now: int) -> int:
        """Write down what came of earlier attempts and begin what is due; how many are dealt with."""
        count = self._note_finished(now)
        busy = Counter(one.mailing.workspace_id for one in self.under_way.values())
        for workspace in mailings.workspaces_due(now):
            if self.silent_until.get(workspace, 0) > now:
                continue
            room = min(MOST_OF_A_WORKSPACE - busy[workspace], self.most - len(self.under_way))
            if room > 0:
                count += self._begin_of(workspace, room, now)
        return count

    def _begin_of(self, workspace: int, room: int, now: int) -> int:
        """Begin what may go now; how many of a workspace's mails were looked at."""
        claimed = mailings.claim(workspace, now, room)
        if not claimed:
            return 0
        own = Workspace.objects.get(pk=workspace)
        channel = channel_of(workspace)
        missing = lacks(own, channel)
        for mailing in claimed:
            try:
                ready = mailings.may_go(mailing, now, missing)
            except (DatabaseError, InterfaceError):
                raise
            except Exception:  # noqa: BLE001  (a defect of ours: it must not keep others from being sent)
                _journal.exception("mail %s can't be decided on", mailing.message_id)
                mailings.wait(mailing, now + mailings.LATER, "")
                continue
            if ready is not None and channel is not None:
                self._begin(ready, channel, now)
        return len(claimed)

    def _begin(self, ready: Ready, channel: Channel, now: int) -> None:
        try:
            told = worded(ready, now)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001  (a defect of ours: it must not keep others from being sent)
            _journal.exception("mail %s can't be worded", ready.mailing.message_id)
            mailings.again(ready.mailing, now, None)
            return
        if told is None:
            mailings.left_out(ready.mailing, now, mailings.NO_TEXT)
            return
        settings = sender(ready.workspace, channel.settings)
        sending = self.pool.submit(self.channel.send, told, settings, channel.secrets, now)
        self.under_way[sending] = UnderWay(ready.mailing, ready.contact.email)

    def _note(self, one: UnderWay, future: Future[Outcome], now: int) -> None:
        mailing = one.mailing
        try:
            outcome = future.result()
        except Exception as error:  # noqa: BLE001  (a defect of the channel: it must not end the worker)
            _journal.error("mail %s failed", mailing.message_id, exc_info=error)
            outcome = Retry(type(error).__name__)
        match outcome:
            case Sent():
                _note_sent(mailing, now)
            case Refused(is_of_address=True):
                mailings.bounced(mailing, one.address, now)
            case Retry(why, after_seconds, is_silent):
                if is_silent:
                    self.silent_until[mailing.workspace_id] = now + SILENCE
                _journal.warning("mail %s is tried again: %s", mailing.message_id, _code(why))
                mailings.again(mailing, now, after_seconds)
            case _:
                _journal.warning("mail %s was refused: %s", mailing.message_id, _code(outcome.why))
                mailings.failed(mailing, now, mailings.NOT_TAKEN)


def _code(why: str) -> str:
    """The code of a server's answer: its words may name the receiver, who has no place in a log."""
    found = _CODE.search(why)
    return found[0] if found else "no answer"


def _note_sent(mailing: Mailing, now: int) -> None:
    """Note that a mail is out, whatever is wrong with telling its lead's story: it must not go again."""
    try:
        mailings.sent(mailing, now)
    except (DatabaseError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001  (as above)
        _journal.exception("that mail %s was sent can't be told", mailing.message_id)
        mailings.sent(mailing, now, is_told=False)


def worded(ready: Ready, now: int) -> Message | None:
    """The mail of a step, and a note of what it says; None where its offer has no text."""
    mailing = ready.mailing
    offer = Offer.objects.of(mailing.workspace_id).filter(key=mailing.offer).first()
    to = receiver_of(ready.contact, ready.lead, ready.workspace, mailing.token)
    one = letter(offer.texts, to, ready.workspace) if offer else None
    if one is None:
        return None
    mailings.prepared(mailing, one.language, one.links if to.is_counted else ())
    return message(one, mailing, ready.contact, now)


def channel_of(workspace: int) -> Channel | None:
    """The channel by which nurture mails leave: one with a server of its own before others."""
    found = [*Channel.objects.of(workspace).filter(kind="email", is_active=True).order_by("pk")]
    found.sort(key=lambda one: not one.settings.get("host"))
    return found[0] if found else None


def lacks(workspace: Workspace, channel: Channel | None) -> str:
    """What keeps every mail of a workspace from going out; empty for nothing."""
    if channel is None:
        return mailings.NO_CHANNEL
    if not workspace.postal_address.strip():
        return mailings.NO_POSTAL
    return ""


def send_due(now: int, reach: Reach | None = None) -> int:
    """Send all mail of tracks that is due at an instant, and wait for it; how many steps that took."""
    mailer = Mailer(reach)
    try:
        count = 0
        while (dealt := mailer.step(now)) or mailer.is_busy():
            count += dealt
            mailer.wait(1)
        return count
    finally:
        mailer.close()
