"""Lives: what happens to the leads of a big workspace, ten facts each, over two years."""

import json
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from leadpact import facts

DAY, HOUR, MINUTE = 86_400_000_000, 3_600_000_000, 60_000_000
FACTS_EACH = 10
_PACKET = {
    "source": "web",
    "pages seen": [{"what": "page seen", "source": "web"}, {"what": "pricing viewed"}],
    "score with reasons": {
        "fit": "60",
        "interest": "75",
        "factors": [
            {"axis": "fit", "name": "industry", "points": 2000},
            {"axis": "interest", "name": "demo requested", "points": 6000},
        ],
    },
}
_ROUTE = {
    "pool": "sales",
    "rule": "weight",
    "among": 40,
    "weight": "1",
    "credit": 912_000,
    "caps": [["20 per day", 4], ["150 per month", 61]],
    "passed": [["ben", "leave", 1_780_000_000_000_000, ""]],
}


class Told(NamedTuple):
    """A fact of a lead: its kind, when it happened (µs UTC), its fields, who told it, under which name."""

    lead: str
    account: str
    kind: int
    at: int
    fields: dict
    system: str = "bench"
    source_id: str = ""


def key_of(number: int, leads: int) -> str:
    """The key of a lead."""
    return "L-FULL" if number == full(leads) else f"L-{number:05}"


def full(leads: int) -> int:
    """The number of the lead that has something of everything."""
    return leads - leads // 40 - 1  # some two weeks old, and of the team south


def life(number: int, leads: int, random: Random, now: int) -> Iterator[Told]:
    """The facts of a lead; the newest leads are worked on today."""
    at = now - 2 * HOUR - int((leads - 1 - number) * 700 * DAY / leads)
    key, owner = key_of(number, leads), f"rep{number % 40}"
    account = f"company-{number % max(leads // 20, 100)}"
    source = ("web", "fair", "partner", "ads")[number % 4]
    created = {"type": "website form", "stream": ("shops", "brands")[number % 2], "source": source}
    created |= {"campaign": f"spring {number % 50}", "account": account}
    yield Told(key, account, facts.CREATED, at, created)
    for place, (kind, fields) in enumerate(_steps(number, leads, owner, random)):
        at = min(at + random.randrange(MINUTE, 3 * HOUR), now - 1)
        by_hand = kind == facts.SCORED and fields.get("model") == "by hand"
        if by_hand:
            yield Told(key, "", kind, at, fields, "desk", f"score-{number}-{place}")
        else:
            yield Told(key, "", kind, at, fields)


def _steps(number: int, leads: int, owner: str, random: Random) -> list[tuple[int, dict]]:
    described = {
        "industry": ("retail", "food", "mining")[number % 3],
        "employees": str(10 * (number % 40)),
        "role": ("decision maker", "user", "influencer", "student")[number % 4],
    }
    asked = "demo requested" if number % 5 else "guide downloaded"
    steps: list[tuple[int, dict]] = [
        (facts.DESCRIBED, described),
        (facts.ENGAGED, {"what": asked}),
        (facts.ENGAGED, {"what": "guide downloaded"}),
        (facts.MOVED, {"to": "mql"}),
        (facts.HANDED_OVER, _given(number, owner)),
    ]
    if number == full(leads):
        return [*steps, *_everything(owner)]
    if number % 500 == 1:
        steps.append((facts.SCORED, _by_hand()))
    steps += _worked(number, owner)
    if number < leads * 0.97:  # most leads are over and done with
        steps += _over(number, owner, random)
    while len(steps) < FACTS_EACH - 1:
        steps.insert(1, (facts.ENGAGED, {"what": "page seen"}))
    return steps


def _given(number: int, owner: str) -> dict:
    """What is told of a handover: two in seven lack the phone."""
    told = {
        "owner": owner,
        "trigger": "mql" if number % 5 else "demo requested",
        "packet": json.dumps(_PACKET),
        "route": json.dumps({**_ROUTE, "owner": owner}, separators=(",", ":")),
    }
    return told if number % 7 not in {0, 3} else told | {"missing": "phone"}


def _by_hand() -> dict:
    return {"fit": "70", "model": "by hand", "by": "mia", "why": "we know them from the fair"}


_CONTESTED = (
    facts.DISPUTED,
    {"promise": "handoff", "by": "mia", "why": "they have sixty people"},
)


def _settled(outcome: str) -> tuple[int, dict]:
    return (
        facts.DISPUTED,
        {"promise": "handoff", "by": "jon", "why": "so it is", "outcome": outcome},
    )


def _worked(number: int, owner: str) -> list[tuple[int, dict]]:
    """What sales said, and how often it tried."""
    if number % 8 == 3:
        rejected = (facts.REJECTED, {"reason": "wrong size", "by": owner})
        return [rejected, *[_CONTESTED, _settled("upheld")][: number // 8 % 3]]
    said = [(facts.ACCEPTED, {"by": owner})] if number % 4 in {1, 2} else []
    tried = (facts.ATTEMPTED, {"by": owner, "channel": "phone", "outcome": "no answer"})
    return [*said, *[tried] * (number % 3)]


def _over(number: int, owner: str, random: Random) -> list[tuple[int, dict]]:
    if number % 8 == 3:
        return []
    if number % 4 == 0:
        back = {"to": "re-engage", "reason": "no need yet", "by": owner}
        left = [(facts.ENROLLED, {"track": "re-engage", "left": "yes", "by": "mia"})]
        return [(facts.RETURNED, back), *(left if number % 16 == 0 else [])]
    if number % 28 in {1, 2} or random.random() < 0.05:  # the web and the partners win more
        return [(facts.WON, {"amount": "9000", "by": owner})]
    return [(facts.LOST, {"reason": "price", "by": owner})]


def _everything(owner: str) -> list[tuple[int, dict]]:
    """A second pass after nurture, with a score by hand and a dispute before it."""
    tried = (facts.ATTEMPTED, {"by": owner, "channel": "phone", "outcome": "no answer"})
    return [
        (facts.REJECTED, {"reason": "wrong size", "by": owner}),
        _CONTESTED,
        _settled("overturned"),
        (facts.HANDED_OVER, _given(1, owner)),
        (facts.ACCEPTED, {"by": owner}),
        tried,
        (facts.RETURNED, {"to": "re-engage", "reason": "no need yet", "by": owner}),
        (facts.ENROLLED, {"track": "re-engage", "step": "1", "by": "mia"}),
        (facts.SCORED, _by_hand()),
        (facts.ENGAGED, {"what": "demo requested"}),
        (facts.REPLIED, {"channel": "email"}),
        (facts.HANDED_OVER, _given(2, owner)),
        (facts.ENROLLED, {"track": "field news", "by": "mia"}),
        *[tried] * 3,
    ]
