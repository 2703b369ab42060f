"""Registers: people, teams, leave, calendars, companies and contacts, and what is refused."""

import json
from datetime import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaddesk.book import access, contacts, erase, registers
from leaddesk.book.domains import domains_of
from leaddesk.book.models import (
    Answer,
    Calendar,
    Company,
    Contact,
    Entry,
    Fact,
    Leave,
    Person,
    Team,
)
from leaddesk.book.refusal import Absent, Forbidden, Refused, Stale
from tests.leaddesk.desk import at, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:00")
ANA = {"key": "ana", "name": "Ana", "role": "rep"}


@pytest.fixture
def own():
    return workspace()


@pytest.fixture
def admin(own):
    return access.actor_of(person(own, "mia", role="admin"))


def problems(call, *args, **fields):
    with pytest.raises(Refused) as refusal:
        call(*args, **fields)
    return [(one.path, one.problem) for one in refusal.value.problems]


def audit(own):
    rows = Entry.objects.of(own).order_by("id")
    return [(one.actor, one.act, one.subject, json.loads(one.detail)) for one in rows]


def test_a_person_is_created_and_changed_with_an_entry_each(own, admin):
    registers.keep_team(admin, "south", {"name": "South"}, NOW)
    given = ANA | {"email": "ana@northwind.example", "team": "south", "quiet_from": "22:00"}
    ana = registers.create_person(admin, given, NOW)
    assert (ana.team, ana.quiet_from, ana.created_at) == ("south", time(22), NOW)
    registers.change_person(admin, "ana", {"role": "sales lead", "name": "Ana B."}, NOW)
    changed = Person.objects.of(own).get(key="ana")
    assert (changed.role, changed.name) == ("sales lead", "Ana B.")
    assert audit(own)[1:] == [
        (
            "mia",
            "created person",
            "person ana",
            {
                "fields": ["email", "name"],
                "key": "ana",
                "role": "rep",
                "team": "south",
                "quiet_from": "22:00:00",
            },
        ),
        ("mia", "changed person", "person ana", {"fields": ["name"], "role": "sales lead"}),
    ]


def test_a_change_that_changes_nothing_is_no_entry(own, admin):
    registers.create_person(admin, ANA, NOW)
    registers.change_person(admin, "ana", {"name": "Ana"}, NOW)
    assert [act for _actor, act, _subject, _detail in audit(own)] == ["created person"]


def test_everything_wrong_with_a_person_is_said_at_once(own, admin):
    given = {
        "key": "",
        "email": "ana@",
        "role": "boss",
        "zone": "Mars/Olympus",
        "language": "xx",
        "quiet_from": "25:00",
        "phone": "1" * 41,
        "nmae": "Ana",
        "is_active": "yes",
    }
    found = problems(registers.create_person, admin, given, NOW)
    assert [path for path, _problem in found] == [
        "email",
        "role",
        "zone",
        "language",
        "quiet_from",
        "phone",
        "nmae",
        "is_active",
        "key",
        "name",
    ]
    assert Person.objects.of(own).filter(key="").count() == 0


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "a\ud800", "a\u202eb", "a\nb", "a\x1b[31m", "x" * 1_000_000, 7, ["a"], {"a": 1}],
)
def test_a_name_that_no_page_can_show_is_refused(own, admin, text):
    assert [
        path for path, _text in problems(registers.create_person, admin, ANA | {"name": text}, NOW)
    ] == ["name"]
    assert [
        path for path, _text in problems(contacts.create_contact, admin, "L-1", {"name": text}, NOW)
    ] == ["name"]


def test_names_of_every_script_are_kept(own, admin):
    for n, name in enumerate(("Ana Żółć", "สมชาย", "زهرا", "O'Neil-Şahin 🙂")):
        kept = registers.create_person(admin, {"key": f"p{n}", "name": name, "role": "rep"}, NOW)
        kept.refresh_from_db()
        assert kept.name == name


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    given=st.dictionaries(
        st.sampled_from([*registers.PERSON, "other"]) | st.text(max_size=5),
        st.none() | st.booleans() | st.integers() | st.text(max_size=50) | st.lists(st.text()),
    )
)
def test_whatever_is_handed_in_is_taken_or_refused(own, admin, given):
    try:
        registers.change_person(admin, "mia", given, NOW)
    except Refused as refusal:
        found = refusal.problems
    else:
        found = []
    assert found or registers.PERSON.keys() >= given.keys()
    "".join(part for one in found for part in (one.path, one.problem, one.remedy)).encode()


