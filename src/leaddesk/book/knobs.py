"""Knobs: the numbers of the rules of points, to be turned and tried before anybody agrees on them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

from leaddesk.book.readings import reading_of
from leaddesk.tongue import wishes
from leadpact.agreement.conditions import Bounds
from leadpact.agreement.demand import QUALIFIES, Qualification
from leadpact.agreement.load import Reading, typed
from leadpact.agreement.model import Agreement
from leadpact.agreement.new import quoted
from leadpact.agreement.places import Places, at
from leadpact.agreement.written import written
from leadpact.document import Document, parse
from leadpact.problem import Path

CLAUSE = "qualification"
MOST = 300
"""So many numbers are offered at most."""
LONGEST = 60
_SCORES = ("fit", "interest")


class Knob(NamedTuple):
    """A number of the rules: where it stands in their written form, and how it is written now.

    `place` is the clause that it belongs to, as ``points.parts`` names it; one that `may_be_empty`
    may be left out; `did` is what leads did, where it is about that.
    """

    path: Path
    place: tuple[str, ...]
    value: str
    may_be_empty: bool = False
    did: str = ""

    @property
    def id(self) -> str:
        """Its name in forms and addresses; also the path by which problems name it."""
        return ".".join(str(step + 1) if isinstance(step, int) else step for step in self.path)


def knobs(agreement: Agreement) -> list[Knob]:
    """Every number of the rules of points, in the order of the agreement."""
    form = written(agreement).get(CLAUSE)
    clause = agreement.qualification
    if form is None or clause is None:
        return []
    return [*_knobs(form, clause)][:MOST]


def _knobs(form: Mapping[str, Any], clause: Qualification) -> Iterator[Knob]:
    for axis, optional in (("fit", ()), ("interest", ("halves after", "at most"))):
        for number, rule in enumerate(form.get(axis, ())):
            place = (axis, str(number + 1))
            yield Knob((axis, number, "points"), place, rule["points"])
            for key in optional:
                yield Knob((axis, number, key), place, rule.get(key, ""), may_be_empty=True)
    for name, most in form.get("caps", {}).items():
        yield Knob(("caps", name), ("caps",), most)
    if (account := form.get("account")) is not None:
        yield Knob(("account", "share"), ("account",), account["share"])
        most = account.get("at most", "")
        yield Knob(("account", "at most"), ("account",), most, may_be_empty=True)
    for axis, steps in form.get("grades", {}).items():
        for number, points in enumerate(steps):
            yield Knob(("grades", axis, number), ("grades",), points)
    for stage, rule in clause.qualifies.items():
        key = f"{QUALIFIES}{stage}"
        for path, value, did in _bounds(rule, form[key]):
            yield Knob((key, *path), ("qualifies", stage), value, did=did)
    yield Knob(("hysteresis",), ("hysteresis",), form.get("hysteresis", "0"))


def _bounds(rule: Any, form: Any) -> Iterator[tuple[Path, str, str]]:
    """The numbers within a condition: scores to reach, how often something was done, and how lately;
    each with its path and what was done."""
    for word in ("all", "any"):
        for number, part in enumerate(getattr(rule, word, ())):
            for path, *rest in _bounds(part, form[word][number]):
                yield (word, number, *path), *rest
    if hasattr(rule, "not_"):
        for path, *rest in _bounds(rule.not_, form["not"]):
            yield ("not", *path), *rest
    for key in ("within", "times"):
        if isinstance(form, dict) and "did" in form and key in form:
            yield (key,), form[key], form["did"]
    for name, test in getattr(rule, "fields", {}).items():
        if name in _SCORES and isinstance(test, Bounds):
            for key in ("at least", "at most"):
                if key in form[name]:
                    yield (name, key), form[name][key], ""


def turned(text: str, wanted: Mapping[str, str]) -> Reading:
    """The agreement of a text with other numbers in its rules of points, by the ids of its knobs."""
    agreement = reading_of(text).agreement
    if agreement is None:
        return reading_of(text)
    return ruled(text, _form(agreement, wanted))


def _form(agreement: Agreement, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The rules in their written form, with other numbers."""
    form: dict[str, Any] = deepcopy(written(agreement)[CLAUSE])
    for knob in knobs(agreement):
        value = " ".join(wanted.get(knob.id, knob.value).split())[:LONGEST]
        if value == knob.value:
            continue
        inside: Any = form
        for step in knob.path[:-1]:
            inside = inside[step]
        if value or not knob.may_be_empty:
            inside[knob.path[-1]] = value
        else:
            inside.pop(knob.path[-1], None)
    return form


