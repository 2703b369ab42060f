"""Handing: what qualifies is handed over once, with its packet, and accepted where sales is silent."""

import json
import re
from pathlib import Path
from threading import Thread

import pytest
from django.db import connections

from leaddesk.book import rebuild
from leaddesk.book.models import Fact, Handoff, Lead, Notice
from leaddesk.book.moment import MINUTE
from leaddesk.book.record import Submission, record
from leaddesk.operation import recount
from leadpact.facts import RULED
from tests.leaddesk.desk import at, fact, handed_over, take
from tests.leaddesk.handing_scene import (
    AGREED,
    arises,
    desk,
    did,
    qualifies,
    records,
    told,
    wakes,
)

HOUR = 60 * MINUTE
pytestmark = pytest.mark.django_db(transaction=True)
TEN = at("2026-03-12 10:00")
DUE = at("2026-03-13 11:00")  # 8 working hours of a desk that shuts at noon for an hour


def by_kind(own, lead="L-1"):
    kinds = ("moved", "scored", "handed_over", "accepted", "corrected")
    return {one["kind"]: one for one in told(own, *kinds, lead=lead)}


def test_what_qualifies_is_handed_over_at_once_with_its_score_frozen():
    own = desk()
    arises(own)
    assert by_kind(own) == {}
    did(own, "L-1", "pricing viewed", "2026-03-12 10:00")
    facts = by_kind(own)
    assert sorted(facts) == ["handed_over", "moved", "scored"]
    assert facts["moved"]["to"] == "mql"
    scored = facts["scored"]
    assert (scored["fit"], scored["model"], scored["at"]) == ("40", "rules v1", TEN)
    assert 4_400 <= round(float(scored["interest"]) * 100) <= 4_500
    factors = json.loads(scored["factors"])
    assert sum(one["points"] for one in factors if one["axis"] == "fit") == 4_000
    given = facts["handed_over"]
    assert given["owner"] in {"ana", "ben"}
    assert (given["trigger"], given["missing"], given["at"]) == ("mql", "phone", TEN)
    assert json.loads(given["packet"])["source"] == "ads"
    lead = Lead.objects.of(own).get(key="L-1")
    assert (lead.stage, lead.owner, lead.wake_at) == ("mql", given["owner"], lead.wake_at)


def test_the_record_of_a_handoff():
    own = desk()
    qualifies(own)
    (one,) = records(own)
    assert (one.pass_number, one.state, one.at, one.accept_by) == (1, "offered", TEN, DUE)
    assert (one.fit, one.missing, one.trigger) == (4_000, "phone", "mql")
    assert one.interest > 4_000
    assert {"source", "guide", "score with reasons"} == {*json.loads(one.packet)}
    assert one.owner in json.loads(one.route).values() or one.route


def test_the_owner_hears_of_it_once():
    own = desk()
    qualifies(own)
    take(own, fact("L-1", "engaged", "2026-03-12 10:05", what="pricing viewed"), now=TEN + 300)
    (one,) = Notice.objects.of(own).filter(kind="handed over")
    body = json.loads(one.body)
    assert (one.to, one.cause_at, body["missing"]) == (records(own)[0].owner, TEN, ["phone"])
    assert (body["by"], body["trigger"], body["packet"]["source"]) == (["email"], "mql", "ads")


def test_what_people_hand_over_is_heard_of_too():
    own = desk()
    take(own, fact("L-1", "created", "2026-03-12 09:00"), now=TEN)
    take(own, handed_over("L-1", "2026-03-12 10:00"), now=TEN)
    assert [*Notice.objects.of(own).values_list("kind", "to")] == [("handed over", "ana")]
    assert [one.state for one in records(own)] == ["offered"]


def test_a_demo_hands_over_at_any_score():
    own = desk()
    take(own, fact("L-1", "created", "2026-03-12 09:00"), now=TEN)
    did(own, "L-1", "demo requested", "2026-03-12 10:00")
    assert by_kind(own)["handed_over"]["trigger"] == "demo requested"


