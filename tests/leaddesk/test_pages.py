"""Pages: sign-in and out, the status, problem pages; what every one of them keeps to."""

import re
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings as of_django
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver

from leaddesk.book import moment, sign_in
from leaddesk.book.models import (
    Channel,
    Delivery,
    Entry,
    Installation,
    Lead,
    Person,
    Pulse,
    SignInLink,
    User,
)
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.pages.spoken import instant, span
from tests.leaddesk.desk import at, person, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:00")
EMAIL, PASSWORD = "mia@northwind.example", "seven quiet herons"


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(NOW):
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def own():
    return workspace(name="Northwind")


@pytest.fixture
def mia(own):
    user = User.objects.create_user(EMAIL, PASSWORD)
    return person(own, "mia", role="admin", user=user, email=EMAIL)


@pytest.fixture
def visitor(mia):
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    return client


def send(client, path, form=None, **fields):
    """Send a form as a browser does: with the token of the page that holds it."""
    page = client.get(form or path)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    token = {"csrfmiddlewaretoken": found[1]} if found else {}
    return client.post(path, fields | token)


def text_of(response):
    class Words(HTMLParser):
        words = ()

        def handle_data(self, data):
            self.words = (*self.words, *data.split())

    words = Words()
    words.feed(response.text)
    return " ".join(words.words)


def test_a_password_signs_in_and_out(mia, own):
    client = Client(enforce_csrf_checks=True)
    assert client.get("/").headers["Location"] == "/sign-in?next=%2F"
    answer = send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").headers["Location"] == "/status"
    assert "Mia , RevOps admin" in text_of(client.get("/status"))
    assert send(client, "/sign-out", "/status").headers["Location"] == "/sign-in"
    assert client.get("/status").headers["Location"] == "/sign-in?next=%2Fstatus"
    assert not Session.objects.exists()
    assert [(one.actor, one.act) for one in Entry.objects.of(own)] == [("mia", "signed in")]


def test_a_wrong_password_is_told_at_the_field_and_the_address_is_kept(mia):
    answer = send(Client(enforce_csrf_checks=True), "/sign-in", email=EMAIL, password="other")
    assert answer.status_code == 422
    assert '<a href="#password">No account has this e-mail address' in answer.text
    assert 'aria-invalid="true" aria-describedby="password-error"' in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert "other" not in answer.text
    assert "<title>Error: Sign in" in answer.text


@pytest.mark.parametrize(
    "fields, told",
    [
        ({}, ["Enter your e-mail address.", "Enter your password."]),
        ({"email": "a\x00@b.example", "password": "x"}, ["This is no e-mail address."]),
        ({"email": EMAIL, "password": "x" * 1_001}, ["No password is that long."]),
        ({"email": "é\u202e@" + "x" * 300, "password": "x"}, ["This is no e-mail address."]),
        ({"email": EMAIL, "password": "\x00"}, ["No account has this e-mail address"]),
    ],
)
def test_what_nobody_can_sign_in_with(mia, fields, told):
    answer = send(Client(enforce_csrf_checks=True), "/sign-in", **fields)
    assert answer.status_code == 422
    assert all(text in answer.text for text in told)


def test_too_many_tries_are_answered_with_when_to_come_back(mia):
    client = Client()
    for _each in range(10):
        client.post("/sign-in", {"email": EMAIL, "password": "other"})
    answer = client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "Wait 15 min and try again" in answer.text


def test_a_link_is_used_by_pressing_its_button_and_never_by_looking(mia):
    key = sign_in.sign_in_link(mia.user, NOW)
    client = Client(enforce_csrf_checks=True)
    for _each in range(3):
        assert client.get("/sign-in/link", {"key": key}).status_code == 200
        assert client.head("/sign-in/link", {"key": key}).status_code == 200
    assert SignInLink.objects.get().used_at is None
    assert send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key).status_code == 302
    assert client.get("/status").status_code == 200
    again = Client().post("/sign-in/link", {"key": key})
    assert again.status_code == 410
    assert "Ask for a new link" in again.text
    assert Client().get("/sign-in/link", {"key": key}).status_code == 410


