"""Explain: an agreement clause by clause, in plain sentences."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from leadpact.agreement import explain_handoff, explain_nurture, owed
from leadpact.agreement.demand import Funnel
from leadpact.agreement.explain_follow_up import follow_up
from leadpact.agreement.explain_mailing import mailing
from leadpact.agreement.explain_route import routing
from leadpact.agreement.explain_score import scoring
from leadpact.agreement.handoff import Handoff, Route
from leadpact.agreement.model import Agreement
from leadpact.agreement.parties import CalendarClause, Person
from leadpact.agreement.phrases import limit_said
from leadpact.agreement.places import Places
from leadpact.agreement.references import ORDER
from leadpact.agreement.structure import funnels
from leadpact.agreement.wording import (
    Said,
    both,
    condition,
    days_off,
    each,
    either,
    happens,
    number,
    sentence,
    series,
    share,
)
from leadpact.problem import Path, spoken
from leadpact.words import _, ngettext


class Sentence(NamedTuple):
    """What a clause says: its path in the author's words, its line (0 if unknown), the sentence."""

    path: str
    line: int
    text: str

    def as_dict(self) -> dict[str, str | int]:
        """The sentence in its JSON form."""
        return self._asdict()


def explain(agreement: Agreement, lines: Mapping[Path, int] | None = None) -> list[Sentence]:
    """Each clause as a plain sentence, in the order of the document."""
    places = Places(lines or {})
    parts = (
        _head,
        _parties,
        _times,
        _goal,
        _definitions,
        _qualification,
        scoring,
        _funnel,
        _handoff,
        routing,
        explain_handoff.handing,
        _nurture,
        explain_nurture.tracks,
        mailing,
        follow_up,
        owed.promises,
        _pledges,
        _living,
    )
    return [
        Sentence(spoken(said.path), places.line(said.path), said.text)
        for part in parts
        for said in part(agreement)
    ]


def _head(agreement: Agreement) -> Iterator[Said]:
    said = _("This is version {version} of '{name}', valid from {day}.")
    yield Said(
        ("agreement",),
        said.format(version=agreement.version, name=agreement.agreement, day=agreement.valid_from),
    )
    if agreement.open_promises == "restart":
        said = _("Promises still open under the version before start anew with this one.")
    else:
        said = _("Promises still open under the version before are judged by that version.")
    yield Said(("open promises",), said)
    if agreement.why:
        said = _("It replaces the version before because of this: {why}")
        yield Said(("why",), said.format(why=agreement.why))
    if agreement.applies_to:
        said = _("It applies to leads of which {condition}.")
        yield Said(("applies to",), said.format(condition=condition(agreement.applies_to)))
    said = _("Amounts are in {currency}; days, months and times mean {zone}.")
    yield Said(("zone",), said.format(currency=agreement.currency, zone=agreement.zone))
    if agreement.platform:
        said = _("All lead data is kept in {platform}.").format(platform=agreement.platform)
        yield Said(("platform",), said)


def _parties(agreement: Agreement) -> Iterator[Said]:
    for side, members in agreement.between.items():
        said = _("{side}: {members}.").format(side=sentence(side), members=both(members))
        yield Said(("between", side), said)
    for name, team in agreement.teams.items():
        said = (
            _("The team {name} works by the calendar {calendar}.")
            if team.calendar
            else _("{name} is a team.")
        )
        yield Said(("teams", name), said.format(name=name, calendar=team.calendar))
    for name, person in agreement.people.items():
        yield Said(("people", name), _person(name, person))


def _person(name: str, person: Person) -> str:
    parts = []
    if person.team:
        parts.append(_("is in the team {team}").format(team=person.team))
    if person.calendar:
        parts.append(_("works by the calendar {name}").format(name=person.calendar))
    if person.weight != 1 or not parts:
        parts.append(_("has a weight of {weight} in routing").format(weight=person.weight))
    if person.from_:
        parts.append(_("comes on {day}").format(day=person.from_))
    if person.to:
        parts.append(_("stays until {day}").format(day=person.to))
    if person.leave:
        parts.append(_("is away {days}").format(days=both(days_off(*off) for off in person.leave)))
    return f"{name} {both(parts)}."


def _times(agreement: Agreement) -> Iterator[Said]:
    for name, clause in agreement.calendars.items():
        zone = clause.zone or agreement.zone
        yield Said(("calendars", name), _calendar(name, clause, zone))
    if term := agreement.term:
        text = _("it runs from {first} to {last}").format(first=term.from_, last=term.to)
        if term.review:
            text += _(", is reviewed {each}").format(each=each(term.review))
        if term.refresh_metrics:
            text += _(", and its metrics are measured anew {each}").format(
                each=each(term.refresh_metrics)
            )
        yield Said(("term",), sentence(f"{text}."))


def _calendar(name: str, clause: CalendarClause, zone: str) -> str:
    hours = "; ".join(f"{days} {both(ranges)}" for days, ranges in clause.open.items())
    text = _("the calendar {name} is open {hours} in {zone}").format(
        name=name, hours=hours, zone=zone
    )
    if closed := len(clause.holidays.dates):
        text += ngettext(
            " and closed on {n} holiday", " and closed on {n} holidays", closed
        ).format(n=closed)
    return sentence(f"{text}.")


