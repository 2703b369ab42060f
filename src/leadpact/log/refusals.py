"""Refusals: what is wrong with which rows of a file, collected in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from leadpact.log.columns import Bools, Ints
from leadpact.problem import Problem
from leadpact.words import _, ngettext

MOST: Final = 1_000
"""So many problems of one file are reported one by one; the rest is counted."""


class Refusals:
    """The rows that can't be read, and why. `lines` gives the line of each row."""

    def __init__(self, lines: Ints) -> None:
        self.lines = lines
        self.bad: Bools = np.zeros(len(lines), np.bool_)
        self._found: list[Problem] = []
        self._count = 0

    def add(self, rows: Ints, column: str, problem: str, remedy: str) -> None:
        """Refuse some rows for one reason."""
        self.bad[rows] = True
        self._count += len(rows)
        for row in rows[:MOST].tolist():
            self._found.append(Problem(column, int(self.lines[row]), problem, remedy))

    def problems(self) -> list[Problem]:
        """All problems by line; beyond the first thousand only their number."""
        return first(self._found, self._count)


def first(found: Iterable[Problem], count: int) -> list[Problem]:
    """The first thousand problems by line, and how many there are beyond."""
    problems = sorted(found, key=lambda problem: problem.line)[:MOST]
    if more := count - len(problems):
        text = ngettext(
            "There is {more:,} more problem.", "There are {more:,} more problems.", more
        )
        problems.append(Problem("", 0, text.format(more=more), _("Mend these first.")))
    return problems