def test_one_goes_on_to_where_one_wanted_and_never_to_another_site(mia):
    for wanted, expected in (
        ("/status?a=1", "/status?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("status", "/"),
    ):
        fields = {"email": EMAIL, "password": PASSWORD, "next": wanted}
        assert Client().post("/sign-in", fields).headers["Location"] == expected


def test_signing_in_makes_a_new_session(mia):
    client = Client()
    first = User.objects.create_user("ben@northwind.example", PASSWORD)
    client.post("/sign-in", {"email": first.email, "password": PASSWORD})
    before = client.cookies[of_django.SESSION_COOKIE_NAME].value
    client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert client.cookies[of_django.SESSION_COOKIE_NAME].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_who_came_by_a_link_gives_themselves_a_password(own):
    mia = person(own, "mia", role="admin", email=EMAIL)
    key = sign_in.sign_in_link(sign_in.account_of(mia), NOW)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key)
    assert "Current password" not in client.get("/password").text
    answer = send(client, "/password", new="short")
    assert answer.status_code == 422
    assert "It must contain at least 12 characters." in answer.text
    assert send(client, "/password", new="x" * 1_001).status_code == 422
    answer = send(client, "/password", new=PASSWORD)
    assert answer.headers["Location"] == "/password?changed=yes"
    assert "Your password was changed." in client.get("/password?changed=yes").text
    assert send(Client(), "/sign-in", email=EMAIL, password=PASSWORD).status_code == 302
    acts = Entry.objects.of(own).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["signed in", "changed password", "signed in"]


def test_a_password_is_changed_by_whoever_knows_it(mia, visitor):
    elsewhere = Client()
    send(elsewhere, "/sign-in", email=EMAIL, password=PASSWORD)
    answer = send(visitor, "/password", current="other", new="nine loud herons")
    assert (answer.status_code, "This isn&#x27;t your password." in answer.text) == (422, True)
    assert send(visitor, "/password", current=PASSWORD, new="nine loud herons").status_code == 302
    assert visitor.get("/status").status_code == 200
    assert elsewhere.get("/status").status_code == 302
    for _each in range(10):
        send(visitor, "/password", current="other", new=PASSWORD)
    assert send(visitor, "/password", current="other", new=PASSWORD).status_code == 429


def test_a_new_password_ends_every_session(mia, visitor):
    mia.user.set_password("nine loud herons")
    mia.user.save()
    assert visitor.get("/status").status_code == 302


@pytest.mark.parametrize("cookie", ["", '"\\000aaaaaaaa"', "x" * 5_000, "é" * 20, "'; --"])
def test_a_cookie_that_is_no_session_is_nobody(mia, cookie):
    answer = Client(headers={"Cookie": f"{of_django.SESSION_COOKIE_NAME}={cookie}"}).get("/status")
    assert answer.status_code == 302


def test_who_left_or_is_switched_off_is_out_at_once(mia, own, visitor):
    Person.objects.of(own).update(is_active=False)
    answer = visitor.get("/status")
    assert answer.status_code == 403
    assert "You are in no workspace" in answer.text
    User.objects.update(is_active=False)
    assert visitor.get("/status").status_code == 302


def test_a_form_without_its_token_changes_nothing(mia):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 403
    assert "This form is too old" in answer.text
    assert "Nothing was changed." in answer.text


def test_one_works_in_one_workspace_at_a_time_and_only_in_ones_own(mia, own, visitor):
    other, strange = workspace(name="Contoso"), workspace(name="Fabrikam")
    person(other, "m", user=mia.user, role="viewer")
    visitor.get("/status")
    assert "What waits in Contoso" in text_of(visitor.get("/status"))
    assert send(visitor, "/workspace", "/status", workspace=own.slug).status_code == 302
    assert "What waits in Northwind" in text_of(visitor.get("/status"))
    answer = send(visitor, "/workspace", "/status", workspace=strange.slug)
    assert answer.status_code == 404
    assert "Fabrikam" not in answer.text
    assert "What waits in Northwind" in text_of(visitor.get("/status"))


def test_nothing_changes_on_get(visitor, own):
    def everything():
        models = [Person, User, Session, SignInLink, Entry, Lead, Delivery, Pulse, Installation]
        return [list(getattr(m, "across", m.objects).values()) for m in models]

    before = everything()
    for address in (
        "/",
        "/status",
        "/password",
        "/sign-in",
        "/sign-in/link?key=x",
        "/sign-out",
        "/problems/",
    ):
        visitor.get(address)
        visitor.head(address)
    assert visitor.get("/workspace").status_code == 405
    assert everything() == before


