"""The standing report: drawn when something changed, read by keys, opened to its rows."""

from fractions import Fraction

import pytest

from leaddesk.book import report
from leaddesk.book.access import actor_of
from leaddesk.book.counting import Key
from leaddesk.book.drawing import Drawer
from leaddesk.book.models import Fact, StandingReport
from leaddesk.book.shelf import Shelf
from leaddesk.book.spans import span_of
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db
NOW = at("2026-03-31 18:00")


@pytest.fixture(autouse=True)
def nothing_read():
    report.forget()


def drawn(own, now=NOW):
    report.draw(own.pk, Shelf(own.pk), now)
    return report.latest(own.pk)


def small():
    own = workspace()
    take(
        own,
        fact("L-1", "created", "2026-03-02 09:00"),
        handed_over("L-1", "2026-03-02 09:00"),
        fact("L-1", "attempted", "2026-03-02 10:00", by="ana", channel="phone"),
        handed_over("L-2", "2026-03-03 09:00", owner="ben"),
        fact("L-2", "attempted", "2026-03-04 16:00", by="ben", channel="phone"),
        handed_over("L-3", "2026-03-05 09:00"),
        handed_over("L-4", "2026-03-31 16:00"),
        now=NOW,
    )
    return own


def test_nothing_was_drawn_of_a_new_workspace():
    assert report.latest(workspace().pk) is None


def test_a_small_workspace_is_drawn_when_somebody_asks():
    told = report.standing(small().pk, NOW)
    assert (told.as_of, told.facts) == (NOW, Fact.across.count())


def test_a_large_one_waits_for_a_worker(monkeypatch):
    monkeypatch.setattr(report, "MOST_AT_ONCE", 3)
    assert report.standing(small().pk, NOW) is None


def test_shares_count_what_is_due_and_tell_what_is_not():
    found = drawn(small()).figure("kept/first contact/2026-03")
    assert (found.numerator, found.denominator, found.undecided) == (1, 3, 1)
    assert found.value == Fraction(1, 3)
    assert not found.enough
    assert found.definition == "KT9"


def test_a_figure_opens_to_its_rows():
    own = small()
    told = drawn(own)
    actor = actor_of(person(own, "mia", role="admin"))
    found = told.figure("kept/first contact/2026-03")
    pages = {
        part: {row.lead for row in report.leads_behind(actor, told, found, part).rows}
        for part in ("hits", "rest", "undecided", "counted")
    }
    assert pages == {
        "hits": {"L-1"},
        "rest": {"L-2", "L-3"},
        "undecided": {"L-4"},
        "counted": {"L-1", "L-2", "L-3"},
    }


def test_rows_come_page_by_page(monkeypatch):
    monkeypatch.setattr(report, "ROWS", 2)
    own = small()
    told = drawn(own)
    actor = actor_of(person(own, "mia", role="admin"))
    found = told.figure("kept/first contact/all")
    first = report.leads_behind(actor, told, found)
    second = report.leads_behind(actor, told, found, after=first.next)
    assert [row.lead for row in (*first.rows, *second.rows)] == ["L-3", "L-2", "L-1"]
    assert (first.total, second.next) == (3, None)


def test_a_rep_opens_the_leads_of_the_own_team_only():
    own = small()
    told = drawn(own)
    actor = actor_of(person(own, "ben"))
    found = told.figure("kept/first contact/2026-03")
    page = report.leads_behind(actor, told, found)
    # L-3 went to ben when ana let it lie.
    assert (page.total, page.own) == (3, 2)
    assert {row.lead: row.may_open for row in page.rows} == {
        "L-1": False,
        "L-2": True,
        "L-3": True,
    }


@pytest.mark.parametrize(
    "text",
    [
        *("", "kept", "kept/first contact", "strange/first contact/2026-03", "kept/none/2026-03"),
        *("kept/first contact/2026-13", "kept/first contact/2026-W99", "kept/first contact/x"),
        *("kept/first contact/2026-03/rep", "kept/first contact/2026-03/shoe/1", "kept/a/b/c/d/e"),
        *("answered/first contact/all/time/-1-2", "answered/first contact/all/time/²-3"),
        *("delivered/all/2026-03", "kept/first contact/0001-01", "kept/first contact/9999-12"),
        "kept/" + 1000 * "x" + "/all",
        "kept/\x00/all",
    ],
)
def test_what_is_no_key_has_no_figure(text):
    assert drawn(small()).figure(text) is None


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("2026", ("2026-01-01", "2026-12-31")),
        ("2026-Q4", ("2026-10-01", "2026-12-31")),
        ("2026-12", ("2026-12-01", "2026-12-31")),
        ("2026-W01", ("2025-12-29", "2026-01-04")),
        ("2026-11-20", ("2026-11-20", "2026-11-20")),
        ("2026-11-02..2026-11-20", ("2026-11-02", "2026-11-20")),
    ],
)
def test_periods_are_local_days(period, days):
    span = span_of(period, "Europe/Warsaw")
    assert (str(span.first), str(span.last)) == days


def test_keys_are_read_as_they_are_written():
    key = Key("kept", "a/b 100%", "2026-03", "rep", "x%2F/y")
    assert Key.read(str(key)) == key


def test_only_new_facts_are_read_again():
    own = small()
    shelf = Shelf(own.pk)
    before = len(shelf.log("Europe/Warsaw"))
    parts = [*shelf.newest]
    take(own, handed_over("L-5", "2026-03-31 17:00"), now=NOW)
    assert len(shelf.log("Europe/Warsaw")) == before + 1
    assert shelf.newest[: len(parts)] == parts


def test_a_log_that_lost_facts_is_read_afresh():
    own = small()
    shelf = Shelf(own.pk)
    shelf.log("Europe/Warsaw")
    Fact.objects.of(own).filter(lead="L-1").delete()
    assert "L-1" not in shelf.log("Europe/Warsaw").keys


def test_a_worker_draws_what_changed_and_rests_in_between():
    own = small()
    drawer = Drawer("here")
    assert drawer.turn(NOW) == 0.0
    first = report.latest(own.pk)
    assert drawer.turn(NOW) == 1.0
    take(own, handed_over("L-5", "2026-03-31 17:00"), now=NOW)
    drawer.kept[own.pk].free_at = 0.0
    assert drawer.turn(NOW + 1) == 0.0
    second = report.latest(own.pk)
    assert second.facts == first.facts + 1
    assert drawer.kept[own.pk].free_at > 0.0


def test_time_that_passes_is_drawn_too():
    own = small()
    drawer = Drawer("here")
    drawer.turn(NOW)
    drawer.kept[own.pk].free_at = 0.0
    later = NOW + 60 * 60_000_000
    assert drawer.turn(later) == 0.0
    assert report.latest(own.pk).as_of == later


def test_two_workers_draw_a_workspace_once():
    own = small()
    one, other = Drawer("here"), Drawer("there")
    assert one.turn(NOW) == 0.0
    assert other.turn(NOW + 1) == 1.0
    one.end()
    other.kept[own.pk].free_at = 0.0
    assert other.turn(NOW + 2) == 0.0
    assert StandingReport.objects.of(own).get().worker == "there"
