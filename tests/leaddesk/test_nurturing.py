"""Leads enter tracks, get their steps and leave them, as the agreement says."""

import json

import pytest

from leaddesk.book import by_itself, enrolling, moment, nurturing, rebuild, rules, wake
from leaddesk.book.access import Actor
from leaddesk.book.asked import Asked
from leaddesk.book.models import Enrolment, Fact, Lead, Mailing, Workspace
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.operation import recount
from leadpact.clock import to_datetime
from leadpact.facts import ENROLLED
from tests.leaddesk import desk
from tests.leaddesk.desk import at, fact, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)

TRACKS = """\
handoff: {when: mql, return: {after: 7 attempts without answer, to: re-engage}}
qualification:
  interest:
    - {did: guide downloaded, points: 15, halves after: 14 days}
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 1 day}
      - {stage: decision, send: offer, after: 2 working days}
    leave when: [mql, replied, unsubscribed]
    then: long term
  long term:
    steps: [{stage: awareness, send: letter, after: 36 hours}]
  field:
    steps: [{stage: awareness, send: display, after: 1 day}]
    enter when: {interest: {at least: 25}}
    leave when: [mql]
"""
HOUR = 60 * MINUTE
BACK = at("2026-03-10 10:00")


@pytest.fixture
def own():
    """A workspace whose tracks run."""
    return workspace(desk.AGREEMENT + TRACKS, nurtures_since=at("2026-03-01"))


def came_back(own, lead="L-1", when="2026-03-10 10:00", now=None):
    """A lead that sales gave back."""
    take(
        own,
        fact(lead, "created", "2026-03-02 09:00", type="website form"),
        handed_over(lead, "2026-03-03 09:00"),
        fact(lead, "returned", when, to="re-engage", by="ana", reason="no answer"),
        now=at(when) if now is None else now,
    )


def sent(own, step, when, lead="L-1"):
    """What the mail of a step tells once it is over."""
    take(own, fact(lead, "enrolled", when, track="re-engage", step=step), now=at(when))


def rows(own, *names):
    return [*Enrolment.objects.of(own).order_by("entered_at", "id").values_list(*names)]


def mails(own):
    found = Mailing.objects.of(own).order_by("due_at", "id")
    return [*found.values_list("lead", "track", "step", "offer", "due_at")]


def wake_of(own, lead="L-1"):
    return Lead.objects.of(own).values_list("wake_at", flat=True).get(key=lead)


def look(own, now, lead="L-1"):
    """Wake the lead at an instant, as a worker does."""
    return [one.key for one in wake.woken(now)] == [lead]


def told(own):
    """What the desk recorded of tracks by itself."""
    found = (
        Fact.objects.of(own).filter(kind=ENROLLED, system="leadpact").order_by("occurred_at", "id")
    )
    return [
        {k: v for k, v in json.loads(body).items() if k in ("track", "left", "reason", "why")}
        for body in found.values_list("body", flat=True)
    ]


def test_a_returned_lead_is_in_the_track_and_its_step_is_due_a_day_later(own):
    came_back(own)
    names = ("track", "by", "why", "step", "next_at", "is_paused", "left_at")
    assert rows(own, *names) == [
        ("re-engage", "ana", "@given back no answer", 0, BACK + DAY, False, None)
    ]
    assert (wake_of(own), mails(own)) == (BACK + DAY, [])
    assert not look(own, BACK + DAY - 1)
    assert look(own, BACK + DAY)
    assert mails(own) == [("L-1", "re-engage", 0, "guide", BACK + DAY)]
    assert wake_of(own) is None
    assert not look(own, BACK + 9 * DAY)
    assert len(mails(own)) == 1


def test_a_step_that_is_over_lets_the_next_one_wait(own):
    came_back(own)
    look(own, BACK + DAY)
    sent(own, "guide", "2026-03-11 14:00")  # Wednesday: the second working day is Friday
    assert (wake_of(own), rows(own, "step")) == (at("2026-03-13 14:00"), [(1,)])
    assert look(own, at("2026-03-13 14:00"))
    assert mails(own)[1] == ("L-1", "re-engage", 1, "offer", at("2026-03-13 14:00"))


