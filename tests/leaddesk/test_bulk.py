"""Bulk: many leads at once: shown first, done in parts, undone exactly; nobody does more than they may."""

import json
from dataclasses import replace

import pytest

from leaddesk.book import bulk, bulk_plan, choices, lists
from leaddesk.book.access import Actor
from leaddesk.book.models import BulkAct, Due, Entry, Fact, Lead
from leaddesk.book.moment import DAY
from leaddesk.book.rebuild import digest
from leaddesk.book.refusal import Absent, Forbidden, Refused
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")


@pytest.fixture
def own():
    own = workspace()
    person(own, "mia", role="sales lead")
    person(own, "ana", team="inbound")
    person(own, "ben", team="outbound")
    take(
        own,
        *(handed_over(f"L-{n}", "2026-03-12 08:00", owner="ana") for n in (1, 2, 3)),
        handed_over("L-4", "2026-03-12 08:00", owner="ben"),
        handed_over("L-5", "2026-03-12 08:00", owner="ana"),
        fact("L-5", "disqualified", "2026-03-12 09:00", by="ana", reason="other"),
        now=at("2026-03-12 09:30"),
    )
    return own


@pytest.fixture
def mia(own):
    return Actor(own.pk, "mia", "sales lead")


@pytest.fixture
def ana(own):
    return Actor(own.pk, "ana", "rep")


EVERY = ("L-1", "L-2", "L-3", "L-4", "L-5")


def owners(own):
    return dict(Lead.objects.of(own).order_by("key").values_list("key", "owner"))


def proposed(actor, act, leads=EVERY, now=NOW, **fields):
    return bulk.propose(actor, act, fields, leads, now)


def test_what_is_proposed_changes_nothing_and_says_what_would(own, mia):
    before = digest(own.pk), Fact.objects.of(own).count()
    act = proposed(mia, "reassign", owner="ben", why="holiday")
    plan = bulk_plan.plan(mia, act, NOW)
    assert (plan.changes, plan.left) == (3, {"same": 1, "closed": 1})
    assert [(one.lead, one.before, one.after) for one in plan.first] == [
        (key, "ana", "ben") for key in ("L-1", "L-2", "L-3")
    ]
    assert [(one.lead, one.left) for one in plan.first_left] == [("L-4", "same"), ("L-5", "closed")]
    assert (digest(own.pk), Fact.objects.of(own).count()) == before


def test_it_is_done_as_shown_and_undone_exactly(own, mia):
    act = proposed(mia, "reassign", owner="ben", why="holiday")
    done = bulk.confirm(mia, act.key, NOW)
    assert (done.state, done.changed, done.left) == ("done", 3, {"same": 1, "closed": 1})
    assert [key for key, owner in owners(own).items() if owner == "ben"] == [*EVERY[:4]]
    told = Fact.objects.of(own).filter(source_id=f"{act.key}:0").get()
    assert json.loads(told.body) == {"by": "mia", "owner": "ben", "why": "holiday"}
    assert bulk.confirm(mia, act.key, NOW + 1).changed == 3
    undone = bulk.undo(mia, act.key, NOW + 2)
    assert undone.state == "undone"
    assert owners(own) == {"L-1": "ana", "L-2": "ana", "L-3": "ana", "L-4": "ben", "L-5": ""}
    assert Fact.objects.of(own).filter(kind=24).count() == 3
    assert bulk.undo(mia, act.key, NOW + 3).state == "undone"
    assert Fact.objects.of(own).filter(kind=24).count() == 3
    acts = [*Entry.objects.of(own).filter(subject=act.key).values_list("act", flat=True)]
    assert acts == ["acted in bulk", "undid in bulk"]


def test_what_was_done_since_is_left_alone_by_undo(own, mia):
    act = proposed(mia, "reassign", leads=("L-1", "L-2"), owner="ben", why="holiday")
    bulk.confirm(mia, act.key, NOW)
    take(own, fact("L-1", "assigned", "2026-03-12 10:30", owner="mia"), now=at("2026-03-12 10:31"))
    bulk.undo(mia, act.key, at("2026-03-12 10:32"))
    assert (owners(own)["L-1"], owners(own)["L-2"]) == ("mia", "ana")


def test_who_changed_meanwhile_is_left_and_counted(own, mia):
    act = proposed(mia, "pause", reason="on holiday")
    assert bulk_plan.plan(mia, act, NOW).changes == 4
    take(own, fact("L-2", "won", "2026-03-12 09:45"), now=at("2026-03-12 09:50"))
    done = bulk.confirm(mia, act.key, NOW)
    assert (done.changed, done.left) == (3, {"closed": 2})
    paused = Lead.objects.of(own).filter(is_paused=True).order_by("key")
    assert [*paused.values_list("key", flat=True)] == ["L-1", "L-3", "L-4"]
    resumed = bulk.confirm(mia, proposed(mia, "resume", now=NOW + 1).key, NOW + 1)
    assert (resumed.changed, resumed.left) == (3, {"closed": 2})
    assert not Lead.objects.of(own).filter(is_paused=True).exists()


