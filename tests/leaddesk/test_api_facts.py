"""Facts over the API: what is taken, what is refused and why, and what is never recorded twice."""

import json
import threading

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from leaddesk.book import answers, moment
from leaddesk.book.models import Answer, Contact, Entry, Fact, Notice, Person
from tests.leaddesk.asking import NOW, Caller, problem
from tests.leaddesk.desk import fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
ONE = {
    "lead": "L-1",
    "kind": "handed_over",
    "occurred_at": "2026-03-12T09:00:00+01:00",
    "owner": "ana",
    "source_id": "h-1",
}


@pytest.fixture
def own():
    with moment.standing_at(NOW):
        yield workspace()


@pytest.fixture
def caller(own):
    return Caller(own, "rep", ["facts:write", "read"], person="ana")


def recorded(own):
    return Fact.objects.of(own).exclude(system="leadpact").count()


def test_a_fact_is_new_once_and_a_differing_one_is_a_conflict(own, caller):
    first = caller.post("/facts", ONE)
    assert (first.status_code, first.json()) == (201, {"outcome": "new", "source_id": "h-1"})
    again = caller.post("/facts", ONE)
    assert (again.status_code, again.json()) == (200, {"outcome": "known", "source_id": "h-1"})
    assert problem(caller.post("/facts", {**ONE, "owner": "ben"})) == (409, "conflict")
    assert recorded(own) == 1


def test_a_fact_is_on_disk_judged_and_noted_when_it_is_answered(own, caller):
    caller.ask("post", "/facts", ONE, X_Request_Id="request-0001")
    told = caller.get("/leads/L-1/obligations").json()[0]
    assert (told["promise"], told["verdict"], told["due_at"]) == (
        "first contact",
        "open",
        "2026-03-12T13:00:00Z",
    )
    assert Fact.objects.of(own).get(source_id="h-1").request == "request-0001"
    entry = Entry.objects.of(own).get(act="recorded facts")
    assert (entry.actor, entry.subject, entry.request) == ("ana", "lead L-1", "request-0001")


def test_what_is_recorded_comes_back_as_it_was_told(own, caller):
    caller.post("/facts", ONE)
    assert caller.get("/facts", query="?lead=L-1").json() == {
        "data": [
            {
                "lead": "L-1",
                "kind": "handed_over",
                "occurred_at": "2026-03-12T08:00:00Z",
                "recorded_at": "2026-03-12T08:05:00Z",
                "system": "api",
                "source_id": "h-1",
                "owner": "ana",
            }
        ],
        "next_cursor": None,
    }