def test_a_key_is_given_once_in_a_workspace(own, admin):
    registers.create_person(admin, ANA, NOW)
    assert problems(registers.create_person, admin, ANA, NOW) == [
        ("key", "There is already a 'ana'.")
    ]
    assert registers.create_person(access.operator(workspace().pk), ANA, NOW).key == "ana"


def test_who_and_what_a_person_names_must_be_there(own, admin):
    def refused_for(**fields):
        return problems(registers.create_person, admin, ANA | fields, NOW)

    assert refused_for(manager="bob") == [("manager", "There is nobody with the key 'bob'.")]
    assert refused_for(team="south") == [("team", "There is no team 'south'.")]
    assert refused_for(calendar="ofice") == [("calendar", "There is no calendar 'ofice'.")]
    registers.create_person(admin, ANA | {"team": "inbound", "manager": "mia"}, NOW)
    assert problems(registers.change_person, admin, "ana", {"manager": "ana"}, NOW) == [
        ("manager", "Nobody is their own manager.")
    ]
    assert Person.objects.of(own).filter(key="ana").count() == 1


def test_people_change_some_of_their_own_fields_and_no_more(own, admin):
    ana = access.actor_of(registers.create_person(admin, ANA, NOW))
    registers.change_person(ana, "ana", {"quiet_from": "20:00", "zone": "Asia/Bangkok"}, NOW)
    for changes in ({"role": "admin"}, {"email": "x@northwind.example"}, {"name": "A", "team": ""}):
        with pytest.raises(Forbidden):
            registers.change_person(ana, "ana", changes, NOW)
    with pytest.raises(Forbidden):
        registers.change_person(ana, "mia", {"zone": "UTC"}, NOW)
    with pytest.raises(Forbidden):
        registers.create_person(ana, ANA | {"key": "eve"}, NOW)


def test_somebody_is_left_who_may_manage(own, admin):
    assert problems(registers.deactivate_person, admin, "mia", NOW) == [
        ("role", "Nobody would be left who may manage this workspace.")
    ]
    assert problems(registers.change_person, admin, "mia", {"role": "rep"}, NOW)[0][0] == "role"
    registers.create_person(admin, ANA | {"role": "admin"}, NOW)
    assert not registers.deactivate_person(admin, "mia", NOW).is_active


def test_another_workspaces_people_are_absent(own, admin):
    stranger = access.operator(workspace().pk)
    for call in (
        lambda: registers.change_person(stranger, "mia", {"name": "M"}, NOW),
        lambda: registers.remove_team(stranger, "inbound", NOW),
        lambda: registers.remove_leave(stranger, "mia", "2026-01-01", "2026-01-01", NOW),
        lambda: registers.remove_exception(stranger, "office", "2026-01-01", NOW),
        lambda: contacts.change_contact(stranger, "L-1", {"name": "M"}, NOW),
        lambda: contacts.change_company(stranger, "acme", {"name": "M"}, NOW),
        lambda: erase.erase_contact(stranger, "L-1", NOW),
    ):
        with pytest.raises(Absent):
            call()


def test_a_team_is_kept_changed_and_removed_when_it_is_empty(own, admin):
    registers.keep_team(admin, "south", {"name": "South"}, NOW)
    registers.keep_team(admin, "south", {"manager": "mia"}, NOW)
    team = Team.objects.of(own).get()
    assert (team.key, team.name, team.manager) == ("south", "South", "mia")
    assert problems(registers.keep_team, admin, "south", {"manager": "bob"}, NOW)[0][0] == "manager"
    assert problems(registers.keep_team, admin, "north", {}, NOW)[0][0] == "name"
    registers.create_person(admin, ANA | {"team": "south"}, NOW)
    assert problems(registers.keep_team, admin, "south", {"calendar": "x"}, NOW)[0][0] == "calendar"
    assert problems(registers.remove_team, admin, "south", NOW)[0][0] == "key"
    registers.change_person(admin, "ana", {"team": ""}, NOW)
    registers.remove_team(admin, "south", NOW)
    assert not Team.objects.of(own).exists()


