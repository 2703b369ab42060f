"""Ladder: how the rungs of follow-up were kept, each among those due and applicable."""

from dataclasses import dataclass
from typing import Any

from leadpact.measure.compliance import Compliance, compliance
from leadpact.measure.figures import Measured, share
from leadpact.measure.judged import Evidence, Judged, evidence
from leadpact.program import columns as col


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: so many answers in all, within so much time, and how it was kept.

    Rungs of leads that converted, returned or must not be contacted are excused: in no denominator.
    """

    promise: str
    times: int
    within: str
    kept: int
    due: int
    excused: int
    undecided: int
    as_of: int

    @property
    def figure(self) -> Measured:
        """Rungs kept ÷ rungs due and applicable."""
        return share(self.kept, self.due, "KE3", self.as_of, undecided=self.undecided)

    def to_json(self) -> dict[str, Any]:
        """The rung in its JSON form."""
        return {
            "promise": self.promise,
            "rung": self.times,
            "within": self.within,
            "kept": self.kept,
            "due": self.due,
            "excused": self.excused,
            "undecided": self.undecided,
            "rate": self.figure.to_json(),
        }


def ladder(judged: Judged | Evidence, lines: list[Compliance] | None = None) -> list[Rung]:
    """Every rung of every ladder, by promise and height; `lines` saves counting again."""
    found = evidence(judged)
    spans = {(row.promise, row.rung): str(row.span) for row in found.program.rows}
    return [
        Rung(
            line.promise,
            line.rung or 0,
            spans[line.promise, line.rung],
            line.kept,
            line.due,
            line.counts[col.EXCUSED] + line.counts[col.WAIVED],
            line.undecided,
            line.as_of,
        )
        for line in (compliance(found) if lines is None else lines)
        if line.by == "rung"
    ]
