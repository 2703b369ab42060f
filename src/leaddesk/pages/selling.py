"""Sales' half of the scoreboard: answers in time, by rep and week, by day, by length; misses; load."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leaddesk.book import scores
from leaddesk.book.counting import ALL, Figure, Key
from leaddesk.book.report import Told
from leaddesk.book.spans import Span, span_of
from leaddesk.pages import charts, meanings
from leaddesk.pages.charts import Cell, Chart
from leaddesk.tongue import day_text, is_weekend, number, percent, span, wishes
from leaddesk.tongue.reckoning import reckoned
from leadpact import charts as engine
from leadpact.measure.figures import wilson
from leadpact.units import SECOND

STEPS = (Fraction(1, 2), Fraction(7, 10), Fraction(8, 10), Fraction(9, 10), Fraction(95, 100), 1)
"""The shares at which a step of the scale of colours begins; it has seven."""


class Box(NamedTuple):
    """A cell of the heat map: its words, its step of colour, the page that opens it."""

    text: str
    counts: str
    step: int | None
    is_few: bool
    note: str
    href: str


class Budget(NamedTuple):
    """How many misses a target leaves in the month, in words."""

    promise: str
    left: str
    note: str
    state: str
    href: str


class Rung(NamedTuple):
    """How one rung of a ladder was kept."""

    promise: str
    rung: str
    figure: Figure
    value: str
    counted: str
    href: str


class Side(NamedTuple):
    """What a half of the scoreboard holds."""

    promise: str
    weeks: list[str]
    heat: list[tuple[str, list[Box]]]
    heat_title: str
    days: Chart | None
    times: Chart | None
    causes: Chart | None
    load: Chart | None
    budgets: list[Budget]
    rungs: list[Rung]

    @property
    def charts(self) -> list[Chart | None]:
        """All its charts."""
        return [self.days, self.times, self.causes, self.load]


def side(told: Told, promise: str, period: str, span_: Span, names: Mapping[str, str]) -> Side:
    """Sales' half in a period, about one promise."""
    weeks = scores.weeks(min(span_.last, _today(told)))
    heat = scores.heat(told, promise, tuple(weeks)) if promise else []
    return Side(
        promise,
        [_week(week, told.zone) for week in weeks],
        [(names.get(rep, rep) or _("nobody"), [_box(c) for c in cells]) for rep, cells in heat],
        _heat_title(heat, names),
        _days(told, promise, span_, period) if promise else None,
        _times(told, promise, period) if promise else None,
        _causes(told, promise, period) if promise else None,
        _load(told, names),
        [*_budgets(told)],
        [*_rungs(told, period)],
    )


def _week(name: str, zone: str) -> str:
    """A week by the day on which it begins."""
    found = span_of(name, zone)
    return "" if found is None else day_text(found.first)


def _today(told: Told) -> Any:
    from leadpact.measure.periods import local_date

    return local_date(told.as_of, told.zone)


def _box(cell: scores.Cell) -> Box:
    share = cell.share
    note = ""
    if cell.undecided:
        note = _("%(count)s not decided") % {"count": number(cell.undecided)}
    return Box(
        percent(share, 0),
        f"{number(cell.kept)}/{number(cell.decided)}",
        None if share is None else sum(share >= step for step in STEPS),
        cell.is_few,
        note,
        meanings.address(cell.key),
    )


def _heat_title(heat: Sequence[tuple[str, Sequence[scores.Cell]]], names: Mapping[str, str]) -> str:
    """The week and person that missed most, in numbers: a fact, and no ranking of shares."""
    cells = [(rep, cell) for rep, row in heat for cell in row if not cell.is_few]
    if not cells:
        return _("Too little was due to compare")
    rep, worst = max(cells, key=lambda one: one[1].decided - one[1].kept)
    missed = worst.decided - worst.kept
    if not missed:
        return _("Nobody missed anything in these weeks")
    return _("Most misses: %(rep)s, %(missed)s of %(due)s in %(week)s") % {
        "rep": names.get(rep, rep) or _("nobody"),
        "missed": number(missed),
        "due": number(worst.decided),
        "week": meanings.when(worst.key.period, "UTC"),
    }


