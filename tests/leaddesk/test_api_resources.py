"""The resources of the API: what is read, changed and refused, and how lists come in pages."""

import json
import re
from datetime import datetime

import pytest

from leaddesk.api import limits
from leaddesk.api.app import described
from leaddesk.api.paging import opened, sealed
from leaddesk.api.problems import KINDS
from leaddesk.book import audit, moment, rules
from leaddesk.book.models import Entry, Lead, Workspace
from tests.leaddesk.asking import NOW, SECOND_VERSION, Caller, furnished, problem
from tests.leaddesk.desk import handed_over, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    with moment.standing_at(NOW):
        yield furnished()[0]


@pytest.fixture
def caller(own):
    return Caller(own)


def test_every_answer_has_the_id_of_its_request(caller):
    own_id = caller.ask("get", "/me", X_Request_Id="mine-1234")
    assert own_id["X-Request-Id"] == "mine-1234"
    refused = caller.ask("get", "/leads/none", X_Request_Id="mine-5678")
    assert refused.json()["request"] == "mine-5678"


def test_addresses_and_verbs_that_do_not_exist_are_problems_too(caller):
    assert problem(caller.get("/nothing")) == (404, "not-found")
    assert problem(caller.get("/leads/", query="")) == (404, "not-found")
    for odd in ("/leads/a%00b", "/leads/%0A", "/companies/%ED%A0%80", "/people/" + "x" * 3_000):
        assert problem(caller.get(odd)) == (404, "not-found")
    refused = caller.ask("put", "/leads")
    assert problem(refused) == (405, "method-not-allowed")
    assert refused["Allow"] == "GET, HEAD"
    assert caller.ask("head", "/leads").status_code == 200


def test_an_error_of_ours_is_a_problem_that_tells_nothing(caller, monkeypatch):
    def broken(_actor):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("leaddesk.book.queries.me", broken)
    answer = caller.get("/me")
    assert problem(answer) == (500, "failed")
    assert b"secret detail" not in answer.content


def test_pages_hold_each_row_once_while_rows_are_inserted(own, caller):
    take(own, *(handed_over(f"M-{n:03}", "2026-03-10 09:00") for n in range(30)), now=NOW)
    seen, cursor = [], ""
    while cursor is not None:
        page = caller.get("/leads", query=f"?limit=7&cursor={cursor}").json()
        seen += [lead["key"] for lead in page["data"]]
        cursor = page["next_cursor"]
        take(own, handed_over(f"A-{len(seen)}", "2026-03-10 09:00"), now=NOW)
    assert [key for key in seen if key[0] == "M"] == [f"M-{n:03}" for n in range(30)]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("sort", ["key", "due"])
def test_a_list_in_pages_is_the_list_in_one(own, caller, sort):
    days = [f"2026-03-{day:02} 09:00" for day in (9, 9, 10, 11, 11, 11)]
    take(own, *(handed_over(f"M-{n}", day) for n, day in enumerate(days)), now=NOW)
    whole = caller.get("/leads", query=f"?sort={sort}&limit=200").json()
    pages, cursor = [], ""
    while cursor is not None:
        page = caller.get("/leads", query=f"?sort={sort}&limit=2&cursor={cursor}").json()
        pages += page["data"]
        cursor = page["next_cursor"]
    assert pages == whole["data"]
    assert whole["next_cursor"] is None


def test_a_cursor_tells_nothing_and_fits_its_list_alone(own, caller):
    cursor = caller.get("/facts", query="?lead=L-1&limit=1").json()["next_cursor"]
    take(own, handed_over("L-1", "2026-03-11 09:00"), now=NOW)
    cursor = caller.get("/facts", query="?lead=L-1&limit=1").json()["next_cursor"] or cursor
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
    for bad in (cursor[:-2] + "xx", "x", "%C3%A9", cursor):
        answer = caller.get("/leads", query=f"?cursor={bad}")
        assert problem(answer) == (422, "invalid")
        assert answer.json()["problems"][0]["path"] == "cursor"
    assert opened(sealed([1, "a"])) == [1, "a"]
    assert sealed([1]) != sealed([2])


def test_lists_take_a_limit_up_to_200(caller):
    assert problem(caller.get("/leads", query="?limit=201")) == (422, "invalid")
    assert problem(caller.get("/leads", query="?limit=0")) == (422, "invalid")
    assert caller.get("/leads", query="?limit=200").status_code == 200


def test_leads_are_chosen_by_what_is_known_of_them(own, caller):
    take(own, handed_over("L-2", "2026-03-11 13:00", owner="ben"), now=NOW)

    def keys(query):
        return [one["key"] for one in caller.get("/leads", query=query).json()["data"]]

    assert keys("?owner=ben") == ["L-2"]
    assert keys("?is_broken=true") == ["L-2"]
    assert keys("?is_broken=false") == ["L-1"]
    assert keys("?due_before=2026-03-12T12:59:59Z") == []
    assert keys("?due_before=2026-03-12T13:00:01Z&sort=due") == ["L-1"]


