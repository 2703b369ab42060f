"""Components: the parts that a complete agreement has, each absent one named.

Seven components: shared goals, definitions, qualification, handoff, nurture, follow-up, KPIs. Four
contents: a revenue goal, a protocol for leads, separate KPIs, a way to track progress. And both
sides owe numbers.
"""

from collections.abc import Iterator

from leadpact.agreement import check_nurture
from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import PLANNED, Promise, Ratio, Response, Volume
from leadpact.agreement.references import ORDER
from leadpact.words import _


def missing(agreement: Agreement) -> list[Finding]:
    """Everything that a complete agreement would have and this one hasn't."""
    return [
        *_goal(agreement),
        *_definitions(agreement),
        *_qualification(agreement),
        *_handoff(agreement),
        *_nurture(agreement),
        *check_nurture.oddities(agreement),
        *_follow_up(agreement),
        *_kpis(agreement),
        *_symmetry(agreement),
        *_tracking(agreement),
        *_signatures(agreement),
    ]


def _goal(agreement: Agreement) -> Iterator[Finding]:
    goal = agreement.goal
    if goal is None:
        yield Finding(
            ("goal",),
            _("The shared goal is missing (1st of seven components)."),
            _("Write `goal:` with a quota: its amount, its period and its owner."),
        )
        return
    if goal.quota is None or goal.quota.amount == 0:
        said = _("The goal has no number, so nobody can tell whether it is reached.")
        yield Finding(("goal",), said, _("Write `quota: {amount: 500000, per: month, owner: …}`."))
    elif goal.quota.owner is None:
        said = _("Nobody answers for the goal.")
        yield Finding(("goal", "quota"), said, _("Write `owner:` and the name of a person."))
    if goal.by is None and agreement.term is None:
        said = _("The goal has no date.")
        yield Finding(
            ("goal",), said, _("Write `by:` and the day, or give the agreement a `term`.")
        )


def _definitions(agreement: Agreement) -> Iterator[Finding]:
    definitions = agreement.definitions
    if not definitions.stages:
        yield Finding(
            ("definitions",),
            _("The stages of the funnel are not defined (2nd of seven components)."),
            _(
                "Write `stages:` in order, such as [visitor, lead, mql, sql, opportunity, customer]."
            ),
        )
    if not definitions.attempt.by:
        yield Finding(
            ("definitions", "attempt"),
            _("It is not agreed by which channels a lead is contacted."),
            _("Write `attempt: {by: [phone, email]}`."),
        )
    stage = agreement.handoff.when if agreement.handoff else "mql"
    rules = agreement.qualification.qualifies if agreement.qualification else {}
    if stage in agreement.stages and stage not in definitions.words and stage not in rules:
        yield Finding(
            ("definitions", stage),
            _("It is not defined who counts as {stage}.").format(stage=stage),
            _("Write `{stage}:` and what makes a lead one.").format(stage=stage),
        )


def _qualification(agreement: Agreement) -> Iterator[Finding]:
    rules = agreement.qualification
    if rules is None:
        yield Finding(
            ("qualification",),
            _("The qualification of leads is missing (3rd of seven components)."),
            _("Write `qualification:` with rules of `fit` and `interest`."),
        )
        return
    if not rules.qualifies:
        yield Finding(
            ("qualification",),
            _("No rule says when a lead qualifies."),
            _("Write `qualifies as mql:` and the condition."),
        )


def _handoff(agreement: Agreement) -> Iterator[Finding]:
    handoff = agreement.handoff
    if handoff is None:
        yield Finding(
            ("handoff",),
            _("The handoff is missing (4th of seven components)."),
            _("Write `handoff:`: when, what is shared, who is notified, when a lead goes back."),
        )
        return
    parts = {
        "share": (handoff.share, _("what sales is told about a lead"), "[source, phone]"),
        "notify": (handoff.notify, _("how sales hears of a lead"), "[email]"),
        "reasons to reject": (
            handoff.reasons_to_reject,
            _("for which reasons sales may reject a lead"),
            "[wrong size, competitor]",
        ),
        "return": (
            handoff.return_,
            _("when a lead goes back to marketing"),
            "{after: 7 attempts without answer, to: re-engage}",
        ),
    }
    for key, (given, meaning, like) in parts.items():
        if not given:
            said = _("The handoff doesn't say {meaning}.").format(meaning=meaning)
            remedy = _("Write `{key}: {like}`.").format(key=key, like=like)
            yield Finding(("handoff", key), said, remedy)


def _nurture(agreement: Agreement) -> Iterator[Finding]:
    if not agreement.nurture:
        yield Finding(
            ("nurture",),
            _("Nurture is missing (5th of seven components)."),
            _("Write `nurture:` with a track of offers for awareness, consideration and decision."),
        )
    for name, track in agreement.nurture.items():
        if not track.leave_when:
            yield Finding(
                ("nurture", name),
                _("Nothing ends the track '{name}'.").format(name=name),
                _("Write `leave when: [replied, unsubscribed]`."),
            )


def _follow_up(agreement: Agreement) -> Iterator[Finding]:
    if not any(_is_contact(promise) for _side, _name, promise in _promises(agreement)):
        yield Finding(
            ("promises",),
            _("Lead management is missing: no promise to contact leads (6th of seven components)."),
            _("Write a promise such as {example}.").format(
                example="`first contact: {after: handed over, do: attempted, within: 4 working hours}`"
            ),
        )


