"""Handing: leads that qualify are offered to sales, and accepted where sales says nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import acquaintance, database, handed_notices, lapsing, routing, scoring
from leaddesk.book.codec import Row, row_of
from leaddesk.book.lapsing import elsewhere, identity
from leaddesk.book.models import Fact
from leaddesk.book.rules import Rules
from leadpact import handing
from leadpact.clock import day_start, local_day, to_datetime
from leadpact.facts import ACCEPTED
from leadpact.handing import Handoffs, Lapses, Limits, Offers
from leadpact.judge import Judgement, judge
from leadpact.log import SILENT, Log
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.rulings import SYSTEM
from leadpact.score import HUNDREDTHS, Explained, factors

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Waiting:
    """A lead that qualifies and that nobody can take now: since when, why, and when to try again."""

    lead: str
    at: int
    retry_at: int | None
    trigger: str
    route: str


@dataclass(frozen=True)
class Given:
    """The facts that follow, when each lead has to be looked at again, and which leads wait."""

    rows: list[Row]
    wakes: NDArray[np.int64]
    waiting: dict[str, Waiting] = field(default_factory=dict)


def offered(workspace: int, rules: Rules, judgement: Judgement, now: int, announce: bool) -> Given:
    """What qualifies now is handed over, what sales let pass in silence is accepted.

    Without `announce` nothing follows: what waits goes on waiting, and is looked at when its time
    has come.
    """
    wakes = np.full(len(judgement.log.keys), NEVER, np.int64)
    since = rules.hands_over_since
    if since is None or not any(v.agreement.handoff for v in rules.program.versions):
        return Given([], wakes)
    look = _Look(workspace, rules, judgement, now, since)
    np.minimum.at(wakes, look.given.lead[look.counts], look.limits.wakes[look.counts])
    found = look.offers
    wakes = np.minimum(wakes, np.minimum(found.wakes, look.lapses_wake(announce)))
    stored = _stored(workspace, [judgement.log.keys[lead] for lead in found.lead.tolist()])
    if not announce:
        waiting = {
            key: stored[key]
            for key in (judgement.log.keys[lead] for lead in found.lead.tolist())
            if key in stored
        }
        return Given([], _with_retries(wakes, judgement.log, waiting), waiting)
    handed_notices.queue(workspace, look.given, look.limits, look.counts, look.agreed, now)
    lapsing.warn(workspace, look.agreed, judgement, look.lapses, now, look.ours)
    own = [*look.silent(), *look.lapsed()]
    offers, waiting = _handed_over(look, stored)
    return Given([*own, *offers], _with_retries(wakes, judgement.log, waiting), waiting)


def limits_of(judgement: Judgement, given: Handoffs) -> Limits:
    """Until when each handoff can be decided on, on the clock of whoever owns the lead."""
    program = handing.acceptance(judgement.program)
    if program is None or not len(given):
        return handing.limits(None, given.lead, given.pass_)
    deciding = judge(program, judgement.log, now=judgement.now).obligations
    return handing.limits(deciding, given.lead, given.pass_)


class _Look:
    """One look at the leads of a judgement: their handoffs, and those that are to be offered."""

    def __init__(
        self, workspace: int, rules: Rules, judgement: Judgement, now: int, since: int
    ) -> None:
        self.workspace, self.rules, self.judgement = workspace, rules, judgement
        self.now, self.since, self.log = now, since, judgement.log
        self.agreed = scoring.agreed(rules, now)
        self.given = handing.handoffs(judgement.stories)
        self.limits = limits_of(judgement, self.given)
        self.ours = ~elsewhere(self.log, rules.hands_over_but)
        at = self.given.at(self.given.given)
        self.counts = (at >= since) & self.ours[self.given.lead]

    @cached_property
    def scored_log(self) -> Log:
        """The log as scores see it."""
        return scoring.shared(self.rules, self.log)

    @cached_property
    def offers(self) -> Offers:
        """The leads that are to be offered now."""
        qualified = handing.qualified(self.agreed, self.scored_log, self.now, self.since)
        return handing.offers(
            self.agreed,
            self.judgement.stories,
            self.given,
            qualified,
            now=self.now,
            since=self.since,
            systems=self.rules.hands_over_but,
        )

    @cached_property
    def lapses(self) -> Lapses:
        """When leads go back by themselves."""
        return handing.lapses(self.agreed, self.judgement.stories, self.since)

    def lapses_wake(self, announce: bool) -> Ints:
        """When a lead has to be looked at for that; at once where it isn't done in silence."""
        return lapsing.wakes(self.lapses, 0 if not announce else self.now, self.ours)

    def lapsed(self) -> Sequence[Row]:
        """What goes back by itself now, and what takes back a return that turned out to be none."""
        going = lapsing.going(self.judgement, self.agreed, self.lapses, self.now, self.ours)
        found = [self._now(self.log.keys[one.lead], one.marks, **one.said) for one in going]
        return [*found, *self._no_lapses()]

    def _no_lapses(self) -> Sequence[Row]:
        log = self.log
        if SYSTEM not in log.systems or log.source_ids is None:
            return []
        number = log.systems.index(SYSTEM)
        rows = handing.unfounded(self.judgement.stories, number)
        return [self._taken_back(row, "something was heard of late", "no lapse") for row in rows]

    @property
    def version(self) -> int:
        """The number of the version of the agreement that is in force."""
        return self.agreed.version

    def silent(self) -> Sequence[Row]:
        """The acceptances by silence, as of the instant at which the time was over; and what takes
        back one that turned out to be none, since sales had decided before."""
        given, limits, log = self.given, self.limits, self.log
        decided = given.at(given.decided)
        due = self.counts & limits.silent & (decided > limits.until) & (limits.until < self.now)
        due &= given.owner >= 0
        found = [
            self._fact(
                {"kind": "accepted", "silent": "yes", "why": self._within(), "by": None},
                lead=log.keys[int(given.lead[n])],
                at=int(limits.until[n]),
                marks=["silence", int(given.pass_[n]), identity(log, int(given.given[n]))],
            )
            for n in np.flatnonzero(due).tolist()
        ]
        return [*found, *self._orphans()]

    def _within(self) -> str:
        span = self.agreed.handoff.accept_within if self.agreed.handoff else None
        return f"accept within {span!s}"

    def _orphans(self) -> Sequence[Row]:
        log, stories = self.log, self.judgement.stories
        if SYSTEM not in log.systems or log.source_ids is None:
            return []
        own = (log.kind == ACCEPTED) & (log.flags & SILENT != 0)
        own &= log.source == log.systems.index(SYSTEM)
        passes = {*zip(self.given.lead.tolist(), self.given.pass_.tolist(), strict=True)}
        return [
            self._taken_back(row, "sales had decided before", "no silence")
            for row in np.flatnonzero(own).tolist()
            if (int(log.lead[row]), int(stories.pass_of[row])) not in passes
        ]

    def _taken_back(self, row: int, why: str, mark: str) -> Row:
        """What takes back a fact of the desk's own."""
        log = self.log
        fact = log.source_ids[row].as_py() if log.source_ids is not None else ""
        said = {"kind": "corrected", "fact": fact, "why": why}
        marks = [mark, identity(log, row)]
        return self._fact(said, lead=log.keys[int(log.lead[row])], at=self.now, marks=marks)

    def _fact(self, said: Mapping[str, Any], *, lead: str, at: int, marks: Sequence[Any]) -> Row:
        """A fact of the desk's own; the same for the same marks, whenever it is found."""
        told = {name: value for name, value in said.items() if value is not None}
        envelope = {
            "lead": lead,
            "occurred_at": to_datetime(at).isoformat(),
            "system": SYSTEM,
            "source_id": source_id(lead, marks),
        }
        return row_of({**envelope, **told}, self.now)

    def facts_of(
        self, place: int, score: Explained, chosen: tuple[str | None, str], known: Sequence[str]
    ) -> list[Row]:
        """The facts by which one of the offers is handed over, or begins to wait."""
        lead, pass_ = int(self.offers.lead[place]), int(self.offers.pass_[place])
        key, trigger = self.log.keys[lead], self.offers.trigger[place]
        cause = identity(self.log, int(self.offers.cause[place]))
        owner, route = chosen
        rows = []
        if (stage := self._stage_to_enter(lead)) is not None:
            marks = ["qualified", pass_, cause]
            rows.append(self._now(key, marks, kind="moved", to=stage, why=f"by rule: {trigger}"))
        if owner is None:
            return rows
        share = self.agreed.handoff.share if self.agreed.handoff else ()
        told = _score_told(score)
        packet = handing.packet(share, self.log, lead, score=told, personal=known)
        rows.append(
            self._now(
                key,
                ["score", pass_, cause],
                kind="scored",
                fit=_points(score.fit),
                interest=_points(score.interest),
                grade=score.grade or None,
                model=f"rules v{self.version}",
                factors=_json([factor.as_dict() for factor in score.factors]),
            )
        )
        rows.append(
            self._now(
                key,
                ["handed over", pass_, cause],
                kind="handed_over",
                owner=owner,
                trigger=trigger,
                packet=_json(packet.fields),
                missing=", ".join(packet.missing) or None,
                route=route,
            )
        )
        return rows

    def _now(self, key: str, marks: Sequence[Any], **said: Any) -> Row:
        return self._fact(said, lead=key, at=self.now, marks=marks)

    def _stage_to_enter(self, lead: int) -> str | None:
        """The stage of the handoff, where the lead isn't there yet."""
        handoff, stories = self.agreed.handoff, self.judgement.stories
        stage = handoff.when if handoff and handoff.when in self.agreed.stages else "mql"
        if stage not in stories.program.stages:
            return None
        number = stories.program.stages.index(stage)
        line = stories.table[lead]
        there = line[col.T_STANDING] == col.IN and line[col.T_STAGE] >= number
        return None if there else stage


