"""Imports: files become leads once, can be tried without a trace, and taken back."""

import pytest

from leaddesk.book import imports, leases, moment, rebuild
from leaddesk.book.access import Actor, operator
from leaddesk.book.contacts import change_contact
from leaddesk.book.erase import erase_contact
from leaddesk.book.models import (
    Company,
    Contact,
    Due,
    Entry,
    Fact,
    Import,
    ImportFile,
    ImportRow,
    Lead,
    Notice,
)
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Forbidden, Refused
from leaddesk.wire import files, jobs
from leaddesk.worker import Importing, Worker
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:00")
LEADS = """\
Record ID,First Name,Last Name,Email,Phone,Company Name,Original Source,Create Date,Contact owner,Industry
501,Somchai,Jaidee,somchai@siam.example,+66 2 123,Siam Retail,Organic Search,2026-02-01 10:00,Ana,retail
502,Marie,Dupont,marie@lumiere.example,,Lumière SARL,Paid Search,2026-02-03 11:30,Ben Berg,food
503,Budi,Santoso,budi@nusantara.example,,Nusantara,,2026-02-04 08:15,Nobody Known,
504,Lee,Short,not an address,,,,2026-02-05 08:15,,
503,Budi,Again,budi@nusantara.example,,Nusantara,,2026-02-04 08:15,,
"""


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def own():
    own = workspace()
    person(own, "ana")
    person(own, "ben", name="Ben Berg")
    return own


def mapped(own, text, name="leads.csv", **said):
    """A file that was checked, mapped as it seems to be unless said otherwise."""
    data = text.encode() if isinstance(text, str) else text
    whole = files.bring(operator(own.pk), name, data, moment.now())
    seems = files.proposal(whole)
    told = {
        "columns": [one.field for one in seems.guesses],
        "match": seems.match,
        "order": seems.order or "dmy",
        "zone": seems.zone,
    }
    imports.check(whole, files.meaning(whole, told | said).as_dict(), moment.now())
    jobs.work(whole, 60)
    return whole


def tried(whole, is_told=False):
    imports.try_out(whole, is_told=is_told, now=moment.now())
    jobs.work(whole, 60)
    assert whole.state == "tried", whole.why
    return whole


def imported(own, text, is_told=False, **said):
    whole = tried(mapped(own, text, **said), is_told)
    imports.start(operator(own.pk), whole, moment.now())
    jobs.work(whole, 60)
    assert whole.state == "imported", whole.why
    return whole


def undone(own, whole):
    imports.undo(operator(own.pk), whole, moment.now())
    jobs.work(whole, 60)
    assert whole.state == "undone", whole.why
    return whole


def everything(own):
    """All that an import may touch, without numbers of rows and versions."""
    leads = sorted(Lead.objects.of(own).values_list("key", "owner", "source", "facts", "stage"))
    dues = sorted(Due.objects.of(own).values_list("lead", "promise", "verdict", "due_at"))
    people = Contact.objects.of(own).values_list("lead", "name", "email", "phone", "company__key")
    facts = Fact.objects.of(own).exclude(system="leadpact").values_list("lead", "kind", "body")
    companies = Company.objects.of(own).values_list("key", "name", "domain")
    return [leads, dues, *(sorted(rows, key=str) for rows in (people, facts, companies))]


def test_a_file_becomes_leads_people_and_companies(own):
    whole = imported(own, LEADS)
    assert imports.counts(whole) | {"undone": 0, "kept": 0} == {
        "new": 3,
        "changed": 0,
        "same": 0,
        "repeated": 1,
        "problem": 1,
        "undone": 0,
        "kept": 0,
    }
    somchai = Contact.objects.of(own).select_related("company").get(lead="501")
    assert (somchai.name, somchai.email, somchai.phone) == (
        "Somchai Jaidee",
        "somchai@siam.example",
        "+66 2 123",
    )
    assert somchai.company.name == "Siam Retail"
    lead = Lead.objects.of(own).get(key="501")
    assert (lead.source, lead.owner, lead.account) == ("Organic Search", "ana", "Siam Retail")
    assert lead.created_at == at("2026-02-01 10:00")
    assert Lead.objects.of(own).get(key="502").owner == "ben"
    assert whole.result["owners"] == {"ana": 1, "ben": 1}
    assert whole.result["unknown"] == {"Nobody Known": 1}
    assert not ImportFile.objects.of(own).exists()


def test_no_personal_data_gets_into_facts(own):
    imported(own, LEADS)
    told = " ".join(Fact.objects.of(own).values_list("body", flat=True))
    told += " ".join(Fact.objects.of(own).values_list("lead", flat=True))
    told += " ".join(Entry.objects.of(own).values_list("detail", flat=True))
    for word in ("Somchai", "Jaidee", "siam.example", "+66"):
        assert word not in told


