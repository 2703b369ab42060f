"""Settings: what each page stores, whom it lets in, and what it says of what it can't take."""

import pytest
from django.test import Client

from leaddesk.book import rules
from leaddesk.book.models import (
    Calendar,
    Channel,
    Delivery,
    Entry,
    Leave,
    Person,
    Team,
    Token,
    User,
)
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import PASSWORD, send, text_of

pytestmark = pytest.mark.django_db
PAGES = {
    "/settings": "see status",
    "/settings/people": "read people",
    "/settings/teams": "read people",
    "/settings/calendars": "read people",
    "/settings/leave": "read people",
    "/settings/tokens": "hold tokens",
    "/settings/workspace": "manage people",
    "/settings/people/new": "manage people",
    "/settings/people/is/mia": "manage people",
    "/settings/channels": "manage channels",
    "/settings/channels/new/email": "manage channels",
}
HOSTILE = ["<script>alert(1)</script>", "x" * 10_000, "\u202egnp.exe", "a\x00b", "🦉 Ünï"]


def signed_in(own, key, role):
    user = User.objects.create_user(f"{key}@northwind.example", PASSWORD)
    person(own, key, role=role, user=user, email=user.email)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=user.email, password=PASSWORD)
    return client


@pytest.mark.parametrize("role", ["admin", "sales lead", "rep", "auditor"])
def test_who_may_open_which_page(own, mia, role):
    from leaddesk.book.rights import may

    client = signed_in(own, "eve", role)
    opened = {path: client.get(path).status_code for path in PAGES}
    assert opened == {path: 200 if may(role, right) else 403 for path, right in PAGES.items()}


def test_the_workspace_is_changed(visitor, own):
    answer = send(
        visitor,
        "/settings/workspace",
        name="Southwind",
        zone="Asia/Tehran",
        language="fa",
        dates="jalali",
        week_start="5",
        weekend="4",
    )
    assert answer.status_code == 302
    own.refresh_from_db()
    assert (own.name, own.zone, own.language) == ("Southwind", "Asia/Tehran", "fa")
    assert (own.dates, own.week_start, own.weekend) == ("jalali", 5, "4")
    assert Entry.objects.of(own).filter(act="changed workspace").count() == 1


def test_a_workspace_keeps_what_was_typed_when_it_is_refused(visitor, own):
    answer = send(visitor, "/settings/workspace", name="", zone="Warsaw", language="en")
    assert answer.status_code == 422
    assert 'value="Warsaw"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    own.refresh_from_db()
    assert own.name == "Northwind"


def test_somebody_is_added_and_changed(visitor, own):
    given = {"key": "zoe", "name": "Zoë", "role": "rep", "is_active": "yes", "email": ""}
    assert send(visitor, "/settings/people/new", **given).status_code == 302
    page = visitor.get("/settings/people")
    assert "Zoë is stored." in text_of(page)
    given = {"name": "Zoë Lang", "role": "marketer", "is_active": "no"}
    assert send(visitor, "/settings/people/is/zoe", **given).status_code == 302
    zoe = Person.objects.of(own).get(key="zoe")
    assert (zoe.name, zoe.role, zoe.is_active) == ("Zoë Lang", "marketer", False)


@pytest.mark.django_db(transaction=True)
def test_the_last_admin_stays(visitor, own):
    answer = send(visitor, "/settings/people/is/mia", name="Mia", role="rep", is_active="yes")
    assert answer.status_code == 422
    assert Person.objects.of(own).get(key="mia").role == "admin"


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_taken_or_refused_with_words(visitor, own, text):
    for path in ("/settings/people/new", "/settings/people/is/mia", "/settings/teams"):
        answer = send(visitor, path, key=text, name=text, role="admin", is_active="yes")
        assert answer.status_code in {302, 422}
    answer = send(visitor, "/settings/leave", person=text, first=text, last=text, note=text)
    assert answer.status_code == 422
    answer = send(visitor, "/settings/workspace", name=text, zone="UTC", language="en")
    assert answer.status_code in {302, 422}
    assert "<script>alert" not in visitor.get("/settings/people").text
    assert "<script>alert" not in visitor.get("/settings/workspace").text


def test_a_team_is_kept_and_removed(visitor, own):
    given = {"key": "outbound", "name": "Outbound", "calendar": "office", "manager": "mia"}
    assert send(visitor, "/settings/teams", **given).status_code == 302
    assert Team.objects.of(own).get().name == "Outbound"
    assert "Outbound" in text_of(visitor.get("/settings/teams?team=outbound"))
    gone = send(visitor, "/settings/teams", act="remove", key="outbound", name="Outbound")
    assert gone.status_code == 302
    assert not Team.objects.of(own).exists()


def test_a_team_with_people_stays(visitor, own):
    send(visitor, "/settings/teams", key="inbound", name="Inbound")
    person(own, "ana", team="inbound")
    answer = send(visitor, "/settings/teams", act="remove", key="inbound", name="Inbound")
    assert answer.status_code == 422
    assert "Somebody is in this team." in text_of(answer)


