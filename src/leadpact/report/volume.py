"""Volume: revenue against the quota, what was delivered of what was owed, and rates reached."""

from collections.abc import Iterator, Sequence

from leadpact import charts
from leadpact.measure import Course, Delivery, Rate
from leadpact.report import shown
from leadpact.report.model import Report, State
from leadpact.report.page import Cell, Picture, Row, Section, Table, Tone, table
from leadpact.report.scorecard import amount, ratio_note, running, standing
from leadpact.words import _

TONES: dict[State, Tone] = {
    "met": "good",
    "on pace": "good",
    "ahead": "warn",
    "missed": "bad",
    "behind": "bad",
    "undecided": "open",
    "no target": "open",
}
VERDICT_TONES: dict[str, Tone] = {
    "kept": "good",
    "broken": "bad",
    "open": "open",
    "undeterminable": "open",
}


def state(value: State) -> Cell:
    """A state as a cell."""
    return Cell(_(value), TONES[value])


def verdict(value: str) -> Cell:
    """A verdict as a cell."""
    return Cell(_(value), VERDICT_TONES[value])


def revenue(report: Report) -> Section:
    """The shared goal: won against the quota, by period and stream."""
    rows = [
        [
            one.period.name,
            one.stream or _("all"),
            shown.money(one.won, one.currency),
            shown.money(one.quota, one.currency),
            shown.percent(one.figure.value),
            shown.percent(one.elapsed),
            shown.count(one.deals),
            shown.count(one.unvalued),
        ]
        for one in report.revenues
    ]
    columns = [
        _("period"),
        _("stream"),
        _("won") + "#",
        _("quota") + "#",
        _("attained") + "#",
        _("time gone") + "#",
        _("deals") + "#",
        _("without amount") + "#",
    ]
    return Section(
        "revenue",
        _("The shared goal"),
        tuple(_revenue_findings(report)),
        tables=tuple(table(_("Revenue won against the quota"), columns, rows)),
    )


def _revenue_findings(report: Report) -> Iterator[str]:
    if report.about.goal:
        yield report.about.goal + ("" if report.about.goal.endswith(".") else ".")
    if one := running(report.revenues):
        yield _(
            "In {period}, {won} of {quota} was won: {share}, with {gone} of the working time gone."
        ).format(
            period=one.period.name,
            won=shown.money(one.won, one.currency),
            quota=shown.money(one.quota, one.currency),
            share=shown.percent(one.figure.value),
            gone=shown.percent(one.elapsed),
        )


def volume(report: Report) -> Section:
    """What volume promises delivered, with the course of the running period."""
    planned = [[p.stage, f"{p.planned:,}", f"{p.actual:,}"] for p in report.planned]
    by_plan = _("The plan of {month}, and what came").format(month=report.month)
    return Section(
        "volume",
        _("Delivered"),
        tuple(_volume_findings(report.deliveries)),
        _course(report.courses),
        (
            *table(_("Deliveries by period"), _delivery_columns(), _deliveries(report.deliveries)),
            *table(by_plan, [_("stage"), _("planned") + "#", _("entered") + "#"], planned),
            *_course_table(report.courses),
        ),
    )


def _volume_findings(deliveries: Sequence[Delivery]) -> Iterator[str]:
    last = {one.promise: one for one in deliveries if one.rep is None}
    for one in last.values():
        if one.target is None:
            yield _("{promise}: can't be told. {reason}").format(
                promise=one.promise, reason=one.reason or ""
            )
        else:
            yield _("{promise}: {actual} of {target} in {period}: {state}.").format(
                promise=one.promise,
                actual=amount(one, one.actual),
                target=amount(one, one.target),
                period=one.period.name,
                state=_(standing(one)),
            )


def _delivery_columns() -> list[str]:
    return [
        _("promise"),
        _("rep"),
        _("period"),
        _("delivered") + "#",
        _("owed") + "#",
        _("band") + "#",
        _("attained") + "#",
        _("due by now") + "#",
        _("stands"),
    ]


def _deliveries(deliveries: Sequence[Delivery]) -> list[Row]:
    return [
        [
            one.promise,
            one.rep or _("all"),
            one.period.name,
            amount(one, one.actual),
            amount(one, one.target),
            _band(one),
            shown.percent(one.attainment),
            shown.NOTHING if one.pace is None else amount(one, one.pace.expected),
            state(standing(one)),
        ]
        for one in deliveries
    ]


def _band(one: Delivery) -> str:
    if one.low is None:
        return shown.NOTHING
    if one.high is None:
        return f"≥ {amount(one, one.low)}"
    return f"{amount(one, one.low)} – {amount(one, one.high)}"


def _course(courses: Sequence[Course]) -> Picture | None:
    """The course of the first promise of numbers."""
    if not courses:
        return None
    course = courses[0]
    rows = [
        {
            "day": point.day.isoformat(),
            "actual": point.actual,
            "expected": float(point.expected),
            "low": float(point.low),
            "high": float(point.high),
        }
        for point in course.points
    ]
    title = _("{promise} in {period}: {actual} of {target}").format(
        promise=course.delivery.promise,
        period=course.delivery.period.name,
        actual=amount(course.delivery, course.delivery.actual),
        target=amount(course.delivery, course.delivery.target),
    )
    description = _(
        "The line is what came, day by day; the dashed line is what was due by working time, the"
        " band what the tolerance allows."
    )
    return Picture(charts.pace(rows, unit=course.delivery.unit), title, description)


def _course_table(courses: Sequence[Course]) -> Iterator[Table]:
    for course in courses[:1]:
        rows = [
            [
                point.day.isoformat(),
                shown.count(point.actual),
                shown.count(round(point.expected)),
                f"{shown.count(round(point.low))} – {shown.count(round(point.high))}",
            ]
            for point in course.points
        ]
        columns = [_("day"), _("so far") + "#", _("due") + "#", _("band") + "#"]
        caption = _("{promise}, day by day").format(promise=course.delivery.promise)
        yield from table(caption, columns, rows, folded=True)


def rates(report: Report) -> Section:
    """What ratio promises reached, by cohort."""
    rows: list[Row] = [
        [
            one.promise,
            one.rep or _("all"),
            one.period.name,
            shown.percent(one.rate),
            f"{one.numerator:,} / {one.denominator:,}",
            shown.interval(one.interval),
            f"{one.immature + one.undecided:,}",
            verdict(one.verdict),
        ]
        for one in report.rates
    ]
    columns = [
        _("promise"),
        _("rep"),
        _("period"),
        _("rate") + "#",
        _("counted") + "#",
        _("interval") + "#",
        _("undecided") + "#",
        _("verdict"),
    ]
    return Section(
        "rates",
        _("Rates"),
        tuple(_rate_findings(report.rates)),
        tables=tuple(table(_("Rates by cohort of the period"), columns, rows)),
    )


def _rate_findings(rates: Sequence[Rate]) -> Iterator[str]:
    last = {one.promise: one for one in rates if one.rep is None and one.verdict != "open"}
    for one in last.values():
        yield _("{promise} in {note}").format(promise=one.promise, note=ratio_note(one))