def test_after_the_last_step_the_next_track_follows(own):
    came_back(own)
    sent(own, "guide", "2026-03-11 14:00")
    sent(own, "offer", "2026-03-13 14:00")
    done = at("2026-03-13 14:00")
    assert rows(own, "track", "why", "step", "next_at", "left_at", "left_why") == [
        ("re-engage", "@given back no answer", 2, None, done, "last step"),
        ("long term", "@follows re-engage", 0, done + 36 * HOUR, None, ""),
    ]
    assert sorted(told(own), key=lambda one: one["track"]) == [
        {"track": "long term", "reason": "follows", "why": "re-engage"},
        {"track": "re-engage", "left": "yes", "reason": "last step"},
    ]


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ({"kind": "moved", "to": "mql"}, "mql"),
        ({"kind": "engaged", "what": "unsubscribed"}, "unsubscribed"),
        ({"kind": "suppressed", "reason": "opt-out"}, "suppressed"),
        ({"kind": "disqualified", "reason": "no fit"}, "disqualified"),
    ],
)
def test_what_ends_a_track_is_recorded_once(own, ending, why):
    came_back(own)
    for _twice in range(2):
        item = {"lead": "L-1", "occurred_at": "2026-03-11 09:00", "source_id": "end", **ending}
        take(own, item, now=at("2026-03-11 09:00"))
    assert rows(own, "left_at", "left_why", "next_at") == [(at("2026-03-11 09:00"), why, None)]
    assert told(own) == [{"track": "re-engage", "left": "yes", "reason": why}]


def test_nothing_is_sent_while_sales_works_on_the_lead(own):
    take(
        own,
        fact("L-1", "created", "2026-03-09 09:00"),
        fact("L-1", "enrolled", "2026-03-10 10:00", track="long term", by="mia", why="asked later"),
        now=BACK,
    )
    take(own, handed_over("L-1", "2026-03-10 12:00"), now=at("2026-03-10 12:00"))
    assert rows(own, "by", "why", "is_paused", "next_at") == [("mia", "asked later", True, None)]
    while look(own, at("2026-03-12 12:00")):  # the promises of sales wake it, and nothing is mailed
        pass
    assert mails(own) == []
    freed = at("2026-03-12 15:00")
    take(own, fact("L-1", "rejected", "2026-03-12 15:00", reason="wrong size"), now=freed)
    assert rows(own, "is_paused", "next_at") == [(False, freed + 36 * HOUR)]


def test_a_lead_enters_by_its_interest_and_not_again_once_it_was_taken_back(own):
    take(own, fact("L-1", "created", "2026-03-09 09:00"), now=at("2026-03-09 09:00"))
    for n in (1, 2):
        when = f"2026-03-09 1{n}:00"
        take(own, fact("L-1", "engaged", when, what="guide downloaded"), now=at(when))
        assert len(rows(own, "id")) == n - 1
    ((track, why, entered_at, interest, entry),) = rows(
        own, "track", "why", "entered_at", "interest_before", "fact"
    )
    assert (track, why, entered_at) == ("field", "@by rule", at("2026-03-09 12:00"))
    assert 2_900 < interest < 3_000  # the first download has faded a little
    taken = fact("L-1", "corrected", "2026-03-09 13:00", fact=entry, by="mia")
    take(own, taken, now=at("2026-03-09 13:00"))
    assert rows(own, "id") == []
    assert wake_of(own) is None


def test_what_happened_before_nurture_ran_moves_nothing():
    own = workspace(desk.AGREEMENT + TRACKS, nurtures_since=BACK + 1)
    came_back(own)
    assert rows(own, "track", "next_at", "left_at") == [("re-engage", None, None)]
    assert (wake_of(own), mails(own)) == (None, [])


def test_leads_of_some_systems_are_left_alone(own):
    Workspace.objects.filter(pk=own.pk).update(hands_over_but=["tests"])
    rules.changed(own.pk, every_lead=True)
    came_back(own)
    assert rows(own, "track", "next_at") == [("re-engage", None)]
    assert wake_of(own) is None


def test_a_lead_of_such_a_system_that_somebody_enrolled_by_hand_gets_its_steps(own):
    Workspace.objects.filter(pk=own.pk).update(hands_over_but=["tests"])
    rules.changed(own.pk, every_lead=True)
    take(own, fact("L-1", "created", "2026-03-02 09:00"), now=at("2026-03-02 09:00"))
    mia = Actor(own.pk, "mia", "sales lead")
    by_mia = Asked(mia, "L-1", "a" * 24, BACK)
    with moment.standing_at(BACK):
        enrolling.enrol(by_mia, track="long term", why="asked later")
    assert rows(own, "track", "next_at") == [("long term", BACK + 36 * HOUR)]
    assert look(own, BACK + 36 * HOUR)
    assert mails(own) == [("L-1", "long term", 0, "letter", BACK + 36 * HOUR)]


