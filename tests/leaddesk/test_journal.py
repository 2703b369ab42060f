"""Journal: a JSON line for each thing said, with the id of its request and without secrets."""

import io
import json
import logging

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from leaddesk import environment, journal
from leaddesk.pages.requests import Requests
from leaddesk.pages.vitals import Vitals

SETTINGS = environment.read(
    {
        "LEADDESK_MODE": "production",
        "LEADDESK_SECRET_KEY": "the-key-of-this-installation-which-signs-all-sessions",
        "DATABASE_URL": 'postgresql://leaddesk:dAtA"b\\se-word@localhost/leaddesk',
        "LEADDESK_METRICS_TOKEN": "scrape-me-only-with-this",
        "LEADDESK_MAIL": "smtp://desk%40example.com:m%C3%A4il-word@mail.example.com:587",
    }
)
TOKEN = "ld_7Hq2Vt9sKx_0aZbYcXdWeVf"
BASIC = "YW5hOm5vdC1mb3ItbG9ncw=="
SIGNING = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BOT = "xoxb-1234567890-abcdefABCDEF"
SLACK = "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
LINK = "q8Zr2nWk4tYv7bXc1mJh5gFd0sLa3pEo"
PASSWORD = "Correct-Horse-9-Battery"
SECRETS = {
    "settings key": SETTINGS.secret_key,
    "metrics token": SETTINGS.metrics_token,
    "token": TOKEN,
    "basic": BASIC,
    "signing": SIGNING.removeprefix("whsec_"),
    "bot": BOT.removeprefix("xoxb-"),
    "slack": SLACK,
    "link": LINK,
    "password": PASSWORD,
    "hash": "c29tZXNhbHQ$Zm9vYmFyYmF6",
    "database": "b\\\\se-word",
    "mail": "mäil-word",
}


