"""Ways to sign in: codes, passkeys, recovery codes, sessions, invitations, mailed links."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from leaddesk.book import factors, invitations, passkeys, seal, seats, sign_in, tries
from leaddesk.book.access import operator
from leaddesk.book.models import (
    Authenticator,
    Entry,
    Invitation,
    Passkey,
    Person,
    RecoveryCode,
    Seat,
    SignInLink,
    User,
)
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.book.passkeys import Place
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leaddesk.book.seats import Arrival
from tests.leaddesk.desk import at, person, workspace
from tests.leaddesk.devices import Device, code

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:00")
HERE = Place("http://localhost", "localhost")


@pytest.fixture
def own():
    return workspace()


@pytest.fixture
def ana(own):
    user = User.objects.create_user("ana@northwind.example", "seven quiet herons")
    return person(own, "ana", user=user, email=user.email)


@pytest.fixture
def mia(own):
    return person(own, "mia", role="admin", email="mia@northwind.example")


def with_app(user, now=NOW):
    factors.begin(user, now)
    secret = factors.pending(user, now)
    assert factors.confirm(user, code(secret, now), now)
    return secret


def with_passkey(user, device=None, now=NOW):
    device = device or Device()
    asked = passkeys.to_add(user, HERE, now)
    given = {"ticket": asked.ticket, "credential": device.made(asked.options), "name": "phone"}
    passkeys.add(user, HERE, given, now)
    return device


def shows(device, user=None, now=NOW, place=HERE, **changed):
    asked = passkeys.to_sign_in(place, now, user)
    given = {"ticket": asked.ticket, "credential": device.shown(asked.options, **changed)}
    return passkeys.shown(place, given, now, user)


def test_a_seal_is_opened_by_this_desk_for_its_purpose_and_in_time(settings):
    sealed = seal.sealed("secret", "one", NOW)
    assert "secret" not in sealed
    assert seal.opened(sealed, "one", NOW) == "secret"
    assert seal.opened(sealed, "two", NOW) is None
    assert seal.opened(sealed, "one", NOW + 2 * MINUTE, MINUTE) is None
    assert seal.opened(sealed[:-2] + "xx", "one", NOW) is None
    assert seal.opened("é\x00", "one", NOW) is None
    settings.SECRET_KEY = "another one"
    assert seal.opened(sealed, "one", NOW) is None


def test_a_code_is_good_once_and_half_a_minute_to_either_side(ana):
    secret = with_app(ana.user)
    assert not factors.takes(ana.user, code(secret, NOW), NOW)
    later = NOW + 5 * MINUTE
    assert not factors.takes(ana.user, code(secret, later - 60 * SECOND), later)
    assert factors.takes(ana.user, code(secret, later - 30 * SECOND), later)
    assert factors.takes(ana.user, code(secret, later), later)
    assert not factors.takes(ana.user, code(secret, later), later)
    assert not factors.takes(ana.user, code(secret, later - 30 * SECOND), later)
    assert factors.takes(ana.user, f" {code(secret, later + 30 * SECOND)} ", later)


def test_the_secret_of_an_app_stands_sealed_in_the_database(ana):
    secret = with_app(ana.user)
    assert secret not in str([*Authenticator.objects.values()])
    assert secret not in str([*Entry.across.values()])


def test_codes_can_not_be_guessed_for_long(ana):
    secret = with_app(ana.user)
    for n in range(9):
        assert not factors.takes(ana.user, f"{n:06}", NOW + MINUTE)
    with pytest.raises(tries.TooOften):
        factors.takes(ana.user, code(secret, NOW + MINUTE), NOW + MINUTE)
    for window in range(1, 4):
        for n in range(10):
            factors.takes(ana.user, f"{n:05}", NOW + window * 20 * MINUTE)
    with pytest.raises(tries.TooOften) as refusal:
        factors.takes(ana.user, code(secret, NOW + 90 * MINUTE), NOW + 90 * MINUTE)
    assert refusal.value.after > 20 * 3_600


@pytest.mark.parametrize("given", ["", "\x00", "٠١٢٣٤٥", "é" * 40, "12345", "1" * 100])
def test_what_is_no_code_is_refused(ana, given):
    with_app(ana.user)
    assert not factors.takes(ana.user, given, NOW + MINUTE)


def test_ten_recovery_codes_each_work_once_and_only_digests_are_kept(ana):
    with pytest.raises(Refused):
        factors.fresh_codes(ana.user, NOW)
    with_app(ana.user)
    codes = factors.fresh_codes(ana.user, NOW)
    assert len(set(codes)) == 10
    assert not any(one in str([*RecoveryCode.objects.values()]) for one in codes)
    assert factors.takes(ana.user, codes[0].lower().replace("-", " "), NOW)
    assert not factors.takes(ana.user, codes[0], NOW)
    assert factors.codes_left(ana.user) == 9
    fresh = factors.fresh_codes(ana.user, NOW)
    assert not factors.takes(ana.user, codes[1], NOW)
    assert factors.takes(ana.user, fresh[1], NOW)
    factors.remove_authenticator(ana.user, NOW)
    assert not RecoveryCode.objects.exists()


def test_one_recovery_code_is_not_taken_twice_at_once(ana):
    with_app(ana.user)
    codes = factors.fresh_codes(ana.user, NOW)

    def use(_n):
        try:
            return factors.takes(ana.user, codes[0], NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(use, range(3))) == [False, False, True]


def test_a_passkey_proves_whose_it_is_once_for_each_challenge(ana):
    device = with_passkey(ana.user)
    asked = passkeys.to_sign_in(HERE, NOW)
    given = {"ticket": asked.ticket, "credential": device.shown(asked.options)}
    assert passkeys.shown(HERE, given, NOW) == ana.user
    assert passkeys.shown(HERE, given, NOW) is None
    assert shows(device) == ana.user
    assert shows(device, ana.user) == ana.user
    assert Passkey.objects.get().used_at == NOW


def test_what_a_passkey_does_not_prove(ana, own):
    device = with_passkey(ana.user)
    ben = User.objects.create_user("ben@northwind.example")
    assert shows(device, ben) is None
    assert shows(Device()) is None
    assert shows(device, signature="AAAA") is None
    assert shows(device, userHandle="AAAA") is None
    assert shows(device, place=Place("https://evil.example", "evil.example")) is None
    device.origin = "https://evil.example"
    assert shows(device) is None
    device.origin = "http://localhost"
    device.count = 0
    assert shows(device) == ana.user
    device.count = 0
    assert shows(device) is None  # a copy of the key, which counts behind
    asked = passkeys.to_sign_in(HERE, NOW, ana.user)
    given = {"ticket": asked.ticket, "credential": device.shown(asked.options)}
    assert passkeys.shown(HERE, given, NOW + 11 * MINUTE, ana.user) is None
    User.objects.filter(pk=ana.user.pk).update(is_active=False)
    device.count = 10
    assert shows(device) is None


def test_a_device_that_makes_sure_of_nobody_is_a_second_step_only(ana):
    device = with_passkey(ana.user, Device(is_verifying=False))
    assert shows(device) is None
    assert shows(device, ana.user) == ana.user


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "\x00", '{"id": 1}', "x" * 30_000])
def test_an_answer_that_is_none_stores_nothing(ana, credential):
    asked = passkeys.to_add(ana.user, HERE, NOW)
    with pytest.raises(Refused):
        passkeys.add(ana.user, HERE, {"ticket": asked.ticket, "credential": credential}, NOW)
    asked = passkeys.to_sign_in(HERE, NOW)
    assert passkeys.shown(HERE, {"ticket": asked.ticket, "credential": credential}, NOW) is None
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "origin, is_fit",
    [
        ("https://desk.example.com", True),
        ("http://localhost:8000", True),
        ("http://desk.example.com", False),
        ("http://127.0.0.1:8000", False),
        ("https://[::1]", False),
    ],
)
def test_where_browsers_keep_passkeys(origin, is_fit):
    from urllib.parse import urlsplit

    assert Place(origin, urlsplit(origin).hostname).is_fit is is_fit


def test_a_session_ends_where_its_owner_or_an_admin_ends_it(own, ana, mia):
    first, second, third = (seats.take(ana.user, Arrival("password"), NOW) for _each in range(3))
    stranger = seats.take(User.objects.create_user("x@y.example"), Arrival("link"), NOW)
    assert not seats.end(ana.user, stranger.pk, NOW)
    assert seats.end(ana.user, first.pk, NOW)
    assert seats.taken(first.key, NOW) is None
    assert seats.end_others(ana.user, second, NOW) == 1
    assert [*seats.of(ana.user, NOW)] == [second]
    with pytest.raises(Forbidden):
        seats.end_of_person(_actor(own, "rep"), "ana", NOW)
    with pytest.raises(Absent):
        seats.end_of_person(operator(workspace().pk), "ana", NOW)
    assert seats.occupied(own.pk, NOW) == {"ana": 1}
    assert seats.end_of_person(operator(own.pk), "ana", NOW) == 1
    assert seats.taken(second.key, NOW) is None
    assert seats.taken(stranger.key, NOW) == stranger
    assert third.pk


def _actor(own, role):
    from leaddesk.book.access import Actor

    return Actor(own.pk, "ben", role)


def test_a_session_is_seen_to_the_minute_and_forgotten_when_it_is_over(ana):
    seat = seats.take(ana.user, Arrival("password"), NOW)
    seats.taken(seat.key, NOW + 30 * SECOND)
    assert Seat.objects.get().seen_at == NOW
    seats.taken(seat.key, NOW + MINUTE)
    assert Seat.objects.get().seen_at == NOW + MINUTE
    assert seats.forget(NOW + 14 * DAY) == 0
    assert seats.forget(NOW + 15 * DAY) == 1


def test_lost_factors_are_taken_away_by_an_admin_of_the_only_workspace(own, ana, mia):
    with_app(ana.user)
    with_passkey(ana.user)
    seats.take(ana.user, Arrival("password"), NOW)
    with pytest.raises(Forbidden):
        factors.reset(_actor(own, "sales lead"), "ana", NOW)
    elsewhere = person(workspace(), "ana", user=ana.user)
    with pytest.raises(Refused):
        factors.reset(operator(own.pk), "ana", NOW)
    elsewhere.delete()
    assert factors.with_one(own.pk) == {"ana"}
    factors.reset(operator(own.pk), "ana", NOW)
    assert not factors.has_one(ana.user)
    assert not Seat.objects.exists()


def invited(own, email="cleo@northwind.example", mailed=True, now=NOW, **given):
    plain = {"email": email, "role": "rep", "team": "", "person": ""}
    return invitations.invite(operator(own.pk), plain | given, mailed, now)


def test_an_invitation_is_accepted_once(own, mia):
    row = invited(own)
    secret = invitations.secret_of(row)
    assert secret not in str([*Invitation.across.values()])
    assert invitations.of_secret(secret, NOW) == row
    user = invitations.accept_as_new(secret, "Cleo", "nine loud herons", NOW)
    cleo = Person.objects.of(own).get(key="cleo")
    assert (cleo.user, cleo.name, cleo.role, cleo.email) == (user, "Cleo", "rep", user.email)
    assert not user.is_claimed
    with pytest.raises(Absent):
        invitations.accept_as_new(secret, "Cleo", "nine loud herons", NOW)
    assert [one.act for one in Entry.objects.of(own).order_by("pk")] == [
        "invited",
        "created person",
        "accepted invitation",
        "changed password",
    ]


def test_an_invitation_ends_by_time_by_being_taken_back_and_by_being_sent_anew(own, mia):
    old = invited(own)
    first = invitations.secret_of(old)
    assert invitations.of_secret(first, NOW + 7 * DAY) is None
    anew = invitations.send_again(operator(own.pk), old.key, True, NOW + DAY)
    second = invitations.secret_of(anew)
    assert invitations.of_secret(first, NOW + DAY) is None
    assert invitations.of_secret(second, NOW + DAY) is not None
    with pytest.raises(Absent):
        invitations.revoke(operator(workspace().pk), old.key, NOW)
    invitations.revoke(operator(own.pk), old.key, NOW)
    assert invitations.of_secret(second, NOW + DAY) is None
    with pytest.raises(Absent):
        invitations.send_again(operator(own.pk), old.key, True, NOW)
    assert invitations.forget(NOW + 200 * DAY) == 1


@pytest.mark.parametrize(
    "given, place",
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "x" * 300 + "@a.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": ""}, "role"),
        ({"team": "nowhere"}, "team"),
        ({"person": "mia"}, "person"),
        ({"person": "a\x00b"}, "person"),
        ({"email": "ana@northwind.example"}, "email"),
    ],
)
def test_an_invitation_that_does_not_fit_is_refused(own, ana, mia, given, place):
    with pytest.raises(Refused) as refusal:
        invited(own, **given)
    assert [one.path for one in refusal.value.problems] == [place]
    assert not Invitation.across.exists()


def test_nobody_is_invited_twice_at_once(own, mia):
    invited(own)
    with pytest.raises(Refused):
        invited(own, email="CLEO@northwind.example")
    invited(own, now=NOW + 8 * DAY)


def test_whoever_is_in_the_register_keeps_their_key_role_and_team(own, mia):
    person(own, "rep-7", name="Cleo C.", role="sales lead", email="cleo@northwind.example")
    user = invitations.accept_as_new(invitations.secret_of(invited(own)), "C", None, NOW)
    cleo = Person.objects.of(own).get(user=user)
    assert (cleo.key, cleo.name, cleo.role) == ("rep-7", "Cleo C.", "sales lead")
    assert not user.has_usable_password()


def test_an_account_is_invited_by_its_own_address_alone(own, ana):
    other = workspace()
    person(other, "boss", role="admin")
    secret = invitations.secret_of(invited(other, email="Ana@northwind.example"))
    with pytest.raises(Refused):
        invitations.accept_as_new(secret, "Ana", "nine loud herons", NOW)
    stranger = User.objects.create_user("x@northwind.example")
    with pytest.raises(Refused):
        invitations.accept_as(stranger, secret, NOW)
    assert invitations.accept_as(ana.user, secret, NOW).workspace == other
    assert ana.user.check_password("seven quiet herons")


def test_an_account_made_by_a_link_from_hand_to_hand_gets_into_no_other_workspace(own, mia):
    """Whoever got such a link may not be whoever reads the mail of its address."""
    secret = invitations.secret_of(invited(own, mailed=False))
    user = invitations.accept_as_new(secret, "Mallory", "nine loud herons", NOW)
    assert user.pk
    user = User.objects.get(pk=user.pk)
    other = workspace()
    person(other, "boss", role="admin")
    onward = invitations.secret_of(invited(other))
    with pytest.raises(Refused):
        invitations.accept_as(user, onward, NOW)
    seats.take(user, Arrival("password"), NOW)
    proven = sign_in.proven(user)
    assert not proven.has_usable_password()
    assert not Seat.objects.exists()
    assert invitations.accept_as(User.objects.get(pk=user.pk), onward, NOW).key == "cleo"


def test_the_secret_of_a_mailed_link_stands_in_no_table(ana):
    link = sign_in.link_to_mail(ana.user, None, NOW)
    secret = sign_in.secret_of(link)
    assert secret not in str([*SignInLink.objects.values()])
    assert sign_in.use_link(secret, NOW) == link
    assert sign_in.use_link(secret, NOW) is None
