"""Judging slowly: the rule of docs/judging.md, one lead and one instant at a time, in plain Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.units import Span
from tests.leadpact.reference.slow_clock import day_start, instant, moment, same_time
from tests.leadpact.reference.slow_due import FOREVER, Past, Terms
from tests.leadpact.reference.slow_log import Fact, bounds, known
from tests.leadpact.reference.slow_names import (
    Funnel,
    Raise,
    attributes,
    counts_as_attempt,
    holds,
    meets,
)

LEAVING = {"returned": "out", "rejected": "out", "disqualified": "disqualified", "lost": "lost"}
REPEATED = {"returned", "rejected", "lost"}  # unexpected where the lead is out already
FINAL = {"suppressed", "merged"}
ALWAYS_EXCUSES = ("merged", "rejected", "disqualified", "suppressed", "converted")
BELOW_ALL = -1
STAGE_FACTS = {"created", "moved", "handed_over", "accepted", "converted", "won"}


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
    leads = [Lead(key, told, versions, at) for key, told in sorted(log.leads.items())]
    waking = [log.next_fact, *(wake for lead in leads for wake in lead.wakes())]
    ahead = [wake for wake in waking if wake is not None and wake > at]
    return Judged(
        [row for lead in leads for row in lead.rows()],
        {lead.key: lead.told() for lead in leads},
        moment(min(ahead)) if ahead else None,
    )


@dataclass
class Obligation:
    """One rung of one promise applied to one pass.

    An ending is `answered`, `excused` or `left`; its first and last possible instants differ
    where the fact has a date without time, as do `start` and `latest_start`.
    """

    version: Agreement
    name: str
    promise: Response
    rung: int | None
    times: int
    span: Span
    occurrence: int
    number: int
    start: int
    latest_start: int
    starter: Fact | None
    answers: int = 0
    ending: str | None = None
    ended: tuple[int, int] = (FOREVER, FOREVER)
    unsure: bool = False
    past: Past | None = None

    @property
    def terms(self) -> Terms:
        return Terms(self.version, self.promise, self.span)

    def dues(self, past: Past) -> tuple[int | None, int | None]:
        """The earliest and the latest due instant; None while paused."""
        return self.terms.due(self.start, past), self.terms.due(self.latest_start, past)

    def end(self, how: str, first: int, last: int, past: Past) -> None:
        self.ending, self.ended, self.past = how, (max(first, self.start), last), past

    def excuse(self, first: int, last: int, past: Past) -> None:
        """Excused unless it was due before; unsure where days without a time decide."""
        first = max(first, self.start)
        earliest, latest = self.dues(past)
        if latest is not None and first > latest:
            return
        self.unsure = earliest is not None and last > earliest
        self.end("excused", first, last, past)


class Lead:
    """The story of one lead, told fact by fact."""

    def __init__(self, key: str, facts: list[Fact], versions: list[Agreement], now: int) -> None:
        self.key, self.facts, self.versions, self.now = key, facts, versions, now
        self.funnel = Funnel(versions[-1])
        self.number, self.has_left = 1, False
        self.standing, self.stage = "open", BELOW_ALL
        self.owners: list[tuple[int, str | None]] = []
        self.pauses: list[tuple[int, int]] = []
        self.raises: dict[Fact, Raise] = {}
        self.counted: dict[tuple[str, int], int] = {}
        self.obligations: list[Obligation] = []
        self.waivers: list[tuple[int, Fact]] = []
        self.unexpected: list[Fact] = []
        self.recycled: int | None = None
        for at in self._instants():
            self._live(at)

    def _instants(self) -> list[int]:
        midnights = {self._midnight(version) for version in self.versions}
        told = {at for fact in self.facts for at in (fact.first, fact.last)}
        return sorted(told | {at for at in midnights if at <= self.now})

    def _midnight(self, version: Agreement) -> int:
        return day_start(version.valid_from, version.zone)

    def _version(self, at: int) -> Agreement | None:
        begun = [version for version in self.versions if self._midnight(version) <= at]
        return begun[-1] if begun else None

    @property
    def belongs_to(self) -> int:
        """The pass that a fact of this moment belongs to."""
        return self.number + 1 if self.has_left else self.number

    def _past(self, at: int) -> Past:
        return Past(at, tuple(self.owners), tuple(self.pauses))

    def _running(self) -> list[Obligation]:
        """Obligations of this pass (or of the one to come) that are neither answered nor excused."""
        here = self.belongs_to
        return [o for o in self.obligations if o.ending is None and o.number == here]

    # What happens at one instant, in order.

    def _live(self, at: int) -> None:
        early = sorted((fact for fact in self.facts if fact.first == at), key=lambda f: f.id)
        late = sorted((fact for fact in self.facts if fact.last == at), key=lambda f: f.id)
        if self.standing in FINAL:
            self._after_the_end(early)
            return
        for fact in early:
            self._open_pass(fact, at)
        self._replace_version(at)
        for fact in early:
            self._assign(fact, at)
        for fact in early:
            self._start(fact, at)
        for fact in late:
            self._resume(fact, at)
        for fact in late:
            self._answer(fact, at)
        for fact in late:
            self._excuse(fact, at)
        for fact in late:
            self._pause(fact, at)
        self.waivers += [(self.belongs_to, fact) for fact in late if fact.kind == "waived"]
        for fact in late:
            self._leave(fact, at)

    def _after_the_end(self, facts: list[Fact]) -> None:
        for fact in facts:
            if fact.kind == "waived":
                self.waivers.append((self.belongs_to, fact))
            else:
                self.unexpected.append(fact)

    def _open_pass(self, fact: Fact, at: int) -> None:
        if not (self.has_left or self.standing == "won") or not self._opens(fact):
            return
        if not self.has_left:
            self._end_pass(at, at)
        self.number, self.has_left = self.number + 1, False
        self.standing, self.recycled = "open", None

    def _opens(self, fact: Fact) -> bool:
        if fact.kind == "handed_over":
            return True
        if fact.kind not in (STAGE_FACTS if self.has_left else {"moved"}):
            return False
        stage, least = self.funnel.taken_to(fact), self.funnel.qualifying
        return stage is not None and least is not None and stage >= least

    def _assign(self, fact: Fact, at: int) -> None:
        if fact.kind not in {"assigned", "handed_over"}:
            return
        owner = fact.text("owner", "to")
        if owner is not None and owner != self._past(at).owner(at):
            self.owners.append((at, owner))

    def _start(self, fact: Fact, at: int) -> None:
        self._raise_stage(fact)
        version = self._version(at)
        if version is None:
            return
        if fact.kind in REPEATED and (self.has_left or not self._leaves(fact)):
            return
        number = self.belongs_to + (fact.kind in LEAVING and not self.has_left)
        for name, promise in responses(version):
            raised = self.raises.get(fact)
            if any(self._meets(n, fact, version, promise, raised, True) for n in promise.after):
                self._start_promise(version, name, promise, number, fact, at)

    def _leaves(self, fact: Fact) -> bool:
        """Whether a fact is the one, of several until its last instant, that leaves the pass."""
        until = (f for f in self.facts if f.kind in LEAVING and fact.first <= f.last <= fact.last)
        return fact is min(until, key=lambda f: (f.last, f.id))

    def _raise_stage(self, fact: Fact) -> None:
        stage = self.funnel.taken_to(fact)
        if stage is not None and stage > self.stage:
            self.raises[fact] = (self.stage, stage)
            self.stage = stage
        elif fact.kind == "moved":
            self.unexpected.append(fact)
        if fact.kind == "won" or (fact in self.raises and self.stage == self.funnel.last):
            # A win that opens no pass changes nothing while the lead is out.
            self.standing = self.standing if self.has_left else "won"

    def _start_promise(
        self, version: Agreement, name: str, promise: Response, number: int, fact: Fact, at: int
    ) -> None:
        counted = self.counted.get((name, number), 0)
        if counted and not promise.each_time:
            return
        if not self._applies(version, promise, at):
            return
        self.counted[name, number] = counted + 1
        self._oblige(version, name, promise, number, counted + 1, at, fact)

    def _applies(self, version: Agreement, promise: Response, at: int) -> bool:
        known_of = attributes(self.facts, at)
        return holds(version.applies_to, known_of) and holds(promise.for_, known_of)

    def _oblige(
        self,
        version: Agreement,
        name: str,
        promise: Response,
        number: int,
        occurrence: int,
        at: int,
        fact: Fact | None,
    ) -> None:
        latest = at if fact is None else fact.last
        for rung, times, span in promise.rungs:
            self.obligations.append(
                Obligation(
                    version, name, promise, rung, times, span, occurrence,
                    number, at, latest, fact,
                )
            )  # fmt: skip

    def _replace_version(self, at: int) -> None:
        """At the midnight of a version that restarts promises all open ones begin again under it."""
        for version in self.versions[1:]:
            if self._midnight(version) != at or version.open_promises != "restart":
                continue
            renewed: list[tuple[str, int]] = []
            for obligation in self._running():
                obligation.excuse(at, at, self._past(at))
                if obligation.ending is not None:
                    renewed.append((obligation.name, obligation.occurrence))
            for name, occurrence in dict.fromkeys(renewed):
                promise = dict(responses(version)).get(name)
                if promise is not None and holds(promise.for_, attributes(self.facts, at)):
                    self._oblige(version, name, promise, self.belongs_to, occurrence, at, None)

    def _resume(self, fact: Fact, at: int) -> None:
        if fact.kind == "resumed":
            self.pauses = _ended(self.pauses, at)

    def _answer(self, fact: Fact, at: int) -> None:
        for obligation in self._running():
            if fact is not obligation.starter and self._answers(fact, obligation):
                obligation.answers += 1
                if obligation.answers == obligation.times:
                    obligation.end("answered", fact.first, fact.last, self._past(at))

    def _answers(self, fact: Fact, obligation: Obligation) -> bool:
        version, promise = obligation.version, obligation.promise
        names = promise.do
        if "attempted" in names and not promise.ladder and promise.times == 1:
            names += version.definitions.attempt.answered_by
        raised = self.raises.get(fact)
        return any(self._meets(name, fact, version, promise, raised, False) for name in names)

    def _meets(
        self,
        name: str,
        fact: Fact,
        version: Agreement,
        promise: Response,
        raised: Raise | None,
        entering: bool,
    ) -> bool:
        counts = counts_as_attempt(fact, version, promise.by)
        return meets(name, fact, raised, self.funnel, counts, entering)

    def _excuse(self, fact: Fact, at: int) -> None:
        for obligation in self._running():
            if fact is not obligation.starter and self._excuses(fact, obligation):
                obligation.excuse(fact.first, fact.last, self._past(at))

    def _excuses(self, fact: Fact, obligation: Obligation) -> bool:
        version, promise = obligation.version, obligation.promise
        names = [name for name in ALWAYS_EXCUSES if name not in promise.do]
        if any(self.funnel.starts_at_conversion(name) for name in promise.after):
            names = [name for name in names if name != "converted"]
        raised = self.raises.get(fact)
        return any(
            self._meets(name, fact, version, promise, raised, False)
            for name in (*names, *promise.unless)
        )

    def _pause(self, fact: Fact, at: int) -> None:
        if fact.kind != "paused" or self._past(at).is_paused:
            return
        agreed = (self._version(at) or self.versions[0]).pauses
        reason = fact.word("reason")
        if agreed.reasons and reason is not None and reason not in agreed.reasons:
            self.unexpected.append(fact)
            return
        end = FOREVER
        if agreed.at_most is not None:
            zone = (self._version(at) or self.versions[0]).zone
            end = same_time(at, agreed.at_most.days, zone) + agreed.at_most.micros
        self.pauses.append((at, end))

    def _leave(self, fact: Fact, at: int) -> None:
        if self.standing in FINAL:
            return
        if fact.kind in FINAL:
            self.standing = fact.kind
            for obligation in self._running():
                obligation.end("left", fact.first, at, self._past(at))
        elif fact.kind not in LEAVING:
            return
        elif not self.has_left:
            self._excuse_ladders(fact, at)
            self._end_pass(fact.first, at)
            self.pauses = _ended(self.pauses, at)
            self.owners.append((at, None))
            self.standing = LEAVING[fact.kind]
            self.recycled = self._not_before(fact)
        elif fact.kind == "disqualified":
            self.standing = "disqualified"
        else:
            self.unexpected.append(fact)

    def _not_before(self, fact: Fact) -> int | None:
        said = fact.text("not_before") if fact.kind == "returned" else None
        return None if said is None else bounds(said, self.versions[-1].zone)[0]

    def _excuse_ladders(self, fact: Fact, at: int) -> None:
        for obligation in self._running():
            if obligation.promise.ladder and fact is not obligation.starter:
                obligation.excuse(fact.first, at, self._past(at))

    def _end_pass(self, first: int, at: int) -> None:
        """The clocks of a pass stay as they are, but for its pause; the stage starts anew."""
        pauses = _ended(self.pauses, at)
        for obligation in self._running():
            obligation.end("left", first, at, Past(at, tuple(self.owners), tuple(pauses)))
        self.stage, self.has_left = self.funnel.first, True

    # What is found in the end.

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
        if self._past(self.now).is_paused and any(o.ending is None for o in self.obligations):
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


def responses(version: Agreement) -> list[tuple[str, Response]]:
    """The response promises of an agreement, by name."""
    promised = version.promised().items()
    return [(name, p) for name, (_, p) in promised if isinstance(p, Response)]


def _decided(first: int, last: int, earliest: int | None, latest: int | None, in_time: str) -> str:
    """In time at or before the earliest due instant, broken after the latest, else unsure."""
    if earliest is None or last <= earliest:
        return in_time
    if latest is not None and first > latest:
        return "broken"
    return "undeterminable"


def _ended(pauses: list[tuple[int, int]], at: int) -> list[tuple[int, int]]:
    """The pauses, with the one of this instant ended."""
    return [(begin, at if begin <= at < end else end) for begin, end in pauses]


def _changes(past: Past, start: int, end: int) -> list[tuple[int, str | None]]:
    """From when on who owned the lead, between two instants; nobody for no time at all."""
    changes = sorted({at for at, _ in past.owners if start < at <= end})
    return [(at, past.owner(at)) for at in (start, *changes)]


def _held(past: Past, owner: str | None, until: int) -> Past:
    """The same pauses, as seen at `until`, with one owner all the time."""
    return Past(until, ((-FOREVER, owner),), past.pauses)


def seconds(micros: int) -> float:
    return micros / 1_000_000
