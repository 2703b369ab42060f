"""Deciding: only sales speaks for sales, and only arbiters settle, by acts and by facts."""

import pytest

from leaddesk.book import access, acts, handoff_acts, moment, trials
from leaddesk.book.asked import Asked
from leaddesk.book.models import Fact, Person
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Forbidden, Refused
from leadpact.facts import CODES
from tests.leaddesk.asking import Caller
from tests.leaddesk.desk import at, person
from tests.leaddesk.handing_scene import AGREED, desk, did, qualifies, records

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 11:00")
REPS = AGREED.replace("by: [mia, ana]", "by: [ana, ben]")


@pytest.fixture(autouse=True)
def clock():
    with moment.standing_at(NOW):
        yield


def said(own, who, kind, when="2026-03-12T10:30:00+01:00", **fields):
    """The problems of a fact that somebody hands in over the API; none where it is taken."""
    role = Person.objects.of(own).get(key=who).role
    caller = Caller(own, role, person=who)
    told = {"lead": "L-1", "kind": kind, "occurred_at": when, **fields}
    answer = caller.post("/facts", told).json()
    return [one["problem"] for one in answer.get("problems", [])]


def asked(own, who, token="t"):
    somebody = Person.objects.of(own).get(key=who)
    return Asked(access.actor_of(somebody), "L-1", token, moment.now())


def rejected(text=AGREED):
    """A desk where the owner of a lead rejected it; who that is, and the other rep."""
    own = desk(text)
    qualifies(own)
    owner = records(own)[0].owner
    acts.reject(asked(own, owner), reason="wrong size")
    return own, owner, "ben" if owner == "ana" else "ana"


NOT_COVERED = ["Your role in this workspace doesn't cover it."]
OTHERS = ["The lead 'L-1' belongs to somebody else."]


def test_a_fact_contests_or_settles_for_those_alone_who_may():
    own, owner, _other = rejected()
    when = "2026-03-12T11:00:00+01:00"
    contest = {"promise": "handoff", "why": "it fits", "when": when}
    assert said(own, owner, "disputed", **contest) == NOT_COVERED
    assert said(own, "mia", "disputed", **contest, by="lena") == []
    (one,) = records(own)
    assert (one.dispute, one.disputed_by) == ("open", "mia")
    over = {"promise": "handoff", "outcome": "overturned", "when": when}
    assert said(own, "lena", "disputed", **over) == NOT_COVERED
    assert said(own, owner, "disputed", promise="first contact", why="late") == []


def test_named_arbiters_decide_whatever_their_role_but_not_on_their_own_doing():
    own, owner, other = rejected(REPS)
    handoff_acts.contest(asked(own, "mia"), why="it fits")
    with pytest.raises(Forbidden):
        handoff_acts.settle(asked(own, "lena"), outcome="upheld", why="x")
    with pytest.raises(Refused):
        handoff_acts.settle(asked(own, owner), outcome="upheld", why="x")
    assert said(own, owner, "disputed", promise="handoff", outcome="upheld") != []
    caller = Caller(own, "rep", person=other)
    sent = {"outcome": "upheld", "why": "too small"}
    assert caller.post("/leads/L-1/settle", sent).status_code == 201
    assert records(own)[0].dispute == "upheld"


def test_without_named_arbiters_it_takes_the_right():
    own, _owner, other = rejected(
        AGREED.replace("  arbitration: {by: [mia, ana], within: 5 days}\n", "")
    )
    handoff_acts.contest(asked(own, "mia"), why="it fits")
    with pytest.raises(Forbidden):
        handoff_acts.settle(asked(own, other), outcome="upheld", why="x")
    assert handoff_acts.settle(asked(own, "lena"), outcome="upheld", why="x").outcome == "new"


@pytest.mark.parametrize(("kind", "fields"), [
    ("accepted", {}), ("rejected", {"reason": "wrong size"}),
    ("returned", {"to": "re-engage", "reason": "not now"}),
])  # fmt: skip
def test_marketing_never_speaks_for_sales(kind, fields):
    own = desk()
    person(own, "max", role="marketer")
    qualifies(own)
    for who in ("mia", "max"):
        assert said(own, who, kind, **fields) == OTHERS
        with pytest.raises(Refused):
            acts.accept(asked(own, who))
        with pytest.raises(Refused):
            acts.give_back(asked(own, who), track="re-engage", reason="not now")
    assert said(own, "lena", kind, **fields) == []


