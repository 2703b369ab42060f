"""Muting: seen on every page, ended by one click, and never without an end."""

import pytest

from leaddesk.book import moment
from leaddesk.book.models import Mute, Person
from leaddesk.book.moment import DAY
from leaddesk.post.wishes import KINDS
from tests.leaddesk.desk import at, person
from tests.leaddesk.pages.reading import NOW, send, text_of

pytestmark = pytest.mark.django_db
PAGE = "/account/mute"


def until(own):
    return [*Mute.objects.of(own).values_list("kind", "lead", "until")]


def test_every_page_says_that_one_is_muted_and_until_when(visitor, own):
    assert "You are muted" not in visitor.get("/account").text
    assert send(visitor, PAGE, kind="", lead="", lasts="hour", day="").status_code == 302
    for path in ("/account", "/settings", "/leads", "/today"):
        assert "You are muted until Mar 12, 2026, 10:00" in text_of(visitor.get(path)), path
    ended = send(visitor, "/account/mute/end", form="/leads?q=x", mute="all", next="/leads?q=x")
    assert ended.headers["Location"] == "/leads?q=x"
    assert "You are muted" not in visitor.get("/account").text
    assert until(own) == []


def test_from_an_answer_to_a_form_the_button_leads_to_a_page(visitor):
    send(visitor, PAGE, kind="", lead="", lasts="hour", day="")
    refused = send(visitor, PAGE, kind="", lead="", lasts="forever", day="")
    assert 'name="next" value=""' in refused.text
    ended = send(visitor, "/account/mute/end", form=PAGE, mute="all", next="")
    assert ended.headers["Location"] == PAGE


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_a_mail_names_can_be_chosen(visitor, own, kind):
    assert f'<option value="{kind}" selected>' in visitor.get(PAGE, {"kind": kind}).text
    send(visitor, PAGE, kind=kind, lead="", lasts="hour", day="")
    assert [one[0] for one in until(own)] == [kind]


def test_part_of_the_messages_is_told_as_such(visitor, own):
    send(visitor, PAGE, kind="broken", lead="", lasts="tomorrow", day="")
    assert until(own) == [("broken", "", at("2026-03-13 08:00"))]
    words = text_of(visitor.get("/account"))
    assert "Part of your messages is muted until Mar 13, 2026, 08:00" in words


def test_it_ends_by_itself(visitor):
    send(visitor, PAGE, kind="", lead="", lasts="hour", day="")
    with moment.standing_at(NOW + 2 * DAY):
        assert "You are muted" not in visitor.get("/account").text


def test_nobody_else_is_muted(visitor, own):
    person(own, "ana", name="Ana")
    send(visitor, PAGE, kind="", lead="", lasts="hour", day="")
    assert {*Mute.objects.of(own).values_list("person", flat=True)} == {"mia"}


def test_a_day_is_taken_on_the_visitors_clock_and_calendar(visitor, own):
    Person.across.filter(key="mia").update(zone="Asia/Tokyo", dates="jalali")
    send(visitor, PAGE, kind="", lead="", lasts="day", day="1405/01/01")
    assert until(own) == [("", "", at("2026-03-20 16:00"))]


@pytest.mark.parametrize(
    "given, said",
    [
        ({"lasts": "day", "day": ""}, "No day is named."),
        ({"lasts": "day", "day": "2026-02-30"}, "February 2026 has 28 days."),
        ({"lasts": "day", "day": "2026-03-01"}, "It would have ended already"),
        ({"lasts": "day", "day": "2027-03-01"}, "last for more than 90 days"),
        ({"lasts": "forever"}, "It must end."),
        ({"lasts": "hour", "kind": "reassign"}, "Leads that you are given can't be muted"),
        ({"lasts": "hour", "kind": "<b>\x00"}, "There is no kind of notice"),
        ({"lasts": "hour", "lead": "\u202egnp\x00" * 5_000}, "There is no such lead."),
    ],
)
def test_what_cant_be_is_refused_and_kept(visitor, own, given, said):
    answer = send(visitor, PAGE, **({"kind": "", "lead": "", "day": ""} | given))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "<b>" not in answer.text.split("<main")[1].split("<h2>")[0]
    assert until(own) == []


def test_the_page_says_who_hears_escalations_instead(visitor, own):
    assert "Nobody else could hear them, so they reach you." in text_of(visitor.get(PAGE))
    person(own, "kim", name="Kim Lee", role="sales lead", email="kim@example.com")
    words = text_of(visitor.get(PAGE))
    assert "While you are muted they go to the next in line: Kim Lee." in words
    assert "You always hear of them: their clocks run." in words
    assert "first contact 100% manager" in words


@pytest.mark.parametrize("which", ["", "0", "²", "9" * 40, "x\x00"])
def test_the_end_of_what_isnt_muted_says_so(visitor, which):
    answer = send(visitor, "/account/mute/end", form=PAGE, mute=which, next="https://evil.example/")
    assert answer.headers["Location"] == PAGE
    assert "It had ended before." in text_of(visitor.get(PAGE))


def test_a_link_of_a_mail_fills_the_form_in(visitor):
    page = visitor.get(f"{PAGE}?kind=broken&lead=L-1").text
    assert '<option value="broken" selected>' in page
    assert 'value="L-1"' in page