def ruled(text: str, form: Any) -> Reading:
    """The agreement of a text with other rules of points, in their written form."""
    document = _parsed(text, wishes().language)
    if document is None or not isinstance(document.value, dict):
        return reading_of(text)
    found = at(document.value, CLAUSE)
    key = CLAUSE if found is None else str(found[0])
    return typed(Document({**document.value, key: form}, document.lines))


@lru_cache(maxsize=16)
def _parsed(text: str, _language: str) -> Document | None:
    return parse(text)[0]


def rewritten(text: str, wanted: Mapping[str, str]) -> str | None:
    """The text with other numbers in its rules of points; None where they can't be written into it.

    Each number is changed where it stands, so that comments stay; what can't be is written anew as a
    whole. Either way the text then says what the knobs say.
    """
    agreement, meant = reading_of(text).agreement, turned(text, wanted)
    if agreement is None or meant.agreement is None or meant.problems:
        return None
    for made in (_in_place(text, agreement, wanted), _as_whole(text, _form(agreement, wanted))):
        if made is not None and reading_of(made).agreement == meant.agreement:
            return made
    return None


def _in_place(text: str, agreement: Agreement, wanted: Mapping[str, str]) -> str | None:
    places, lines = Places(reading_of(text).lines), text.splitlines(keepends=True)
    for knob in knobs(agreement):
        value = " ".join(wanted.get(knob.id, knob.value).split())[:LONGEST]
        if value == knob.value:
            continue
        line = places.line((CLAUSE, *knob.path))
        if not (knob.value and value and 0 < line <= len(lines)):
            return None
        fits = [one for one in _patterns(knob) if len(one.findall(lines[line - 1])) == 1]
        if not fits:
            return None
        new = _scalar(value).replace("\\", "\\\\")
        lines[line - 1] = fits[0].sub(rf"\g<1>{new}", lines[line - 1])
    return "".join(lines)


def _patterns(knob: Knob) -> Iterator[re.Pattern[str]]:
    """What finds a number on its line: by its key, or by that and the key around it."""
    key, around = knob.path[-1], knob.path[-2] if len(knob.path) > 1 else 0
    if isinstance(key, int):
        return
    own = rf"{re.escape(key)}\s*:\s*)"
    value = rf"{re.escape(knob.value)}(?=\s*(?:[,}}#]|$))"
    yield re.compile(rf"(?<![\w ])(\s*{own}{value}")
    if isinstance(around, str):
        yield re.compile(rf"(?<!\w)({re.escape(around)}\s*:\s*\{{[^{{}}]*?(?<!\w){own}{value}")


def _as_whole(text: str, form: Mapping[str, Any]) -> str | None:
    """The text with its rules of points written anew; None where they don't stand by themselves."""
    lines = text.splitlines(keepends=True)
    heads = [n for n, line in enumerate(lines) if re.match(r"\S", line) and line[0] not in "#%"]
    own = [n for n in heads if re.match(rf"(?i){CLAUSE}[ \t]*:", lines[n])]
    if len(own) != 1:
        return None
    end = next((n for n in heads if n > own[0]), len(lines))
    while end > own[0] + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return "".join([*lines[: own[0]], *_lines(form), *lines[end:]])


def _lines(form: Mapping[str, Any]) -> Iterator[str]:
    yield f"{CLAUSE}:\n"
    for key, value in form.items():
        if isinstance(value, list):
            yield f"  {quoted(key)}:\n"
            yield from (f"    - {_flow(one)}\n" for one in value)
        else:
            yield f"  {quoted(key)}: {_flow(value)}\n"


def _flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        inside = ", ".join(f"{_scalar(key)}: {_flow(one)}" for key, one in value.items())
        return f"{{{inside}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(str(value))


def _scalar(text: str) -> str:
    if re.fullmatch(r"-?\d[\w .%/-]*", text):
        return text
    return quoted(text, flow=True) if text else json.dumps(text)
