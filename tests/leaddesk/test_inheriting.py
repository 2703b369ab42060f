"""Inheriting: after a merge the lead that stays goes on with the track; both are as before if it is undone."""

import pytest

from leaddesk.book import merging, rules
from leaddesk.book.access import operator
from leaddesk.book.models import AgreementVersion, Contact, Enrolment, Handoff, Mailing, Offer
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.operation import recount
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, take, workspace
from tests.leaddesk.handing_scene import AGREED, desk, qualifies, records, wakes
from tests.leaddesk.nurturing import TEXTS, post_office, send

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")
TRACKS = """\
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 1 day}
      - {stage: consideration, send: case, after: 2 days}
      - {stage: decision, send: offer, after: 2 days}
    leave when: [mql, replied]
  other: {steps: [{stage: awareness, send: letter, after: 9 days}], leave when: [mql]}
"""


@pytest.fixture
def own():
    """Two leads of one person; one is in a track, and had its first step a day ago."""
    own = workspace(AGREEMENT + TRACKS, nurtures_since=1, postal_address="1 Quay")
    for key in ("guide", "case", "offer"):
        Offer.objects.of(own).create(workspace=own, key=key, texts=TEXTS, changed_at=1)
    for lead in ("L-1", "L-2"):
        take(own, fact(lead, "created", "2026-03-09 09:00"), now=at("2026-03-09 09:00"))
        said = {"name": "Noor", "email": "noor@example.com", "created_at": 1}
        Contact.objects.of(own).create(workspace=own, lead=lead, **said)
    enrolled(own, "L-2", "re-engage", "2026-03-10 10:00")
    step = fact("L-2", "enrolled", "2026-03-11 10:00", track="re-engage", step="guide")
    take(own, step, now=at("2026-03-11 10:00"))
    return own


def enrolled(own, lead, track, when):
    entry = fact(lead, "enrolled", when, track=track, why="x") | {"system": "desk"}
    take(own, entry | {"source_id": f"{lead}-{when}"}, now=at(when))


def merged(own, now=NOW):
    return merging.merge_leads(operator(own.pk), "L-2", "L-1", {}, now)


def preview(own, now=NOW):
    return merging.preview_of_leads(operator(own.pk), "L-2", "L-1", now).nurture


def stay(own, lead):
    """The track that a lead is in: its name, the step that comes next, and when."""
    row = Enrolment.objects.of(own).filter(lead=lead, left_at=None).first()
    return row and (row.track, row.step, row.next_at)


def test_the_track_goes_on_at_the_same_step_and_as_early(own):
    before = stay(own, "L-2")
    assert before == ("re-engage", 1, at("2026-03-13 10:00"))
    assert preview(own) == ("re-engage", "")
    merge = merged(own)
    assert (stay(own, "L-1"), stay(own, "L-2")) == (before, None)
    (row,) = Enrolment.objects.of(own).filter(lead="L-1")
    assert row.why == "@takes over L-2"
    assert [*recount.differences(own, NOW, full=True)] == []
    merging.undo(operator(own.pk), merge.key, NOW + MINUTE)
    assert (stay(own, "L-1"), stay(own, "L-2")) == (None, before)
    assert [*recount.differences(own, NOW + MINUTE, full=True)] == []
    merged(own, NOW + 2 * MINUTE)
    assert (stay(own, "L-1"), stay(own, "L-2")) == (before, None)


def test_no_step_is_sent_twice_not_even_once_the_merge_is_undone(own):
    merge = merged(own)
    due = at("2026-03-13 10:00")
    with post_office(own) as box:
        wakes(own, "2026-03-13 10:00")
        send(due)
        assert len(box.mails) == 1
        assert stay(own, "L-1")[1] == 2
        later = due + 30 * DAY
        merging.undo(operator(own.pk), merge.key, later)
        assert stay(own, "L-2")[:2] == ("re-engage", 1)
        send(later)
        assert len(box.mails) == 1  # the step that the other one got is left out
        assert stay(own, "L-2")[:2] == ("re-engage", 2)
    assert [*Mailing.objects.of(own).filter(step=0)] == []


def chained(own):
    """L-2 is merged into L-1, and that into L-3."""
    take(own, fact("L-3", "created", "2026-03-09 09:00"), now=at("2026-03-09 09:00"))
    first = merged(own)
    return first, merging.merge_leads(operator(own.pk), "L-1", "L-3", {}, NOW + MINUTE)


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_chain_of_merges_each_can_be_undone_by_itself(own, turned):
    before = stay(own, "L-2")
    first, second = chained(own)
    assert [stay(own, lead) for lead in ("L-1", "L-2", "L-3")] == [None, None, before]
    for turn, merge in enumerate((second, first) if turned else (first, second), 2):
        merging.undo(operator(own.pk), merge.key, NOW + turn * MINUTE)
        there = "L-1" if turned and turn == 2 else "L-2"
        stays = {lead: stay(own, lead) for lead in ("L-1", "L-2", "L-3")}
        assert stays == {"L-1": None, "L-2": None, "L-3": None} | {there: before}
        assert [*recount.differences(own, NOW + turn * MINUTE, full=True)] == []


