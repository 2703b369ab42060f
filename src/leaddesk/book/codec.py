"""Codec: facts as they come in, as they are stored, and as a log that the engine reads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from leaddesk.book.form import ENVELOPE, said, system_of, well_formed
from leaddesk.book.moment import MINUTE
from leadpact import facts
from leadpact.log import Log
from leadpact.log.entries import Entries, log_of
from leadpact.log.instants import instants
from leadpact.log.lines import columns_of
from leadpact.log.values import YES
from leadpact.problem import Problem
from leadpact.rulings import SYSTEM
from leadpact.words import _

AHEAD = 5 * MINUTE
"""A fact may lie so far in the future, for clocks that don't agree."""
_CHUNK = 100  # the engine tells a thousand problems at a time: ten of each fact
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
        named, problems = well_formed(item, system)
        if problems:
            found.problems[place] = problems
        else:
            plain.append((place, named))
    if not plain:
        return
    given = [item for _place, item in plain]
    columns = columns_of(given)
    entries = Entries(columns, np.arange(len(given)))
    _log, problems = log_of(entries, zone=ZoneInfo(zone), name=system, lenient=True)
    for problem in problems:
        place = plain[problem.line][0]
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


def _row(item: Mapping[str, Any], at: int, heard: int, date_only: bool, system: str) -> Row:
    """A fact, under the names of its fields as they are compared, as it is stored."""
    kind = facts.CODES[facts.key(said(item, "kind"))]
    lead = said(item, "lead")
    return Row(
        lead,
        said(item, "account") if not lead or kind == facts.CREATED else "",
        kind,
        at,
        heard,
        date_only or facts.word(said(item, "date_only")) in YES,
        system_of(item, system),
        said(item, "source_id") or digest(item),
        fields(kind, item),
    )


def fields(kind: int, item: Mapping[str, Any]) -> str:
    """The fields of a fact that its kind knows, as JSON; personal data never."""
    kept = {
        name: value
        for name, value in item.items()
        if value is not None
        and name not in facts.PERSONAL
        and name not in ENVELOPE
        and facts.field_of(kind, name) is not None
    }
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


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
    return log_of_columns(columns_of_rows(rows), zone)


def columns_of_rows(rows: Sequence[Row]) -> dict[str, Any]:
    """Stored facts as columns of text and instants; none where there is no fact."""
    import pyarrow as pa

    if not rows:
        return {}
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
    return columns


def log_of_columns(columns: Mapping[str, Any], zone: str) -> Log:
    """The log of the columns of stored facts. `zone` is that of the agreement."""
    if not columns:
        return Log.from_facts([], zone)[0]
    entries = Entries(columns, np.arange(1, len(columns["lead"]) + 1))
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
