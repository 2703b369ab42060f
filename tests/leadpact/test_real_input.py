"""Real exports through the examples' mappings and agreements: figures that others counted come out.

The data are not part of the repository. They are looked for in the folder that LEADPACT_DATA names,
else in ../shared/data beside the repository; without them these tests are skipped and say so.
"""

import csv
import gzip
import os
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from leadpact.agreement.check import examine, notes
from leadpact.agreement.model import Agreement
from leadpact.cases import cases
from leadpact.clock import to_micros
from leadpact.facts import CREATED, WON
from leadpact.judge import Judgement, judge
from leadpact.log import MONEY_SCALE
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, VERDICTS
from leadpact.tables import Conversion, convert

ROOT = Path(__file__).parents[2]
REAL = ROOT / "examples" / "real"
DATA = Path(os.environ.get("LEADPACT_DATA") or ROOT.parent / "shared" / "data")
OLIST = {
    "mql": "olist_marketing_qualified_leads_dataset.csv",
    "won": "olist_closed_deals_dataset.csv",
}
FILES = {
    "it-school": ("it-school-2023", {"deals": "deals.csv.gz", "calls": "calls.csv.gz"}),
    "olist": ("olist", OLIST),
    "maven-crm": (
        "maven-crm",
        {"pipeline": "sales_pipeline.csv", "teams": "sales_teams.csv", "accounts": "accounts.csv"},
    ),
    "zoho-crm": (
        "zoho-crm",
        {"leads": "Leads.csv", "potentials": "Potentials.csv", "calls": "Calls.csv"},
    ),
}
NOW = {
    "it-school": datetime(2024, 7, 1, tzinfo=UTC),
    "olist": datetime(2018, 11, 15, tzinfo=UTC),
    "maven-crm": datetime(2018, 1, 1, 12, tzinfo=UTC),
    "zoho-crm": datetime(2022, 1, 1, tzinfo=UTC),
}


class Run(NamedTuple):
    agreement: Agreement
    conversion: Conversion
    judgement: Judgement


@cache
def run(name):
    folder, files = FILES[name]
    paths = {table: DATA / folder / file for table, file in files.items()}
    missing = [str(path) for path in paths.values() if not path.exists()]
    if missing:
        pytest.skip(f"no data: {missing[0]} is absent; name its folder in LEADPACT_DATA")
    conversion = convert((REAL / name / "mapping.yaml").read_bytes(), paths)
    assert conversion.problems == []
    agreement = examine((REAL / name / "agreement.yaml").read_bytes()).agreement
    judgement = judge([agreement], conversion.log, now=to_micros(NOW[name]))
    return Run(agreement, conversion, judgement)


def verdicts(**counts):
    return dict.fromkeys(VERDICTS, 0) | counts


