"""Stand-up: what was due since the last working day, what people say of its misses, what they decide."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor, seen
from leaddesk.book.counting import Key
from leaddesk.book.fields import Unfit, read_text
from leaddesk.book.models import Contact, Decision, Due, Leave, MissCause
from leaddesk.book.refusal import Absent, Refused, refused
from leaddesk.book.report import Told
from leaddesk.book.rules import Rules
from leaddesk.book.scores import share_between
from leaddesk.book.spans import Span, span_of
from leadpact.clock import Clock
from leadpact.measure.periods import instant_of, local_date

CAUSES = ("no time", "not seen", "away", "wrong data", "system", "not reachable", "other")
"""The causes that people pick from; what they mean stands with the page."""
_FURTHEST = 14


class Identity(NamedTuple):
    """Which broken promise: of which lead, in which pass, which rung (-1: no ladder), which time."""

    lead: str
    promise: str
    pass_number: int
    rung: int
    occurrence: int

    @property
    def mark(self) -> str:
        """A short name for it in forms; the same wherever it stands."""
        return blake2b(json.dumps(self).encode(), digest_size=8).hexdigest()


class Miss(NamedTuple):
    """A broken promise, and what people said of it so far."""

    identity: Identity
    owner: str
    due_at: int
    is_answered: bool
    cause: str
    next_step: str
    said_by: str

    @property
    def said(self) -> tuple[str, str]:
        """The cause and the next step."""
        return self.cause, self.next_step


class Saying(NamedTuple):
    """The cause and the next step that somebody says of a miss, and those that they were shown."""

    miss: Identity
    shown: tuple[str, str]
    said: tuple[str, str]


def since(told: Told, rules: Rules, day: date) -> Span:
    """From the last working day before a day up to the day itself, by the usual calendar."""
    begun = [v for v in rules.program.versions if v.begins <= told.as_of]
    clock = Clock(rules.program.usual((begun or rules.program.versions[:1])[-1]))
    first = day - timedelta(days=1)
    for back in range(1, _FURTHEST):
        before = day - timedelta(days=back)
        if clock.between(*(instant_of(before + timedelta(days=n), told.zone) for n in (0, 1))):
            first = before
            break
    span = span_of(f"{first}..{day - timedelta(days=1)}", told.zone)
    if span is None:
        raise AssertionError
    return span


def period_of(span: Span) -> str:
    """The name of a span in keys."""
    return str(span.first) if span.first == span.last else f"{span.first}..{span.last}"


def today(told: Told, now: int) -> date:
    """The day in the zone of the agreement."""
    return local_date(now, told.zone)


def misses(actor: Actor, span: Span) -> QuerySet[Any]:
    """The promises that were due in a span and are broken, as far as somebody may see them."""
    rows = Due.objects.of(actor.workspace_id).filter(
        verdict="broken", due_at__gte=span.begins, due_at__lt=span.ends
    )
    return seen(actor, rows).order_by("due_at", "id")


def told_misses(actor: Actor, span: Span, most: int) -> list[Miss]:
    """The first misses of a span with what people said of them."""
    rows = [*misses(actor, span)[:most]]
    known = _known(actor, {one.lead for one in rows})
    return [_miss(one, known) for one in rows]


def _known(actor: Actor, leads: Collection[str]) -> dict[Identity, MissCause]:
    said = MissCause.objects.of(actor.workspace_id).filter(lead__in=leads)
    return {_identity(one): one for one in said}


def _identity(one: Due | MissCause) -> Identity:
    return Identity(*(getattr(one, name) for name in Identity._fields))


def _miss(one: Due, known: Mapping[Identity, MissCause]) -> Miss:
    identity = _identity(one)
    said = known.get(identity)
    return Miss(
        identity,
        one.owner,
        one.due_at or 0,
        one.answered_at is not None,
        said.cause if said else "",
        said.next_step if said else "",
        said.said_by if said else "",
    )


def say(actor: Actor, sayings: Collection[Saying], now: int) -> None:
    """Keep what people say of misses, all of it or nothing; nothing said takes it back.

    What was not changed against what was shown is left alone. Raises `Refused`, also where somebody
    else has said something since; `Absent`.
    """
    actor.must("record facts")
    typed = [one for one in sayings if one.said != one.shown]
    leads = {one.miss.lead for one in typed}

    def keep() -> None:
        database.lock(actor.workspace_id, leads)
        _must_be_missed(actor, leads, {one.miss for one in typed})
        known, problems = _known(actor, leads), []
        fresh: list[Saying] = []
        for one in typed:
            try:
                said = _fitting(one)
                stands = known[one.miss].said if one.miss in known else ("", "")
                if said != stands:
                    _must_stand(one, stands)
                    fresh.append(one._replace(said=said))
            except Refused as refusal:
                problems += refusal.problems
        if problems:
            raise Refused(problems)
        _write(actor, fresh, now)

    if typed:
        database.in_transaction(keep)


def _must_be_missed(actor: Actor, leads: Collection[str], misses: set[Identity]) -> None:
    rows = Due.objects.of(actor.workspace_id).filter(verdict="broken", lead__in=leads)
    if misses - {Identity(*row) for row in seen(actor, rows).values_list(*Identity._fields)}:
        raise Absent(_("promise"))


def _fitting(one: Saying) -> tuple[str, str]:
    cause, step = one.said
    if cause and cause not in CAUSES:
        path = f"cause-{one.miss.mark}"
        raise refused(path, _("There is no such cause."), _("Pick one from the list."))
    return cause, _text(step, 500, f"step-{one.miss.mark}")


def _must_stand(one: Saying, stands: tuple[str, str]) -> None:
    if one.shown != stands:
        what = _("It was changed after you opened the form, so yours was not stored.")
        raise refused(f"cause-{one.miss.mark}", what, "")


def _write(actor: Actor, fresh: Sequence[Saying], now: int) -> None:
    rows = [(actor.workspace_id, *o.miss, *o.said, actor.person, now) for o in fresh]
    unique = ("workspace", *Identity._fields)
    told = ("cause", "next_step", "said_by", "said_at")
    columns = [*zip(*rows, strict=True)]
    database.insert(MissCause, (*unique, *told), columns, unique=unique, update=told)
    notes = [
        actor.note("said why", f"lead {o.miss.lead}", promise=o.miss.promise, cause=o.said[0])
        for o in fresh
    ]
    audit.note(actor.workspace_id, notes, now)


def _text(text: str, most: int, field: str) -> str:
    try:
        return str(read_text(most)(text) or "")
    except Unfit as error:
        raise refused(field, *error.args) from None


def decide(actor: Actor, day: date, text: str, now: int) -> Decision:
    """Keep what was decided on a day. Raises `Refused`, `Forbidden`."""
    actor.must("record facts")
    said = _text(text, 1000, "text")
    if not said.strip():
        raise refused("text", _("The decision has no text."), _("Say what was decided."))

    def keep() -> Decision:
        row: Decision = Decision.objects.of(actor.workspace_id).create(
            workspace_id=actor.workspace_id,
            day=day,
            text=said.strip(),
            decided_by=actor.person,
            decided_at=now,
        )
        note = actor.note("decided", f"stand-up {day}", text=row.text)
        audit.note(actor.workspace_id, [note], now)
        return row

    return database.in_transaction(keep)


def strike(actor: Actor, number: int, now: int) -> None:
    """Take a decision back; it stays on file. Raises `Absent`, `Forbidden`."""
    actor.must("record facts")

    def take_back() -> None:
        rows = Decision.objects.of(actor.workspace_id).filter(pk=number, struck_at__isnull=True)
        if not rows.update(struck_at=now):
            raise Absent(_("decision"))
        note = actor.note("took a decision back", f"decision {number}")
        audit.note(actor.workspace_id, [note], now)

    database.in_transaction(take_back)


def decisions(workspace: int, day: date) -> list[Decision]:
    """What was decided on a day and stands, the first first."""
    rows = Decision.objects.of(workspace).filter(day=day, struck_at__isnull=True)
    return [*rows.order_by("id")]


def days(workspace: int, most: int = 30) -> list[date]:
    """The latest days on which something was decided."""
    rows = Decision.objects.of(workspace).filter(struck_at__isnull=True)
    return [*rows.order_by("-day").values_list("day", flat=True).distinct()[:most]]


def away(workspace: int, day: date, names: Mapping[str, str]) -> list[tuple[str, date]]:
    """Who is on leave on a day, by their `names`, and until when."""
    rows = Leave.objects.of(workspace).filter(first__lte=day, last__gte=day).order_by("person")
    found: dict[str, date] = {}
    for person, last in rows.values_list("person", "last"):
        found[person] = max(last, found.get(person, last))
    return [(names.get(person, person), last) for person, last in found.items()]


class Line(NamedTuple):
    """What one promise owed in a span, what was done of it, and what was missed; the key opens it.

    `promised` is None where no number was owed, `done` counts what was kept or delivered.
    """

    promise: str
    side: str
    promised: int | None
    done: int
    missed: int | None
    key: Key


def lines(told: Told, rules: Rules, span: Span) -> list[Line]:
    """Each promise with what was due in a span: answers that were due, deliveries by their pace."""
    period, found = period_of(span), []
    for name, clause in told.promises.items():
        if clause["kind"] == "response":
            figure = told.figure(Key("due", name, period))
            if figure is not None and figure.counted:
                missed = figure.counted - figure.hits
                line = Line(name, clause["side"], figure.counted, figure.hits, missed, figure.key)
                found.append(line)
        elif clause["kind"] == "volume" and not clause["is_value"] and not clause["is_per_rep"]:
            figure = told.figure(Key("delivered", name, period))
            owed = share_between(told, rules, name, span)
            if figure is not None:
                short = None if owed is None else max(0, owed - figure.hits)
                found.append(Line(name, clause["side"], owed, figure.hits, short, figure.key))
        elif clause["kind"] == "ratio" and not clause["is_per_rep"]:
            figure = told.figure(Key("rate", name, period))
            if figure is not None and figure.counted:
                found.append(
                    Line(name, clause["side"], figure.counted, figure.hits, None, figure.key)
                )
    return found


def at_risk(actor: Actor, now: int, most: int) -> list[Due]:
    """Open promises that have been warned about, the next due first."""
    rows = Due.objects.of(actor.workspace_id).filter(verdict="open", at_risk=True, due_at__gte=now)
    return [*seen(actor, rows).order_by("due_at", "id")[:most]]


def people(actor: Actor, leads: Collection[str]) -> dict[str, str]:
    """The names of the contacts of leads, by lead; none for whoever may not read them."""
    if not actor.may("read contacts"):
        return {}
    rows = Contact.objects.of(actor.workspace_id).filter(lead__in=leads)
    return dict(rows.values_list("lead", "name"))
