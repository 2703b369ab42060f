"""Who may see each page and do each act: every route of the desk is tried for every role.

A new route needs its line in `PAGES`: the address to try, the right that looking takes, the right that
sending takes. `ANYONE` is open to the world, `MEMBER` to everybody who is signed in, `NOBODY` stands
for a method that the route doesn't take.
"""

import re
from typing import NamedTuple

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from leaddesk.book import sign_in
from leaddesk.book.rights import RIGHTS, ROLES, may
from leaddesk.pages import visitor
from tests.leaddesk.desk import handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
ANYONE, MEMBER, NOBODY = "anyone", "member", "nobody"
CSRF = 403
EXEMPT = {"mail-unsubscribe"}  # mail programs send it, who hold no cookie that it could misuse


class Page(NamedTuple):
    """A route as it is tried; `sent` are the fields that bring it to the question of the right."""

    path: str
    look: str
    act: str = NOBODY
    sent: dict[str, str] = {}


VERSION = {"version": "1", "name": "{name}", "hash": "{hash}", "side": "sales"}
PAGES = {
    "home": Page("/", MEMBER),
    "status": Page("/status", "see status"),
    "design": Page("/design", "see status"),
    "help": Page("/help", MEMBER),
    "begin": Page("/begin", "manage people", "manage people"),
    "explore": Page("/begin/explore", NOBODY, "manage people"),
    "leave-sample": Page("/begin/leave-sample", NOBODY, "manage people"),
    "troubles": Page("/troubles", "read deliveries"),
    "troubles-send": Page("/troubles/send", NOBODY, "replay deliveries"),
    "troubles-release": Page("/troubles/release", NOBODY, "replay deliveries"),
    "settings": Page("/settings", MEMBER),
    "appearance": Page("/settings/appearance", MEMBER, MEMBER),
    "settings-workspace": Page("/settings/workspace", "manage people", "manage people"),
    "settings-people": Page("/settings/people", "read people"),
    "settings-person-new": Page("/settings/people/new", "manage people", "manage people"),
    "settings-person": Page("/settings/people/is/rep", "manage people", "manage people"),
    "settings-teams": Page("/settings/teams", "read people", "manage people"),
    "settings-calendars": Page("/settings/calendars", "read people", "keep calendars"),
    "settings-leave": Page("/settings/leave", "read people", "keep calendars"),
    "settings-channels": Page("/settings/channels", "manage channels"),
    "settings-channel-new": Page(
        "/settings/channels/new/webhook", "manage channels", "manage channels"
    ),
    "settings-channel": Page("/settings/channels/x", "manage channels", "manage channels"),
    "settings-channel-try": Page("/settings/channels/x/try", NOBODY, "manage channels"),
    "settings-channel-secret": Page("/settings/channels/x/secret", NOBODY, "manage channels"),
    "settings-tokens": Page("/settings/tokens", "hold tokens", "hold tokens"),
    "settings-sign-in": Page("/settings/sign-in", "manage people", "manage people"),
    "settings-invitations": Page("/settings/invitations", "manage people", "manage people"),
    "agreement": Page("/agreement", "read agreements"),
    "agreement-sign": Page("/agreement/sign", NOBODY, "sign agreement", VERSION),
    "agreement-in-force": Page("/agreement/in-force", NOBODY, "put in force", VERSION),
    "agreement-withdraw": Page("/agreement/withdraw", NOBODY, "propose agreement", VERSION),
    "agreement-propose": Page("/agreement/propose", "propose agreement", "propose agreement"),
    "agreement-difference": Page("/agreement/difference", "read agreements"),
    "agreement-history": Page("/agreement/versions", "read agreements"),
    "agreement-version": Page("/agreement/versions/1", "read agreements"),
    "agreement-text": Page("/agreement/versions/1/text", "read agreements"),
    "agreement-signing": Page("/agreement/versions/1/sign", "read agreements"),
    "agreement-evidence": Page("/agreement/versions/1/evidence", "read agreements"),
    "plan": Page("/plan", "read agreements"),
    "plan-figure": Page("/plan/figure", "read agreements"),
    "prediction": Page("/prediction", "read leads"),
    "prediction-train": Page("/prediction/train", NOBODY, "train models"),
    "prediction-use": Page("/prediction/1/use", NOBODY, "train models"),
    "prediction-retire": Page("/prediction/1/retire", NOBODY, "train models"),
    "handoffs": Page("/handoffs", "read leads"),
    "handoff-disputes": Page("/handoffs/disputes", "read leads", "settle disputes"),
    "handoff": Page("/handoffs/L-1/1", "read leads", "record facts", {"act": "accept"}),
    "settings-running": Page("/settings/running", "run by itself", "run by itself"),
    "queue": Page("/queue", "read leads"),
    "follow-up": Page("/follow-up", "read leads"),
    "routing": Page("/routing", "read leads"),
    "routing-try": Page("/routing/try", "read leads", "read leads"),
    "routing-trial": Page("/routing/trials/0123456789abcdef", "read leads"),
    "routing-progress": Page("/routing/trials/0123456789abcdef/progress", "read leads"),
    "routing-export": Page("/routing/trials/0123456789abcdef/leads.csv", "read leads"),
    "keep-in-touch": Page("/follow-up/keep-in-touch", "read leads", "record facts"),
    "queue-rows": Page("/queue/rows", "read leads"),
    "queue-gone": Page("/queue/gone", "read leads"),
    # What each act takes is asked by the act, see the tests of the lead.
    "lead-act": Page("/lead-acts/none", NOBODY, MEMBER),
    "today": Page("/today", "read leads"),
    "stand-up": Page("/stand-up", "read leads"),
    "stand-up-misses": Page("/stand-up/misses", NOBODY, "record facts"),
    "stand-up-decide": Page("/stand-up/decisions", NOBODY, "record facts"),
    "stand-up-strike": Page("/stand-up/decisions/1/strike", NOBODY, "record facts"),
    "figure": Page("/figures/x", "read leads"),
    "scoreboard": Page("/scoreboard", "read leads"),
    "scoring": Page("/scoring", "read leads"),
    "scoring-leads": Page("/scoring/leads", "read leads"),
    "scoring-tune": Page("/scoring/tune", "read leads"),
    "scoring-tune-leads": Page("/scoring/tune/leads", "read leads"),
    "leads": Page("/leads", "read leads"),
    "lead-new": Page("/leads/new", "keep contacts", "keep contacts"),
    "leads-export": Page("/leads-export", NOBODY, "read leads"),
    "leads-save-view": Page("/views", NOBODY, "read leads"),
    "leads-view": Page("/views/x", "read leads"),
    "leads-keep-view": Page("/views/x/keep", "read leads", "read leads"),
    "bulk-acts": Page("/bulk", "read leads"),
    "bulk-choose": Page("/bulk/choose", NOBODY, "record facts"),
    # A proposal changes nothing; what it would do is asked when its act is known.
    "bulk-propose": Page("/bulk/propose", NOBODY, "read leads"),
    "bulk": Page("/bulk/is/x", "read leads"),
    "bulk-confirm": Page("/bulk/is/x/confirm", NOBODY, "read leads"),
    "bulk-undo": Page("/bulk/is/x/undo", NOBODY, "read leads"),
    "companies": Page("/companies", "read contacts"),
    "company-new": Page("/companies/new", "keep contacts", "keep contacts"),
    "company-edit": Page("/companies/change/x", "keep contacts", "keep contacts"),
    "company": Page("/companies/x", "read contacts"),
    "contacts": Page("/contacts", "read contacts"),
    "contact-edit": Page("/contacts/change/x", "keep contacts", "keep contacts"),
    "contact-erase": Page("/contacts/erase/x", NOBODY, "erase"),
    "contact": Page("/contacts/x", "read contacts"),
    "merge-leads": Page("/merge/leads", "keep contacts"),
    "merge-leads-do": Page("/merge/leads/do", NOBODY, "keep contacts"),
    "merge-companies": Page("/merge/companies", "keep contacts"),
    "merge-companies-do": Page("/merge/companies/do", NOBODY, "keep contacts"),
    "merge-undo": Page("/merge/undo/x", NOBODY, "keep contacts"),
    "lead": Page("/leads/L-1", "read leads"),
    "nurture": Page("/nurture", "read leads"),
    "nurture-track": Page("/nurture/tracks/re-engage", "read leads"),
    "nurture-measure": Page("/nurture/measures/coverage", "read leads"),
    "nurture-offers": Page("/nurture/offers", "read agreements"),
    "nurture-offer": Page("/nurture/offers/guide", "read agreements", "keep offers"),
    "nurture-mails": Page("/nurture/mails", "read leads"),
    "nurture-mail-again": Page("/nurture/mails/send-again", NOBODY, "enrol leads"),
    "nurture-suppressions": Page("/nurture/suppressions", "read contacts", "keep suppressions"),
    "nurture-suppression-remove": Page(
        "/nurture/suppressions/sup_x/remove", NOBODY, "run by itself"
    ),
    "mail-unsubscribe": Page("/u/x", ANYONE, ANYONE),
    "mail-opened": Page("/o/x.gif", ANYONE),
    "mail-link": Page("/l/x/0", ANYONE),
    "imports": Page("/imports", "import leads"),
    "import-new": Page("/imports/new", "import leads", "import leads"),
    "import": Page("/imports/x", "import leads"),
    "import-file": Page("/imports/x/file", "import leads", "import leads"),
    "import-map": Page("/imports/x/map", "import leads", "import leads"),
    "import-check": Page("/imports/x/check", "import leads", "import leads"),
    "import-try": Page("/imports/x/try", "import leads", "import leads"),
    "import-begin": Page("/imports/x/begin", NOBODY, "import leads"),
    "import-result": Page("/imports/x/result", "import leads"),
    "import-progress": Page("/imports/x/progress", "import leads"),
    "import-undo": Page("/imports/x/undo", NOBODY, "import leads"),
    "import-problems": Page("/imports/x/problems.csv", "import leads"),
    "sign-in": Page("/sign-in", ANYONE, ANYONE),
    "sign-in-link": Page("/sign-in/link", ANYONE, ANYONE),
    "sign-in-mail": Page("/sign-in/mail", ANYONE, ANYONE),
    "sign-in-second": Page("/sign-in/second", ANYONE, ANYONE),
    "sign-in-passkey": Page("/sign-in/passkey", ANYONE, ANYONE),
    "sign-in-sso": Page("/sign-in/sso", ANYONE),
    "sign-in-sso-begin": Page("/sign-in/sso/x", ANYONE),
    # It answers 403 to whoever comes from no provider; see the tests of single sign-on.
    "sign-in-sso-back": Page("", ANYONE),
    "invitation": Page("/invitation", ANYONE, ANYONE),
    "account": Page("/account", MEMBER),
    "account-sessions": Page("/account/sessions", NOBODY, MEMBER),
    "account-mute": Page("/account/mute", "mute notices", "mute notices"),
    "account-mute-end": Page("/account/mute/end", NOBODY, "mute notices"),
    "account-required": Page("/account/required", MEMBER, MEMBER),
    "account-authenticator": Page("/account/authenticator", MEMBER, MEMBER),
    "account-authenticator-code": Page("/account/authenticator/code.svg", MEMBER),
    "account-passkeys": Page("/account/passkeys", MEMBER, MEMBER),
    "account-recovery-codes": Page("/account/recovery-codes", MEMBER, MEMBER),
    "password": Page("/password", MEMBER, MEMBER),
    "switch": Page("/workspace", NOBODY, MEMBER),
    "sign-out": Page("/sign-out", ANYONE, ANYONE),
    # Pages of reference: the same for everybody, whatever is sent to them.
    "problems": Page("/problems/", ANYONE, ANYONE),
    "problem": Page("/problems/forbidden", ANYONE, ANYONE),
}


