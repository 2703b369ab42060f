"""An agreement that uses every clause, and how tests change it."""

from leadpact.agreement.load import read

EVERY_CLAUSE = """\
leadpact: 1
agreement: Harbour lights
version: 2
valid from: 2026-01-01
open promises: restart
why: the second shop opened
applies to: {region: [north, south]}
between: {marketing: [mia, jon], sales: [ana, ben, chai], service: [sam]}
currency: EUR
zone: Europe/Warsaw
platform: the CRM of the house
calendars:
  office:
    zone: Europe/Warsaw
    open: {mon-fri: [09:00-12:30, 13:30-17:30]}
    holidays: {country: PL, region: "14", dates: [2026-01-01, 2026-01-06]}
  night: {open: {sun-thu: 22:00-06:00}}
teams:
  inbound: {calendar: office}
people:
  ana: {team: inbound, weight: 2, from: 2025-03-01, to: 2026-11-30}
  ben: {team: inbound, calendar: night, leave: [2026-02-02/2026-02-13]}
  chai: {team: inbound}
term: {from: 2026-01-01, to: 2026-12-31, review: monthly, refresh metrics: quarterly}

goal:
  statement: twice the new business of last year
  quota: {amount: "500,000", per: month, owner: mia, marketing share: 80%}
  streams: {shops: {share: 60%}, brands: {share: 1/4}, regulars: {share: 15%, retention: yes}}
  by: 2026-12-31
definitions:
  stages: [visitor, lead, mql, sal, sql, opportunity, customer]
  mql: meets the rule of fit and interest
  sql: sales has talked to the person and sees a need
  attempt: {by: [phone, email, video], human: yes, dial tries count: no, answered by: [replied, meeting booked]}
qualification:
  fit:
    - {when: {industry: [retail, food]}, points: 20}
    - {when: {employees: {at least: 50, at most: 500}}, points: 20}
    - {when: {not: {free mail: yes}}, points: 5}
    - {when: {country: {in: [PL, DE]}}, points: 5}
  interest:
    - {did: demo requested, points: 60}
    - {did: guide downloaded, points: 15, halves after: 14 days, at most: 45}
  qualifies as mql: {any: [{all: [{fit: {at least: 40}}, {interest: {at least: 40}}]}, {did: demo requested, within: 30 days, times: 1}]}
  disqualifies: {role: student}
funnel:
  website form:
    share: 70%
    mql to sql: [{value: 33%, source: last year}, {value: 34%, from: 2026-04-01}]
    sql to opportunity: 82%
    win: 23%
    order value: 2000
    closes in: 30 days
    costs: 45
    source: last year
  outbound: {share: 30%, mql to sql: 49.6%, sql to opportunity: 82%, win: 23%, order value: 2000}
funnel by stream:
  brands:
    fair: {mql to opportunity: 30%, opportunity to customer: 20%, order value: 9000}
improve:
  - {what: win, from: 23%, to: 25%, by: 2026-10-01, lead type: website form}
handoff:
  when: mql
  share: [source, guide, phone]
  notify: [email, slack]
  route: {by: weight, respect: [hours, leave, caps], same account: same owner, at most: 250 per month, at least: 100 per month, team: inbound}
  accept within: 8 working hours
  reasons to reject: [wrong size, competitor, unreachable]
  return: {after: 7 attempts without answer, to: re-engage, not before: 30 days}
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 3 days}
      - {stage: consideration, send: case study, after: 7 days}
      - {stage: decision, send: consultation, after: 14 days}
    leave when: [mql, replied, unsubscribed]
promises:
  marketing:
    volume: {deliver: mql, amount: as planned, each: month, tolerance: 10%, flag after: 3 periods over}
    value: {deliver: value of mql, amount: 400000, each: month, tolerance: 10%}
    packet: {ratio: complete packets of handoffs, at least: 95%, at most: 100%, each: month, confidence: 90%}
  sales:
    first contact:
      after: handed over
      do: attempted
      within: 4 working hours
      unless: [converted, returned, suppressed]
      target: 95%
      warn at: 75%
      escalate: [{at: 100%, to: manager}, {at: 150%, reassign: yes}]
      calendar: office
    follow-up:
      after: handed over
      do: attempted
      ladder: [{times: 3, within: 14 days}, {times: 5, within: 28 days}, {times: 7, within: 56 days}]
      unless: [converted, returned, rejected, suppressed]
      target: 90%
    demo calls: {after: demo requested, do: attempted, by: phone, times: 2, within: 2 days, each time: yes, for: {employees: {at least: 50}}, target: 90%}
    conversion: {ratio: opportunity of mql, at least: 7%, each: month, per: rep, minimum count: 30, mature after: 60 days}
    opportunities: {deliver: opportunity, amount: 18, each: month, per: rep, at least: yes, for: {region: north}}
  service:
    welcome: {after: won, do: welcomed, within: 2 working days, target: 95%}
kpis: {marketing: [visitors, mqls], sales: win rate}
commitments: {sales: [we keep the CRM up to date]}
pauses: {reasons: [asked to wait, on holiday], at most: 30 days}
rhythm: {stand-up: daily 09:15 for 15 minutes, digest: daily 17:30, review: first monday of the month}
cases:
  - it: does not count the lunch break
    given: |
      2026-03-13 12:00  handed_over  owner=ana
      2026-03-13 14:00  attempted  by=ana channel=phone
    then: {first contact: kept, follow-up 3: open, after: 1 working hour}
    now: 2026-03-14 09:00
lessons:
  - {on: 2026-01-15, by: mia, learned: leads from fairs need a second call}
to be signed by: {marketing: [mia], sales: [ana], service: [sam], order: any}
"""


def edited(old, new, text=EVERY_CLAUSE):
    """The text with one passage changed; the passage must stand there once."""
    assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
    return text.replace(old, new)


def agreed(*edits, text=EVERY_CLAUSE):
    """The agreement after edits, each a pair of passages; it must be without problems."""
    for old, new in edits:
        text = edited(old, new, text)
    reading = read(text)
    assert reading.problems == []
    return reading.agreement
