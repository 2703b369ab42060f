"""Readings: what the texts of versions say and plan, worked out once and kept.

A text never changes once it is proposed, so that what was read of it stays right.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from leaddesk.book import database, roster
from leaddesk.tongue import wishes
from leadpact.agreement.explain import Sentence, explain
from leadpact.agreement.load import Reading, read
from leadpact.agreement.model import Agreement
from leadpact.agreement.places import Places
from leadpact.agreement.roster import working
from leadpact.clock import Clock, day_start
from leadpact.plan import Plan, plan
from leadpact.plan.months import ONE_DAY, Month
from leadpact.plan.odds import chance
from leadpact.plan.rows import Row
from leadpact.problem import Path, Problem

CONFIDENCES = (Fraction(80, 100), Fraction(90, 100), Fraction(95, 100))
"""The chances for which a plan says how many leads it takes."""
_EPOCH = 719_163  # the ordinal of 1970-01-01

RowKey = tuple[str, str | None, str]
"""Month, stream and lead type of a row of a plan."""


class Planned(NamedTuple):
    """The plan of a text, None with the problems that keep it from being planned."""

    plan: Plan | None
    problems: tuple[Problem, ...]


class Odds(NamedTuple):
    """How likely the planned leads bring their deals, and how many leads make it surer.

    `sure` has the leads for each of `CONFIDENCES`.
    """

    chance: float
    sure: tuple[int, ...]


def reading_of(text: str) -> Reading:
    """A text as the engine reads it, with its lines; problems are in the reader's language."""
    return _read(text, wishes().language)


@lru_cache(maxsize=64)
def _read(text: str, _language: str) -> Reading:
    return read(text)


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Each clause of a text in a sentence of the reader's language; none of a text without any."""
    return _sentences(text, wishes().language)


@lru_cache(maxsize=64)
def _sentences(text: str, language: str) -> tuple[Sentence, ...]:
    reading = _read(text, language)
    return tuple(explain(reading.agreement, reading.lines)) if reading.agreement else ()


def planned(text: str) -> Planned:
    """The plan of a text; its sentences are in the reader's language."""
    return _planned(text, wishes().language)


@lru_cache(maxsize=32)
def _planned(text: str, language: str) -> Planned:
    reading = _read(text, language)
    if reading.agreement is None:
        return Planned(None, tuple(reading.problems))
    found, problems = plan(reading.agreement)
    return Planned(found, tuple(_placed(reading, problem) for problem in problems))


def _placed(reading: Reading, problem: Problem) -> Problem:
    line = problem.line or line_of(reading, problem.path)
    return problem._replace(line=line)


def line_of(reading: Reading, origin: str) -> int:
    """The line of a place in the author's words (``funnel.demo.win``); 0 where it isn't known."""
    steps: Path = tuple(int(s) - 1 if s.isdecimal() else s for s in origin.split(".")[:20])
    return Places(reading.lines).line(steps)


def odds_of(text: str) -> Mapping[RowKey, Odds]:
    """The odds of each row of a text's plan; none where there is no plan."""
    return _odds(text, wishes().language)


@lru_cache(maxsize=32)
def _odds(text: str, language: str) -> Mapping[RowKey, Odds]:
    made = _planned(text, language).plan
    if made is None:
        return {}
    surer = [plan(made.agreement, confidence=share)[0] for share in CONFIDENCES]
    sure = [{_key(row): row.at_confidence or 0 for row in one.rows} for one in surer if one]
    return {
        _key(row): Odds(_chance(row), tuple(one[_key(row)] for one in sure)) for row in made.rows
    }


def _key(row: Row) -> RowKey:
    return str(row.month), row.stream, row.lead_type


def _chance(row: Row) -> float:
    """The chance of the whole that the row is a part of; the least where there are several."""
    stage, chain = row.agreed.lead_stage, row.agreed.chain
    demands = [part.whole.demand for part in row.parts]
    return min(
        (chance(one.count(stage), chain.overall(stage), one.deals) for one in demands), default=1.0
    )


def hours_of(workspace: int, text: str) -> Mapping[str, Mapping[str, int]]:
    """The working time (µs) of those whom leads are shared out among, by month and person.

    It knows the calendars of the text, and leave and exceptions as they stand in the registers.
    """
    sql = "SELECT rules FROM book_workspace WHERE id = %s"
    ((count,),) = database.rows(sql, [workspace])
    return _hours(workspace, count, text)


@lru_cache(maxsize=32)
def _hours(workspace: int, _rules: int, text: str) -> Mapping[str, Mapping[str, int]]:
    made = _planned(text, wishes().language).plan
    if made is None:
        return {}
    desks = working(made.agreement, roster.told(workspace))
    clocks = {name: Clock(desks.get(name, desks[None])) for name in _reps(made.agreement)}
    return {str(month): _worked(made.agreement, month, clocks) for month in made.months}


def _reps(agreement: Agreement) -> list[str]:
    """Those of the routed team, else everybody who holds leads, else the side of sales."""
    route = agreement.handoff.route if agreement.handoff else None
    team = route.team if route else None
    if not agreement.people:
        return [*agreement.between.get("sales", ())]
    return [name for name, one in agreement.people.items() if team is None or one.team == team]


def _worked(agreement: Agreement, month: Month, clocks: Mapping[str, Clock]) -> dict[str, int]:
    found = {}
    for name, clock in clocks.items():
        person = agreement.people.get(name)
        first = max(month.start, person.from_) if person and person.from_ else month.start
        last = min(month.end, person.to) if person and person.to else month.end
        if first <= last:
            begin, end = (
                day_start(day.toordinal() - _EPOCH, agreement.zone)
                for day in (first, last + ONE_DAY)
            )
            found[name] = int(clock.between(begin, end))
    return found
