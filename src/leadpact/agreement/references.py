"""References: every name that an agreement uses is one that it defines."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from leadpact.agreement import (
    calendars,
    check_follow_up,
    check_handoff,
    check_mailing,
    check_nurture,
    check_route,
    check_score,
    structure,
)
from leadpact.agreement.findings import MOST, Finding
from leadpact.agreement.handoff import JOURNEY
from leadpact.agreement.model import Agreement
from leadpact.agreement.names import KIND_NAMES, behaviours, misspelt
from leadpact.agreement.promises import COUNTED, Ratio, Response, Volume
from leadpact.agreement.told import expected, facts_of
from leadpact.problem import Path, did_you_mean, meant
from leadpact.units import Misread
from leadpact.words import _

ORDER = "order"
RESPECTED = ("caps", "hours", "leave")


def inconsistent(agreement: Agreement) -> list[Finding]:
    """What contradicts itself or names what isn't there; nothing can be judged by it.

    At most some hundreds of findings, so that no text can take long.
    """
    parts = (
        calendars.faults,
        _parties,
        _people,
        _stages,
        _handoff,
        _nurture,
        check_nurture.faults,
        check_handoff.faults,
        check_route.faults,
        check_score.faults,
        check_follow_up.faults,
        check_mailing.faults,
        _promises,
        _lead_types,
        _cases,
        structure.faults,
    )
    return list(islice((found for part in parts for found in part(agreement)), 2 * MOST))


def unknown(path: Path, what: str, word: str, known: Collection[str]) -> Iterator[Finding]:
    """A finding where a word isn't among those known."""
    if word not in known:
        said = _("There is no {what} '{word}'.").format(what=what, word=word)
        yield Finding(path, said, nearest(word, known))


def nearest(word: str, known: Collection[str]) -> str:
    """A remedy for an unknown word, by the first hundreds of those that are known."""
    words = list(islice(known, MOST))
    return did_you_mean(word, words) if words else _("Define it, or leave it out.")


def persons(agreement: Agreement) -> list[str]:
    """Everybody whom the agreement names as a member of a side or as a holder of leads."""
    sides = [person for members in agreement.between.values() for person in members]
    return list(dict.fromkeys([*sides, *agreement.people]))


def _parties(agreement: Agreement) -> Iterator[Finding]:
    sides, everybody = list(agreement.between), persons(agreement)
    for clause in ("promises", "kpis", "commitments", "to be signed by"):
        for side in getattr(agreement, clause.replace(" ", "_")):
            if sides and side != ORDER:
                yield from unknown((clause, side), _("side"), side, sides)
    for side, signers in agreement.to_be_signed_by.items():
        for signer in signers if side != ORDER and everybody else ():
            yield from unknown(("to be signed by", side), _("person"), signer, everybody)
    quota = agreement.goal.quota if agreement.goal else None
    if quota and quota.owner and everybody:
        yield from unknown(("goal", "quota", "owner"), _("person"), quota.owner, everybody)


def teams(agreement: Agreement) -> list[str]:
    """The teams that are defined; without definitions, those that people are in."""
    own = [person.team for person in agreement.people.values() if person.team]
    return list(agreement.teams or dict.fromkeys(own))


def _people(agreement: Agreement) -> Iterator[Finding]:
    for name, team in agreement.teams.items():
        yield from _calendar(agreement, ("teams", name), team.calendar)
    for name, person in agreement.people.items():
        yield from _calendar(agreement, ("people", name), person.calendar)
        if person.team and agreement.teams:
            yield from unknown(("people", name, "team"), _("team"), person.team, agreement.teams)


def _calendar(agreement: Agreement, path: Path, name: str | None) -> Iterator[Finding]:
    if name is not None:
        yield from unknown((*path, "calendar"), _("calendar"), name, agreement.calendars)


def _stages(agreement: Agreement) -> Iterator[Finding]:
    stages = agreement.stages
    rules = agreement.qualification
    for stage in rules.qualifies if rules else ():
        rule = ("qualification", f"qualifies as {stage}")
        yield from unknown(rule, _("stage"), stage, stages)
    for place, lead_type in structure.funnels(agreement):
        for step in lead_type.steps:
            for stage in () if step == "win" else step.split(" to ", 1):
                yield from unknown((*place, step), _("stage"), stage, stages)
    path = ("definitions", "attempt", "answered by")
    yield from _misspelt(agreement, path, agreement.definitions.attempt.answered_by)