@pytest.mark.parametrize(
    "fields",
    [{"industry": "mining"}, {"country": "Atlantis"}],
    ids=["one point too few", "disqualified by rule"],
)
def test_what_does_not_qualify_is_kept_from_sales(fields):
    own = desk()
    qualifies(own, **fields)
    assert told(own, "handed_over", "moved") == []


def test_silence_is_taken_as_yes_at_the_due_instant_once():
    own = desk()
    qualifies(own)
    wakes(own, "2026-03-13 11:00")
    assert told(own, "accepted") == []
    wakes(own, "2026-03-13 11:01")
    wakes(own, "2026-03-14 10:00")
    (yes,) = told(own, "accepted")
    assert (yes["at"], yes["silent"], "by" in yes) == (DUE, "yes", False)
    (one,) = records(own)
    assert (one.state, one.decided_at, one.is_silent) == ("silent", DUE, True)


def test_a_pause_gives_its_time_back():
    own = desk()
    qualifies(own)
    take(own, fact("L-1", "paused", "2026-03-12 11:00", reason="asked to wait"), now=TEN + HOUR)
    take(own, fact("L-1", "resumed", "2026-03-13 11:00"), now=at("2026-03-13 11:00"))
    assert records(own)[0].accept_by == at("2026-03-16 11:00")


def test_a_rejection_that_comes_late_takes_the_silence_back():
    own = desk()
    qualifies(own)
    wakes(own, "2026-03-14 10:00")
    late = fact("L-1", "rejected", "2026-03-12 15:00", reason="wrong size", by="ana")
    take(own, late, now=at("2026-03-14 11:00"))
    assert [one["kind"] for one in told(own, "corrected")] == ["corrected"]
    (one,) = records(own)
    assert (one.state, one.reason, one.decided_by) == ("rejected", "wrong size", "ana")


def rejected(own, when, by=None):
    who = by or records(own)[-1].owner
    take(own, fact("L-1", "rejected", when, reason="wrong size", by=who), now=at(when))
    return who


def test_a_rejected_lead_rests_and_never_goes_straight_back():
    own = desk()
    qualifies(own)
    first = rejected(own, "2026-03-12 11:00")
    did(own, "L-1", "guide downloaded", "2026-03-20 10:00")
    did(own, "L-1", "pricing viewed", "2026-03-20 10:00")
    assert [one.state for one in records(own)] == ["rejected"]
    wakes(own, "2026-04-12 11:00")
    two = records(own)[1]
    assert (two.pass_number, two.state, two.at) == (2, "offered", at("2026-04-11 11:00"))
    assert two.owner not in {first, ""}


def test_without_fresh_interest_it_stays_where_it_is():
    own = desk()
    qualifies(own)
    rejected(own, "2026-03-12 11:00")
    wakes(own, "2026-06-01 10:00")
    assert len(records(own)) == 1
    did(own, "L-1", "demo requested", "2026-06-01 10:00")
    assert [one.trigger for one in records(own)] == ["mql", "demo requested"]


def test_a_rejection_that_is_overturned_goes_to_somebody_else_at_once():
    own = desk()
    qualifies(own)
    first = rejected(own, "2026-03-12 11:00")
    begin = fact("L-1", "disputed", "2026-03-12 12:00", promise="handoff", by="mia")
    take(own, begin, now=TEN + 2 * HOUR)
    assert [(one.dispute, one.disputed_by) for one in records(own)] == [("open", "mia")]
    end = fact(
        "L-1", "disputed", "2026-03-13 12:00", promise="handoff", by="lena", outcome="overturned"
    )
    take(own, end, now=at("2026-03-13 12:00"))
    one, two = records(own)
    assert (one.dispute, one.settled_at) == ("overturned", at("2026-03-13 12:00"))
    assert (two.trigger, two.at) == ("rejection overturned", at("2026-03-13 12:00"))
    assert two.owner not in {first, ""}


