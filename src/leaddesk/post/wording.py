"""Wording: a delivery as a message in its receiver's language, with times in their zone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book.models import Contact, Delivery, Person, Workspace
from leaddesk.book.outbox import FRESH, Claimed
from leaddesk.post.message import Message
from leadpact.clock import to_datetime

TYPES = {
    "at risk": "sla.at_risk",
    "broken": "sla.breached",
    "corrected": "sla.corrected",
    "escalated": "sla.escalated",
    "reassign": "lead.reassigned",
    "digest": "digest.daily",
    "test": "desk.test",
    "several": "sla.several",
}
"""What a notice is called on the wire."""


@dataclass(frozen=True)
class Item:
    """One notice in words."""

    headline: str
    lines: list[str] = field(default_factory=list)
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class Reader:
    """For whom a message is worded: the zone of its times, the names of the leads they know."""

    workspace: Workspace
    person: Person | None
    zone: str
    language: str
    leads: Mapping[str, str]


def worded(claimed: Claimed) -> Message:
    """The message of a delivery."""
    delivery = claimed.delivery
    body = json.loads(delivery.body)
    notices = body.get("notices", [])
    reader = _reader(delivery, notices)
    with translation.override(reader.language):
        items = [_item(reader, one) for one in notices] or [_other(delivery, body)]
        subject = _subject(reader, delivery, notices, items)
        why = _why(reader, delivery, notices)
        return Message(
            key=delivery.key,
            type=TYPES[delivery.kind],
            at=delivery.cause_at,
            to=reader.person.email if reader.person else "",
            subject=subject,
            text=_text(items, why, _zone_line(reader)),
            html=_html(reader, subject, items, why),
            data={"workspace": reader.workspace.slug} | _data(body),
            lead=delivery.lead or None,
            sent_before=claimed.sent_before,
        )


def _reader(delivery: Delivery, notices: Sequence[Mapping[str, Any]]) -> Reader:
    workspace = delivery.workspace
    person = Person.objects.of(workspace).filter(key=delivery.to).first() if delivery.to else None
    leads = {str(one["lead"]) for one in notices}
    contacts = Contact.objects.of(workspace).filter(lead__in=leads).select_related("company")
    return Reader(
        workspace,
        person,
        (person and person.zone) or workspace.zone,
        (person and person.language) or workspace.language,
        {one.lead: _named(one) for one in contacts},
    )


def _named(contact: Contact) -> str:
    company = contact.company.name if contact.company else ""
    if contact.name and company:
        return _("%(name)s of %(company)s") % {"name": contact.name, "company": company}
    return contact.name or company or contact.lead


def _item(reader: Reader, one: Mapping[str, Any]) -> Item:
    lead = reader.leads.get(str(one["lead"]), str(one["lead"]))
    headline = _headline(str(one["kind"])) % {"promise": one["promise"], "lead": lead}
    lines = []
    if one.get("due_at"):
        lines.append(_("Due: %s") % _moment(reader, datetime.fromisoformat(one["due_at"])))
    if one.get("owner"):
        lines.append(_("Owner: %s") % one["owner"])
    if (late := one["found_at"] - one["cause_at"]) > FRESH:
        when = _moment(reader, to_datetime(one["cause_at"]))
        minutes = late // 60_000_000
        lines.append(
            ngettext(
                "Told %(n)d minute late: this was known from %(when)s, when the desk didn't run.",
                "Told %(n)d minutes late: this was known from %(when)s, when the desk didn't run.",
                minutes,
            )
            % {"n": minutes, "when": when}
        )
    link = f"{settings.BASE_URL}/leads/{quote(str(one['lead']), safe='')}"
    return Item(headline, lines, link, _("Open the lead"))


def _headline(kind: str) -> str:
    return {
        "at risk": _("Soon due: %(promise)s for %(lead)s"),
        "broken": _("Missed: %(promise)s for %(lead)s"),
        "corrected": _("Corrected: %(promise)s for %(lead)s"),
        "escalated": _("Still unanswered: %(promise)s for %(lead)s"),
        "reassign": _("Passed on, since nobody answered: %(promise)s for %(lead)s"),
    }[kind]


def _other(delivery: Delivery, body: Mapping[str, Any]) -> Item:
    """A message that is about no notice: a trial, or a day's digest."""
    if delivery.kind == "digest":
        return Item(_("Your day"), [*digest_lines(body)], settings.BASE_URL, _("Open the desk"))
    asked = _("%s asked for this trial.") % body.get("asked_by", "")
    return Item(_("This message came through the outbox as every other one does."), [asked])


def digest_lines(body: Mapping[str, Any]) -> Sequence[str]:
    """The sentences of a digest, of those numbers that aren't zero."""
    told = (
        ("broken", _("Missed since yesterday: %d")),
        ("at_risk", _("Soon due: %d")),
        ("today", _("Due today: %d")),
        ("open", _("Open in all: %d")),
    )
    return [sentence % body[name] for name, sentence in told if body.get(name)]


def _subject(
    reader: Reader,
    delivery: Delivery,
    notices: Sequence[Mapping[str, Any]],
    items: Sequence[Item],
) -> str:
    if delivery.kind == "test":
        return _("A trial message of %s") % reader.workspace.name
    if delivery.kind == "digest":
        return _("%s: your day") % reader.workspace.name
    if len(notices) == 1:
        return items[0].headline
    count = len(notices)
    text = ngettext("%(n)d lead needs you", "%(n)d leads need you", count) % {"n": count}
    return f"{reader.workspace.name}: {text}"


def _why(reader: Reader, delivery: Delivery, notices: Sequence[Mapping[str, Any]]) -> str:
    if delivery.kind == "test":
        return _("You get this because somebody tried the channel.")
    if delivery.kind == "digest":
        return _("You get this once a day, and only when there is something to tell.")
    if reader.person is None:
        return _("This is sent for %s.") % reader.workspace.name
    if all(one.get("owner") == reader.person.key for one in notices):
        return _("You get this because you own what it is about.")
    return _("You get this because the agreement names you, or those whom you lead.")


def _zone_line(reader: Reader) -> str:
    return _("Times are those of %s.") % reader.zone


def _moment(reader: Reader, at: datetime) -> str:
    return format_datetime(
        at.astimezone(ZoneInfo(reader.zone)), "EEE d MMM y, HH:mm", locale=reader.language
    )


def _text(items: Sequence[Item], why: str, zone: str) -> str:
    parts = [
        "\n".join([one.headline, *one.lines, *([one.link] if one.link else [])]) for one in items
    ]
    return "\n\n".join([*parts, f"-- \n{why}\n{zone}\n"])


def _html(reader: Reader, subject: str, items: Sequence[Item], why: str) -> str:
    return render_to_string(
        "post/mail.html",
        {
            "subject": subject,
            "items": items,
            "why": why,
            "zone_line": _zone_line(reader),
            "language": reader.language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        },
    )


def _data(body: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a message, for programs: instants in RFC 3339, no names of persons."""
    told = [_plain(one) for one in body.get("notices", [])]
    if len(told) == 1:
        return {"notice": told[0]}
    return {"notices": told} if told else {k: v for k, v in body.items() if k != "notices"}


def _plain(notice: Mapping[str, Any]) -> dict[str, Any]:
    instants = {
        name: to_datetime(notice[name]).isoformat().replace("+00:00", "Z")
        for name in ("cause_at", "found_at")
    }
    return {**notice, **instants}
