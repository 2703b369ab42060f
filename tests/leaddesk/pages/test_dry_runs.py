"""Dry runs of any list of leads: the same as at once, in steps that anybody goes on with, for a day."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from leaddesk.book import database, dry_run_steps, dry_runs, leases, lists, moment, trials
from leaddesk.book.access import actor_of, operator
from leaddesk.book.dry_runs import KEPT, State
from leaddesk.book.leases import LEASE
from leaddesk.book.models import DryRun, DryRunFate, DryRunLead, Fact, Handoff, Lead, Person, Turn
from leaddesk.book.refusal import Refused
from leaddesk.worker import Trying, Worker
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of
from tests.leaddesk.pages.test_routing_page import TEXT

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = 60
ROUTE = TEXT.replace("at most: 250 per month", "at most: 30 per month")


@pytest.fixture(autouse=True)
def clock():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def own(monkeypatch):
    """A desk whose leads are taken seven at a time, with accounts, grades and territories."""
    monkeypatch.setattr(dry_run_steps, "AT_ONCE", 7)
    monkeypatch.setattr(dry_run_steps, "_GIVEN_AT_ONCE", 11)
    own = workspace(ROUTE)
    facts = [
        fact(
            f"L-{n:03}",
            "created",
            f"2026-03-{1 + n % 9:02} 10:00",
            **({"country": "TH"} if n % 10 == 3 else {}),
            **({"account": f"acme-{n % 4}"} if n % 5 == 0 else {}),
        )
        for n in range(LEADS)
    ]
    take(own, *facts, now=NOW)
    return own


@pytest.fixture
def nora(own):
    return actor_of(person(own, "nora", role="sales lead", side="sales"))


def everything(actor):
    return lists.chosen(actor, {})


def fates(run):
    rows = dry_runs.fates(operator(run.workspace_id), run)
    return [(one.lead, one.owner or None, json.loads(one.route)) for one in rows]


def at_once(actor, keys):
    found = trials.trial(actor, keys, NOW)
    return [(one.lead, one.owner, json.loads(one.text())) for one in found.decisions]


def test_it_comes_to_the_same_in_steps_as_at_once(own, nora):
    before = (Fact.objects.of(own).count(), Turn.objects.of(own).count())
    run = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    assert (run.state, run.total) == (State.SCORING, LEADS)
    dry_run_steps.work(run, 60)
    keys = [*everything(nora).values_list("key", flat=True)]
    assert fates(run) == at_once(nora, keys)
    other = dry_runs.of_keys(nora, [*keys, "nowhere", "L-001", "\x00"], "leads", "", NOW)
    dry_run_steps.work(other, 60)
    assert fates(other) == fates(run)
    assert (other.tally["unknown"], other.tally["unknown_count"]) == (["nowhere"], 1)
    assert other.tally["people"] == run.tally["people"]
    assert (Fact.objects.of(own).count(), Turn.objects.of(own).count()) == before
    assert not Handoff.objects.of(own).exists()
    assert not DryRunLead.objects.of(own).exists()


def test_the_summary_adds_up(nora):
    run = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    dry_run_steps.work(run, 60)
    outcome = dry_run_steps.outcome(run)
    (ana,) = (one for one in outcome["people"] if one["person"] == "ana")
    assert (ana["leads"], ana["full"], ana["share"]) == (30, ["30 per month"], "1")
    assert ana["by_weight"] == "20"
    assert sum(one["leads"] for one in outcome["waiting"]) == LEADS - outcome["given"] == 30
    assert {tuple(one["why"]) for one in outcome["waiting"]} == {("full",), ("full", "leave")}
    assert dry_runs.fates(nora, run, "").count() == 30
    assert dry_runs.fates(nora, run, "", "full").count() == 6


def test_whoever_comes_next_goes_on_where_it_ended(own, nora):
    run = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    dry_run_steps.work(run, 0)
    assert (run.state, run.done) == (State.SCORING, 0)
    again = dry_runs.claim(NOW)
    assert again == run
    assert dry_runs.claim(NOW) is None
    asked = iter([False, False, True])
    dry_run_steps.work(again, 60, lambda: next(asked))
    assert (again.state, again.done) == (State.SCORING, 14)
    third = dry_runs.claim(NOW)
    asked = iter([False] * 11 + [True])  # in the middle of giving out
    dry_run_steps.work(third, 60, lambda: next(asked))
    assert third.state == State.GIVING
    assert DryRunFate.objects.of(own).exists()
    last = dry_runs.claim(NOW)
    dry_run_steps.work(last, 60)
    assert fates(last) == at_once(nora, [*everything(nora).values_list("key", flat=True)])


def test_who_has_lost_the_lease_writes_nothing_more(own, nora):
    run = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    other = dry_runs.claim(NOW + 2 * LEASE)
    dry_run_steps.work(run, 60)
    assert DryRun.objects.of(own).get().done == 0
    dry_run_steps.work(other, 60)
    assert other.state == State.DONE


def test_two_at_once_are_done_by_the_worker(own, nora):
    runs = [dry_runs.of_leads(nora, everything(nora), "filter", "", NOW) for _n in range(2)]
    for run in runs:
        leases.let_go(run)
    duty = Trying(Worker("one"))
    assert [duty.turn(), duty.turn(), duty.turn()] == [0.0, 0.0, 1.0]
    first, second = (DryRun.objects.of(own).get(pk=run.pk) for run in runs)
    assert (first.state, fates(first)) == (State.DONE, fates(second))


def test_a_small_one_ends_while_a_large_one_is_given_out(own, nora, monkeypatch):
    large = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    small = dry_runs.of_keys(nora, ["L-001"], "leads", "", NOW)
    for run in (large, small):
        leases.let_go(run)
    worker = Worker("one")
    duty, asked = Trying(worker), iter([False] * 12 + [True])
    monkeypatch.setattr(worker.stopping, "is_set", lambda: next(asked, False))
    states = []
    for _n in range(3):
        duty.turn()
        states.append([DryRun.objects.of(own).get(pk=one.pk).state for one in (large, small)])
    assert states == [["giving", "scoring"], ["giving", "done"], ["done", "done"]]
    keys = [*everything(nora).values_list("key", flat=True)]
    assert (fates(large), duty.turn()) == (at_once(nora, keys), 1.0)
    held = dry_runs.of_keys(nora, ["L-001"], "leads", "", NOW)
    duty.held.append(dry_run_steps.Steps(held))
    duty.end()
    assert dry_runs.claim(NOW) == held


def test_what_somebody_may_no_longer_see_is_shown_nowhere(own, visitor):
    take(own, handed_over("L-001", "2026-03-11 10:00", owner="ben"), now=NOW)
    where = send(visitor, "/routing/try", what="leads", leads="L-001\nL-002\nL-003").url
    key = where.rpartition("/")[2]
    assert "L-002" in visitor.get(where).text
    Person.objects.of(own).filter(key="mia").update(role="rep", team="")
    Lead.objects.of(own).filter(key="L-003").update(owner="mia")
    shown = [
        visitor.get(where).text,
        b"".join(visitor.get(f"{where}/leads.csv").streaming_content).decode(),
        Caller(own, person="mia").get(f"/routing/trials/{key}/leads").text,
    ]
    assert [[lead in text for lead in ("L-001", "L-002", "L-003")] for text in shown] == [
        [False, False, True]
    ] * 3


def test_a_large_list_is_written_in_shares(own, nora, monkeypatch):
    monkeypatch.setattr(dry_runs, "_AT_ONCE", 25)
    whole, states = database.insert, []

    def insert(*args, **named):
        states.append(DryRun.objects.of(own).get().state)
        return whole(*args, **named)

    monkeypatch.setattr(database, "insert", insert)
    run = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    assert (states, run.state, run.total) == (["failed"] * 3, State.SCORING, LEADS)
    assert DryRunLead.objects.of(own).filter(run=run).count() == LEADS


def test_a_defect_ends_it_and_is_told(own, nora, monkeypatch):
    run = dry_runs.of_leads(nora, everything(nora), "filter", "", NOW)
    monkeypatch.setattr(dry_run_steps, "rota_of", None)
    dry_run_steps.work(run, 60)
    assert (run.state, run.lease_until) == (State.FAILED, None)


def test_it_is_kept_for_a_day_and_not_too_many_at_once(own, nora):
    for _n in range(dry_runs.MOST_UNDER_WAY):
        dry_runs.of_keys(nora, ["L-001"], "leads", "", NOW)
    with pytest.raises(Refused):
        dry_runs.of_keys(nora, ["L-001"], "leads", "", NOW)
    assert dry_runs.forget(NOW + KEPT) == 0
    assert dry_runs.forget(NOW + KEPT + 1) == dry_runs.MOST_UNDER_WAY
    assert not DryRunLead.objects.of(own).exists()


def test_the_page_waits_shows_the_rows_and_gives_them_as_files(own, visitor, monkeypatch):
    from leaddesk.pages import routing_trials

    monkeypatch.setattr(routing_trials, "SMALL", 10)
    monkeypatch.setattr(routing_trials, "AT_ONCE", 0)
    monkeypatch.setattr(routing_trials, "ON_A_PAGE", 25)
    keys = "".join(f"L-{n:03}\n" for n in range(LEADS))
    upload = SimpleUploadedFile("week.csv", f"Name,Lead\n{keys.replace('L', 'x,L')}".encode())
    where = send(visitor, "/routing/try", what="file", file=upload).url
    told = text_of(visitor.get(where))
    assert "Scoring the leads 0 of 60 leads" in told
    assert "HX-Refresh" not in visitor.get(f"{where}/progress")
    dry_run_steps.work(dry_runs.claim(NOW), 60)
    assert visitor.get(f"{where}/progress")["HX-Refresh"] == "true"
    told = text_of(visitor.get(where))
    assert "The file \u2068week.csv\u2069" in told
    assert "ana 30 100% 2 20 30 per month" in told
    assert "30 leads would wait for an owner" in told
    assert visitor.get(f"{where}?after=50").text.count('<th scope="row"><a href="/leads/') == 10
    narrowed = visitor.get(f"{where}?owner=&why=full").text
    assert narrowed.count('<th scope="row"><a href="/leads/') == 6
    rows = b"".join(visitor.get(f"{where}/leads.csv").streaming_content).decode("utf-8-sig")
    assert len(rows.splitlines()) == LEADS + 1
    assert rows.splitlines()[0] == "lead,owner,owner_name,why"
    book = b"".join(visitor.get(f"{where}/leads.xlsx").streaming_content)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [row[:2] for row in sheet[:2]] == [["Lead", "Owner"], ["L-000", "ana"]]
    assert visitor.get(f"{where}/leads.exe").status_code == 404
    for bad in ("?after=x", "?after=99999999999", "?owner=%00", "?why=%00" + "x" * 500):
        assert visitor.get(where + bad).status_code == 200


def test_it_is_of_whoever_asked(own, visitor):
    from leaddesk.book.models import User

    where = send(visitor, "/routing/try", what="leads", leads="L-001").url
    user = User.objects.create_user("ana@northwind.example", PASSWORD)
    person(own, "ana", role="rep", user=user, side="sales")
    other = Client(enforce_csrf_checks=True)
    send(other, "/sign-in", email="ana@northwind.example", password=PASSWORD)
    for path in (where, f"{where}/progress", f"{where}/leads.csv"):
        assert (visitor.get(path).status_code, other.get(path).status_code) == (200, 404)


def test_a_file_that_is_none_is_told_at_the_field(own, visitor):
    found = send(
        visitor, "/routing/try", what="file", file=SimpleUploadedFile("x.csv", b"%PDF-1.7")
    )
    assert (found.status_code, 'id="file-error"' in found.text) == (422, True)


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"what": "file"}, "file", "There is no lead to try."),
        ({"what": "view", "view": "gone"}, "view", "There is no lead to try."),
        ({"what": "leads", "leads": "nowhere"}, "leads", "You may see none of these leads."),
    ],
)
def test_a_choice_without_leads_is_told_at_its_field(own, visitor, form, field, said):
    send(visitor, "/views", form="/leads", name="All", query="")
    found = send(visitor, "/routing/try", **form)
    assert found.status_code == 422
    assert said in found.text.partition(f'id="{field}-error">')[2].partition("</p>")[0]
    assert not DryRun.objects.of(own).exists()


def test_why_a_lead_waits_is_said_first(own, visitor):
    take(own, fact("T-1", "created", "2026-03-10 10:00", country="TH"), now=NOW)
    where = send(visitor, "/routing/try", what="leads", leads="T-1").url
    assert "nobody limits are full More Territory 1 fits" in text_of(visitor.get(where))


def test_the_api_begins_one_and_tells_what_it_came_to(own):
    caller = Caller(own, scopes=["read"])
    begun = caller.ask("post", "/routing/trials", {"among": {"account": "acme-0"}})
    assert begun.status_code == 202
    told = caller.get(f"/routing/trials/{begun.json()['key']}").json()
    assert (told["state"], told["leads"], told["given"]) == ("done", 3, 3)
    assert told["people"][0] == {
        "person": "ana",
        "weight": "2",
        "leads": 3,
        "share": 1.0,
        "by_weight": 2.0,
        "full": [],
        "refusal": None,
        "until": None,
    }
    first = caller.get(f"/routing/trials/{told['key']}/leads", query="?limit=2&owner=ana").json()
    assert [one["owner"] for one in first["data"]] == ["ana", "ana"]
    rest = caller.get(
        f"/routing/trials/{told['key']}/leads",
        query=f"?limit=2&owner=ana&cursor={first['next_cursor']}",
    ).json()
    assert len(rest["data"]) == 1
    assert [one["key"] for one in caller.get("/routing/trials").json()["data"]] == [told["key"]]
    assert problem(caller.get("/routing/trials/nowhere"))[0] == 404
    assert problem(caller.ask("post", "/routing/trials", {"among": {"verdict": "x"}}))[0] == 422
    many = caller.ask("post", "/routing/trials", {"leads": ["L-001"] * 600 + ["none"]}).json()
    assert (many["leads"], many["unknown"]) == (1, ["none"])