def _days(told: Told, promise: str, span_: Span, period: str) -> Chart | None:
    """The share within the promise, day by day."""
    days = [(day, cell) for day, cell in scores.by_day(told, promise, span_) if cell.decided]
    whole = told.figure(Key("kept", promise, period))
    if not days or whole is None:
        return None
    is_long = len(days) > 31
    days = days[-31:]
    target = told.promises[promise]["target"]
    rows = [_day_row(day, cell) for day, cell in days]
    title = _("%(promise)s: %(share)s kept in time") % {
        "promise": promise,
        "share": meanings.value(whole),
    }
    finding = [f"{meanings.counted(whole)}."]
    if target is not None:
        goal = {"target": percent(Fraction(target))}
        finding.append(_("The dashed line is the target of %(target)s.") % goal)
    finding.append(_("Days under 30 are drawn pale; the thin lines are 95% intervals."))
    if is_long:
        finding.append(_("The last 31 days are drawn."))
    finding.extend(charts.off_days(rows))
    spec = engine.shares(rows, axis=_("kept"), target=float(Fraction(target)) if target else None)
    return charts.drawn(
        charts.shaded(spec, rows),
        name="days",
        title=title,
        finding=" ".join(finding),
        columns=[_("day"), _("kept"), _("decided"), _("share"), _("not decided")],
        rows=[_day_cells(day, cell) for day, cell in days],
    )


def _day_row(day: Any, cell: scores.Cell) -> dict[str, Any]:
    interval = wilson(cell.kept, cell.decided)
    return {
        "name": number(reckoned(day, wishes().reckoning).day),
        "share": float(cell.share or 0),
        "low": float(interval.low) if interval else 0.0,
        "is_off": is_weekend(day),
        "high": float(interval.high) if interval else 0.0,
        "label": "",
        "enough": cell.decided >= 30,
    }


def _day_cells(day: Any, cell: scores.Cell) -> list[Cell]:
    share = cell.share
    return [
        Cell(day_text(day), day.isoformat()),
        Cell(number(cell.kept), str(cell.kept), meanings.address(cell.key, "hits")),
        Cell(number(cell.decided), str(cell.decided)),
        Cell(percent(share), "" if share is None else f"{float(share):.4f}"),
        Cell(number(cell.undecided), str(cell.undecided)),
    ]


def _times(told: Told, promise: str, period: str) -> Chart | None:
    """How long answers took, with the line of the promise; median and 90th percentile beside it."""
    found = scores.distribution(told, promise, period)
    if not found.answered and not found.never:
        return None
    used = [n for n, (_low, _high, count) in enumerate(found.bins) if count] or [0]
    limit = next((n for n, one in enumerate(found.bins) if one[1] == found.limit), 0)
    bins = found.bins[min(used[0], limit) : max(used[-1], limit) + 1]
    rows: list[dict[str, Any]] = [
        {"name": _until(one), "count": one[2], "late": _is_late(one, found.limit)} for one in bins
    ]
    if found.never:
        rows.append({"name": _("never"), "count": found.never, "late": True})
    line = next((row["name"] for row, one in zip(rows, bins, strict=False) if one[1] == found.limit), None)  # fmt: skip
    clock = _("in working time") if told.promises[promise]["is_working"] else _("as time elapsed")
    title = _("Half were answered within %(median)s, nine of ten within %(p90)s") % {
        "median": span(found.median),
        "p90": span(found.p90),
    }
    finding = _("%(count)s answered, %(never)s never; %(clock)s.") % {
        "count": number(found.answered),
        "never": number(found.never),
        "clock": clock,
    }
    if line is not None and found.limit is not None:
        promised = _("The dashed line is the promise of %(limit)s.")
        finding = f"{finding} {promised % {'limit': span(found.limit * SECOND)}}"
    return charts.drawn(
        engine.histogram(rows, axis=_("answered within"), count=_("leads"), limit=line),
        name="times",
        title=title,
        finding=finding,
        columns=[_("answered within"), _("leads")],
        rows=[*_time_cells(promise, period, bins, found.never)],
    )


def _until(one: tuple[int, int | None, int]) -> str:
    return _("longer") if one[1] is None else span(one[1] * SECOND)


