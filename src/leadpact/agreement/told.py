"""Told: the facts of a worked example, one a line, as an author tells them."""

import re
import shlex
from difflib import get_close_matches
from typing import Any

from leadpact.agreement.model import Agreement, Case
from leadpact.facts import CODES, key
from leadpact.problem import did_you_mean
from leadpact.units import Misread, span
from leadpact.words import _

VERDICTS = ("open", "kept", "broken", "excused", "waived", "undeterminable")
_LINE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[ T]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"
    r"(?:Z|[+-]\d{2}:\d{2})?))?\s+(?P<kind>[^\s=]+(?: [^\s=]+)*)(?P<rest>(?: [^\s=]+=.*)?)"
)


def facts_of(case: Case) -> list[dict[str, Any]]:
    """The facts that a case is given, about one lead unless they say `lead=`. Raises `Misread`."""
    facts = [_fact(line) for line in case.given.splitlines() if line.strip()]
    return [{"lead": "lead", "source_id": str(n), **fact} for n, fact in enumerate(facts, 1)]


def _fact(line: str) -> dict[str, Any]:
    match = _LINE.fullmatch(" ".join(line.split()))
    if match is None:
        raise Misread(
            _("'{line}' is no fact.").format(line=line.strip()[:60]),
            _(
                "Write a date, a time, what happened, and its fields: `2026-03-13 12:00  attempted  by=ana`."
            ),
        )
    kind = key(match["kind"])
    if kind not in CODES:
        raise Misread(
            _("'{kind}' is no kind of fact.").format(kind=match["kind"][:60]),
            did_you_mean(kind, CODES),
        )
    when = f"{match['day']} {match['time']}" if match["time"] else match["day"]
    return {"occurred_at": when, "kind": kind, **_fields(match["rest"])}


def _fields(text: str) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError:
        raise Misread(
            _("A quote is not closed in '{text}'.").format(text=text.strip()[:60]),
            _("Close it."),
        ) from None
    fields: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise Misread(
                _("'{word}' is no field.").format(word=word[:60]),
                _('Write name=value, with quotes around several words: to="re-engage track".'),
            )
        fields[key(name)] = value
    return fields


def expected(agreement: Agreement, case: Case) -> dict[tuple[str, int | None], str]:
    """The verdicts that must follow, by promise and rung. Raises `Misread`."""
    promised = agreement.promised()
    found: dict[tuple[str, int | None], str] = {}
    for name, verdict in case.then.items():
        if name == "after":
            span(verdict)
            continue
        promise, rung = _promise_and_rung(name, promised)
        if (word := verdict.strip().lower()) not in VERDICTS:
            raise Misread(
                _("'{word}' is no verdict.").format(word=verdict[:60]),
                did_you_mean(word, VERDICTS),
            )
        found[promise, rung] = word
    return found


def _promise_and_rung(name: str, promised: dict[str, Any]) -> tuple[str, int | None]:
    if name in promised:
        return name, None
    promise, _space, rung = name.rpartition(" ")
    if promise in promised and rung.isdecimal():
        return promise, int(rung)
    near = get_close_matches(name, promised, n=1)
    raise Misread(
        _("There is no promise '{name}'.").format(name=name[:60]),
        did_you_mean(name, promised) if promised and near else _("Name one of the promises."),
    )