BAD = {
    "no kind": {"lead": "L-1", "occurred_at": "2026-03-01"},
    "no such kind": {**ONE, "kind": "teleported"},
    "no lead": {"kind": "won", "occurred_at": "2026-03-01"},
    "a day that is none": {**ONE, "occurred_at": "2026-02-30"},
    "before time began": {**ONE, "occurred_at": "0001-01-01T00:00:00Z"},
    "years of ten digits": {**ONE, "occurred_at": "9999999999-01-01"},
    "six minutes ahead": {**ONE, "occurred_at": "2026-03-12T09:11:01+01:00"},
    "a NUL": {**ONE, "owner": "a\0na"},
    "a NUL in a name": {**ONE, "ow\0ner": "ana"},
    "half a character": {**ONE, "owner": "\ud800"},
    "a field of a megabyte": {**ONE, "note": "x" * 1_048_576},
    "a key of a thousand": {**ONE, "lead": "L" * 1_000},
    "a list": {**ONE, "owner": ["ana"]},
    "an object": {**ONE, "owner": {"key": "ana"}},
    "a number beyond measure": {**ONE, "kind": "won", "amount": 10**4000},
    "a ruling": {"lead": "L-1", "kind": "ruled", "occurred_at": "2026-03-01"},
    "the desk's own name": {**ONE, "system": "leadpact"},
    "text": "handed over",
    "a list of facts": [ONE],
    "nothing": None,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_fact_is_refused_with_a_reason(own, caller, name):
    answer = caller.post("/facts", json.dumps(BAD[name]).encode())
    assert problem(answer) == (422, "invalid"), answer.content
    told = answer.json()["problems"]
    assert told
    assert all(one["problem"] and one["remedy"] for one in told)
    assert recorded(own) == 0


@pytest.mark.parametrize("name", BAD)
def test_valid_neighbours_of_a_bad_fact_land(own, caller, name):
    facts = [ONE, BAD[name], {**ONE, "lead": "L-2", "source_id": "h-2"}]
    answer = caller.post("/facts/batch", json.dumps({"facts": facts}).encode())
    assert answer.status_code == 200
    told = answer.json()
    assert [one["outcome"] for one in told["results"]] == ["new", "refused", "new"]
    assert told["results"][1]["problems"]
    assert (told["new"], told["refused"], recorded(own)) == (2, 1, 2)


UNREADABLE = {
    "nothing": (b"", 400, "malformed"),
    "half a body": (b'{"lead": "L-1"', 400, "malformed"),
    "NaN": (b'{"amount": NaN}', 400, "malformed"),
    "a deep nest": (b"[" * 200_000, 400, "malformed"),
    "bytes that are no UTF-8": (b'{"lead": "\xff"}', 400, "malformed"),
    "a number of ten thousand digits": (b'{"a": ' + b"9" * 10_000 + b"}", 400, "malformed"),
    "21 MB": (b" " * (21 * 1024 * 1024), 413, "too-large"),
}


@pytest.mark.parametrize("path", ["/facts", "/facts/batch"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_json_is_refused(own, caller, name, path):
    body, status, slug = UNREADABLE[name]
    assert problem(caller.post(path, body)) == (status, slug)


def test_only_json_is_taken(own, caller):
    answer = caller.client.post("/api/v1/facts", {"lead": "L-1"})
    assert problem(answer) == (415, "unsupported-media-type")


def test_a_batch_has_ten_thousand_facts_at_most(own, caller):
    facts = [{**ONE, "source_id": str(number)} for number in range(10_001)]
    answer = caller.post("/facts/batch", {"facts": facts})
    assert problem(answer) == (422, "invalid")
    assert answer.json()["problems"][0]["problem"] == "There are 10,001 facts."
    assert recorded(own) == 0
    assert problem(caller.post("/facts/batch", [ONE])) == (422, "invalid")


def test_a_dry_run_tells_the_same_and_keeps_nothing(own, caller):
    body = {"facts": [ONE, {"lead": "L-1"}, ONE]}
    tried = caller.post("/facts/batch", body, query="?dry_run=1").json()
    assert recorded(own) == Entry.objects.of(own).filter(act="recorded facts").count() == 0
    done = caller.post("/facts/batch", body).json()
    assert tried == {**done, "dry_run": True}
    assert [one["outcome"] for one in done["results"]] == ["new", "refused", "known"]


def test_history_is_told_to_nobody_and_says_when_it_was_heard(own):
    caller = Caller(own, "admin", ["facts:write", "history:write", "read"])
    old = {**ONE, "occurred_at": "2026-03-02T09:00:00Z", "recorded_at": "2026-03-02T10:00:00Z"}
    caller.post("/facts/batch", {"facts": [old]}, query="?announce=false")
    assert Notice.objects.of(own).exists()
    assert not Notice.objects.of(own).filter(posted_at=None).exists()
    assert caller.get("/facts", query="?lead=L-1&limit=1").json()["data"][0]["recorded_at"] == (
        "2026-03-02T10:00:00Z"
    )


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("admin", ["facts:write"]),
        ("admin", ["history:write"]),
        ("rep", ["facts:write", "history:write"]),
        ("sales lead", None),
    ],
)
def test_history_takes_a_right_of_its_own(own, role, scopes):
    scopes = ["facts:write", "history:write"] if scopes is None else scopes
    answer = Caller(own, role, scopes).post(
        "/facts/batch", {"facts": [ONE]}, query="?announce=false"
    )
    assert problem(answer) == (403, "forbidden")
    assert recorded(own) == 0


def test_a_request_with_a_key_is_done_once_and_answered_alike(own, caller):
    unnamed = {name: value for name, value in ONE.items() if name != "source_id"}
    first = caller.ask("post", "/facts", unnamed, Idempotency_Key="k-1")
    again = caller.ask("post", "/facts", unnamed, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    other = caller.ask("post", "/facts", {**ONE, "lead": "L-2"}, Idempotency_Key="k-1")
    assert problem(other) == (422, "key-reused")
    assert recorded(own) == 1


def test_a_refused_request_leaves_its_key_free(own, caller):
    refused = caller.ask("post", "/facts", BAD["no lead"], Idempotency_Key="k-1")
    assert problem(refused) == (422, "invalid")
    assert not Answer.objects.of(own).exists()
    assert caller.ask("post", "/facts", ONE, Idempotency_Key="k-1").status_code == 201


def test_a_key_is_forgotten_after_a_day(own, caller):
    caller.ask("post", "/facts", ONE, Idempotency_Key="k-1")
    with moment.standing_at(NOW + moment.DAY):
        later = caller.ask("post", "/facts", {**ONE, "source_id": "2"}, Idempotency_Key="k-1")
    assert later.status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "käse"])
def test_a_key_is_short_and_plain(own, caller, key):
    answer = caller.ask("post", "/facts", ONE, Idempotency_Key=key)
    assert problem(answer) == (400, "malformed")


