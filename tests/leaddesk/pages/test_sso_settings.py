"""Settings of single sign-on: what fits, what is told at the field, and who may."""

from dataclasses import replace

import pytest
from django.conf import settings as of_django
from django.test import Client

from leaddesk.book import moment, single_sign_on
from leaddesk.book.models import Person, SingleSignOn
from tests.leaddesk.pages.reading import PASSWORD, send
from tests.leaddesk.providers import CLIENT, SECRET

pytestmark = pytest.mark.django_db(transaction=True)
BACK = "/sign-in/sso/back"


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.ENVIRONMENT = replace(of_django.ENVIRONMENT, webhook_allow=("127.0.0.1",))


def form(**changed):
    plain = {
        "act": "provider",
        "issuer": "https://127.0.0.1",
        "client": CLIENT,
        "secret": SECRET,
        "domains": "northwind.example, Northwind.org",
        "button": "",
        "adds_people": "no",
        "role": "viewer",
        "is_active": "yes",
    }
    return plain | changed


@pytest.mark.parametrize(
    "changed, place",
    [
        ({"issuer": ""}, "issuer"),
        ({"issuer": "http://login.northwind.example"}, "issuer"),
        ({"issuer": "https://10.1.2.3"}, "issuer"),
        ({"issuer": "https://[::1]/"}, "issuer"),
        ({"issuer": "javascript:alert(1)"}, "issuer"),
        ({"issuer": "https://" + "x" * 10_000}, "issuer"),
        ({"client": ""}, "client"),
        ({"secret": ""}, "secret"),
        ({"domains": ""}, "domains"),
        ({"domains": "<b>"}, "domains"),
        ({"domains": "a.example " * 30}, "domains"),
        ({"button": "a\u202eb"}, "button"),
        ({"role": "admin"}, "role"),
    ],
)
def test_settings_that_do_not_fit_are_told_at_the_field(own, mia, changed, place):
    visitor = Client(enforce_csrf_checks=True)
    send(visitor, "/sign-in", email=mia.email, password=PASSWORD)
    answer = send(visitor, "/settings/sign-in", **form(**changed))
    assert answer.status_code == 422
    assert f'id="{place}-error"' in answer.text
    assert SECRET not in answer.text
    assert not SingleSignOn.across.exists()


def test_settings_are_kept_and_changed(own, mia):
    visitor = Client(enforce_csrf_checks=True)
    send(visitor, "/sign-in", email=mia.email, password=PASSWORD)
    assert send(visitor, "/settings/sign-in", **form()).status_code == 302
    page = visitor.get("/settings/sign-in")
    assert SECRET not in page.text
    assert "northwind.example, northwind.org" in page.text
    assert f"http://testserver{BACK}" in page.text
    assert send(visitor, "/settings/sign-in", **form(secret="", button="Go")).status_code == 302
    row = SingleSignOn.objects.of(own).get()
    assert (row.button, single_sign_on.secret_of(row, moment.now())) == ("Go", SECRET)
    moved = form(secret="", issuer="https://127.0.0.1/new")
    assert send(visitor, "/settings/sign-in", **moved).status_code == 422
    send(visitor, "/settings/sign-in", act="require", required="on")
    own.refresh_from_db()
    assert own.second_factor_required
    assert visitor.get("/settings/sign-in").status_code == 302


def test_only_who_manages_people_sets_it_up(own, mia):
    visitor = Client(enforce_csrf_checks=True)
    send(visitor, "/sign-in", email=mia.email, password=PASSWORD)
    send(visitor, "/settings/sign-in", act="remove")
    Person.objects.of(own).filter(key="mia").update(role="sales lead")
    assert visitor.get("/settings/sign-in").status_code == 403
    for act in ("provider", "remove", "require", "end", "reset"):
        assert send(visitor, "/settings/sign-in", "/status", act=act).status_code == 403