def test_a_rejection_that_is_upheld_stays_one():
    own = desk()
    qualifies(own)
    rejected(own, "2026-03-12 11:00")
    for when, outcome in (("2026-03-12 12:00", None), ("2026-03-13 12:00", "upheld")):
        told_ = {"outcome": outcome} if outcome else {}
        one = fact("L-1", "disputed", when, promise="handoff", by="mia", **told_)
        take(own, one, now=at(when))
    assert [(one.state, one.dispute) for one in records(own)] == [("rejected", "upheld")]


def test_a_returned_lead_comes_again_as_pass_2():
    own = desk()
    qualifies(own)
    back = {"to": "re-engage", "reason": "not now", "by": "ana"}
    take(own, fact("L-1", "returned", "2026-03-12 15:00", **back), now=at("2026-03-12 15:00"))
    did(own, "L-1", "demo requested", "2026-03-20 10:00")
    assert Lead.objects.of(own).get().wake_at == at("2026-04-11 15:00")
    wakes(own, "2026-04-11 15:00")
    one, two = records(own)
    assert (one.state, one.track, one.reason) == ("returned", "re-engage", "not now")
    assert (two.pass_number, two.state, two.trigger) == (2, "offered", "demo requested")


@pytest.mark.parametrize("end", ["suppressed", "disqualified"])
def test_who_is_gone_ends_the_handoff(end):
    own = desk()
    qualifies(own)
    take(own, fact("L-1", end, "2026-03-12 11:00", reason="opt-out"), now=at("2026-03-12 11:00"))
    did(own, "L-1", "demo requested", "2026-03-12 12:00")
    wakes(own, "2026-06-01 10:00")
    assert [one.state for one in records(own)] == ["ended"]


def test_a_merged_lead_counts_where_it_lives_on():
    own = desk()
    qualifies(own)
    arises(own, "L-2", "2026-03-12 11:00")
    take(own, fact("L-1", "merged", "2026-03-12 12:00", into="L-2"), now=at("2026-03-12 12:00"))
    assert [one.state for one in records(own)] == ["ended"]
    assert [one.state for one in records(own, "L-2")] == ["offered"]


def test_nothing_is_handed_over_for_what_happened_before():
    own = desk(since=at("2026-03-12 10:01"))
    qualifies(own)
    assert told(own, "handed_over") == []
    did(own, "L-1", "demo requested", "2026-03-12 11:00")
    assert len(told(own, "handed_over")) == 1


def test_systems_that_do_it_themselves_are_left_alone():
    own = desk(but=["tests"])
    qualifies(own)
    assert told(own, "handed_over", "moved") == []
    assert Notice.objects.of(own).count() == 0


def test_history_hands_nothing_over():
    own = desk()
    items = [
        fact("L-1", "created", "2026-03-12 09:00", industry="retail"),
        fact("L-1", "engaged", "2026-03-12 09:00", what="demo requested"),
    ]
    take(own, *items, now=TEN, announce=False)
    assert told(own, "handed_over", "moved") == []


def test_where_nobody_can_take_it_it_waits_as_an_mql():
    away = AGREED.replace("{team: inbound}", "{team: inbound, leave: [2026-03-01/2026-03-20]}")
    own = desk(away)
    qualifies(own)
    (one,) = records(own)
    assert (one.state, one.owner, one.trigger) == ("waiting", "", "mql")
    assert one.retry_at is not None
    assert Lead.objects.of(own).get().stage == "mql"
    assert rebuild.rebuild(own.pk, TEN) == rebuild.digest(own.pk)
    wakes(own, "2026-03-23 12:00")
    (one,) = records(own)
    assert (one.state, one.retry_at) == ("offered", None)
    assert one.owner in {"ana", "ben"}
    assert len(told(own, "moved")) == 1


