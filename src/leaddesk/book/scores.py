"""Scores: figures of one kind side by side, as the scoreboard shows them: by day, week, rep, source.

Each is counted from the same columns as the figure that its key opens.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import wraps
from math import sqrt
from typing import Any, NamedTuple, TypeVar

import numpy as np

from leaddesk.book.counting import Figure, Key, took_of, was_answered
from leaddesk.book.report import Told
from leaddesk.book.rules import Rules, rules_of
from leaddesk.book.spans import Span, span_of
from leadpact.clock import Clock
from leadpact.measure.periods import EPOCH, day_of, instant_of, name_of
from leadpact.measure.speed import EDGES, median, nearest_rank
from leadpact.program import columns as col
from leadpact.units import SECOND

FEW = 5
"""A cell that counts fewer is shown apart: it says little."""
_TAIL = 1.645
"""So many standard deviations to either side hold nine tenths of a normal distribution."""
_MONTHS_BEFORE = 6


Found = TypeVar("Found")


def once(count: Callable[..., Found]) -> Callable[..., Found]:
    """What is counted of a report, counted once for it: a report never changes."""

    @wraps(count)
    def found(told: Told, *of: Any) -> Found:
        key = (count.__name__, *of)
        if key not in told.counted:
            told.counted[key] = count(told, *of)
        known: Found = told.counted[key]
        return known

    return found


class Cell(NamedTuple):
    """A share in a table: kept of those decided, and how many aren't; the key opens it."""

    key: Key
    kept: int
    decided: int
    undecided: int

    @property
    def share(self) -> Fraction | None:
        """The share that was kept; None where nothing was decided."""
        return Fraction(self.kept, self.decided) if self.decided else None

    @property
    def is_few(self) -> bool:
        """Whether so little was decided that the share says little."""
        return self.decided < FEW


def weeks(until: date, count: int = 6) -> list[str]:
    """The names of the weeks up to the one of a day."""
    monday = until - timedelta(days=until.weekday())
    return [name_of("week", monday - timedelta(days=7 * n)) for n in range(count - 1, -1, -1)]


@once
def heat(told: Told, promise: str, periods: Sequence[str]) -> list[tuple[str, list[Cell]]]:
    """A promise kept by each person (empty: by nobody) in each of some periods, by their legs."""
    board = told.board
    table, legs = board.tables["obligations"], board.tables["legs"]
    spans = [span for name in periods if (span := span_of(name, told.zone))]
    own = np.flatnonzero(table["promise"][legs["row"]] == board.code("promise", promise))
    start, owner = table["start"][legs["row"][own]], legs["owner"][own] + 1
    place = _place(start, spans)
    chosen = place >= 0
    size = len(board.words["person"]) + 1
    flat = (owner[chosen] * len(spans) + place[chosen]) * 6 + legs["verdict"][own][chosen]
    counts = np.bincount(flat, minlength=size * len(spans) * 6).reshape(size, len(spans), 6)
    people = ["", *board.words["person"]]
    return [
        (
            people[n],
            [
                _cell(Key("kept", promise, name, "rep", people[n]), line)
                for name, line in zip(periods, counts[n].tolist(), strict=True)
            ],
        )
        for n in [*range(1, size), 0]
        if counts[n].any()
    ]


def _cell(key: Key, line: Sequence[int]) -> Cell:
    decided = line[col.KEPT] + line[col.BROKEN]
    return Cell(key, line[col.KEPT], decided, line[col.OPEN] + line[col.UNDETERMINABLE])


def _place(at: Any, spans: Sequence[Span]) -> Any:
    """The place of the span that each instant lies in; -1 for none. Spans follow each other."""
    begins = np.array([span.begins for span in spans], np.int64)
    ends = np.array([span.ends for span in spans], np.int64)
    found = np.searchsorted(begins, at, "right") - 1
    return np.where((found >= 0) & (at < ends[np.maximum(found, 0)]), found, -1)


@once
def by_day(told: Told, promise: str, span: Span) -> list[tuple[date, Cell]]:
    """A promise kept by the day on which it began; days on which nothing began are left out."""
    board = told.board
    table = board.tables["obligations"]
    first = (span.first - EPOCH).days
    own = table["promise"] == board.code("promise", promise)
    own &= (table["start"] >= span.begins) & (table["start"] < span.ends)
    flat = (table["day"][own].astype(np.int64) - first) * 6 + table["verdict"][own]
    size = ((span.last - span.first).days + 1) * 6
    counts = np.bincount(flat, minlength=size).reshape(-1, 6)
    return [
        (day, _cell(Key("kept", promise, day.isoformat()), counts[n].tolist()))
        for n in np.flatnonzero(counts.any(axis=1)).tolist()
        for day in [day_of(first + n)]
    ]


