"""Scoring: a million leads by twenty rules, at an instant and at everything that happened."""

import numpy as np
import pyarrow as pa

from bench import Row
from bench.yardstick import best
from leadpact import facts
from leadpact.agreement.model import Agreement
from leadpact.log import NONE, Log, Sparse
from leadpact.score import rises, scores

BAR = 0.3  # seconds
LEADS = 1_000_000
DAY = 86_400_000_000
YEAR_START = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC
DEEDS = tuple(f"deed {number}" for number in range(10))
WORDS = {
    "industry": ("retail", "food", "fashion", "mining", "other"),
    "employees": ("5", "20", "60", "400", "9000"),
    "role": ("decision maker", "influencer", "user", "student"),
    "country": ("PL", "DE", "CZ", "TH", "FR"),
    "free mail": ("yes", "no"),
}


def rows() -> list[Row]:
    """A million leads with one engagement each and with five."""
    agreement = Agreement.model_validate(_agreement())
    found = []
    for engagements, bar in ((1, BAR), (5, 2 * BAR)):
        log = _log(engagements)
        scores(agreement, log)
        seconds = best(lambda log=log: scores(agreement, log), 3)
        what = f"score: 20 rules, 1,000,000 leads, {engagements} engagements each"
        found.append(Row(what, f"{seconds:.2f} s", f"≤ {bar} s", seconds <= bar))
    log = _log(5, 200_000)
    rises(agreement, log, "mql")
    seconds = best(lambda: rises(agreement, log, "mql"), 3)
    what = "rises: 200,000 leads at each of 1,200,000 facts"
    found.append(Row(what, f"{seconds:.2f} s", "≤ 2 s", seconds <= 2))
    return found


def _agreement() -> dict:
    fit = [
        {"when": {name: test}, "points": points, "group": group}
        for group, points in (("who", "10"), ("where", "5"))
        for name, test in (
            ("industry", ["retail", "food"]),
            ("employees", {"at least": "50"}),
            ("role", ["decision maker", "influencer"]),
            ("country", ["PL", "DE"]),
            ("free mail", "no"),
        )
    ]
    interest = [
        {"did": deed, "points": str(5 + number), "halves after": f"{7 + number} days"}
        for number, deed in enumerate(DEEDS)
    ]
    rule = {"all": [{"fit": {"at least": "40"}}, {"interest": {"at least": "20"}}]}
    return {
        "leadpact": "1",
        "agreement": "scores",
        "version": "1",
        "valid from": "2026-01-01",
        "handoff": {"when": "mql"},
        "qualification": {
            "fit": fit,
            "interest": interest,
            "caps": {"who": "30", "interest": "80"},
            "grades": {"fit": ["40", "20"], "interest": ["30", "10"]},
            "hysteresis": "5",
            "qualifies as mql": rule,
        },
    }


def _log(engagements: int, leads: int = LEADS) -> Log:
    """A log of leads that each arise with all attributes and then do something so many times."""
    rng = np.random.default_rng(7)
    width = 1 + engagements
    count = leads * width
    day = np.sort(rng.integers(0, 90 * DAY, (leads, width)), axis=1)
    kind = np.full((leads, width), facts.ENGAGED, np.int8)
    kind[:, 0] = facts.CREATED
    code = rng.integers(0, len(DEEDS), (leads, width), np.int32)
    code[:, 0] = -1
    at = YEAR_START + day.ravel()
    created = np.arange(0, count, width)
    fields = {
        name: Sparse(created, rng.integers(0, len(words), leads, np.int32), words)
        for name, words in WORDS.items()
    }
    nobody = np.full(count, -1, np.int32)
    return Log(
        leads=pa.array([f"L-{number:07}" for number in range(leads)], pa.string()),
        starts=np.arange(0, count + 1, width),
        at=at,
        recorded_at=at,
        kind=kind.ravel(),
        code=code.ravel(),
        who=nobody,
        amount=np.full(count, NONE, np.int64),
        flags=np.zeros(count, np.uint8),
        codes=DEEDS,
        people=(),
        fields=fields,
        source=np.zeros(count, np.int32),
        systems=("bench",),
    )
