"""Handing: the standard path move by move, what becomes of handoffs, packets, attempts in vain."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from leadpact import handing
from leadpact.agreement.load import load
from leadpact.clock import to_micros
from leadpact.handing import MOVES, Situation, moves
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.program import Program
from leadpact.program.columns import NEVER

ZONE = "Europe/Warsaw"
AGREEMENT = """\
leadpact: 1
agreement: handing
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben]}
zone: Europe/Warsaw
calendars:
  office: {open: {mon-fri: [09:00-12:00, 13:00-17:00]}}
people: {ana: {team: inbound}, ben: {team: inbound}}
definitions:
  attempt: {by: [phone, email], human: yes, dial tries count: no}
qualification:
  fit: [{when: {industry: [retail]}, points: 40}]
  interest:
    - {did: guide downloaded, points: 40}
    - {did: demo requested, points: 1}
  qualifies as mql: {all: [{fit: {at least: 40}}, {interest: {at least: 40}}]}
  disqualifies: {country: [atlantis]}
handoff:
  when: mql
  share: [source, guide, phone, score with reasons]
  accept within: 8 working hours
  reasons to reject: [wrong size]
  at once: [demo requested]
  return: {after: 3 attempts without answer, to: re-engage, not before: 30 days}
nurture:
  re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}], leave when: [mql]}