def _is_late(one: tuple[int, int | None, int], limit: int | None) -> bool:
    return limit is not None and (one[1] is None or one[1] > limit)


def _time_cells(
    promise: str, period: str, bins: Sequence[tuple[int, int | None, int]], never: int
) -> Iterator[list[Cell]]:
    words = [(_until(one), f"{one[0]}-{'' if one[1] is None else one[1]}", one[2]) for one in bins]
    for text, word, count in [*words, (_("never"), "never", never)]:
        key = Key("answered", promise, period, "time", word)
        yield [Cell(text, word), Cell(number(count), str(count), meanings.address(key))]


def _causes(told: Told, promise: str, period: str) -> Chart | None:
    """Why promises were missed, the most frequent cause first."""
    parts = scores.split(told, Key("missed", promise, period), "cause")
    if not parts:
        return None
    rows = [
        {"name": meanings.cause(one.key.word), "count": one.hits, "label": number(one.hits)}
        for one in parts
    ]
    return charts.drawn(
        charts.bars(rows, _("misses")),
        name="causes",
        title=_("Most misses: %(cause)s") % {"cause": rows[0]["name"]},
        finding=_("%(count)s misses of %(promise)s in all.")
        % {"count": number(sum(one.hits for one in parts)), "promise": promise},
        columns=[_("cause"), _("misses")],
        rows=[
            [
                Cell(meanings.cause(one.key.word), one.key.word),
                Cell(number(one.hits), str(one.hits), meanings.address(one.key)),
            ]
            for one in parts
        ],
    )


def _load(told: Told, names: Mapping[str, str]) -> Chart | None:
    """What each person has to do now, on one scale."""
    found = scores.loads(told, str(told.body["now"]["day"]))
    if not found:
        return None
    parts = [_("late"), _("due today"), _("open")]
    rows, cells = [], []
    for one in found:
        name = names.get(one.person, one.person) or _("nobody")
        counts = (one.late.hits, one.today.hits, one.open.hits - one.today.hits)
        rows += [
            {"name": name, "part": part, "count": count}
            for part, count in zip(parts, counts, strict=True)
        ]
        cells.append([Cell(name, one.person), *_load_cells(one)])
    heaviest = found[0]
    return charts.drawn(
        charts.stacked(rows, _("promises"), parts),
        name="load",
        title=_("%(rep)s has the most to do: %(count)s promises")
        % {
            "rep": names.get(heaviest.person, heaviest.person) or _("nobody"),
            "count": number(heaviest.late.hits + heaviest.open.hits),
        },
        finding=_("Late, due today and open promises of each person, now."),
        columns=[_("person"), *parts[:2], _("open, with today's")],
        rows=cells,
    )


def _load_cells(one: scores.Load) -> list[Cell]:
    return [
        Cell(number(figure.hits), str(figure.hits), meanings.address(figure.key))
        for figure in (one.late, one.today, one.open)
    ]


def _budgets(told: Told) -> Iterator[Budget]:
    """The misses that are left in the running month."""
    for one in told.body["budgets"]:
        left = Fraction(str(one["left"]))
        missed = _("%(missed)s of %(allowed)s misses used; target %(target)s") % {
            "missed": number(one["missed"]),
            "allowed": number(Fraction(str(one["allowed"])), 0),
            "target": percent(Fraction(str(one["target"]))),
        }
        state = "bad" if left < 0 else "warn" if left < 1 else "good"
        key = Key("missed", one["promise"], told.month)
        if not one["enough"]:
            state = ""
        shown = number(left.numerator // left.denominator)
        yield Budget(one["promise"], shown, missed, state, meanings.address(key))


def _rungs(told: Told, period: str) -> Iterator[Rung]:
    for one in told.body["ladder"]:
        key = Key("kept", one["promise"], period, "rung", str(one["rung"]))
        found = told.figure(key)
        if found is None or key.promise == ALL:
            continue
        name = _("%(count)s tries within %(span)s") % {
            "count": number(one["rung"]),
            "span": meanings.length(one["within"]),
        }
        value, counted = meanings.value(found), meanings.counted(found)
        yield Rung(one["promise"], name, found, value, counted, meanings.address(key))
