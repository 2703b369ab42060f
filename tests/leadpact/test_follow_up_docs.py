"""The page on follow-up says what follow-up does."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from leadpact.agreement.check import check
from leadpact.agreement.load import load
from leadpact.cadence import Tried, allowed_from, cadences, violations
from leadpact.clock import ALWAYS, Clock, to_datetime, to_micros
from leadpact.judge import judge
from leadpact.log import Log

PAGE = (Path(__file__).parents[2] / "docs" / "follow-up.md").read_text("utf-8")
ZONE = "Europe/Berlin"
HANDED = "2026-03-02 09:00"


def agreed():
    found, problems = load(re.search(r"```yaml\n(.+?)```", PAGE, re.DOTALL)[1])
    assert problems == []
    return found


def table(head):
    rows = PAGE.partition(head)[2].partition("|---")[2].partition("\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def at(text):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))


def text(micros):
    return f"{to_datetime(micros, ZONE):%Y-%m-%d %H:%M}"


def fact(kind, when, **fields):
    return {"lead": "L", "kind": kind, "occurred_at": when, **fields}


def judged(now, *more):
    begun = [fact("created", HANDED, type="demo"), fact("handed_over", HANDED, owner="ana")]
    log, problems = Log.from_facts([*begun, *more], zone=ZONE)
    assert problems == []
    return judge([agreed()], log, now=at(now))


@pytest.mark.parametrize("row", table("| attempts on"), ids=lambda row: f"{row[0]} {row[2]}")
def test_the_ladder_is_judged_as_the_page_says(row):
    days, now, left, *verdicts = row
    more = [fact("attempted", f"2026-{day} 10:00", channel="email") for day in days.split(", ")]
    if left:
        more.append(fact(left, "2026-03-11 09:00", reason="opt-out"))
    found = judged(now, *more).obligations.rows()
    assert [one["verdict"] for one in found] == verdicts


def test_the_plan_reads_as_the_page_says():
    tried = [
        fact("attempted", "2026-03-02 10:00", channel="phone", seconds="60"),
        fact("attempted", "2026-03-04 11:00", channel="email"),
    ]
    found = cadences(judged("2026-03-05 12:00", *tried))
    rows = [[str(one.step), one.channel, one.state, text(one.due)] for one in found.touched(0)]
    assert rows == table("| step | channel")
    assert tuple(found.kept()) == (1, 2, 1)
    assert "here 1 of 2" in PAGE


@pytest.mark.parametrize("row", table("| a try | by"), ids=lambda row: f"{row[0]} {row[1]}")
def test_the_guard_warns_as_the_page_says(row):
    now, channel, too_much, fine = row
    guard = agreed().follow_up.guard
    known = Tried([at("2026-03-03 09:00"), at("2026-03-03 12:00")], 0, ZONE, Clock(ALWAYS))
    found = violations(guard, known, channel, at(now))
    told = [f"at most {v.limit} per {v.period}" if v.period else v.code for v in found]
    assert ", ".join(told) == too_much
    assert text(allowed_from(guard, known, channel, at(now))) == fine


def test_the_guard_of_the_page_forbids_nothing_that_it_promises():
    assert [one for one in check(agreed(), {}) if "guard" in one.problem] == []
