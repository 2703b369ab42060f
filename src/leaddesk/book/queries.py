"""Queries: the rows that somebody may see, ordered so that they can be read page by page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import agreements, rules, scoring
from leaddesk.book.access import Actor, seen
from leaddesk.book.fields import plain_text
from leaddesk.book.health import health
from leaddesk.book.models import (
    AgreementVersion,
    Block,
    Calendar,
    Channel,
    Company,
    Contact,
    Delivery,
    Due,
    Entry,
    Fact,
    Lead,
    Leave,
    Notice,
    Person,
    Team,
    Workspace,
)
from leaddesk.book.moment import SECOND
from leaddesk.book.record import judgement_of
from leaddesk.book.refusal import Absent
from leaddesk.book.registers import found
from leaddesk.book.rights import NARROWED, RIGHTS, SCOPES
from leaddesk.book.scoring import Points
from leadpact.agreement.amend import difference as changes_between
from leadpact.agreement.load import load
from leadpact.agreement.written import written
from leadpact.judge import Judgement
from leadpact.measure.working import obligation_working
from leadpact.program import columns as col
from leadpact.program.columns import STANDINGS

_CONDITIONS = {
    "due_before": "due_at__lt",
    "due_after": "due_at__gte",
    "created_before": "created_at__lt",
    "created_after": "created_at__gte",
    "channel": "channel__key",
}


def leads(actor: Actor) -> QuerySet[Any]:
    """The leads that somebody may see."""
    return seen(actor, Lead.objects.of(actor.workspace_id))


def lead(actor: Actor, key: str) -> Lead:
    """One lead. Raises `Absent`, also where it may not be seen."""
    # PostgreSQL compares no text with a NUL; no key has one.
    row: Lead | None = None if "\x00" in key else leads(actor).filter(key=key).first()
    if row is None:
        raise Absent(_("lead %(key)s") % {"key": plain_text(key)})
    return row


def facts(actor: Actor, key: str) -> QuerySet[Any]:
    """The facts of a lead, in the order in which they were recorded. Raises `Absent`."""
    return Fact.objects.of(actor.workspace_id).filter(lead=lead(actor, key).key).order_by("id")


def chosen_obligations(actor: Actor, wanted: Mapping[str, Any], sort: str) -> QuerySet[Any]:
    """The obligations that meet every condition; by "due" those that have a due time."""
    rows = _met(seen(actor, Due.objects.of(actor.workspace_id)), wanted)
    if sort == "due":
        return rows.filter(due_at__isnull=False).order_by("due_at", "id")
    return rows.order_by("id")


def _met(rows: QuerySet[Any], wanted: Mapping[str, Any]) -> QuerySet[Any]:
    return rows.filter(**{_CONDITIONS.get(name, name): one for name, one in wanted.items()})


def workings(actor: Actor, key: str, now: int) -> list[dict[str, Any]]:
    """What is owed for a lead at `now`, each with its working. Raises `Absent`."""
    _rules, judged = judgement_of(actor.workspace_id, [lead(actor, key).key], now=now)
    return workings_in(judged, key)


def workings_in(judged: Judgement, key: str) -> list[dict[str, Any]]:
    """What is owed for a lead by a judgement, each with its working."""
    own = np.flatnonzero(judged.obligations.lead == _place(judged, key))
    return [obligation_working(judged, int(place)) for place in own]


def story(actor: Actor, key: str, now: int) -> dict[str, Any]:
    """Where a lead stands, and every pass that it made. Raises `Absent`."""
    row = lead(actor, key)
    agreed, judged = judgement_of(actor.workspace_id, [row.key], now=now)
    points = scoring.points(agreed, [row.key], now, judged.log)
    passes = [*_passes(judged, _place(judged, row.key))]
    return _with_score(agreed, row, points.get(row.key, Points())) | {"passes": passes}


def scored(actor: Actor, rows: Sequence[Lead], now: int) -> list[dict[str, Any]]:
    """These leads with their scores as they are `now`."""
    agreed = rules.rules_of(actor.workspace_id)
    points = scoring.points(agreed, [row.key for row in rows], now)
    return [_with_score(agreed, row, points.get(row.key, Points())) for row in rows]


def _with_score(agreed: rules.Rules, row: Lead, points: Points) -> dict[str, Any]:
    """A lead with its score as it is now, and beside it the one that lists are sorted by."""
    columns = {field.attname: getattr(row, field.attname) for field in Lead._meta.fields}  # noqa: SLF001
    columns["scored_at"] = scoring.as_of(agreed, row)
    basis = {name: columns[name] for name in (*Points._fields, "scored_at")}
    return columns | points._asdict() | {"score_basis": basis}


def _place(judged: Judgement, key: str) -> int:
    return judged.log.keys.index(key) if key in judged.log.keys else -1


def _passes(judged: Judgement, place: int) -> Iterator[dict[str, Any]]:
    stories, log = judged.stories, judged.log
    for number in np.flatnonzero(stories.passes[:, col.S_LEAD] == place).tolist():
        line = stories.passes[number].tolist()
        entered = [
            {
                "stage": stage,
                "entered_at": int(log.at[row]),
                "owner": _person(judged, int(stories.entered_by[number, column])),
            }
            for column, (stage, row) in enumerate(
                zip(stories.program.stages, stories.entered[number].tolist(), strict=True)
            )
            if row >= 0
        ]
        yield {
            "number": line[col.S_PASS],
            "opened_at": int(log.at[line[col.S_OPENED]]),
            "standing": STANDINGS[line[col.S_STANDING]],
            "owner": _person(judged, line[col.S_OWNER]),
            "entered": entered,
        }


def _person(judged: Judgement, number: int) -> str | None:
    return judged.log.people[number] if number >= 0 else None


def people(actor: Actor) -> QuerySet[Any]:
    """Everybody in the workspace, in the order of their keys."""
    return Person.objects.of(actor.workspace_id).order_by("key")


def person(actor: Actor, key: str) -> Any:
    """Somebody. Raises `Absent`."""
    return found(Person, actor.workspace_id, "person", key=key)


def teams(actor: Actor) -> QuerySet[Any]:
    """All teams, in the order of their keys."""
    return Team.objects.of(actor.workspace_id).order_by("key")


def leave(actor: Actor, who: str) -> QuerySet[Any]:
    """The leave of one person, or of everybody."""
    rows = Leave.objects.of(actor.workspace_id).order_by("first", "person", "id")
    return rows.filter(person=who) if who else rows


def exceptions(actor: Actor, calendar: str) -> QuerySet[Any]:
    """The exceptions of one calendar, or of all."""
    rows = Calendar.objects.of(actor.workspace_id).order_by("day", "key")
    return rows.filter(key=calendar) if calendar else rows


def calendars(actor: Actor) -> list[dict[str, Any]]:
    """The calendars that the newest version in force names."""
    versions = rules.in_force(actor.workspace_id)
    named = written(versions[-1]).get("calendars", {}) if versions else {}
    return [{"key": key, "says": clause} for key, clause in named.items()]


def companies(actor: Actor, domain: str) -> QuerySet[Any]:
    """The companies of one domain, or all, in the order of their keys."""
    rows = Company.objects.of(actor.workspace_id).order_by("key")
    return rows.filter(domain=domain.lower()) if domain else rows


def company(actor: Actor, key: str) -> Any:
    """A company. Raises `Absent`."""
    return found(Company, actor.workspace_id, "company", key=key)


def contacts(actor: Actor, email: str = "") -> QuerySet[Any]:
    """The contacts that somebody may see: those of the leads that they may see."""
    rows = Contact.objects.of(actor.workspace_id).select_related("company").order_by("lead")
    if actor.role in NARROWED:
        rows = rows.filter(lead__in=leads(actor).values("key"))
    return rows.filter(email=email) if email else rows


def contact(actor: Actor, key: str) -> Any:
    """The person behind a lead. Raises `Absent`."""
    row = contacts(actor).filter(lead=key).first()
    if row is None:
        raise Absent(_("contact of %(key)s") % {"key": plain_text(key)})
    return row


def versions(actor: Actor) -> QuerySet[Any]:
    """All versions of the agreement, the newest first."""
    return AgreementVersion.objects.of(actor.workspace_id).order_by("-id")


def version(actor: Actor, number: int) -> dict[str, Any]:
    """A version with its text, its meaning and its signatures. Raises `Absent`."""
    row = agreements.version_of(actor.workspace_id, number)
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.fields}  # noqa: SLF001
    agreement, _problems = load(row.text)
    return columns | {
        "canonical": {} if agreement is None else written(agreement),
        "signatures": agreements.signatures(row),
        "wanted": [one._asdict() for one in agreements.signatures_due(row)],
    }


def withdrawn(actor: Actor, number: int) -> Any:
    """The version of that number which was withdrawn last."""
    rows = versions(actor).filter(number=number, state=AgreementVersion.State.WITHDRAWN)
    return rows.first()


def difference(actor: Actor, old: int, new: int) -> list[dict[str, Any]]:
    """What one version changes in another. Raises `Absent`."""
    texts = [agreements.version_of(actor.workspace_id, number).text for number in (old, new)]
    before, after = (load(text)[0] for text in texts)
    if before is None or after is None:
        raise ValueError(texts)  # every version was checked when it was proposed
    return [change.as_dict() for change in changes_between(before, after)]


def channels(actor: Actor) -> QuerySet[Any]:
    """All channels, in the order of their keys."""
    return Channel.objects.of(actor.workspace_id).order_by("key")


def channel(actor: Actor, key: str) -> Any:
    """A channel. Raises `Absent`."""
    return found(Channel, actor.workspace_id, "channel", key=key)


def chosen_deliveries(actor: Actor, wanted: Mapping[str, Any]) -> QuerySet[Any]:
    """The deliveries that meet every condition, the newest first."""
    rows = Delivery.objects.of(actor.workspace_id).select_related("channel")
    return _met(rows, wanted).order_by("-id")


def delivery(actor: Actor, key: str) -> Any:
    """A delivery. Raises `Absent`."""
    return found(Delivery, actor.workspace_id, "delivery", key=key)


def notices(actor: Actor, about: str) -> QuerySet[Any]:
    """What people had to hear of one lead, or of all, the newest first."""
    rows = Notice.objects.of(actor.workspace_id).order_by("-id")
    return rows.filter(lead=about) if about else rows


def entries(actor: Actor, subject: str) -> QuerySet[Any]:
    """The audit log about one subject, or all of it, the oldest entry first."""
    rows = Entry.objects.of(actor.workspace_id).select_related("block").order_by("id")
    return rows.filter(subject=subject) if subject else rows


def blocks(actor: Actor) -> QuerySet[Any]:
    """The blocks that seal the audit log, the first one first."""
    return Block.objects.of(actor.workspace_id).order_by("number")


def status(actor: Actor, now: int) -> dict[str, Any]:
    """How the desk runs: delays of the installation, counts of the actor's workspace alone."""
    told = health(now).to_json()
    own = Delivery.objects.of(actor.workspace_id)
    told |= {name: _in_seconds(told[name]) for name in ("noticed", "sent")}
    return told | {
        "unsent": own.filter(state__in=("pending", "leased")).count(),
        "dead": own.filter(state="dead").count(),
        "held": own.filter(state="held").count(),
    }


def _in_seconds(dwell: Mapping[str, Any]) -> dict[str, Any]:
    spans = {name: dwell[name] for name in ("p50", "p99")}
    return {"count": dwell["count"]} | {
        name: None if span is None else span / SECOND for name, span in spans.items()
    }


def me(actor: Actor) -> dict[str, Any]:
    """Whom a token acts for, and what it may."""
    return {
        "workspace": Workspace.objects.values_list("slug", flat=True).get(pk=actor.workspace_id),
        "person": actor.person,
        "role": actor.role,
        "token": actor.token,
        "scopes": sorted(actor.scopes if actor.scopes is not None else SCOPES),
        "rights": [act for act in RIGHTS if actor.may(act)],
    }