def test_a_repeat_that_comes_too_soon_is_told_to_wait(own, caller):
    with answers.alone(own.pk, caller.token.key, "k-1"):
        early = caller.ask("post", "/facts", ONE, Idempotency_Key="k-1")
    assert problem(early) == (409, "still-running")
    assert early["Retry-After"] == "1"
    assert caller.ask("post", "/facts", ONE, Idempotency_Key="k-1").status_code == 201


def test_many_at_once_with_one_key_record_one_fact(own, caller):
    unnamed = [{**ONE, "source_id": f"h-{number}"} for number in range(6)]
    told = []

    def send():
        told.append(caller.ask("post", "/facts", unnamed[0], Idempotency_Key="k-1"))
        connections.close_all()

    threads = [threading.Thread(target=send) for _one in unnamed]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {one.status_code for one in told} <= {201, 409}
    assert {problem(one)[1] for one in told if one.status_code == 409} <= {"still-running"}
    assert recorded(own) == 1


def test_many_at_once_are_each_recorded_once(own, caller):
    told = []

    def send(number):
        facts = [{**ONE, "lead": f"L-{number}", "source_id": f"{number}-{n}"} for n in range(4)]
        told.extend(caller.post("/facts", one).status_code for one in facts)
        told.extend(caller.post("/facts", one).status_code for one in facts)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == [200] * 20 + [201] * 20
    assert recorded(own) == 20


# ------------------------------------------------- what a rep may say about leads of others

OTHERS = {"lead": "L-2", "kind": "attempted", "occurred_at": "2026-03-12", "channel": "phone"}
GRAB = {"lead": "L-2", "kind": "assigned", "occurred_at": "2026-03-12", "owner": "ana"}


@pytest.fixture
def others(own, caller):
    """A lead of somebody in another team, with the person behind it."""
    take(own, handed_over("L-2", "2026-03-12 09:00", owner="zed"), now=NOW)
    Contact.objects.of(own).create(workspace=own, lead="L-2", name="Zoe", created_at=NOW)
    return own


def test_a_rep_says_nothing_about_leads_that_they_dont_see(others, caller):
    before = Fact.objects.of(others).count()
    merged = {"lead": "L-1", "kind": "merged", "into": "L-2", "occurred_at": "2026-03-12"}
    for told in (OTHERS, GRAB, merged):
        assert problem(caller.post("/facts", told)) == (404, "not-found")
    assert problem(caller.get("/contacts/L-2")) == (404, "not-found")
    told = caller.post("/facts/batch", {"facts": [ONE, OTHERS, {"kind": "?"}, GRAB]}).json()
    assert [one["outcome"] for one in told["results"]] == ["new", "refused", "refused", "refused"]
    assert (
        told["results"][1]["problems"][0]["problem"] == "There is no lead 'L-2' that you may see."
    )
    assert Fact.objects.of(others).exclude(system="leadpact").count() == before + 1


def test_a_rep_says_nothing_about_companies_that_have_leads_of_others(own, caller):
    known = {"account": "acme"}
    arisen = fact("L-3", "created", "2026-03-12 08:00", type="demo", **known)
    take(own, arisen, handed_over("L-3", "2026-03-12 09:00", owner="zed"), now=NOW)
    about = {"kind": "suppressed", "reason": "opt-out", "occurred_at": "2026-03-12", **known}
    assert problem(caller.post("/facts", about)) == (404, "not-found")
    assert caller.post("/facts", {**about, "account": "else"}).status_code == 201


def test_a_rep_sees_the_leads_of_their_team_and_takes_none_of_them(others, caller):
    Person.objects.of(others).filter(key="ana").update(team="inbound")
    person(others, "zed", team="inbound")
    assert caller.post("/facts", OTHERS).status_code == 201
    assert problem(caller.post("/facts", {**GRAB, "owner": " ANA "})) == (422, "invalid")
    assert caller.post("/facts", {**GRAB, "owner": "ben"}).status_code == 201


def test_whoever_sees_every_lead_is_asked_no_more_queries(own):
    admin = Caller(own, "admin", ["facts:write"])
    take(own, handed_over("L-2", "2026-03-12 09:00", owner="zed"), now=NOW)
    assert admin.post("/facts", GRAB).status_code == 201
    with CaptureQueriesContext(connections["default"]) as asked:
        admin.post("/facts", {**GRAB, "source_id": "again"})
    assert not [one for one in asked if "book_lead" in one["sql"] and "NOT" in one["sql"]]


def test_a_batch_counts_as_many_as_it_has_facts(own, caller):
    batch = {"facts": [OTHERS] * 7_000}
    for status in (200, 200, 429):
        assert caller.post("/facts/batch", batch, query="?dry_run=true").status_code == status
    assert caller.post("/facts", ONE).status_code == 201
