"""Nurture letters: an offer as the mail that one person gets, in their language, as text and as HTML."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from leaddesk.book import merge_fields, offers
from leaddesk.book.merge_fields import plain
from leaddesk.book.models import Contact, Lead, Mailing, Person, Workspace
from leaddesk.post.message import Message

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_LINK = re.compile(r"https?://[^\s<>\"'{}|\\^`\u00a0\u200e\u200f]+", re.IGNORECASE)
_ENDS = ".,;:!?)]»”’،؛؟。、"
_ROUND = re.compile(r"\n{2,}")


@dataclass(frozen=True)
class Letter:
    """An offer filled in for one person; `links` are those of its text, in their order."""

    language: str
    subject: str
    text: str
    html: str
    links: tuple[str, ...]


@dataclass(frozen=True)
class Receiver:
    """Whom a letter is to, and what stands in for its fields."""

    language: str
    values: Mapping[str, str]
    token: str = ""
    is_counted: bool = False


def receiver_of(
    contact: Contact, lead: Lead | None, workspace: Workspace, token: str = ""
) -> Receiver:
    """What is known of the person behind a lead."""
    owner = lead.owner if lead else ""
    person = Person.objects.of(workspace).filter(key=owner).first() if owner else None
    name = plain(contact.name)
    values = {
        "name": name,
        "first name": merge_fields.first_name(name, contact.language),
        "company": plain(contact.company.name if contact.company else ""),
        "owner": plain(person.name if person else workspace.name),
        "workspace": plain(workspace.name),
        "unsubscribe": unsubscribe_url(token),
    }
    return Receiver(contact.language, values, token, bool(token and contact.tracking_consent))


def unsubscribe_url(token: str) -> str:
    """Where the receiver of a mail gets no more of them; of a preview, where that would be."""
    return f"{settings.BASE_URL}/u/{token or 'preview'}"


def letter(texts: offers.Texts, to: Receiver, workspace: Workspace) -> Letter | None:
    """The letter in the language that fits best; None where nothing is written."""
    language = offers.fitting(texts, to.language, workspace.language)
    if language is None:
        return None
    told = texts[language]
    subject = " ".join(
        "".join(part for part, _v in merge_fields.filled(told["subject"], to.values)).split()
    )
    parts = merge_fields.filled(told["text"], to.values)
    links = tuple(link for part, is_value in parts if not is_value for link in _links(part))
    has_link = merge_fields.has(told["text"], "unsubscribe")
    with translation.override(offers.spoken(language) or "en"):
        foot = _foot(to, workspace, has_link)
    text = "".join(part for part, _value in parts)
    return Letter(
        language,
        subject,
        f"{text}\n\n-- \n" + "\n".join(foot) + "\n",
        _html(subject, parts, foot, to, language),
        links,
    )


def _foot(to: Receiver, workspace: Workspace, has_link: bool) -> list[str]:
    """Why they get it, how they get no more of it, and who writes from where."""
    name = to.values["workspace"]
    lines = [_("You get this mail because you showed interest in %(name)s.") % {"name": name}]
    if not has_link:
        lines.append(_("Get no more of these mails: %(link)s") % {"link": to.values["unsubscribe"]})
    return [
        *lines,
        *(plain(line) for line in workspace.postal_address.splitlines() if line.strip()),
    ]


def _html(
    subject: str, parts: Sequence[tuple[str, bool]], foot: list[str], to: Receiver, language: str
) -> str:
    counted = _Counted(to)
    body = "".join(
        _value(part, to) if is_value else _linked(part, counted) for part, is_value in parts
    )
    paragraphs = [
        mark_safe("<br>\n".join(one.split("\n")))  # noqa: S308  (escaped piece by piece)
        for one in _ROUND.split(body.strip())
    ]
    context = {
        "subject": subject,
        "paragraphs": paragraphs,
        "foot": [mark_safe(_linked(line, None)) for line in foot],  # noqa: S308  (likewise)
        "language": language,
        "direction": "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr",
        "pixel": f"{settings.BASE_URL}/o/{to.token}.gif" if to.is_counted else "",
    }
    return render_to_string("post/nurture.html", context)


class _Counted:
    """Numbers the links of a text, and leads them past us where their receiver lets us count."""

    def __init__(self, to: Receiver) -> None:
        self.to, self.count = to, 0

    def __call__(self, link: str) -> str:
        number, self.count = self.count, self.count + 1
        return f"{settings.BASE_URL}/l/{self.to.token}/{number}" if self.to.is_counted else link


def _links(text: str) -> list[str]:
    return [_trimmed(match[0]) for match in _LINK.finditer(text)]


def _trimmed(link: str) -> str:
    """A link without what ends the sentence around it."""
    kept = link.rstrip(_ENDS)
    return f"{kept})" if link.startswith(f"{kept})") and "(" in kept else kept


def _linked(text: str, counted: _Counted | None) -> str:
    """A text escaped, with its links."""
    found, end = [], 0
    for match in _LINK.finditer(text):
        link = _trimmed(match[0])
        goal = counted(link) if counted else link
        found.append(escape(text[end : match.start()]))
        found.append(f'<a href="{escape(goal)}"><bdi dir="ltr">{escape(link)}</bdi></a>')
        end = match.start() + len(link)
    return "".join([*found, escape(text[end:])])


def _value(value: str, to: Receiver) -> str:
    """What was filled in, escaped; a link only where it is that by which they unsubscribe."""
    if value == to.values["unsubscribe"]:
        return _linked(value, None)
    return f"<bdi>{escape(value)}</bdi>"


def message(one: Letter, mailing: Mailing, contact: Contact, now: int) -> Message:
    """The mail of a letter, with the headers by which a mail program unsubscribes (RFC 8058)."""
    url = unsubscribe_url(mailing.token)
    return Message(
        key=mailing.message_id,
        type="nurture.mail",
        at=now,
        to=contact.email,
        subject=one.subject,
        text=one.text,
        html=one.html,
        data={},
        lead=None,
        sent_before=None,
        headers={
            "Message-ID": mailing.message_id,
            "Content-Language": one.language,
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def sender(workspace: Workspace, channel: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an e-mail channel with the sender of nurture mails.

    By the workspace's own server they come from it; by that of the installation, which lets nobody
    borrow an address, they are answered to it.
    """
    name, address = parseaddr(workspace.mail_from)
    if not address:
        return dict(channel)
    told: dict[str, Any] = {**channel, "reply_to": address}
    if name:
        told["sender_name"] = plain(name)
    return told | {"sender": address} if channel.get("host") else told