def test_holidays_of_a_country_are_proposed_and_taken_over(visitor, own):
    page = visitor.get("/settings/calendars?country=PL&year=2027&calendar=office")
    assert 'value="2027-05-03"' in page.text
    before = rules.rules_of(own.pk).count
    answer = send(
        visitor,
        "/settings/calendars",
        act="propose",
        country="PL",
        year="2027",
        calendar="office",
        day=["2027-01-01", "2027-05-03"],
    )
    assert answer.status_code == 302
    kept = Calendar.objects.of(own).order_by("day")
    assert [(one.key, f"{one.day}", one.open) for one in kept] == [
        ("office", "2027-01-01", ""),
        ("office", "2027-05-03", ""),
    ]
    assert all(one.note for one in kept)
    assert rules.rules_of(own.pk).count > before


@pytest.mark.parametrize("asked", ["country=XX", "country=%00", "year=99999&country=PL", "year=²"])
def test_no_country_is_too_strange_to_ask_for(visitor, asked):
    assert visitor.get(f"/settings/calendars?{asked}").status_code == 200


def test_a_day_is_entered_and_removed(visitor, own):
    given = {"calendar": "office", "day": "2026-12-24", "open": "09:00-12:00", "note": "Eve"}
    assert send(visitor, "/settings/calendars", **given).status_code == 302
    assert Calendar.objects.of(own).get().open == "09:00-12:00"
    send(visitor, "/settings/calendars", act="remove", **given)
    assert not Calendar.objects.of(own).exists()


def test_hours_that_are_none_are_refused_at_their_field(visitor, own):
    given = {"calendar": "office", "day": "2026-12-24", "open": "nine to five"}
    answer = send(visitor, "/settings/calendars", **given)
    assert answer.status_code == 422
    assert 'id="open-error"' in answer.text
    assert 'value="nine to five"' in answer.text


def test_leave_is_entered_and_removed(visitor, own):
    given = {"person": "mia", "first": "2026-07-01", "last": "2026-07-14", "note": "Sea"}
    assert send(visitor, "/settings/leave", **given).status_code == 302
    assert Leave.objects.of(own).get().note == "Sea"
    send(visitor, "/settings/leave", act="remove", **given)
    assert not Leave.objects.of(own).exists()


def test_a_webhook_is_set_up_tried_and_given_a_new_secret(visitor, own):
    given = {"name": "Ours", "url": "https://203.0.113.7/in"}
    answer = send(visitor, "/settings/channels/new/webhook", **given)
    assert answer.status_code == 422  # an address that is reserved for examples
    assert 'value="https://203.0.113.7/in"' in answer.text
    answer = send(visitor, "/settings/channels/new/webhook", name="Ours", url="https://8.8.8.8/in")
    assert "whsec_" in answer.text
    channel = Channel.objects.of(own).get()
    path = f"/settings/channels/{channel.key}"
    assert send(visitor, f"{path}/try", path).status_code == 302
    assert Delivery.objects.of(own).get().kind == "test"
    page = visitor.get(path)
    assert "No worker is running" in text_of(page)
    assert "on its way" in text_of(page)
    assert "whsec_" in send(visitor, f"{path}/secret", path).text
    assert "whsec_" not in visitor.get(path).text


def test_secrets_of_a_channel_never_come_out(visitor, own):
    Channel.objects.of(own).create(
        workspace=own,
        key="chn_b2",
        kind="email",
        name="Mail",
        settings={"host": "mail.northwind.example", "sender": "desk@northwind.example"},
        secrets={"password": "hunter222"},
        created_at=1,
    )
    path = "/settings/channels/chn_b2"
    assert "hunter222" not in visitor.get(path).text
    given = {"name": "Post", "host": "mail.northwind.example", "sender": "desk@northwind.example"}
    answer = send(visitor, path, **given, security="starttls", is_active="yes", version="1")
    assert answer.status_code == 302
    assert Channel.objects.of(own).get().secrets == {"password": "hunter222"}


def test_a_channel_that_somebody_changed_meanwhile_is_left_alone(visitor, own):
    Channel.objects.of(own).create(
        workspace=own, key="chn_c3", kind="email", name="Mail", created_at=1, version=7
    )
    answer = send(visitor, "/settings/channels/chn_c3", name="Mine", is_active="yes", version="6")
    assert answer.status_code == 409
    assert Channel.objects.of(own).get().name == "Mail"


def test_a_kind_of_channel_that_there_is_not(visitor):
    assert visitor.get("/settings/channels/new/pigeon").status_code == 404


def test_a_token_is_shown_once_and_revoked(visitor, own):
    answer = send(visitor, "/settings/tokens", name="BI", scope=["read"], lasts="30")
    token = Token.objects.of(own).get()
    assert f"ld_{token.key.removeprefix('tok_')}_" in answer.text
    assert "ld_" not in text_of(visitor.get("/settings/tokens"))
    send(visitor, "/settings/tokens", act="revoke", key=token.key)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_without_scope_is_refused(visitor, own):
    assert send(visitor, "/settings/tokens", name="BI", lasts="30").status_code == 422
    assert not Token.objects.of(own).exists()


def test_what_belongs_to_others_is_absent(visitor):
    other = workspace(name="Other")
    person(other, "olga")
    Channel.objects.of(other).create(
        workspace=other, key="chn_other", kind="email", name="Mail", created_at=1
    )
    assert visitor.get("/settings/people/is/olga").status_code == 404
    assert visitor.get("/settings/channels/chn_other").status_code == 404