def test_leave_ends_after_it_begins_and_is_entered_once(own, admin):
    span = {"person": "mia", "first": "2026-04-02", "last": "2026-04-03", "note": "wedding"}
    registers.add_leave(admin, span, NOW)
    assert problems(registers.add_leave, admin, span, NOW)[0][0] == "first"
    assert problems(registers.add_leave, admin, span | {"last": "2026-04-01"}, NOW)[0][0] == "last"
    assert (
        problems(registers.add_leave, admin, span | {"first": "2026-02-30"}, NOW)[0][0] == "first"
    )
    assert problems(registers.add_leave, admin, span | {"person": "bob"}, NOW)[0][0] == "person"
    assert Leave.objects.of(own).count() == 1
    assert "wedding" not in str(audit(own))
    registers.remove_leave(admin, "mia", "2026-04-02", "2026-04-03", NOW)
    with pytest.raises(Absent):
        registers.remove_leave(admin, "mia", "2026-04-02", "soon", NOW)


@pytest.mark.parametrize(
    "hours, path",
    [("25:00-26:00", "open"), ("9-12", "open"), ("09:00-12:00, 11:00-13:00", "2026-12-24")],
)
def test_hours_that_cannot_be_are_refused(own, admin, hours, path):
    given = {"calendar": "office", "day": "2026-12-24", "open": hours}
    assert [place for place, _text in problems(registers.keep_exception, admin, given, NOW)] == [
        path
    ]
    assert not Calendar.objects.of(own).exists()


def test_an_exception_is_of_a_calendar_that_the_agreement_names(own, admin):
    given = {"calendar": "ofice", "day": "2026-12-24"}
    assert problems(registers.keep_exception, admin, given, NOW) == [
        ("ofice", "There is no calendar 'ofice'.")
    ]


def test_a_contact_finds_its_company_by_domain_and_never_by_free_mail(own, admin):
    contacts.create_company(admin, {"key": "acme", "name": "Acme", "domain": "acme.example"}, NOW)
    given = {"name": "Zoe", "email": "zoe@mail.ACME.example"}
    contact = contacts.create_contact(admin, "L-1", given, NOW)
    assert contact.company.key == "acme"
    Company.across.create(
        workspace=own, key="gmail", name="Gmail", domain="gmail.com", created_at=NOW
    )
    assert contacts.create_contact(admin, "L-2", {"email": "zoe@gmail.com"}, NOW).company is None
    assert contacts.create_contact(admin, "L-3", {"email": "z@other.example"}, NOW).company is None
    named = contacts.create_contact(
        admin, "L-4", {"email": "zoe@gmail.com", "company": "acme"}, NOW
    )
    assert named.company.key == "acme"
    assert problems(contacts.create_contact, admin, "L-5", {"company": "nope"}, NOW)[0][0] == (
        "company"
    )


@pytest.mark.parametrize(
    "email, expected",
    [
        ("a@acme.com", ["acme.com"]),
        ("a@x.acme.co.uk", ["x.acme.co.uk", "acme.co.uk"]),
        ("a@gmail.com", []),
        ("a@localhost", []),
        ("", []),
    ],
)
def test_the_domains_of_an_address(email, expected):
    assert list(domains_of(email)) == expected


@pytest.mark.parametrize("domain", ["gmail.com", "co.uk", "acme", "ac me.com", "-.com", "a..com"])
def test_a_domain_that_is_no_companys_is_refused(own, admin, domain):
    given = {"key": "acme", "name": "Acme", "domain": domain}
    assert [path for path, _text in problems(contacts.create_company, admin, given, NOW)] == [
        "domain"
    ]


def test_a_web_address_is_cut_to_its_domain(own, admin):
    given = {"key": "acme", "name": "Acme", "domain": "https://www.Acme.example/about"}
    assert contacts.create_company(admin, given, NOW).domain == "acme.example"


