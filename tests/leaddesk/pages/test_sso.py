"""Single sign-on: through a real provider over HTTP, and past every answer that isn't good."""

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.conf import settings as of_django
from django.test import Client
from joserfc.jwk import OctKey

from leaddesk.book import invitations, moment, single_sign_on
from leaddesk.book.access import operator
from leaddesk.book.models import Entry, Identity, Person, Seat, SingleSignOn, User
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.post import provider as post
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import PASSWORD, send, text_of
from tests.leaddesk.providers import CLIENT, SECRET, lying, real

pytestmark = pytest.mark.django_db(transaction=True)
ANA = "ana@northwind.example"
BEGIN, BACK = "/sign-in/sso/", "/sign-in/sso/back"


@pytest.fixture(autouse=True)
def today():
    """Providers look at the clock of this machine."""
    with moment.standing_at(lambda: time.time_ns() // 1000):
        yield


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.ENVIRONMENT = replace(of_django.ENVIRONMENT, webhook_allow=("127.0.0.1",))


@pytest.fixture
def ana(own, mia):
    return person(own, "ana", email=ANA)


@pytest.fixture
def forger():
    with lying() as provider:
        yield provider


def set_up(own, issuer, **given):
    plain = {
        "issuer": issuer,
        "client": CLIENT,
        "secret": SECRET,
        "domains": "northwind.example",
        "button": "Sign in with Northwind",
        "adds_people": False,
        "role": "viewer",
        "is_active": True,
    }
    return post.keep(operator(own.pk), plain | given, moment.now())


class Staying(HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


def agree(url, sub):
    """Agree on the page of the real provider; the query that the browser takes back."""
    from urllib.error import HTTPError

    try:
        build_opener(Staying).open(Request(url, urlencode({"sub": sub}).encode(), method="POST"))
    except HTTPError as error:
        with error:
            location = error.headers["Location"]
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"http://testserver{BACK}"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def begin(own, client=None, **query):
    client = client or Client(enforce_csrf_checks=True)
    answer = client.get(f"{BEGIN}{own.slug}", query)
    assert answer.status_code == 302
    return client, answer.headers["Location"]


def good(forger, **changed):
    now = moment.now() // SECOND
    claims = {
        "iss": forger.issuer,
        "aud": CLIENT,
        "sub": "u-7",
        "iat": now,
        "exp": now + 300,
        "nonce": forger.asked["nonce"],
        "email": ANA,
        "email_verified": True,
        "name": "Ana",
    }
    return {name: value for name, value in (claims | changed).items() if value is not None}


def came_back(own, forger, **changed):
    client, url = begin(own)
    query = forger.visit(url)
    forger.claims = good(forger, **changed)
    return client, client.get(BACK, query)


def test_somebody_signs_in_through_a_real_provider(own, ana):
    claims = {"sub": "u-7", "email": ANA, "email_verified": True, "name": "Ana"}
    with real(claims) as issuer:
        set_up(own, issuer)
        client, url = begin(own, next="/status?a=1")
        asked = parse_qs(urlsplit(url).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["response_type"] == ["code"]
        assert asked["redirect_uri"] == [f"http://testserver{BACK}"]
        query = agree(url, "u-7")
        answer = client.get(BACK, query)
        assert answer.headers["Location"] == "/status?a=1"
        assert client.get("/status").status_code == 200
        assert client.get(BACK, query).status_code == 403
    ana.refresh_from_db()
    assert (ana.user.email, ana.user.has_usable_password()) == (ANA, False)
    assert Identity.objects.of(own).get().person == "ana"
    assert Entry.objects.of(own).latest("pk").detail == '{"by": "single sign-on"}'


def test_the_secret_stands_sealed_in_the_database(own, mia):
    row = set_up(own, "https://127.0.0.1")
    assert SECRET not in str([*SingleSignOn.across.values()])
    assert SECRET not in str([*Entry.across.values()])
    assert single_sign_on.secret_of(row, moment.now()) == SECRET


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"]},
        {"aud": None},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
    ],
)
def test_a_token_with_a_wrong_claim_signs_nobody_in(own, ana, forger, changed):
    set_up(own, forger.issuer)
    client, answer = came_back(own, forger, **changed)
    assert answer.status_code == 403
    assert "You are not signed in" in text_of(answer)
    assert client.get("/status").status_code == 302
    assert not Seat.objects.exists()


def test_the_same_token_without_a_fault_signs_in(own, ana, forger):
    set_up(own, forger.issuer)
    client, answer = came_back(own, forger)
    assert answer.status_code == 302
    assert client.get("/status").status_code == 200


@pytest.mark.parametrize("fault", ["stranger", "shared secret", "none", "garbage", "status"])
def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(own, ana, forger, fault):
    set_up(own, forger.issuer)
    if fault == "stranger":
        forger.signs_with = forger.stranger
    elif fault == "shared secret":
        forger.header = {"alg": "HS256"}
        forger.signs_with = OctKey.import_key(SECRET)
    elif fault == "none":
        forger.token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTcifQ."
    elif fault == "garbage":
        forger.token = "\x00é"
    else:
        forger.status = 500
    _client, answer = came_back(own, forger)
    assert answer.status_code == 403
    assert not Seat.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://10.0.0.1/keys"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_asked(own, ana, forger, changed):
    set_up(own, forger.issuer)
    forger.described = changed
    assert Client().get(f"{BEGIN}{own.slug}").status_code == 403


def test_a_state_is_good_once_in_its_browser_and_in_time(own, ana, forger):
    set_up(own, forger.issuer)
    client, url = begin(own)
    query = forger.visit(url)
    forger.claims = good(forger)
    cookie = client.cookies["sso"].value
    assert Client().get(BACK, query).status_code == 403
    for state in ("", "x", query["state"] + "x", "\x00"):
        assert (
            Client(headers={"Cookie": f"sso={cookie}"})
            .get(BACK, query | {"state": state})
            .status_code
            == 403
        )
    other, _url = begin(own)
    assert other.get(BACK, query).status_code == 403
    with moment.standing_at(moment.now() + 11 * MINUTE):
        assert Client(headers={"Cookie": f"sso={cookie}"}).get(BACK, query).status_code == 403
    assert client.get(BACK, query).status_code == 302
    assert Client(headers={"Cookie": f"sso={cookie}"}).get(BACK, query).status_code == 403
    assert Seat.objects.count() == 1


@pytest.mark.parametrize(
    "query", [{"error": "access_denied"}, {"code": ""}, {"iss": "https://evil.example"}]
)
def test_an_answer_that_is_a_refusal_or_anothers_signs_nobody_in(own, ana, forger, query):
    set_up(own, forger.issuer)
    client, url = begin(own)
    answer = client.get(BACK, forger.visit(url) | query)
    assert answer.status_code == 403
    assert not Seat.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": "ana@evil.example"},
        {"email": "ana@northwind.example@evil.example"},
        {"email": 7},
        {"email": "nobody@northwind.example"},
    ],
)
def test_an_address_that_is_not_verified_or_not_ours_signs_nobody_in(own, ana, forger, changed):
    set_up(own, forger.issuer)
    _client, answer = came_back(own, forger, **changed)
    assert answer.status_code == 403
    assert not Seat.objects.exists()


