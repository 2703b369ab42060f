"""Form: what a fact must look like before the engine reads what it says."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from leadpact import facts
from leadpact.log.lines import text
from leadpact.problem import Problem, did_you_mean
from leadpact.rulings import SYSTEM
from leadpact.words import _

MOST_KEY, MOST_TEXT, MOST_FACT = 200, 10_000, 65_536
ENVELOPE = frozenset(one.name for one in facts.ENVELOPE)
_LONGEST = {"lead": MOST_KEY, "account": MOST_KEY, "source_id": MOST_KEY, "system": MOST_KEY // 2}
_BESIDE = ENVELOPE | {"account", "source"}  # a lead's account is known, a source is a system


def said(item: Mapping[str, Any], name: str) -> str:
    """What a fact says in a field, as the engine reads it: text without spaces around it."""
    return (text(item.get(name)) or "").strip()


def system_of(item: Mapping[str, Any], otherwise: str) -> str:
    """Who told a fact: its `system`, or its `source` where the kind has no field of that name."""
    if found := said(item, "system"):
        return found
    kind = facts.CODES.get(facts.key(said(item, "kind")))
    is_told = kind is not None and facts.field_of(kind, "source") is None
    return (said(item, "source") if is_told else "") or otherwise


def well_formed(item: Any, system: str) -> tuple[dict[str, Any], list[Problem]]:
    """A fact under the names of its fields as they are compared, and what is wrong with its form.

    `system` is who hands it in; this desk alone may give rulings.
    """
    if not isinstance(item, dict):
        what = _("This is no JSON object.")
        return {}, [Problem("", 0, what, _("Write a fact as an object."))]
    if problem := next(_strange(item), None):
        return {}, [problem]
    named: dict[str, Any] = {}
    for name, value in item.items():
        if (one := _key(name)) in named or not one:
            what = _("The field '{name}' is given twice.").format(name=one)
            if not one:
                what = _("A field has no name.")
            return {}, [Problem(one, 0, what, _("Leave out one of the two."))]
        named[one] = value
    return named, [*_too_large(named), *_forged(named, system), *_missing(named), *_unknown(named)]


_key = lru_cache(maxsize=1024)(facts.key)


def _strange(item: Mapping[str, Any]) -> Iterator[Problem]:
    """Names and values that no field holds."""
    for name, value in item.items():
        path = name[:100]
        if isinstance(value, (dict, list)):
            what = _("The value is a list or an object.")
            yield Problem(_plain(path), 0, what, _("Write one text or number."))
        for one in (name, value):
            if not isinstance(one, str):
                continue
            if len(one) > MOST_TEXT:
                what = _("The value is longer than {most} characters.").format(most=MOST_TEXT)
                yield Problem(_plain(path), 0, what, _("Shorten it."))
            if "\x00" in one:
                what = _("The value holds a NUL character.")
                yield Problem(_plain(path), 0, what, _("Remove it."))
            if not one.isascii() and one != _plain(one):
                what = _("The value holds half a character (a lone surrogate).")
                yield Problem("", 0, what, _("Send valid Unicode."))


def _plain(one: str) -> str:
    return one.replace("\x00", "").encode(errors="ignore").decode()


def _too_large(item: Mapping[str, Any]) -> Iterator[Problem]:
    for name, most in _LONGEST.items():
        told = system_of(item, "") if name == "system" else said(item, name)
        if len(told) > most:
            what = _("The value is longer than {most} characters.").format(most=most)
            yield Problem(name, 0, what, _("Use a shorter key."))
    if len(json.dumps(item, default=str)) > MOST_FACT:
        what = _("The fact is larger than {most} bytes.").format(most=MOST_FACT)
        yield Problem("", 0, what, _("Leave out what doesn't describe the lead."))


def _forged(item: Mapping[str, Any], system: str) -> Iterator[Problem]:
    """What a fact says in the name of this desk."""
    if system == SYSTEM:
        return
    remedy = _("Send what happened; the ruling follows from it.")
    if facts.key(said(item, "kind")) == "ruled":
        yield Problem("kind", 0, _("Rulings are given by this desk alone."), remedy)
    elif system_of(item, "").casefold() == SYSTEM:
        yield Problem("system", 0, _("'{name}' is this desk itself.").format(name=SYSTEM), remedy)


def _missing(item: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("lead", "kind", "occurred_at"):
        if not said(item, name) and not (name == "lead" and said(item, "account")):
            what = _("The field '{name}' is missing.").format(name=name)
            yield Problem(name, 0, what, _("Add it."))


def _unknown(item: Mapping[str, Any]) -> Iterator[Problem]:
    """Fields that would be lost; a null says nothing, so that nothing is lost."""
    kind = facts.CODES.get(facts.key(said(item, "kind")))
    for name, value in item.items():
        if value is None or name in _BESIDE:
            continue
        if name in facts.PERSONAL:
            what = _("'{name}' is personal data, which no fact keeps.").format(name=name)
            yield Problem(name, 0, what, _("Write it into the contact of the lead."))
        elif kind is not None and facts.field_of(kind, name) is None:
            what = _("A fact of kind '{kind}' has no field '{name}'.")
            told = what.format(kind=facts.KINDS[kind].name, name=name[:100])
            yield Problem(name[:100], 0, told, did_you_mean(name[:100], _known(kind)))


@lru_cache(maxsize=len(facts.KINDS))
def _known(kind: int) -> frozenset[str]:
    """The names of all fields that facts of a kind may have."""
    own = {one for field in facts.KINDS[kind].fields for one in (field.name, *field.aliases)}
    return ENVELOPE | own | {one.name for one in facts.COMMON} | {"account"}