class Distribution(NamedTuple):
    """How long answers took: `bins` are (from, to, count) in seconds, None for no end.

    `limit` is the promised time in seconds where it is one of hours; lengths are µs.
    """

    bins: list[tuple[int, int | None, int]]
    never: int
    answered: int
    median: int | None
    p90: int | None
    limit: int | None


@once
def distribution(told: Told, promise: str, period: str) -> Distribution:
    """How long the answers of a promise took that began in a period, by the time of the promise."""
    clause = told.promises[promise]
    answered = told.figure(Key("answered", promise, period))
    never = told.figure(Key("answered", promise, period, "time", "never"))
    rows = answered.rows if answered is not None else np.zeros(0, np.int64)
    rows = rows[was_answered(told.board)[rows]]
    took = np.sort(told.board.tables["obligations"][took_of(told.promises, promise)][rows])
    limit = clause.get("within")
    edges = sorted({*EDGES, *([limit] if limit else [])})
    past = np.searchsorted(took, edges, "right").tolist()
    counts = np.diff([0, *past, len(took)]).tolist()
    lows = [0, *(edge // SECOND for edge in edges)]
    highs = [*(edge // SECOND for edge in edges), None]
    return Distribution(
        [*zip(lows, highs, counts, strict=True)],
        never.hits if never is not None else 0,
        len(took),
        int(median(took)) if len(took) else None,
        nearest_rank(took, Fraction(9, 10)) if len(took) else None,
        limit // SECOND if limit else None,
    )


@once
def split(told: Told, key: Key, cut: str, most: int = 0) -> list[Figure]:
    """A figure by each word of a cut (``rep``, ``source``, ``reason``, ``cause``), the largest first.

    What has no word counts too; `most` keeps so many.
    """
    whole = told.figure(key)
    if whole is None:
        return []
    words = ["", *told.board.words["person" if cut == "rep" else cut]]
    column = told.board.tables[whole.table]["owner" if cut == "rep" else cut]
    there = np.unique(column[whole.rows]) + 1
    parts = [told.figure(key._replace(cut=cut, word=words[code])) for code in there.tolist()]
    found = [one for one in parts if one is not None]
    found.sort(key=lambda one: (-len(one.rows), one.key.word))
    return found[:most] if most else found


class Load(NamedTuple):
    """What somebody has to do: what is late, what is due today, what is open beyond."""

    person: str
    late: Figure
    today: Figure
    open: Figure


@once
def loads(told: Told, day: str) -> list[Load]:
    """What each person has to do, the most first."""
    found = []
    for word in ("", *told.board.words["person"]):
        late, today, waiting = (
            told.figure(Key(family, "all", period, "rep", word))
            for family, period in (("late", "now"), ("open", day), ("open", "now"))
        )
        if late is None or today is None or waiting is None:
            continue
        if late.hits or waiting.hits:
            found.append(Load(word, late, today, waiting))
    return sorted(found, key=lambda one: (-(one.late.hits + one.open.hits), one.person))


class Day(NamedTuple):
    """The end of a working day: the total so far (None for days to come), what was due by then, and
    what the months before had by the same share of their working time."""

    day: date
    actual: int | None
    expected: Fraction | None
    low: int | None
    high: int | None


class Pace(NamedTuple):
    """A month of a volume promise: its days, and where it stands.

    `due` is what was due by now; `low` to `high` where the month ends at this rate, nine times of
    ten; both None once it is over, or before anything can be said.
    """

    key: Key
    days: list[Day]
    actual: int
    target: Fraction | None
    due: int | None
    low: int | None
    high: int | None
    months_before: int


@once
def pace(told: Told, promise: str, period: str) -> Pace | None:
    """How a volume promise came along in a period, by the working days of the usual calendar."""
    span = span_of(period, told.zone)
    found = told.figure(Key("delivered", promise, period))
    if span is None or found is None:
        return None
    rules = rules_of(told.workspace)
    begun = [v for v in rules.program.versions if v.begins <= max(span.begins, 0)]
    clock = Clock(rules.program.usual((begun or rules.program.versions[:1])[-1]))
    came = np.sort(told.board.tables["entries"]["at"][found.rows])
    target = _target(told, promise, period)
    shares = _shares(clock, span, told.zone)
    before = _before(told, promise, clock, span, [share for _day, share in shares])
    days = []
    last = Fraction(0)
    for (day, share), band in zip(shares, before, strict=True):
        begin, end = (instant_of(day + timedelta(days=n), told.zone) for n in (0, 1))
        count = int(np.searchsorted(came, end, "left"))
        is_work = share > last or count > int(np.searchsorted(came, begin, "left"))
        last = share
        if is_work:
            past = begin <= told.as_of
            due = None if target is None else target * share
            days.append(Day(day, count if past else None, due, *band))
    gone = _gone(clock, span, told.as_of)
    low, high = _forecast(found.hits, gone)
    due_now = None if target is None or gone >= 1 else round(target * gone)
    months = sum(1 for one in _months_before(told, span) if _entries(told, promise, one).size)
    return Pace(found.key, days, found.hits, target, due_now, low, high, months)


def _target(told: Told, promise: str, period: str) -> Fraction | None:
    """What was owed in an agreed period; None where nothing was, or only by each rep."""
    for one in reversed(told.body["deliveries"]):
        same = one["promise"] == promise and one["period"] == period and one["rep"] is None
        if same and one["target"] is not None:
            return Fraction(str(one["target"]))
    return None


def _shares(clock: Clock, span: Span, zone: str) -> list[tuple[date, Fraction]]:
    """The share of a span's working time that is over at the end of each of its days."""
    count = (span.last - span.first).days + 1
    days = [span.first + timedelta(days=n) for n in range(count)]
    ends = np.array([instant_of(day + timedelta(days=1), zone) for day in days], np.int64)
    total = int(clock.between(span.begins, span.ends)) or span.ends - span.begins
    worked = int(clock.between(span.begins, span.ends)) > 0
    gone = clock.between(np.full_like(ends, span.begins), ends) if worked else ends - span.begins
    return [(day, Fraction(int(one), total)) for day, one in zip(days, gone.tolist(), strict=True)]


def _gone(clock: Clock, span: Span, now: int) -> Fraction:
    """The share of a span's working time that is over."""
    until = min(max(now, span.begins), span.ends)
    total = int(clock.between(span.begins, span.ends))
    if not total:
        return Fraction(until - span.begins, span.ends - span.begins)
    return Fraction(int(clock.between(span.begins, until)), total)


def _forecast(actual: int, gone: Fraction) -> tuple[int | None, int | None]:
    """Where a month ends at the rate so far, nine times of ten; counts vary as Poisson's do.

    With a mean rate estimated from `actual`, what is left has the mean m = actual × (1 − gone) ÷ gone
    and the variance m + m² ÷ actual.
    """
    if not actual or not 0 < gone < 1:
        return None, None
    left = float(actual * (1 - gone) / gone)
    spread = _TAIL * sqrt(left + left * left / actual)
    return actual + max(0, round(left - spread)), actual + round(left + spread)


def _months_before(told: Told, span: Span) -> list[Span]:
    """The six months before a span."""
    found, first = [], span.first.replace(day=1)
    for _month in range(_MONTHS_BEFORE):
        first = (first - timedelta(days=1)).replace(day=1)
        if (month := span_of(f"{first:%Y-%m}", told.zone)) is not None:
            found.append(month)
    return found


def _entries(told: Told, promise: str, span: Span) -> Any:
    found = told.figure(Key("delivered", promise, f"{span.first:%Y-%m}"))
    at = told.board.tables["entries"]["at"]
    return np.sort(at[found.rows]) if found is not None else at[:0]


def _before(
    told: Told, promise: str, clock: Clock, span: Span, shares: Sequence[Fraction]
) -> list[tuple[int | None, int | None]]:
    """The least and the most that one of the months before had by each share of its working time."""
    lines = []
    for month in _months_before(told, span):
        came = _entries(told, promise, month)
        if not came.size:
            continue
        total = int(clock.between(month.begins, month.ends))
        gone = clock.between(np.full_like(came, month.begins), came) if total else came * 0
        ordered = np.sort(gone)
        wanted = [int(share * total) for share in shares]
        lines.append(np.searchsorted(ordered, wanted, "right"))
    if not lines:
        return [(None, None)] * len(shares)
    table = np.stack(lines)
    return [*zip(table.min(axis=0).tolist(), table.max(axis=0).tolist(), strict=True)]


def first_of(told: Told, kind: str, side: str = "") -> str:
    """The promise of a kind that stands for a side: the first that counts; empty for none."""
    for name, clause in told.promises.items():
        if clause["kind"] != kind or (side and clause["side"] != side):
            continue
        if clause.get("is_ladder") or clause.get("is_value") or clause.get("is_per_rep"):
            continue
        return name
    return ""


def share_between(told: Told, rules: Rules, promise: str, span: Span) -> int | None:
    """What a volume promise owes in some days of a period, by their part of its working time.

    None where nothing is owed, or not in one agreed period.
    """
    for one in reversed(told.body["deliveries"]):
        if one["promise"] != promise or one["rep"] is not None or one["target"] is None:
            continue
        whole = span_of(f"{one['from']}..{one['to']}", told.zone)
        if whole is None or not whole.first <= span.first <= whole.last:
            continue
        begun = [v for v in rules.program.versions if v.begins <= max(whole.begins, 0)]
        clock = Clock(rules.program.usual((begun or rules.program.versions[:1])[-1]))
        until = min(span.ends, whole.ends)
        total = int(clock.between(whole.begins, whole.ends))
        if not total:
            return None
        part = Fraction(int(clock.between(span.begins, until)), total)
        return round(Fraction(str(one["target"])) * part)
    return None
