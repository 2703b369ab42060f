"""What people see on a terminal: the most important first, in columns that stay straight."""

import pytest

from leadpact.cli.tables import table, width, wrapped
from tests.leadpact.commands import LOG, MINIMAL, NOW, typed


@pytest.fixture
def desk(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(MINIMAL, "utf-8")
    (tmp_path / "log.jsonl").write_text(LOG, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_columns_are_straight_in_every_script():
    rows = [["ตลาด น้ำใส", 1], ["خانه‌ی سپید", 20], ["東京商会", 300], ["Łódź", None]]
    lines = table(["lead", "misses"], rows).splitlines()
    assert len({width(line) for line in lines[:-1]}) == 1
    assert lines[0] == "lead        misses"
    assert lines[1] == "----------  ------"
    assert lines[-1] == "Łódź"


def test_long_cells_are_cut_and_breaks_taken_out():
    lines = table(["lead"], [["a\nb\tc"], ["x" * 100], ["東" * 100]]).splitlines()
    assert lines[2] == "a b c"
    assert lines[3] == "x" * 39 + "…"
    assert [width(line) for line in lines[3:]] == [40, 39]


def test_numbers_stand_to_the_right():
    assert table(["", "n"], [["a", 5], ["b", 1_234], ["c", "12\u00a0%"], ["d", "–"]]) == (
        "       n\n-  -----\na      5\nb  1,234\nc   12 %\nd      –"
    )


def test_lines_are_no_longer_than_the_screen(monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    assert max(map(len, wrapped("word " * 100, first="- ", rest="  ").splitlines())) <= 70


@pytest.mark.usefixtures("desk")
def test_judge_shows_both_sides_then_what_is_urgent_then_what_was_missed_most():
    found = typed("judge", "a.yaml", "log.jsonl", "--now", NOW).stdout
    assert found.startswith("New business, version 1, as of Tue 2026-03-31 16:00 (UTC)\n")
    parts = ["Promises of marketing", "Promises of sales", "Most urgent", "Worst misses"]
    places = [found.index(part) for part in parts]
    assert places == sorted(places)
    lines = found.splitlines()
    assert "first contact         50 %    90 %  undecided     1       1     1" in lines
    assert "Wed 2026-04-01 15:30  first contact  خانه‌ی سپید  ben" in lines
    assert "28 d 6 h  first contact  ตลาด น้ำใส  ben    never answered" in lines
    assert "5 facts read; leads without creation 2." in found
    assert lines[-1] == "Next change by itself: Wed 2026-04-01 12:30."
    assert max(map(width, lines)) <= 100


@pytest.mark.usefixtures("desk")
def test_a_log_without_facts_is_judged():
    found = typed("judge", "a.yaml", "-", "--now", NOW, given="")
    assert found.exit_code == 0
    assert "0 facts read." in found.stdout
    assert "Most urgent" not in found.stdout


@pytest.mark.usefixtures("desk")
def test_plan_fits_the_screen_and_shows_how_each_number_is_reached():
    found = typed("plan", "a.yaml", "--confidence", "80%").stdout
    assert max(map(width, found.splitlines())) <= 100
    assert "leads for 80%" in found
    steps = "50,000 ÷ 2,500 = 20 deals ÷ 25% = 80 opportunity ÷ 60% = 133.33 → 134 sql ÷ 30% ="
    assert steps in " ".join(found.split())


@pytest.mark.usefixtures("desk")
def test_explain_groups_the_clauses_under_headings():
    lines = typed("explain", "a.yaml").stdout.splitlines()
    assert lines[:2] == ["New business", "============"]
    headings = [lines[k - 1] for k in range(2, len(lines)) if set(lines[k]) == {"-"}]
    assert headings == [
        "The agreement",
        "Parties",
        "Calendars and term",
        "Goal",
        "Definitions",
        "Qualification",
        "Funnel",
        "Hand-off",
        "Nurture",
        "Promises of marketing",
        "Promises of sales",
        "Living with it",
        "Signatures",
    ]


@pytest.mark.usefixtures("desk")
def test_diff_shows_what_was_and_what_will_be(desk):
    (desk / "b.yaml").write_text(MINIMAL.replace("8 working hours", "1 working hour"), "utf-8")
    assert typed("diff", "a.yaml", "b.yaml").stdout == (
        "New business: from version 1 to version 1\n\n"
        "Promises of sales\n-----------------\n"
        "promises.sales.first contact.within\n  - 8 working hours\n  + 1 working hour\n"
    )
    assert typed("diff", "a.yaml", "a.yaml").stdout.endswith("The two say the same.\n")