@pytest.mark.parametrize(
    "act, fields, standing",
    [
        ("disqualify", {"reason": "no budget"}, "disqualified"),
        ("return", {"track": "re-engage", "why": "not now"}, "out"),
    ],
)
def test_leads_are_let_go_and_come_back_by_undo(mia, own, act, fields, standing, monkeypatch):
    offered = replace(choices.choices(own.pk, NOW), tracks=("re-engage",))
    monkeypatch.setattr(bulk_plan, "choices", lambda *_workspace: offered)
    one = proposed(mia, act, leads=("L-1", "L-2"), **fields)
    bulk.confirm(mia, one.key, NOW)
    leads = Lead.objects.of(own).filter(key__in=("L-1", "L-2"))
    assert {*leads.values_list("standing", flat=True)} == {standing}
    bulk.undo(mia, one.key, NOW + 1)
    assert {*leads.values_list("standing", flat=True)} == {"open"}


def test_a_promise_is_waived_for_those_who_owe_it(own, mia):
    call = fact("L-1", "attempted", "2026-03-12 09:40", by="ana", channel="phone")
    take(own, call, now=at("2026-03-12 09:50"))
    act = proposed(mia, "waive", promise="first contact", why="storm")
    done = bulk.confirm(mia, act.key, NOW)
    assert (done.changed, done.left) == (3, {"no promise": 1, "closed": 1})
    found = dict(Due.objects.of(own).values_list("lead", "verdict"))
    assert found == {
        "L-1": "kept",
        "L-2": "waived",
        "L-3": "waived",
        "L-4": "waived",
        "L-5": "excused",
    }
    bulk.undo(mia, act.key, NOW + 1)
    assert Due.objects.of(own).filter(verdict="waived").count() == 0


def test_a_rep_acts_on_what_they_see_and_gives_nothing_away(own, ana):
    act = proposed(ana, "disqualify", reason="no need")
    assert act.leads == ["L-1", "L-2", "L-3", "L-5"]  # the last was hers until it was disqualified
    assert bulk.confirm(ana, act.key, NOW).changed == 3
    with pytest.raises(Forbidden):
        proposed(ana, "reassign", owner="ana", why="mine")
    with pytest.raises(Forbidden):
        proposed(ana, "waive", promise="first contact", why="storm")
    with pytest.raises(Forbidden):
        proposed(Actor(own.pk, "vic", "viewer"), "pause", reason="on holiday")


def test_a_rep_takes_nothing_back_of_leads_that_are_others_by_now(own, ana):
    act = proposed(ana, "pause", leads=("L-1", "L-2"), reason="on holiday")
    bulk.confirm(ana, act.key, NOW)
    take(own, fact("L-1", "assigned", "2026-03-12 10:30", owner="ben"), now=at("2026-03-12 10:31"))
    undone = bulk.undo(ana, act.key, at("2026-03-12 10:32"))
    assert (undone.state, undone.left) == ("undone", {"hidden": 1})
    paused = Lead.objects.of(own).filter(is_paused=True)
    assert [*paused.values_list("key", flat=True)] == ["L-1"]
    assert not Fact.objects.of(own).filter(lead="L-1", kind=24).exists()


def test_a_rep_takes_back_that_they_let_leads_go(own, ana):
    act = proposed(ana, "disqualify", leads=("L-1", "L-2"), reason="no need")
    bulk.confirm(ana, act.key, NOW)
    assert owners(own)["L-1"] == ""
    undone = bulk.undo(ana, act.key, NOW + 1)
    assert (undone.left, owners(own)["L-1"], owners(own)["L-2"]) == ({}, "ana", "ana")


def test_an_act_is_of_whoever_proposed_it(own, mia, ana):
    act = proposed(mia, "pause", reason="on holiday")
    with pytest.raises(Absent):
        bulk.confirm(ana, act.key, NOW)
    with pytest.raises(Forbidden):
        bulk.confirm(Actor(own.pk, "max", "admin"), act.key, NOW)
    with pytest.raises(Absent):
        bulk.confirm(Actor(workspace().pk, "mia", "admin"), act.key, NOW)


@pytest.mark.parametrize(
    "act, fields, leads, path",
    [
        ("fly", {}, EVERY, "act"),
        ("reassign", {"owner": "zed", "why": "x"}, EVERY, "owner"),
        ("reassign", {"owner": "ben", "why": " "}, EVERY, "why"),
        ("reassign", {"owner": "ben", "why": "a\u202eb"}, EVERY, "why"),
        ("pause", {"reason": "rain"}, EVERY, "reason"),
        ("waive", {"promise": "volume", "why": "x"}, EVERY, "promise"),
        ("pause", {"reason": "on holiday"}, (), "leads"),
        ("pause", {"reason": "on holiday"}, [f"M-{n}" for n in range(10_001)], "leads"),
    ],
)
def test_what_makes_no_sense_is_refused(own, mia, act, fields, leads, path):
    with pytest.raises(Refused) as refusal:
        proposed(mia, act, leads=leads, **fields)
    assert [one.path for one in refusal.value.problems] == [path]
    assert not BulkAct.objects.of(own).exists()