def test_who_saw_an_older_version_changes_nothing(own, admin):
    contacts.create_company(admin, {"key": "acme", "name": "Acme"}, NOW)
    changed = contacts.change_company(admin, "acme", {"name": "Acme Ltd"}, NOW, version=1)
    assert (changed.name, changed.version) == ("Acme Ltd", 2)
    with pytest.raises(Stale) as stale:
        contacts.change_company(admin, "acme", {"name": "Acme SA"}, NOW, version=1)
    assert stale.value.version == 2
    contacts.create_contact(admin, "L-1", {"name": "Zoe"}, NOW)
    contacts.change_contact(admin, "L-1", {"name": "Zoé"}, NOW, version=1)
    with pytest.raises(Stale):
        contacts.change_contact(admin, "L-1", {"name": "Zo"}, NOW, version=1)
    assert Contact.objects.of(own).get().name == "Zoé"
    assert Company.objects.of(own).get().name == "Acme Ltd"


def test_the_audit_log_says_that_a_contact_changed_and_not_how(own, admin):
    given = {"name": "Zoe Quill", "email": "zoe@acme.example", "phone": "+1 555 0100"}
    contacts.create_contact(admin, "L-1", given, NOW)
    contacts.change_contact(admin, "L-1", {"title": "Head of Quills"}, NOW)
    assert audit(own) == [
        ("mia", "created contact", "lead L-1", {"fields": ["name", "email", "phone"]}),
        ("mia", "changed contact", "lead L-1", {"fields": ["title"]}),
    ]


def test_a_rep_keeps_no_contact_of_a_lead_that_they_do_not_see(own, admin):
    ana = access.actor_of(registers.create_person(admin, ANA, NOW))
    take(own, handed_over("L-1", "2026-03-12 08:00"), now=NOW)
    take(own, handed_over("L-2", "2026-03-12 08:00", owner="ben"), now=NOW)
    contacts.create_contact(ana, "L-1", {"name": "Zoe"}, NOW)
    contacts.create_contact(ana, "L-3", {"name": "New"}, NOW)
    with pytest.raises(Absent):
        contacts.create_contact(ana, "L-2", {"name": "Quinn"}, NOW)


def test_an_erased_contact_leaves_keys_and_times_and_nothing_personal(own, admin):
    take(own, handed_over("L-1", "2026-03-12 08:00"), now=NOW)
    given = {"name": "Zoe Quill", "email": "zoe@acme.example", "phone": "+1 555 0100"}
    contacts.create_contact(admin, "L-1", given, NOW)
    for key, body in (("1", '{"email": "zoe@acme.example"}'), ("2", '{"lead": "L-9"}')):
        Answer.across.create(
            workspace=own, key=key, token="tok_1", digest="", body=body, created_at=NOW
        )
    facts = list(Fact.objects.of(own).values())
    erase.erase_contact(admin, "L-1", NOW + 1)
    contact = Contact.objects.of(own).values().get()
    assert {**contact, "id": 0, "workspace_id": 0} == {
        "id": 0,
        "workspace_id": 0,
        "lead": "L-1",
        "company_id": None,
        "name": "",
        "email": "",
        "phone": "",
        "title": "",
        "language": "",
        "zone": "",
        "mail_consent": "",
        "tracking_consent": False,
        "consent_at": None,
        "consent_source": "",
        "consent_by": "",
        "created_at": NOW,
        "erased_at": NOW + 1,
        "version": 2,
        "folded": "",
    }
    assert list(Fact.objects.of(own).values()) == facts
    assert list(Answer.objects.of(own).values_list("key", flat=True)) == ["2"]
    assert audit(own)[-1] == ("mia", "erased contact", "lead L-1", {})
    assert not any(text in str(audit(own)) for text in ("Zoe", "acme.example", "555"))
    assert problems(contacts.change_contact, admin, "L-1", {"name": "Zoe"}, NOW)[0][0] == ""
    assert problems(contacts.create_contact, admin, "L-1", {"name": "Zoe"}, NOW)[0][0] == "key"
    erase.erase_contact(admin, "L-1", NOW + 2)
    assert Contact.objects.of(own).get().erased_at == NOW + 1


def test_only_an_admin_erases(own, admin):
    ana = access.actor_of(registers.create_person(admin, ANA | {"role": "sales lead"}, NOW))
    with pytest.raises(Forbidden):
        erase.erase_contact(ana, "L-1", NOW)