def test_a_step_that_was_sent_at_the_end_of_a_chain_is_sent_to_nobody_else(own):
    first, second = chained(own)
    with post_office(own) as box:
        wakes(own, "2026-03-13 10:00")
        send(at("2026-03-13 10:00"))
        later = at("2026-03-13 10:00") + 30 * DAY
        merging.undo(operator(own.pk), second.key, later)
        merging.undo(operator(own.pk), first.key, later + MINUTE)
        send(later + 2 * MINUTE)
        assert len(box.mails) == 1
        assert stay(own, "L-2")[:2] == ("re-engage", 2)


def test_a_track_that_is_over_by_the_version_in_force_is_not_gone_on_with(own):
    step = fact("L-2", "enrolled", "2026-03-12 09:00", track="re-engage", step="case")
    take(own, step, now=at("2026-03-12 09:00"))
    shorter = (AGREEMENT + TRACKS).replace("version: 1", "version: 2").replace("-01-01", "-03-12")
    shorter = shorter.replace("      - {stage: decision, send: offer, after: 2 days}\n", "")
    state = AgreementVersion.State.IN_FORCE
    said = {"name": "A small desk", "number": 2, "valid_from": "2026-03-12", "text": shorter}
    said |= {"hash": f"{own.pk + 1000:064}", "state": state, "proposed_by": "mia", "proposed_at": 1}
    AgreementVersion.objects.of(own).create(workspace=own, **said)
    rules.changed(own.pk, every_lead=True)
    assert preview(own) == ("re-engage", "no step is left")
    merged(own)
    assert stay(own, "L-1") is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "suppressed", "reason": "opt-out"}, "not to be contacted"),
        ({"kind": "handed_over", "owner": "ana"}, "with sales"),
        ({"kind": "moved", "to": "mql"}, "left it before"),
        ({"kind": "replied", "channel": "email"}, "left it before"),
        ({"kind": "enrolled", "track": "other"}, "in a track"),
    ],
)
def test_what_forbids_it_is_named_before(own, said, why):
    fresh = {"lead": "L-1", "occurred_at": "2026-03-11 12:00", **said}
    take(own, fresh, now=at("2026-03-11 12:00"))
    assert preview(own) == ("re-engage", why)
    before = stay(own, "L-1")
    merged(own)
    assert (stay(own, "L-1"), stay(own, "L-2")) == (before, None)


def test_a_merge_that_history_tells_lets_nobody_go_on(own):
    take(own, fact("L-2", "merged", "2026-03-12 09:00", into="L-1"), now=NOW, announce=False)
    take(own, fact("L-1", "described", "2026-03-14 09:00", industry="x"), now=NOW + 2 * DAY)
    assert stay(own, "L-1") is None


def test_an_open_pass_goes_on_with_its_earliest_start_and_one_clock():
    own = desk(AGREED)
    qualifies(own, "L-2")
    take(own, fact("L-1", "created", "2026-03-12 10:10"), now=at("2026-03-12 10:10"))
    (given,) = records(own, "L-2")
    merge = merging.merge_leads(operator(own.pk), "L-2", "L-1", {}, at("2026-03-12 10:30"))
    (here,) = records(own, "L-1")
    assert (here.state, here.at, here.accept_by) == ("offered", given.at, given.accept_by)
    assert here.owner == given.owner
    assert [one.state for one in records(own, "L-2")] == ["ended"]
    wakes(own, "2026-03-16 10:00")
    assert [one.state for one in records(own, "L-1")] == ["silent"]
    merging.undo(operator(own.pk), merge.key, at("2026-03-16 11:00"))
    assert records(own, "L-1") == []
    wakes(own, "2026-03-17 10:00")
    assert [one.state for one in records(own, "L-2")] == ["silent"]
    assert Handoff.objects.of(own).count() == 1


def test_of_two_open_passes_the_earlier_one_counts():
    own = desk(AGREED)
    qualifies(own, "L-2")
    take(own, handed_over("L-1", "2026-03-12 11:00", owner="ben"), now=at("2026-03-12 11:00"))
    (first,) = records(own, "L-2")
    merging.merge_leads(operator(own.pk), "L-2", "L-1", {}, at("2026-03-12 11:30"))
    (here,) = records(own, "L-1")
    assert (here.state, here.at, here.pass_number) == ("offered", first.at, 1)