def test_the_address_may_stand_beside_the_token(own, ana, forger):
    set_up(own, forger.issuer)
    forger.user = {"sub": "u-7", "email": ANA, "email_verified": True}
    assert came_back(own, forger, email=None, email_verified=None)[1].status_code == 302
    forger.user = {"sub": "u-8", "email": ANA, "email_verified": True}
    assert came_back(own, forger, email=None, email_verified=None)[1].status_code == 403


def test_a_person_is_known_by_the_provider_and_no_longer_by_the_address(own, ana, forger):
    set_up(own, forger.issuer)
    assert came_back(own, forger)[1].status_code == 302
    assert came_back(own, forger, sub="u-8")[1].status_code == 403
    changed = came_back(own, forger, email="ana.new@northwind.example")[1]
    assert changed.status_code == 302
    Person.objects.of(own).filter(key="ana").update(is_active=False)
    assert came_back(own, forger)[1].status_code == 403


def test_people_are_added_where_the_workspace_wants_that(own, ana, forger):
    set_up(own, forger.issuer, adds_people=True, role="marketer")
    client, answer = came_back(own, forger, email="New.One@northwind.example", name="Nia\u202e")
    assert answer.status_code == 403  # the name would turn what follows around
    client, answer = came_back(own, forger, email="New.One@northwind.example", name="Nia")
    assert answer.status_code == 302
    added = Person.objects.of(own).get(key="new-one")
    assert (added.name, added.role) == ("Nia", "marketer")
    assert client.get("/status").status_code == 200


