"""Grounds: the rows behind a figure, found again from the words that it carries."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from leadpact.clock import same_time
from leadpact.measure.figures import Grounds, Where
from leadpact.measure.funnel import month_name, month_of
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
from leadpact.measure.owed import Owed, owed_of
from leadpact.measure.periods import day_of, name_of
from leadpact.program.columns import NEVER, VERDICTS


def rows_of(judged: Judged | Evidence, grounds: Grounds, *, hit: bool = False) -> list[str]:
    """The leads that a figure counted, one for each time it counted them, in order.

    With `hit`, only those of the numerator.
    """
    found = evidence(judged)
    where = (*grounds.where, *grounds.hit) if hit else grounds.where
    if grounds.of == "passes":
        chosen, leads = _passes(found, where)
    elif grounds.of == "legs":
        chosen, leads = _legs(owed_of(found), where)
    else:
        chosen, leads = _obligations(owed_of(found), where)
    keys = found.log.keys
    return [keys[lead] for lead in leads[chosen].tolist()]


def _obligations(owed: Owed, where: tuple[tuple[str, Where], ...]) -> tuple[Bools, Ints]:
    """Obligations by promise, rung, lead type, week of the start and verdict."""
    tests = _tests(owed)
    chosen = np.ones(len(owed), bool)
    for name, value in where:
        chosen &= tests[name](value)
    return chosen, owed.found.obligations.lead[owed.places]


def _tests(owed: Owed) -> Mapping[str, Callable[[Any], Bools]]:
    groups = owed.found.program.groups
    return {
        "promise": lambda name: owed.group == groups[name],
        "rung": lambda rung: owed.rung == rung,
        "lead type": lambda name: _is_word(owed.lead_type, owed.found.lead_type[1], name),
        "week": lambda name: _in_week(owed, name),
        "verdict": lambda names: _is_verdict(owed.verdict, names),
    }


def _legs(owed: Owed, where: tuple[tuple[str, Where], ...]) -> tuple[Bools, Ints]:
    """Legs by promise, person and the verdict of the leg itself."""
    legs, tests = owed.legs, _tests(owed)
    chosen = np.ones(len(legs.owner), bool)
    for name, value in where:
        if name == "rep":
            chosen &= _is_word(legs.owner, owed.found.log.people, value)
        elif name == "verdict":
            chosen &= _is_verdict(legs.verdict, value)
        else:
            chosen &= tests[name](value)[legs.obligation]
    return chosen, owed.found.obligations.lead[owed.places][legs.obligation]


def _passes(found: Evidence, where: tuple[tuple[str, Where], ...]) -> tuple[Bools, Ints]:
    """Passes by the stages they entered, the month or lead type of the first, and their days."""
    words = dict(where)
    entered = [str(value) for name, value in where if name == "entered"]
    first = found.entries(entered[0])
    at = found.log.at[first.rows]
    chosen = np.ones(len(at), bool)
    if "month" in words:
        months, which = np.unique(month_of(at, found.zone), return_inverse=True)
        named = [month_name(month) == words["month"] for month in months.tolist()]
        chosen &= np.array(named, bool)[which]
    if "lead type" in words:
        codes, types = found.lead_type
        chosen &= _is_word(codes[first.rows], types, words["lead type"])
    days = words.get("had days")
    until = np.asarray(same_time(at, int(str(days)), found.zone)) if len(at) else at
    chosen &= until <= found.now
    if "within days" in words:
        goal = found.entries(entered[1])
        arrival = np.full(len(found.pass_lead), NEVER, np.int64)
        arrival[goal.passes] = found.log.at[goal.rows]
        chosen &= arrival[first.passes] <= until
    return chosen, found.pass_lead[first.passes]


def _is_word(codes: Any, words: tuple[str, ...], name: Where) -> Bools:
    """Which codes are of that word; of none where the name is None."""
    found: Bools = codes == (words.index(str(name)) if name is not None else -1)
    return found


def _is_verdict(verdicts: Ints, names: Where) -> Bools:
    wanted = [VERDICTS.index(name) for name in (names if isinstance(names, tuple) else ())]
    return np.isin(verdicts, wanted)


def _in_week(owed: Owed, name: Where) -> Bools:
    mondays, which = np.unique(owed.week, return_inverse=True)
    names = np.array([name_of("week", day_of(day)) == name for day in mondays.tolist()], bool)
    return names[which] if len(names) else np.zeros(len(owed), bool)
