"""Snippets: a few lines of each clause, as an author would write them."""

SNIPPETS: dict[str, str] = {
    "Agreement": """
leadpact: 1
agreement: New business 2026
version: 1
valid from: 2026-01-01
""",
    "CalendarClause": """
zone: Europe/Warsaw
open: {mon-fri: [09:00-12:30, 13:30-17:30], sat: 22:00-06:00}
holidays: {country: PL, dates: [2026-01-01, 2026-05-01]}
""",
    "Holidays": "{country: DE, region: BE, dates: [2026-01-01, 2026-03-08]}",
    "Team": "{calendar: office}",
    "Person": "{team: inbound, calendar: office, weight: 2, leave: [2026-02-02/2026-02-13]}",
    "Term": "{from: 2026-01-01, to: 2026-12-31, review: monthly, refresh metrics: quarterly}",
    "Goal": """
statement: 6 million USD of new business in 2026
quota: {amount: 500000, per: month, owner: mia}
streams: {shops: {share: 60%}, brands: {share: 40%}}
""",
    "Quota": "{amount: 500000, per: month, owner: mia, marketing share: 80%}",
    "Stream": "{share: 60%, retention: no}",
    "Definitions": """
stages: [visitor, lead, mql, sql, opportunity, customer]
attempt: {by: [phone, email]}
mql: fits our customers and has shown interest
""",
    "Attempt": "{by: [phone, email, video], human: yes, dial tries count: no, answered by: replied}",
    "Qualification": """
fit:
  - {when: {industry: [retail, food]}, points: 20}
interest:
  - {did: demo requested, points: 60}
qualifies as mql: {any: [{all: [{fit: {at least: 20}}, {interest: {at least: 40}}]}, {did: demo requested}]}
disqualifies: {role: student}
""",
    "FitRule": "{when: {employees: {at least: 50}}, points: 20}",
    "InterestRule": "{did: guide downloaded, points: 15, halves after: 14 days, at most: 45}",
    "AccountInterest": "{share: 25%, at most: 30}",
    "Grades": "{fit: [40, 20], interest: [40, 20]}",
    "All": "{all: [{industry: retail}, {employees: {at least: 50}}]}",
    "Any_": "{any: [{role: decision maker}, {did: demo requested}]}",
    "Not": "{not: {free mail: yes}}",
    "Did": "{did: guide downloaded, within: 30 days, times: 2}",
    "Is": "{industry: [retail, food], employees: {at least: 50, at most: 500}}",
    "Bounds": "{at least: 50, at most: 500}",
    "Funnel": """
share: 70%
mql to sql: 34%
sql to opportunity: [{value: 80%, source: history of 2025}, {value: 82%, from: 2026-04-01}]
win: 23%
order value: 2000
closes in: 30 days
costs: 45
""",
    "DatedRate": "{value: 82%, from: 2026-04-01, source: first quarter}",
    "DatedAmount": "{value: 2000, from: 2026-01-01}",
    "Improvement": "{what: win, from: 23%, to: 25%, by: 2026-10-01, lead type: website form}",
    "Handoff": """
when: mql
share: [source, guide, phone]
notify: [email, slack]
route: {by: weight, respect: [hours, leave, caps]}
accept within: 8 working hours
reasons to reject: [wrong size, competitor]
return: {after: 7 attempts without answer, to: re-engage, not before: 30 days}
""",
    "Route": "{by: weight, respect: [hours, leave, caps], same account: same owner, at most: 250 per month}",
    "Territory": "{when: {country: [TH, ID]}, team: bangkok}",
    "Arbitration": "{by: nora, within: 2 working days, contest within: 16 working hours}",
    "GoingBack": "{after: 5 working days, reason: no answer, warn after: 4 working days}",
    "Return": """
after: 7 attempts without answer
to: re-engage
not before: 30 days
by itself: {after: 5 working days, reason: no answer}
""",
    "Track": """
steps:
  - {stage: awareness, send: guide, after: 3 days}
  - {stage: decision, send: consultation, after: 14 days}
leave when: [mql, replied, unsubscribed]
""",
    "Step": "{stage: awareness, send: guide, after: 3 days}",
    "Mailing": "{at most: 2 per week, hours: 09:00-18:00, days: mon-fri, catch up within: 3 days}",
    "FollowUp": """
cadences:
  inbound: {steps: [{do: phone, after: 0 hours}, {do: email, after: 1 day}]}
guard: {at most: [2 per day, 12 per pass], apart: 3 hours, hours: 08:00-20:00}
outcomes: [reached, no answer, voicemail, wrong number]
reasons: [no need, no budget, no time, not a fit]
keep in touch: {customers: 90 days, sleeping: 60 days}
""",
    "Cadence": """
for: {lead type: [website form, demo]}
steps:
  - {do: phone, after: 0 hours}
  - {do: email, after: 1 day}
  - {do: voice message, after: 3 days}
""",
    "Touch": "{do: phone, after: 2 days}",
    "Guard": "{at most: [2 per day, 12 per pass], apart: 3 hours, hours: 08:00-20:00}",
    "Response": """
after: handed over
do: attempted
within: 4 working hours
unless: [converted, returned, suppressed]
target: 95%
warn at: 75%
escalate: [{at: 100%, to: manager}, {at: 150%, reassign: yes}]
""",
    "Rung": "{times: 3, within: 14 days}",
    "Escalation": "{at: 150%, reassign: yes}",
    "Volume": "{deliver: mql, amount: as planned, each: month, tolerance: 10%, flag after: 3 periods over}",
    "Ratio": "{ratio: opportunity of mql, at least: 7%, each: month, per: rep, minimum count: 30}",
    "Pauses": "{reasons: [asked to wait, on holiday], at most: 30 days}",
    "Case": """
it: does not count the lunch break
given: |
  2026-03-13 12:00  handed_over
  2026-03-13 14:00  attempted  by=ana channel=phone
then: {first contact: kept, after: 1 working hour}
""",
    "Lesson": "{on: 2026-06-30, by: mia, learned: leads from fairs need a second call}",
}
"""One example for each clause, by the name of its type."""
