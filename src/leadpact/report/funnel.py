"""Funnel: stages and cohorts, what sales made of the leads, the effort, and the deals."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from leadpact import charts
from leadpact.measure import Effort, Step
from leadpact.report import shown
from leadpact.report.model import Report
from leadpact.report.page import Cell, Picture, Row, Section, Table, table
from leadpact.words import _


def stages(report: Report) -> Section:
    """Passes by stage, and cohorts from each stage to the next, with maturity."""
    rows = [[count.stage, f"{count.entered:,}", f"{count.now:,}"] for count in report.counts]
    mix = [
        [part.lead_type or _("unknown"), f"{part.count:,}", shown.percent(part.figure.value)]
        for part in report.mix
    ]
    return Section(
        "funnel",
        _("Funnel"),
        tuple(_findings(report.steps)),
        _bars(report),
        (
            *_steps(_("From stage to stage, all cohorts"), report.steps, "all"),
            *_steps(_by_type(report.steps), report.steps, "lead type"),
            *_steps(_("By month of entry"), report.steps, "month", folded=True),
            *table(
                _("Passes by stage"),
                [_("stage"), _("entered") + "#", _("there now") + "#"],
                rows,
                folded=True,
            ),
            *table(
                _("Lead types of what qualified"),
                [_("lead type"), _("passes") + "#", _("share") + "#"],
                mix,
                folded=True,
            ),
        ),
        (
            _(
                "A share counts only cohorts that had the days, converters by the same rule; younger"
                " ones are listed as too young."
            ),
            _("The estimate uses the young ones for as long as they were seen."),
        ),
    )


def _findings(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if step.by == "all" and step.mature:
            yield _("{origin} to {goal}: {share} within {days} days.").format(
                origin=step.origin, goal=step.goal, share=shown.share(step.figure), days=step.days
            )
    for step in steps:
        if step.drifts:
            yield _(
                "{kind}: {origin} to {goal} measures {share} within {days} days ({interval}), agreed is"
                " {agreed}."
            ).format(
                kind=step.cohort,
                days=step.days,
                origin=step.origin,
                goal=step.goal,
                share=shown.percent(step.figure.value),
                interval=shown.interval(step.figure.interval),
                agreed=shown.percent(step.agreed),
            )


def _by_type(steps: Sequence[Step]) -> str:
    days = next((step.days for step in steps if step.by == "lead type"), 0)
    return _("By lead type within {days} days, beside what was agreed").format(days=days)


def _steps(
    caption: str, steps: Sequence[Step], by: str, *, folded: bool = False
) -> Iterator[Table]:
    cohort = {"lead type": _("lead type"), "month": _("entered in")}.get(by)
    columns = [_("from"), _("to"), *([cohort] if cohort else [])]
    headings = [
        _("entered"),
        _("had the days"),
        _("made it"),
        _("share"),
        _("interval"),
        _("estimate"),
        _("too young"),
    ]
    columns += [heading + "#" for heading in headings]
    if by == "lead type":
        columns.append(_("agreed") + "#")
    rows = [_step(step, by) for step in steps if step.by == by and step.entered]
    yield from table(caption, columns, rows, folded=folded)


def _step(step: Step, by: str) -> Row:
    cells: list[str | Cell] = [step.origin, step.goal]
    if by != "all":
        cells.append(step.cohort or _("unknown"))
    cells += [
        f"{step.entered:,}",
        f"{step.mature:,}",
        f"{step.converted:,}",
        Cell(shown.percent(step.figure.value), None if step.figure.enough else "open"),
        shown.interval(step.figure.interval),
        shown.percent(step.survival),
        f"{step.immature:,}",
    ]
    if by == "lead type":
        agreed = shown.NOTHING if step.agreed is None else shown.percent(step.agreed)
        cells.append(Cell(agreed, "warn" if step.drifts else None))
    return cells


def _bars(report: Report) -> Picture | None:
    counts = [count for count in report.counts if count.entered]
    if not counts:
        return None
    rates = {step.goal: step for step in report.steps if step.by == "all"}
    rows = []
    for count in counts:
        step = rates.get(count.stage)
        rate = shown.percent(step.figure.value) if step and step.mature else None
        label = f"{count.entered:,}" + (f" ({rate})" if rate else "")
        rows.append({"name": count.stage, "count": count.entered, "label": label})
    title = _("From {first} {stage} to {last} {goal}").format(
        first=f"{counts[0].entered:,}",
        stage=counts[0].stage,
        last=f"{counts[-1].entered:,}",
        goal=counts[-1].stage,
    )
    days = report.steps[0].days if report.steps else 0
    description = _(
        "Passes that entered each stage so far; in brackets the share of the cohort before that"
        " made the step within {days} days."
    ).format(days=days)
    return Picture(charts.counts(rows, axis=_("passes")), title, description)


def acceptance(report: Report) -> Section:
    """What sales made of the leads it got."""
    found = report.acceptance
    whole = found.decided + found.silent + found.undecided
    rows = [
        [name, f"{n:,}", shown.percent(Fraction(n, whole) if whole else None)]
        for name, n in (
            (_("accepted"), found.accepted),
            (_("rejected"), found.rejected),
            (_("accepted by silence"), found.silent),
            (_("no word"), found.undecided),
        )
    ]
    reasons = [
        [
            reason or _("not given"),
            f"{n:,}",
            shown.percent(Fraction(n, found.rejected)),
            _("yes") if agreed else Cell(_("no"), "warn"),
        ]
        for reason, n, agreed in found.reasons
    ]
    findings: tuple[str, ...] = ()
    if found.decided:
        findings = (
            _("Sales accepted {share} of what it decided, half of it within {median}.").format(
                share=shown.share(found.figure), median=shown.length(found.taken.median)
            ),
        )
    return Section(
        "acceptance",
        _("Accepted and rejected"),
        findings,
        tables=(
            *table(
                _("Handed-over leads by decision"),
                [_("decision"), _("leads") + "#", _("share") + "#"],
                rows if whole else [],
            ),
            *table(
                _("Why leads were rejected"),
                [_("reason"), _("leads") + "#", _("share") + "#", _("an agreed reason")],
                reasons,
            ),
        ),
        notes=(_("Silence counts as accepted where it was so agreed, and decides nothing here."),)
        if found.silent
        else (),
    )


def effort(report: Report) -> Section:
    """How leads were worked."""
    whole = report.effort
    rows = [_effort(_("all"), whole), *(_effort(one.rep or "", one) for one in report.efforts)]
    headings = (
        _("handed over"),
        _("tried"),
        _("attempts"),
        _("per lead"),
        _("tried within 7 days"),
        _("reached"),
        _("never tried, still open"),
    )
    channels = [
        [name or _("not given"), f"{n:,}", shown.percent(Fraction(n, whole.attempts))]
        for name, n in whole.channels
    ]
    spread = [
        [str(n) if n + 1 < len(whole.spread) else _("{n} or more").format(n=n), f"{count:,}"]
        for n, count in enumerate(whole.spread)
    ]
    return Section(
        "effort",
        _("Effort"),
        tuple(_effort_findings(whole)),
        tables=(
            *table(
                _("Attempts after the handover"),
                [_("person"), *(heading + "#" for heading in headings)],
                rows if whole.handed else [],
            ),
            *table(
                _("Attempts by channel"),
                [_("channel"), _("attempts") + "#", _("share") + "#"],
                channels,
                folded=True,
            ),
            *table(
                _("Leads by attempts"),
                [_("attempts"), _("leads") + "#"],
                spread if whole.handed else [],
                folded=True,
            ),
        ),
    )


def _effort(name: str, one: Effort) -> Row:
    return [
        name,
        f"{one.handed:,}",
        shown.percent(one.touched.value),
        f"{one.attempts:,}",
        shown.count(one.per_lead.value),
        shown.percent(one.in_a_week.value),
        shown.percent(one.contact.value),
        f"{sum(one.unworked):,}",
    ]


def _effort_findings(one: Effort) -> Iterator[str]:
    if not one.handed:
        return
    yield _("{share} of the handed-over leads were tried; {n} still open were never.").format(
        share=shown.share(one.touched), n=f"{sum(one.unworked):,}"
    )
    if one.gap is not None:
        yield _("Between one attempt on a lead and the next, the median time is {gap}.").format(
            gap=shown.length(one.gap)
        )
    if one.early_returns is not None and one.returned:
        yield _("{share} of the returns came before the agreed number of attempts.").format(
            share=shown.share(one.early_returns)
        )


def deals(report: Report) -> Section:
    """The deals, and what leads cost."""
    found, currency = report.deals, report.about.currency
    rows = [
        [_("opportunities"), shown.count(found.opportunities)],
        [_("won"), shown.count(found.won)],
        [_("lost"), shown.count(found.lost)],
        [_("open"), shown.count(found.open)],
        [_("win rate (won ÷ closed)"), shown.percent(found.closed.value)],
        [_("win rate (won ÷ created)"), shown.percent(found.created.value)],
        [_("win rate by value"), shown.percent(found.by_value.value)],
        [_("average order"), shown.money(found.order_value.value, currency)],
        [_("median order"), shown.money(found.median_order, currency)],
        [_("amount of open opportunities"), shown.money(found.open_amount, currency)],
        [_("median time from opportunity to win"), shown.length(found.cycle)],
        [_("velocity a day"), shown.money(found.velocity.value, currency)],
    ]
    findings = []
    if found.won or found.lost:
        findings.append(
            _("{share} of the closed deals were won, interval {interval}.").format(
                share=shown.share(found.closed), interval=shown.interval(found.closed.interval)
            )
        )
    if report.visits is not None:
        findings.append(
            _("{share} of the visitors left a way to be reached.").format(
                share=shown.share(report.visits)
            )
        )
    return Section(
        "deals",
        _("Deals"),
        tuple(findings),
        tables=(
            *table(
                _("Deals until now"),
                [_("figure"), _("value") + "#"],
                rows if found.opportunities else [],
            ),
            *_costs(report),
        ),
    )


def _costs(report: Report) -> Iterator[Table]:
    rows: list[Row] = [
        [
            cost.stage,
            shown.money(cost.figure.value, report.about.currency),
            shown.money(cost.spend, report.about.currency),
            shown.count(cost.count),
        ]
        for cost in report.costs
    ]
    columns = [_("stage"), _("cost of one") + "#", _("spend") + "#", _("passes") + "#"]
    yield from table(_("What each stage costs"), columns, rows)
