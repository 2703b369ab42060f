"""Worked cases: an agreement in a few words, a log with one fact a line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from leadpact.agreement.model import Agreement

ZONE = "Europe/Warsaw"


def agreement(promises: dict, **further: object) -> Agreement:
    text = {
        "leadpact": "1",
        "agreement": "Worked",
        "version": "1",
        "valid from": "2026-01-01",
        "zone": ZONE,
        "calendars": {"office": {"open": {"mon-fri": ["09:00-17:00"]}}},
        "promises": {"sales": promises},
    }
    return Agreement.model_validate(text | {k.replace("_", " "): v for k, v in further.items()})


CONTACT = {"after": "handed over", "do": "attempted", "within": "4 working hours"}


def told(text: str) -> list[dict]:
    """`2026-03-13 12:00 handed_over owner=ana`, one fact a line; Warsaw time; a date alone is one."""
    facts = []
    for number, line in enumerate(text.strip().splitlines()):
        day, *rest = line.split()
        at = day
        if ":" in rest[0]:
            local = datetime.fromisoformat(f"{day}T{rest.pop(0)}")
            at = local.replace(tzinfo=ZoneInfo(ZONE)).isoformat()
        kind, *fields = rest
        said = dict(field.split("=") for field in fields)
        said = {key: value.replace("_", " ") for key, value in said.items()}
        fact = {"lead": "L", "occurred_at": at, "kind": kind, "source_id": f"{number:03}"} | said
        facts.append(fact)
    return facts


FOLLOW_UP = {
    "follow-up": {
        "after": "handed over",
        "do": "attempted",
        "ladder": [
            {"times": "3", "within": "14 days"},
            {"times": "5", "within": "28 days"},
            {"times": "7", "within": "56 days"},
        ],
        "unless": ["converted", "returned", "suppressed"],
    }
}
