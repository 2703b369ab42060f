"""Acts: what people do with a lead, what takes it back, and who did the same just before."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaddesk.book import acts, rebuild, record, reminders
from leaddesk.book.access import Actor
from leaddesk.book.asked import Asked, Done, Same
from leaddesk.book.models import Due, Entry, Fact, Lead, Note, Reminder
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leadpact import facts
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")
AGREED = (
    AGREEMENT
    + """\
handoff:
  when: mql
  accept within: 8 working hours
  reasons to reject: [wrong size, wrong role]
  return: {after: 7 attempts without answer, to: re-engage, not before: 30 days}
nurture:
  re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}], leave when: [mql]}
pauses: {reasons: [asked to wait], at most: 30 days}
"""
)


@pytest.fixture
def own():
    own = workspace(AGREED)
    for key in ("ana", "ben"):
        person(own, key, team="inbound")
    person(own, "cleo", team="outbound")
    person(own, "lena", role="sales lead")
    take(own, fact("L-1", "created", "2026-03-12 08:00", type="demo"), now=NOW)
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=NOW)
    return own


@pytest.fixture
def asked(own):
    def ask(token="t1", who="ana", role="rep", now=NOW, **more):
        return Asked(Actor(own.pk, who, role), "L-1", token, now, **more)

    return ask


def verdicts(own):
    return [*Due.objects.of(own).order_by("id").values_list("promise", "verdict", "answered_at")]


def rows(own):
    """All index rows, but for what only says that something was recorded."""
    dues = [*Due.objects.of(own).order_by("lead", "promise").values(*DUES)]
    return dues, [*Lead.objects.of(own).order_by("key").values(*LEADS)]


DUES = ("lead", "promise", "rung", "owner", "started_at", "due_at", "answered_at", "verdict")
LEADS = ("key", "standing", "stage", "owner", "is_paused", "due_at", "urgent_at", "open", "broken")


def body_of(own, source_id):
    row = Fact.objects.of(own).get(source_id=source_id)
    return facts.KINDS[row.kind].name, json.loads(row.body)


def test_an_attempt_stops_the_clock(own, asked):
    done = acts.attempt(asked(), channel="Phone", outcome="no answer", seconds="1:30")
    assert done == Done("new", (acts.key_of(asked(), "attempted"),))
    told = {"channel": "phone", "outcome": "no answer", "seconds": "90", "by": "ana"}
    assert body_of(own, done.facts[0]) == ("attempted", told)
    assert verdicts(own) == [("first contact", "kept", NOW)]
    assert Lead.objects.of(own).get().urgent_at is None
    entry = Entry.objects.of(own).filter(actor="ana", act="recorded facts").latest("id")
    assert (entry.subject, entry.at) == ("lead L-1", NOW)


def test_an_answer_of_the_person_is_no_attempt_but_settles_it(own, asked):
    done = acts.attempt(asked(), channel="email", outcome="replied")
    assert body_of(own, done.facts[0]) == ("replied", {"channel": "email", "by": "ana"})
    assert verdicts(own) == [("first contact", "kept", NOW)]


def test_a_wrong_number_is_no_attempt(own, asked):
    acts.attempt(asked(), channel="phone", outcome="wrong number")
    assert verdicts(own) == [("first contact", "open", None)]


def test_the_same_press_counts_once(own, asked):
    first = acts.attempt(asked(), channel="phone", outcome="busy")
    later = acts.attempt(asked(now=NOW + SECOND), channel="phone", outcome="busy")
    assert (first.outcome, later.outcome, later.facts) == ("new", "known", first.facts)
    other = acts.attempt(asked("t2", now=NOW + SECOND), channel="phone", outcome="busy")
    assert other.outcome == "new"
    assert Fact.objects.of(own).filter(kind=facts.ATTEMPTED).count() == 2


def test_a_colleagues_same_act_is_not_doubled(own, asked):
    seen = Fact.objects.of(own).order_by("-id").values_list("id", flat=True)[0]
    acts.attempt(asked(who="ben", seen=seen), channel="phone", outcome="busy")
    late = asked(now=NOW + 2 * SECOND, seen=seen)
    same = acts.attempt(late, channel="phone", outcome="busy")
    assert same == Done("equal", same=Same("ben", 2 * SECOND))
    assert acts.attempt(late, channel="phone", outcome="no answer").outcome == "new"
    assert acts.accept(late).outcome == "new"
    assert Fact.objects.of(own).filter(kind=facts.ATTEMPTED).count() == 2


def test_what_a_colleague_took_back_or_did_long_ago_is_no_double(own, asked):
    his = acts.attempt(asked(who="ben"), channel="phone", outcome="busy")
    acts.take_back(asked(who="ben"), his.facts)
    assert acts.attempt(asked(seen=0), channel="phone", outcome="busy").outcome == "new"
    later = asked("t2", who="ben", seen=0, now=NOW + 11 * MINUTE)
    assert acts.attempt(later, channel="phone", outcome="busy").outcome == "new"


ACTS = {
    "attempt": lambda one: acts.attempt(one, channel="phone", outcome="reached"),
    "meet": acts.meet,
    "pause": lambda one: acts.pause(one, reason="asked to wait", until=NOW + 3 * DAY),
    "accept": acts.accept,
    "reject": lambda one: acts.reject(one, reason="wrong size"),
    "return": lambda one: acts.give_back(one, track="re-engage", reason="no need"),
    "disqualify": lambda one: acts.disqualify(one, reason="no need"),
    "move": lambda one: acts.move(one, to="sql"),
    "convert": lambda one: acts.convert(one, amount="12500.50"),
    "win": acts.win,
    "lose": lambda one: acts.lose(one, reason="price"),
    "suppress": lambda one: acts.suppress(one, reason="opt-out"),
}


@pytest.mark.parametrize("name", ACTS)
def test_taking_back_restores_what_is_due(own, asked, name):
    before = rows(own)
    done = ACTS[name](asked())
    assert rows(own) != before or name == "accept"
    assert acts.take_back(asked(now=NOW + 5 * SECOND), done.facts).outcome == "new"
    assert acts.take_back(asked(now=NOW + 6 * SECOND), done.facts).outcome == "known"
    assert rows(own) == before
    kept = Fact.objects.of(own).filter(source_id__in=done.facts).count()
    back = Fact.objects.of(own).filter(kind=facts.CORRECTED).count()
    assert kept == back == len(done.facts)
    assert rebuild.rebuild(own.pk, NOW + 6 * SECOND) == rebuild.digest(own.pk)
    assert rows(own) == before


def test_what_leading_roles_do_can_be_taken_back_too(own, asked):
    before = rows(own)
    lead = asked(who="lena", role="sales lead")
    due = Due.objects.of(own).get()
    for act in (
        lambda: acts.waive(lead, promise=due.pk, why="the form was down"),
        lambda: acts.reassign(lead, owner="ben", why="ana is out"),
    ):
        done = act()
        assert rows(own) != before
        acts.take_back(lead, done.facts)
        assert rows(own) == before


@given(st.lists(st.sampled_from([*ACTS]), min_size=1, max_size=4, unique=True), st.randoms())
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_taking_everything_back_in_any_order_restores_what_is_due(names, random):
    own = workspace(AGREED)
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=NOW)
    before = rows(own)
    given = []
    for n, name in enumerate(names):
        asked = Asked(Actor(own.pk, "ana", "rep"), "L-1", f"{n}", NOW + n * SECOND)
        try:
            given += ACTS[name](asked).facts
        except (Refused, Absent):  # who gave it away sees it no longer
            assert n > 0
    random.shuffle(given)
    acts.take_back(Asked(Actor(own.pk, "ana", "rep"), "L-1", "", NOW + 9 * SECOND), given)
    assert rows(own) == before


def test_a_pause_ends_at_its_instant_or_before(own, asked):
    acts.pause(asked(), reason="asked to wait", until=NOW + 2 * DAY)
    lead = Lead.objects.of(own).get()
    assert (lead.is_paused, lead.wake_at <= NOW + 2 * DAY) == (True, True)
    with pytest.raises(Refused, match="stand still already"):
        acts.pause(asked("t2"), reason="asked to wait")
    again = record.Submission(own.pk, again={"L-1": None})
    record.record([again], now=NOW + 2 * DAY)
    assert not Lead.objects.of(own).get().is_paused


def test_resuming_early_takes_the_end_of_the_pause_back(own, asked):
    acts.pause(asked(), reason="asked to wait", until=NOW + 2 * DAY)
    acts.resume(asked("t2", now=NOW + DAY))
    acts.pause(asked("t3", now=NOW + DAY + MINUTE), reason="asked to wait")
    record.record([record.Submission(own.pk, again={"L-1": None})], now=NOW + 3 * DAY)
    assert Lead.objects.of(own).get().is_paused


def test_who_may_not_is_told(own, asked):
    due = Due.objects.of(own).get()
    with pytest.raises(Forbidden):
        acts.waive(asked(), promise=due.pk, why="because")
    with pytest.raises(Forbidden):
        acts.reassign(asked(), owner="ben", why="because")
    with pytest.raises(Forbidden):
        acts.accept(asked(role="viewer"))
    with pytest.raises(Absent):
        acts.accept(asked(who="cleo"))
    with pytest.raises(Absent):
        acts.jot(asked(who="cleo", note="hello"))
    moved = acts.reassign(asked(who="lena", role="sales lead"), owner="ben", why="leave")
    with pytest.raises(Forbidden):
        acts.take_back(asked(who="ben"), moved.facts)


@pytest.mark.parametrize(
    ("act", "path"),
    [
        (lambda one: acts.attempt(one, channel="pigeon", outcome="busy"), "channel"),
        (lambda one: acts.attempt(one, channel="phone", outcome="<b>"), "outcome"),
        (lambda one: acts.attempt(one, channel="phone", outcome="busy", seconds="x"), "seconds"),
        (lambda one: acts.attempt(one, channel="phone", outcome="busy", seconds="²"), "seconds"),
        (lambda one: acts.attempt(one, channel="phone", outcome="busy", seconds="1:99"), "seconds"),
        (lambda one: acts.pause(one, reason="tired"), "reason"),
        (lambda one: acts.pause(one, reason="asked to wait", until=NOW), "until"),
        (lambda one: acts.reject(one, reason=""), "reason"),
        (lambda one: acts.win(one, amount="much"), "amount"),
        (lambda one: acts.win(one, amount="1e9"), "amount"),
        (lambda one: reminders.put_aside(one, until=NOW + DAY, reason=" "), "reason"),
        (lambda one: reminders.put_aside(one, until=NOW - 1, reason="later"), "until"),
        (lambda one: acts.take_back(one, ["nothing"]), "fact"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(own, asked, act, path):
    before = rows(own), Fact.objects.of(own).count()
    with pytest.raises(Refused) as refusal:
        act(asked())
    assert [one.path for one in refusal.value.problems] == [path]
    assert (rows(own), Fact.objects.of(own).count()) == before


def test_a_ruling_can_not_be_taken_back(own, asked):
    acts.attempt(asked(), channel="phone", outcome="busy")
    ruling = Fact.objects.of(own).get(kind=facts.RULED)
    with pytest.raises(Refused, match="no such fact"):
        acts.take_back(asked(), [ruling.source_id])


def test_an_act_of_the_future_is_refused(own, asked):
    with pytest.raises(Refused, match="more than five minutes"):
        acts.attempt(asked(at=NOW + DAY), channel="phone", outcome="busy")


def test_notes_stand_beside_the_log(own, asked):
    done = acts.attempt(asked(note="Ask for Kasia\nafter lunch"), channel="phone", outcome="busy")
    acts.attempt(asked(note="Ask for Kasia\nafter lunch"), channel="phone", outcome="busy")
    note = Note.objects.of(own).get()
    assert (note.lead, note.fact, note.person) == ("L-1", done.facts[0], "ana")
    assert note.text == "Ask for Kasia\nafter lunch"
    assert not Fact.objects.of(own).filter(body__contains="Kasia").exists()
    assert verdicts(own)[0][1] == "kept"
    for text in ("x" * 5001, "a\x00b", "\u202eevil"):
        with pytest.raises(Refused):
            acts.jot(asked(note=text))


def test_a_note_alone_stops_no_clock(own, asked):
    before = rows(own)
    acts.jot(asked(note="They are on holiday."))
    acts.jot(asked(note="They are on holiday."))
    assert rows(own) == before
    assert Note.objects.of(own).count() == 1


def test_putting_a_lead_aside_pauses_nothing(own, asked):
    before = rows(own)
    reminders.put_aside(asked(), until=NOW + DAY, reason="after their meeting")
    reminders.put_aside(asked(), until=NOW + 2 * DAY, reason="after their meeting")
    assert rows(own) == before
    assert Reminder.objects.of(own).get().until == NOW + 2 * DAY
    reminders.take_up(asked().actor, "L-1", NOW)
    with pytest.raises(Absent):
        reminders.take_up(asked().actor, "L-1", NOW)


def test_a_late_lead_is_urgent_until_somebody_answers(own, asked):
    due = Due.objects.of(own).get().due_at
    record.record([record.Submission(own.pk, again={"L-1": None})], now=due + DAY)
    lead = Lead.objects.of(own).get()
    assert (lead.due_at, lead.urgent_at, lead.broken) == (None, due, 1)
    acts.attempt(asked(now=due + DAY), channel="phone", outcome="busy")
    lead = Lead.objects.of(own).get()
    assert (lead.urgent_at, lead.broken) == (None, 1)


def test_another_workspace_is_out_of_reach(own, asked):
    other = workspace(AGREED)
    take(other, handed_over("L-1", "2026-03-12 09:00"), now=NOW)
    before = rows(other)
    done = acts.attempt(asked(), channel="phone", outcome="busy")
    stranger = Asked(Actor(other.pk, "ana", "rep"), "L-1", "t", NOW)
    with pytest.raises(Refused):
        acts.take_back(stranger, done.facts)
    assert rows(other) == before
