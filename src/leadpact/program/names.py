"""Names: which facts meet a name that an agreement uses, and which stage a fact leads into."""

from collections.abc import Sequence
from typing import NamedTuple

from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.facts import (
    ACCEPTED,
    ATTEMPTED,
    CODES,
    CONVERTED,
    CREATED,
    ENGAGED,
    HANDED_OVER,
    KINDS,
    MOVED,
    WON,
)
from leadpact.log import FAILED, INBOUND, NOT_HUMAN, SILENT

SPOKEN = {kind.name.replace("_", " "): code for code, kind in enumerate(KINDS)}
"""Kinds of fact by their name in an agreement."""


class Happening(NamedTuple):
    """A class of facts: kind, subject (None where a fact names none), odd marks of an attempt."""

    kind: int
    word: str | None
    marks: int = 0


def stages_of(versions: Sequence[Agreement]) -> tuple[str, ...]:
    """The stages of all versions in one order: the newest's, earlier ones beside what they followed."""
    order = list(versions[-1].stages)
    for version in reversed(versions[:-1]):
        place = 0
        for stage in version.stages:
            if stage not in order:
                order.insert(place, stage)
            place = order.index(stage) + 1
    return tuple(order)


class Names:
    """How one version reads names, with stages numbered in the common order."""

    def __init__(self, agreement: Agreement, stages: Sequence[str]) -> None:
        self.agreement = agreement
        self.number = {stage: stages.index(stage) for stage in agreement.stages}
        own = agreement.stages
        self.final = self.number[own[-1]]
        self.base = self.number.get("lead", self.number[own[0]])
        self.conversion = self.number.get("opportunity", self.final)
        handoff = agreement.handoff.when if agreement.handoff else "mql"
        self.handover = self.number.get(handoff, -1)
        self.qualifies = self.number.get(handoff, self.number.get("mql", -1))

    def stage(self, fact: Happening) -> int:
        """The stage that the fact takes a lead into; -1 for none."""
        if fact.kind == MOVED:
            return self.number.get(fact.word or "", -1)
        reached = {
            CREATED: self.base,
            HANDED_OVER: self.handover,
            ACCEPTED: self.number.get("sal", -1),
            CONVERTED: self.number.get("opportunity", -1),
            WON: self.final,
        }
        return reached.get(fact.kind, -1)

    def counts(self, fact: Happening, channels: Sequence[str]) -> bool:
        """Whether an attempt counts, by the agreement and the channels of a promise."""
        attempt = self.agreement.definitions.attempt
        if fact.marks & (INBOUND | FAILED) or (attempt.human and fact.marks & NOT_HUMAN):
            return False
        if fact.marks & SILENT and not attempt.dial_tries_count:
            return False
        agreed = not attempt.by or fact.word is None or fact.word in attempt.by
        return agreed and (not channels or fact.word is None or fact.word in channels)

    def meets(self, fact: Happening, name: str, channels: Sequence[str] = ()) -> bool:
        """Whether the fact meets the name, whatever stage the lead is in."""
        if name == "attempted":
            return fact.kind == ATTEMPTED and self.counts(fact, channels)
        if name == "won":
            return fact.kind == WON or self.stage(fact) >= self.final
        if name == "converted":
            return fact.kind in (CONVERTED, WON) or self.stage(fact) >= self.conversion
        if name in SPOKEN:
            return fact.kind == SPOKEN[name]
        if name in self.number:
            return self.stage(fact) >= self.number[name]
        return fact.kind == ENGAGED and fact.word == name

    def starts(self, fact: Happening, name: str, channels: Sequence[str] = ()) -> bool:
        """Whether the fact starts a promise by itself; stages start it by being entered."""
        if name in ("won", "converted"):
            return fact.kind == CODES[name]
        return (name in SPOKEN or name not in self.number) and self.meets(fact, name, channels)

    def entering(self, names: Sequence[str]) -> int:
        """The stages, as bits, whose entering starts a promise with these names."""
        alias = {"won": self.final, "converted": self.conversion}
        found = [
            alias[n] if n in alias else self.number.get(n)
            for n in names
            if n not in SPOKEN or n in alias
        ]
        return sum({1 << stage for stage in found if stage is not None})

    def answers(self, promise: Response) -> tuple[str, ...]:
        """The names that answer: for a single attempt also what the buyer does by themselves.

        What starts a promise never answers it so: a buyer who writes again still waits.
        """
        single = promise.within is not None and promise.times == 1
        if single and "attempted" in promise.do:
            by_buyer = self.agreement.definitions.attempt.answered_by
            return (*promise.do, *(name for name in by_buyer if name not in promise.after))
        return promise.do

    def excuses(self, promise: Response) -> tuple[str, ...]:
        """The names that excuse: those that always do, and the promise's own."""
        always = {"merged", "rejected", "disqualified", "suppressed", "converted"} - set(promise.do)
        if any(self._converts(name) for name in promise.after):
            always.discard("converted")
        return tuple(sorted(always | set(promise.unless)))

    def _converts(self, name: str) -> bool:
        return name in ("won", "converted") or self.number.get(name, -1) >= self.conversion
