"""Missed: what was broken, why, by name, and how many misses the targets still allow."""

from collections.abc import Iterator
from fractions import Fraction

from leadpact import charts
from leadpact.report import shown
from leadpact.report.model import Report
from leadpact.report.page import Cell, Picture, Row, Section, table
from leadpact.words import _, ngettext


def misses(report: Report) -> Section:
    """What was missed, by cause and by name."""
    found, zone = report.misses, report.about.zone
    latest = [
        [
            f"{m.promise} {m.rung}" if m.rung else m.promise,
            m.lead,
            m.owner or _("nobody"),
            shown.moment(m.due, zone),
            shown.moment(m.answered, zone),
            shown.length(m.late),
            _(m.cause),
        ]
        for m in found.latest
    ]
    columns = [
        _("promise"),
        _("lead"),
        _("owner"),
        _("due"),
        _("answered"),
        _("late by") + "#",
        _("cause"),
    ]
    more = None
    if found.total > len(latest):
        more = _("The latest {n} of {total}.").format(n=len(latest), total=f"{found.total:,}")
    by_cause = _causes(report)
    return Section(
        "misses",
        _("Missed"),
        tuple(_miss_findings(report)),
        _cause_picture(report),
        (
            *table(_("Broken promises by cause"), _cause_columns(), by_cause),
            *table(_("Broken promises, the latest due first"), columns, latest, more=more),
        ),
    )


def pauses(report: Report) -> Section:
    """The leads whose clocks stand still."""
    zone = report.about.zone
    rows = [
        [p.lead, shown.moment(p.since, zone), p.reason or "–", p.by or "–", p.owner or _("nobody")]
        for p in report.pauses
    ]
    heads = [_("lead"), _("since"), _("reason"), _("by"), _("owner")]
    count = len(rows)
    sentence = ngettext(
        "The clocks of {n} lead stand still.", "The clocks of {n} leads stand still.", count
    )
    return Section(
        "pauses",
        _("On pause"),
        (sentence.format(n=count),) if count else (),
        tables=tuple(table(_("Leads on pause, the longest first"), heads, rows)),
    )


def _cause_columns() -> list[str]:
    return [_("promise"), _("cause"), _("leads") + "#"]


def _causes(report: Report) -> list[Row]:
    return [
        [promise, _(cause), f"{n:,}"]
        for promise, causes in report.misses.causes
        for cause, n in causes
        if n
    ]


def _cause_totals(report: Report) -> list[tuple[str, int]]:
    totals: dict[str, int] = {}
    for _promise, causes in report.misses.causes:
        for cause, n in causes:
            totals[cause] = totals.get(cause, 0) + n
    return sorted(((c, n) for c, n in totals.items() if n), key=lambda item: -item[1])


def _miss_findings(report: Report) -> Iterator[str]:
    totals = _cause_totals(report)
    if not totals:
        yield _("No promise was broken.")
        return
    cause, n = totals[0]
    yield _("{total} promises were broken; most often: {cause} ({n}, {share}).").format(
        total=f"{report.misses.total:,}",
        cause=_(cause),
        n=f"{n:,}",
        share=shown.percent(Fraction(n, report.misses.total)),
    )


def _cause_picture(report: Report) -> Picture | None:
    totals = _cause_totals(report)
    if not totals:
        return None
    rows = [
        {
            "name": _(cause),
            "count": n,
            "label": f"{n:,} ({shown.percent(Fraction(n, report.misses.total))})",
        }
        for cause, n in totals
    ]
    title = _("What broke promises: {cause} first").format(cause=_(totals[0][0]))
    description = _("Broken promises by cause, of all promises together.")
    return Picture(charts.counts(rows, axis=_("broken promises")), title, description)


def budgets(report: Report) -> Section:
    """How many misses are left this month."""
    rows: list[Row] = [
        [
            one.promise,
            shown.percent(one.target),
            shown.count(one.expected),
            shown.count(one.allowed),
            shown.count(one.missed),
            Cell(shown.count(one.left), "bad" if one.left < 0 else None),
            shown.percent(one.used),
            shown.percent(one.elapsed),
            shown.count(one.burn),
        ]
        for one in report.budgets
    ]
    headings = (
        _("target"),
        _("expected"),
        _("allowed"),
        _("missed"),
        _("left"),
        _("used"),
        _("time gone"),
        _("burn rate"),
    )
    columns = [_("promise"), *(heading + "#" for heading in headings)]
    findings = tuple(
        _(
            "{promise}: {missed} of {allowed} misses are used up, {used} at {gone} of the month."
        ).format(
            promise=one.promise,
            missed=shown.count(one.missed),
            allowed=shown.count(one.allowed),
            used=shown.percent(one.used),
            gone=shown.percent(one.elapsed),
        )
        for one in report.budgets
        if one.used is not None and one.enough
    )
    notes = (_("A burn rate of 1 uses the allowed misses up exactly at the end of the month."),)
    tables = tuple(table(_("Misses that the targets allow this month"), columns, rows))
    return Section("budgets", _("Misses left"), findings, tables=tables, notes=notes)
