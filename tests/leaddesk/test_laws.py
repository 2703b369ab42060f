"""Laws that hold through the database, whatever happens to leads, in which order and when."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaddesk.book import agreements, registers, wake
from leaddesk.book.access import operator
from leaddesk.book.models import Due, Fact, Lead, Notice
from leaddesk.book.moment import MINUTE
from leaddesk.book.rebuild import digest
from leaddesk.book.record import Submission, record
from leadpact.facts import RULED
from leadpact.rulings import SYSTEM
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
LAWFUL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings(LAWFUL, max_examples=6)

SHORT = AGREEMENT.replace("4 working hours", "1 working hour")
LADDER = "escalate: [{at: 100%, to: manager}, {at: 150%, reassign: yes}]"
UNMOVED = AGREEMENT.replace(f", warn at: 75%,\n       {LADDER}", "")
assert LADDER not in UNMOVED

HAPPENINGS = [
    ("created", {}),
    ("handed_over", {"owner": "ana"}),
    ("handed_over", {"owner": "ben"}),
    ("assigned", {"owner": "ben"}),
    ("attempted", {"by": "ana", "channel": "phone"}),
    ("attempted", {"by": "ben", "channel": "email", "human": "no"}),
    ("paused", {"reason": "asked to wait"}),
    ("resumed", {}),
    ("returned", {}),
    ("disqualified", {"reason": "wrong size"}),
    ("converted", {}),
    ("merged", {"into": "L-0"}),
]


def happenings(first, last, step):
    """Facts of three leads on the minutes of one day, each with a source id, in order of time."""
    minutes = st.integers(first // step, last // step).map(lambda n: n * step)
    one = st.tuples(st.integers(0, 2), minutes, st.sampled_from(HAPPENINGS))
    return st.lists(one, min_size=1, max_size=9).map(_told)


def _told(chosen):
    items = []
    for number, (lead, minute, (kind, fields)) in enumerate(sorted(chosen, key=lambda c: c[1])):
        if kind == "merged" and lead == 0:
            kind, fields = "resumed", {}
        when = f"2026-03-12 {minute // 60:02}:{minute % 60:02}"
        items.append(fact(f"L-{lead}", kind, when, source_id=str(number), **fields))
    return items


def heard_at(item):
    return at(item["occurred_at"])


def keys(own):
    return list(Lead.objects.of(own).values_list("key", flat=True))


def look_again(own, now):
    return record([Submission(own.pk, again=dict.fromkeys(keys(own)))], now=now)[0]


def stored(own):
    tables = (Fact, Lead, Due, Notice)
    return [list(table.objects.of(own).order_by("id").values()) for table in tables]


def dues(own):
    names = ("lead", "promise", "pass_number", "occurrence", "started_at", "due_at")
    found = Due.objects.of(own).order_by(*names[:4])
    return list(found.values_list(*names, "answered_at", "verdict"))


def last_rulings(own):
    """The last ruling of each obligation that is owed; one that was taken back counts as none."""
    owed = set(Due.objects.of(own).values_list("lead", "promise", "pass_number", "occurrence"))
    found = {}
    ruled = Fact.objects.of(own).filter(kind=RULED, system=SYSTEM)
    for one in ruled.order_by("recorded_at", "id"):
        body = json.loads(one.body)
        found[one.lead, body["promise"], body["pass"], body["occurrence"]] = body["verdict"]
    return {place: said for place, said in found.items() if place in owed and said != "open"}


def notices(own, step=1):
    """What was heard, and when (rounded up to so many microseconds)."""
    found = Notice.objects.of(own).values_list("lead", "kind", "to", "key", "created_at")
    return sorted((*named, -(-created // step)) for *named, created in found)


@LAWFUL
@given(items=happenings(8 * 60, 18 * 60, 15))
def test_judging_again_after_any_write_changes_nothing(items):
    own = workspace()
    for item in items:
        now = heard_at(item) + MINUTE
        look_again(own, now)
        take(own, item, now=now)
        before = stored(own)
        answer = look_again(own, now)
        assert (answer.rulings, answer.notices) == (0, 0)
        assert stored(own) == before


@LAWFUL
@given(items=happenings(8 * 60, 18 * 60, 15), order=st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_last_ruling(items, order):
    """Nobody reassigns here: to whom a lead went did depend on what was known at that moment."""
    now = at("2026-03-13 18:00")
    one, other, whole = workspace(UNMOVED), workspace(UNMOVED), workspace(UNMOVED)
    for n, item in enumerate(items):
        take(one, item, now=now + n)
    shuffled = list(items)
    order.shuffle(shuffled)
    for n, item in enumerate(shuffled):
        take(other, item, now=now + n)
    take(whole, *items, now=now)
    end = now + len(items)
    for own in (one, other, whole):
        look_again(own, end)
    assert last_rulings(one) == last_rulings(other) == last_rulings(whole)
    assert dues(one) == dues(other) == dues(whole)
    assert digest(one.pk) == digest(other.pk) == digest(whole.pk)


@pytest.mark.slow
@SLOW
@given(items=happenings(11 * 60, 13 * 60 + 30, 5))
def test_waking_in_time_equals_looking_every_minute(items):
    woken, watched = workspace(SHORT), workspace(SHORT)
    begin, end = at("2026-03-12 10:59"), at("2026-03-12 15:30")
    coming = {}
    for item in items:
        coming.setdefault(heard_at(item), []).append(item)
    instants = sorted({*coming, end})
    for now in instants:
        while (due := own_next(woken, now)) is not None and due <= now:
            record([Submission(woken.pk, again=dict.fromkeys(due_keys(woken, due)))], now=due)
        if now in coming:
            take(woken, *coming[now], now=now)
    for now in range(begin, end + 1, MINUTE):
        if now in coming:
            take(watched, *coming[now], now=now)
        look_again(watched, now)
    assert notices(woken, MINUTE) == notices(watched, MINUTE)
    assert dues(woken) == dues(watched)
    assert last_rulings(woken) == last_rulings(watched)
    assert owners(woken) == owners(watched)


def own_next(own, now):
    """When a workspace is to be woken next, by its own leads alone."""
    waiting = Lead.objects.of(own).filter(wake_at__lte=now).order_by("wake_at")
    return waiting.values_list("wake_at", flat=True).first()


def due_keys(own, now):
    return list(Lead.objects.of(own).filter(wake_at__lte=now).values_list("key", flat=True))


def owners(own):
    return list(Lead.objects.of(own).order_by("key").values_list("key", "owner"))


@LAWFUL
@given(items=happenings(8 * 60, 18 * 60, 15))
def test_after_judging_every_wake_is_yet_to_come(items):
    own = workspace()
    for item in items:
        now = heard_at(item)
        look_again(own, now)
        take(own, item, now=now)
        assert not Lead.objects.of(own).filter(wake_at__lte=now).exists()
    while (now := own_next(own, at("2026-04-30"))) is not None:
        record([Submission(own.pk, again=dict.fromkeys(due_keys(own, now)))], now=now)
        assert not Lead.objects.of(own).filter(wake_at__lte=now).exists()


# What moves the time that is left


def wait_until(now):
    while wake.woken(now):
        pass


HANDED, EARLY = "2026-03-12 09:00", at("2026-03-12 09:01")


@pytest.fixture
def own():
    own = workspace()
    take(own, handed_over("L-1", HANDED), now=EARLY)
    assert due_at(own) == at("2026-03-12 14:00")
    return own


def due_at(own):
    return Due.objects.of(own).get().due_at


def broken(own):
    return Notice.objects.of(own).filter(kind="broken").exists()


def test_a_new_holiday_moves_what_is_due_and_without_it_it_moves_back(own):
    act = operator(own.pk)
    registers.keep_exception(act, {"calendar": "office", "day": "2026-03-12"}, EARLY)
    wait_until(EARLY + 1)
    assert due_at(own) == at("2026-03-13 14:00")
    wait_until(at("2026-03-12 14:00") + 1)
    assert not broken(own)
    registers.remove_exception(act, "office", "2026-03-12", EARLY + 2)
    wait_until(at("2026-03-12 14:00") + 2)
    assert (due_at(own), broken(own)) == (at("2026-03-12 14:00"), True)


def test_leave_of_the_owner_moves_what_is_due(own):
    registers.create_person(operator(own.pk), {"key": "ana", "name": "Ana", "role": "rep"}, EARLY)
    leave = {"person": "ana", "first": "2026-03-12", "last": "2026-03-13"}
    registers.add_leave(operator(own.pk), leave, EARLY)
    wait_until(EARLY + 1)
    assert due_at(own) == at("2026-03-16 14:00")
    wait_until(at("2026-03-16 14:00"))
    assert not broken(own)
    wait_until(at("2026-03-16 14:00") + 1)
    assert broken(own)


def test_what_was_ruled_stays_ruled_when_a_holiday_comes_to_light(own):
    wait_until(at("2026-03-12 14:00") + 1)
    before = last_rulings(own)
    registers.keep_exception(
        operator(own.pk), {"calendar": "office", "day": "2026-03-12"}, at("2026-03-12 14:01")
    )
    wait_until(at("2026-03-12 14:02"))
    assert last_rulings(own) == before


def test_an_amendment_that_restarts_promises_moves_what_is_due(own):
    second = (
        AGREEMENT.replace("version: 1", "version: 2")
        .replace("valid from: 2026-01-01", "valid from: 2026-03-12\nopen promises: restart")
        .replace("4 working hours", "6 working hours")
    )
    agreements.propose(operator(own.pk), second, EARLY)
    agreements.put_in_force(operator(own.pk), 2, EARLY)
    wait_until(EARLY + 1)
    assert due_at(own) == at("2026-03-12 16:00")


def test_an_amendment_from_tomorrow_on_leaves_open_promises_alone(own):
    second = (
        AGREEMENT.replace("version: 1", "version: 2")
        .replace("valid from: 2026-01-01", "valid from: 2026-03-13")
        .replace("4 working hours", "6 working hours")
    )
    agreements.propose(operator(own.pk), second, EARLY)
    agreements.put_in_force(operator(own.pk), 2, EARLY)
    wait_until(EARLY + 1)
    assert due_at(own) == at("2026-03-12 14:00")
