"""Deciding: what is asked of a rota, and what it answers, with everything that explains it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_FAR = 7_258_118_400_000_000  # the year 2200; clocks know no later instant
MOST_PASSED = 12
"""So many of those who were passed over are named; the others are counted."""


@dataclass(frozen=True)
class Want:
    """A lead that wants an owner.

    `known` are its attributes (and `fit` and `interest` in points), by which territories choose; it
    doesn't go to those in `not_to`, and to those in `rather_not` only where nobody else can take it.
    `grade` and `interest` say how important it is, `at` since when it waits.
    """

    lead: str
    at: int
    account: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    not_to: frozenset[str] = frozenset()
    interest: int = 0
    grade: str = ""
    rather_not: frozenset[str] = frozenset()

    @property
    def order(self) -> tuple[str, int, int, str]:
        """The best grade first, then who waits longest, then the greater interest, then the key."""
        return self.grade or "~", self.at, -self.interest, self.lead


class Passed(NamedTuple):
    """Somebody who was passed over: ``leave``, ``closed``, ``to come``, ``full``, ``not to``, and until
    when; `cap` is the limit that is full."""

    name: str
    why: str
    until: int | None = None
    cap: str = ""


@dataclass(frozen=True)
class Decision:
    """Who gets a lead, or nobody (`owner` None, to be tried again at `retry_at`), and why.

    `rule` is by what they were found: ``weight``, ``round robin``, ``capacity``, ``load``, or
    ``account``; `account_owner` has the account of the lead where that counts. `among` counts those who
    could be given it; `credit` is what the owner was owed (millionths), `runner_up` who would have been
    next. `least` is the minimum for which those below it went first; `caps` are the limits of the owner
    with what is used, this lead included.
    """

    lead: str
    owner: str | None
    rule: str
    pool: str
    territory: int | None = None
    among: int = 0
    passed: tuple[Passed, ...] = ()
    runner_up: str = ""
    weight: str = ""
    credit: int | None = None
    load: int | None = None
    least: str = ""
    account_owner: str = ""
    caps: tuple[tuple[str, int], ...] = ()
    retry_at: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The decision as codes and figures, for whoever makes sentences of it; instants are µs UTC."""
        told: dict[str, Any] = {"pool": self.pool, "rule": self.rule, "among": self.among}
        optional = {
            "owner": self.owner,
            "territory": self.territory,
            "next": self.runner_up,
            "weight": self.weight,
            "credit": self.credit,
            "load": self.load,
            "least": self.least,
            "account_owner": self.account_owner,
            "caps": [list(cap) for cap in self.caps],
            "passed": [list(one) for one in self.passed[:MOST_PASSED]],
            "more_passed": max(len(self.passed) - MOST_PASSED, 0),
            "retry_at": self.retry_at,
        }
        return told | {
            name: value for name, value in optional.items() if value not in (None, "", [], 0)
        }

    def text(self) -> str:
        """The same as text."""
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> dict[str, Any]:
    """What `Decision.text` told; empty for a text that it can't have written."""
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and _is_sound(told) else {}


def _is_sound(told: Mapping[str, Any]) -> bool:
    """Whether every part has its form: facts from elsewhere may hold anything."""
    texts = ("pool", "rule", "owner", "next", "weight", "least", "account_owner")
    numbers = ("among", "territory", "credit", "load", "more_passed", "retry_at")
    caps, passed = told.get("caps", []), told.get("passed", [])
    return (
        {"pool", "rule"} <= told.keys()
        and all(isinstance(told.get(name, ""), str) for name in texts)
        and all(_is_whole(told.get(name, 0)) for name in numbers)
        and isinstance(caps, list)
        and all(_is_row(cap, 2) and isinstance(cap[0], str) and _is_whole(cap[1]) for cap in caps)
        and isinstance(passed, list)
        and all(_is_row(one, 4) and _is_passed(one) for one in passed)
    )


def _is_row(value: Any, length: int) -> bool:
    return isinstance(value, list) and len(value) == length


def _is_passed(one: list[Any]) -> bool:
    name, why, until, cap = one
    texts = all(isinstance(text, str) for text in (name, why, cap))
    return texts and (until is None or _is_whole(until))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _FAR
