"""The stand-up: misses with owner, cause and next step; decisions that are kept with their day."""

import pytest

from leaddesk.book import moment, report, rules
from leaddesk.book.models import Decision, Due, Entry, MissCause
from leaddesk.book.moment import DAY
from leaddesk.book.shelf import Shelf
from tests.leaddesk.desk import handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.pages.test_scoreboard import visitor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def misses(own, mia):
    """A Thursday morning after two misses of Wednesday."""
    person(own, "ana", name="Ana Kowalska")
    person(own, "ben")
    take(
        own,
        handed_over("L-1", "2026-03-11 09:00"),
        handed_over("L-2", "2026-03-11 09:30", owner="ben"),
        now=NOW,
    )
    report.draw(own.pk, Shelf(own.pk), NOW)
    return own


def said_of(own, number=0, **fields):
    row = Due.objects.of(own).filter(verdict="broken").order_by("due_at", "id")[number]
    told = {
        "lead": row.lead,
        "promise": row.promise,
        "pass": str(row.pass_number),
        "rung": "",
        "cause": "away",
        "step": "ben calls at ten",
    }
    return {f"{name}-0": value for name, value in (told | fields).items()}


def test_it_tells_what_was_promised_met_and_missed_on_both_sides(visitor, misses):
    text = text_of(visitor.get("/stand-up"))
    assert "first contact 2 0 2" in text
    assert "volume 5 2 3" in text  # 100 in 22 working days; a handover is an MQL
    assert "2 misses" in text
    assert "Ana Kowalska" in text


def test_a_monday_looks_back_to_friday(visitor, misses):
    with moment.standing_at(NOW + 4 * DAY):
        assert "Mar 13, 2026 to Mar 15, 2026" in text_of(visitor.get("/stand-up"))


def test_causes_are_kept(visitor, misses):
    answer = send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses))
    assert answer.status_code == 302
    (kept,) = MissCause.objects.of(misses)
    assert (kept.lead, kept.cause, kept.next_step) == ("L-1", "away", "ben calls at ten")
    assert (kept.said_by, kept.rung) == ("mia", -1)
    page = visitor.get("/stand-up")
    assert "The causes are kept." in text_of(page)
    assert 'value="ben calls at ten"' in page.text
    assert Entry.objects.of(misses).filter(act="said why").count() == 1


def test_saying_the_same_again_changes_nothing(visitor, misses):
    for _again in range(2):
        send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses))
    assert Entry.objects.of(misses).filter(act="said why").count() == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"cause": "magic"}, 422),
        ({"step": 10_000 * "x"}, 422),
        ({"step": "\u202eabc"}, 422),
        ({"lead": "none"}, 404),
        ({"pass": "x"}, 404),
        ({"rung": "99999999999"}, 302),
    ],
)
def test_what_was_typed_wrong_is_refused_and_kept(visitor, misses, typed, status):
    answer = send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses, **typed))
    assert answer.status_code == status
    if status == 422:
        assert "Nothing was changed" in text_of(answer)
        assert not MissCause.objects.of(misses).exists()
        if "step" not in typed:
            assert "ben calls at ten" in answer.text


def test_decisions_are_kept_with_their_day_and_can_be_taken_back(visitor, misses):
    send(visitor, "/stand-up/decisions", "/stand-up", text="Call demos first <b>")
    (made,) = Decision.objects.of(misses)
    assert (str(made.day), made.decided_by) == ("2026-03-12", "mia")
    page = visitor.get("/stand-up")
    assert "Call demos first &lt;b&gt;" in page.text
    assert "Undo" in text_of(page)
    send(visitor, f"/stand-up/decisions/{made.pk}/strike", "/stand-up")
    assert "Call demos first" not in text_of(visitor.get("/stand-up"))
    assert Decision.objects.of(misses).count() == 1


def test_past_stand_ups_are_found_by_their_day(visitor, misses):
    Decision.objects.of(misses).create(
        workspace=misses, day="2026-03-05", text="More slots", decided_by="mia", decided_at=NOW
    )
    page = visitor.get("/stand-up")
    assert '<option value="2026-03-05">' in page.text
    assert "More slots" in text_of(visitor.get("/stand-up?day=2026-03-05"))


@pytest.mark.parametrize("text", ["", "   ", 2_000 * "x", "a\x00b"])
def test_a_decision_needs_a_fitting_text(visitor, misses, text):
    answer = send(visitor, "/stand-up/decisions", "/stand-up", text=text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not Decision.objects.of(misses).exists()


@pytest.mark.parametrize("day", ["x", "2026-99-99", "0001-01-01", "9999-12-31", "²026-01-01"])
def test_odd_days_are_answered(visitor, misses, day):
    assert visitor.get("/stand-up", {"day": day}).status_code == 200


def test_nothing_changes_without_a_form_of_this_desk(visitor, misses):
    assert visitor.post("/stand-up/decisions", {"text": "x"}).status_code == 403
    assert visitor.get("/stand-up/decisions").status_code == 405


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_only_read_says_nothing(misses, role):
    client = visitor_of(misses, role)
    page = client.get("/stand-up")
    assert page.status_code == 200
    assert "Keep it" not in page.text
    answer = send(client, "/stand-up/decisions", "/password", text="x")
    assert (answer.status_code, Decision.objects.of(misses).count()) == (403, 0)


def test_a_decision_of_another_workspace_is_not_there(visitor, misses):
    other = workspace()
    theirs = Decision.objects.of(other).create(
        workspace=other, day="2026-03-12", text="Theirs", decided_by="x", decided_at=NOW
    )
    answer = send(visitor, f"/stand-up/decisions/{theirs.pk}/strike", "/stand-up")
    theirs.refresh_from_db()
    assert (answer.status_code, theirs.struck_at) == (404, None)


def test_few_queries(visitor, misses, django_assert_max_num_queries):
    rules._unsure.clear()  # as after the transaction of the fixture, which never ends
    visitor.get("/stand-up")
    with django_assert_max_num_queries(20):
        visitor.get("/stand-up")