def routes():
    """Every page of the desk by its name, with the shape of its address."""
    return {
        one.name: str(one.pattern)
        for one in get_resolver().url_patterns
        if isinstance(one, URLPattern)
    }


def test_every_page_says_who_may_see_it():
    untold = sorted(routes().keys() - PAGES.keys())
    assert untold == [], f"tell who may see {', '.join(map(str, untold))}: a line each in PAGES"


def test_every_line_is_of_a_page_and_of_a_right():
    found = routes()
    assert sorted(PAGES.keys() - found.keys()) == []
    for name, page in PAGES.items():
        assert {page.look, page.act} <= RIGHTS.keys() | {ANYONE, MEMBER, NOBODY}, name
        if page.path:
            shape = re.sub(r"<[^>]+>", "[^?]+", found[name])
            assert re.fullmatch(f"/{shape}", page.path), name


@pytest.fixture
def own():
    own = workspace()
    for role in ROLES:
        key = role.replace(" ", "-")
        person(own, key, role=role, team="inbound", email=f"{key}@northwind.example")
    person(own, "ana", team="inbound")
    take(own, handed_over("L-1", "2026-03-12 09:00"))
    return own


def signed_in(own, role):
    """A client of whoever has a role; each has a session of its own, since some acts end it."""
    from leaddesk.book.models import Person

    request = RequestFactory().get("/")
    request.session = SessionStore()
    found = Person.objects.of(own).get(key=role.replace(" ", "-"))
    visitor.let_in(request, sign_in.account_of(found), "password")
    request.session.save()
    client = Client()
    client.cookies["sid"] = request.session.session_key
    return client, found