def test_the_same_file_again_changes_nothing(own):
    imported(own, LEADS)
    before = everything(own)
    again = imported(own, LEADS)
    assert {n: again.result.get(n, 0) for n in ("new", "changed", "same")} == {
        "new": 0,
        "changed": 0,
        "same": 3,
    }
    assert everything(own) == before
    again = imported(own, LEADS, match="email")
    assert again.result["same"] == 3
    assert everything(own) == before


def test_a_trial_tells_the_truth_and_leaves_nothing(own):
    take(own, fact("502", "created", "2026-02-03 12:00", source="fair"), now=NOW - MINUTE)
    before = everything(own)
    whole = tried(mapped(own, LEADS))
    assert everything(own) == before
    told = dict(whole.tried)
    imports.start(operator(own.pk), whole, moment.now())
    jobs.work(whole, 60)
    assert whole.result == told
    assert told["new"] == 2
    assert told["changed"] == 1
    row = ImportRow.objects.of(own).get(whole=whole, lead="502")
    assert '"source"' not in row.changes  # what a lead arose from stays
    assert Lead.objects.of(own).get(key="502").source == "fair"


def test_a_trial_counts_companies_once_across_steps(own, monkeypatch):
    monkeypatch.setattr(imports.share, "__defaults__", (2,))
    rows = "".join(f"{n},p{n}@x{n}.example,ACME\n" for n in range(5))
    whole = tried(mapped(own, f"Record ID,Email,Company\n{rows}"))
    told = dict(whole.tried)
    assert (told["new"], told["companies"]) == (5, 1)
    imports.start(operator(own.pk), whole, moment.now())
    jobs.work(whole, 60)
    assert whole.result == told
    assert Company.objects.of(own).count() == 1


def test_promises_start_as_the_agreement_says_and_are_told_of_only_if_asked(own):
    agreed = """\
leadpact: 1
agreement: Calls
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben]}
zone: Europe/Warsaw
people: {ana: {team: inbound}, ben: {team: inbound}}
promises:
  sales:
    first call: {after: created, do: attempted, within: 4 hours}
"""
    own = workspace(agreed)
    person(own, "ana")
    silent = tried(mapped(own, LEADS))
    assert silent.tried["promises"] == {"first call": 3}
    assert silent.tried["broken"] == {"first call": 3}
    assert silent.tried["notices"] == 0
    aloud = tried(silent, is_told=True)
    assert aloud.tried["notices"] == 3
    assert not Notice.objects.of(own).exists()
    imports.start(operator(own.pk), aloud, moment.now())
    jobs.work(aloud, 60)
    assert aloud.result == aloud.tried


def test_undo_leaves_what_was_there_before(own):
    take(own, fact("502", "created", "2026-02-03 12:00", source="fair"), now=NOW - MINUTE)
    take(own, handed_over("502", "2026-02-04 10:00"), now=NOW - MINUTE)
    Contact.objects.of(own).create(workspace=own, lead="502", name="M. Dupont", created_at=NOW)
    before, digest = everything(own), rebuild.digest(own.pk)
    whole = imported(own, LEADS)
    assert everything(own) != before
    undone(own, whole)
    assert everything(own) == before
    assert rebuild.digest(own.pk) == digest
    assert whole.result["removed"] == 2
    assert whole.result["restored"] == 1
    assert whole.result["kept"] == 0
    acts = Entry.objects.of(own).values_list("act", flat=True)
    assert {"began import", "imported", "began to undo import", "undid import"} <= {*acts}
    imported(own, LEADS)  # and it can be imported anew
    assert everything(own) != before


def test_undo_keeps_what_people_worked_on(own):
    whole = imported(own, LEADS)
    take(own, fact("501", "attempted", "2026-03-12 08:50", channel="phone", by="ana"), now=NOW + 1)
    change_contact(operator(own.pk), "502", {"phone": "+33 1"}, NOW + 2)
    undone(own, whole)
    assert whole.result["kept"] == 2
    assert whole.result["removed"] == 1
    assert {*Lead.objects.of(own).values_list("key", flat=True)} == {"501", "502"}
    kept = imports.rows_of(whole, ["kept"])
    assert [row.lead for row in kept] == ["501", "502"]
    assert {*Company.objects.of(own).values_list("key", flat=True)} == {
        "Siam Retail",
        "Lumière SARL",
    }


def test_undo_ends_after_a_week_and_the_rows_go(own):
    whole = imported(own, LEADS)
    assert whole.until == NOW + 7 * DAY
    with pytest.raises(Refused):
        imports.undo(operator(own.pk), whole, whole.until)
    assert imports.forget(whole.until) == 0
    assert imports.forget(whole.until + 1) == 1
    assert not ImportRow.objects.of(own).exists()
    assert "unknown" not in Import.objects.of(own).get().result


def test_an_erased_person_stays_erased(own):
    whole = imported(own, LEADS)
    erase_contact(operator(own.pk), "501", NOW)
    row = ImportRow.objects.of(own).get(lead="501")
    assert "Somchai" not in row.cells + row.changes
    again = mapped(own, LEADS)
    assert imports.counts(again)["problem"] == 2
    undone(own, whole)
    assert Contact.objects.of(own).get(lead="501").name == ""