def test_the_status_tells_how_the_desk_runs(visitor, own):
    Pulse.objects.create(
        worker="north-1", started_at=NOW - DAY, seen_at=NOW - 3 * SECOND, woken=12, sent=7
    )
    Installation.objects.create(id=1, created_at=NOW - DAY, backup_at=NOW - 5 * MINUTE)
    words = text_of(visitor.get("/status"))
    for part in (
        "Worker last seen fine 3.0 s ago, 2026-03-12 08:59:57 CET",
        "Last backup fine 5 min ago, 2026-03-12 08:55:00 CET",
        "From due to ruled nothing yet",
        "Held after a restore fine no",
        "Time zone data",
        "north-1 3.0 s ago 12 7",
        "Worker seen 3.0 s ago",
    ):
        assert part in words
    assert 'class="banner"' not in visitor.get("/status").text


def test_a_silent_worker_is_told_of_after_a_minute(visitor):
    Pulse.objects.create(worker="north-1", started_at=NOW, seen_at=NOW - MINUTE)
    assert 'class="banner"' not in visitor.get("/status").text
    Pulse.objects.update(seen_at=NOW - MINUTE - 1)
    words = text_of(visitor.get("/status"))
    assert "No worker was seen for 60 s: nothing becomes due, and nothing is sent." in words
    assert "Worker last seen look into it" in words


def test_a_desk_without_a_worker_or_that_is_held_says_so(visitor):
    assert "No worker has run yet: nothing becomes due" in visitor.get("/status").text
    Installation.objects.create(id=1, created_at=NOW, held_since=NOW - DAY)
    assert "Sending is held since a backup was restored" in visitor.get("/status").text


def test_the_status_counts_what_waits_in_ones_own_workspace_alone(visitor, own):
    for n, (place, state) in enumerate(
        [(own, "dead"), (own, "pending"), (workspace(), "dead"), (workspace(), "held")]
    ):
        channel = Channel.across.create(
            workspace=place, key=f"c{n}", kind="email", name="Mail", created_at=NOW
        )
        Delivery.across.create(
            workspace=place,
            channel=channel,
            key=f"dlv_{n}",
            kind="broken",
            body="{}",
            state=state,
            cause_at=NOW,
            created_at=NOW - 2 * MINUTE,
            next_at=NOW,
        )
        Lead.across.create(workspace=place, key=f"L-{n}", wake_at=NOW - 90 * SECOND)
    words = text_of(visitor.get("/status"))
    assert "Leads to be looked at look into it 2; the oldest: 90 s ago" in words
    assert "Messages that wait 1; the oldest: 2 min ago" in words
    assert "Messages given up look into it 1" in words
    assert "Messages held fine 0" in words


@pytest.mark.parametrize("address", ["/nowhere", "/status/", "/apis", "/\x00", "/%ff", "/x" * 500])
def test_an_address_without_a_page_says_what_to_do(address):
    answer = Client().get(address)
    assert answer.status_code == 404
    words = text_of(answer)
    assert "What happened" in words
    assert "What was changed Nothing was changed." in words
    assert "What to do" in words
    assert answer.headers["X-Request-Id"] in words


def test_a_mistake_of_ours_has_a_page_that_needs_no_database(settings, django_db_blocker, mia):
    settings.ROOT_URLCONF = "tests.leaddesk.test_pages"
    client = Client(raise_request_exception=False)
    with django_db_blocker.block():
        answer = client.get("/broken")
    assert answer.status_code == 500
    assert "This page could not be made" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "ZeroDivisionError" not in answer.text


def broken(request):
    raise ZeroDivisionError


def urls():
    from django.urls import path

    from leaddesk import urls as own

    return [path("broken", broken), *own.urlpatterns]


urlpatterns = urls()
handler400, handler403, handler404, handler500 = (
    f"leaddesk.pages.problems.{name}" for name in ("bad_request", "forbidden", "absent", "failed")
)


