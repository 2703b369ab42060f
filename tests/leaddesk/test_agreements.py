"""Agreements: proposed, signed over their hash, put in force in order, or withdrawn."""

import json

import pytest

from leaddesk.book import access, agreements, rules
from leaddesk.book.models import AgreementVersion, Due, Entry, Lead, Signature
from leaddesk.book.record import Submission, record
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leadpact.agreement.amend import hash_of
from tests.leaddesk.desk import AGREEMENT, at, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:00")
SECOND = AGREEMENT.replace("version: 1", "version: 2").replace(
    "valid from: 2026-01-01", "valid from: 2026-03-01"
)
SIGNED = "to be signed by: {marketing: [mia], sales: [ana, ben], order: any}\n"
IN_ORDER = "to be signed by: {marketing: [mia], sales: [ana, ben], order: as listed}\n"


@pytest.fixture
def own():
    return workspace()


@pytest.fixture
def people(own):
    roles = {"mia": "admin", "ana": "sales lead", "ben": "rep", "eve": "auditor"}
    return {key: access.actor_of(person(own, key, role=role)) for key, role in roles.items()}


def problems(call, *args):
    with pytest.raises(Refused) as refusal:
        call(*args)
    return [(one.path, one.problem) for one in refusal.value.problems]


def sign(actor, version, side):
    return agreements.sign(actor, version.number, side, version.hash, NOW)


def test_a_text_is_checked_without_being_stored(own):
    found = agreements.checked(SECOND)
    assert found.agreement.version == 2
    assert found.problems == []
    assert "Nobody is named to sign." in [one.problem for one in found.remarks]
    wrong = agreements.checked(SECOND.replace("sales: [ana, ben]", "sails: [ana, ben]"))
    assert wrong.agreement is None
    assert wrong.problems
    assert AgreementVersion.objects.of(own).count() == 1


@pytest.mark.parametrize("text", ["", "\x00", "a: \ud800", "x" * 1_000_000, "[" * 10_000, "a: 1"])
def test_a_text_that_is_no_agreement_is_refused(own, people, text):
    assert problems(agreements.propose, people["mia"], text, NOW)
    assert AgreementVersion.objects.of(own).count() == 1


def test_a_version_is_proposed_signed_and_put_in_force(own, people):
    version = agreements.propose(people["ana"], SECOND + SIGNED, NOW)
    assert (version.number, version.state, version.proposed_by) == (2, "proposed", "ana")
    assert version.hash == hash_of(agreements.checked(SECOND + SIGNED).agreement)
    assert agreements.signatures_due(version) == [
        ("marketing", "mia", True),
        ("sales", "ana", True),
        ("sales", "ben", True),
    ]
    for key, side in (("ben", "sales"), ("mia", "marketing"), ("ana", "sales")):
        sign(people[key], version, side)
    assert [(one.person, one.hash) for one in agreements.signatures(version)] == [
        (key, version.hash) for key in ("ben", "mia", "ana")
    ]
    put = agreements.put_in_force(people["mia"], 2, NOW)
    assert (put.state, put.in_force_by, put.in_force_at) == ("in force", "mia", NOW)
    assert [one.version for one in rules.in_force(own.pk)] == [1, 2]
    entries = Entry.objects.of(own).order_by("id").values_list("actor", "act", "subject", "detail")
    assert [(*rest, json.loads(detail)["hash"]) for *rest, detail in entries] == [
        ("ana", "proposed agreement", "agreement version 2", version.hash),
        ("ben", "signed agreement", "agreement version 2", version.hash),
        ("mia", "signed agreement", "agreement version 2", version.hash),
        ("ana", "signed agreement", "agreement version 2", version.hash),
        ("mia", "put agreement in force", "agreement version 2", version.hash),
    ]


def test_what_is_put_in_force_judges_what_begins_from_its_first_day(own, people):
    take(own, handed_over("L-1", "2026-02-27 15:00"), now=at("2026-02-27 15:01"))
    take(own, handed_over("L-2", "2026-03-12 15:00"), now=at("2026-03-12 15:01"))
    text = SECOND.replace("within 4 working hours", "").replace(
        "within: 4 working hours", "within: 1 working hour"
    )
    agreements.propose(people["mia"], text, NOW)
    agreements.put_in_force(people["mia"], 2, NOW)
    assert not Lead.objects.of(own).filter(is_settled=True).exists()
    record([Submission(own.pk, again={"L-1": None, "L-2": None})], now=at("2026-03-12 15:02"))
    due = {one.lead: (one.version, one.due_at) for one in Due.objects.of(own)}
    assert due == {"L-1": (1, at("2026-03-02 11:00")), "L-2": (2, at("2026-03-12 16:00"))}


def test_nothing_is_in_force_before_everybody_signed(own, people):
    version = agreements.propose(people["mia"], SECOND + SIGNED, NOW)
    sign(people["mia"], version, "marketing")
    assert problems(agreements.put_in_force, people["mia"], 2, NOW) == [
        ("signatures", "It isn't signed by ana (sales), ben (sales).")
    ]
    assert len(rules.in_force(own.pk)) == 1


