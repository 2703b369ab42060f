"""The page on nurture says what tracks do."""

import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from leadpact.agreement.load import load
from leadpact.clock import to_datetime, to_micros
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.nurture import enrolments
from leadpact.program.columns import NEVER

PAGE = (Path(__file__).parents[2] / "docs" / "nurture.md").read_text("utf-8")
ZONE = "Europe/Berlin"


def block(kind):
    return re.search(rf"```{kind}\n(.+?)```", PAGE, re.DOTALL)[1]


def example(*more, without=()):
    agreement, problems = load(block("yaml"))
    assert problems == []
    facts = [json.loads(line) for line in block("json").splitlines()]
    log, problems = Log.from_facts(
        [*(one for one in facts if one.get("step") not in without), *more], ZONE
    )
    assert problems == []
    return agreement, log


def told(agreement, log, text):
    """Where the lead is at an instant: its track, the next step and when that is due."""
    now = to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))
    found = enrolments(judge([agreement], log, now=now).stories)
    (n,) = found.current.tolist()
    if n < 0:
        return "–", "–", "–"
    place = found.places[int(found.place[n])]
    due = int(found.next_at[n])
    shown = "paused" if found.is_paused[n] else to_datetime(due, ZONE).strftime("%Y-%m-%d %H:%M")
    assert (due == NEVER) == bool(found.is_paused[n])
    return place.name, place.track.steps[int(found.step[n])].send, shown


def test_the_days_of_the_example():
    agreement, log = example()
    printed = re.findall(r"^\| (2026-\S+ \S+) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert len(printed) == 7
    assert [(line[0], *told(agreement, log, line[0])) for line in printed] == printed


def test_the_consultation_after_easter():
    late = {
        "lead": "L-1",
        "occurred_at": "2026-04-01 11:00",
        "kind": "enrolled",
        "track": "re-engage",
        "step": "case study",
    }
    agreement, log = example(late, without=("case study", "consultation"))
    assert told(agreement, log, "2026-04-01 12:00")[2] == "2026-04-07 11:00"