def test_obligations_are_chosen_by_verdict_owner_and_time(own, caller):
    take(own, handed_over("L-2", "2026-03-11 13:00", owner="ben"), now=NOW)

    def leads(query):
        return [one["lead"] for one in caller.get("/obligations", query=query).json()["data"]]

    assert leads("") == ["L-2", "L-1"]
    assert leads("?verdict=broken") == ["L-2"]
    assert leads("?owner=ana&due_before=2026-03-12T13:00:01Z") == ["L-1"]
    assert leads("?due_after=2026-03-12T13:00:00.000001Z") == []


def test_the_working_sums_up_to_what_was_counted(own, caller):
    with moment.standing_at(NOW + 4 * 60 * moment.MINUTE):  # 13:05, after the lunch break
        told = caller.get("/leads/L-1/obligations").json()[0]
    spans = [one for leg in told["legs"] for one in leg["intervals"]]
    assert sum(one["working_seconds"] for one in spans) == told["working_seconds"] == 11_100
    assert [(one["from"], one["to"]) for one in spans] == [
        ("2026-03-12T08:00:00Z", "2026-03-12T11:00:00Z"),
        ("2026-03-12T12:00:00Z", "2026-03-12T12:05:00Z"),
    ]


def test_reading_changes_nothing(own, caller):
    caller.get("/me")  # stamps the token

    def counts():
        return Entry.objects.of(own).count(), [*Lead.objects.of(own).values()]

    before = counts()
    for path, verbs in described()["paths"].items():
        if "get" in verbs and "{" not in path:
            limits.forget()
            caller.get(path.removeprefix("/api/v1"), query="?lead=L-1" if "facts" in path else "")
    assert counts() == before


def test_a_contact_is_changed_by_those_who_saw_it_last(own, caller):
    tag = caller.get("/contacts/L-1")["ETag"]
    assert tag == '"1"'
    path, change = "/contacts/L-1", {"title": "Buyer"}
    assert problem(caller.ask("patch", path, change)) == (428, "precondition-required")
    changed = caller.ask("patch", path, change, If_Match=tag)
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    stale = caller.ask("patch", path, {"title": "Boss"}, If_Match=tag)
    assert problem(stale) == (412, "changed-meanwhile")
    assert stale["ETag"] == '"2"'
    assert caller.get(path).json()["title"] == "Buyer"
    assert problem(caller.ask("patch", path, {}, If_Match="x")) == (400, "malformed")


def test_a_contact_is_erased_for_good(own, caller):
    erased = caller.ask("delete", "/contacts/L-1").json()
    assert (erased["lead"], erased["name"], erased["email"]) == ("L-1", None, None)
    assert erased["erased_at"] == "2026-03-12T08:05:00Z"
    answer = caller.ask("patch", "/contacts/L-1", {"name": "Zoe"}, If_Match="*")
    assert problem(answer) == (422, "invalid")


def test_changes_of_registers_are_noted_with_who_and_which_request(own, caller):
    person = {"key": "cleo", "name": "Cleo", "role": "rep", "team": "inbound"}
    made = caller.ask("post", "/people", person, X_Request_Id="request-0001")
    assert made.status_code == 201
    entry = Entry.objects.of(own).get(subject="person cleo")
    assert (entry.actor, entry.act, entry.request) == ("admin", "created person", "request-0001")
    again = caller.post("/people", person)
    assert problem(again) == (422, "invalid")
    assert again.json()["problems"][0]["path"] == "key"


def test_a_filter_that_is_misspelt_is_refused(caller):
    answer = caller.get("/obligations", query="?verdit=open")
    assert problem(answer) == (422, "invalid")
    assert answer.json()["problems"] == [
        {
            "path": "verdit",
            "problem": "There is no parameter 'verdit'.",
            "remedy": "Did you mean 'verdict'?",
        }
    ]
    assert problem(caller.get("/me", query="?x=1")) == (422, "invalid")


def test_unknown_fields_are_refused_by_name(caller):
    answer = caller.post("/companies", {"key": "k", "name": "K", "colour": "red"})
    assert problem(answer) == (422, "invalid")
    assert [one["path"] for one in answer.json()["problems"]] == ["given.colour"]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_no_register_takes_what_no_database_stores(caller, text):
    assert problem(caller.post("/companies", {"key": "k", "name": text})) == (422, "invalid")
    assert problem(caller.post("/agreements/check", {"text": text})) == (422, "invalid")


def test_leave_moves_what_is_due(own, caller):
    before = Workspace.objects.get(pk=own.pk).rules
    leave = {"person": "ana", "first": "2026-03-12", "last": "2026-03-13"}
    assert caller.post("/leave", leave).status_code == 201
    assert Workspace.objects.get(pk=own.pk).rules == before + 1
    assert caller.ask("delete", "/leave/ana/2026-03-12/2026-03-13").status_code == 204
    assert problem(caller.ask("delete", "/leave/ana/2026-03-12/2026-03-13")) == (404, "not-found")


