"""Clauses: an agreement read as seven components, each clause a sentence with its line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from leadpact.agreement.demand import Dated, Funnel
from leadpact.agreement.explain import Sentence
from leadpact.agreement.load import Reading
from leadpact.agreement.model import Agreement
from leadpact.agreement.places import Places
from leadpact.agreement.promises import Response
from leadpact.agreement.structure import funnels
from leadpact.problem import Path


class Clause(NamedTuple):
    """A clause: its sentence and line, what it adds, and, of a promise, its side and name."""

    text: str
    line: int
    more: Sequence[Sentence]
    side: str = ""
    promise: str = ""


class Component(NamedTuple):
    """One part of an agreement: its number among the seven (0 for the frame), and its clauses."""

    key: str
    number: int
    title: str
    meaning: str
    clauses: Sequence[Clause]


class Value(NamedTuple):
    """An agreed value of the funnel: from which day it holds, where it comes from, its line."""

    lead_type: str
    stream: str
    what: str
    value: str
    since: date | None
    source: str
    line: int
    is_first: bool


_HEADS = {
    "goal": "goal",
    "funnel": "goal",
    "funnel by stream": "goal",
    "improve": "goal",
    "definitions": "definitions",
    "qualification": "qualification",
    "handoff": "handoff",
    "nurture": "nurture",
    "commitments": "follow-up",
    "pauses": "follow-up",
    "kpis": "kpis",
    "cases": "life",
    "lessons": "life",
    "rhythm": "life",
    "to be signed by": "life",
}
"""The component of a clause by its first word; the frame for the others."""


def components(agreement: Agreement, sentences: Sequence[Sentence]) -> list[Component]:
    """The frame, the seven components and how the agreement lives, each with its clauses."""
    found: dict[str, list[Clause]] = {key: [] for key, *_words in _parts()}
    for key, clause in _clauses(agreement, sentences):
        found[key].append(clause)
    return [
        Component(key, number, title, meaning, found[key])
        for key, number, title, meaning in _parts()
    ]


def _parts() -> list[tuple[str, int, str, str]]:
    return [
        ("frame", 0, _("Who and when"), _("The sides, their people, their hours and the term.")),
        (
            "goal",
            1,
            _("Shared goal"),
            _("What both sides pursue, and what the funnel is agreed to yield."),
        ),
        (
            "definitions",
            2,
            _("Definitions"),
            _("What the words mean, so that both sides count alike."),
        ),
        (
            "qualification",
            3,
            _("Lead qualification"),
            _("Which leads are worth the time of sales."),
        ),
        ("handoff", 4, _("Handoff"), _("How a lead goes to sales, and how it comes back.")),
        ("nurture", 5, _("Nurturing"), _("What happens to leads that are not ready.")),
        ("follow-up", 6, _("Lead management"), _("What is done for each lead, and by when.")),
        ("kpis", 7, _("Measures"), _("How much each side delivers, and how well.")),
        ("life", 0, _("How it lives"), _("Meetings, worked examples, lessons and who signs.")),
    ]


def _clauses(agreement: Agreement, sentences: Sequence[Sentence]) -> Iterator[tuple[str, Clause]]:
    promised = {
        f"promises.{side}.{name}": (side, name, isinstance(clause, Response))
        for name, (side, clause) in agreement.promised().items()
    }
    places = [place for place, one in enumerate(sentences) if not _adds(one, promised)]
    for place, following in zip(places, [*places[1:], len(sentences)], strict=True):
        one, more = sentences[place], sentences[place + 1 : following]
        if one.path in promised:
            side, name, in_time = promised[one.path]
            key = "follow-up" if in_time else "kpis"
            yield key, Clause(one.text, one.line, more, side, name)
        else:
            head = one.path.partition(".")[0]
            yield _HEADS.get(head, "frame"), Clause(one.text, one.line, ())


def _adds(one: Sentence, promised: Mapping[str, object]) -> bool:
    """Whether a sentence adds to the promise before it."""
    return one.path.startswith("promises.") and one.path not in promised


def values(reading: Reading) -> Iterator[Value]:
    """Every agreed value of the funnel, lead type by lead type."""
    if reading.agreement is None:
        return
    places = Places(reading.lines)
    for path, metrics in funnels(reading.agreement):
        stream = str(path[1]) if len(path) > 2 else ""
        first = True
        for what, series in _series(metrics):
            for number, one in enumerate(series):
                line = places.line(_place(path, what, number))
                source = one.source or metrics.source or ""
                yield Value(str(path[-1]), stream, what, one.value, one.from_, source, line, first)
                first = False


def _place(path: Path, what: str, number: int) -> Path:
    return (*path, what, number)


def _series(metrics: Funnel) -> Iterator[tuple[str, Sequence[Dated]]]:
    yield from metrics.steps.items()
    if metrics.order_value:
        yield "order value", metrics.order_value
    if metrics.costs:
        yield "costs", metrics.costs