def test_whoever_is_invited_comes_in_by_the_provider_with_the_role_of_the_invitation(
    own, ana, forger
):
    set_up(own, forger.issuer)
    given = {"email": "cleo@northwind.example", "role": "sales lead", "team": "", "person": ""}
    row = invitations.invite(operator(own.pk), given, True, moment.now())
    assert came_back(own, forger, email="cleo@northwind.example", name="Cleo")[1].status_code == 302
    assert Person.objects.of(own).get(key="cleo").role == "sales lead"
    secret = invitations.secret_of(row)
    assert Client().get("/invitation", {"key": secret}).status_code == 410


def test_a_workspace_vouches_for_itself_alone(own, ana, forger):
    """Its admin chose the provider, who mustn't get anybody into other workspaces."""
    other = workspace(name="Contoso")
    user = User.objects.create_user(ANA, PASSWORD)
    person(other, "a", user=user, role="admin")
    set_up(own, forger.issuer)
    client, answer = came_back(own, forger)
    assert answer.status_code == 302
    assert "Northwind" in text_of(client.get("/status"))
    send(client, "/workspace", "/status", workspace=other.slug)
    assert "Contoso" not in text_of(client.get("/status"))
    for path in ("/password", "/account/passkeys", "/account/authenticator"):
        assert client.get(path).status_code == 403
    assert "sign in with your password" in text_of(client.get("/account"))


def test_single_sign_on_counts_as_a_second_factor(own, ana, forger):
    own.second_factor_required = True
    own.save()
    set_up(own, forger.issuer)
    client, _answer = came_back(own, forger)
    assert client.get("/status").status_code == 200


def test_the_way_is_found_by_the_button_or_by_the_domain(own, mia, forger):
    assert Client().get(f"{BEGIN}{own.slug}").status_code == 404
    assert "Single sign-on" not in Client().get("/sign-in").text
    set_up(own, forger.issuer)
    assert "Sign in with Northwind" in Client().get("/sign-in").text
    answer = Client().get("/sign-in/sso", {"email": ANA.upper()})
    assert answer.headers["Location"].startswith(f"{BEGIN}{own.slug}")
    answer = Client().get("/sign-in/sso", {"email": "x@elsewhere.example"})
    assert (answer.status_code, "No workspace signs in" in answer.text) == (422, True)
    other = workspace(name="Contoso")
    set_up(other, forger.issuer)
    assert "Sign in with Northwind" not in Client().get("/sign-in").text
    page = Client().get("/sign-in/sso", {"email": ANA})
    assert "Contoso" in page.text
    set_up(other, forger.issuer, is_active=False)
    assert Client().get(f"{BEGIN}{other.slug}").status_code == 404


def test_a_provider_is_not_asked_too_often_for_one_address(own, mia, forger):
    set_up(own, forger.issuer)
    for _each in range(60):
        begin(own)
    answer = Client().get(f"{BEGIN}{own.slug}")
    assert answer.status_code == 429
