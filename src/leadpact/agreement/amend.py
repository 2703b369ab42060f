"""Amend: versions of an agreement, which of them is in force, and what one changes in another."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from leadpact.agreement.model import Agreement
from leadpact.agreement.written import written
from leadpact.clock import day_start
from leadpact.problem import Path, spoken
from leadpact.words import _


class Change(NamedTuple):
    """One difference between two versions: where, what it was, what it is, in a sentence.

    `before` is None where the clause is new, `after` where it is gone.
    """

    path: str
    before: str | None
    after: str | None
    sentence: str

    def as_dict(self) -> dict[str, str | None]:
        """The change in its JSON form."""
        return self._asdict()


def hash_of(agreement: Agreement) -> str:
    """SHA-256 (hex) of what an agreement says.

    Comments, layout, the order of keys and values that are usual anyway don't change it.
    """
    form = json.dumps(written(agreement), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()


def in_force_on(versions: Sequence[Agreement], day: date) -> Agreement | None:
    """The version that judges what begins on a day; None before the first is valid."""
    begun = [version for version in versions if version.valid_from <= day]
    return max(begun, key=lambda version: version.valid_from, default=None)


def in_force_at(versions: Sequence[Agreement], instant: int) -> Agreement | None:
    """The version that judges what begins at an instant (µs UTC); None before the first."""
    begun = [version for version in versions if begins(version) <= instant]
    return max(begun, key=begins, default=None)


def begins(agreement: Agreement) -> int:
    """The instant (µs UTC) from which a version judges: the start of its `valid from`, locally."""
    days = agreement.valid_from.toordinal() - date(1970, 1, 1).toordinal()
    return day_start(days, agreement.zone)


def difference(old: Agreement, new: Agreement) -> list[Change]:
    """What `new` changes in `old`, clause by clause, in the order of the new text."""
    return list(_changes((), written(old), written(new)))


def _changes(path: Path, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _changed_keys(path, old, new)
    elif _has_clauses(old) and _has_clauses(new):
        yield from _changed_items(path, old, new)
    else:
        yield _change(path, old, new)


def _changed_keys(path: Path, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for key, value in new.items():
        yield from _changes((*path, key), old.get(key), value)
    for key, value in old.items():
        if key not in new:
            yield _change((*path, key), value, None)


def _has_clauses(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _changed_items(path: Path, old: list[Any], new: list[Any]) -> Iterator[Change]:
    """Items that stay are matched first; those between them are compared in pairs."""
    before, after = ([json.dumps(item) for item in items] for items in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        paired = min(old_end - old_start, new_end - new_start)
        for n in range(paired):
            yield from _changes((*path, new_start + n), old[old_start + n], new[new_start + n])
        for n in range(new_start + paired, new_end):
            yield _change((*path, n), None, new[n])
        for n in range(old_start + paired, old_end):
            yield _change((*path, n), old[n], None)


def _change(path: Path, old: Any, new: Any) -> Change:
    place = spoken(path)
    before, after = (None if value is None else text_of(value) for value in (old, new))
    if before is None:
        sentence = _("{place} is new: {after}.").format(place=place, after=after)
    elif after is None:
        sentence = _("{place} is gone; it was: {before}.").format(place=place, before=before)
    else:
        sentence = _("{place} changes from {before} to {after}.").format(
            place=place, before=before, after=after
        )
    return Change(place, before, after, sentence)


def text_of(value: Any) -> str:
    """A plain value, a list or keys with values on one line."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_within(inside)}" for key, inside in value.items())
    if isinstance(value, list):
        return ", ".join(_within(item) for item in value)
    return " ".join(str(value).split())


def _within(value: Any) -> str:
    text = text_of(value)
    if isinstance(value, dict):
        return f"({text})"
    return f"[{text}]" if isinstance(value, list) else text
