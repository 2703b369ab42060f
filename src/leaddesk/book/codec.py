"""Codec: facts as they come in, as they are stored, and as a log that the engine reads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from leaddesk.book.moment import MINUTE
from leadpact import facts
from leadpact.log import Log
from leadpact.log.entries import Entries, log_of
from leadpact.log.instants import instants
from leadpact.log.lines import columns_of
from leadpact.problem import Problem
from leadpact.rulings import SYSTEM
from leadpact.words import _

AHEAD = 5 * MINUTE
"""A fact may lie so far in the future, for clocks that don't agree."""
MOST_KEY, MOST_TEXT, MOST_FACT = 200, 10_000, 65_536
_CHUNK = 100  # the engine tells a thousand problems at a time: ten of each fact
_ENVELOPE = {one.name for one in facts.ENVELOPE} | {"source"}
NAMES = tuple(kind.name for kind in facts.KINDS)


class Row(NamedTuple):
    """One fact as it is stored, without its workspace; see `Fact`."""

    lead: str
    account: str
    kind: int
    occurred_at: int
    recorded_at: int
    date_only: bool
    system: str
    source_id: str
    body: str


@dataclass(frozen=True)
class Incoming:
    """Facts that were handed in: rows to store, each with its place; and the problems by place."""

    rows: list[Row] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    problems: dict[int, list[Problem]] = field(default_factory=dict)


def incoming(
    items: Sequence[Any], *, zone: str, now: int, system: str, history: bool = False
) -> Incoming:
    """The facts among `items`, and what is wrong with the others; places count from 0.

    They are heard `now`; only a `history` may say when each was heard.
    """
    found = Incoming()
    for start in range(0, len(items), _CHUNK):
        _take(found, items[start : start + _CHUNK], start, zone, now, system, history)
    return found


def _take(
    found: Incoming,
    items: Sequence[Any],
    start: int,
    zone: str,
    now: int,
    system: str,
    history: bool,
) -> None:
    plain: list[tuple[int, dict[str, Any]]] = []
    for place, item in enumerate(items, start):
        if problem := _unfit(item, system):
            found.problems[place] = [problem]
        else:
            plain.append((place, item))
    if not plain:
        return
    given = [item for _place, item in plain]
    columns = columns_of(given)
    entries = Entries(columns, np.arange(len(given)))
    _log, problems = log_of(entries, zone=ZoneInfo(zone), name=system, lenient=True)
    for problem in problems:
        place = plain[min(problem.line, len(plain) - 1)][0]
        found.problems.setdefault(place, []).append(problem._replace(line=0))
    _columns(found, plain, columns, zone, now, system, history)


def _columns(
    found: Incoming,
    plain: list[tuple[int, dict[str, Any]]],
    columns: Mapping[str, Any],
    zone: str,
    now: int,
    system: str,
    history: bool,
) -> None:
    if "occurred_at" not in columns or "kind" not in columns:
        for place, _item in plain:  # told by the engine once for all of them
            missing = "kind" if "kind" not in columns else "occurred_at"
            what = _("The field '{name}' is missing.").format(name=missing)
            found.problems.setdefault(place, [Problem(missing, 0, what, _("Add it."))])
        return
    where = ZoneInfo(zone)
    occurred = instants(columns["occurred_at"], where)
    recorded = instants(columns["recorded_at"], where) if "recorded_at" in columns else None
    for n, (place, item) in enumerate(plain):
        if place in found.problems:
            continue
        at = int(occurred.at[n])
        if at > now + AHEAD:
            found.problems[place] = [_ahead()]
            continue
        heard = now
        if history and recorded is not None and not recorded.missing[n]:
            heard = min(int(recorded.at[n]), now)
        found.rows.append(_row(item, at, heard, bool(occurred.date_only[n]), system))
        found.places.append(place)


def _ahead() -> Problem:
    what = _("The fact occurs more than five minutes from now.")
    return Problem("occurred_at", 0, what, _("Send it when it has happened."))