def _handed_over(
    look: _Look, stored: Mapping[str, Waiting]
) -> tuple[list[Row], dict[str, Waiting]]:
    """The facts by which leads are handed over now, and those that nobody can take."""
    offers, log = look.offers, look.log
    if not len(offers.lead):
        return [], {}
    fresh = _unknown(look)
    if not fresh:
        return [], {}
    refusers = acquaintance.refusers(look.given, look.log)
    scores = {place: _explained(look, place) for place in fresh}
    wanted = [
        routing.Wanted(
            lead=log.keys[int(offers.lead[place])],
            pass_=int(offers.pass_[place]),
            at=int(log.at[offers.cause[place]]),
            account=known.get("account", ""),
            known=known,
            not_to=before.rejecters,
            rather_not=before.owners,
            interest=scores[place].interest,
            grade=scores[place].grade,
        )
        for place in fresh
        for before in [refusers.get(int(offers.lead[place]), acquaintance.Refusers())]
        for known in [
            acquaintance.known_of(log, int(offers.lead[place]))
            | axes(scores[place].fit, scores[place].interest)
        ]
    ]
    chosen = routing.chosen(look.workspace, look.rules, wanted, look.now)
    personal = acquaintance.personal(look.workspace, [one.lead for one in wanted])
    rows: list[Row] = []
    waiting: dict[str, Waiting] = {}
    for place, one in zip(fresh, wanted, strict=True):
        found = chosen[one.lead]
        known = personal.get(one.lead, ())
        rows += look.facts_of(place, scores[place], (found.owner, found.route), known)
        if found.owner is None:
            before = stored.get(one.lead)
            waiting[one.lead] = Waiting(
                one.lead,
                before.at if before else one.at,
                found.retry_at or _tomorrow(look.now, look.agreed.zone),
                offers.trigger[place],
                found.route,
            )
    return rows, waiting