def test_after_seven_days_nothing_is_undone(own, mia):
    act = proposed(mia, "pause", reason="on holiday")
    bulk.confirm(mia, act.key, NOW)
    with pytest.raises(Refused):
        bulk.undo(mia, act.key, NOW + 7 * DAY + 1)
    assert bulk.undo(mia, act.key, NOW + 7 * DAY).state == "undone"


def test_many_are_left_to_the_worker_which_may_die_in_between(own, mia, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "BATCH", 2)
    act = proposed(mia, "pause", reason="on holiday")
    assert (bulk.confirm(mia, act.key, NOW).state, act.place) == ("running", 0)
    assert bulk.go_on(NOW)
    assert BulkAct.objects.of(own).get().place == 2
    assert bulk._claimed(BulkAct.objects.of(own).get(), NOW)  # and dies
    assert not bulk.go_on(NOW)
    later = NOW + bulk.LEASE + 1
    assert [bulk.go_on(later) for _n in range(3)] == [True, True, False]
    done = BulkAct.objects.of(own).get()
    assert (done.state, done.changed, done.left) == ("done", 4, {"closed": 1})
    bulk.undo(mia, act.key, later)
    while bulk.go_on(later):
        pass
    assert BulkAct.objects.of(own).get().state == "undone"
    assert not Lead.objects.of(own).filter(is_paused=True).exists()


def test_a_part_that_is_done_twice_counts_once(own, mia):
    act = proposed(mia, "pause", leads=("L-1",), reason="on holiday")
    bulk.confirm(mia, act.key, NOW)
    BulkAct.objects.of(own).update(state="running", place=0)
    bulk.go_on(NOW + 1)
    assert Fact.objects.of(own).filter(source_id__startswith=act.key).count() == 1


def test_whoever_lost_the_right_does_no_more(own, mia, monkeypatch):
    from leaddesk.book.models import Person

    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    act = proposed(mia, "reassign", owner="ben", why="holiday")
    bulk.confirm(mia, act.key, NOW)
    Person.objects.of(own).filter(key="mia").update(role="rep")
    bulk.go_on(NOW)
    assert BulkAct.objects.of(own).get().left == {"forbidden": 5}
    assert owners(own)["L-1"] == "ana"


def test_all_that_match_are_those_of_the_list(own, mia):
    rows = lists.chosen(mia, {"owner": "ana", "standing": "open"}).order_by("key")
    act = proposed(mia, "pause", leads=[*rows.values_list("key", flat=True)], reason="on holiday")
    assert bulk.confirm(mia, act.key, NOW).changed == 3


def test_a_return_takes_a_track_a_reason_and_leads_that_may_go_back(own, mia, monkeypatch):
    offered = replace(choices.choices(own.pk, NOW), tracks=("re-engage",))
    monkeypatch.setattr(bulk_plan, "choices", lambda *_workspace: offered)
    with pytest.raises(Refused, match="no reason"):
        proposed(mia, "return", track="re-engage")
    with pytest.raises(Refused, match="chosen"):
        proposed(mia, "return", why="not now")
    take(
        own,
        fact("L-6", "created", "2026-03-12 08:00"),
        fact("L-2", "converted", "2026-03-12 09:00", by="ana"),
        now=at("2026-03-12 09:40"),
    )
    act = proposed(mia, "return", (*EVERY, "L-6"), track="re-engage", why="not now")
    plan = bulk_plan.plan(mia, act, NOW)
    assert (plan.changes, plan.left) == (3, {"not with sales": 2, "closed": 1})
    assert {one.lead for one in plan.first_left} == {"L-2", "L-5", "L-6"}
    done = bulk.confirm(mia, act.key, NOW)
    assert (done.changed, done.left) == (3, {"not with sales": 2, "closed": 1})
    told = Fact.objects.of(own).get(lead="L-1", source_id=f"{act.key}:0")
    assert json.loads(told.body) | {"to": "re-engage", "reason": "not now"} == json.loads(told.body)
    marketer = Actor(own.pk, "mo", "marketer")
    act = proposed(marketer, "return", ("L-1",), track="re-engage", why="not now")
    assert bulk_plan.plan(marketer, act, NOW).left == {"closed": 1}
    bulk.undo(mia, done.key, NOW)
    assert bulk_plan.plan(marketer, act, NOW).left == {"not theirs": 1}
