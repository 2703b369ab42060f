"""Assembly: a judgement is measured once and becomes a report."""

from leadpact.agreement.amend import hash_of
from leadpact.judge import Judgement
from leadpact.log.ledger import Ledger
from leadpact.measure import (
    Evidence,
    Step,
    acceptance,
    budgets,
    compliance,
    costs,
    counts,
    courses,
    deals,
    deliveries,
    effort,
    efforts,
    evidence,
    ladder,
    misses,
    mix,
    pauses,
    rates,
    revenues,
    speeds,
    steps,
    visits,
)
from leadpact.measure.deliveries import place_in
from leadpact.measure.periods import periods
from leadpact.plan import Plan
from leadpact.program import columns as col
from leadpact.report.model import About, Planned, Report, Source
from leadpact.report.scorecard import scores


def report(
    judgement: Judgement,
    plan: Plan | None = None,
    ledger: Ledger | None = None,
    found: Evidence | None = None,
) -> Report:
    """The report on both sides at the moment of a judgement.

    The plan's running month stands beside what came; the ledger adds what leads cost. `found` saves
    working out the evidence of the judgement again.
    """
    found = evidence(judgement) if found is None else found
    kept, delivered, shares = compliance(found), deliveries(found), rates(found)
    return Report(
        about=_about(found),
        scores=tuple(scores(found.agreement, kept, delivered, shares, found.now)),
        kpis=tuple(found.agreement.kpis.items()),
        compliance=tuple(kept),
        deliveries=tuple(delivered),
        rates=tuple(shares),
        courses=tuple(courses(found, delivered)),
        budgets=tuple(budgets(found)),
        misses=misses(found),
        pauses=tuple(pauses(found)),
        speeds=tuple(speeds(found)),
        speeds_by_rep=tuple(speeds(found, "rep")),
        ladder=tuple(ladder(found, kept)),
        effort=effort(found),
        efforts=tuple(efforts(found)),
        counts=tuple(counts(found)),
        steps=tuple(_steps(found)),
        acceptance=acceptance(found),
        deals=deals(found),
        revenues=tuple(revenues(found)),
        mix=tuple(mix(found)),
        costs=() if ledger is None else tuple(costs(found, ledger)),
        visits=None if ledger is None else visits(found, ledger),
        month=None if plan is None else _month(found),
        planned=() if plan is None else tuple(_planned(found, plan)),
        notes=tuple(_notes(judgement)),
    )


def _about(found: Evidence) -> About:
    agreement = found.agreement
    quota = agreement.goal.quota if agreement.goal else None
    return About(
        agreement.agreement,
        tuple(
            Source(v.agreement.version, v.agreement.valid_from.isoformat(), hash_of(v.agreement))
            for v in found.program.versions
        ),
        found.now,
        found.zone,
        agreement.currency,
        len(found.log.leads),
        len(found.log),
        agreement.goal.statement if agreement.goal else None,
        quota.owner if quota else None,
    )


def _steps(found: Evidence) -> list[Step]:
    return [*steps(found), *steps(found, "month"), *steps(found, "lead type")]


def _month(found: Evidence) -> str | None:
    version = found.program.versions.index(found.version)
    months = periods(found.program, version, "month", found.now)
    return months[-1].name if months else None


def _planned(found: Evidence, plan: Plan) -> list[Planned]:
    """What the plan asks of the running month, stage by stage, beside the entries so far."""
    version = found.program.versions.index(found.version)
    months = periods(found.program, version, "month", found.now)
    total = next(
        (
            total
            for total in plan.totals
            if months and total.alternative is None and str(total.month) == months[-1].name
        ),
        None,
    )
    if total is None:
        return []
    entered = {
        stage: int((place_in(months[-1:], found.log.at[found.entries(stage).rows]) == 0).sum())
        for stage in total.due
    }
    return [Planned(stage, total.due[stage], entered[stage]) for stage in entered]


def _notes(judgement: Judgement) -> list[tuple[str, int]]:
    """How many facts were set aside or changed on the way, and what could not be told."""
    verdicts = judgement.obligations.verdict
    found = {
        **judgement.log.counts,
        "unexpected": int(judgement.stories.unexpected.sum()),
        "repeated triggers": judgement.repeated,
        **judgement.strange,
        "before any version": judgement.unbound,
        "obligations that can't be told": int((verdicts == col.UNDETERMINABLE).sum()),
        "leads on pause": int(judgement.stories.table[:, col.T_PAUSED].sum()),
    }
    return [(name, number) for name, number in found.items() if number]
