"""Wording: a delivery as a message in its receiver's language, with times in their zone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book.models import Contact, Delivery, Person, Workspace
from leaddesk.book.moment import MINUTE
from leaddesk.book.outbox import Claimed
from leaddesk.book.wishes import wishes_of
from leaddesk.post import handed, letters
from leaddesk.post.exchange import printable
from leaddesk.post.message import Message
from leaddesk.post.wishes import KINDS
from leaddesk.tongue import in_line, instant_text, number, speaking, wishes
from leadpact.clock import to_datetime

TYPES = {
    "at risk": "sla.at_risk",
    "broken": "sla.breached",
    "corrected": "sla.corrected",
    "escalated": "sla.escalated",
    "reassign": "lead.reassigned",
    "handed over": "lead.handed_over",
    "goes back": "lead.goes_back",
    "digest": "digest.daily",
    "test": "desk.test",
    "several": "sla.several",
}
"""What a notice is called on the wire."""
FRESH = 5 * MINUTE
"""What is told later than so long after its cause says that it is late."""
_INSTANTS = ("started_at", "due_at", "answered_at")
_LONGEST_NAME, _LONGEST_SUBJECT = 120, 200


@dataclass(frozen=True)
class Item:
    """One notice in words."""

    headline: str
    lines: list[str] = field(default_factory=list)
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class Reader:
    """For whom a message is worded, and the names of leads and people they know."""

    workspace: Workspace
    person: Person | None
    leads: Mapping[str, str]
    people: Mapping[str, str]


def worded(claimed: Claimed) -> Message:
    """The message of a delivery."""
    if claimed.delivery.kind in letters.TYPES:
        return letters.worded(claimed)
    delivery = claimed.delivery
    body = json.loads(delivery.body)
    notices = body.get("notices", [])
    workspace = delivery.workspace
    person = Person.objects.of(workspace).filter(key=delivery.to).first() if delivery.to else None
    with speaking(wishes_of(workspace, person), delivery.cause_at):
        reader = _reader(workspace, person, notices)
        more = body.get("more", 0)
        items = _items(reader, notices, more) or [_other(delivery, body)]
        subject = _short(_subject(reader, delivery, notices, items, more), _LONGEST_SUBJECT)
        why, mute = _why(reader, delivery, notices), _mute_link(reader, delivery)
        return Message(
            key=delivery.key,
            type=TYPES[delivery.kind],
            at=delivery.cause_at,
            to=person.email if person else "",
            subject=subject,
            text=_text(subject, items, why, mute),
            html=_html(subject, items, why, mute),
            data={"workspace": workspace.slug} | _data(body),
            lead=delivery.lead or None,
            sent_before=claimed.sent_before,
        )


def _reader(
    workspace: Workspace, person: Person | None, notices: Sequence[Mapping[str, Any]]
) -> Reader:
    leads = {str(one["lead"]) for one in notices}
    owners = {str(one["owner"]) for one in notices if one.get("owner")}
    contacts = Contact.objects.of(workspace).filter(lead__in=leads).select_related("company")
    people = Person.objects.of(workspace).filter(key__in=owners)
    return Reader(
        workspace,
        person,
        {one.lead: _named(one) for one in contacts},
        dict(people.values_list("key", "name")),
    )


def _named(contact: Contact) -> str:
    name = _short(contact.name)
    company = _short(contact.company.name) if contact.company else ""
    if name and company:
        return _("%(name)s of %(company)s") % {"name": name, "company": company}
    return name or company or contact.lead


def _short(text: str, most: int = _LONGEST_NAME) -> str:
    """A text on one line, without signs that do things, cut where it is too long."""
    line = " ".join(printable(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _items(reader: Reader, notices: Sequence[Mapping[str, Any]], more: int) -> list[Item]:
    items = [_item(reader, one) for one in notices]
    if more:
        said = ngettext("And %(n)s more.", "And %(n)s more.", more) % {"n": number(more)}
        items.append(Item(said, [], settings.BASE_URL, _("Open the desk")))
    return items


def _item(reader: Reader, one: Mapping[str, Any]) -> Item:
    lead = _short(reader.leads.get(str(one["lead"]), str(one["lead"])), 2 * _LONGEST_NAME)
    promise = _short(str(one["promise"]))
    headline = _headline(str(one["kind"])) % {"promise": promise, "lead": lead}
    lines = [*handed.lines(one)] if one["kind"] == handed.KIND else []
    if one.get("due_at") and one["kind"] != handed.KIND:
        lines.append(_("Due: %s") % _moment(datetime.fromisoformat(one["due_at"])))
    if owner := one.get("owner"):
        lines.append(_("Owner: %s") % _short(reader.people.get(owner) or owner))
    if one["found_at"] - one["cause_at"] > FRESH:
        since = _moment(one["cause_at"])
        lines.append(_("This comes late: it is so since %s, and the desk saw it only now.") % since)
    link = f"{settings.BASE_URL}/leads/{quote(str(one['lead']), safe='')}"
    return Item(headline, lines, link, _("Open the lead"))


def _headline(kind: str) -> str:
    return {
        "at risk": _("Soon due: %(promise)s for %(lead)s"),
        "broken": _("Missed: %(promise)s for %(lead)s"),
        "corrected": _("Corrected: %(promise)s for %(lead)s"),
        "escalated": _("Still unanswered: %(promise)s for %(lead)s"),
        "reassign": _("Passed on, since nobody answered: %(promise)s for %(lead)s"),
        "handed over": _("A lead for you: %(lead)s"),
        "goes back": _("Goes back to marketing soon, since nobody answers: %(lead)s"),
    }[kind]


def _other(delivery: Delivery, body: Mapping[str, Any]) -> Item:
    """A message that is about no notice: a trial, or a day's digest."""
    if delivery.kind == "digest":
        return Item(_("Your day"), [*digest_lines(body)], settings.BASE_URL, _("Open the desk"))
    asked = _("%s asked for this trial.") % _short(str(body.get("asked_by", "")))
    return Item(_("This message came through the outbox as every other one does."), [asked])


