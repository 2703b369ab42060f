"""Answers: how response promises were kept, how fast, on which rungs, and what was missed."""

from collections.abc import Iterator, Sequence

from leadpact import charts
from leadpact.measure import Compliance, Speed, Times
from leadpact.measure.speed import EDGES
from leadpact.report import shown
from leadpact.report.model import Report
from leadpact.report.page import Cell, Picture, Row, Section, Table, Tone, table
from leadpact.words import _

WEEKS = 13
"""A chart shows the last so many weeks; the table shows all."""
_TONES: dict[str | None, Tone | None] = {"met": "good", "missed": "bad", "undecided": "open"}


def compliance(report: Report) -> Section:
    """How promises were kept: by promise, rep, lead type and week."""
    lines = report.compliance
    return Section(
        "compliance",
        _("Kept in time"),
        tuple(_findings(lines)),
        _weeks(lines),
        (
            *_table(_("By promise"), lines, "promise"),
            *_table(_("By person, each by the legs in which they held the lead"), lines, "rep"),
            *_table(_("By lead type"), lines, "lead type", folded=True),
            *_table(_("By week in which the promise began"), lines, "week", folded=True),
        ),
        (
            _("What is not due yet counts neither as kept nor as broken."),
            _("Below {n} due, a share says little: it is not compared.").format(n=30),
        ),
    )


def _findings(lines: Sequence[Compliance]) -> Iterator[str]:
    for line in lines:
        if line.by == "promise" and line.due:
            said = _("{promise}: {share} kept, {kept} of {due}.")
            if line.target is not None:
                said = _("{promise}: {share} kept, {kept} of {due}; the target is {target}.")
            yield said.format(
                promise=line.promise,
                share=shown.percent(line.figure.value),
                kept=shown.count(line.kept),
                due=shown.count(line.due),
                target=shown.percent(line.target),
            )


def _table(
    caption: str, lines: Sequence[Compliance], by: str, *, folded: bool = False
) -> Iterator[Table]:
    names = {"promise": "", "rep": _("person"), "lead type": _("lead type"), "week": _("week")}
    columns = [_("promise"), *([names[by]] if names[by] else [])]
    columns += [
        heading + "#"
        for heading in (
            _("kept"),
            _("broken"),
            _("share"),
            _("interval"),
            _("open"),
            _("excused"),
            _("waived"),
            _("can't be told"),
        )
    ]
    if by == "promise":
        columns += [_("target") + "#", _("state")]
    rows = [_row(line, by) for line in lines if line.by == by]
    yield from table(caption, columns, rows, folded=folded)


def _row(line: Compliance, by: str) -> Row:
    name = {
        "rep": line.rep or _("nobody"),
        "lead type": line.lead_type or _("unknown"),
        "week": line.week or "",
    }
    kept, broken, waiting, excused, waived, unknown = (f"{n:,}" for n in line.counts)
    cells: list[str | Cell] = [line.promise]
    if by in name:
        cells.append(name[by])
    share = Cell(
        shown.percent(line.figure.value), None if line.figure.enough and line.due else "open"
    )
    cells += [kept, broken, share, shown.interval(line.figure.interval)]
    cells += [waiting, excused, waived, unknown]
    if by == "promise":
        target = shown.NOTHING if line.target is None else shown.percent(line.target)
        state = _(line.state) if line.state else shown.NOTHING
        cells += [target, Cell(state, _TONES.get(line.state))]
    return cells


def _weeks(lines: Sequence[Compliance]) -> Picture | None:
    """The share kept by week, of the first promise that has a target."""
    first = next((one for one in lines if one.by == "promise" and one.target is not None), None)
    if first is None:
        return None
    weeks = [one for one in lines if one.by == "week" and one.promise == first.promise and one.due]
    if not weeks:
        return None
    rows = [
        {
            "name": (one.week or "")[5:],
            "share": float(one.figure.value or 0),
            "low": float(one.figure.interval.low) if one.figure.interval else 0.0,
            "high": float(one.figure.interval.high) if one.figure.interval else 0.0,
            "label": f"{one.due:,}",
            "enough": one.figure.enough,
        }
        for one in weeks[-WEEKS:]
    ]
    target = float(first.target) if first.target is not None else None
    title = _("{promise}: {share} kept against a target of {target}").format(
        promise=first.promise,
        share=shown.percent(first.figure.value),
        target=shown.percent(first.target),
    )
    description = _(
        "Share kept of those due, by week of the start, {first} to {last}, with 95 % intervals and"
        " the number due above each bar; pale bars rest on fewer than 30."
    ).format(first=weeks[-WEEKS:][0].week, last=weeks[-1].week)
    return Picture(charts.shares(rows, axis=_("kept"), target=target), title, description)


