"""Judging slowly: the rule of docs/judging.md, one lead and one instant at a time, in plain Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadpact.agreement.model import Agreement
from tests.leadpact.reference.slow_clock import instant, moment
from tests.leadpact.reference.slow_due import FOREVER, Past
from tests.leadpact.reference.slow_log import Fact, known
from tests.leadpact.reference.slow_story import BELOW_ALL, Lead, Obligation


@dataclass
class Judged:
    """What was found: rows of obligations, what is known of each lead, the next instant to look."""

    obligations: list[dict]
    leads: dict[str, dict]
    wake_at: datetime | None


def judge_slowly(
    agreements: Sequence[Agreement],
    facts: list[dict],
    now: datetime,
    known_at: datetime | None = None,
) -> Judged:
    """Every obligation of every lead, by the agreement's versions, the facts and the moment."""
    versions = sorted(agreements, key=lambda version: version.valid_from)
    at = instant(now)
    heard = None if known_at is None else instant(known_at)
    log = known(facts, versions[-1].zone, at, heard)
    leads = [FoundLead(key, told, versions, at) for key, told in sorted(log.leads.items())]
    waking = [log.next_fact, *(wake for lead in leads for wake in lead.wakes())]
    ahead = [wake for wake in waking if wake is not None and wake > at]
    return Judged(
        [row for lead in leads for row in lead.rows()],
        {lead.key: lead.told() for lead in leads},
        moment(min(ahead)) if ahead else None,
    )


