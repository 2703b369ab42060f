"""Marketing's half of the scoreboard: pace against the goal, what sales made of it, by source."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book import scores
from leaddesk.book.counting import Figure, Key
from leaddesk.book.report import Told
from leaddesk.book.spans import span_of
from leaddesk.pages import charts, meanings
from leaddesk.pages.charts import Cell, Chart
from leaddesk.tongue import day_text, is_weekend, money, number, percent, wishes
from leaddesk.tongue.reckoning import reckoned
from leadpact import charts as engine

MOST_SOURCES = 8


class Side(NamedTuple):
    """What a half of the scoreboard holds: charts, and the sentences of the first."""

    pace: Chart | None
    sentences: list[str]
    reasons: Chart | None
    sources: Chart | None

    @property
    def charts(self) -> list[Chart | None]:
        """All its charts."""
        return [self.pace, self.reasons, self.sources]


def side(told: Told, period: str, names: Mapping[str, str]) -> Side:
    """Marketing's half in a period."""
    promise = scores.first_of(told, "volume", "marketing") or scores.first_of(told, "volume")
    found = scores.pace(told, promise, period) if promise else None
    sentences = [*pace_sentences(found)] if found is not None else []
    chart = _pace(found, promise, sentences) if found is not None else None
    return Side(chart, sentences, _reasons(told, period, names), _sources(told, period))


def pace_sentences(found: scores.Pace) -> Iterator[str]:
    """How a month comes along, in up to three sentences."""
    actual = number(found.actual)
    if found.target is None:
        yield _("%(actual)s came; no goal is agreed for this period.") % {"actual": actual}
    else:
        yield _("%(actual)s of %(goal)s.") % {"actual": actual, "goal": number(found.target)}
    if found.due is not None:
        yield _("Pace says %(due)s by today.") % {"due": number(found.due)}
    if found.low is not None and found.high is not None:
        ends = {"low": number(found.low), "high": number(found.high)}
        yield _("At this rate %(low)s–%(high)s.") % ends


def _pace(found: scores.Pace, promise: str, sentences: list[str]) -> Chart:
    rows = [
        {
            "name": _day(one.day),
            "actual": one.actual,
            "expected": None if one.expected is None else float(one.expected),
            "low": one.low,
            "high": one.high,
            "is_off": is_weekend(one.day),
        }
        for one in found.days
    ]
    forecast = None
    if found.low is not None and rows:
        forecast = {"name": rows[-1]["name"], "low": found.low, "high": found.high}
    note = _("The dashed line is the goal by working days; the bar at the end is the forecast.")
    if found.months_before:
        band = ngettext(
            "The grey band is the month before.",
            "The grey band holds the %(count)s months before.",
            found.months_before,
        )
        note = f"{note} {band % {'count': number(found.months_before)}}"
    return charts.drawn(
        charts.shaded(charts.pace(rows, forecast, _("leads")), rows),
        name="pace",
        title=_("%(promise)s: %(sentence)s") % {"promise": promise, "sentence": sentences[0]},
        finding=" ".join([*sentences[1:], note, *charts.off_days(rows)]),
        columns=[_("day"), _("so far"), _("goal"), _("months before: least"), _("most")],
        rows=_pace_rows(found),
    )


def _day(day: Any) -> str:
    """The number of a day in its month, as the reader counts."""
    return number(reckoned(day, wishes().reckoning).day)


def _pace_rows(found: scores.Pace) -> Iterator[list[Cell]]:
    span = span_of(found.key.period, "UTC")
    for one in found.days:
        until = f"{span.first if span else one.day}..{one.day}"
        href = "" if one.actual is None else meanings.address(found.key._replace(period=until))
        goal = None if one.expected is None else round(one.expected)
        yield [
            Cell(day_text(one.day), one.day.isoformat()),
            _cell(one.actual, href),
            _cell(goal),
            _cell(one.low),
            _cell(one.high),
        ]


def _cell(value: int | None, href: str = "") -> Cell:
    return Cell(number(value), "" if value is None else str(value), href)


