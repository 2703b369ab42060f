"""Findings: what is wrong or missing at a place of an agreement, before its line is looked up."""

from collections.abc import Iterable
from typing import NamedTuple

from leadpact.agreement.places import Places
from leadpact.problem import Path, Problem, spoken
from leadpact.words import _, ngettext

MOST = 200
"""More problems than a person reads at once are only counted."""


class Finding(NamedTuple):
    """A problem at a path, in the author's words, with its remedy."""

    path: Path
    problem: str
    remedy: str


def problems(findings: Iterable[Finding], places: Places) -> list[Problem]:
    """The findings as problems with their lines, in the order of the text."""
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: places.order(finding.path))
    told = [
        Problem(spoken(places.spot(f.path)), places.line(f.path), f.problem, f.remedy)
        for f in ordered[:MOST]
    ]
    if (more := len(ordered) - MOST) > 0:
        said = ngettext("There is at least {n} more.", "There are at least {n} more.", more)
        told.append(Problem("", told[-1].line, said.format(n=more), _("Mend these first.")))
    return told