"""


def at(text):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))


AGREED = load(AGREEMENT)[0]
PROGRAM = Program([AGREED])


def judged(*lines, now="2026-12-01 00:00", program=PROGRAM):
    """The judgement of one lead, told in lines: when, what, and fields."""
    facts = []
    for line in lines:
        day, hour, kind, *fields = line.split()
        told = dict(field.split("=", 1) for field in fields)
        told = {name: value.replace("_", " ") for name, value in told.items()}
        facts.append({"lead": "L", "occurred_at": f"{day} {hour}", "kind": kind, **told})
    log, problems = Log.from_facts(facts, ZONE)
    assert problems == []
    return judge(program, log, now=at(now))


def offered(*lines, now="2026-12-01 00:00", since="2026-01-01 00:00", systems=()):
    """What is to be offered: the pass and the trigger, or when to look again."""
    found = judged(*lines, now=now)
    qualified = handing.qualified(AGREED, found.log, at(now), at(since))
    given = handing.handoffs(found.stories)
    got = handing.offers(
        AGREED,
        found.stories,
        given,
        qualified,
        now=at(now),
        since=at(since),
        systems=frozenset(systems),
    )
    return [*zip(got.pass_.tolist(), got.trigger, strict=True)], got.wakes.tolist()


BORN = "2026-03-12 08:00 created industry=retail source=ads"
GUIDE = "2026-03-12 09:00 engaged what=guide_downloaded"
GIVEN = "2026-03-12 10:00 handed_over owner=ana"
STEPS = {
    "created": ["2026-03-12 08:00 created"],
    "handed_over": ["{} handed_over owner=ana"],
    "moved to mql": ["{} moved to=mql"],
    "accepted": ["{} accepted by=ana"],
    "rejected": ["{} rejected reason=wrong_size by=ana"],
    "assigned": ["{} assigned owner=ben"],
    "attempted": ["{} attempted by=ana channel=phone"],
    "moved to sql": ["{} moved to=sql"],
    "returned": ["{} returned to=re-engage reason=not_now"],
    "disqualified": ["{} disqualified reason=no_need"],
    "converted": ["{} converted"],
    "won": ["{} won"],
    "lost": ["{} lost reason=price"],
    "suppressed": ["{} suppressed reason=opt-out"],
    "merged": ["{} merged into=M"],
}
WAYS = {
    "new": [],
    "lead": ["created"],
    "mql": ["created", "handed_over"],
    "sal": ["created", "handed_over", "accepted"],
    "working": ["created", "handed_over", "accepted", "attempted"],
    "sql": ["created", "handed_over", "accepted", "moved to sql"],
    "opportunity": ["created", "handed_over", "accepted", "converted"],
    "customer": ["created", "handed_over", "won"],
    "recycled": ["created", "handed_over", "returned"],
    "disqualified": ["created", "disqualified"],
    "suppressed": ["created", "suppressed"],
    "merged": ["created", "merged"],
}
ALL_SET = Situation(
    may_qualify=True,
    has_owner=True,
    names_reason=True,
    names_agreed_reason=True,
    names_track=True,
    names_survivor=True,
)


def place_after(steps):
    lines = []
    for n, step in enumerate(steps):
        lines += [line.format(f"2026-03-12 {10 + n}:00") for line in STEPS[step]]
    return handing.places(judged(*lines).stories) if lines else ["new"]


@pytest.mark.parametrize("origin", WAYS)
def test_every_place_is_reached_by_its_way(origin):
    assert place_after(WAYS[origin]) == [origin]


@pytest.mark.parametrize("move", MOVES, ids=lambda one: f"{one.origin}-{one.fact}")
def test_every_legal_step_goes_where_the_table_says(move):
    assert handing.refusal(move.origin, move.fact, ALL_SET) is None
    if move.origin == "customer" and move.fact == "converted":
        return  # a deal with a customer opens no pass: it is outside the acquisition that is agreed
    assert place_after([*WAYS[move.origin], move.fact]) == [move.goal]


@pytest.mark.parametrize("place", moves.PLACES)
@pytest.mark.parametrize("fact", moves.FACTS)
def test_every_other_step_is_refused(place, fact):
    legal = {(move.origin, move.fact) for move in MOVES}
    why = handing.refusal(place, fact, ALL_SET)
    assert why == (None if (place, fact) in legal else "illegal")


@pytest.mark.parametrize(
    ("place", "fact", "lacking"),
    [(move.origin, move.fact, guard) for move in MOVES for guard in move.guards],
)
def test_every_guard_holds_its_step_back(place, fact, lacking):
    known = Situation(**{**ALL_SET.__dict__, lacking: False})
    assert handing.refusal(place, fact, known) == lacking


def test_the_page_shows_the_table():
    page = Path("docs/handoff.md").read_text()
    assert moves.table() in page
    assert moves.diagram() in page


def test_a_rule_or_an_act_hands_over():
    assert offered(BORN)[0] == []
    assert offered(BORN, GUIDE)[0] == [(1, "mql")]
    assert offered("2026-03-12 08:00 created", "2026-03-12 09:00 engaged what=demo_requested")[
        0
    ] == [(1, "demo requested")]
    assert offered(BORN, GUIDE, GIVEN)[0] == []
    assert offered(BORN, GUIDE, since="2026-03-12 09:01")[0] == []
    assert offered(BORN, GUIDE, systems=["log"])[0] == []


@pytest.mark.parametrize(
    "end",
    [
        "suppressed reason=opt-out",
        "merged into=M",
        "disqualified reason=no_need",
        "described country=atlantis",
        "moved to=sql",
    ],
)
def test_who_is_gone_or_further_is_not_offered(end):
    assert offered(BORN, GUIDE, f"2026-03-12 11:00 {end}")[0] == []


BACK = "2026-03-13 10:00 returned to=re-engage"
REST_OVER = at("2026-04-12 10:00")


def test_a_returned_lead_rests_and_has_to_show_interest():
    quiet = [BORN, GUIDE, GIVEN, BACK]
    assert offered(*quiet) == ([], [np.iinfo(np.int64).max])
    keen = [*quiet, "2026-03-20 10:00 engaged what=guide_downloaded"]
    assert offered(*keen, now="2026-04-12 09:59") == ([], [REST_OVER])
    assert offered(*keen, now="2026-04-12 10:00")[0] == [(2, "mql")]
    own = "2026-03-13 10:00 returned to=re-engage not_before=2026-06-01T10:00:00+02:00"
    later = [BORN, GUIDE, GIVEN, own, keen[-1]]
    assert offered(*later, now="2026-05-31 10:00") == ([], [at("2026-06-01 10:00")])


def records(*lines, now="2026-12-01 00:00"):
    found = handing.handoffs(judged(*lines, now=now).stories)
    return [
        (handing.STATES[state], ("", "open", "upheld", "overturned")[dispute])
        for state, dispute in zip(found.state.tolist(), found.dispute.tolist(), strict=True)
    ]


NO = "2026-03-12 11:00 rejected reason=wrong_size by=ana"
AGAINST = "2026-03-12 12:00 disputed promise=handoff by=mia"


@pytest.mark.parametrize(
    ("lines", "states"),
    [
        ([], [("offered", "")]),
        (["2026-03-12 11:00 accepted by=ana"], [("accepted", "")]),
        (["2026-03-12 11:00 accepted silent=yes"], [("silent", "")]),
        (["2026-03-12 11:00 moved to=sql"], [("accepted", "")]),
        ([NO], [("rejected", "")]),
        ([NO, AGAINST], [("rejected", "open")]),
        ([NO, AGAINST, "2026-03-13 12:00 disputed promise=handoff outcome=upheld"],
         [("rejected", "upheld")]),
        ([NO, AGAINST, "2026-03-13 12:00 disputed promise=handoff outcome=overturned",
          "2026-03-13 12:01 handed_over owner=ben"],
         [("rejected", "overturned"), ("offered", "")]),
        (["2026-03-12 11:00 accepted by=ana", "2026-03-12 12:00 returned to=re-engage"],
         [("returned", "")]),
        (["2026-03-12 11:00 accepted by=ana", "2026-03-12 12:00 rejected reason=wrong_size"],
         [("returned", "")]),
        (["2026-03-12 11:00 suppressed"], [("ended", "")]),
        (["2026-03-12 11:00 disqualified reason=no_need"], [("ended", "")]),
        (["2026-03-12 11:00 accepted by=ana", "2026-03-12 12:00 merged into=M"], [("ended", "")]),
    ],
)  # fmt: skip
def test_what_becomes_of_a_handoff(lines, states):
    assert records(BORN, GIVEN, *lines) == states


def test_only_an_overturned_rejection_comes_back_at_once():
    over = "2026-03-13 12:00 disputed promise=handoff outcome=overturned"
    lost = "2026-03-13 12:00 disputed promise=handoff outcome=upheld"
    start = [BORN, GUIDE, GIVEN, NO, AGAINST]
    assert offered(*start, now="2026-03-13 11:00")[0] == []
    assert offered(*start, over, now="2026-03-13 12:00")[0] == [(2, "rejection overturned")]
    assert offered(*start, lost, now="2026-03-13 12:00")[0] == []


def limit(*lines, now):
    found = judged(*lines, now=now)
    given = handing.handoffs(found.stories)
    deciding = judge(handing.acceptance(PROGRAM), found.log, now=at(now)).obligations
    got = handing.limits(deciding, given.lead, given.pass_)
    return got.until.tolist(), got.silent.tolist()


def test_silence_counts_once_the_working_time_is_over():
    # Thursday 10:00 to noon, 13:00 to 17:00; two more hours on Friday from 9:00.
    due = [at("2026-03-13 11:00")]
    assert limit(BORN, GIVEN, now="2026-03-13 11:00") == (due, [False])
    assert limit(BORN, GIVEN, now="2026-03-13 11:01") == (due, [True])
    paused = ["2026-03-12 11:00 paused", "2026-03-13 11:00 resumed"]
    assert limit(BORN, GIVEN, *paused, now="2026-03-13 11:01")[0] == [at("2026-03-16 11:00")]
    said = "2026-03-12 11:00 accepted by=ana"
    assert limit(BORN, GIVEN, said, now="2026-03-14 11:00") == (due, [False])


def vain(*lines):
    got = handing.exhausted(AGREED, judged(BORN, GIVEN, *lines).stories)
    return got.attempts.tolist(), got.may_return.tolist()


def test_attempts_without_answer_are_counted_from_the_last_answer():
    tries = [f"2026-03-12 1{n}:00 attempted by=ana channel=phone outcome=busy" for n in range(3)]
    assert vain(*tries[:2]) == ([2], [False])
    assert vain(*tries) == ([3], [True])
    assert vain(*tries, "2026-03-12 13:00 replied channel=email") == ([0], [False])
    assert vain(*tries[:2], "2026-03-12 13:00 attempted channel=fax") == ([2], [False])
    assert vain(*tries[:2], "2026-03-12 13:00 attempted channel=phone human=no") == ([2], [False])


def test_the_packet_says_what_it_has_and_what_it_lacks():
    share = ("source", "guide", "phone", "employees", "score with reasons")
    log = judged(BORN, GUIDE).log
    got = handing.packet(share, log, 0, score={"fit": "40"}, personal=["phone"])
    guide = [{"what": "guide downloaded", "at": "2026-03-12T08:00:00+00:00"}]
    assert got.fields == {
        "source": "ads",
        "guide": guide,
        "phone": True,
        "score with reasons": {"fit": "40"},
    }
    assert got.missing == ("employees",)
    assert handing.packet(share, log, 0).missing == ("phone", "employees", "score with reasons")


BY_ITSELF = "by itself: {after: 2 working days, reason: no answer, warn after: 1 working day}"
LAPSING = load(AGREEMENT.replace("not before: 30 days", f"not before: 30 days, {BY_ITSELF}"))[0]
TRIES = tuple(
    f"2026-03-12 {hour} attempted by=ana channel=phone outcome=busy"
    for hour in ("10:10", "11:00", "12:00")
)


def lapse(*lines, since="2026-01-01 00:00", agreed=LAPSING):
    """When the lead goes back by itself, and when of that is warned."""
    found = judged(BORN, GIVEN, *lines, now="2026-03-31 00:00", program=Program([agreed]))
    got = handing.lapses(agreed, found.stories, at(since))
    return tuple(None if one == NEVER else int(one) for one in (got.due[0], got.warned[0]))


def test_silence_after_the_agreed_attempts_runs_on_the_clock_of_whoever_has_the_lead():
    # Thursday noon: warned on Friday, back on Monday, both when the desk opens after its break.
    back = at("2026-03-16 12:00"), at("2026-03-13 12:00")
    assert lapse(*TRIES) == back
    assert lapse(*TRIES[:2]) == (None, None)
    assert lapse(*TRIES, agreed=AGREED) == (None, None)
    assert lapse(*TRIES, since="2026-03-17 10:00")[0] == at("2026-03-19 10:00")


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("2026-03-13 10:00 replied channel=email", None),
        ("2026-03-13 10:00 engaged what=meeting_booked", None),
        ("2026-03-13 10:00 attempted by=ana channel=phone outcome=reached", None),
        ("2026-03-13 10:00 moved to=sql", None),
        ("2026-03-13 10:00 converted", None),
        ("2026-03-13 10:00 suppressed reason=opt-out", None),
        ("2026-03-13 10:00 paused", None),
        ("2026-03-13 10:00 engaged what=guide_downloaded", "2026-03-17 10:00"),
        ("2026-03-13 10:00 assigned owner=ben", "2026-03-17 10:00"),
        ("2026-03-13 10:00 attempted by=ana channel=fax", "2026-03-17 10:00"),
        ("2026-03-13 10:00 attempted by=ana channel=phone human=no", "2026-03-16 12:00"),
    ],
)
def test_what_happens_in_between_stops_it_or_lets_the_silence_begin_anew(line, due):
    assert lapse(*TRIES, line)[0] == (None if due is None else at(due))