class FoundLead(Lead):
    """What is found of a lead in the end."""

    def rows(self) -> list[dict]:
        return [self._row(obligation) for obligation in self.obligations]

    def _settled_past(self, obligation: Obligation) -> Past:
        return obligation.past or self._past(self.now)

    def _row(self, obligation: Obligation) -> dict:
        past = self._settled_past(obligation)
        due, _ = obligation.dues(past)
        answered = obligation.ending == "answered"
        verdict = self.verdict(obligation)
        dated = self.is_dated(obligation)
        end = self._end(obligation)
        terms = obligation.terms
        legs = self._legs(obligation, verdict, due)
        return {
            "promise": obligation.name,
            "rung": obligation.rung,
            "occurrence": obligation.occurrence,
            "lead": self.key,
            "pass": obligation.number,
            "owner": legs[-1][0],
            "started_at": moment(obligation.start),
            "due_at": None if due is None else moment(due),
            "answered_at": moment(obligation.ended[1]) if answered else None,
            "verdict": verdict,
            "working_seconds": None
            if dated
            else seconds(terms.worked(obligation.start, end, past)),
            "elapsed_seconds": None if dated else seconds(end - obligation.start),
            "version": obligation.version.version,
            "legs": [
                (owner, moment(begin), moment(to), None if dated else seconds(worked), leg_verdict)
                for owner, begin, to, worked, leg_verdict in legs
            ],
            "dated": dated,
        }

    def is_dated(self, obligation: Obligation) -> bool:
        """Whether a date without time stands at its start, its answer or its excuse."""
        return obligation.start != obligation.latest_start or (
            obligation.ending in {"answered", "excused"}
            and obligation.ended[0] != obligation.ended[1]
        )

    def _end(self, obligation: Obligation) -> int:
        """The instant to which its time is counted."""
        return self.now if obligation.ending is None else obligation.ended[1]

    def verdict(self, obligation: Obligation) -> str:
        if self.standing == "merged":
            return "excused"
        verdict = self._plain_verdict(obligation)
        if verdict in {"open", "broken", "undeterminable"} and self._is_waived(obligation):
            return "waived"
        return verdict

    def _plain_verdict(self, obligation: Obligation) -> str:
        earliest, latest = obligation.dues(self._settled_past(obligation))
        if obligation.ending == "excused":
            return "undeterminable" if obligation.unsure else "excused"
        if obligation.ending == "answered":
            return _decided(*obligation.ended, earliest, latest, "kept")
        return _decided(self.now, self.now, earliest, latest, "open")

    def _is_waived(self, obligation: Obligation) -> bool:
        return any(self._waives(number, fact, obligation) for number, fact in self.waivers)

    def _waives(self, number: int, fact: Fact, obligation: Obligation) -> bool:
        def names(said: str, value: int | None) -> bool:
            text = fact.text(said)
            return text is None or (value is not None and int(text) == value)

        named = fact.text("pass")
        return (
            fact.word("promise") == " ".join(obligation.name.casefold().split())
            and names("rung", obligation.rung)
            and names("occurrence", obligation.occurrence)
            and (number if named is None else int(named)) == obligation.number
        )

    def _legs(
        self, obligation: Obligation, verdict: str, due: int | None
    ) -> list[tuple[str | None, int, int, int, str | None]]:
        past, end = self._settled_past(obligation), self._end(obligation)
        legs = []
        changes = _changes(past, obligation.start, end)
        for number, (begin, owner) in enumerate(changes):
            is_last = number == len(changes) - 1
            to = end if is_last else changes[number + 1][0]
            worked = obligation.terms.worked(begin, to, _held(past, owner, to))
            legs.append((owner, begin, to, worked, None))
            if owner is not None and verdict in {"kept", "broken", "open"}:
                said = self._leg_verdict(obligation, legs[-1], due, is_last)
                legs[-1] = (*legs[-1][:4], said)
        return legs

    def _leg_verdict(
        self, obligation: Obligation, leg: tuple, due: int | None, is_last: bool
    ) -> str | None:
        owner, begin, to, *_ = leg
        if due is not None and begin > due:
            return None
        own_due = obligation.terms.due(begin, _held(self._settled_past(obligation), owner, to))
        if is_last and obligation.ending == "answered":
            return "kept" if own_due is None or to <= own_due else "broken"
        held_until = self.now if is_last else to  # giving the lead back is not handing it on
        if own_due is not None and own_due < held_until:
            return "broken"
        return "open" if is_last else None

    def told(self) -> dict:
        return {
            "pass": self.number,
            "standing": self.standing,
            "stage": None if self.stage == BELOW_ALL else self.funnel.stages[self.stage],
            "owner": self._past(self.now).owner(self.now),
            "paused": self._past(self.now).is_paused,
            "unexpected": [fact.id for fact in self.unexpected],
        }

    def wakes(self) -> Iterator[int | None]:
        """Every instant at which something about this lead can change by itself."""
        if self.standing == "out":
            yield self.recycled
        for obligation in self.obligations:
            if obligation.ending in {None, "left"} and self.verdict(obligation) in {
                "open",
                "broken",
                "undeterminable",
            }:
                yield from self._wakes_of(obligation)
                yield from self._wakes_of_leg(obligation)
        if self._past(self.now).is_paused:
            yield from (end for f, end in self.pauses if f <= self.now < end < FOREVER)
        yield from self._restarts()

    def _wakes_of(self, obligation: Obligation) -> Iterator[int | None]:
        past = self._settled_past(obligation)
        for due in obligation.dues(past):
            if due is not None:
                yield from (due, due + 1)
        shares = [step.at for step in obligation.promise.escalate]
        if obligation.promise.warn_at is not None:
            shares.append(obligation.promise.warn_at)
        for share in shares:
            yield obligation.terms.used(obligation.start, past, share)

    def _wakes_of_leg(self, obligation: Obligation) -> Iterator[int]:
        """The last owner's own due instant, and the first one after it."""
        past, end = self._settled_past(obligation), self._end(obligation)
        begin, owner = _changes(past, obligation.start, end)[-1]
        due, _ = obligation.dues(past)
        if owner is not None and (due is None or begin <= due):
            own_due = obligation.terms.due(begin, _held(past, owner, end))
            yield from () if own_due is None else (own_due, own_due + 1)

    def _restarts(self) -> Iterator[int]:
        if any(obligation.ending is None for obligation in self.obligations):
            for version in self.versions[1:]:
                if version.open_promises == "restart":
                    yield self._midnight(version)


def _decided(first: int, last: int, earliest: int | None, latest: int | None, in_time: str) -> str:
    """In time at or before the earliest due instant, broken after the latest, else unsure."""
    if earliest is None or last <= earliest:
        return in_time
    if latest is not None and first > latest:
        return "broken"
    return "undeterminable"


def _changes(past: Past, start: int, end: int) -> list[tuple[int, str | None]]:
    """From when on who owned the lead, between two instants; nobody for no time at all."""
    changes = sorted({at for at, _ in past.owners if start < at <= end})
    return [(at, past.owner(at)) for at in (start, *changes)]


def _held(past: Past, owner: str | None, until: int) -> Past:
    """The same pauses, as seen at `until`, with one owner all the time."""
    return Past(until, ((-FOREVER, owner),), past.pauses)


def seconds(micros: int) -> float:
    return micros / 1_000_000
