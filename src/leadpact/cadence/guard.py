"""Guard: what a further attempt would be too much of, and from when on it would be fine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np

from leadpact.agreement.contacting import Guard
from leadpact.agreement.phrases import Quantity, touches
from leadpact.cadence.over import after, period
from leadpact.clock import Clock, day_start, local_day, to_micros, zone_named

CALLS = frozenset({"phone", "call", "video", "voice message", "sms"})
"""Channels that ring: the hours of the guard are for these."""
_EPOCH = date(1970, 1, 1)
_MOST = 60
"""So many times a later instant is tried; each try passes at least one period."""


class Violation(NamedTuple):
    """What an attempt would be too much of.

    `code` is ``at most`` (more than `limit` in a `period`: `found` there already), ``apart`` (closer
    than `limit` µs or days: `found` µs since the last one) or ``hours`` (outside `hours` where the
    person is). `fine_at` is when this alone would be fine (µs UTC); None: not in this pass.
    """

    code: str
    period: str
    limit: int
    found: int
    hours: str
    fine_at: int | None


@dataclass(frozen=True)
class Tried:
    """What was tried with a person: the attempts that count (µs UTC, ascending), and from which of
    them on they belong to the pass that is open; the person's zone, and the owner's clock."""

    at: Sequence[int]
    of_pass: int
    zone: str
    clock: Clock


def violations(guard: Guard, tried: Tried, channel: str, now: int) -> list[Violation]:
    """What a further attempt by a channel at `now` would violate; exactly at a limit is fine."""
    before = [at for at in tried.at if at <= now]
    return [
        *_too_many(guard, tried, before, now),
        *_too_close(guard, tried, before, now),
        *_too_late(guard, tried, channel, now),
    ]


def allowed_from(guard: Guard, tried: Tried, channel: str, now: int) -> int | None:
    """The first instant from `now` on at which an attempt violates nothing; None: not in this pass."""
    at = now
    for _try in range(_MOST):
        found = violations(guard, tried, channel, at)
        if not found:
            return at
        later = [one.fine_at for one in found]
        if None in later:
            return None
        at = max(one for one in later if one is not None)
    return None


def _too_many(guard: Guard, tried: Tried, before: Sequence[int], now: int) -> Iterator[Violation]:
    for limit in map(touches, guard.at_most):
        if limit.period == "pass":
            count = max(len(before) - tried.of_pass, 0)
            if count >= limit.number:
                yield Violation("at most", "pass", limit.number, count, "", None)
            continue
        days = np.array([local_day(at, tried.zone) for at in (*before, now)], np.int64)
        periods = period(days, limit.period)
        count = int((periods[:-1] == periods[-1]).sum())
        if count >= limit.number:
            fine_at = _next_period(int(days[-1]), limit, tried.zone)
            yield Violation("at most", limit.period, limit.number, count, "", fine_at)


def _next_period(day: int, limit: Quantity, zone: str) -> int | None:
    """The first instant of the period after the one of a local date; None where none ever allows it."""
    if limit.number == 0:
        return None
    days = np.arange(day, day + 367)
    numbers = period(days, limit.period)
    return int(day_start(int(days[np.argmax(numbers != numbers[0])]), zone))


def _too_close(guard: Guard, tried: Tried, before: Sequence[int], now: int) -> Iterator[Violation]:
    if guard.apart is None or not before:
        return
    last = np.array([before[-1]], np.int64)
    fine_at = int(after(last, guard.apart, tried.clock, tried.zone)[0])
    if now < fine_at:
        limit = guard.apart.micros or guard.apart.days
        yield Violation("apart", "", limit, now - before[-1], str(guard.apart), fine_at)


def _too_late(guard: Guard, tried: Tried, channel: str, now: int) -> Iterator[Violation]:
    window = hours_of(guard)
    if window is None or channel not in CALLS:
        return
    fine_at = _opens(window, tried.zone, now)
    if fine_at != now:
        yield Violation("hours", "", 0, 0, guard.hours or "", fine_at)


def hours_of(guard: Guard) -> tuple[int, int] | None:
    """When people may be called, as minutes of their day; None where nothing is said."""
    if guard.hours is None:
        return None
    first, last = (int(part[:2]) * 60 + int(part[3:]) for part in guard.hours.split("-"))
    return first, last


def _opens(window: tuple[int, int], zone: str, now: int) -> int:
    """The instant `now` if it is within the hours of a person, else when they begin."""
    first, last = window
    today = int(local_day(now, zone))
    begins = [_wall(day, first, zone) for day in range(today - 1, today + 3)]
    ends = [_wall(day + (last <= first), last, zone) for day in range(today - 1, today + 3)]
    if any(begin <= now < end for begin, end in zip(begins, ends, strict=True)):
        return now
    return min(begin for begin in begins if begin > now)


def _wall(day: int, minutes: int, zone: str) -> int:
    """The instant of a local date (days since 1970) at so many minutes of its clock; a time that is
    skipped there is past the gap."""
    local = datetime.combine(_EPOCH + timedelta(day), time.min) + timedelta(minutes=minutes)
    return to_micros(local.replace(tzinfo=zone_named(zone)))