def test_mended_cells_count_at_once(own):
    whole = mapped(own, LEADS)
    row = imports.rows_of(whole, ["problem"])[0]
    mended = imports.mend(whole, {row.number: {3: "lee@short.example"}})
    jobs.check_some(whole, mended, NOW)
    assert imports.counts(whole)["problem"] == 0
    assert imports.counts(whole)["new"] == 4
    mended = imports.mend(whole, {row.number: {0: "501"}})
    jobs.check_some(whole, mended, NOW)
    assert imports.counts(whole)["repeated"] == 2


def test_a_worker_takes_over_and_nothing_is_taken_twice(own, monkeypatch):
    monkeypatch.setattr(imports.share, "__defaults__", (2,))
    whole = tried(mapped(own, LEADS))
    imports.start(operator(own.pk), whole, NOW)
    jobs.step(whole, NOW)
    assert whole.done == 2
    assert imports.claim(NOW) is None  # somebody holds it
    other = imports.claim(NOW + 2 * MINUTE)
    with pytest.raises(imports.Superseded):
        jobs.step(whole, NOW)
    jobs.work(other, 60)
    assert other.state == "imported"
    assert other.result == whole.tried
    assert Lead.objects.of(own).count() == 3


def test_a_defect_ends_the_job_and_what_was_taken_can_go(own, monkeypatch):
    monkeypatch.setattr(imports.share, "__defaults__", (2,))
    before = everything(own)
    whole = tried(mapped(own, LEADS))
    imports.start(operator(own.pk), whole, NOW)
    jobs.step(whole, NOW)
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "written", lambda *_: 1 / 0)
        jobs.work(whole, 60)
    assert (whole.state, whole.why) == ("failed", "ZeroDivisionError")
    undone(own, whole)
    assert everything(own) == before


def test_a_lead_that_its_address_makes_known_keeps_a_key_that_tells_nothing(own):
    text = "Name,E-mail\nAna One,ANA@One.example\nSame,ana@one.example\n"
    whole = imported(own, text)
    assert imports.counts(whole)["repeated"] == 1
    contact = Contact.objects.of(own).get()
    assert contact.lead.startswith("m-")
    again = imported(own, "Name,E-mail,Phone\nAna One,ana@one.example,123\n")
    assert again.result["changed"] == 1
    contact.refresh_from_db()
    assert (contact.phone, contact.email) == ("123", "ANA@One.example")


def test_short_and_long_ids_of_salesforce_are_one(own):
    imported(own, "Id,LastName\n00Q5f00000A1bCd,Kim\n")
    again = mapped(own, "Id,LastName\n00Q5f00000A1bCdEAJ,Kim\n")
    short = Lead.objects.of(own).get().key
    assert len(short) == 18
    again = imported(own, f"Id,LastName\n{short},Kim\n")
    assert again.result["same"] == 1


def test_whoever_must_not_be_contacted_is_told_so_once(own):
    text = "Record ID,Name,Unsubscribed\n9,Kim,yes\n10,Lee,no\n"
    imported(own, text)
    again = imported(own, text)
    assert again.result["same"] == 2
    assert Fact.objects.of(own).filter(lead="9").count() == 2
    assert Fact.objects.of(own).filter(lead="10").count() == 1


def test_a_header_is_remembered(own):
    whole = mapped(own, LEADS, match="email")
    seems = files.proposal(files.bring(operator(own.pk), "b.csv", LEADS.encode(), NOW))
    assert seems.is_remembered
    assert seems.match == "email"
    assert [one.field for one in seems.guesses] == whole.mapping["columns"]


def test_other_workspaces_and_roles_see_nothing(own):
    whole = mapped(own, LEADS)
    other = workspace()
    assert not imports.listed(operator(other.pk)).exists()
    for role in ("rep", "viewer", "auditor"):
        with pytest.raises(Forbidden):
            imports.found(Actor(own.pk, "x", role), whole.key)
        with pytest.raises(Forbidden):
            files.bring(Actor(own.pk, "x", role), "x.csv", b"a\n1\n", NOW)


def test_the_worker_goes_on_with_what_a_page_began(own):
    whole = tried(mapped(own, LEADS))
    imports.start(operator(own.pk), whole, NOW)
    duty = Importing(Worker("north"))
    assert duty.turn() > 0  # the page holds it
    leases.let_go(whole)
    assert duty.turn() == 0
    assert Import.objects.of(own).get().state == "imported"
    assert Lead.objects.of(own).count() == 3


def test_a_company_that_was_merged_takes_its_new_leads_elsewhere(own):
    rows = Company.objects.of(own)
    rows.create(workspace=own, key="siam", name="Siam Group", created_at=NOW)
    rows.create(workspace=own, key="old", name="Siam Retail", into="siam", created_at=NOW)
    imported(own, LEADS)
    assert Contact.objects.of(own).get(lead="501").company.key == "siam"
    assert Contact.objects.of(own).get(lead="501").folded
