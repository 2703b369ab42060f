"""A slow log: which facts had happened, were known, and stand; plain lists of plain facts."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.leadpact.reference.slow_clock import day_start, instant

KINDS = frozenset(
    (
        "created",
        "described",
        "engaged",
        "replied",
        "scored",
        "moved",
        "handed_over",
        "accepted",
        "rejected",
        "assigned",
        "attempted",
        "returned",
        "disqualified",
        "converted",
        "won",
        "lost",
        "suppressed",
        "merged",
        "paused",
        "resumed",
        "enrolled",
        "ruled",
        "waived",
        "disputed",
        "corrected",
    )
)


def word(text: object) -> str:
    return " ".join(str(text).casefold().replace("_", " ").split())


@dataclass(frozen=True, eq=False)
class Fact:
    """One fact: it happened at `first` at the earliest and at `last` at the latest."""

    lead: str
    kind: str
    first: int
    last: int
    recorded: int
    id: str
    said: dict[str, str]

    @property
    def dated(self) -> bool:
        return self.first != self.last

    def word(self, *names: str) -> str | None:
        """What the fact says under the first of these names that it has, as a folded word."""
        text = self.text(*names)
        return None if text is None else word(text)

    def text(self, *names: str) -> str | None:
        return next((self.said[name] for name in names if self.said.get(name)), None)


@dataclass(frozen=True)
class Known:
    """The facts of each lead as they stood, and when the next one to come happens."""

    leads: dict[str, list[Fact]]
    next_fact: int | None


def known(facts: list[dict], zone: str, now: int, known_at: int | None) -> Known:
    """Duplicates, facts to come, unheard facts and corrected ones left out; merges copied."""
    once = _once([_fact(fact, zone) for fact in facts])
    heard = [fact for fact in once if known_at is None or fact.recorded <= known_at]
    happened = _uncorrected([fact for fact in heard if fact.first <= now])
    to_come = [fact.first for fact in heard if fact.first > now]
    leads: dict[str, list[Fact]] = {}
    for fact in happened:
        leads.setdefault(fact.lead, []).append(fact)
    return Known(_merged(leads), min(to_come, default=None))


def _fact(said: dict, zone: str) -> Fact:
    first, last = bounds(said["occurred_at"], zone)
    recorded = bounds(said["recorded_at"], zone)[0] if "recorded_at" in said else first
    kind = word(said["kind"]).replace(" ", "_")
    assert kind in KINDS, kind
    return Fact(said["lead"], kind, first, last, recorded, said["source_id"], dict(said))


def bounds(written: str, zone: str) -> tuple[int, int]:
    """The first and the last instant of a date, or twice the instant that is written."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        day = date.fromisoformat(written)
        return day_start(day, zone), day_start(day + timedelta(days=1), zone) - 1
    at = instant(datetime.fromisoformat(written))
    return at, at


def _once(facts: list[Fact]) -> list[Fact]:
    """One fact for each system and source id: the one that was recorded first."""
    first: dict[tuple[str, str], Fact] = {}
    for fact in sorted(facts, key=lambda fact: fact.recorded):
        first.setdefault((fact.said.get("system", ""), fact.id), fact)
    return list(first.values())


def _uncorrected(facts: list[Fact]) -> list[Fact]:
    """Without the facts that a correction of the same lead, itself standing, takes back."""
    corrections = [fact for fact in facts if fact.kind == "corrected"]
    undone = {(c.lead, c.said["fact"]) for c in corrections}
    standing = {(c.lead, c.said["fact"]) for c in corrections if (c.lead, c.id) not in undone}
    return [fact for fact in facts if (fact.lead, fact.id) not in standing]


def _merged(leads: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
    """The last lead of each chain of merges also has all facts of those that went into it."""
    into = {
        fact.lead: fact.said["into"]
        for facts in leads.values()
        for fact in facts
        if fact.kind == "merged"
    }
    told = {key: list(facts) for key, facts in leads.items()}
    for key, facts in leads.items():
        survivor = _survivor(key, into)
        if survivor is not None and survivor != key and survivor in leads:
            told[survivor] += [replace(fact) for fact in facts if fact.kind != "merged"]
    return {key: sorted(facts, key=lambda f: (f.first, f.id)) for key, facts in told.items()}


def _survivor(key: str, into: dict[str, str]) -> str | None:
    seen = {key}
    while key in into:
        key = into[key]
        if key in seen:
            return None
        seen.add(key)
    return key
