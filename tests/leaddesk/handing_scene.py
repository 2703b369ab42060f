"""A desk that hands over by itself, as its tests speak of it."""

from leaddesk.book import rules, wake
from leaddesk.book.models import Fact, Handoff, Lead
from leadpact.facts import KINDS
from tests.leaddesk.desk import AGREEMENT, at, fact, person, take, workspace

AGREED = (
    AGREEMENT
    + """\
qualification:
  fit:
    - {when: {industry: [retail, food]}, points: 40}
  interest:
    - {did: guide downloaded, points: 30, halves after: 14 days}
    - {did: pricing viewed, points: 15}
    - {did: demo requested, points: 5}
  qualifies as mql: {all: [{fit: {at least: 40}}, {interest: {at least: 40}}]}
  disqualifies: {country: [atlantis]}
handoff:
  when: mql
  share: [source, guide, phone, score with reasons]
  notify: [email]
  route: {by: weight}
  accept within: 8 working hours
  reasons to reject: [wrong size, wrong role]
  at once: [demo requested]
  arbitration: {by: [mia, ana], within: 5 days}
  return: {after: 3 attempts without answer, to: re-engage, not before: 30 days}
nurture:
  re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}], leave when: [mql]}
pauses: {reasons: [asked to wait], at most: 30 days}
"""
)
SINCE = at("2026-03-01")


def desk(text=AGREED, since=SINCE, but=(), reps=("ana", "ben")):
    """A workspace that hands over what qualifies from the first of March on."""
    own = workspace(text, hands_over_since=since, hands_over_but=[*but])
    for key in reps:
        person(own, key, team="inbound", side="sales")
    person(own, "mia", role="marketing lead", side="marketing")
    person(own, "lena", role="sales lead", side="sales")
    rules.changed(own.pk, every_lead=True)
    return own


def arises(own, lead="L-1", when="2026-03-12 09:00", **fields):
    """A lead from retail that downloads a guide."""
    told = {"type": "form", "industry": "retail", "source": "ads"} | fields
    take(own, fact(lead, "created", when, **told), now=at(when))
    did(own, lead, "guide downloaded", when)


def did(own, lead, what, when):
    """The lead does something, and the desk hears of it at once."""
    take(own, fact(lead, "engaged", when, what=what), now=at(when))


def qualifies(own, lead="L-1", when="2026-03-12 10:00", **fields):
    """A lead that comes to qualify at an instant."""
    arises(own, lead, when.replace(" 10:", " 09:"), **fields)
    did(own, lead, "pricing viewed", when)


def told(own, *kinds, lead="L-1"):
    """The facts of these kinds of a lead, in order, each with its kind."""
    import json

    rows = Fact.objects.of(own).filter(lead=lead).order_by("occurred_at", "id")
    return [
        {"kind": KINDS[row.kind].name, "at": row.occurred_at, **json.loads(row.body)}
        for row in rows
        if KINDS[row.kind].name in kinds
    ]


def records(own, lead="L-1"):
    """The records of the handoffs of a lead, pass by pass."""
    return [*Handoff.objects.of(own).filter(lead=lead).order_by("pass_number")]


def wakes(own, until):
    """Let the worker look at leads whenever their time has come, until an instant."""
    end = at(until)
    while True:
        soonest = (
            Lead.objects.of(own)
            .filter(wake_at__lte=end)
            .order_by("wake_at")
            .values_list("wake_at", flat=True)
            .first()
        )
        if soonest is None:
            return
        wake.woken(soonest)
