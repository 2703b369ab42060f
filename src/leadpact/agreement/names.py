"""Names: what a word under `after`, `do`, `unless` or `when` refers to, and what it was meant to be."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from leadpact.agreement.clause import named
from leadpact.agreement.conditions import All, Any_, Condition, Did, Not
from leadpact.agreement.model import Agreement
from leadpact.facts import KINDS

KIND_NAMES = tuple(named(kind.name) for kind in KINDS)
"""Fact kinds as names: with spaces."""


def behaviours(agreement: Agreement) -> set[str]:
    """What leads are said to do in the definitions and the rules of qualification."""
    found = {*agreement.definitions.words, *agreement.definitions.attempt.answered_by}
    if rules := agreement.qualification:
        found |= {rule.did for rule in rules.interest}
        conditions = [rule.when for rule in rules.fit] + list(rules.qualifies.values())
        if rules.disqualifies is not None:
            conditions.append(rules.disqualifies)
        found |= {did for condition in conditions for did in _done(condition)}
    return found


def _done(condition: Condition) -> set[str]:
    if isinstance(condition, Did):
        return {condition.did}
    if isinstance(condition, Not):
        return _done(condition.not_)
    parts: Iterable[Condition] = ()
    if isinstance(condition, All):
        parts = condition.all
    elif isinstance(condition, Any_):
        parts = condition.any
    return {did for part in parts for did in _done(part)}


def misspelt(word: str, stages: tuple[str, ...]) -> str | None:
    """The fact kind or stage that a word surely was meant to be; None where it may be behaviour."""
    known = (*KIND_NAMES, *stages)
    if word in known:
        return None
    return next((name for name in KIND_NAMES if _cut_short(word, name)), None) or max(
        (name for name in known if _alike(word, name)),
        key=lambda name: SequenceMatcher(None, word, name).ratio(),
        default=None,
    )


def _cut_short(word: str, name: str) -> bool:
    return len(word) >= 4 and name.startswith(word) and len(name) - len(word) <= 3


def _alike(word: str, name: str) -> bool:
    """A slip of the keyboard, or a plural; `visited` is not `visitor`, `qualified` is its own."""
    if word == f"{name}s":
        return True
    same_ends = word[:1] == name[:1] and word[-1:] == name[-1:]
    return same_ends and SequenceMatcher(None, word, name).ratio() >= 0.8
