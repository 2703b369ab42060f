"""Appearance: what everybody chooses for themselves, and how the desk follows it at once."""

import pytest
from django.test import Client

from leaddesk.book.models import Entry, Person, User
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import PASSWORD, send, text_of

pytestmark = pytest.mark.django_db
PATH = "/settings/appearance"
WISHES = {
    "language": "",
    "zone": "",
    "dates": "",
    "digits": "",
    "theme": "system",
    "single_keys": "on",
}


def wished(client, **wishes):
    return send(client, PATH, **(WISHES | wishes))


def mine(own, key="mia"):
    return Person.objects.of(own).get(key=key)


def test_wishes_are_stored_and_the_next_page_follows_them(visitor, own):
    answer = wished(visitor, language="fa", zone="Asia/Tehran", theme="dark", single_keys="off")
    assert answer.headers["Location"] == PATH
    found = mine(own)
    assert (found.language, found.zone, found.theme) == ("fa", "Asia/Tehran", "dark")
    assert found.single_keys is False
    page = visitor.get(PATH).text
    assert '<html lang="fa" dir="rtl" data-theme="dark" data-keys="off"' in page
    assert "۲۱ اسفند ۱۴۰۴، ۱۱:۳۰" in page
    assert "۱٬۲۳۴٬۵۶۷" in page
    assert "۷۵٫۶٪" in page


@pytest.mark.parametrize(
    "wishes, expected",
    [
        ({}, "Mar 12, 2026, 09:00"),
        ({"dates": "jalali"}, "Esfand 21, 1404, 09:00"),
        ({"dates": "buddhist"}, "Mar 12, 2569 BE, 09:00"),
        ({"zone": "Asia/Tokyo"}, "Mar 12, 2026, 17:00"),
        ({"language": "th"}, "12 มี.ค. 2569 09:00"),
        ({"language": "th", "dates": "gregorian"}, "12 มี.ค. ค.ศ. 2026 09:00"),
        ({"language": "fa", "digits": "latin"}, "21 اسفند 1404، 09:00"),
        ({"language": "fr"}, "12 mars 2026, 09\u00a0h\u00a000"),
        ({"language": "id"}, "12 Mar 2026 09.00"),
    ],
)
def test_an_instant_is_written_as_its_reader_wishes(visitor, wishes, expected):
    wished(visitor, **wishes)
    assert f">{expected}</time>" in visitor.get(PATH).text


def test_whoever_chose_none_reads_in_the_language_and_the_calendar_of_the_workspace(visitor, own):
    own.language, own.dates = "fr", "jalali"
    own.save()
    page = visitor.get(PATH).text
    assert '<html lang="fr" dir="ltr"' in page
    assert "21 esfand 1404" in page


def test_the_engine_speaks_the_language_of_the_visitor_and_of_nobody_after_them(visitor, own):
    from leaddesk.tongue import wishes

    wished(visitor, language="fr")
    visitor.get(PATH)
    assert wishes().language == "fr"
    Client().get("/sign-in")
    assert wishes().language == "en"


@pytest.mark.parametrize(
    "role", ["admin", "marketing lead", "sales lead", "marketer", "rep", "viewer", "auditor"]
)
def test_everybody_chooses_for_themselves_alone(own, mia, role):
    user = User.objects.create_user("eve@northwind.example", PASSWORD)
    person(own, "eve", role=role, user=user, email=user.email)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=user.email, password=PASSWORD)
    assert wished(client, theme="dark").status_code == 302
    assert (mine(own, "eve").theme, mine(own).theme) == ("dark", "system")


def test_wishes_of_another_workspace_stay(visitor, own, mia):
    other = workspace(name="Southwind")
    person(other, "mia", user=mia.user)
    wished(visitor, theme="light")
    assert (mine(own).theme, mine(other).theme) == ("light", "system")


@pytest.mark.parametrize(
    "name, value",
    [
        ("language", "tlh"),
        ("zone", "Mars/Olympus"),
        ("zone", "<script>alert(1)</script>"),
        ("zone", "x" * 10_000),
        ("zone", "Europe/Warsaw\u202e"),
        ("dates", "mayan"),
        ("digits", "\0"),
        ("theme", "pink"),
    ],
)
def test_what_cannot_be_is_refused_with_everything_that_was_typed(visitor, own, name, value):
    typed = {"zone": "Asia/Tehran", "theme": "dark"} | {name: value}
    answer = wished(visitor, **typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert f'<a href="#{name}">' in answer.text
    assert "<script>alert" not in answer.text
    if name != "zone":
        assert 'value="Asia/Tehran"' in answer.text
    assert mine(own).zone == ""


def test_a_change_is_noted_once(visitor, own):
    before = Entry.objects.of(own).count()
    wished(visitor, theme="dark")
    wished(visitor, theme="dark")
    assert Entry.objects.of(own).count() == before + 1


def test_the_page_asks_few_queries(visitor, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        visitor.get(PATH)


def test_its_words_say_what_each_wish_is(visitor):
    words = text_of(visitor.get(PATH))
    for part in ("Language", "Time zone", "Calendar", "Digits", "Colors", "Single keys"):
        assert part in words
