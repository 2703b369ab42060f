"""The story of one lead, slowly: fact by fact and instant by instant, in plain Python."""

from dataclasses import dataclass

from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.units import Span
from tests.leadpact.reference.slow_clock import day_start, same_time
from tests.leadpact.reference.slow_due import FOREVER, Past, Terms
from tests.leadpact.reference.slow_log import Fact, bounds
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
            self._start(fact)
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
            self.pauses = ended(self.pauses, at)
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

    def _start(self, fact: Fact) -> None:
        self._raise_stage(fact)
        if fact.kind not in LEAVING or (self.has_left and fact.kind not in REPEATED):
            self._start_promises(fact)

    def _start_promises(self, fact: Fact) -> None:
        version = self._version(fact.first)
        for name, promise in responses(version) if version is not None else ():
            raised = self.raises.get(fact)
            if any(self._meets(n, fact, version, promise, raised, True) for n in promise.after):
                self._start_promise(version, name, promise, fact)

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

    def _start_promise(self, version: Agreement, name: str, promise: Response, fact: Fact) -> None:
        number, at = self.belongs_to, fact.first
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
                if promise is not None and self._applies(version, promise, at):
                    self._oblige(version, name, promise, self.belongs_to, occurrence, at, None)

    def _resume(self, fact: Fact, at: int) -> None:
        if fact.kind == "resumed":
            self.pauses = ended(self.pauses, at)

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
            by_buyer = version.definitions.attempt.answered_by
            names += tuple(name for name in by_buyer if name not in promise.after)
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
            self.pauses = ended(self.pauses, at)
            self.owners.append((at, None))
            self.standing = LEAVING[fact.kind]
            self.recycled = self._not_before(fact)
            self._start_promises(fact)  # they belong to the pass to come
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
        pauses = ended(self.pauses, at)
        for obligation in self._running():
            obligation.end("left", first, at, Past(at, tuple(self.owners), tuple(pauses)))
        self.stage, self.has_left = self.funnel.first, True


def responses(version: Agreement) -> list[tuple[str, Response]]:
    """The response promises of an agreement, by name."""
    promised = version.promised().items()
    return [(name, p) for name, (_, p) in promised if isinstance(p, Response)]


def ended(pauses: list[tuple[int, int]], at: int) -> list[tuple[int, int]]:
    """The pauses, with the one of this instant ended."""
    return [(begin, at if begin <= at < end else end) for begin, end in pauses]
