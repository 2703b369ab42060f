"""Lapsing: leads go back by themselves after the agreed attempts and silence; people are warned before."""

import json

import pytest

from leaddesk.book import acts, merging, rebuild, rules, wake
from leaddesk.book.access import actor_of, operator
from leaddesk.book.asked import Asked
from leaddesk.book.models import AgreementVersion, Enrolment, Fact, Lead, Notice, Person, Workspace
from leaddesk.book.refusal import Refused
from leadpact.facts import ATTEMPTED, RETURNED
from tests.leaddesk.desk import at, fact, handed_over, take
from tests.leaddesk.handing_scene import AGREED, desk, qualifies, records, told, wakes

pytestmark = pytest.mark.django_db(transaction=True)
BY_ITSELF = "by itself: {after: 2 working days, reason: no answer, warn after: 1 working day}"
TEXT = AGREED.replace("not before: 30 days", f"not before: 30 days, {BY_ITSELF}")
BACK = at("2026-03-16 12:00")
TRIES = ("10:10", "11:00", "12:00")


def tried(text=TEXT, tries=TRIES, **fields):
    """A lead that sales tried on Thursday as often as agreed, in vain."""
    own = desk(text, **fields)
    qualifies(own)
    owner = records(own)[0].owner
    for hour in tries:
        when = f"2026-03-12 {hour}"
        said = {"by": owner, "channel": "phone", "outcome": "busy"}
        take(own, fact("L-1", "attempted", when, **said), now=at(when))
    return own


def returned(own):
    return told(own, "returned")


def test_it_goes_back_once_into_the_track_with_the_day_on_which_it_may_come_again():
    own = tried()
    wakes(own, "2026-03-16 11:59")
    assert returned(own) == []
    wakes(own, "2026-03-31 10:00")
    (one,) = returned(own)
    assert (one["at"], one["to"], one["reason"]) == (BACK, "re-engage", "no answer")
    assert (one["not_before"], one.get("by")) == ("2026-04-15T10:00:00+00:00", None)
    assert one["why"] == "by itself after 3 attempts without answer and 2 working days of silence"
    (record,) = records(own)
    assert (record.state, record.track, record.left_at) == ("returned", "re-engage", BACK)
    assert record.not_before == at("2026-04-15 12:00")
    before = told(own, "returned", "corrected")
    rebuild.rebuild(own.pk, at("2026-03-31 12:00"))
    assert told(own, "returned", "corrected") == before


def test_whoever_has_it_is_warned_once_and_before():
    own = tried()
    wakes(own, "2026-03-16 11:00")
    (one,) = Notice.objects.of(own).filter(kind="goes back")
    body = json.loads(one.body)
    assert (one.to, one.cause_at) == (records(own)[0].owner, at("2026-03-13 12:00"))
    assert body["due_at"] == "2026-03-16T11:00:00+00:00"
    take(own, fact("L-1", "replied", "2026-03-16 11:00"), now=at("2026-03-16 11:00"))
    assert not Notice.objects.of(own).filter(kind="goes back").exists()  # it wasn't posted yet


def test_without_that_key_it_is_offered_and_never_runs():
    own = tried(AGREED)
    wakes(own, "2026-04-30 10:00")
    assert (returned(own), records(own)[0].attempts) == ([], 3)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("replied", {"channel": "email"}),
        ("engaged", {"what": "meeting booked"}),
        ("paused", {"reason": "asked to wait"}),
        ("converted", {}),
        ("returned", {"to": "re-engage", "by": "ana", "reason": "not now"}),
    ],
)
def test_an_answer_a_pause_or_a_person_stops_it(kind, fields):
    own = tried()
    take(own, fact("L-1", kind, "2026-03-13 10:00", **fields), now=at("2026-03-13 10:00"))
    wakes(own, "2026-03-31 10:00")
    assert [one for one in returned(own) if "by" not in one] == []


def test_after_a_pause_that_ended_by_itself_the_silence_begins_anew():
    own = tried()
    take(own, fact("L-1", "paused", "2026-03-13 10:00"), now=at("2026-03-13 10:00"))
    wakes(own, "2026-05-31 10:00")
    (one,) = returned(own)  # 30 days later, on a Sunday; Monday and Tuesday of silence
    assert one["at"] == at("2026-04-14 10:00")


def test_what_is_heard_of_late_takes_it_back():
    own = tried()
    wakes(own, "2026-03-17 10:00")
    take(own, fact("L-1", "replied", "2026-03-16 11:00"), now=at("2026-03-17 11:00"))
    (one,) = told(own, "corrected")
    assert (one["why"], records(own)[0].state) == ("something was heard of late", "silent")
    wakes(own, "2026-04-30 10:00")
    assert len(returned(own)) == 1


def test_what_is_heard_of_late_but_was_before_the_silence_changes_nothing():
    own = tried()
    guide = fact("L-1", "engaged", "2026-03-13 10:00", what="guide downloaded")
    take(own, guide, now=at("2026-03-13 10:00"))
    wakes(own, "2026-03-18 10:00")
    late = fact("L-1", "engaged", "2026-03-12 15:00", what="guide downloaded")
    take(own, late, now=at("2026-03-18 11:00"))
    assert (told(own, "corrected"), records(own)[0].state) == ([], "returned")


