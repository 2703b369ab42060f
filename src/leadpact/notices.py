"""Notices: who has to hear what at a moment, in figures; the words are the channels'."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.promises import Escalation
from leadpact.clock import to_datetime
from leadpact.program import columns as col
from leadpact.program import millionths
from leadpact.program.columns import NEVER, VERDICTS
from leadpact.promises import Obligations, seconds
from leadpact.rulings import Rulings, key
from leadpact.units import SpanUnit

Bools = NDArray[np.bool_]

Kind = Literal["at risk", "broken", "corrected", "escalated", "reassign"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one person or role has to hear. `key` is the same whenever it is found again.

    `to` is the owner (None where nobody owns the lead), or the person or role of an escalation;
    `at` the share of the time used at which it is due. `started`, `due` and `answered` are instants,
    µs UTC. `left` is what is left of the time, in its own `unit` (µs; of days, elapsed time): below
    zero what has passed since, None while it stands still.
    """

    kind: Kind
    to: str | None
    lead: str
    pass_: int
    promise: str
    rung: int | None
    occurrence: int
    owner: str | None
    verdict: str
    side: str
    version: int
    started: int
    due: int | None
    answered: int | None
    unit: SpanUnit
    left: int | None
    at: Fraction | None
    key: str

    def to_json(self) -> dict[str, Any]:
        """The notice in its JSON form."""
        return {
            "kind": self.kind,
            "to": self.to,
            "lead": self.lead,
            "pass": self.pass_,
            "promise": self.promise,
            "rung": self.rung,
            "occurrence": self.occurrence,
            "owner": self.owner,
            "verdict": self.verdict,
            "side": self.side,
            "version": self.version,
            "started_at": _told(self.started),
            "due_at": _told(self.due),
            "answered_at": _told(self.answered),
            "unit": self.unit,
            "left_seconds": None if self.left is None else seconds(self.left),
            "at": None if self.at is None else str(self.at),
            "key": self.key,
        }


def notices(given: Rulings) -> Iterator[Notice]:
    """What has to be heard now: the rulings to give that break or correct, what is at risk, and
    every escalation whose share of the time is used, in this order.

    Those that were heard already come again with the same key.
    """
    owed = given.obligations
    writer = _Writer(owed)
    for place, kind, ordinal in _ruled(given):
        yield writer.notice(place, kind, to=writer.owner(place), ordinal=ordinal)
    risky = (owed.column(col.O_AT_RISK) == 1) & (owed.verdict == col.OPEN)
    for place in np.flatnonzero(risky).tolist():
        yield writer.notice(place, "at risk", to=writer.owner(place))
    for number, row in enumerate(owed.program.rows):
        for step in row.clause.escalate:
            act: Kind = "reassign" if step.reassign else "escalated"
            for place in np.flatnonzero(_reached(owed, number, step)).tolist():
                yield writer.notice(place, act, to=step.to, at=step.at)


def _ruled(given: Rulings) -> Iterator[tuple[int, Kind, int]]:
    """The rulings that somebody has to hear of: broken, or another than before; and which of the
    obligation's rulings each is, from 0."""
    verdict = given.obligations.verdict[given.places]
    heard = (verdict == col.BROKEN) | given.correcting
    columns = (given.places, given.correcting, given.ordinal)
    numbers = zip(*(column[heard].tolist() for column in columns), strict=True)
    return (
        (place, "corrected" if correcting else "broken", ordinal)
        for place, correcting, ordinal in numbers
    )


def _reached(owed: Obligations, number: int, step: Escalation) -> Bools:
    """Which obligations of a promise are unanswered with that share of their time used.

    From the whole on, only what is broken: the due instant itself still counts as kept.
    """
    waiting = np.isin(owed.verdict, [col.BROKEN] if step.at >= 1 else [col.BROKEN, col.OPEN])
    waiting &= (owed.promise == number) & (owed.column(col.O_ANSWER) == NEVER)
    found: Bools = waiting & (owed.column(col.O_REACHED) >= millionths(step.at))
    return found


class _Writer:
    """Writes notices of obligations, with their keys."""

    def __init__(self, owed: Obligations) -> None:
        self.owed = owed

    def owner(self, place: int) -> str | None:
        """Who owns the lead, or owned it last."""
        number = int(self.owed.owner[place])
        return self.owed.log.people[number] if number >= 0 else None

    def notice(
        self,
        place: int,
        kind: Kind,
        *,
        to: str | None,
        at: Fraction | None = None,
        ordinal: int = 0,
    ) -> Notice:
        """One notice of one obligation."""
        line = self.owed.table[place].tolist()
        row = self.owed.program.rows[line[col.O_PROMISE]]
        lead = self.owed.log.keys[line[col.O_LEAD]]
        verdict = VERDICTS[line[col.O_VERDICT]]
        version = self.owed.program.versions[row.version]
        names = (row.promise, row.rung, line[col.O_OCCURRENCE], lead, line[col.O_PASS])
        said = verdict if kind in {"broken", "corrected"} else None
        share = None if at is None else str(at)
        marks = [version.hash, version.agreement.version, *names, kind, to, share, said]
        return Notice(
            kind,
            to,
            lead,
            line[col.O_PASS],
            row.promise,
            row.rung,
            line[col.O_OCCURRENCE],
            self.owner(place),
            verdict,
            row.side,
            version.agreement.version,
            line[col.O_START],
            _known(line[col.O_DUE]),
            _known(line[col.O_ANSWER]),
            row.span.unit,
            self.owed.left(place),
            at,
            # What turns out otherwise again is heard again.
            key([*marks, ordinal] if kind == "corrected" else marks),
        )


def _known(instant: int) -> int | None:
    return None if instant == NEVER else instant


def _told(instant: int | None) -> str | None:
    return None if instant is None else to_datetime(instant).isoformat()
