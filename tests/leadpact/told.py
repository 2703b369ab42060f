"""Cases as people tell them: a few clauses, the facts one a line, a moment; and what is judged."""

import re
from collections.abc import Sequence
from datetime import datetime
from textwrap import dedent
from typing import Any
from zoneinfo import ZoneInfo

from leadpact.agreement.load import load
from leadpact.agreement.model import Agreement, Case
from leadpact.agreement.told import facts_of
from leadpact.clock import to_micros
from leadpact.judge import Judgement, judge
from leadpact.log import Log

ZONE = "Europe/Warsaw"
USUAL = {
    "leadpact": "1",
    "agreement": "Northwind",
    "version": "1",
    "valid from": "2026-01-01",
    "zone": ZONE,
    "calendars": "{office: {open: {mon-fri: [09:00-17:00]}}}",
    "people": "{ana: {}, ben: {}, chai: {}}",
}
"""What an agreement says unless its case says otherwise: weekdays from 9 to 17."""

FIRST_CONTACT = """
promises:
  sales:
    first contact: {after: handed over, do: attempted, within: 4 working hours, unless: [returned]}
"""
LADDER = """
promises:
  sales:
    follow-up:
      after: handed over
      do: attempted
      ladder: [{times: 3, within: 14 days}, {times: 5, within: 28 days}, {times: 7, within: 56 days}]
      unless: [converted, returned, suppressed]
"""


def promising(clause: str, name: str = "contact") -> str:
    """The clauses of one promise of sales, written as one flow mapping."""
    return f"promises: {{sales: {{{name}: {clause}}}}}\n"


def agreed(clauses: str) -> Agreement:
    """The agreement with these clauses; what they leave out is as usual."""
    text = dedent(clauses)
    said = set(re.findall(r"^([a-z][a-z -]*):", text, re.MULTILINE))
    head = "".join(f"{key}: {value}\n" for key, value in USUAL.items() if key not in said)
    agreement, problems = load(head + text)
    assert agreement is not None, problems
    return agreement


def facts(told: str) -> list[dict[str, Any]]:
    """Facts one a line, such as ``2026-03-13 12:00  handed_over  owner=ana``, about one lead
    (or ``lead=…``)."""
    return facts_of(Case.model_construct(given=told))


def log_of(told: str | Sequence[dict[str, Any]], zone: str = ZONE) -> Log:
    """The log of such facts."""
    log, problems = Log.from_facts(
        facts(told) if isinstance(told, str) else told, zone=zone, name="told"
    )
    assert problems == []
    return log


def judged(
    clauses: str | Sequence[str],
    told: str | Sequence[dict[str, Any]],
    now: str | None = None,
    known_at: str | None = None,
) -> Judgement:
    """What holds of these facts at a local time; unless said, when the last of them happened.

    Several texts of clauses are the versions of one agreement.
    """
    texts = [clauses] if isinstance(clauses, str) else clauses
    versions = [agreed(text) for text in texts]
    zone = versions[-1].zone
    log = log_of(told, zone)
    moment = int(log.at.max()) if now is None else at(now, zone)
    known = None if known_at is None else at(known_at, zone)
    return judge(versions, log, now=moment, known_at=known)


def rows(*case: Any, **moments: Any) -> list[dict[str, Any]]:
    """The obligations of a case (as for `judged`), in order of lead and start."""
    return judged(*case, **moments).obligations.rows()


def only(*case: Any, **moments: Any) -> dict[str, Any]:
    """The one obligation of a case."""
    (row,) = rows(*case, **moments)
    return row


def verdict(*case: Any, **moments: Any) -> str:
    """The verdict of the one obligation of a case."""
    return only(*case, **moments)["verdict"]


def verdicts(*case: Any, **moments: Any) -> list[str]:
    """The verdict of each obligation of a case."""
    return [row["verdict"] for row in rows(*case, **moments)]


def rungs(*case: Any, **moments: Any) -> dict[int, str]:
    """The verdict of each rung of a case with one ladder."""
    return {row["rung"]: row["verdict"] for row in rows(*case, **moments)}


def due(*case: Any, **moments: Any) -> str | None:
    """The local time at which the one obligation of a case is due."""
    return local(only(*case, **moments)["due_at"])


def local(written: str | None) -> str | None:
    """An instant of the JSON form as local time to the minute, as facts are told."""
    return None if written is None else written[:16].replace("T", " ")


def held(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The legs of an obligation: owner, from, to (local times), working hours, verdict."""
    return [
        (
            leg["owner"],
            local(leg["from"]),
            local(leg["to"]),
            leg["working_seconds"] / 3600,
            leg["verdict"],
        )
        for leg in row["legs"]
    ]


def at(told: str, zone: str = ZONE) -> int:
    """A local time, µs UTC; one with an offset means what it says."""
    moment = datetime.fromisoformat(told)
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))