def test_every_problem_of_the_api_has_a_page():
    from leaddesk.api.problems import KINDS

    listed = Client().get("/problems/")
    for slug, kind in KINDS.items():
        page = Client().get(f"/problems/{slug}")
        assert page.status_code == 200
        assert str(kind.title) in text_of(page)
        assert str(kind.remedy) in text_of(page)
        assert f'href="/problems/{slug}"' in listed.text
    assert Client().get("/problems/none-such").status_code == 404


def pages(visitor):
    addresses = (
        "/status",
        "/password",
        "/sign-in",
        "/sign-out",
        "/problems/",
        "/problems/invalid",
        "/nowhere",
    )
    return [visitor.get(address) for address in addresses]


def test_every_page_keeps_to_the_content_policy(visitor):
    for page in pages(visitor):
        policy = page.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page.text)
        assert re.findall(r'(?:src|href)="(?!/|#)([^"]*)"', page.text) == []
        assert page.headers["X-Frame-Options"] == "DENY"


def test_every_page_says_its_language_its_title_and_what_its_controls_are(visitor):
    for page in pages(visitor):
        assert '<html lang="en" dir="ltr">' in page.text
        assert re.search(r"<title>[^<]+ · Leaddesk</title>", page.text)
        assert page.text.count("<h1>") == 1
        assert '<a class="skip" href="#content">' in page.text
        ids = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        for name in re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page.text):
            assert f'<label for="{name}">' in page.text
        for reference in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page.text):
            assert set(reference.split()) <= set(ids)


def test_pages_of_a_person_are_kept_by_no_cache(visitor):
    assert visitor.get("/status").headers["Cache-Control"] == "private, no-store"


def test_a_language_is_spoken_once_there_is_a_catalogue_of_it(settings, tmp_path, visitor, own):
    persian = {"Accept-Language": "fa"}
    assert '<html lang="en" dir="ltr">' in Client().get("/sign-in", headers=persian).text
    catalogue = tmp_path / "fa" / "LC_MESSAGES" / "django.mo"
    catalogue.parent.mkdir(parents=True)
    with catalogue.open("wb") as file:
        write_mo(file, Catalog(locale="fa"))
    settings.LOCALE_PATHS = [tmp_path]
    assert '<html lang="fa" dir="rtl">' in Client().get("/sign-in", headers=persian).text
    Person.objects.of(own).update(language="fa")
    assert '<html lang="fa" dir="rtl">' in visitor.get("/status").text


def test_the_style_sheet_knows_no_left_and_no_right():
    answer = Client().get("/static/desk.css")
    style = b"".join(answer.streaming_content).decode() if answer.streaming else answer.text
    assert "padding-inline" in style
    assert not re.search(
        r"(margin|padding|border|inset)-(left|right)|[^-](left|right|width)\s*:", style
    )


def test_names_of_people_and_workspaces_are_never_taken_for_html(visitor, own):
    Person.objects.of(own).update(name="<script>alert(1)</script>")
    own.name = "<b>Northwind</b>"
    own.save()
    page = visitor.get("/status").text
    assert "<script>" not in page
    assert "<b>Northwind" not in page


def test_every_page_with_data_asks_for_a_visitor():
    open_to_all = {"sign-in", "sign-in/link", "sign-out", "problems/", "problems/<slug:slug>"}
    own = [one for one in get_resolver().url_patterns if hasattr(one, "name") and one.name]
    closed = {str(one.pattern) for one in own} - open_to_all
    assert closed == {"", "status", "password", "workspace"}
    for address in closed - {"workspace"}:
        assert Client().get(f"/{address}").headers["Location"].startswith("/sign-in")
    assert Client().post("/workspace").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "length, expected",
    [
        (0, "0.0 s"),
        (9_999_999, "9.9 s"),
        (10 * SECOND, "10 s"),
        (119 * SECOND, "119 s"),
        (2 * MINUTE, "2 min"),
        (119 * MINUTE, "119 min"),
        (2 * DAY - 1, "47 h"),
        (2 * DAY, "2 d"),
        (-1, "0.0 s"),
    ],
)
def test_a_span_in_its_largest_unit(length, expected):
    assert span(length) == expected


def test_an_instant_on_the_clock_of_a_zone():
    assert instant(NOW, "Asia/Bangkok") == (
        '<time datetime="2026-03-12T15:00:00+07:00"><bdi dir="ltr">2026-03-12 15:00:00 +07</bdi></time>'
    )
