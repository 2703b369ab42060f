"""Northwind as it lives: its season, its agreement and its facts around any day.

All of it follows from the day on which the sample was made and from one seed, so that it is told
the same however often somebody begins anew.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from random import Random

from leaddesk.sample import oddities
from leaddesk.sample.arising import Telling
from leaddesk.sample.chronicle import Chronicle, Lead, Told
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.season import Season
from leadpact.clock import to_datetime

HISTORY = timedelta(75)
"""So far back the sample reaches when it is made."""
BY_DESK = timedelta(17)
"""So long before that the desk began to hand over and to nurture by itself."""
_CONTESTED = {1: "", 2: "", 4: "", 8: "upheld", 9: "overturned"}
"""By working days before the sample was made: whose first handoff is rejected, and contested; with what
outcome."""
SEED = 2026
_YEARS = 4
_WEEK = timedelta(7)


def day_of(instant: int) -> date:
    """The day in Warsaw on which a sample is made at an instant (µs)."""
    return to_datetime(instant).astimezone(WARSAW).date()


def season(made: date) -> Season:
    """The season of a sample that was made on a day: a storm three weeks before it and every nine
    weeks later, and ben's leave in the weeks before."""
    monday = made - timedelta(made.weekday())
    first = made - HISTORY
    away = monday - 6 * _WEEK
    polish = holidays("PL", _years(first))
    storms = [monday + timedelta(2) + (9 * n - 3) * _WEEK for n in range(23)]
    return Season(
        first=first,
        polish=polish,
        thai=holidays("TH", _years(first)),
        leave=frozenset(away + timedelta(day) for day in range(12)) | leave_now(made),
        told_of_leave=away + timedelta(3),
        storm={
            storm + timedelta(day): slower
            for storm in storms
            for day, slower in enumerate((7.0, 9.0, 4.0))
        },
        floods=frozenset(storm + timedelta(day) for storm in storms for day in (0, 1)),
        french=True,
        by_desk=by_desk(made),
        webinars=frozenset(made + n * _WEEK - timedelta(1) for n in range(200)),
        met=frozenset(made + timedelta(days) for days in range(-16, 700, 5)),
        contested=_contested(made, polish),
    )


def by_desk(made: date) -> datetime:
    """The moment from which on the desk hands over and nurtures by itself."""
    return datetime.combine(made - BY_DESK, time(0), WARSAW).astimezone(UTC)


def leave_now(made: date) -> frozenset[date]:
    """The days around the making of the sample on which ben is on leave."""
    return frozenset(made + timedelta(day) for day in range(-1, 6))


def _contested(made: date, off: frozenset[date]) -> dict[date, str]:
    found: dict[date, str] = {}
    day, number = made, 0
    while number < max(_CONTESTED):
        day -= timedelta(1)
        if day.weekday() < 5 and day not in off:
            number += 1
            if number in _CONTESTED:
                found[day] = _CONTESTED[number]
    return found


def _years(first: date) -> range:
    return range(first.year, first.year + _YEARS)


def holidays(country: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of a country in some years."""
    from holidays import country_holidays

    return frozenset(country_holidays(country, years=list(years)))


def agreement(made: date) -> str:
    """Northwind's agreement, with its term and the holidays reaching over the season."""
    first = made - HISTORY
    text = files("leaddesk.sample").joinpath("agreement.yaml").read_text("utf-8")
    text = re.sub(
        r"(country: (\w\w)\n(?:\s+region.*\n)?\s+dates: )\[([^]]*)\]",
        lambda found: f"{found[1]}[{_listed(found[2], found[3], first)}]",
        text,
    )
    begin, end = f"{min(first.year, 2026)}-01-01", f"{first.year + _YEARS - 1}-12-31"
    for old, new in (
        ("new business 2026", f"new business {made.year}"),
        ("of business in 2026", f"of business in {made.year}"),
        ("valid from: 2026-01-01", f"valid from: {begin}"),
        ("term: {from: 2026-01-01, to: 2026-12-31", f"term: {{from: {begin}, to: {end}"),
        ("by: 2026-12-31", f"by: {end}"),
        ("from: 2026-01-01, to: 2026-12-31}", f"from: {begin}, to: {end}}}"),
    ):
        text = text.replace(old, new)
    return text


def _listed(country: str, dates: str, first: date) -> str:
    """The dates of a calendar, those of the season's years added, a line of eight at a time."""
    known = {date.fromisoformat(one.strip()) for one in dates.split(",")}
    since = min(known).year
    days = sorted(known | holidays(country, range(min(since, first.year), first.year + _YEARS)))
    lines = [days[start : start + 8] for start in range(0, len(days), 8)]
    gap = ",\n              "
    return gap.join(", ".join(day.isoformat() for day in line) for line in lines)


def told(made: date, now: datetime) -> tuple[Told, ...]:
    """What became known of Northwind up to a moment, in that order, but for what answers the desk."""
    known, _leads = _telling(made, now.astimezone(WARSAW).date())
    return tuple(one for one in known if one.recorded <= now)


def leads(made: date, now: datetime) -> Mapping[str, Lead]:
    """The leads that arose up to a moment, by their keys."""
    _known, found = _telling(made, now.astimezone(WARSAW).date())
    return found


@lru_cache(maxsize=4)
def _telling(made: date, last: date) -> tuple[tuple[Told, ...], Mapping[str, Lead]]:
    """What will be known sooner or later of every lead that arises up to a day, and those leads."""
    book = Chronicle(season(made))
    telling = Telling(book, Random(SEED))
    telling.until(made - timedelta(1))
    _add_oddities(book, telling, made)
    telling.until(last)
    told = tuple(sorted(book.told, key=lambda one: one.recorded))
    return told, {one.key: one for one in telling.leads}


def _add_oddities(book: Chronicle, telling: Telling, made: date) -> None:
    """What every real log holds, in the days before the sample was made."""
    random = Random(SEED + 1)
    contacts = oddities.first_contacts(book)
    before = datetime.combine(made, time(0), UTC) - _WEEK
    oddities.doubles(book, telling.leads, random)
    late = oddities.slow(book, contacts, before)
    random.shuffle(late)
    oddities.waivers(book, late[:5])
    oddities.disputes(book, telling.leads, random, before)
    oddities.wrong_leads(book, contacts, random)
    oddities.undated(book, contacts, random)
    oddities.opted_out(book, contacts, random)
    morning = datetime.combine(made - HISTORY, time(9, 30), UTC)
    oddities.test_leads(book, [morning + days * timedelta(1) for days in (12, 40, 68)])
    oddities.accounts(book, telling.leads, random)