def _reasons(told: Told, period: str, _names: Mapping[str, str]) -> Chart | None:
    """Why sales rejected what it got, the most frequent first."""
    key = Key("rejected", "all", period)
    whole, parts = told.figure(key), scores.split(told, key, "reason")
    accepted = told.figure(Key("accepted", "all", period))
    if whole is None or accepted is None or not parts:
        return None
    rows = [
        {"name": one.key.word or _("not given"), "count": one.hits, "label": number(one.hits)}
        for one in parts
    ]
    finding = _("Sales rejected %(part)s of %(whole)s that it decided on; %(open)s wait.") % {
        "part": number(whole.hits),
        "whole": number(accepted.counted),
        "open": number(accepted.undecided),
    }
    title = _("%(reason)s is the most frequent reason to reject") % {"reason": rows[0]["name"]}
    return charts.drawn(
        charts.bars(rows, _("rejections")),
        name="reasons",
        title=title,
        finding=finding,
        columns=[_("reason"), _("rejections")],
        rows=[
            [Cell(str(row["name"]), one.key.word), _cell(one.hits, meanings.address(one.key))]
            for row, one in zip(rows, parts, strict=True)
        ],
    )


def _sources(told: Told, period: str) -> Chart | None:
    """The accepted share by source: ranked only where enough was decided, each with its interval."""
    parts = scores.split(told, Key("accepted", "all", period), "source")
    decided = [one for one in parts if one.counted]
    if not decided:
        return None
    shown = sorted(decided[:MOST_SOURCES], key=lambda o: (not o.enough, -(o.value or 0)))
    rest = decided[MOST_SOURCES:]
    rows: list[dict[str, Any]] = [_share_row(one) for one in shown]
    enough = [one for one in shown if one.enough]
    if enough:
        title = _("%(source)s has the highest accepted share: %(share)s") % {
            "source": enough[0].key.word or _("not given"),
            "share": percent(enough[0].value),
        }
    else:
        title = _("No source has enough decisions to rank by")
    finding = _("Bars are drawn pale under 30 decisions; the thin lines are 95% intervals.")
    if rest:
        others = ngettext(
            "%(count)s more source is left out.", "%(count)s more sources are left out.", len(rest)
        )
        finding = f"{finding} {others % {'count': number(len(rest))}}"
    return charts.drawn(
        engine.shares(rows, axis=_("accepted")),
        name="sources",
        title=title,
        finding=finding,
        columns=[
            *(_("source"), _("accepted"), _("decided"), _("share")),
            *(_("95% interval"), _("not decided")),
        ],
        rows=[_source_cells(one) for one in decided],
    )


def _share_row(one: Figure) -> dict[str, Any]:
    low, high = (0.0, 0.0) if one.interval is None else (one.interval.low, one.interval.high)
    return {
        "name": one.key.word or _("not given"),
        "share": float(one.value or 0),
        "low": float(low),
        "high": float(high),
        "label": f"{number(one.hits)}/{number(one.counted)}",
        "enough": one.enough,
    }


def _source_cells(one: Figure) -> list[Cell]:
    return [
        Cell(one.key.word or _("not given"), one.key.word),
        _cell(one.hits, meanings.address(one.key, "hits")),
        _cell(one.counted),
        Cell(percent(one.value), "" if one.value is None else f"{float(one.value):.4f}"),
        Cell(meanings.interval(one), meanings.interval(one)),
        _cell(one.undecided),
    ]


def of_goal(told: Told, found: Figure) -> str:
    """A delivery as a part of what was owed; empty where the figure is none."""
    if found.key.family != "delivered":
        return ""
    for one in reversed(told.body["deliveries"]):
        same = one["promise"] == found.key.promise and one["period"] == found.key.period
        if same and one["rep"] is None:
            is_value = told.promises[found.key.promise]["is_value"]
            actual, target = (
                None if one[name] is None else Fraction(str(one[name]))
                for name in ("actual", "target")
            )
            said = [_amount(value, one["unit"], is_value) for value in (actual, target)]
            if target is None:
                return said[0]
            return _("%(actual)s of %(goal)s") % {"actual": said[0], "goal": said[1]}
    return ""


def _amount(value: Fraction | None, unit: str, is_value: bool) -> str:
    if value is None:
        return number(None)
    return money(round(value), unit) if is_value else number(value)