def test_an_attempt_that_is_taken_back_takes_the_return_back():
    own = tried()
    wakes(own, "2026-03-16 13:00")
    tries = Fact.objects.of(own).filter(lead="L-1", kind=ATTEMPTED).values_list("source_id")
    ((last,),) = tries.order_by("-occurred_at")[:1]
    when = "2026-03-16 14:00"
    take(own, fact("L-1", "corrected", when, fact=last, why="never happened"), now=at(when))
    assert (records(own)[0].state, records(own)[0].attempts) == ("silent", 2)
    wakes(own, "2026-04-30 10:00")
    assert len(returned(own)) == 1


@pytest.mark.parametrize("is_paused", [False, True])
def test_a_version_that_begins_in_the_future_wakes_what_goes_back_by_it(is_paused):
    own = tried(AGREED)
    if is_paused:  # until April 12
        take(own, fact("L-1", "paused", "2026-03-13 10:00"), now=at("2026-03-13 10:00"))
    text = TEXT.replace("version: 1", "version: 2").replace("2026-01-01", "2026-05-01")
    AgreementVersion.objects.of(own).create(
        workspace=own, number=2, valid_from="2026-05-01", text=text, hash=f"{own.pk:064}",
        state="in force", name="A small desk", proposed_by="mia", proposed_at=1,
    )  # fmt: skip
    rules.changed(own.pk, every_lead=True)
    wake.woken(at("2026-04-12 09:00"))
    wakes(own, "2026-07-31 10:00")
    assert [one["at"] for one in returned(own)] == [at("2026-05-05 09:00")]


def test_what_somebody_takes_back_is_not_done_again_for_the_same_silence():
    own = tried()
    wakes(own, "2026-03-16 13:00")
    owner = records(own)[0].owner
    other = Person.objects.of(own).get(key="mia")
    own_fact = next(iter(_ids(own)))
    asked = Asked(actor_of(other), "L-1", "t", at("2026-03-17 10:00"))
    with pytest.raises(Refused):
        acts.take_back(asked, [own_fact])
    mine = Asked(actor_of(Person.objects.of(own).get(key=owner)), "L-1", "t", asked.now)
    assert acts.take_back(mine, [own_fact]).outcome == "new"
    assert records(own)[0].state == "silent"
    wakes(own, "2026-04-30 10:00")
    assert len(returned(own)) == 1
    said = {"by": owner, "channel": "phone", "outcome": "busy"}
    take(own, fact("L-1", "attempted", "2026-05-04 10:00", **said), now=at("2026-05-04 10:00"))
    wakes(own, "2026-05-31 10:00")
    assert [one["at"] for one in returned(own)] == [BACK, at("2026-05-06 10:00")]


def _ids(own):
    rows = Fact.objects.of(own).filter(lead="L-1", kind=RETURNED)
    return [*rows.values_list("source_id", flat=True)]


def test_what_was_silent_before_the_desk_did_it_begins_anew_then():
    own = tried(since=at("2026-03-10"))
    later = at("2026-03-20 10:00")
    Workspace.objects.filter(pk=own.pk).update(hands_over_since=later)
    rules.changed(own.pk, every_lead=True)
    take(own, fact("L-1", "described", "2026-03-19 10:00", industry="food"), now=later)
    wakes(own, "2026-03-31 10:00")
    assert [one["at"] for one in returned(own)] == [at("2026-03-24 10:00")]


def test_leads_of_systems_that_do_it_themselves_are_left_alone():
    own = desk(TEXT, but=["tests"])
    take(own, fact("L-1", "created", "2026-03-12 09:00"), handed_over("L-1", "2026-03-12 10:00"))
    for hour in TRIES:
        take(own, fact("L-1", "attempted", f"2026-03-12 {hour}", by="ana", channel="phone"))
    wakes(own, "2026-03-31 10:00")
    assert (returned(own), records(own)[0].attempts) == ([], 3)
    assert not Lead.objects.of(own).filter(wake_at__lte=at("2026-03-31 10:00")).exists()


def test_what_went_back_for_a_lead_that_was_merged_is_taken_back_with_the_merge():
    own = tried()
    take(own, fact("L-2", "created", "2026-03-12 09:00"), now=at("2026-03-12 13:00"))
    merge = merging.merge_leads(operator(own.pk), "L-1", "L-2", {}, at("2026-03-12 13:00"))
    wakes(own, "2026-03-17 10:00")
    assert [one.state for one in records(own, "L-2")] == ["returned"]
    merging.undo(operator(own.pk), merge.key, at("2026-03-17 11:00"))
    assert Enrolment.objects.of(own).filter(lead="L-2", left_at=None).count() == 0
    wakes(own, "2026-03-20 10:00")
    assert [one.state for one in records(own)] == ["returned"]
