"""Structure: steps, rungs, dates and definitions of an agreement stand in an order that works."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from leadpact.agreement.demand import Dated, Funnel
from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response, Rung
from leadpact.problem import Path
from leadpact.units import DAY, Span
from leadpact.words import _


def faults(agreement: Agreement) -> list[Finding]:
    """Whatever is out of order."""
    return [
        *_stages(agreement),
        *_definitions(agreement),
        *_funnel(agreement),
        *_ladders(agreement),
        *_dates(agreement),
        *_improvements(agreement),
    ]


def funnels(agreement: Agreement) -> Iterator[tuple[Path, Funnel]]:
    """Every lead type's metrics with its path."""
    for name, funnel in agreement.funnel.items():
        yield ("funnel", name), funnel
    for stream, types in agreement.funnel_by_stream.items():
        for name, funnel in types.items():
            yield ("funnel by stream", stream, name), funnel


def rough(span: Span) -> int:
    """A span in µs, near enough to compare two of the same unit or of days and hours."""
    return span.micros or span.days * DAY


def _stages(agreement: Agreement) -> Iterator[Finding]:
    stages = agreement.definitions.stages
    path = ("definitions", "stages")
    if len(stages) == 1:
        yield Finding(path, _("One stage is no funnel."), _("List at least two, in order."))
    for place, stage in enumerate(stages):
        if stage in stages[:place]:
            said = _("The stage '{stage}' is listed twice.").format(stage=stage)
            yield Finding((*path, place), said, _("Keep one of them."))


def _definitions(agreement: Agreement) -> Iterator[Finding]:
    words = agreement.definitions.words
    uses = {
        word: [other for other in words if _uses(_body(word, text), other)]
        for word, text in words.items()
    }
    for word in words:
        ring = _ring(word, uses)
        if ring and word == min(ring):
            said = (
                _("'{word}' is defined by itself.").format(word=word)
                if len(ring) == 1
                else _("These words are defined by each other: {ring}.").format(
                    ring=", ".join(ring)
                )
            )
            remedy = _("Say it in other words, such as what happens or what is known by then.")
            yield Finding(("definitions", word), said, remedy)


def _body(word: str, text: str) -> str:
    """A definition without the opening that only names the word: ``an mql is …``."""
    opening = rf"\s*(?:an?\s+|the\s+)?{re.escape(word)}\s*(?:\bis\b|\bmeans\b|:|=)"
    return re.sub(opening, "", text.replace("_", " "), count=1, flags=re.IGNORECASE)


def _uses(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _ring(word: str, uses: dict[str, list[str]]) -> list[str]:
    """The words through which a word comes back to itself; empty if it doesn't."""
    came_from: dict[str, str] = {}
    waiting = [word]
    while waiting:
        current = waiting.pop()
        for used in uses[current]:
            if used == word:
                return sorted(_trail(current, came_from))
            if used not in came_from:
                came_from[used] = current
                waiting.append(used)
    return []


def _trail(word: str, came_from: dict[str, str]) -> list[str]:
    trail = [word]
    while trail[-1] in came_from:
        trail.append(came_from[trail[-1]])
    return trail


def _funnel(agreement: Agreement) -> Iterator[Finding]:
    stages = {stage: place for place, stage in enumerate(agreement.stages)}
    for path, funnel in funnels(agreement):
        for step, series in funnel.steps.items():
            yield from _series((*path, step), series)
        yield from _series((*path, "order value"), funnel.order_value or ())
        yield from _series((*path, "costs"), funnel.costs or ())
        yield from _chain(path, funnel, stages)


def _series(path: Path, series: Sequence[Dated]) -> Iterator[Finding]:
    for place, value in enumerate(series):
        if value.from_ in [other.from_ for other in series[:place]]:
            said = _("Two values hold from the same day.")
            yield Finding((*path, place), said, _("Give each value its own `from`."))


def _chain(path: Path, funnel: Funnel, stages: dict[str, int]) -> Iterator[Finding]:
    """Steps lead upward, each begins where another ends, and the last ends at the last stage."""
    steps = [tuple(step.split(" to ", 1)) for step in funnel.steps if step != "win"]
    if not funnel.steps or any(stage not in stages for step in steps for stage in step):
        return
    for begin, end in steps:
        if stages[begin] >= stages[end]:
            said = _("'{step}' leads backward: '{end}' is not after '{begin}'.")
            yield Finding(
                (*path, f"{begin} to {end}"),
                said.format(step=f"{begin} to {end}", begin=begin, end=end),
                _("Write the earlier stage first, in the order of `definitions.stages`."),
            )
    ordered = sorted(steps, key=lambda step: (stages[step[0]], stages[step[1]]))
    for (first, end), (begin, last) in pairwise(ordered):
        if end != begin and stages[first] < stages[end]:
            said = _("The steps don't join: after '{one}' comes '{other}'.")
            yield Finding(
                (*path, f"{begin} to {last}"),
                said.format(one=f"{first} to {end}", other=f"{begin} to {last}"),
                _("Let each step begin at the stage where the one before ends."),
            )
    yield from _ending(path, funnel, ordered[-1][1] if ordered else None, list(stages)[-1])


def _ending(path: Path, funnel: Funnel, end: str | None, last: str) -> Iterator[Finding]:
    if "win" in funnel.steps and end == last:
        said = _("`win` is the step into '{last}', which has a rate already.").format(last=last)
        yield Finding((*path, "win"), said, _("Keep one of the two."))
    elif "win" not in funnel.steps and end != last:
        said = _("The steps end at '{end}', not at the last stage '{last}'.")
        yield Finding(
            path, said.format(end=end, last=last), _("Write `win:`, the rate of the last step.")
        )


def _ladders(agreement: Agreement) -> Iterator[Finding]:
    for side, promises in agreement.promises.items():
        for name, promise in promises.items():
            if isinstance(promise, Response):
                yield from _rungs(("promises", side, name, "ladder"), promise.ladder)


def _rungs(path: Path, ladder: Sequence[Rung]) -> Iterator[Finding]:
    for place, (lower, upper) in enumerate(pairwise(ladder), 1):
        if upper.times <= lower.times or rough(upper.within) <= rough(lower.within):
            said = _("This rung ({one}) doesn't rise above the one before ({other}).")
            one, other = (
                _("{times} within {span}").format(times=rung.times, span=rung.within)
                for rung in (upper, lower)
            )
            yield Finding(
                (*path, place),
                said.format(one=one, other=other),
                _("Counts are in all, from the start: let both the count and the time grow."),
            )


def _dates(agreement: Agreement) -> Iterator[Finding]:
    term = agreement.term
    if term and term.to < term.from_:
        said = _("The term ends on {to}, before it begins on {from_}.")
        yield Finding(
            ("term", "to"), said.format(to=term.to, from_=term.from_), _("Swap the dates.")
        )
    elif term and agreement.valid_from > term.to:
        said = _("This version is valid from {day}, after the term has ended on {to}.")
        yield Finding(
            ("valid from",),
            said.format(day=agreement.valid_from, to=term.to),
            _("Use an earlier day, or a longer term."),
        )
    for name, person in agreement.people.items():
        if person.from_ and person.to and person.to < person.from_:
            said = _("{name} leaves before coming.").format(name=name)
            yield Finding(("people", name, "to"), said, _("Swap the dates."))


def _improvements(agreement: Agreement) -> Iterator[Finding]:
    for place, improvement in enumerate(agreement.improve):
        if improvement.from_ == improvement.to:
            said = _("This goes from a value to the same value.")
            yield Finding(("improve", place, "to"), said, _("Write the rate to reach."))