def _goal(agreement: Agreement) -> Iterator[Said]:
    goal = agreement.goal
    if goal is None:
        return
    if goal.statement:
        yield Said(
            ("goal", "statement"), _("The goal: {text}.").format(text=goal.statement.rstrip("."))
        )
    if quota := goal.quota:
        text = _("together they bring in {amount} {currency} {each}").format(
            amount=number(quota.amount), currency=agreement.currency, each=each(quota.per)
        )
        if quota.marketing_share != 1:
            text += _(", {share} of it from leads of marketing").format(
                share=share(quota.marketing_share)
            )
        if quota.owner:
            text += _("; {owner} answers for it").format(owner=quota.owner)
        yield Said(("goal", "quota"), sentence(f"{text}."))
    for name, stream in goal.streams.items():
        said = _("{share} of the quota comes from {stream}.")
        if stream.retention:
            said = _("{share} of the quota comes from {stream}: existing customers, no leads.")
        yield Said(("goal", "streams", name), said.format(share=share(stream.share), stream=name))
    if goal.by:
        yield Said(("goal", "by"), _("The goal is to be reached by {day}.").format(day=goal.by))


def _definitions(agreement: Agreement) -> Iterator[Said]:
    path = ("definitions",)
    stages = _("A lead passes these stages: {stages}.").format(stages=", ".join(agreement.stages))
    yield Said((*path, "stages"), stages)
    attempt = agreement.definitions.attempt
    who = _("made by a human") if attempt.human else _("made by a human or a machine")
    channels = either(attempt.by) or _("any channel")
    said = _("An attempt counts when it is {who}, by {channels}.")
    yield Said((*path, "attempt"), said.format(who=who, channels=channels))
    said = (
        _("A call of zero seconds counts as an attempt.")
        if attempt.dial_tries_count
        else _("A call of zero seconds is no attempt.")
    )
    yield Said((*path, "attempt", "dial tries count"), said)
    if attempt.answered_by:
        acts = either(happens(name, agreement, _("the lead")) for name in attempt.answered_by)
        said = _("A first contact is settled as well when {acts}.").format(acts=acts)
        yield Said((*path, "attempt", "answered by"), said)
    for word, meaning in agreement.definitions.words.items():
        said = _("'{word}' means: {meaning}.").format(
            word=word, meaning=meaning.strip().rstrip(".")
        )
        yield Said((*path, word), said)


def _qualification(agreement: Agreement) -> Iterator[Said]:
    rules = agreement.qualification
    if rules is None:
        return
    path = ("qualification",)
    for place, rule in enumerate(rules.fit):
        said = _("Fit: {points} points if {condition}.")
        yield Said(
            (*path, "fit", place),
            said.format(points=f"{rule.points:+}", condition=condition(rule.when)),
        )
    for place, act in enumerate(rules.interest):
        text = _("interest: {points} points each time '{what}' happens").format(
            points=f"{act.points:+}", what=act.did
        )
        if act.halves_after:
            text += _(", fading by half every {span}").format(span=act.halves_after)
        if act.at_most is not None:
            text += _(", at most {most} in all").format(most=act.at_most)
        yield Said((*path, "interest", place), sentence(f"{text}."))
    for stage, needed in rules.qualifies.items():
        said = _("A lead qualifies as {stage} if {condition}.")
        yield Said(
            (*path, f"qualifies as {stage}"),
            said.format(stage=stage, condition=condition(needed)),
        )
    if rules.disqualifies:
        said = _("A lead is never handed over if {condition}.")
        yield Said((*path, "disqualifies"), said.format(condition=condition(rules.disqualifies)))


def _funnel(agreement: Agreement) -> Iterator[Said]:
    for path, metrics in funnels(agreement):
        yield Said(path, _metrics(agreement, path, metrics))
    for place, step in enumerate(agreement.improve):
        said = _("Both undertake to move {what} from {old} to {new} by {day}{where}.")
        where = _(", for {lead_type}").format(lead_type=step.lead_type) if step.lead_type else ""
        yield Said(
            ("improve", place),
            said.format(
                what=step.what, old=share(step.from_), new=share(step.to), day=step.by, where=where
            ),
        )


def _metrics(agreement: Agreement, path: Path, metrics: Funnel) -> str:
    unit = agreement.currency
    name = str(path[-1]) if len(path) == 2 else f"{path[-1]} ({path[1]})"
    steps = ", ".join(f"{step} {series(values)}" for step, values in metrics.steps.items())
    text = _("agreed for {name}: {steps}").format(name=name, steps=steps or _("no rates"))
    if metrics.share is not None:
        text += _("; {share} of the quota").format(share=share(metrics.share))
    if metrics.order_value:
        text += _("; a deal is worth {value}").format(value=series(metrics.order_value, unit))
    if metrics.closes_in:
        text += _("; it closes in {span}").format(span=metrics.closes_in)
    if metrics.costs:
        text += _("; a lead costs {value}").format(value=series(metrics.costs, unit))
    if metrics.source:
        text += _("; source: {source}").format(source=metrics.source)
    return sentence(f"{text}.")