def test_whoever_was_in_a_track_when_nurture_was_switched_off_goes_on_when_it_is_on_again(own):
    came_back(own)
    came_back(own, "L-2")
    look(own, BACK + DAY)
    Mailing.objects.of(own).filter(lead="L-1").update(state="sent")
    sent(own, "guide", "2026-03-11 10:00")
    off, on = at("2026-03-11 12:00"), at("2026-03-23 12:00")  # a Monday
    switched(own, off, "")
    rebuild.rebuild(own.pk, off)
    came_back(own, "L-3", "2026-03-12 10:00")
    named = ("lead", "step", "next_at")
    assert rows(own, *named) == [("L-1", 1, None), ("L-2", 0, None), ("L-3", 0, None)]
    switched(own, on, "yes")
    rebuild.rebuild(own.pk, on)
    assert rows(own, *named) == [
        ("L-1", 1, at("2026-03-25 12:00")),  # two working days from when it was on again
        ("L-2", 0, on + DAY),
        ("L-3", 0, None),  # what happened meanwhile starts nothing
    ]
    assert [one[0] for one in mails(own)] == ["L-1"]  # what waited for L-2 waits anew
    while wake.woken(on + DAY):
        pass
    assert mails(own)[1:] == [("L-2", "re-engage", 0, "guide", on + DAY)]


def switched(own, now, nurtures):
    """Let nurture run, or not."""
    told = {"mail_from": "Mia <mia@example.org>", "postal_address": "1 Quay"}
    by_itself.choose(Actor(own.pk, "root", "admin"), told | {"nurtures": nurtures}, now)


def test_a_desk_that_does_nothing_of_itself_still_tells_who_is_where():
    own = workspace(desk.AGREEMENT + TRACKS)
    came_back(own)
    take(own, fact("L-1", "replied", "2026-03-11 09:00"), now=at("2026-03-11 09:00"))
    assert rows(own, "track", "left_why", "next_at") == [("re-engage", "replied", None)]
    assert told(own) == []


def test_rebuilding_changes_nothing(own):
    came_back(own)
    came_back(own, "L-2", "2026-03-10 12:00")
    look(own, BACK + DAY)
    sent(own, "guide", "2026-03-11 14:00")
    take(own, fact("L-2", "replied", "2026-03-11 15:00"), now=at("2026-03-11 15:00"))
    now = at("2026-03-11 16:00")
    before = rebuild.digest(own.pk)
    assert [*recount.differences(own, now, full=True)] == []
    Enrolment.objects.of(own).update(track="elsewhere", step=7)
    assert rebuild.rebuild(own.pk, now) == before
    Enrolment.objects.of(own).create(workspace=own, lead="ghost", fact="f", entered_at=1, track="t")
    assert rebuild.rebuild(own.pk, now) == before


def history(own, woken):
    """A fortnight in which mails are told an hour after they were queued; what came of it."""
    came_back(own)
    now, end = BACK, BACK + 14 * DAY
    events = {}
    while now < end:
        now = woken(own, now)
        if now >= end:
            break
        wake.woken(now)
        for row in Mailing.objects.of(own).filter(state="waiting"):
            events.setdefault(row.pk, row.due_at + HOUR)
            if events[row.pk] <= now:
                stamp = f"{row.pk}"
                item = fact("L-1", "enrolled", "", track=row.track, step=row.offer, source_id=stamp)
                item["occurred_at"] = to_datetime(events[row.pk]).isoformat()
                Mailing.objects.of(own).filter(pk=row.pk).update(state="sent")
                take(own, item, now=now)
    return mails(own), rows(own, "track", "entered_at", "left_at", "left_why")


def test_waking_when_it_is_due_equals_looking_all_the_time():
    def often(_own, now):
        return now + 15 * MINUTE

    def exact(own, now):
        """The next wake, or when the mail that waits is over."""
        due = Mailing.objects.of(own).filter(state="waiting").values_list("due_at", flat=True)
        soonest = [one + HOUR for one in due] + [one for one in [wake_of(own)] if one is not None]
        return max(min(soonest, default=BACK + 15 * DAY), now + 1)

    found = [
        history(workspace(desk.AGREEMENT + TRACKS, nurtures_since=at("2026-03-01")), way)
        for way in (often, exact)
    ]
    assert found[0] == found[1]
    assert [one[1:4] for one in found[0][0]] == [
        ("re-engage", 0, "guide"),
        ("re-engage", 1, "offer"),
        ("long term", 0, "letter"),
    ]


def test_names_of_the_index_are_those_of_its_table():
    fields = {field.name for field in Enrolment._meta.get_fields()} - {"id", "workspace"}
    assert {*nurturing.NAMES} == fields