def _unfit(item: Any, system: str) -> Problem | None:
    """What is wrong with the shape of a fact, before the engine reads its fields."""
    if not isinstance(item, dict):
        return Problem("", 0, _("This is no JSON object."), _("Write a fact as an object."))
    for name, value in item.items():
        if problem := _unfit_value(name, value):
            return problem
    for name, most in (("lead", MOST_KEY), ("account", MOST_KEY), ("source_id", MOST_KEY)):
        if len(str(item.get(name) or "")) > most:
            what = _("The value is longer than {most} characters.").format(most=most)
            return Problem(name, 0, what, _("Use a shorter key."))
    if len(str(item.get("system") or "")) > MOST_KEY // 2:
        what = _("The value is longer than {most} characters.").format(most=MOST_KEY // 2)
        return Problem("system", 0, what, _("Use a shorter name."))
    own = facts.key(str(item.get("kind", ""))) == "ruled" or item.get("system") == SYSTEM
    if own and system != SYSTEM:
        what = _("Rulings are given by this desk alone.")
        return Problem("kind", 0, what, _("Send what happened; the ruling follows from it."))
    if len(json.dumps(item, default=str)) > MOST_FACT:
        what = _("The fact is larger than {most} bytes.").format(most=MOST_FACT)
        return Problem("", 0, what, _("Leave out what doesn't describe the lead."))
    return None


def _unfit_value(name: str, value: Any) -> Problem | None:
    if isinstance(value, (dict, list)):
        what = _("The value is a list or an object.")
        return Problem(name[:100], 0, what, _("Write one text or number."))
    for text in (name, value):
        if not isinstance(text, str):
            continue
        if len(text) > MOST_TEXT:
            what = _("The value is longer than {most} characters.").format(most=MOST_TEXT)
            return Problem(name[:100], 0, what, _("Shorten it."))
        if "\x00" in text:
            what = _("The value holds a NUL character.")
            return Problem(name[:100].replace("\x00", ""), 0, what, _("Remove it."))
        if not text.isascii() and _has_half_character(text):
            what = _("The value holds half a character (a lone surrogate).")
            return Problem("", 0, what, _("Send valid Unicode."))
    return None


def _has_half_character(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _row(item: Mapping[str, Any], at: int, heard: int, date_only: bool, system: str) -> Row:
    kind = facts.CODES[facts.key(str(item["kind"]))]
    body = fields(kind, item)
    lead, account = (str(item.get(name) or "").strip() for name in ("lead", "account"))
    source_id = str(item.get("source_id") or "").strip() or digest(item)
    return Row(
        lead,
        account if not lead or kind == facts.CREATED else "",
        kind,
        at,
        heard,
        date_only or facts.word(str(item.get("date_only", ""))) in {"yes", "true", "1"},
        str(item.get("system") or system).strip(),
        source_id,
        body,
    )


def fields(kind: int, item: Mapping[str, Any]) -> str:
    """The fields of a fact that its kind knows, as JSON; personal data never."""
    kept = {}
    for name, value in item.items():
        key = facts.key(name)
        if value is None or key in facts.PERSONAL:
            continue
        if facts.field_of(kind, key) is None or (key in _ENVELOPE and not _own(kind, key)):
            continue
        kept[key] = value
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _own(kind: int, key: str) -> bool:
    return any(key == one.name for one in facts.KINDS[kind].fields)


def digest(item: Mapping[str, Any]) -> str:
    """An identity for a fact that brought none: the same for the same content."""
    text = json.dumps(item, ensure_ascii=False, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def row_of(fact: Mapping[str, Any], now: int) -> Row:
    """A fact of the desk's own making, as it is stored."""
    from datetime import datetime

    from leadpact.clock import to_micros

    at = to_micros(datetime.fromisoformat(fact["occurred_at"]))
    return _row(fact, at, now, False, SYSTEM)


def log_of_rows(rows: Sequence[Row], zone: str) -> Log:
    """The log of stored facts. `zone` is that of the agreement."""
    import pyarrow as pa

    if not rows:
        return Log.from_facts([], zone)[0]
    lead, account, kind, occurred, recorded, dated, system, source_id, body = zip(
        *rows, strict=True
    )
    columns = columns_of(json.loads(f"[{','.join(body)}]"))
    micros = pa.timestamp("us", "UTC")
    columns |= {
        "lead": _texts(lead),
        "kind": pa.DictionaryArray.from_arrays(pa.array(kind, pa.int32()), list(NAMES)),
        "occurred_at": pa.array(occurred, micros),
        "recorded_at": pa.array(recorded, micros),
        "system": _texts(system),
        "source_id": pa.array(source_id, pa.string()),
    }
    if any(account):
        columns["account"] = _texts(account)
    if any(dated):
        columns["date_only"] = pa.array(["yes" if one else None for one in dated], pa.string())
    entries = Entries(columns, np.arange(1, len(rows) + 1))
    log, _problems = log_of(entries, zone=ZoneInfo(zone), name=SYSTEM, lenient=True)
    if log is None:
        raise AssertionError
    return log


def _texts(values: Iterable[str]) -> Any:
    import pyarrow as pa

    return pa.array([value or None for value in values], pa.string())


def fact_of(row: Row) -> dict[str, Any]:
    """A stored fact in its JSON form."""
    from leadpact.clock import to_datetime

    told: dict[str, Any] = {"lead": row.lead} if row.lead else {"account": row.account}
    told |= {
        "kind": NAMES[row.kind],
        "occurred_at": to_datetime(row.occurred_at).isoformat().replace("+00:00", "Z"),
        "recorded_at": to_datetime(row.recorded_at).isoformat().replace("+00:00", "Z"),
        "system": row.system,
        "source_id": row.source_id,
    }
    if row.date_only:
        told["date_only"] = True
    return told | json.loads(row.body)
