"""The public links of a mail: one button unsubscribes, looking changes nothing, nobody is led astray."""

import json

import pytest
from django.test import Client

from leaddesk.book import moment, suppressions, unsubscribing
from leaddesk.book.models import Contact, Fact, Mailing, Offer, Suppression
from leadpact.facts import CODES
from tests.leaddesk.nurturing import NOW, nurturing, opened, post_office, queue, send
from tests.leaddesk.pages.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def public():
    return Client(enforce_csrf_checks=True)


def mailed(**person):
    own = nurturing()
    row = queue(own, **person)
    with post_office(own) as box:
        send()
    row.refresh_from_db()
    return own, row, opened(box)[0]


def facts(own, kind):
    rows = Fact.objects.of(own).filter(kind=CODES[kind]).order_by("pk")
    return [json.loads(row.body) for row in rows]


def test_looking_shows_one_button_and_changes_nothing(public):
    own, row, mail = mailed()
    path = mail["List-Unsubscribe"].strip("<>").partition("//")[2].partition("/")[2]
    assert path == f"u/{row.token}"
    for ask in (public.get, public.head):
        page = ask(f"/{path}")
        assert page.status_code == 200
        assert not page.cookies
    page = public.get(f"/{path}")
    assert page.text.count("<button") == 1
    assert "noor" not in page.text.lower()
    assert page["Referrer-Policy"] == "no-referrer"
    assert not Suppression.objects.of(own).exists()
    assert facts(own, "engaged") == []


def test_a_mail_program_unsubscribes_with_one_post_without_cookie_or_token(public):
    own, row, _mail = mailed()
    for _again in range(3):
        page = public.post(f"/u/{row.token}", ONE_CLICK)
        assert page.status_code == 200
        assert not page.cookies
    found = Suppression.objects.of(own).get()
    assert (found.reason, found.address) == (suppressions.UNSUBSCRIBED, "noor@example.com")
    assert [one["what"] for one in facts(own, "engaged")] == ["unsubscribed"]
    queue(own, step=1, key="guide")
    with post_office(own, key="second") as box:
        send()
    assert box.mails == []


def test_the_page_speaks_the_language_of_the_mail(public):
    own = nurturing()
    text = {"subject": "راهنما", "text": "سلام"}
    Offer.objects.of(own).filter(key="guide").update(texts={"fa": text})
    row = queue(own)
    with post_office(own):
        send()
    page = public.get(f"/u/{row.token}", headers={"Accept-Language": "fr"})
    assert '<html lang="fa" dir="rtl">' in page.text


def test_a_mistake_is_taken_back_for_ten_minutes_and_counts_anew_later(public):
    own, row, _mail = mailed()
    page = public.post(f"/u/{row.token}", {"act": "go"})
    assert 'value="back"' in page.text
    assert "still subscribed" in text_of(public.post(f"/u/{row.token}", {"act": "back"}))
    assert not Suppression.objects.of(own).exists()
    assert len(facts(own, "corrected")) == 1
    with moment.standing_at(NOW + 1):
        public.post(f"/u/{row.token}", ONE_CLICK)
    with moment.standing_at(NOW + unsubscribing.REGRET + 1):
        page = public.post(f"/u/{row.token}", {"act": "back"})
    assert "no longer possible" in text_of(page)
    assert Suppression.objects.of(own).count() == 1
    assert len(facts(own, "engaged")) == 2


def test_it_holds_for_the_address_that_got_the_mail_and_for_the_one_that_the_person_has_now(public):
    own, row, _mail = mailed()
    Contact.objects.of(own).update(email="new@example.com")
    public.post(f"/u/{row.token}", ONE_CLICK)
    assert suppressions.suppressed(own.pk, ["noor@example.com", "new@example.com"]) == {
        "noor@example.com",
        "new@example.com",
    }


@pytest.mark.parametrize("token", ["x", "A" * 32, "%00", "é" * 20, "a" * 500])
def test_an_unknown_token_answers_a_plain_page(public, token):
    for path in (f"/u/{token}", f"/o/{token}.gif", f"/l/{token}/0"):
        page = public.get(path)
        assert page.status_code == 404
        assert not page.cookies
    assert public.post(f"/u/{token}", ONE_CLICK).status_code == 404


def test_whoever_tries_many_tokens_is_held_off(public):
    for _n in range(60):
        assert public.get("/u/" + "x" * 32).status_code == 404
    page = public.get("/u/" + "x" * 32)
    assert (page.status_code, int(page["Retry-After"]) > 0) == (429, True)
    _own, row, _mail = mailed()
    assert public.post(f"/u/{row.token}", ONE_CLICK).status_code == 200


def test_without_consent_nothing_is_counted_and_no_link_leads_past_us(public):
    own, row, mail = mailed()
    html = mail.get_body(("html",)).get_content()
    assert 'href="https://northwind.example/guide"' in html
    assert "<img" not in html
    assert public.get(f"/o/{row.token}.gif")["Content-Type"] == "image/gif"
    assert public.get(f"/l/{row.token}/0").status_code == 404
    row.refresh_from_db()
    assert (row.opened_at, row.followed_at, row.follows) == (None, None, 0)
    assert Mailing.objects.of(own).get().links == []


def test_with_consent_opens_and_links_are_counted_and_lead_to_links_of_the_mail_alone(public):
    own, row, mail = mailed(tracking_consent=True)
    html = mail.get_body(("html",)).get_content()
    assert f'/l/{row.token}/0"' in html
    assert f'/o/{row.token}.gif"' in html
    assert "https://northwind.example/guide" in mail.get_body(("plain",)).get_content()
    for _twice in range(2):
        public.get(f"/o/{row.token}.gif")
        gone = public.get(f"/l/{row.token}/0?next=https://evil.example")
        assert (gone.status_code, gone["Location"]) == (302, "https://northwind.example/guide")
    public.head(f"/l/{row.token}/0")
    row.refresh_from_db()
    assert (row.opened_at, row.followed_at, row.follows) == (NOW, NOW, 2)
    for number in ("1", "99999999999999999999", "-1"):
        assert public.get(f"/l/{row.token}/{number}").status_code == 404
    Offer.objects.of(own).update(texts={"en": {"subject": "x", "text": "https://evil.example"}})
    assert public.get(f"/l/{row.token}/0")["Location"] == "https://northwind.example/guide"
    Contact.objects.of(own).update(tracking_consent=False)
    public.get(f"/l/{row.token}/0")
    row.refresh_from_db()
    assert row.follows == 3


def test_a_form_with_too_many_fields_unsubscribes_and_logs_nothing(public, caplog):
    _own, row, _mail = mailed()
    answer = public.post(f"/u/{row.token}", {f"f{n}": "x" for n in range(1_100)})
    assert answer.status_code == 200
    assert [one.name for one in caplog.records] == ["leaddesk.access"]
