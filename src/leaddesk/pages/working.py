"""Working: what is owed for a lead, with every step by which its time was counted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leaddesk.book import queries
from leaddesk.pages.telling import spoken
from leaddesk.tongue import clocktime, countdown, day, instant, span
from leadpact.agreement.explain import explain
from leadpact.agreement.model import Agreement
from leadpact.clock import to_micros
from leadpact.judge import Judgement
from leadpact.units import SECOND

_STATES = {"kept": "good", "broken": "bad", "open": "", "excused": "quiet", "waived": "quiet"}


class Interval(NamedTuple):
    """A stretch of open time that was counted."""

    day: SafeString | str
    since: SafeString | str
    until: SafeString | str
    calendar: str
    counted: str


class Leg(NamedTuple):
    """The time in which one person owned the lead; the seconds of its intervals are its own."""

    owner: str
    since: SafeString | str
    until: SafeString | str
    counted: str
    intervals: Sequence[Interval]


class Pause(NamedTuple):
    """A time in which the clocks stood still."""

    since: SafeString | str
    until: SafeString | str
    reason: str
    by: str


class Owed(NamedTuple):
    """An obligation in words. `elapsed` is the buyer's clock, `counted` the owners' time of it."""

    promise: str
    sentence: str
    side: str
    owner: str
    verdict: str
    state: str
    is_waiting: bool
    left: SafeString | str
    within: str
    started: SafeString | str
    due: SafeString | str
    answered: SafeString | str
    counted: str
    elapsed: str
    version: int
    occurrence: int
    legs: Sequence[Leg]
    pauses: Sequence[Pause]


def owed(
    judged: Judgement, key: str, agreed: Agreement, names: Mapping[str, str], now: int
) -> list[Owed]:
    """What is owed for a lead: what waits first, then the newest. `agreed` says it in sentences."""
    said = {one.path: one.text for one in explain(agreed)}
    told = sorted(queries.workings_in(judged, key), key=_order)
    return [_owed(one, names, said, now) for one in told]


def _order(told: Mapping[str, Any]) -> tuple[bool, int]:
    """What waits comes first, the most urgent first; then what was answered last."""
    due, started = _micros(told["due_at"]) or 0, _micros(told["started_at"]) or 0
    return (False, due) if _waits(told) else (True, -started)


def _waits(told: Mapping[str, Any]) -> bool:
    return told["verdict"] in {"open", "broken"} and told["answered_at"] is None


def _owed(
    told: Mapping[str, Any], names: Mapping[str, str], said: Mapping[str, str], now: int
) -> Owed:
    verdict, due = told["verdict"], _micros(told["due_at"])
    waits = _waits(told)
    rung = "" if told["rung"] is None else f" {told['rung']}"
    paused = told["left_seconds"] is None
    at_risk = told["at_risk"] and verdict == "open"
    return Owed(
        promise=f"{told['promise']}{rung}",
        sentence=said.get(f"promises.{told['side']}.{told['promise']}", ""),
        side=told["side"],
        owner=_name(told["owner"], names),
        verdict=_("at risk") if at_risk else spoken(verdict),
        state="warn" if at_risk else _STATES.get(verdict, ""),
        is_waiting=waits,
        left=countdown(due, now) if waits and due is not None and not paused else "",
        within=told["within"],
        started=_moment(told["started_at"]),
        due=_moment(told["due_at"]),
        answered=_moment(told["answered_at"]) if told["answered_at"] else "",
        counted=_seconds(told["working_seconds"]),
        elapsed=_seconds(told["elapsed_seconds"]),
        version=told["version"],
        occurrence=told["occurrence"],
        legs=[*_legs(told["legs"], names)],
        pauses=[
            Pause(
                _moment(one["from"]),
                _moment(one["to"]),
                spoken(one["reason"] or ""),
                _name(one["by"], names),
            )
            for one in told["pauses"]
        ],
    )


def _legs(legs: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[Leg]:
    for leg in legs:
        intervals = [
            Interval(
                day(_micros(one["from"])),
                clocktime(_micros(one["from"])),
                clocktime(_micros(one["to"])),
                str(one["calendar"] or ""),
                _seconds(one["working_seconds"]),
            )
            for one in leg["intervals"]
        ]
        yield Leg(
            _name(leg["owner"], names),
            _moment(leg["from"]),
            _moment(leg["to"]),
            _seconds(leg["working_seconds"]),
            intervals,
        )


def _name(key: str | None, names: Mapping[str, str]) -> str:
    return names.get(key or "", key or _("nobody"))


def _seconds(seconds: Any) -> str:
    return "" if seconds is None else span(round(seconds * SECOND))


def _micros(text: str | None) -> int | None:
    if not text or len(text) == len("2026-03-31"):
        return None
    return to_micros(datetime.fromisoformat(text))


def _moment(text: str | None) -> SafeString | str:
    """An instant, or a day of which the time isn't known, as the reader writes it."""
    if text and len(text) == len("2026-03-31"):
        return day(date.fromisoformat(text))
    return instant(_micros(text))
