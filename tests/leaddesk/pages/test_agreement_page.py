"""The pages of the agreement and of a lead: read, signed, put in force, seen by whom they concern."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from leaddesk.book import agreements, report
from leaddesk.book.access import Actor
from leaddesk.book.audit import seal
from leaddesk.book.models import (
    AgreementVersion,
    Block,
    Contact,
    Entry,
    Person,
    Signature,
    User,
)
from tests.leaddesk.desk import AGREEMENT, fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = AGREEMENT.replace("version: 1", "version: 2\nto be signed by: {sales: [ana]}").replace(
    "valid from: 2026-01-01", "valid from: 2026-06-01"
)
SIGNING = "/agreement/versions/2/sign"
BROKEN = AGREEMENT[: AGREEMENT.index("within: 4")].count("\n") + 1
SEVEN = (
    "Shared goal",
    "Definitions",
    "Lead qualification",
    "Handoff",
    "Nurturing",
    "Lead management",
    "Measures",
)


@pytest.fixture
def proposed(own):
    return agreements.propose(Actor(own.pk, "boss", "admin"), NEXT, NOW)


@pytest.fixture
def ana(own):
    """Ana, a rep, who has signed in."""
    email = "ana@northwind.example"
    user = User.objects.create_user(email, PASSWORD)
    person(own, "ana", name="Ana Kowalska", user=user, email=email)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=email, password=PASSWORD)
    return client


def form(version, **fields):
    return {"version": version.number, "side": "sales", "hash": version.hash, **fields}


def test_a_version_is_signed_and_put_in_force(own, proposed, ana, visitor):
    words = text_of(visitor.get("/agreement"))
    assert "A small desk in force" in words
    assert "Version 2 is to be signed. Read and sign it" in words
    words = text_of(visitor.get("/agreement/versions/2"))
    assert "Ana Kowalska for sales still to sign" in words
    assert "Read and sign for sales" not in words
    assert "Put it in force" not in words
    assert "Read and sign for sales" in text_of(ana.get("/agreement/versions/2"))
    assert "somebody tries to reach it within 4 working hours" in text_of(ana.get(SIGNING))
    answer = send(ana, "/agreement/sign", SIGNING, **form(proposed, name=" ana  KOWALSKA "))
    assert (answer.status_code, answer["Location"]) == (302, "/agreement/versions/2/evidence")
    signed = Signature.objects.of(own).get(version=proposed)
    assert (signed.person, signed.side, signed.hash) == ("ana", "sales", proposed.hash)
    assert "Put it in force" not in text_of(ana.get("/agreement/versions/2"))
    assert "Put it in force from Jun 1, 2026" in text_of(visitor.get("/agreement/versions/2"))
    sent = {"version": 2, "hash": proposed.hash}
    answer = send(visitor, "/agreement/in-force", "/agreement/versions/2", **sent)
    assert answer["Location"] == "/agreement/versions/2"
    assert "Version 2 is in force." in text_of(visitor.get("/agreement/versions/2"))
    proposed.refresh_from_db()
    assert (proposed.state, proposed.in_force_by) == ("in force", "mia")
    assert "to come" in text_of(visitor.get("/agreement/versions"))


def test_evidence_tells_hash_person_and_the_entry_of_the_audit_log(own, proposed, ana, visitor):
    send(ana, "/agreement/sign", SIGNING, **form(proposed, name="Ana Kowalska"))
    entry = Entry.objects.of(own).get(act="signed agreement")
    page = visitor.get("/agreement/versions/2/evidence")
    words = text_of(page)
    assert proposed.hash in words
    assert (
        f"Ana Kowalska sales Mar 12, 2026, 09:00 {proposed.hash[:16]} fits entry {entry.id:,}"
        in (words)
    )
    assert f"{entry.id:,} Mar 12, 2026, 09:00 Ana Kowalska signed it not sealed yet" in words
    seal(own.pk, NOW)
    block = Block.objects.of(own).get()
    assert f"signed it block 1 {block.hash[:16]}" in text_of(visitor.get(page.request["PATH_INFO"]))


@pytest.mark.parametrize(
    "change, told",
    [
        ({"name": "Anna"}, "This isn't your name as the desk knows it: Ana Kowalska."),
        ({"hash": "0" * 64}, "This isn't the text that you saw."),
        ({"side": "marketing"}, "ana has nothing to sign for marketing."),
        ({"name": "<b>x</b>" * 2000}, "This isn't your name as the desk knows it"),
        ({"side": "\u202e" * 500}, "has nothing to sign for"),
    ],
)
def test_nobody_signs_by_mistake(own, proposed, ana, change, told):
    given = form(proposed, name="Ana Kowalska") | change
    answer = send(ana, "/agreement/sign", SIGNING, **given)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert "<b>x" not in answer.text
    assert not Signature.objects.of(own).exists()


@pytest.mark.parametrize("number", ["", "7", "-1", "²", "9" * 30])
def test_a_version_that_isnt_there_is_absent(ana, proposed, number):
    given = form(proposed, name="Ana Kowalska") | {"version": number}
    assert send(ana, "/agreement/sign", SIGNING, **given).status_code == 404


def test_only_an_admin_puts_in_force_and_only_what_they_saw(own, proposed, ana, visitor):
    Signature.objects.of(own).create(
        workspace=own, version=proposed, side="sales", person="ana", hash=proposed.hash, signed_at=1
    )
    sent = {"version": 2, "hash": proposed.hash}
    assert send(ana, "/agreement/in-force", "/agreement", **sent).status_code == 403
    other = send(visitor, "/agreement/in-force", "/agreement", **sent | {"hash": "0"})
    assert other.status_code == 422
    assert "This isn't the text that you saw." in text_of(other)
    assert AgreementVersion.objects.of(own).get(number=2).state == "proposed"


def test_a_proposal_can_be_withdrawn_and_is_still_read(own, proposed, ana, visitor):
    assert send(ana, "/agreement/withdraw", "/agreement", version=2).status_code == 403
    answer = send(visitor, "/agreement/withdraw", "/agreement/versions/2", version=2)
    assert answer["Location"] == "/agreement/versions"
    words = text_of(visitor.get("/agreement/versions"))
    assert "Version 2 is withdrawn. Its text stays in the history." in words
    assert visitor.get("/agreement/versions/2").status_code == 404
    kept = f"/agreement/versions/2-{proposed.pk}"
    assert "withdrawn" in text_of(visitor.get(kept))
    assert visitor.get(f"{kept}/text").status_code == 200
    assert send(visitor, "/agreement/withdraw", "/agreement", version=1).status_code == 422


def test_an_agreement_reads_as_seven_components(own, visitor):
    page = visitor.get("/agreement")
    words = text_of(page)
    for number, title in enumerate(SEVEN, 1):
        assert f"{number}. {title}" in words
    assert "The agreement says nothing about this." in words
    line = AGREEMENT[: AGREEMENT.index("first contact:")].count("\n") + 1
    assert f'href="/agreement/versions/1/text#line-{line}"' in page.text
    text = visitor.get("/agreement/versions/1/text").text
    assert f'<span id="line-{line}"><a href="#line-{line}">{line}</a>    first contact:' in text


def test_a_promise_has_its_live_figure_which_opens(own, visitor):
    take(own, handed_over("L-1", "2026-03-02 09:00"), now=NOW)
    take(own, handed_over("L-2", "2026-03-12 08:59"), now=NOW)
    report.standing(own.pk, NOW)
    page = visitor.get("/agreement")
    assert "0% Target: 95% not decided yet March 2026 0 of 1 decided 1 undecided" in text_of(page)
    assert "Figures as of Mar 12, 2026, 09:00" in text_of(page)
    opened = re.search(r'class="value" href="(/figures/kept/first%20contact/2026-03)"', page.text)
    assert visitor.get(opened[1]).status_code == 200


def test_two_versions_are_compared_side_by_side(own, proposed, visitor):
    words = text_of(visitor.get("/agreement/difference?old=1&new=2"))
    assert "valid from 2026-01-01 2026-06-01" in words
    assert "valid from changes from 2026-01-01 to 2026-06-01." in words
    same = text_of(visitor.get("/agreement/difference?old=2&new=2"))
    assert "They say the same: no clause differs." in same
    assert "From version 1 to version 2" in text_of(visitor.get("/agreement/difference"))
    for query in ("old=", "old=9&new=1", "old=\0&new=1", f"old={'9' * 5000}&new=1"):
        assert visitor.get(f"/agreement/difference?{query}").status_code == 404


def test_a_next_version_is_drafted_tried_and_proposed(own, visitor):
    made = fact("L-1", "created", "2026-03-02 08:00")
    take(own, made, handed_over("L-1", "2026-03-02 09:00"), now=NOW)
    begun = visitor.get("/agreement/propose")
    assert "version: 2\nvalid from: 2026-04-01" in begun.text
    text = AGREEMENT.replace("version: 1", "version: 2").replace("2026-01-01", "2026-05-01")
    numbers = {
        "was:number:sales.first contact.within": "4 working hours",
        "number:sales.first contact.within": "90 minutes",
    }
    sent = {"text": text.replace("\n", "\r\n"), "act": "try", **numbers}
    tried = send(visitor, "/agreement/propose", **sent)
    words = text_of(tried)
    assert tried.status_code == 200
    assert "promises.sales.first contact.within 4 working hours 90 minutes" in words
    assert "Judged on the only lead from" in words
    assert not AgreementVersion.objects.of(own).filter(number=2).exists()
    answer = send(visitor, "/agreement/propose", **sent | {"act": "propose"})
    assert answer["Location"] == "/agreement/versions/2"
    made = AgreementVersion.objects.of(own).get(number=2)
    assert made.text == text.replace("within: 4 working hours", "within: 90 minutes")


@pytest.mark.parametrize(
    "text, told",
    [
        (AGREEMENT, "version: Version 1 is in force already, or a later one."),
        (AGREEMENT.replace("within: 4", "wihtin: 4"), f"line {BROKEN}"),
        ("{" * 100_000, "line 1"),
        ("<script>alert(1)</script>", "Nothing was stored"),
        ("leadpact: 1\0", "Nothing was stored"),
        ("\u202e" * 10_000, "Nothing was stored"),
        ("x" * 400_000, "The text is too long"),
        ("", "Nothing was stored"),
    ],
)
def test_a_draft_that_cant_be_proposed_is_kept_and_its_problems_told(own, visitor, text, told):
    for act in ("try", "propose", "other"):
        answer = send(visitor, "/agreement/propose", text=text, act=act)
        assert answer.status_code == 422
        assert told in text_of(answer)
        assert "<script>alert" not in answer.text
        assert escape(text[:2000].replace("\0", "")) in answer.text.replace("\0", "")
    assert AgreementVersion.objects.of(own).count() == 1


def test_a_number_that_would_break_the_text_is_refused_and_kept(own, visitor):
    numbers = {
        "was:number:sales.first contact.target": "95%",
        "number:sales.first contact.target": "90%, every: lie",
    }
    answer = send(visitor, "/agreement/propose", text=AGREEMENT, act="try", **numbers)
    assert answer.status_code == 422
    assert 'value="90%, every: lie"' in answer.text
    assert "This can't be written here." in text_of(answer)


def test_only_those_who_may_propose_see_the_draft(own, ana, visitor):
    assert ana.get("/agreement/propose").status_code == 403
    assert send(ana, "/agreement/propose", "/agreement", text=NEXT).status_code == 403
    assert "Propose a new version" not in text_of(ana.get("/agreement"))
    assert "Propose a new version" in text_of(visitor.get("/agreement"))


def test_another_workspace_has_versions_of_its_own(own, visitor):
    other = workspace()
    agreements.propose(Actor(other.pk, "boss", "admin"), NEXT, NOW)
    for page in ("", "/text", "/sign", "/evidence"):
        assert visitor.get(f"/agreement/versions/2{page}").status_code == 404


def test_the_agreement_asks_little_of_the_database(own, proposed, visitor):
    visitor.get("/agreement")
    paths = ("", "/versions", "/versions/2", "/versions/2/evidence", "/difference?old=1&new=2")
    for path in paths:
        with CaptureQueriesContext(connection) as asked:
            visitor.get(f"/agreement{path}")
        assert len(asked) <= 20


def test_a_desk_without_an_agreement_says_so(own, visitor):
    AgreementVersion.objects.of(own).delete()
    words = text_of(visitor.get("/agreement"))
    assert "There is no agreement yet" in words
    assert "Propose an agreement" in words
    assert "agreement: Northwind" in visitor.get("/agreement/propose").text


def test_the_text_of_an_agreement_is_never_taken_for_html(own, visitor):
    AgreementVersion.objects.of(own).update(text="<script>x</script>", name="<b>N</b>")
    for path in ("", "/versions", "/versions/1/text", "/versions/1/sign", "/versions/1/evidence"):
        page = visitor.get(f"/agreement{path}")
        assert page.status_code == 200
        assert "<script>x" not in page.text
        assert "<b>N" not in page.text


def test_a_link_in_a_message_leads_to_the_lead(own, ana, visitor):
    take(own, handed_over("L/1 ü", "2026-03-12 08:59"), now=NOW)
    Contact.objects.of(own).create(workspace=own, lead="L/1 ü", name="Zoe Doe", created_at=NOW)
    for client in (ana, visitor):
        words = text_of(client.get("/leads/L%2F1%20%C3%BC"))
        assert "Zoe Doe" in words
        assert "first contact" in words


def test_a_lead_of_others_or_of_another_workspace_is_absent(own, ana, visitor):
    other = workspace()
    take(own, handed_over("L-1", "2026-03-12 08:59", owner="zed"), now=NOW)
    take(other, handed_over("L-2", "2026-03-12 08:59"), now=NOW)
    assert visitor.get("/leads/L-1").status_code == 200
    assert ana.get("/leads/L-1").status_code == 404
    assert visitor.get("/leads/L-2").status_code == 404
    Person.objects.of(own).filter(key="mia").update(role="viewer")
    Contact.objects.of(own).create(workspace=own, lead="L-1", name="Zoe Doe", created_at=NOW)
    assert "Zoe" not in text_of(visitor.get("/leads/L-1"))