def test_the_order_of_signing_is_kept(own, people):
    version = agreements.propose(people["mia"], SECOND + IN_ORDER, NOW)
    for key in ("ana", "ben"):
        assert problems(sign, people[key], version, "sales") == [
            ("side", f"Somebody else signs before {key}.")
        ]
    sign(people["mia"], version, "marketing")
    assert problems(sign, people["ben"], version, "sales")
    sign(people["ana"], version, "sales")
    sign(people["ben"], version, "sales")
    assert agreements.signatures_due(version) == []


def test_only_who_is_named_signs_for_that_side_and_once(own, people):
    version = agreements.propose(people["mia"], SECOND + SIGNED, NOW)
    assert problems(sign, people["mia"], version, "sales") == [
        ("side", "mia has nothing to sign for sales.")
    ]
    sign(people["mia"], version, "marketing")
    assert problems(sign, people["mia"], version, "marketing")[0][0] == "side"
    with pytest.raises(Forbidden):
        sign(people["eve"], version, "sales")
    assert Signature.objects.of(own).count() == 1


def test_who_is_named_for_both_sides_signs_twice(own, people):
    both = "to be signed by: {marketing: [mia], sales: [mia]}\n"
    version = agreements.propose(people["mia"], SECOND + both, NOW)
    sign(people["mia"], version, "marketing")
    sign(people["mia"], version, "sales")
    assert agreements.put_in_force(people["mia"], 2, NOW).state == "in force"


def test_a_signature_is_over_what_the_signer_saw(own, people):
    version = agreements.propose(people["mia"], SECOND + SIGNED, NOW)
    first = AgreementVersion.objects.of(own).get(number=1)
    assert problems(agreements.sign, people["mia"], 2, "marketing", first.hash, NOW)[0][0] == "hash"
    rows = AgreementVersion.objects.of(own).filter(number=2)
    rows.update(text=version.text.replace("4 working hours", "8 working hours"))
    assert problems(sign, people["mia"], version, "marketing")[0][0] == "hash"


def test_a_text_that_was_altered_after_signing_is_not_put_in_force(own, people):
    version = agreements.propose(people["mia"], SECOND, NOW)
    rows = AgreementVersion.objects.of(own).filter(number=2)
    rows.update(text=version.text.replace("4 working hours", "8 working hours"))
    assert problems(agreements.put_in_force, people["mia"], 2, NOW)[0][0] == "hash"


def test_a_version_follows_the_one_before(own, people):
    text = AGREEMENT.replace("A small desk", "Another desk")
    assert [path for path, _text in problems(agreements.propose, people["mia"], text, NOW)] == [
        "agreement",
        "version",
        "valid from",
    ]
    agreements.propose(people["mia"], SECOND, NOW)
    third = SECOND.replace("version: 2", "version: 3").replace("2026-03-01", "2026-04-01")
    agreements.propose(people["mia"], third, NOW)
    agreements.put_in_force(people["mia"], 3, NOW)
    assert [path for path, _text in problems(agreements.put_in_force, people["mia"], 2, NOW)] == [
        "version",
        "valid from",
    ]


def test_a_number_is_free_again_when_its_version_is_withdrawn(own, people):
    agreements.propose(people["ana"], SECOND, NOW)
    assert problems(agreements.propose, people["mia"], SECOND, NOW) == [
        ("version", "There is a version 2 already.")
    ]
    agreements.withdraw(people["ana"], 2, NOW)
    with pytest.raises(Absent):
        agreements.version_of(own.pk, 2)
    agreements.propose(people["mia"], SECOND, NOW)
    with pytest.raises(Forbidden):
        agreements.withdraw(people["ana"], 2, NOW)


def test_what_is_in_force_is_neither_withdrawn_nor_signed_nor_put_again(own, people):
    agreements.propose(people["mia"], SECOND, NOW)
    version = agreements.put_in_force(people["mia"], 2, NOW)
    assert problems(agreements.withdraw, people["mia"], 2, NOW)
    assert problems(agreements.put_in_force, people["mia"], 2, NOW)
    assert problems(sign, people["mia"], version, "marketing")


def test_rights_and_numbers_that_are_not_there(own, people):
    with pytest.raises(Forbidden):
        agreements.propose(people["ben"], SECOND, NOW)
    agreements.propose(people["ana"], SECOND, NOW)
    with pytest.raises(Forbidden):
        agreements.put_in_force(people["ana"], 2, NOW)
    for number in (0, -1, 7, 10**30):
        with pytest.raises(Absent):
            agreements.put_in_force(people["mia"], number, NOW)
    with pytest.raises(Absent):
        agreements.put_in_force(access.operator(workspace().pk), 2, NOW)


def test_the_first_version_of_a_workspace_may_be_any(people):
    fresh = workspace(text=None)
    agreements.propose(access.operator(fresh.pk), SECOND, NOW)
    agreements.put_in_force(access.operator(fresh.pk), 2, NOW)
    assert len(rules.in_force(fresh.pk)) == 1
