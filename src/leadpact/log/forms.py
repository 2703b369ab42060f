"""Forms: one fact of a log in its JSON form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from leadpact import facts
from leadpact.log.columns import (
    COPIED,
    DATE_ONLY,
    INBOUND,
    MONEY_SCALE,
    NONE,
    NOT_HUMAN,
    SILENT,
    Log,
)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def fact(log: Log, row: int, subject: str = "lead") -> dict[str, Any]:
    """The JSON form of one fact; `subject` says whether the log's keys are leads or accounts."""
    kind = facts.KINDS[log.kind[row]]
    form: dict[str, Any] = {
        subject: log.leads[int(log.lead[row])].as_py(),
        "occurred_at": instant(int(log.at[row]), log.zone, bool(log.flags[row] & DATE_ONLY)),
        "kind": kind.name,
    }
    if log.recorded_at[row] != log.at[row]:
        form["recorded_at"] = instant(int(log.recorded_at[row]), "UTC", False)
    for role, place, words in (("subject", log.code, log.codes), ("person", log.who, log.people)):
        if (field := kind.of(role)) and place[row] >= 0:
            form[field.name] = words[place[row]]
    if (field := kind.of("amount")) and log.amount[row] != NONE:
        form[field.name] = number(int(log.amount[row]))
    form |= _flags(int(log.kind[row]), int(log.flags[row]))
    for name, sparse in log.fields.items():
        if (text := sparse.of(row)) is not None:
            form.setdefault(name, text)
    form["system"] = log.systems[log.source[row]]
    if log.source_ids is not None:
        form["source_id"] = log.source_ids[row].as_py()
    return form


def instant(at: int, zone: str, date_only: bool) -> str:
    """An instant as text in UTC; a date where the time of day is unknown."""
    moment = EPOCH + timedelta(microseconds=at)
    if date_only:
        return local_date(at, zone)
    return moment.isoformat().replace("+00:00", "Z")


def local_date(at: int, zone: str) -> str:
    """The day in `zone` on which an instant falls."""
    return (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date().isoformat()


def number(scaled: int) -> int | Decimal:
    """A number of ten-thousandths as an exact one."""
    whole, part = divmod(scaled, MONEY_SCALE)
    return whole if not part else (Decimal(scaled) / MONEY_SCALE).normalize()


def _flags(kind: int, flags: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if kind == facts.ATTEMPTED:
        if flags & NOT_HUMAN:
            said["human"] = "no"
        if flags & INBOUND:
            said["direction"] = "inbound"
    elif kind == facts.ACCEPTED and flags & SILENT:
        said["silent"] = "yes"
    if flags & COPIED:
        said["copied"] = "yes"
    return said
