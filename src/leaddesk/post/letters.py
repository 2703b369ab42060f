"""Letters: mails that carry a link, to be invited by or to sign in with.

The delivery names what it is about; the secret of the link is worked out when the mail is worded,
and stands in no table.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from leaddesk.book import database, invitations, seats, sign_in, tries
from leaddesk.book.access import Actor, memberships
from leaddesk.book.models import Channel, Delivery, Invitation, Person, SignInLink, User, Workspace
from leaddesk.book.outbox import Claimed
from leaddesk.post.drafts import Draft, queue
from leaddesk.post.exchange import printable
from leaddesk.post.message import Message
from leaddesk.tongue import in_line

TYPES = {"invitation": "desk.invitation", "sign-in link": "desk.sign_in_link"}
"""What a letter is called on the wire."""
OVER = "its link is no good any longer"


def invite(actor: Actor, given: Mapping[str, Any], now: int) -> tuple[Invitation, str | None]:
    """A new invitation, on its way by mail; where none can be sent, with the address of its link.

    Raises `Refused`, `Forbidden`.
    """

    def make() -> tuple[Invitation, str | None]:
        channel = _mail_of(actor.workspace_id)
        row = invitations.invite(actor, given, _proves(channel), now)
        return row, _handed_on(row, channel, now)

    return database.in_transaction(make)


def invite_again(actor: Actor, key: str, now: int) -> tuple[Invitation, str | None]:
    """An invitation with a new link, as `invite` yields it. Raises `Absent`, `Forbidden`."""

    def make() -> tuple[Invitation, str | None]:
        channel = _mail_of(actor.workspace_id)
        row = invitations.send_again(actor, key, _proves(channel), now)
        return row, _handed_on(row, channel, now)

    return database.in_transaction(make)


def is_mail_sent() -> bool:
    """Whether any workspace of this desk sends mail."""
    return Channel.across.filter(kind="email", is_active=True).exists()


def mail_link(email: str, address: str, now: int) -> None:
    """Mail a link that signs in, if somebody has this address; nobody is told whether.

    Raises `TooOften`, likewise whether or not there is such an account.
    """
    tries.count(f"letters to {email.strip().lower()}", tries.MOST_LETTERS, now)
    tries.count(f"letters from {address}", tries.MOST_VISITS, now)
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is not None:
        database.in_transaction(lambda: _mail_link(user, now))


def _mail_link(user: User, now: int) -> None:
    found = [(person, _mail_of(person.workspace_id)) for person in memberships(user)]
    # A server of the installation proves more than one that a workspace chose.
    found.sort(key=lambda one: not _proves(one[1]))
    for person, channel in found:
        if channel is not None:
            confined = None if _proves(channel) else person.workspace_id
            link = sign_in.link_to_mail(user, confined, now)
            body = {"link": link.key}
            _queue(channel, "sign-in link", person.key, [link.key], body, now)
            sign_in.note(user, "asked for a sign-in link", {}, now)
            return


def _handed_on(row: Invitation, channel: Channel | None, now: int) -> str | None:
    if channel is None:
        return _address("/invitation", invitations.secret_of(row))
    body = {"invitation": row.key, "turn": row.turn}
    _queue(channel, "invitation", "", [row.key, str(row.turn)], body, now)
    return None


def _queue(
    channel: Channel, kind: str, to: str, marks: list[str], body: Mapping[str, Any], now: int
) -> None:
    draft = Draft(
        channel=channel, marks=[kind, *marks], kind=kind, to=to, body=body, cause_at=now, at=now
    )
    queue(channel.workspace_id, [draft], now)


def _mail_of(workspace: int) -> Channel | None:
    """The channel by which a workspace sends mail; one of the installation's server before others."""
    found = [*Channel.objects.of(workspace).filter(kind="email", is_active=True).order_by("pk")]
    found.sort(key=lambda one: bool(one.settings.get("host")))
    return found[0] if found else None


def _proves(channel: Channel | None) -> bool:
    """Whether only the owner of an address reads what is sent to it.

    A workspace that shares the desk with others and chose its own mail server could read along.
    """
    if channel is None:
        return False
    if not channel.settings.get("host"):
        return True
    return seats.confined_to(Workspace.objects.get(pk=channel.workspace_id)) is None


def is_over(delivery: Delivery, now: int) -> bool:
    """Whether the link of a letter is no good any longer, so that nobody wants it."""
    body = json.loads(delivery.body)
    if delivery.kind == "invitation":
        row = _invitation(delivery, body)
        return row is None or row.expires_at <= now
    link = SignInLink.objects.filter(key=body["link"], used_at=None, expires_at__gt=now)
    return not link.exists()


def worded(claimed: Claimed) -> Message:
    """The letter of a delivery; one whose link is over has no receiver, and is refused."""
    delivery = claimed.delivery
    body = json.loads(delivery.body)
    is_invitation = delivery.kind == "invitation"
    language = delivery.workspace.language if is_invitation else _language(delivery)
    with translation.override(language):
        if is_invitation:
            to, subject, lines, link, said = _of_invitation(delivery, body)
        else:
            to, subject, lines, link, said = _of_link(body)
        why = _("You can ignore this mail if you didn't expect it.")
        return Message(
            key=delivery.key,
            type=TYPES[delivery.kind],
            at=delivery.cause_at,
            to=to,
            subject=subject,
            text="\n\n".join([*map(in_line, lines), link, f"-- \n{why}\n"]),
            html=_html(subject, lines, link, said, why, language),
            data={"workspace": delivery.workspace.slug},
            lead=None,
            sent_before=None,
        )


def _of_invitation(
    delivery: Delivery, body: Mapping[str, Any]
) -> tuple[str, str, list[str], str, str]:
    row = _invitation(delivery, body)
    name = " ".join(printable(delivery.workspace.name).split())[:120]
    subject = _("You are invited to %(workspace)s") % {"workspace": name}
    lines = [
        _("You are invited to work in %(workspace)s.") % {"workspace": name},
        _("The link is good for seven days, and once."),
    ]
    secret = invitations.secret_of(row) if row else ""
    to = row.email if row else ""
    return to, subject, lines, _address("/invitation", secret), _("Accept the invitation")


def _of_link(body: Mapping[str, Any]) -> tuple[str, str, list[str], str, str]:
    link = SignInLink.objects.filter(key=body["link"]).select_related("user").first()
    subject = _("Your sign-in link")
    lines = [_("The link signs you in once, within a quarter of an hour.")]
    secret = sign_in.secret_of(link) if link else ""
    to = link.user.email if link else ""
    return to, subject, lines, _address("/sign-in/link", secret), _("Sign in")


def _invitation(delivery: Delivery, body: Mapping[str, Any]) -> Invitation | None:
    rows = Invitation.objects.of(delivery.workspace_id).filter(accepted_at=None, revoked_at=None)
    row: Invitation | None = rows.filter(key=body["invitation"], turn=body["turn"]).first()
    return row


def _language(delivery: Delivery) -> str:
    person = Person.objects.of(delivery.workspace_id).filter(key=delivery.to).first()
    return (person and person.language) or delivery.workspace.language


def _address(path: str, secret: str) -> str:
    return f"{settings.BASE_URL}{path}?{urlencode({'key': secret})}"


def _html(subject: str, lines: list[str], link: str, said: str, why: str, language: str) -> str:
    item = {"headline": subject, "lines": lines, "link": link, "link_text": said}
    return render_to_string(
        "post/mail.html",
        {
            "subject": subject,
            "items": [item],
            "why": why,
            "zone_line": "",
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        },
    )
