"""Mistakes: what the clause types refuse, in plain sentences at the author's place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import ValidationError

from leadpact.agreement import shape
from leadpact.agreement.clause import Clause, named
from leadpact.agreement.demand import QUALIFIES
from leadpact.agreement.findings import MOST, Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.places import Places, at
from leadpact.problem import Path, did_you_mean
from leadpact.units import Misread
from leadpact.words import _

BLANKS = frozenset({"…", "...", "____", "___", "__", "?", "???", "tbd"})
"""Texts that stand for an answer yet to come."""

_UNWRITTEN = frozenset({"steps", "fields", "[key]"})
"""Steps into the types that no key of the author's stands for."""


class Place(NamedTuple):
    """Where an error points: the author's path, what stands there, what is expected there."""

    path: Path
    value: Any
    expected: Any
    holder: Any


_BLANK = re.compile(r"_{3,}|(?<!\S)(?:…|\.\.\.)(?!\w)")


def is_blank(value: Any) -> bool:
    """Whether a value is nothing, or a mark that something is to be filled in."""
    return value is None or (isinstance(value, str) and value.strip().lower() in BLANKS | {""})


def unreadable(text: Any) -> list[Finding]:
    """Faults that the clause types can't see: keys that read the same, and blanks."""
    found: list[Finding] = []
    for path, value in _walked(text):
        if isinstance(value, dict):
            found += _twins(path, value)
        elif path and is_blank(value):
            found.append(
                Finding(path, _("Nothing is filled in here yet."), _("Fill it in, or delete it."))
            )
    return found


def unfilled(text: Any) -> list[Finding]:
    """Sentences with a blank in them."""
    return [
        Finding(
            path,
            _("A blank is not filled in: '{text}'.").format(text=short(value)),
            _("Fill it in, or delete the sentence."),
        )
        for path, value in _walked(text)
        if isinstance(value, str) and _BLANK.search(value) and not is_blank(value)
    ]


def _walked(text: Any) -> Iterator[tuple[Path, Any]]:
    waiting: list[tuple[Path, Any]] = [((), text)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            waiting += [((*path, key), inside) for key, inside in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, place), inside) for place, inside in enumerate(value)]