def _unknown(look: _Look) -> list[int]:
    """The places of the offers that aren't recorded yet; some were, and were taken back since."""
    own = {
        source_id(look.log.keys[lead], ["handed over", pass_, identity(look.log, cause)]): place
        for place, (lead, pass_, cause) in enumerate(
            zip(
                *(
                    column.tolist()
                    for column in (look.offers.lead, look.offers.pass_, look.offers.cause)
                ),
                strict=True,
            )
        )
    }
    rows = Fact.objects.of(look.workspace).filter(system=SYSTEM, source_id__in=[*own])
    known = {*rows.values_list("source_id", flat=True)}
    return [place for key, place in own.items() if key not in known]


def _explained(look: _Look, place: int) -> Explained:
    lead = look.log.keys[int(look.offers.lead[place])]
    return factors(look.agreed, look.scored_log, lead, look.now)


def _stored(workspace: int, keys: Sequence[str]) -> dict[str, Waiting]:
    """Which of these leads wait already for somebody to take them."""
    if not keys:
        return {}
    condition, values = database.among("lead", keys)
    sql = f"""SELECT lead, at, retry_at, "trigger", route FROM book_handoff
              WHERE workspace_id = %s AND state = 'waiting' AND {condition}"""
    return {row[0]: Waiting(*row) for row in database.rows(sql, [workspace, *values])}


def _with_retries(wakes: Ints, log: Log, waiting: Mapping[str, Waiting]) -> Ints:
    if waiting:
        places = {key: place for place, key in enumerate(log.keys)}
        for key, one in waiting.items():
            if one.retry_at is not None:
                wakes[places[key]] = min(int(wakes[places[key]]), one.retry_at)
    return wakes


def _tomorrow(now: int, zone: str) -> int:
    """When the next day begins."""
    return int(day_start(local_day(now, zone) + 1, zone))


def _score_told(score: Explained) -> dict[str, Any]:
    return {
        "fit": _points(score.fit),
        "interest": _points(score.interest),
        "grade": score.grade,
        "factors": [factor.as_dict() for factor in score.factors],
    }


def axes(fit: int, interest: int) -> dict[str, str]:
    """A score (in hundredths of a point) as territories ask for it."""
    return {"fit": _points(fit), "interest": _points(interest)}


def _points(hundredths: int) -> str:
    """Points as they are written in a fact."""
    return f"{(Decimal(hundredths) / HUNDREDTHS).normalize():f}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def source_id(lead: str, marks: Sequence[Any]) -> str:
    """The source id of what the desk does of itself with a lead, for a cause: always the same."""
    told = json.dumps([lead, *marks], ensure_ascii=True)
    return f"hand-{blake2b(told.encode(), digest_size=16).hexdigest()}"