def is_allowed(role, right):
    return right in {ANYONE, MEMBER} or (right != NOBODY and may(role, right))


def wrong(status, right, *, allowed):
    """Why an answer isn't what the table says; None where it is."""
    if right == NOBODY:
        return None if status == 405 else f"takes a method that it shouldn't ({status})"
    if status == 405:
        return "takes no such method"
    if status >= 500:
        return f"fails ({status})"
    if allowed and status == 403:
        return "is refused"
    if not allowed and status not in {403, 404}:
        return f"is let in ({status})"
    return None


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_and_does_what_the_table_says(own, role):
    faults = []
    for name, page in PAGES.items():
        if not page.path:
            continue
        client, found = signed_in(own, role)
        sent = {
            field: value.format(name=found.name, hash=f"{own.pk:064}")
            for field, value in page.sent.items()
        }
        answers = (
            ("looking", page.look, client.get(page.path)),
            ("sending", page.act, client.post(page.path, sent)),
        )
        for what, right, answer in answers:
            why = wrong(answer.status_code, right, allowed=is_allowed(role, right))
            faults += [f"{what} at {name} ({page.path}), which takes '{right}', {why}"] * bool(why)
    assert faults == []


def test_whoever_is_not_signed_in_is_led_to_sign_in(own):
    for name, page in PAGES.items():
        if not page.path:
            continue
        for right, answer in (
            (page.look, Client().get(page.path)),
            (page.act, Client().post(page.path)),
        ):
            led = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in?")
            if right == NOBODY:
                assert answer.status_code == 405, name
            else:
                assert led is (right != ANYONE), name


def test_a_form_without_its_token_is_refused_everywhere(own):
    for name, page in PAGES.items():
        if page.act == NOBODY or name in EXEMPT:
            continue
        client, _found = signed_in(own, "admin")
        client.handler.enforce_csrf_checks = True
        assert client.post(page.path, page.sent).status_code == CSRF, name