def speed(report: Report) -> Section:
    """How long answers took."""
    columns = [
        _("promise"),
        _("clock"),
        *(
            heading + "#"
            for heading in (
                _("answered"),
                _("never"),
                _("median"),
                _("75 % within"),
                _("90 % within"),
                _("≤ 5 min"),
                _("≤ 1 h"),
                _("1–24 h"),
                _("> 24 h"),
                _("never"),
            )
        ),
    ]
    rows = [row for one in report.speeds for row in _speed_rows(one)]
    delays = [row for one in report.speeds for row in _delay_rows(one)]
    return Section(
        "speed",
        _("How fast"),
        tuple(_speed_findings(report.speeds)),
        _bars(report.speeds),
        (
            *table(_("Time to the answer"), columns, rows),
            *table(_("Whose the delay was, on the wall clock"), columns, delays, folded=True),
            *_speed_by_rep(report.speeds_by_rep),
            *_bar_table(report.speeds),
        ),
        (
            _("Percentiles go by nearest rank. Who never answered is in the shares, in no median."),
            _(
                "The buyer's clock runs from their own act; the gap until somebody owned the lead is"
                " the system's, the rest people's."
            ),
        ),
    )


def _speed_by_rep(speeds: Sequence[Speed]) -> Iterator[Table]:
    rows: list[Row] = [
        [
            one.promise,
            one.rep or _("nobody"),
            shown.count(one.working.count),
            shown.length(one.working.median),
            shown.length(one.working.p90),
            shown.length(one.human_working.median),
        ]
        for one in speeds
    ]
    headings = [_("answered"), _("median"), _("90 % within"), _("median since assigned")]
    columns = [_("promise"), _("last owner"), *(heading + "#" for heading in headings)]
    yield from table(_("Working time by person"), columns, rows, folded=True)


def _speed_rows(one: Speed) -> Iterator[Row]:
    clocks = ((_("working time"), one.working), (_("wall clock"), one.wall))
    yield from (_times(one.promise, name, times) for name, times in clocks if times.asked)


def _delay_rows(one: Speed) -> Iterator[Row]:
    clocks = (
        (_("from the buyer's act"), one.buyer),
        (_("until somebody owned it"), one.system),
        (_("from the first owner"), one.human),
    )
    yield from (_times(one.promise, name, times) for name, times in clocks if times.asked)


def _times(promise: str, clock: str, times: Times) -> Row:
    return [
        promise,
        clock,
        shown.count(times.count),
        shown.count(times.never),
        shown.length(times.median),
        shown.length(times.p75),
        shown.length(times.p90),
        *(shown.percent(part) for part in times.shares or ()),
    ]


def _speed_findings(speeds: Sequence[Speed]) -> Iterator[str]:
    for one in speeds:
        times = one.working
        if times.count:
            yield _(
                "{promise}: half within {median} of working time, nine in ten of those answered"
                " within {p90}; {never} never."
            ).format(
                promise=one.promise,
                median=shown.length(times.median),
                p90=shown.length(times.p90),
                never=shown.count(times.never),
            )


def _bars(speeds: Sequence[Speed]) -> Picture | None:
    """The distribution of the first promise that was answered at all."""
    one = next((one for one in speeds if one.working.count), None)
    if one is None:
        return None
    title = _("{promise}: median {median}, 90 % within {p90} of working time").format(
        promise=one.promise,
        median=shown.length(one.working.median),
        p90=shown.length(one.working.p90),
    )
    rows = [{"name": name, "count": n, "late": late} for name, n, late in _bins(one)]
    spec = charts.histogram(rows, axis=_("working time up to"), count=_("leads"), limit=None)
    description = _("Leads by the working time until the answer; the last column never got one.")
    return Picture(spec, title, description)


def _bins(one: Speed) -> Iterator[tuple[str, int, bool]]:
    """The bars from the first to the last that isn't empty, and at last those without an answer."""
    names = [*(shown.length(edge) for edge in EDGES), _("longer")]
    filled = [place for place, n in enumerate(one.working.bars) if n]
    for place in range(filled[0], filled[-1] + 1):
        yield names[place], one.working.bars[place], False
    yield _("never"), one.working.never, True


def _bar_table(speeds: Sequence[Speed]) -> Iterator[Table]:
    for one in [one for one in speeds if one.working.count][:1]:
        rows = [[name, f"{n:,}"] for name, n, _late in _bins(one)]
        caption = _("{promise}, by working time").format(promise=one.promise)
        yield from table(caption, [_("up to"), _("leads") + "#"], rows, folded=True)


def ladder(report: Report) -> Section:
    """How the rungs of follow-up were kept."""
    rows = [
        [
            rung.promise,
            _("{n} by {within}").format(n=rung.times, within=rung.within),
            f"{rung.kept:,}",
            f"{rung.due:,}",
            shown.percent(rung.figure.value),
            shown.interval(rung.figure.interval),
            f"{rung.excused:,}",
            f"{rung.undecided:,}",
        ]
        for rung in report.ladder
    ]
    columns = [
        _("promise"),
        _("rung"),
        *(
            heading + "#"
            for heading in (
                _("kept"),
                _("due"),
                _("share"),
                _("interval"),
                _("not applicable"),
                _("not decided"),
            )
        ),
    ]
    findings = tuple(
        _("{promise}: {share} made {n} attempts within {within}.").format(
            promise=rung.promise,
            share=shown.share(rung.figure),
            n=rung.times,
            within=rung.within,
        )
        for rung in report.ladder
        if rung.due
    )
    tables = tuple(table(_("Rungs of follow-up; counts are cumulative"), columns, rows))
    return Section("ladder", _("Follow-up"), findings, tables=tables)