@pytest.fixture
def lines():
    """What a handler of the desk writes while a test speaks."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(journal.Lines(journal.secrets_of(SETTINGS)))
    root = logging.getLogger("leaddesk")
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
    for name, secret in SECRETS.items():
        assert secret not in written.getvalue(), name


logger = logging.getLogger("leaddesk.tests")


def test_a_line_says_when_who_what_and_for_which_request(lines):
    token = journal.request_id.set("req-12345678")
    try:
        logger.warning("the mapping %s has gone", "forms", extra={"workspace": "northwind"})
    finally:
        journal.request_id.reset(token)
    (line,) = lines()
    assert line.pop("at").endswith("Z")
    assert line.pop("process") > 0
    assert line == {
        "level": "warning",
        "logger": "leaddesk.tests",
        "message": "the mapping forms has gone",
        "workspace": "northwind",
        "request": "req-12345678",
    }


@pytest.mark.parametrize(
    "said",
    [
        f"the token {TOKEN} was refused",
        f"Authorization: Bearer {TOKEN}",
        f"authorization: Basic {BASIC}",
        f"{{'Authorization': 'Bearer {TOKEN}'}}",
        f'{{"authorization": "Basic {BASIC}"}}',
        f"password={PASSWORD}&next=/",
        f"{{'password': '{PASSWORD}', 'email': 'ana@example.com'}}",
        f'{{"Password" : "{PASSWORD}"}}',
        f"signed with {SIGNING}",
        f"POST https://hooks.slack.com/services/{SLACK} answered 500",
        f"token: {BOT}",
        f"GET /sign-in/{LINK} 200",
        f"https://desk.example.com/sign-in/link/{LINK}",
        f"https://desk.example.com/sign-in?token={LINK}",
        f"https://desk.example.com/sign-in/link?key={LINK}",
        f"theme=dark; __Host-sid={LINK}; lang=en",
        f"sid={LINK}",
        f"smtp://desk:{PASSWORD}@mail.example.com",
        f"postgresql://leaddesk:{PASSWORD}@db/leaddesk",
        "hash argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$Zm9vYmFyYmF6",
        f"key {SETTINGS.secret_key}",
        f"scraped with {SETTINGS.metrics_token}",
        "logged in as mäil-word",
        'could not connect with dAtA"b\\se-word',
    ],
)
def test_no_line_holds_a_secret(lines, said):
    logger.error("it said %s", said)
    logger.error("it said", extra={"answer": said, "deeper": {"list": [said]}})
    try:
        raise ValueError(said)
    except ValueError:
        logger.exception("it failed")
    assert len(lines()) == 3
    assert all(journal.HIDDEN in json.dumps(line, ensure_ascii=False) for line in lines())


@pytest.mark.parametrize(
    "said",
    [
        "3 of 5 tokens were revoked",
        "the password was changed",
        "GET /sign-in 200",
        "https://desk.example.com/leads/L-17?stage=mql",
        "ana@example.com was mailed",
        "no secret here: old_leads and sold_items stay",
    ],
)
def test_what_is_no_secret_stays(said):
    assert journal.redacted(said, journal.secrets_of(SETTINGS)) == said


def answered(view, request):
    return Requests(Vitals(view))(request)


def test_a_request_is_one_line_without_its_query(lines):
    request = RequestFactory().get(
        f"/leads/L-1?token={LINK}&q=somebody", headers={"X-Request-Id": "req-of-the-caller"}
    )
    answered(lambda _request: HttpResponse("found", status=203), request)
    (line,) = lines()
    assert line.pop("ms") >= 0
    assert {name: line[name] for name in ("method", "path", "status", "request", "logger")} == {
        "method": "GET",
        "path": "/leads/L-1",
        "status": 203,
        "request": "req-of-the-caller",
        "logger": "leaddesk.access",
    }
    assert "somebody" not in json.dumps(line)


def test_a_sign_in_link_in_a_path_is_hidden(lines):
    answered(lambda _request: HttpResponse(""), RequestFactory().get(f"/sign-in/{LINK}"))
    assert lines()[0]["path"] == f"/sign-in/{journal.HIDDEN}"


@pytest.mark.parametrize("path", ["/u/{}", "/l/{}/3", "/o/{}.gif"])
def test_the_token_of_a_mail_in_a_path_is_hidden(lines, path):
    answered(lambda _request: HttpResponse(""), RequestFactory().get(path.format(LINK)))
    assert lines()[0]["path"] == path.format(journal.HIDDEN)


@pytest.mark.parametrize(
    "told",
    [
        f"/sign-in/sso/back?code={LINK}&state={LINK}",
        f"/invitation?key={LINK}",
        f"client_secret={LINK}&code_verifier={LINK}",
        f"id_token: {LINK}",
        f'credential="{LINK}"',
        f"otpauth://totp/Leadpact:ana?secret={LINK}&issuer=Leadpact",
        "the code ABCD-EFGH-2345-IJKL was refused",
    ],
)
def test_what_people_sign_in_with_is_hidden(told):
    assert journal.HIDDEN in journal.redacted(told)
    assert LINK not in journal.redacted(told)
    assert "ABCD-EFGH" not in journal.redacted(told)


@pytest.mark.django_db
def test_the_desk_itself_tells_of_a_request_without_its_secrets(lines):
    Client(raise_request_exception=False).post(
        f"/no-such-page?token={LINK}",
        {"password": PASSWORD},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    told = [line for line in lines() if line["logger"] == "leaddesk.access"]
    assert [(line["method"], line["path"]) for line in told] == [("POST", "/no-such-page")]


def test_without_the_formatter_secrets_would_be_told():
    """The negative control: a plain formatter lets them through."""
    record = logging.LogRecord("x", logging.INFO, "", 0, f"Bearer {TOKEN}", (), None)
    assert TOKEN in logging.Formatter().format(record)
    assert TOKEN not in journal.Lines().format(record)
