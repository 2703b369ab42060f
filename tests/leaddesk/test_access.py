"""Access: rights by role, tokens that may no more than their person, links that work once."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from docs import generate
from leaddesk.book import access, registers, sign_in, tries
from leaddesk.book.models import Due, Entry, Lead, Person, Role, SignInLink, SignInTry, Token, User
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leaddesk.book.rights import RIGHTS, ROLES, SCOPES, may
from tests.leaddesk.desk import at, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:00")
PASSWORD = "seven quiet herons"


def test_the_roles_of_the_table_are_those_of_people():
    assert list(ROLES) == Role.values
    assert all(right.roles <= set(ROLES) for right in RIGHTS.values())
    assert all(acts <= set(RIGHTS) for acts in SCOPES.values())


def test_an_act_that_is_in_no_table_is_nobodys():
    with pytest.raises(KeyError):
        may("admin", "fly")


@pytest.mark.parametrize(
    "role, act, expected",
    [
        ("admin", "put in force", True),
        ("sales lead", "propose agreement", True),
        ("sales lead", "put in force", False),
        ("rep", "record facts", True),
        ("rep", "manage people", False),
        ("viewer", "read contacts", False),
        ("auditor", "read audit", True),
        ("auditor", "record facts", False),
    ],
)
def test_rights_by_role(role, act, expected):
    assert may(role, act) is expected


def test_the_page_of_permissions_says_what_the_table_says():
    assert generate.page("permissions").read_text("utf-8") == generate.text("permissions")


def test_a_rep_sees_the_leads_of_their_team_and_of_nobody_else():
    own = workspace()
    ana, _ben, jon = (
        person(own, "ana", team="inbound"),
        person(own, "ben", team="inbound"),
        person(own, "jon"),
    )
    boss = person(own, "mia", role="sales lead")
    for lead, owner in (("L-1", "ana"), ("L-2", "ben"), ("L-3", "chai"), ("L-4", "jon")):
        take(own, handed_over(lead, "2026-03-12 08:00", owner=owner), now=NOW)

    def leads(somebody, model=Lead, name="key"):
        rows = access.seen(access.actor_of(somebody), model.objects.of(own))
        return sorted(rows.values_list(name, flat=True))

    assert leads(ana) == leads(ana, Due, "lead") == ["L-1", "L-2"]
    assert leads(jon) == ["L-4"]
    assert leads(boss) == ["L-1", "L-2", "L-3", "L-4"]


def issued(own, key="ana", role="admin", scopes=("read", "facts:write"), **more):
    somebody = Person.objects.of(own).filter(key=key).first() or person(own, key, role=role)
    actor = access.actor_of(somebody)
    return access.issue_token(actor, name="import", scopes=scopes, now=NOW, **more)


def test_a_token_acts_for_its_person_within_its_scopes():
    own = workspace()
    token, text = issued(own)
    actor = access.actor_of_token(text, NOW + DAY)
    assert actor == access.Actor(
        own.pk, "ana", "admin", frozenset({"read", "facts:write"}), token.key
    )
    assert actor.may("record facts")
    assert actor.may("read leads")
    assert not actor.may("manage people")
    with pytest.raises(Forbidden):
        actor.must("put in force")
    assert text.startswith(f"ld_{token.key.removeprefix('tok_')}_")


def test_the_secret_of_a_token_is_kept_nowhere():
    own = workspace()
    token, text = issued(own)
    secret = text.rpartition("_")[2]
    kept = [str(row) for row in (*Token.objects.of(own).values(), *Entry.objects.of(own).values())]
    assert not any(secret in row for row in kept)
    assert Entry.objects.of(own).get().subject == f"token {token.key}"


def test_a_token_may_no_more_than_its_person():
    own = workspace()
    _token, text = issued(own, role="viewer", scopes=["admin"])
    actor = access.actor_of_token(text, NOW)
    assert actor.may("read leads")
    assert not actor.may("record facts")
    admin = access.operator(own.pk)
    person(own, "mia", role="admin")
    registers.change_person(admin, "ana", {"role": "marketer"}, NOW)
    assert access.actor_of_token(text, NOW).may("record facts")
    registers.deactivate_person(admin, "ana", NOW)
    assert access.actor_of_token(text, NOW) is None


def test_what_another_process_changed_counts_within_a_second():
    own = workspace()
    _token, text = issued(own)
    assert access.actor_of_token(text, NOW) is not None
    Token.objects.of(own).update(revoked_at=NOW)
    assert access.actor_of_token(text, NOW + SECOND - 1) is not None
    assert access.actor_of_token(text, NOW + SECOND) is None


def test_nobody_signs_an_agreement_by_token():
    own = workspace()
    _token, text = issued(own, scopes=list(SCOPES))
    assert not access.actor_of_token(text, NOW).may("sign agreement")


def test_a_token_ends_when_it_expires_or_is_revoked():
    own = workspace()
    token, text = issued(own, expires_at=NOW + DAY)
    assert access.actor_of_token(text, NOW + DAY - 1) is not None
    assert access.actor_of_token(text, NOW + DAY) is None
    token, text = issued(own)
    actor = access.operator(own.pk)
    access.revoke_token(actor, token.key, NOW)
    assert access.actor_of_token(text, NOW) is None
    with pytest.raises(Absent):
        access.revoke_token(actor, token.key, NOW)


def test_a_wrong_secret_or_any_other_text_is_nobody():
    own = workspace()
    token, text = issued(own)
    other, _text = issued(own)
    swapped = text.replace(token.key.removeprefix("tok_"), other.key.removeprefix("tok_"))
    for wrong in (
        text[:-1],
        text + "0",
        swapped,
        "",
        "ld_",
        "ld__",
        "Bearer",
        "ld_\ud800_x",
        "ld_é_x",
        "ld_\x00_",
        text.removeprefix("ld_"),
    ):
        assert access.actor_of_token(wrong, NOW) is None


def test_use_is_noted_at_most_once_a_minute():
    own = workspace()
    _token, text = issued(own)
    for now, expected in ((NOW, NOW), (NOW + 59 * SECOND, NOW), (NOW + MINUTE, NOW + MINUTE)):
        access.actor_of_token(text, now)
        assert Token.objects.of(own).get().used_at == expected


def test_everybody_makes_tokens_of_their_own_and_only_an_admin_those_of_others():
    own = workspace()
    rep = access.actor_of(person(own, "ana", role="rep"))
    person(own, "ben")
    mine, _text = access.issue_token(rep, name="mine", scopes=["read"], now=NOW)
    with pytest.raises(Forbidden):
        access.issue_token(rep, name="his", scopes=["read"], now=NOW, person="ben")
    admin = access.operator(own.pk)
    his, _text = access.issue_token(admin, name="his", scopes=["read"], now=NOW, person="ben")
    with pytest.raises(Absent):
        access.revoke_token(rep, his.key, NOW)
    assert [token.key for token in access.tokens(rep)] == [mine.key]
    assert {token.key for token in access.tokens(admin)} == {mine.key, his.key}
    access.revoke_token(rep, mine.key, NOW)


def test_a_token_makes_none_that_may_more_than_itself():
    own = workspace()
    _token, text = issued(own, scopes=["admin"])
    actor = access.actor_of_token(text, NOW)
    access.issue_token(actor, name="child", scopes=["read"], now=NOW)
    narrow = replace(actor, scopes=frozenset({"read"}))
    with pytest.raises(Forbidden):
        access.issue_token(narrow, name="child", scopes=["read"], now=NOW)


def test_everything_wrong_with_a_token_is_said_at_once():
    own = workspace()
    with pytest.raises(Refused) as refusal:
        issued(own, scopes=["raed"], expires_at=NOW)
    assert [(one.path, one.remedy) for one in refusal.value.problems] == [
        ("scopes", "Did you mean 'read'?"),
        ("expires_at", "Choose an instant in the future."),
    ]
    admin = access.operator(own.pk)
    with pytest.raises(Refused) as refusal:
        access.issue_token(admin, name="\x00", scopes=[], now=NOW, person="ana")
    assert [one.path for one in refusal.value.problems] == ["name", "scopes"]
    with pytest.raises(Absent):
        access.issue_token(admin, name="x", scopes=["read"], now=NOW, person="nobody")


def account(email="ana@northwind.example", password=PASSWORD):
    return User.objects.create_user(email, password)


def test_a_link_signs_in_once():
    user = account()
    secret = sign_in.sign_in_link(user, NOW)
    assert secret not in str(SignInLink.objects.values())
    assert sign_in.is_good(secret, NOW)
    assert sign_in.use_link(secret, NOW).user == user
    assert not sign_in.is_good(secret, NOW)
    assert sign_in.use_link(secret, NOW) is None


def test_a_link_lasts_a_quarter_of_an_hour_and_not_beyond_its_account():
    user = account()
    secret = sign_in.sign_in_link(user, NOW)
    assert sign_in.use_link(secret, NOW + 15 * MINUTE) is None
    assert sign_in.use_link("no link", NOW) is None
    User.objects.update(is_active=False)
    assert not sign_in.is_good(secret, NOW)


def test_two_who_open_a_link_at_once_are_one_who_signs_in():
    secret = sign_in.sign_in_link(account(), NOW)
    found, start = [], Barrier(4)

    def open_it():
        start.wait()
        found.append(sign_in.use_link(secret, NOW))
        connection.close()

    threads = [Thread(target=open_it) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [link.user for link in found if link] == [User.objects.get()]


def test_a_password_signs_in_whatever_the_case_of_the_address():
    user = account()
    assert sign_in.user_of_password("ANA@northwind.example ", PASSWORD, "192.0.2.1", NOW) == user
    assert sign_in.user_of_password("ana@northwind.example", "other", "192.0.2.1", NOW) is None
    assert sign_in.user_of_password("bob@northwind.example", PASSWORD, "192.0.2.1", NOW) is None


def test_an_account_without_a_password_or_switched_off_signs_in_by_none():
    account("ben@northwind.example", password=None)
    account("jon@northwind.example")
    User.objects.filter(email__startswith="jon").update(is_active=False)
    for email in ("ben@northwind.example", "jon@northwind.example"):
        for password in ("", PASSWORD):
            assert sign_in.user_of_password(email, password, "192.0.2.1", NOW) is None


def attempt(email, now=NOW, password="wrong", address="192.0.2.1"):
    return sign_in.user_of_password(email, password, address, now)


@pytest.fixture
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.usefixtures("quick_passwords")
def test_ten_wrong_passwords_close_an_account_for_a_quarter_of_an_hour():
    account()
    for _each in range(10):
        assert attempt("ana@northwind.example") is None
    with pytest.raises(tries.TooOften) as refusal:
        attempt("ana@northwind.example", NOW + MINUTE, PASSWORD, address="192.0.2.9")
    assert refusal.value.after == timedelta(minutes=14).seconds
    assert attempt("ana@northwind.example", NOW + 15 * MINUTE, PASSWORD) == User.objects.get()


@pytest.mark.usefixtures("quick_passwords")
def test_one_network_address_tries_only_so_many_accounts():
    for n in range(60):
        attempt(f"p{n}@northwind.example")
    with pytest.raises(tries.TooOften):
        attempt("another@northwind.example")
    assert attempt("another@northwind.example", address="192.0.2.2") is None


@pytest.mark.usefixtures("quick_passwords")
def test_who_signs_in_begins_to_count_anew():
    account()
    for _each in range(25):
        attempt("ana@northwind.example")
        assert attempt("ana@northwind.example", password=PASSWORD) is not None


@pytest.mark.usefixtures("quick_passwords")
def test_tries_and_links_are_forgotten():
    sign_in.sign_in_link(account(), NOW)
    attempt("ana@northwind.example")
    assert sign_in.forget_tries(NOW) == 0
    assert sign_in.forget_tries(NOW + 2 * DAY) == 3
    assert not SignInTry.objects.exists()


def test_a_person_gets_an_account_by_their_address_once():
    own, other = workspace(), workspace()
    ana = person(own, "ana", email="Ana@northwind.example")
    user = sign_in.account_of(ana)
    assert user.email == "Ana@northwind.example"
    assert not user.has_usable_password()
    assert sign_in.account_of(ana) == user
    elsewhere = person(other, "ana", email="ana@northwind.example")
    assert sign_in.account_of(elsewhere) == user
    assert [one.workspace_id for one in access.memberships(user)] == [own.pk, other.pk]