def _kpis(agreement: Agreement) -> Iterator[Finding]:
    measured = {side for side, _name, _promise in _promises(agreement)} | set(agreement.kpis)
    if not measured:
        yield Finding(
            ("kpis",),
            _("Measures of performance are missing (7th of seven components)."),
            _("Give each side promises with numbers, or list what it is measured by under `kpis`."),
        )
    elif len(measured) == 1:
        yield Finding(
            ("kpis",),
            _("Only {side} is measured: each side needs measures of its own.").format(
                side=next(iter(measured))
            ),
            _("Add promises or `kpis` for the other side."),
        )


def _promises(agreement: Agreement) -> Iterator[tuple[str, str, Promise]]:
    for side, promises in agreement.promises.items():
        for name, promise in promises.items():
            yield side, name, promise


def _is_contact(promise: Promise) -> bool:
    return isinstance(promise, Response) and "attempted" in promise.do


def _symmetry(agreement: Agreement) -> Iterator[Finding]:
    sides = list(dict.fromkeys([*agreement.between, *agreement.promises]))
    bound = [side for side, promises in agreement.promises.items() if promises]
    if len(sides) < 2:
        said = _("An agreement has two sides.")
        yield Finding(("between",), said, _("Write `between:` with both and their members."))
    if len(bound) == 1:
        others = ", ".join(side for side in sides if side != bound[0]) or _("the other side")
        said = _("The agreement is one-sided: only {bound} owes anything in numbers.")
        remedy = _("Add promises of {others} to deliver, to reach a rate or to respond.")
        yield Finding(("promises",), said.format(bound=bound[0]), remedy.format(others=others))
    elif not bound:
        said = _("Nobody owes anything in numbers.")
        yield Finding(("promises",), said, _("Write promises of both sides."))
    yield from _contact(agreement)
    for side, name, promise in _promises(agreement):
        yield from _numbers(agreement, ("promises", side, name), promise)


def _contact(agreement: Agreement) -> Iterator[Finding]:
    """Whoever contacts leads owes how soon, how often and at what distance."""
    contacts = [
        (side, promise)
        for side, _name, promise in _promises(agreement)
        if isinstance(promise, Response) and "attempted" in promise.do
    ]
    side = contacts[0][0] if contacts else "sales"
    rungs = [rung for _side, promise in contacts for rung in promise.rungs]
    if not any(times == 1 for _rung, times, _span in rungs):
        yield Finding(
            ("promises", side),
            _("The time to the first contact is not promised."),
            _("Write {example}.").format(
                example="`first contact: {after: handed over, do: attempted, within: 4 working hours}`"
            ),
        )
    if not any(times > 1 for _rung, times, _span in rungs):
        yield Finding(
            ("promises", side),
            _("The number of follow-ups and the time between them are not promised."),
            _("Write {example}.").format(
                example="`follow-up: {after: handed over, do: attempted,"
                " ladder: [{times: 3, within: 14 days}, {times: 5, within: 28 days}]}`"
            ),
        )


def _numbers(agreement: Agreement, path: tuple[str, ...], promise: Promise) -> Iterator[Finding]:
    if isinstance(promise, Volume):
        yield from _volume(agreement, path, promise)
    elif isinstance(promise, Ratio) and promise.at_least == 0 and promise.at_most is None:
        said = _("At least 0% is no promise.")
        yield Finding((*path, "at least"), said, _("Write the rate to reach."))


def _volume(agreement: Agreement, path: tuple[str, ...], promise: Volume) -> Iterator[Finding]:
    planned = promise.amount == PLANNED
    quota = agreement.goal.quota if agreement.goal else None
    if planned and quota is None:
        said = _("The amount comes from the plan, but there is no quota to plan for.")
        yield Finding((*path, "amount"), said, _("Write the amount, or `goal.quota`."))
    elif planned and not (agreement.funnel or agreement.funnel_by_stream):
        said = _("The amount comes from the plan, but there is no funnel to plan with.")
        yield Finding((*path, "amount"), said, _("Write the amount, or the rates under `funnel`."))
    elif promise.amount == 0:
        yield Finding((*path, "amount"), _("Nothing is promised."), _("Write how many."))
    if "tolerance" not in promise.model_fields_set and not promise.at_least:
        yield Finding(
            path,
            _("No tolerance is agreed, so a single lead too many or too few breaks the promise."),
            _("Write `tolerance: 10%`, or `at least: yes` where more is welcome."),
        )


def _tracking(agreement: Agreement) -> Iterator[Finding]:
    if not agreement.rhythm:
        yield Finding(
            ("rhythm",),
            _("Nothing says how progress is tracked (4th of four contents)."),
            _("Write `rhythm:`, such as `stand-up: daily 09:15 for 15 minutes`."),
        )
    term = agreement.term
    if term is None:
        said = _("The agreement has no term.")
        yield Finding(("term",), said, _("Write `term: {from: …, to: …, review: monthly}`."))
        return
    if term.review is None:
        said = _("Nothing says how often the agreement is reviewed.")
        yield Finding(("term",), said, _("Write `review: monthly`."))
    if term.refresh_metrics is None:
        said = _("Nothing says how often the funnel's values are measured anew.")
        yield Finding(("term",), said, _("Write `refresh metrics: quarterly`."))
    elif term.refresh_metrics == "year":
        said = _("The funnel's values are measured anew only once a year.")
        yield Finding(("term", "refresh metrics"), said, _("Write `quarterly`, or more often."))


def _signatures(agreement: Agreement) -> Iterator[Finding]:
    signing = [side for side in agreement.to_be_signed_by if side != ORDER]
    if not signing:
        said = _("Nobody is named to sign.")
        yield Finding(("to be signed by",), said, _("Write who signs for each side."))
    elif len(signing) == 1:
        said = _("Only {side} is to sign.").format(side=signing[0])
        yield Finding(("to be signed by",), said, _("Name somebody who signs for the other side."))
