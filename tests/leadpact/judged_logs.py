"""Small agreements and logs for tests of what is measured and reported."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadpact.agreement.model import Agreement
from leadpact.clock import to_micros
from leadpact.judge import Judgement, judge
from leadpact.log import Log

ZONE = "Europe/Warsaw"
STAGES = ["lead", "mql", "sal", "sql", "opportunity", "customer"]


def agreed(promises, **clauses) -> Agreement:
    """An agreement of two sides, open on weekdays from 9 to 17, with these promises by side."""
    return Agreement.model_validate(
        {
            "leadpact": "1",
            "agreement": "Northwind",
            "version": "1",
            "valid from": "2026-06-01",
            "zone": ZONE,
            "calendars": {"office": {"open": {"mon-fri": ["09:00-17:00"]}}},
            "between": {"marketing": ["mia"], "sales": ["ana", "ben"]},
            "people": {"ana": {}, "ben": {}},
            "definitions": {"stages": STAGES},
            "promises": promises,
            **clauses,
        }
    )


def judged(agreements, facts, now) -> Judgement:
    """What holds at a local time of these facts, which are about one lead unless they say so."""
    versions = agreements if isinstance(agreements, list) else [agreements]
    log, problems = Log.from_facts([{"lead": "L", **fact} for fact in facts], zone=ZONE)
    assert problems == []
    return judge(versions, log, now=at(now))


def at(local: str) -> int:
    """A local time of the tests' zone, µs UTC."""
    return to_micros(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE)))


def fact(kind: str, when: str, lead: str = "L", **fields) -> dict:
    """One fact, with the fields of its kind."""
    return {"lead": lead, "occurred_at": when, "kind": kind, **fields}


def many(count: int, kind: str, first: str, *, prefix: str = "L", step: int = 60, **fields):
    """The same fact about many leads, so many seconds apart."""
    begins = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    return [
        fact(kind, (begins + timedelta(seconds=step * n)).isoformat(), f"{prefix}{n:05}", **fields)
        for n in range(count)
    ]