def _twins(path: Path, value: Mapping[str, Any]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for key in value:
        if (other := first.setdefault(named(key), key)) != key:
            yield Finding(
                (*path, key),
                _("'{key}' and '{other}' are the same key.").format(key=key, other=other),
                _("Keep one of them."),
            )


def mistyped(error: ValidationError, text: Any, places: Places, blanks: set[Path]) -> list[Finding]:
    """What the types refuse, in the order of the text; at most some hundreds of findings.

    Where a blank explains an error, the blank alone is reported: by `unreadable`, or `unfilled`.
    """
    errors = [(_place(fault["loc"], text), fault) for fault in error.errors(include_url=False)]
    told = _told(errors, blanks)
    told.sort(key=lambda entry: places.order(entry[0].path))
    return [_finding(place, fault) for place, fault in told[: 2 * MOST]]


def _told(errors: Iterable[tuple[Place, Any]], blanks: set[Path]) -> list[tuple[Place, Any]]:
    """Without errors that only follow from others further in."""
    deeper = {place.path[:end] for place, _fault in errors for end in range(len(place.path))}
    above_blanks = {path[:end] for path in blanks for end in range(len(path) + 1)}
    return [
        (place, fault)
        for place, fault in errors
        if place.path not in above_blanks
        or (place.path not in blanks and fault["type"] in {"missing", "extra_forbidden"})
        if not (fault["type"] == "too_short" and place.path in deeper)
    ]


def _place(loc: Iterable[str | int], text: Any) -> Place:
    """The author's place for a place of the types, which name alternatives and gather keys."""
    path: Path = ()
    value, expected, holder, prefix = text, Agreement, None, ""
    for step in loc:
        holder, expected = shape.bare(expected), shape.inside(expected, step)
        if isinstance(step, str) and step.startswith("<") and step.endswith(">"):
            continue
        found = at(value, f"{prefix}{step}" if prefix else step)
        prefix = ""
        if found is not None:
            path, value = (*path, found[0]), found[1]
        elif step == "qualifies" and isinstance(value, dict):
            prefix = QUALIFIES
        elif isinstance(step, str) and isinstance(value, dict) and step not in _UNWRITTEN:
            path, value = (*path, step), None
    return Place(path, value, expected, holder)


def _finding(place: Place, fault: Any) -> Finding:
    kind = fault["type"]
    if kind == "missing":
        problem, remedy = _missing(place)
    elif kind == "extra_forbidden":
        problem, remedy = _unknown(place)
    elif kind == "value_error":
        problem, remedy = _misread(fault["ctx"]["error"])
    elif kind == "literal_error":
        problem, remedy = _not_listed(place)
    elif kind == "promise":
        problem, remedy = _no_promise()
    elif kind in {"too_short", "string_too_short"}:
        problem, remedy = _("Nothing stands here."), _wanted(place)
    elif kind == "too_long":
        said = _("Here stand more than {most}.").format(most=fault["ctx"]["max_length"])
        problem, remedy = said, _("Leave some out.")
    elif kind in {"string_too_long", "string_pattern_mismatch", "greater_than_equal"}:
        said = _("'{value}' can't stand here.").format(value=short(place.value))
        problem, remedy = said, _within_limits(place, fault)
    else:
        problem, remedy = _wrong_shape(place)
    return Finding(place.path, problem, remedy)


def _missing(place: Place) -> tuple[str, str]:
    key = str(place.path[-1])
    said = _("`{key}` is missing.").format(key=key)
    field = shape.field(place.holder, key)
    examples = field.examples if field and field.examples else [shape.example(place.expected)]
    return said, _("Write `{key}: {like}`{why}.").format(
        key=key, like=examples[0] or "…", why=_meaning(place)
    )


def _meaning(place: Place) -> str:
    """What the field at a place means, in brackets."""
    field = shape.field(place.holder, place.path[-1]) if place.path else None
    return f" ({field.description})" if field and field.description else ""


def _unknown(place: Place) -> tuple[str, str]:
    key = str(place.path[-1])
    said = _("'{key}' is not known here.").format(key=short(key))
    known = shape.keys(place.holder) if shape.is_clause(place.holder) else ()
    return said, did_you_mean(key, known) if known else _("Delete it.")


def _misread(error: Exception) -> tuple[str, str]:
    if isinstance(error, Misread):
        return short(error.problem, 200), error.remedy
    return _("This can't be read."), _("Compare it with the reference of this clause.")


def _not_listed(place: Place) -> tuple[str, str]:
    words = get_args(shape.bare(place.expected))
    said = _("'{value}' is not one of the words allowed here.").format(value=short(place.value))
    return said, did_you_mean(str(place.value), words)


def _no_promise() -> tuple[str, str]:
    return (
        _("This is no promise."),
        _("Write `after:`, `do:` and `within:`; or `deliver:` and `amount:`; or `ratio:`."),
    )


def _within_limits(place: Place, fault: Any) -> str:
    if (least := fault.get("ctx", {}).get("ge")) is not None:
        return _("Write {least} or more.").format(least=least)
    if fault["type"] == "string_too_long":
        most = fault["ctx"]["max_length"]
        return _("Write at most {most} characters.").format(most=most)
    return _("Write it as expected{why}.").format(why=_meaning(place))


def _wrong_shape(place: Place) -> tuple[str, str]:
    if place.value is None:
        return _("Nothing stands here."), _wanted(place)
    stands: dict[type, str] = {
        dict: _("Keys with values stand here."),
        list: _("A list stands here."),
    }
    plain = _("A plain value stands here: '{value}'.").format(value=short(place.value))
    return stands.get(type(place.value), plain), _wanted(place)


def _wanted(place: Place) -> str:
    """What to write, by the shape of what is expected."""
    kind = shape.bare(place.expected)
    if shape.is_clause(kind):
        return _("Write keys with values: {keys}.").format(keys=_listed(kind))
    if get_origin(kind) is dict:
        return _("Write names with values, one a line: `name: …`{why}.").format(why=_meaning(place))
    if get_origin(kind) is tuple:
        return _("Write a list, such as `[one, two]`{why}.").format(why=_meaning(place))
    if like := shape.example(place.expected):
        return _("Write a plain value, such as {like}.").format(like=like)
    return _("Write a plain word or sentence{why}.").format(why=_meaning(place))


def _listed(clause: type[Clause]) -> str:
    known = shape.keys(clause)
    return ", ".join(f"`{key}`" for key in known[:6]) + (" …" if len(known) > 6 else "")


def short(value: Any, most: int = 60) -> str:
    """A value short enough to be quoted."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"
