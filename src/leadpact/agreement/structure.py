"""Structure: steps, rungs, dates and definitions of an agreement stand in an order that works."""

import re
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from leadpact.agreement.demand import Dated, Funnel
from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response, Rung
from leadpact.problem import Path
from leadpact.units import DAY, Span
from leadpact.words import _

MOST_RINGS = 20
"""So many circles among definitions are named at once."""


def faults(agreement: Agreement) -> Iterator[Finding]:
    """Whatever is out of order."""
    yield from _stages(agreement)
    yield from _definitions(agreement)
    yield from _funnel(agreement)
    yield from _ladders(agreement)
    yield from _dates(agreement)
    yield from _improvements(agreement)


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
    """Words that are defined by themselves, directly or by way of others."""
    uses = _uses(agreement.definitions.words)
    for _ring in range(MOST_RINGS):
        try:
            TopologicalSorter(uses).prepare()
        except CycleError as error:
            ring = sorted(set(error.args[1]))
            yield _circular(ring)
            uses = {word: used - {*ring} for word, used in uses.items() if word not in ring}
        else:
            return


def _circular(ring: list[str]) -> Finding:
    said = _("These words are defined by each other: {ring}.").format(ring=", ".join(ring))
    if len(ring) == 1:
        said = _("'{word}' is defined by itself.").format(word=ring[0])
    remedy = _("Say it in other words, such as what happens or what is known by then.")
    return Finding(("definitions", ring[0]), said, remedy)


def _uses(words: dict[str, str]) -> dict[str, set[str]]:
    """For each word the other words that stand in its definition."""
    terms = {_tokens(word): word for word in words}
    lengths = {len(term) for term in terms}
    found: dict[str, set[str]] = {}
    for word, text in words.items():
        tokens = _tokens(_body(word, text))
        found[word] = {
            terms[part]
            for length in lengths
            for start in range(len(tokens) - length + 1)
            if (part := tokens[start : start + length]) in terms
        }
    return found


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+(?:-\w+)*", text.casefold()))


def _body(word: str, text: str) -> str:
    """A definition without the opening that only names the word: ``an mql is …``."""
    opening = rf"\s*(?:an?\s+|the\s+)?{re.escape(word)}\s*(?:\bis\b|\bmeans\b|:|=)"
    return re.sub(opening, "", text.replace("_", " "), count=1, flags=re.IGNORECASE)


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
