"""Entry of days: whoever counts by another calendar than browsers do types them, with an example."""

import re
from datetime import date

import pytest

from leaddesk.book.models import Leave, Person
from tests.leaddesk.pages.reading import send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(visitor):
    """Mia, who reads as is said here."""

    def of(**how):
        Person.across.filter(key="mia").update(**how)
        return visitor

    return of


def field(page, name):
    """The element of a field."""
    return re.search(rf'<input id="{name}"[^>]*>', page.text)[0]


def test_a_gregorian_reader_has_the_field_of_the_browser(reader):
    page = reader().get("/settings/leave")
    assert 'type="date"' in field(page, "first")
    assert 'aria-describedby="first-hint"' not in page.text


@pytest.mark.parametrize(
    "how, typed, example",
    [
        ({"dates": "jalali"}, ("1405/04/10", "1405-4-23"), "1404/12/21 or 2026-03-12"),
        ({"language": "fa"}, ("۱۴۰۵/۰۴/۱۰", "1405/4/23"), "۱۴۰۴/۱۲/۲۱"),
        ({"dates": "buddhist"}, ("1/7/2569", "14.07.2569"), "12/3/2569 or 2026-03-12"),
        ({"language": "th"}, ("1/7/2569", "2026-07-14"), "12/3/2569"),
    ],
)
def test_others_type_a_day_of_theirs_or_of_iso(reader, own, how, typed, example):
    client = reader(**how)
    page = client.get("/settings/leave")
    assert 'type="text"' in field(page, "first")
    assert 'aria-describedby="first-hint"' in field(page, "first")
    assert example in text_of(page)
    assert (
        send(client, "/settings/leave", person="mia", first=typed[0], last=typed[1]).status_code
        == 302
    )
    kept = Leave.objects.of(own).get()
    assert (kept.first, kept.last) == (date(2026, 7, 1), date(2026, 7, 14))


def test_a_wrong_day_is_told_at_its_field_and_kept(reader, own):
    client = reader(dates="jalali")
    answer = send(client, "/settings/leave", person="mia", first="1404/12/30", last="1405/13/1")
    assert answer.status_code == 422
    assert "Esfand 1404 has 29 days." in text_of(answer)
    assert "A year has 12 months; there is no month 13." in text_of(answer)
    assert 'value="1404/12/30"' in field(answer, "first")
    assert 'aria-invalid="true"' in field(answer, "last")
    assert not Leave.objects.of(own).exists()


def test_a_field_of_the_browser_becomes_text_where_it_could_not_show_what_was_typed(reader):
    answer = send(reader(), "/settings/leave", person="mia", first="30/02/2026", last="2026-07-14")
    assert answer.status_code == 422
    assert 'type="text"' in field(answer, "first")
    assert 'value="30/02/2026"' in field(answer, "first")
    assert 'type="date"' in field(answer, "last")
    assert 'value="2026-07-14"' in field(answer, "last")


def test_a_filter_is_stored_so_that_everybody_can_read_it(reader, own):
    client = reader(dates="jalali")
    page = client.get("/leads?created_from=1404/12/21")
    assert "Created from: 21 Esfand 1404" in text_of(page) or "Esfand 21, 1404" in text_of(page)
    assert 'value="1404/12/21"' in field(page, "created_from")
    assert 'name="created_from" value="2026-03-12"' in page.text
    page = client.get("/leads?created_from=1404/12/31")
    assert "Esfand 1404 has 29 days." in text_of(page)
    assert 'value="1404/12/31"' in field(page, "created_from")


@pytest.mark.parametrize(
    "year, said", [("14o5", "The year needs four digits. Write it like 1404."), ("1800", "")]
)
def test_a_year_that_cant_be_is_kept_and_nothing_is_proposed_for_it(reader, year, said):
    page = reader(dates="jalali").get(f"/settings/calendars?country=IR&year={year}&calendar=office")
    assert f'value="{year}"' in field(page, "year")
    assert said in text_of(page)
    assert ('aria-invalid="true"' in field(page, "year")) == bool(said)
    assert 'name="day" value=' not in page.text


def test_hours_run_from_the_left_in_persian(reader):
    page = reader(language="fa").get("/settings/calendars")
    assert "\u206609:00-12:00, 13:00-15:00\u2069" in page.text


def test_holidays_are_proposed_for_a_year_of_the_readers(reader):
    client = reader(dates="jalali")
    page = client.get("/settings/calendars?country=PL&year=1405&calendar=office")
    assert 'value="1405"' in field(page, "year")
    proposed = re.findall(r'name="day" value="([^"]+)"', page.text)
    assert proposed == sorted(proposed)
    assert proposed[0] == "2026-04-05"
    assert proposed[-1] == "2027-01-06"