def _handoff(agreement: Agreement) -> Iterator[Said]:
    handoff = agreement.handoff
    if handoff is None:
        return
    path = ("handoff",)
    said = _("Marketing hands a lead over when {start}.")
    yield Said((*path, "when"), said.format(start=happens(handoff.when, agreement, _("it"))))
    yield from _packet(handoff)
    if handoff.route:
        yield Said((*path, "route"), _route(handoff.route))
    if handoff.accept_within:
        said = _(
            "Sales accepts or rejects it within {span}; silence counts as accepted, and is reported as undecided."
        )
        yield Said((*path, "accept within"), said.format(span=handoff.accept_within))
    if handoff.reasons_to_reject:
        said = _("Sales may reject a lead for these reasons only: {reasons}.")
        yield Said(
            (*path, "reasons to reject"), said.format(reasons=both(handoff.reasons_to_reject))
        )
    if back := handoff.return_:
        text = _("after {attempts} a lead goes back, into the nurture track {track}").format(
            attempts=back.after, track=back.to
        )
        if back.not_before:
            text += _(", and is not handed over again for {span}").format(span=back.not_before)
        yield Said((*path, "return"), sentence(f"{text}."))


def _packet(handoff: Handoff) -> Iterator[Said]:
    if handoff.share:
        said = _("Sales is told: {fields}.").format(fields=both(handoff.share))
        yield Said(("handoff", "share"), said)
    if handoff.notify:
        said = _("Sales is notified by {channels}.").format(channels=both(handoff.notify))
        yield Said(("handoff", "notify"), said)


def _route(route: Route) -> str:
    ways = {
        "weight": _("leads are shared out by weight"),
        "round robin": _("leads are shared out in turn"),
        "capacity": _("leads go to whoever has most room"),
    }
    text = ways[route.by]
    if route.team:
        text += _(" within the team {team}").format(team=route.team)
    if route.respect:
        text += _(", respecting {limits}").format(limits=both(route.respect))
    if route.same_account:
        text += _("; leads of one account go to one owner")
    if route.at_most:
        text += _("; a rep gets at most {most}").format(most=limit_said(route.at_most))
    if route.at_least:
        text += _("; a rep gets at least {least}").format(least=limit_said(route.at_least))
    return sentence(f"{text}.")


def _nurture(agreement: Agreement) -> Iterator[Said]:
    for name, track in agreement.nurture.items():
        path = ("nurture", name)
        steps = [
            _("{offer} after {span} ({stage})").format(
                offer=step.send, span=step.after, stage=step.stage
            )
            for step in track.steps
        ]
        said = _("The nurture track {name} sends {steps}.").format(
            name=name, steps=", ".join(steps)
        )
        yield Said((*path, "steps"), said)
        if track.leave_when:
            ends = either(happens(word, agreement, _("a lead")) for word in track.leave_when)
            said = _("It ends when {ends}.").format(ends=ends)
            yield Said((*path, "leave when"), said)


def _pledges(agreement: Agreement) -> Iterator[Said]:
    for side, measures in agreement.kpis.items():
        said = _("{side} is measured by {measures}.")
        yield Said(("kpis", side), said.format(side=sentence(side), measures=both(measures)))
    for side, pledges in agreement.commitments.items():
        for place, pledge in enumerate(pledges):
            said = _("{side} undertakes: {text}.")
            yield Said(
                ("commitments", side, place),
                said.format(side=sentence(side), text=pledge.rstrip(".")),
            )


def _living(agreement: Agreement) -> Iterator[Said]:
    pauses = agreement.pauses
    if pauses.reasons:
        said = _("A clock may stand still for these reasons only: {reasons}.")
        yield Said(("pauses", "reasons"), said.format(reasons=both(pauses.reasons)))
    if pauses.at_most:
        said = _("A pause ends by itself after {span}.").format(span=pauses.at_most)
        yield Said(("pauses", "at most"), said)
    for name, when in agreement.rhythm.items():
        said = _("{name}: {when}.").format(name=sentence(name), when=when)
        yield Said(("rhythm", name), said)
    for place, case in enumerate(agreement.cases):
        yield Said(("cases", place), _("A worked example: it {it}.").format(it=case.it.rstrip(".")))
    for place, lesson in enumerate(agreement.lessons):
        who = _(" ({who})").format(who=lesson.by) if lesson.by else ""
        said = _("Learned on {day}{who}: {text}.")
        yield Said(
            ("lessons", place),
            said.format(day=lesson.on, who=who, text=lesson.learned.rstrip(".")),
        )
    for side, signers in agreement.to_be_signed_by.items():
        said = ngettext("For {side}, {names} signs.", "For {side}, {names} sign.", len(signers))
        if side == ORDER:
            said = _("The order of signing: {names}.")
        yield Said(("to be signed by", side), said.format(side=side, names=both(signers)))
