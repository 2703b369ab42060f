"""Pages: the status, problem pages, and what every one of them keeps to."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver

from leaddesk.book.models import (
    AgreementVersion,
    Channel,
    Delivery,
    Entry,
    Installation,
    Lead,
    Notice,
    Person,
    Pulse,
    SignInLink,
    User,
)
from leaddesk.book.moment import DAY, MINUTE, SECOND
from tests.leaddesk.desk import workspace
from tests.leaddesk.pages.reading import NOW, text_of
from tests.leaddesk.tongues import spoken_alone

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_changes_on_get(visitor, own):
    def everything():
        models = [Person, User, Session, SignInLink, Entry, Lead, Delivery, Pulse, Installation]
        return [list(getattr(m, "across", m.objects).values()) for m in models]

    before = everything()
    for address in (
        "/",
        "/status",
        "/agreement",
        "/leads/L-1",
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
        "Worker last seen fine 3.0 s ago, Mar 12, 2026, 08:59",
        "Last backup fine 5 min ago, Mar 12, 2026, 08:55",
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


def test_a_desk_that_nobody_hears_or_that_judges_nothing_says_so(visitor, own):
    words = text_of(visitor.get("/status"))
    assert "Agreement in force fine yes" in words
    assert "Channels look into it no channel: 0 notices reached nobody" in words
    for n, posted in enumerate([NOW, NOW + 1, None]):
        Notice.objects.of(own).create(
            workspace=own,
            key=f"n{n}",
            kind="broken",
            lead="L-1",
            body="{}",
            cause_at=NOW,
            created_at=NOW,
            posted_at=posted,
        )
    words = text_of(visitor.get("/status"))
    assert "Channels look into it no channel: 2 notices reached nobody" in words
    Channel.objects.of(own).create(
        workspace=own, key="c", kind="email", name="Mail", created_at=NOW
    )
    AgreementVersion.objects.of(own).update(state="proposed")
    words = text_of(visitor.get("/status"))
    assert "Channels fine yes" in words
    assert "Agreement in force look into it none" in words


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
    settings.ROOT_URLCONF = "tests.leaddesk.pages.test_pages"
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
        "/agreement",
        "/leads/L-1",
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
        assert not re.search(
            r"<script(?! (?:type=\"module\" )?src=\"/static/)|<style|\sstyle=|\son\w+=|javascript:",
            page.text,
        )
        assert re.findall(r'(?:src|href)="(?!/|#)([^"]*)"', page.text) == []
        assert page.headers["X-Frame-Options"] == "DENY"


def test_every_page_says_its_language_its_title_and_what_its_controls_are(visitor):
    for page in pages(visitor):
        assert '<html lang="en" dir="ltr"' in page.text
        assert re.search(r"<title>[^<]+ · Leadpact</title>", page.text)
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
    settings.LOCALE_PATHS = []
    assert '<html lang="en" dir="ltr"' in Client().get("/sign-in", headers=persian).text
    spoken_alone(settings, tmp_path, "fa", {})
    assert '<html lang="fa" dir="rtl"' in Client().get("/sign-in", headers=persian).text
    Person.objects.of(own).update(language="fa")
    assert '<html lang="fa" dir="rtl"' in visitor.get("/status").text


@pytest.mark.parametrize("sheet", ["tokens", "base", "frame", "parts", "charts"])
def test_the_style_sheets_know_no_left_and_no_right(sheet):
    answer = Client().get(f"/static/css/{sheet}.css")
    style = b"".join(answer.streaming_content).decode() if answer.streaming else answer.text
    assert len(style) > 500
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


OPEN_TO_ALL = {
    *("sign-in", "sign-in/link", "sign-in/mail", "sign-in/second", "sign-in/passkey"),
    *("sign-in/sso", "sign-in/sso/back", "sign-in/sso/<slug:slug>"),
    "invitation",  # the name of the workspace, to whoever holds a link that is good
    *("sign-out", "problems/", "problems/<slug:slug>"),
    # what a mail leads to, for whoever holds its token: no name, no address
    *("u/<str:token>", "o/<str:token>.gif", "l/<str:token>/<int:number>"),
}
"""Pages for people who aren't signed in. Whoever adds one says why it shows nothing of a workspace."""


def test_every_page_with_data_asks_for_a_visitor():
    own = [one for one in get_resolver().url_patterns if hasattr(one, "name") and one.name]
    closed = {str(one.pattern) for one in own} - OPEN_TO_ALL
    assert len(closed) > 5
    for address in closed:
        plain = re.sub(r"<\w+:\w+>", "1", address)
        for answer in (Client().get(f"/{plain}"), Client().post(f"/{plain}")):
            if answer.status_code != 405:
                assert answer.headers["Location"].startswith("/sign-in"), address
