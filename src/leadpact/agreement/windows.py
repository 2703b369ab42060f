"""Windows: times, orders and limits that can never be met as they stand."""

from collections.abc import Iterator
from datetime import date

from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.agreement.roster import working
from leadpact.agreement.structure import rough
from leadpact.problem import Path
from leadpact.units import DAY, Span
from leadpact.words import _


def closed(agreement: Agreement) -> list[Finding]:
    """Every window in which nobody could ever succeed."""
    return [
        *_responses(agreement),
        *_calendars(agreement),
        *_return(agreement),
        *_accept(agreement),
        *_caps(agreement),
        *_deadlines(agreement),
    ]


def _responses(agreement: Agreement) -> Iterator[Finding]:
    for side, promises in agreement.promises.items():
        for name, promise in promises.items():
            if isinstance(promise, Response):
                path = ("promises", side, name)
                yield from _spans(agreement, path, promise)
                yield from _contradictions(agreement, path, promise)
                yield from _warnings(path, promise)


def _spans(agreement: Agreement, path: Path, promise: Response) -> Iterator[Finding]:
    for place, (rung, _times, span) in enumerate(promise.rungs):
        where = (*path, "within") if rung is None else (*path, "ladder", place, "within")
        yield from _span(agreement, where, span)


def _span(agreement: Agreement, path: Path, span: Span) -> Iterator[Finding]:
    if not rough(span):
        said = _("No time is left: '{span}' is over at once.").format(span=span)
        yield Finding(path, said, _("Write a time above zero."))
    term = agreement.term
    if term and rough(span) > ((term.to - term.from_).days + 1) * DAY:
        said = _("'{span}' is longer than the whole term: it would never be due.")
        yield Finding(path, said.format(span=span), _("Write a shorter time."))


def _contradictions(agreement: Agreement, path: Path, promise: Response) -> Iterator[Finding]:
    for word in sorted({*promise.do} & {*promise.unless}):
        said = _("'{word}' both answers this promise and excuses from it.").format(word=word)
        yield Finding((*path, "unless"), said, _("Take it out of one of the two."))
    for word in sorted({*promise.after} & {*promise.unless}):
        said = _("'{word}' starts this promise and excuses from it.").format(word=word)
        yield Finding((*path, "unless"), said, _("Take it out of one of the two."))
    place = {stage: n for n, stage in enumerate(agreement.stages)}
    if all(word in place for word in (*promise.after, *promise.do)) and (
        max(place[word] for word in promise.do) <= min(place[word] for word in promise.after)
    ):
        said = _("A lead that has reached '{start}' can't enter '{end}' any more.")
        yield Finding(
            (*path, "do"),
            said.format(start=promise.after[0], end=promise.do[0]),
            _("Ask for a later stage."),
        )


def _warnings(path: Path, promise: Response) -> Iterator[Finding]:
    shares = [step.at for step in promise.escalate]
    if shares != sorted(shares):
        said = _("The escalations don't stand in the order in which they happen.")
        yield Finding((*path, "escalate"), said, _("Sort them by `at`."))
    if promise.warn_at is None:
        return
    if promise.warn_at in {0, 1}:
        said = _("A warning at 0% or 100% of the time warns of nothing.")
        yield Finding((*path, "warn at"), said, _("Write something like 75%."))
    elif shares and promise.warn_at >= min(shares):
        said = _("The warning comes no sooner than the first escalation.")
        yield Finding((*path, "warn at"), said, _("Warn earlier, or escalate later."))


def _calendars(agreement: Agreement) -> Iterator[Finding]:
    term = agreement.term
    if term is None:
        return
    desks = working(agreement)
    for name in agreement.calendars:
        if not desks[f"calendar {name}"].opens_between(term.from_, term.to):
            said = _("This calendar never opens within the term.")
            yield Finding(("calendars", name), said, _("Give it hours outside its holidays."))
    for name in agreement.people:
        if not desks[name].opens_between(term.from_, term.to):
            said = _("{name} never works within the term.").format(name=name)
            yield Finding(("people", name), said, _("Check the leave, `from` and `to`."))


def _return(agreement: Agreement) -> Iterator[Finding]:
    """Leads that go back too soon make the upper rungs of a ladder unreachable."""
    leave = agreement.handoff.return_ if agreement.handoff else None
    if leave is None:
        return
    for name, (_side, promise) in agreement.promised().items():
        if not (isinstance(promise, Response) and "attempted" in promise.do):
            continue
        owed = max(times for _rung, times, _span in promise.rungs)
        if leave.attempts < owed:
            said = _("Leads go back after {few} attempts, before the {many} of '{name}'.")
            remedy = _("Write `after: {many} attempts without answer`, or promise fewer.")
            yield Finding(
                ("handoff", "return", "after"),
                said.format(few=leave.attempts, many=owed, name=name),
                remedy.format(many=owed),
            )


def _accept(agreement: Agreement) -> Iterator[Finding]:
    handoff = agreement.handoff
    if handoff and handoff.accept_within:
        yield from _span(agreement, ("handoff", "accept within"), handoff.accept_within)
    if agreement.pauses.at_most and not rough(agreement.pauses.at_most):
        said = _("A pause that ends at once is none.")
        yield Finding(("pauses", "at most"), said, _("Write a time above zero."))


def _caps(agreement: Agreement) -> Iterator[Finding]:
    route = agreement.handoff.route if agreement.handoff else None
    if route is None or route.least is None or route.most is None:
        return
    if route.least.period == route.most.period and route.least.number > route.most.number:
        said = _("A rep can't get at least {least} and at most {most} leads.")
        yield Finding(
            ("handoff", "route", "at least"),
            said.format(least=route.least.number, most=route.most.number),
            _("Swap the two."),
        )


def _deadlines(agreement: Agreement) -> Iterator[Finding]:
    term = agreement.term
    if term is None:
        return
    dated: list[tuple[Path, date | None]] = [
        (("goal", "by"), agreement.goal.by if agreement.goal else None),
        *((("improve", n, "by"), step.by) for n, step in enumerate(agreement.improve)),
    ]
    for path, day in dated:
        if day is not None and not term.from_ <= day <= term.to:
            said = _("{day} is outside the term, {from_} to {to}.")
            yield Finding(
                path,
                said.format(day=day, from_=term.from_, to=term.to),
                _("Choose a day within the term."),
            )