def test_drawing_the_index_anew_changes_nothing():
    own = desk()
    qualifies(own)
    qualifies(own, "L-2")
    rejected(own, "2026-03-12 11:00")
    wakes(own, "2026-03-14 10:00")
    before = rebuild.digest(own.pk)
    kept = [*Handoff.objects.of(own).order_by("id").values()]
    Handoff.objects.of(own).delete()
    assert rebuild.digest(own.pk) != before
    assert rebuild.rebuild(own.pk, at("2026-03-14 10:00")) == before
    again = [*Handoff.objects.of(own).order_by("id").values()]
    assert [{**one, "id": 0} for one in again] == [{**one, "id": 0} for one in kept]


def test_the_worked_example_of_the_documentation():
    page = Path("docs/handoff.md").read_text()
    own = desk(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])
    born = {"industry": "retail", "source": "ads"}
    take(own, fact("L-1", "created", "2026-03-12 09:00", **born), now=at("2026-03-12 09:00"))
    assert records(own) == []
    did(own, "L-1", "guide downloaded", "2026-03-12 10:00")
    wakes(own, "2026-03-14 10:00")
    back = {"to": "re-engage", "reason": "not now"}
    when = "2026-03-16 10:00"
    take(own, fact("L-1", "returned", when, **back), now=at(when))
    did(own, "L-1", "guide downloaded", "2026-03-20 10:00")
    wakes(own, "2026-04-20 10:00")
    one, two = records(own)
    assert (one.at, one.missing, one.accept_by) == (TEN, "phone", DUE)
    assert (one.fit, one.interest) == (4_000, 4_000)
    assert (one.state, one.decided_at, one.is_silent) == ("returned", DUE, True)
    assert (two.pass_number, two.at, two.state) == (2, at("2026-04-15 10:00"), "silent")


def everything(own):
    """What the desk did of itself, without when it was heard."""
    rows = Fact.objects.of(own).filter(system="leadpact").order_by("lead", "occurred_at", "kind")
    return [*rows.values_list("lead", "kind", "occurred_at", "source_id", "body")]


def test_waking_equals_looking_every_minute():
    said = []
    for looks in (False, True):
        own = desk()
        qualifies(own)
        qualifies(own, "L-2", "2026-03-12 10:00")
        rejected(own, "2026-03-12 11:00")
        did(own, "L-1", "demo requested", "2026-03-13 10:00")
        for day in range(12, 16):
            wakes(own, f"2026-03-{day} 23:59")
            if looks:
                minutes = range(
                    at(f"2026-03-{day + 1} 10:50"), at(f"2026-03-{day + 1} 11:10"), MINUTE
                )
                for now in minutes:
                    record([Submission(own.pk, again={"L-1": None, "L-2": None})], now=now)
        wakes(own, "2026-04-20 10:00")
        kinds = [row for row in everything(own) if row[1] != RULED]
        said.append(kinds)
    assert said[0] == said[1]


def test_two_workers_hand_over_once():
    own = desk()
    arises(own)
    did(own, "L-1", "pricing viewed", "2026-03-12 09:00")
    Fact.objects.of(own).filter(system="leadpact").delete()
    Handoff.objects.of(own).delete()
    errors = []

    def work():
        try:
            record([Submission(own.pk, again={"L-1": None})], now=TEN)
        except Exception as error:  # noqa: BLE001  (told by the main thread)
            errors.append(error)
        finally:
            connections.close_all()

    workers = [Thread(target=work) for _n in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert errors == []
    assert len(told(own, "handed_over")) == len(records(own)) == 1
    assert Notice.objects.of(own).filter(kind="handed over").count() == 1


def test_the_doctor_sees_a_record_that_is_wrong():
    own = desk()
    qualifies(own)
    now = TEN + MINUTE
    assert [*recount.differences(own, now, full=True)] == []
    Handoff.objects.of(own).update(owner="nobody")
    assert [*recount.differences(own, now, full=True)] == [("L-1", "its handoffs are others.")]
