"""The page on scoring says what scores do."""

import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from leadpact.agreement.load import load
from leadpact.clock import to_micros
from leadpact.log import Log
from leadpact.score import factors, points_text, rises, said, scores

PAGE = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text("utf-8")
ZONE = "Europe/Berlin"


def block(kind):
    return re.search(rf"```{kind}\n(.+?)```", PAGE, re.DOTALL)[1]


def example():
    agreement, problems = load(block("yaml"))
    assert problems == []
    log, problems = Log.from_facts([json.loads(line) for line in block("json").splitlines()], ZONE)
    assert problems == []
    return agreement, log


def at(day):
    return to_micros(datetime.fromisoformat(f"{day} 09:00").replace(tzinfo=ZoneInfo(ZONE)))


def test_the_factors_of_the_example():
    agreement, log = example()
    found = factors(agreement, log, "L-1", at("2026-03-16"))
    told = [(f.axis, points_text(f.points, signed=True), said(agreement, f)) for f in found.factors]
    assert re.findall(r"^\| (fit|interest) \| (\S+) \| (.+) \|$", PAGE, re.MULTILINE) == told
    assert (found.fit, found.interest) == (5000, 4311)


def test_the_days_of_the_example():
    agreement, log = example()
    printed = re.findall(
        r"^\| (2026-\S+) \| (\S+) \| (\S+) \| (\w\d) \| (?:as (\w+) )?\|$", PAGE, re.MULTILINE
    )
    risen = {*rises(agreement, log, "mql").at.tolist()}
    rows = []
    for day in sorted({line[0] for line in printed}):
        found = scores(agreement, log, at(day))
        points = [points_text(int(column[0])) for column in (found.fit, found.interest)]
        stage = "mql" if at(day) in risen else ""
        rows.append((day, *points, str(found.grade[0]), stage))
    assert printed == rows
    assert len(risen) == 2


def test_what_is_left_just_before():
    agreement, log = example()
    for day, left in (("2026-03-23", 3280), ("2026-04-20", 1915)):
        found = factors(agreement, log, "L-1", at(day) - 1)
        assert found.interest == left
        assert f"{left / 100:.2f}" in PAGE