def test_an_agreement_is_checked_proposed_compared_and_withdrawn(own, caller):
    found = caller.post("/agreements/check", {"text": "leadpact: 1\nversion: x"}).json()
    assert found["is_usable"] is False
    assert all(one["line"] for one in found["problems"] if one["path"] == "version")
    third = SECOND_VERSION.replace("version: 2", "version: 3").replace("4 working", "6 working")
    made = caller.post("/agreements", {"text": third})
    assert made.status_code == 201
    told = caller.get("/agreements/3").json()
    assert told["text"] == third
    assert told["hash"] == made.json()["hash"]
    assert told["canonical"]["promises"]["sales"]["first contact"]["within"] == "6 working hours"
    changes = caller.get("/agreements/3/difference", query="?since=2").json()
    assert {one["path"] for one in changes} == {
        "version",
        "promises.sales.first contact.within",
    }
    assert caller.post("/agreements/3/withdraw").json()["state"] == "withdrawn"
    assert problem(caller.get("/agreements/3")) == (404, "not-found")


def test_a_version_that_is_put_in_force_judges_from_its_day(own, caller):
    assert caller.post("/agreements/2/put-in-force").json()["state"] == "in force"
    assert [version.version for version in rules.in_force(own.pk)] == [1, 2]
    assert problem(caller.post("/agreements/2/put-in-force")) == (422, "invalid")


def test_the_audit_log_is_verified_by_what_is_exported(own, caller):
    entries = caller.get("/audit", query="?limit=200").json()["data"]
    (block,) = caller.get("/audit/blocks").json()["data"]
    sealed_ = [one for one in entries if one["block"] == 1]
    assert (len(sealed_), sealed_[0]["number"]) == (block["entries"], block["first"])
    stored = [*Entry.objects.of(own).filter(block__number=1).order_by("id")]
    assert audit.digest(block["previous"], stored) == block["hash"]
    assert caller.get("/audit/verification").json() == {"is_whole": True, "faults": []}
    Entry.objects.of(own).filter(pk=stored[0].pk).update(actor="somebody else")
    told = caller.get("/audit/verification").json()
    assert told == {
        "is_whole": False,
        "faults": ["block 1: an entry was altered, added or removed"],
    }


def test_everything_is_exported_without_secrets_and_noted(own, caller):
    answer = caller.ask("post", "/export", Idempotency_Key="k-1")
    assert answer["Content-Type"] == "application/x-ndjson"
    text = answer.getvalue().decode()
    rows = [json.loads(line) for line in text.splitlines()]
    assert {"workspace", "fact", "lead", "due", "contact", "entry"} <= {
        one["table"] for one in rows
    }
    fact = next(one["row"] for one in rows if one["table"] == "fact")
    assert (fact["lead"], fact["kind"]) == ("L-1", "handed_over")
    assert "whsec_" not in text
    assert caller.secret.rpartition("_")[2] not in text
    assert Entry.objects.of(own).get(act="exported the workspace").actor == "admin"
    assert caller.ask("post", "/export", Idempotency_Key="k-1").status_code == 200


def test_whoever_asks_too_often_is_told_when_to_come_back(caller, monkeypatch):
    monkeypatch.setitem(limits.SHARES, "other", limits.Share(3, 1))
    limits.forget()
    assert [caller.get("/me").status_code for _n in range(4)] == [200, 200, 200, 429]
    refused = caller.get("/me")
    assert problem(refused) == (429, "too-many-requests")
    assert refused["Retry-After"] == "1"
    with moment.standing_at(NOW + moment.SECOND):
        assert caller.get("/me").status_code == 200
        assert caller.get("/me").status_code == 429


def test_all_instants_are_utc(own, caller):
    found = set()
    for path in ("/leads/L-1", "/leads/L-1/obligations", "/people", "/deliveries", "/status"):
        found |= set(re.findall(r'"(\d{4}-\d\d-\d\dT[^"]+)"', caller.get(path).content.decode()))
    assert found
    for text in found:
        assert text.endswith("Z")
        datetime.fromisoformat(text)


def test_the_reader_shows_every_endpoint_and_loads_nothing_from_elsewhere(client):
    page = client.get("/api/")
    text = page.content.decode()
    assert page.status_code == 200
    for path, verbs in described()["paths"].items():
        for verb in verbs:
            assert f"<code>{verb.upper()} {path}</code>" in text
    loaded = re.findall(r'(?:src|href|action)="([^"]+)"', text)
    assert all(not re.match(r"(?:https?:)?//", one) for one in loaded)
    assert "<script" not in text


def test_every_problem_has_a_page(client):
    for slug in KINDS:
        assert client.get(f"/problems/{slug}").status_code == 200