def digest_lines(body: Mapping[str, Any]) -> Sequence[str]:
    """The sentences of a digest, of those numbers that aren't zero."""
    told = (
        ("broken", _("Missed since your last digest: %s")),
        ("at_risk", _("Soon due: %s")),
        ("today", _("Due today: %s")),
        ("open", _("Open in all: %s")),
    )
    lines = [sentence % number(body[name]) for name, sentence in told if body.get(name)]
    return [*lines, *_muted_lines(body.get("muted", {}))]


def _muted_lines(kept: Mapping[str, int]) -> Iterator[str]:
    """What somebody wasn't told while they were muted."""
    told = (
        ("broken", _("Missed while you were muted: %s")),
        ("at risk", _("Soon due while you were muted: %s")),
        ("corrected", _("Corrected while you were muted: %s")),
        ("escalated", _("Escalated to the next in line while you were muted: %s")),
        ("goes back", _("Going back to marketing soon, while you were muted: %s")),
        ("more", _("More that came while you were muted: %s")),
    )
    yield from (sentence % number(kept[kind]) for kind, sentence in told if kept.get(kind))


def _subject(
    reader: Reader,
    delivery: Delivery,
    notices: Sequence[Mapping[str, Any]],
    items: Sequence[Item],
    more: int,
) -> str:
    if delivery.kind == "test":
        return _("A trial message of %s") % reader.workspace.name
    if delivery.kind == "digest":
        return _("%s: your day") % reader.workspace.name
    if len(notices) == 1:
        return items[0].headline
    workspace = _short(reader.workspace.name)
    if more:
        things = _("%(workspace)s: %(n)s things need you")
        return things % {"workspace": workspace, "n": number(len(notices) + more)}
    count = len({one["lead"] for one in notices})
    text = ngettext(
        "%(workspace)s: %(n)s lead needs you", "%(workspace)s: %(n)s leads need you", count
    )
    return text % {"workspace": workspace, "n": number(count)}


def _why(reader: Reader, delivery: Delivery, notices: Sequence[Mapping[str, Any]]) -> str:
    if delivery.kind == "test":
        return _("You get this because somebody tried the channel.")
    if delivery.kind == "digest":
        return _("You get this once a day, and only when there is something to tell.")
    if reader.person is None:
        return _("This is sent for %s.") % reader.workspace.name
    if all(one["kind"] == handed.KIND and one["to"] == reader.person.key for one in notices):
        return _("You get this because the lead is yours from now on.")
    if all(one.get("owner") == reader.person.key for one in notices):
        return _("You get this because you own what it is about.")
    if all(one["kind"] == "reassign" and one["to"] == reader.person.key for one in notices):
        return _("You get this because the lead is yours from now on.")
    return _("You get this because the agreement names you, or those whom you lead.")


def _mute_link(reader: Reader, delivery: Delivery) -> str:
    """Where its receiver can say that they don't want to hear such things for a while."""
    if reader.person is None or delivery.kind not in (*KINDS, "several"):
        return ""
    kind = "" if delivery.kind == "several" else delivery.kind
    asked = urlencode({name: it for name, it in (("kind", kind), ("lead", delivery.lead)) if it})
    return f"{settings.BASE_URL}/account/mute{'?' if asked else ''}{asked}"


def _zone_line() -> str:
    return _("Times are those of %s.") % wishes().zone


def _moment(at: int | datetime) -> str:
    return instant_text(at, with_weekday=True)


def _text(subject: str, items: Sequence[Item], why: str, mute: str) -> str:
    parts = ["\n".join(map(in_line, _lines(subject, one))) for one in items]
    foot = [
        "-- ",
        in_line(why),
        in_line(_zone_line()),
        *([f"{_mute_words()}: {mute}"] if mute else []),
        "",
    ]
    return "\n\n".join([*parts, "\n".join(foot)])


def _mute_words() -> str:
    return _("Mute this for a while")


def _lines(subject: str, item: Item) -> Iterator[str]:
    """An item line by line, without a headline that the subject says already."""
    if item.headline != subject:
        yield item.headline
    yield from item.lines
    if item.link:
        yield item.link


def _html(subject: str, items: Sequence[Item], why: str, mute: str) -> str:
    return render_to_string(
        "post/mail.html",
        {
            "subject": subject,
            "items": items,
            "why": why,
            "zone_line": _zone_line(),
            "mute": mute,
            "mute_words": _mute_words(),
            "language": wishes().language,
            "direction": wishes().direction,
        },
    )


def _data(body: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a message, for programs: instants in RFC 3339, no names of persons."""
    return {**body, "notices": [_plain(one) for one in body.get("notices", [])]}


def _plain(notice: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: datetime.fromisoformat(notice[name]) for name in _INSTANTS if notice.get(name)}
    given |= {name: to_datetime(notice[name]) for name in ("cause_at", "found_at")}
    told = {name: at.isoformat().replace("+00:00", "Z") for name, at in given.items()}
    return {**notice, **told}
