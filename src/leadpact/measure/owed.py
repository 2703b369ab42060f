"""Owed: columns of obligations and their legs that measures of response promises share."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from leadpact.clock import day_start, local_day
from leadpact.measure.judged import Bools, Evidence, Ints
from leadpact.program import columns as col
from leadpact.program.columns import NEVER

_SETTLED = (col.EXCUSED, col.WAIVED, col.UNDETERMINABLE)


def owed_of(found: Evidence) -> "Owed":
    """The obligations of some evidence, worked out once for all measures."""
    columns: Owed = found.shared.get("owed") or found.shared.setdefault("owed", Owed(found))
    return columns


class Legs(NamedTuple):
    """The legs by which people are judged: obligation, owner (-1: nobody), verdict."""

    obligation: Ints
    owner: Ints
    verdict: Ints


class Owed:
    """The obligations of leads that weren't merged away, in columns of equal length."""

    def __init__(self, found: Evidence) -> None:
        self.found = found
        self.places: Ints = np.flatnonzero(found.owed)
        self.table: Ints = found.obligations.table[self.places]
        program = found.program
        self.group: Ints = program.promises[self.column(col.O_PROMISE), col.P_GROUP]
        self.rung: Ints = program.promises[self.column(col.O_PROMISE), col.P_RUNG]

    def __len__(self) -> int:
        return len(self.table)

    def column(self, number: int) -> Ints:
        """One column of the table."""
        found: Ints = self.table[:, number]
        return found

    @cached_property
    def verdict(self) -> Ints:
        """The verdict of each."""
        return self.column(col.O_VERDICT)

    @cached_property
    def answered(self) -> Bools:
        """Which were answered."""
        found: Bools = self.column(col.O_ANSWER) != NEVER
        return found

    @cached_property
    def lead_type(self) -> Ints:
        """The lead type of each, when it began: a code of `found.lead_type[1]`; -1 for none."""
        codes, _words = self.found.lead_type
        return codes[self.column(col.O_ROW)].astype(np.int64)

    @cached_property
    def week(self) -> Ints:
        """The Monday (a day since 1970, in the agreement's zone) of the week it began in."""
        day = np.asarray(local_day(self.column(col.O_START), self.found.zone))
        return day - (day + 3) % 7

    @cached_property
    def legs(self) -> Legs:
        """The legs that are charged to somebody, and what nobody ever owned.

        What was excused, waived or can't be told stands with the last owner.
        """
        single = np.flatnonzero(self.column(col.O_LEGS) == 0)
        many = self._many
        settled = np.isin(self.verdict[many.obligation], _SETTLED)
        last = np.append(many.obligation[1:] != many.obligation[:-1], True)[: len(settled)]
        whole = np.where(last, self.verdict[many.obligation], col.NO_VERDICT)
        verdict = np.where(settled, whole, many.verdict)
        charged = (verdict != col.NO_VERDICT) & (many.owner >= 0)
        return Legs(
            np.concatenate([single, many.obligation[charged]]),
            np.concatenate([self.column(col.O_OWNER)[single], many.owner[charged]]),
            np.concatenate([self.verdict[single], verdict[charged]]),
        )

    @cached_property
    def _many(self) -> Legs:
        """The legs of obligations that changed hands, as the sweep wrote them."""
        legs = self._rows_of_legs
        return Legs(
            self._place[legs[:, col.L_OBLIGATION]], legs[:, col.L_OWNER], legs[:, col.L_VERDICT]
        )

    @cached_property
    def _place(self) -> Ints:
        """The place here of each obligation of the judgement; -1 where it was left out."""
        place = np.full(len(self.found.obligations), -1, np.int64)
        place[self.places] = np.arange(len(self.places))
        return place

    @cached_property
    def _rows_of_legs(self) -> Ints:
        legs = self.found.obligations.legs
        found: Ints = legs[self._place[legs[:, col.L_OBLIGATION]] >= 0]
        return found

    @cached_property
    def first_owned(self) -> Ints:
        """When each first had an owner; `NEVER` where it never had one."""
        owned = self.column(col.O_OWNER) >= 0
        found = np.where(owned, self.column(col.O_START), NEVER)
        changed = self.column(col.O_LEGS) > 0
        found[changed] = NEVER
        rows = self._rows_of_legs
        rows = rows[rows[:, col.L_OWNER] >= 0][::-1]
        found[self._place[rows[:, col.L_OBLIGATION]]] = rows[:, col.L_FROM]
        return found

    @cached_property
    def unowned_work(self) -> Ints:
        """The working time of each before anybody owned it, µs."""
        found = np.where(self.column(col.O_OWNER) < 0, self.column(col.O_WORKED), 0)
        found[self.column(col.O_LEGS) > 0] = 0
        rows = self._rows_of_legs
        rows = rows[rows[:, col.L_OWNER] < 0]
        np.add.at(found, self._place[rows[:, col.L_OBLIGATION]], rows[:, col.L_WORKED])
        return found

    def started_between(self, begins: int, ends: int) -> Bools:
        """Which began from one instant up to another."""
        start = self.column(col.O_START)
        return (start >= begins) & (start < ends)


def week_of(monday: int, zone: str) -> tuple[int, int]:
    """The instants from which and up to which a week runs that begins on that day."""
    return day_start(monday, zone), day_start(monday + 7, zone)