def _misspelt(agreement: Agreement, path: Path, words: Sequence[str]) -> Iterator[Finding]:
    heard = behaviours(agreement)
    for place, word in enumerate(words):
        near = None if word in heard else misspelt(word, agreement.stages)
        if near is None:
            continue
        said = _("'{word}' is neither a fact nor a stage.").format(word=word)
        remedy = _("Did you mean '{near}'? If leads really do that, define it under `definitions`.")
        yield Finding((*path, place), said, remedy.format(near=near))


def _handoff(agreement: Agreement) -> Iterator[Finding]:
    handoff = agreement.handoff
    if handoff is None:
        return
    known = [*agreement.stages, *KIND_NAMES, *sorted(behaviours(agreement))]
    if handoff.when not in known:
        said = _("'{word}' is neither a stage nor anything that leads do here.").format(
            word=handoff.when
        )
        yield Finding(("handoff", "when"), said, did_you_mean(handoff.when, agreement.stages))
    if handoff.return_:
        yield from unknown(
            ("handoff", "return", "to"), _("nurture track"), handoff.return_.to, agreement.nurture
        )
    if route := handoff.route:
        for word in route.respect:
            yield from unknown(("handoff", "route", "respect"), _("limit"), word, RESPECTED)
        if route.team:
            yield from unknown(
                ("handoff", "route", "team"), _("team"), route.team, teams(agreement)
            )


def _nurture(agreement: Agreement) -> Iterator[Finding]:
    known = [*JOURNEY, *agreement.stages]
    for name, track in agreement.nurture.items():
        for place, step in enumerate(track.steps):
            path = ("nurture", name, "steps", place, "stage")
            yield from unknown(path, _("stage of the journey"), step.stage, known)
        yield from _misspelt(agreement, ("nurture", name, "leave when"), track.leave_when)


def _promises(agreement: Agreement) -> Iterator[Finding]:
    owed: dict[str, str] = {}
    for side, promises in agreement.promises.items():
        for name, promise in promises.items():
            path = ("promises", side, name)
            if (other := owed.setdefault(name, side)) != side:
                said = _("{side} and {other} both have a promise '{name}'.")
                yield Finding(
                    path, said.format(side=side, other=other, name=name), _("Rename one of them.")
                )
            if isinstance(promise, Response):
                yield from _response(agreement, path, promise)
            elif isinstance(promise, Volume):
                yield from unknown((*path, "deliver"), _("stage"), promise.stage, agreement.stages)
            else:
                yield from _ratio(agreement, path, promise)


def _response(agreement: Agreement, path: Path, promise: Response) -> Iterator[Finding]:
    for key in ("after", "do", "unless"):
        yield from _misspelt(agreement, (*path, key), getattr(promise, key))
    channels = agreement.definitions.attempt.by
    for n, channel in enumerate(promise.by if channels else ()):
        yield from unknown((*path, "by", n), _("agreed channel"), channel, channels)
    yield from _calendar(agreement, path, promise.calendar)


def _ratio(agreement: Agreement, path: Path, promise: Ratio) -> Iterator[Finding]:
    known = [*COUNTED, *agreement.stages, *KIND_NAMES]
    above, below = promise.parts
    if not above:
        said = _("'{ratio}' is no ratio.").format(ratio=promise.ratio)
        yield Finding((*path, "ratio"), said, _("Write one `of` the other: opportunity of mql."))
        return
    for part in (above, below):
        if part not in known:
            said = _("'{part}' is neither a stage nor a fact.").format(part=part)
            remedy = did_you_mean(part, known if meant(part, known) else agreement.stages)
            yield Finding((*path, "ratio"), said, remedy)


def _lead_types(agreement: Agreement) -> Iterator[Finding]:
    streams = agreement.goal.streams if agreement.goal else {}
    for stream in agreement.funnel_by_stream:
        yield from unknown(("funnel by stream", stream), _("stream"), stream, streams)
    metrics = {"win"} | {
        step for _path, funnel in structure.funnels(agreement) for step in funnel.steps
    }
    types = {str(path[-1]) for path, _funnel in structure.funnels(agreement)}
    for n, improvement in enumerate(agreement.improve):
        yield from unknown(
            ("improve", n, "what"), _("step of the funnel"), improvement.what, metrics
        )
        if improvement.lead_type:
            place = ("improve", n, "lead type")
            yield from unknown(place, _("lead type"), improvement.lead_type, types)


def _cases(agreement: Agreement) -> Iterator[Finding]:
    for n, case in enumerate(agreement.cases):
        for key, read in (("given", facts_of), ("then", lambda case: expected(agreement, case))):
            try:
                read(case)
            except Misread as misread:
                yield Finding(("cases", n, key), misread.problem, misread.remedy)
