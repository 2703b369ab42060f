"""Replay: an old log judged by a draft, beside what the agreement in force made of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Any

import numpy as np

from leadpact.agreement.model import Agreement
from leadpact.agreement.roster import NOBODY, Roster
from leadpact.judge import Judgement, judge
from leadpact.log import Log
from leadpact.log.ledger import Ledger
from leadpact.measure import Compliance, Delivery, Rate
from leadpact.plan import plan
from leadpact.program import Program
from leadpact.program import columns as col
from leadpact.program.columns import VERDICTS
from leadpact.promises import Obligations
from leadpact.report import Report, shown
from leadpact.report import report as reported
from leadpact.report.page import Row, Table, table
from leadpact.report.scorecard import amount, standing
from leadpact.report.text import table_lines
from leadpact.report.volume import state, verdict
from leadpact.rulings import joint_codes
from leadpact.words import _, ngettext

NOT_OWED = len(VERDICTS)
OUTCOMES = (*VERDICTS, "not owed")


@dataclass(frozen=True, slots=True)
class Compared:
    """A response promise both ways: as it was, and as it would have been; None where it isn't."""

    promise: str
    within: str | None
    was: Compliance | None
    would: Compliance | None

    @property
    def sentence(self) -> str:
        """What the draft would have changed, in one sentence."""
        was, would = (_share(line) for line in (self.was, self.would))
        if self.was is None:
            said = _("{promise} is new: {would} would have been kept.")
        elif self.would is None:
            said = _("{promise} is gone from the draft: {was} was kept.")
        elif _counts(self.was) == _counts(self.would):
            said = _("{promise}: {was} kept either way.")
        elif self.within is None:
            said = _(
                "With {promise} as it is drafted, {would} instead of {was} would have been kept."
            )
        else:
            said = _(
                "With {promise} within {within}, {would} instead of {was} would have been kept."
            )
        return said.format(promise=self.promise, within=self.within, was=was, would=would)

    def to_json(self) -> dict[str, Any]:
        """The comparison in its JSON form."""
        return {
            "promise": self.promise,
            "within": self.within,
            "was": None if self.was is None else self.was.to_json(),
            "would": None if self.would is None else self.would.to_json(),
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One obligation whose verdict the draft would change; `not owed` where it would be none."""

    promise: str
    rung: int | None
    occurrence: int
    lead: str
    pass_: int
    was: str
    would: str

    def to_json(self) -> dict[str, Any]:
        """The change in its JSON form."""
        return {
            "promise": self.promise,
            "rung": self.rung,
            "occurrence": self.occurrence,
            "lead": self.lead,
            "pass": self.pass_,
            "was": self.was,
            "would": self.would,
        }


@dataclass(frozen=True, slots=True)
class Period:
    """A delivery or a rate of one period both ways; None where one side doesn't promise it."""

    promise: str
    rep: str | None
    period: str
    was: Delivery | Rate | None
    would: Delivery | Rate | None

    def to_json(self) -> dict[str, Any]:
        """The comparison in its JSON form."""
        return {
            "promise": self.promise,
            "rep": self.rep,
            "period": self.period,
            "was": None if self.was is None else self.was.to_json(),
            "would": None if self.would is None else self.would.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Replay:
    """Both reports, and what differs: promise by promise, period by period, lead by lead.

    `changed` counts the obligations whose verdict differs, by promise, verdict and verdict;
    `changes` names so many of them.
    """

    current: Report
    proposed: Report
    promises: tuple[Compared, ...]
    periods: tuple[Period, ...]
    changed: tuple[tuple[str, str, str, int], ...]
    changes: tuple[Change, ...]

    @property
    def sentences(self) -> list[str]:
        """What the draft would have meant, promise by promise."""
        return [compared.sentence for compared in self.promises]

    @property
    def total(self) -> int:
        """How many obligations would have another verdict."""
        return sum(count for _promise, _was, _would, count in self.changed)

    def to_json(self) -> dict[str, Any]:
        """The replay in its JSON form."""
        return {
            "sentences": self.sentences,
            "promises": [compared.to_json() for compared in self.promises],
            "periods": [period.to_json() for period in self.periods],
            "changed": {
                "total": self.total,
                "by_promise": [
                    {"promise": promise, "was": was, "would": would, "count": count}
                    for promise, was, would, count in self.changed
                ],
                "named": [change.to_json() for change in self.changes],
            },
            "current": self.current.to_json(),
            "proposed": self.proposed.to_json(),
        }


def replay(
    draft: Agreement,
    versions: Sequence[Agreement],
    log: Log,
    *,
    now: int,
    ledger: Ledger | None = None,
    roster: Roster = NOBODY,
    most: int = 200,
) -> Replay:
    """What a draft would have made of an old log, had it been in force all along.

    `versions` are those in force, `now` (µs UTC) the moment that both are judged at; a `roster` adds
    leave and other hours to both. At most so many changed verdicts are named.
    """
    drafted = all_along(draft, versions)
    was = judge(Program(tuple(versions), roster), log, now=now)
    would = judge(Program((drafted,), roster), log, now=now)
    current = reported(was, plan(versions[-1])[0], ledger)
    proposed = reported(would, plan(drafted)[0], ledger)
    pairs = _Pairs(was.obligations, would.obligations)
    return Replay(
        current,
        proposed,
        tuple(_promises(current, proposed, would)),
        tuple(_periods(current, proposed)),
        tuple(pairs.counted()),
        tuple(pairs.named(most)),
    )


def all_along(draft: Agreement, versions: Sequence[Agreement]) -> Agreement:
    """The draft as if it had been in force since the first of the versions."""
    first = min(version.valid_from for version in versions)
    changes: dict[str, Any] = {"valid_from": first}
    if draft.term is not None and draft.term.from_ > first:
        changes["term"] = draft.term.model_copy(update={"from_": first})
    return draft.model_copy(update=changes)


def _promises(current: Report, proposed: Report, would: Judgement) -> Iterator[Compared]:
    old, new = (
        {line.promise: line for line in report.compliance if line.by == "promise"}
        for report in (current, proposed)
    )
    spans: dict[str, list[str]] = {}
    for row in would.program.rows:
        spans.setdefault(row.promise, []).append(str(row.span))
    for promise in dict.fromkeys((*old, *new)):
        within = spans.get(promise, [])
        single = within[0] if len(within) == 1 else None
        yield Compared(promise, single, old.get(promise), new.get(promise))


def _periods(current: Report, proposed: Report) -> Iterator[Period]:
    old, new = _by_period(current), _by_period(proposed)
    for key in dict.fromkeys((*old, *new)):
        yield Period(*key, old.get(key), new.get(key))


def _by_period(report: Report) -> dict[tuple[str, str | None, str], Delivery | Rate]:
    delivered: Sequence[Delivery | Rate] = report.deliveries
    listed = [*delivered, *report.rates]
    return {(one.promise, one.rep, one.period.name): one for one in listed}


class _Pairs:
    """The obligations of two judgements of one log, matched; one without its like is not owed."""

    def __init__(self, was: Obligations, would: Obligations) -> None:
        self.was, self.would = was, would
        names = dict.fromkeys((*was.program.groups, *would.program.groups))
        self.names = [*names]
        columns = [_key(side, self.names) for side in (was, would)]
        old, new = joint_codes(columns[0], columns[1])
        both = np.unique(np.concatenate([old, new]))
        places = [_place(codes, both) for codes in (old, new)]
        outcomes = [
            np.where(place >= 0, np.append(side.verdict, NOT_OWED)[place], NOT_OWED)
            for place, side in zip(places, (was, would), strict=True)
        ]
        differs = outcomes[0] != outcomes[1]
        self.places = [place[differs] for place in places]
        self.outcomes = [outcome[differs] for outcome in outcomes]

    def counted(self) -> Iterator[tuple[str, str, str, int]]:
        """How many changed, by promise and both verdicts."""
        size = len(OUTCOMES)
        whole = (self._group * size + self.outcomes[0]) * size + self.outcomes[1]
        codes, counts = np.unique(whole, return_counts=True)
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
            rest, would = divmod(code, size)
            group, was = divmod(rest, size)
            yield self.names[group], OUTCOMES[was], OUTCOMES[would], count

    @property
    def _group(self) -> Any:
        groups = [
            np.append(_key(side, self.names)[2], -1)[place]
            for place, side in zip(self.places, (self.was, self.would), strict=True)
        ]
        return np.where(self.places[0] >= 0, groups[0], groups[1])

    def named(self, most: int) -> Iterator[Change]:
        """The first so many of them, in the order of leads."""
        pairs = [places[:most].tolist() for places in self.places]
        outcomes = [outcome[:most].tolist() for outcome in self.outcomes]
        for old, new, was, would in zip(*pairs, *outcomes, strict=True):
            side, place = (self.was, old) if old >= 0 else (self.would, new)
            line = side.table[place].tolist()
            row = side.program.rows[line[col.O_PROMISE]]
            yield Change(
                row.promise,
                row.rung,
                line[col.O_OCCURRENCE],
                side.log.keys[line[col.O_LEAD]],
                line[col.O_PASS],
                OUTCOMES[was],
                OUTCOMES[would],
            )


def _key(owed: Obligations, names: Sequence[str]) -> list[Any]:
    """Lead, pass, promise, rung and occurrence of each obligation."""
    program = owed.program
    numbers = np.array([names.index(row.promise) for row in program.rows], np.int64)
    return [
        owed.lead,
        owed.column(col.O_PASS),
        numbers[owed.promise] if len(numbers) else owed.promise,
        program.promises[owed.promise, col.P_RUNG] + 1,
        owed.column(col.O_OCCURRENCE),
    ]


def _place(codes: Any, wanted: Any) -> Any:
    """Where each wanted code stands among the codes; -1 where it doesn't."""
    if not len(codes):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(codes, kind="stable")
    found = np.minimum(np.searchsorted(codes[order], wanted), len(codes) - 1)
    return np.where(codes[order][found] == wanted, order[found], -1)


def text(found: Replay, *, width: int = 100, colour: bool = False) -> str:
    """The replay for the terminal: the sentences, then both sides in columns, as for `report`."""
    lines = [line for sentence in found.sentences for line in wrap(sentence, width)]
    lines += [_summary(found)]
    for block in (*_promise_table(found), *_period_table(found), *_change_table(found)):
        lines += ["", *table_lines(block, width, colour=colour)]
    return "\n".join(lines)


def _summary(found: Replay) -> str:
    return ngettext(
        "{n} obligation would have another verdict.",
        "{n} obligations would have another verdict.",
        found.total,
    ).format(n=f"{found.total:,}")


def _promise_table(found: Replay) -> Iterator[Table]:
    rows: list[Row] = [
        [compared.promise, *_sides(compared.was), *_sides(compared.would)]
        for compared in found.promises
    ]
    headings = (_("kept"), _("due"), _("share"), _("would keep"), _("due"), _("share"))
    columns = [_("promise"), *(heading + "#" for heading in headings)]
    yield from table(_("Kept in time: as it was, as it would have been"), columns, rows)


def _sides(line: Compliance | None) -> tuple[str, str, str]:
    if line is None:
        return (shown.NOTHING,) * 3
    return f"{line.kept:,}", f"{line.due:,}", shown.percent(line.figure.value)


def _period_table(found: Replay) -> Iterator[Table]:
    rows: list[Row] = [
        [
            one.promise,
            one.rep or _("all"),
            one.period,
            *_of_period(one.was),
            *_of_period(one.would),
        ]
        for one in found.periods
        if _verdict(one.was) != _verdict(one.would) or _target(one.was) != _target(one.would)
    ]
    columns = [_("promise"), _("rep"), _("period")]
    columns += [_("reached") + "#", _("owed") + "#", _("stood")]
    columns += [_("would reach") + "#", _("owed") + "#", _("would stand")]
    yield from table(_("Periods that differ"), columns, rows)


def _of_period(one: Delivery | Rate | None) -> Row:
    if one is None:
        return (shown.NOTHING,) * 3
    if isinstance(one, Delivery):
        return amount(one, one.actual), amount(one, one.target), state(standing(one))
    return shown.percent(one.rate), _target(one) or shown.NOTHING, verdict(one.verdict)


def _target(one: Delivery | Rate | None) -> str | None:
    if one is None:
        return None
    if isinstance(one, Delivery):
        return amount(one, one.target)
    bounds = (("≥", one.at_least), ("≤", one.at_most))
    return " ".join(f"{sign} {shown.percent(b)}" for sign, b in bounds if b is not None)


def _verdict(one: Delivery | Rate | None) -> str | None:
    return None if one is None else one.verdict


def _change_table(found: Replay) -> Iterator[Table]:
    rows: list[Row] = [
        [promise, _(was), _(would), f"{count:,}"] for promise, was, would, count in found.changed
    ]
    columns = [_("promise"), _("was"), _("would be"), _("obligations") + "#"]
    yield from table(_("Verdicts that would differ"), columns, rows)


def _share(line: Compliance | None) -> str:
    if line is None or not line.due:
        return _("nothing")
    return shown.percent(Fraction(line.kept, line.due))


def _counts(line: Compliance) -> tuple[int, int]:
    return line.kept, line.due
