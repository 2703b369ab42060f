"""The example of docs/tuning.md: its rules, its leads, its figures."""

import re
from pathlib import Path

import pytest

from leaddesk.book import tuning
from leaddesk.book.knobs import turned
from leaddesk.book.quarter import quarter
from leadpact.agreement.load import load
from leadpact.score import scores
from tests.leaddesk.desk import at, fact, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = (Path(__file__).parents[2] / "docs/tuning.md").read_text("utf-8")
TEXT = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
NOW = at("2026-03-31 18:00")
DEMO, GUIDE = "demo requested", "guide downloaded"
DID = {
    "L-1": [(DEMO, "2026-03-02 10:00")],
    "L-2": [(GUIDE, f"2026-03-02 10:0{minute}") for minute in range(3)],
    "L-3": [(GUIDE, f"2026-03-{day} 10:00") for day in ("02", "09", "16")],
    "L-4": [(GUIDE, f"2026-03-02 10:0{minute}") for minute in range(2)],
    "L-5": [(GUIDE, f"2026-03-02 10:0{minute}") for minute in range(2)],
    "L-6": [],
}
WON = ("L-1", "L-3", "L-5")
TRIED = {
    "interest.2.halves after": "30 days",
    "qualifies as mql.all.2.interest.at least": "30",
}


@pytest.fixture
def own():
    found = workspace(TEXT)
    for lead, done in DID.items():
        take(found, fact(lead, "created", "2026-03-01 09:00", industry="retail", employees=80))
        take(found, *(fact(lead, "engaged", when, what=what) for what, when in done))
    take(found, *(fact(lead, "won", "2026-03-25 12:00") for lead in WON))
    return found


def rows(head):
    """The rows of the table of the page that has this heading: name, then figures."""
    table = PAGE[PAGE.index(head) :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [(name, *map(int, figures)) for name, *figures in cells]


def test_the_figures_of_the_example_are_those_of_the_desk(own):
    before, after = load(TEXT)[0], turned(TEXT, TRIED).agreement
    found = tuning.difference(own.pk, before, after, "mql", NOW)
    told = [(one.leads, one.won) for one in (found.was, found.would, found.more, found.fewer)]
    assert told == [row[1:] for row in rows("| leads | how many | won |")]
    alone = [(".".join(one.place), one.more.leads, one.more.won) for one in found.alone]
    listed = rows("| each change by itself |")
    assert alone == [(re.search(r"`(.*?)`", name)[1], *rest) for name, *rest in listed]


def test_the_points_of_the_example_are_those_of_the_engine(own):
    log, third = quarter(own.pk, NOW).log, at("2026-03-16 10:00")
    place = log.keys.index("L-3")
    for agreement, points in (
        (load(TEXT)[0], "33.11"),
        (turned(TEXT, TRIED).agreement, "38.61"),
    ):
        found = int(scores(agreement, log, third).interest[place])
        assert f"{found / 100:.2f}" == points
        assert points in PAGE