def test_a_program_of_an_admin_tells_what_sales_said_elsewhere():
    own = desk()
    qualifies(own)
    person(own, "root", role="admin")
    assert said(own, "root", "rejected", reason="told otherwise", by="ana") == []
    assert records(own)[0].decided_by == "ana"


def test_a_rejection_by_a_fact_needs_an_agreed_reason_and_counts_when_it_is_heard():
    own = desk()
    qualifies(own)
    owner = records(own)[0].owner
    reason = ["That isn't one of the agreed reasons."]
    assert said(own, owner, "rejected", reason="tired", by=owner) == reason
    with moment.standing_at(NOW + 4 * DAY):
        over = said(own, owner, "rejected", reason="wrong size", by=owner)
        assert over == ["The time to reject this lead is over: silence counted as yes."]
        late = asked(own, owner)
        with pytest.raises(Refused):
            acts.reject(Asked(late.actor, "L-1", "t", late.now, at=NOW), reason="wrong size")
    assert said(own, owner, "rejected", reason="wrong size", by=owner) == []


def test_who_said_no_is_barred_and_one_colleague_remains():
    own = desk()
    qualifies(own)
    owner = records(own)[0].owner
    other = "ben" if owner == "ana" else "ana"
    acts.reject(asked(own, other), reason="wrong size")
    did(own, "L-1", "demo requested", "2026-04-15 10:00")
    assert [one.owner for one in records(own)] == [owner, owner]


def test_a_dry_run_scores_leads_as_of_now_and_in_hundredths():
    near = "\n    territories: [{when: {interest: {at least: 22.5}}, to: [ben]}]"
    own = desk(AGREED.replace("route: {by: weight}", f"route:\n    by: weight{near}"), since=NOW)
    qualifies(own, when="2026-03-01 10:00")
    mia = access.actor_of(Person.objects.of(own).get(key="mia"))
    soon, later = (
        trials.trial(mia, ["L-1"], at(when)).decisions[0].territory
        for when in ("2026-03-01 11:00", "2026-05-30 10:00")
    )
    assert soon != later


def test_scores_of_the_rules_are_the_desks_own_and_points_are_plain():
    own = desk()
    qualifies(own)
    assert said(own, "lena", "scored", model="Rules v1", fit="90") != []
    assert said(own, "lena", "scored", model="by hand", fit="1_0") == [
        "'1_0' isn't a number of points."
    ]
    assert said(own, "lena", "scored", model="by hand", fit="-12.5") == []


def test_the_page_offers_to_decide_where_that_can_be_done(client):
    from types import SimpleNamespace

    from leaddesk.pages.lead import _sales_offers

    own = desk()
    qualifies(own)
    row = handoff_acts.Lead.objects.of(own).get(key="L-1")

    def offers(who, now=NOW):
        request = SimpleNamespace(actor=asked(own, who).actor, handoffs=records(own)[::-1])
        offered = SimpleNamespace(rejections=("wrong size",))
        with moment.standing_at(now):
            return [one[0] for one in _sales_offers(request, row, offered, None)]

    assert (offers("lena"), offers("mia")) == (["accept", "reject"], [])
    assert offers("lena", records(own)[0].accept_by + MINUTE) == ["accept"]
    acts.accept(asked(own, "lena"))
    assert offers("lena") == []


def test_what_others_decided_is_taken_back_by_those_alone_who_may_decide_so():
    own, owner, _other = rejected()
    facts = Fact.objects.of(own).filter(lead="L-1")
    rejection = facts.get(kind=CODES["rejected"]).source_id
    handover = facts.get(kind=CODES["handed_over"]).source_id
    assert said(own, "mia", "corrected", fact=rejection) == NOT_COVERED
    assert said(own, owner, "corrected", fact=handover) == NOT_COVERED
    assert records(own)[0].state == "rejected"
    assert said(own, owner, "corrected", fact=rejection) == []
    assert records(own)[0].state == "offered"