def table(name, file):
    path = DATA / FILES[name][0] / file
    read = gzip.open if path.suffix == ".gz" else open
    with read(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", FILES)
def test_each_agreement_is_complete_and_its_examples_come_out(name):
    found = examine((REAL / name / "agreement.yaml").read_bytes())
    assert found.problems == []
    assert notes(found.agreement, found.lines) == []
    results, problems = cases(found.agreement)
    assert problems == []
    assert [result.differences for result in results] == [()] * len(found.agreement.cases)


# The school's CRM measured the time to the first call itself: a check that nobody here wrote.


def seconds(text):
    """``1 day, 2:03:04`` in seconds; None for a blank."""
    found = re.fullmatch(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)", text)
    if found is None:
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def answered(judgement, promise):
    """The wall-clock seconds to the answer of a promise, by lead."""
    owed = judgement.obligations
    there = owed.of(promise) & (owed.column(col.O_ANSWER) != NEVER)
    taken = owed.column(col.O_ANSWER) - owed.column(col.O_START)
    keys = judgement.log.keys
    return {keys[owed.lead[place]]: taken[place] / 1e6 for place in np.flatnonzero(there)}


def test_the_time_to_the_first_call_is_that_of_the_crm():
    found = answered(run("it-school").judgement, "first call")
    theirs = {row["Id"]: seconds(row["SLA"]) for row in table("it-school", "deals.csv.gz")}
    both = [(found[key], sla) for key, sla in theirs.items() if key in found and sla is not None]
    agreeing = sum(abs(ours - sla) <= 120 for ours, sla in both)
    assert len(both) > 5700
    assert agreeing / len(both) >= 0.975


@pytest.mark.parametrize(
    ("promise", "outcome"),
    [
        ("first call", (1741, 6393, 1923)),
        ("first call in office hours", (3188, 4945, 1922)),
    ],
)
def test_the_school_called_so_many_in_time_late_and_never(promise, outcome):
    owed = run("it-school").judgement.obligations
    own = owed.of(promise)
    never = own & (owed.verdict == col.BROKEN) & (owed.column(col.O_ANSWER) == NEVER)
    counts = owed.summary()[promise]
    assert (counts["kept"], counts["broken"], int(never.sum())) == outcome


def test_the_school_s_odd_rows_are_refused_and_counted():
    conversion = run("it-school").conversion
    assert conversion.refused_count == 951
    assert conversion.log.counts["facts before creation"] == 10
    assert conversion.log.counts["dates without time"] == 6144


def entered(judgement, stage):
    """When each lead first entered a stage (µs), `NEVER` if it didn't."""
    stories = judgement.stories
    first = np.full(len(judgement.log.keys), NEVER)
    np.minimum.at(first, stories.passes[:, col.S_LEAD], stories.entered_at(stage))
    return first


def attribute(log, name):
    """The word of a field of each lead's `created`."""
    found = log.fields[name]
    rows = np.flatnonzero(log.kind == CREATED)
    codes = found.dense(len(log))[rows]
    return [found.words[code] if code >= 0 else None for code in codes]


def test_olist_s_orientation_figures():
    judgement = run("olist").judgement
    mql, won = entered(judgement, "mql"), entered(judgement, "customer") != NEVER
    origin = np.array(attribute(judgement.log, "source"), dtype=object)
    paid = origin == "paid_search"
    january = (mql >= to_micros(datetime(2018, 1, 1, tzinfo=UTC))) & (
        mql < to_micros(datetime(2018, 2, 1, tzinfo=UTC))
    )
    days = (entered(judgement, "customer") - mql)[won] / 86_400e6
    assert (int((mql != NEVER).sum()), int(won.sum())) == (8000, 842)
    assert (int(paid.sum()), int((paid & won).sum())) == (1586, 195)
    assert int(january.sum()) == 1141
    assert round(float(np.median(days)), 2) == 14.65
    # A blank origin is not the same as one that is told to be unknown.
    assert (int((origin == None).sum()), int((origin == "unknown").sum())) == (60, 1099)  # noqa: E711
    # One deal was won, and described, before its first contact.
    assert judgement.log.counts["facts before creation"] == 2


def test_olist_s_days_without_time_can_leave_a_verdict_open_to_doubt():
    counts = run("olist").judgement.obligations.summary()["signed"]
    assert counts == verdicts(kept=643, broken=7355, undeterminable=3)


def test_maven_s_orientation_figures():
    judgement = run("maven-crm").judgement
    stories, log = judgement.stories, judgement.log
    standing = stories.table[:, col.T_STANDING]
    begun = entered(judgement, "opportunity") != NEVER
    won = entered(judgement, "customer") != NEVER
    lost = standing == col.LOST
    assert (int(won.sum()), int(lost.sum())) == (4238, 2473)
    assert (int((begun & ~won & ~lost).sum()), int((~begun).sum())) == (1589, 500)
    paid = log.amount[log.kind == WON]
    assert int(paid.sum()) == 10_005_534 * MONEY_SCALE
    days = (entered(judgement, "customer") - entered(judgement, "opportunity"))[won] / 86_400e6
    assert round(float(np.median(days))) == 57


def test_zoho_s_impossible_times_are_judged_and_counted():
    _agreement, conversion, judgement = run("zoho-crm")
    assert conversion.refused_count == 0
    assert conversion.log.counts["facts before creation"] > 4000
    assert len(judgement.log.keys) == 3900
    won = entered(judgement, "customer") != NEVER
    assert int(won.sum()) == 1425
    owed = judgement.obligations
    assert owed.summary()["deal"] == verdicts(kept=412, broken=3466, excused=22)
    assert (owed.column(col.O_END) >= owed.column(col.O_START)).all()
