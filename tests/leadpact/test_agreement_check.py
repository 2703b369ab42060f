"""Check: complete, two-sided, and possible to keep."""

import pytest

from leadpact.agreement.check import examine, notes
from leadpact.agreement.load import read
from tests.leadpact.agreements import EVERY_CLAUSE, edited

SEVEN = {
    "goal": "The shared goal is missing (1st of seven components).",
    "definitions": "The stages of the funnel are not defined (2nd of seven components).",
    "qualification": "The qualification of leads is missing (3rd of seven components).",
    "handoff": "The handoff is missing (4th of seven components).",
    "nurture": "Nurture is missing (5th of seven components).",
    "promises": "Lead management is missing: no promise to contact leads (6th of seven components).",
    "kpis": "Measures of performance are missing (7th of seven components).",
}


def found(text):
    return [(problem.path, problem.line, problem.problem) for problem in examine(text).problems]


def checked(*edits):
    text = EVERY_CLAUSE
    for old, new in edits:
        text = edited(old, new, text)
    return found(text)


def without(*keys, text=EVERY_CLAUSE):
    """The text without some of its clauses."""
    kept, dropping = [], False
    for line in text.splitlines(keepends=True):
        if line[:1].strip():
            dropping = line.split(":")[0] in keys
        if not dropping:
            kept.append(line)
    return "".join(kept)


def test_a_complete_agreement_has_no_problem():
    assert found(EVERY_CLAUSE) == []


def test_an_empty_agreement_lacks_each_of_the_seven_components():
    head = "leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\n"
    told = {path: said for path, _line, said in reversed(found(head))}
    assert {path: told[path] for path in SEVEN if path != "promises"} == {
        path: said for path, said in SEVEN.items() if path != "promises"
    }
    assert SEVEN["promises"] in [said for _path, _line, said in found(head)]


@pytest.mark.parametrize("component", ["goal", "qualification", "handoff", "nurture"])
def test_each_absent_component_is_named(component):
    gone = {"goal": ["goal", "funnel by stream"], "nurture": ["nurture"]}.get(
        component, [component]
    )
    text = without(*gone)
    if component == "nurture":
        text = edited(", to: re-engage, not before: 30 days}", ", to: re-engage}", text)
        text = edited("  return: {after: 7 attempts without answer, to: re-engage}\n", "", text)
    assert SEVEN[component] in [said for _path, _line, said in found(text)]


def test_an_agreement_that_binds_marketing_only_is_one_sided():
    text = without("promises", "kpis", "cases", "commitments") + (
        "promises: {marketing: {volume: {deliver: mql, amount: 100, each: month, tolerance: 10%}}}\n"
    )
    told = found(text)
    assert [said for _path, _line, said in told] == [
        "Only marketing is measured: each side needs measures of its own.",
        "Lead management is missing: no promise to contact leads (6th of seven components).",
        "The agreement is one-sided: only marketing owes anything in numbers.",
        "The time to the first contact is not promised.",
        "The number of follow-ups and the time between them are not promised.",
    ]
    remedies = [problem.remedy for problem in examine(text).problems]
    assert "Add promises of sales, service to deliver, to reach a rate or to respond." in remedies


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "said"),
    [
        ('quota: {amount: "500,000", per: month, owner: mia, marketing share: 80%}\n', "by: 2026-12-31\n", "goal", 26, "The goal has no number, so nobody can tell whether it is reached."),
        ("owner: mia, marketing", "marketing", "goal.quota", 28, "Nobody answers for the goal."),
        ("{share: 60%}", "{share: 70%}", "goal.streams", 29, "The streams sum to 110%, not to 100%."),
        ("outbound: {share: 30%", "outbound: {share: 1/3", "funnel", 47, "The shares of the lead types sum to 31/30, not to 100%."),
        ("outbound: {share: 30%, ", "outbound: {", "funnel", 47, "Some lead types have a share of the quota, these have none: outbound."),
        ("attempt: {by: [phone, email, video],", "attempt: {", "definitions.attempt", 35, "It is not agreed by which channels a lead is contacted."),
        ("  share: [source, guide, phone]\n", "", "handoff.share", 63, "The handoff doesn't say what sales is told about a lead."),
        ("  notify: [email, slack]\n", "", "handoff.notify", 63, "The handoff doesn't say how sales hears of a lead."),
        ("  reasons to reject: [wrong size, competitor, unreachable]\n", "", "handoff.reasons to reject", 63, "The handoff doesn't say for which reasons sales may reject a lead."),
        ("    leave when: [mql, replied, unsubscribed]\n", "", "nurture.re-engage", 72, "Nothing ends the track 're-engage'."),
        ("tolerance: 10%, flag", "flag", "promises.marketing.volume", 80, "No tolerance is agreed, so a single lead too many or too few breaks the promise."),
        ("amount: 400000", "amount: 0", "promises.marketing.value.amount", 81, "Nothing is promised."),
        ("review: monthly, ", "", "term", 24, "Nothing says how often the agreement is reviewed."),
        (", refresh metrics: quarterly", "", "term", 24, "Nothing says how often the funnel's values are measured anew."),
        ("refresh metrics: quarterly", "refresh metrics: yearly", "term.refresh metrics", 24, "The funnel's values are measured anew only once a year."),
        ("rhythm: {stand-up: daily 09:15 for 15 minutes, digest: daily 17:30, review: first monday of the month}\n", "", "rhythm", 1, "Nothing says how progress is tracked (4th of four contents)."),
        ("to be signed by: {marketing: [mia], sales: [ana], service: [sam], order: any}", "to be signed by: {order: any}", "to be signed by", 117, "Nobody is named to sign."),
        ("to be signed by: {marketing: [mia], sales: [ana], service: [sam], order: any}", "to be signed by: {sales: [ana]}", "to be signed by", 117, "Only sales is to sign."),
        ("we keep the CRM up to date", "we keep ____ up to date", "commitments.sales.1", 105, "A blank is not filled in: 'we keep ____ up to date'."),
        ("we keep the CRM up to date", "we produce leads by …", "commitments.sales.1", 105, "A blank is not filled in: 'we produce leads by …'."),
        ("within: 4 working hours", "within: 0 working hours", "promises.sales.first contact.within", 87, "No time is left: '0 working hours' is over at once."),
        ("within: 8 working hours", "within: 0 hours", "handoff.accept within", 68, "No time is left: '0 hours' is over at once."),
        ("within: 2 working days", "within: 60 weeks", "promises.service.welcome.within", 103, "'60 weeks' is longer than the whole term: it would never be due."),
        ("unless: [converted, returned, suppressed]", "unless: [converted, attempted]", "promises.sales.first contact.unless", 88, "'attempted' both answers this promise and excuses from it."),
        ("unless: [converted, returned, suppressed]", "unless: [converted, handed over]", "promises.sales.first contact.unless", 88, "'handed over' starts this promise and excuses from it."),
        ("{after: won, do: welcomed,", "{after: sql, do: mql,", "promises.service.welcome.do", 103, "A lead that has reached 'sql' can't enter 'mql' any more."),
        ("warn at: 75%", "warn at: 100%", "promises.sales.first contact.warn at", 90, "A warning at 0% or 100% of the time warns of nothing."),
        ("{at: 100%, to: manager}", "{at: 70%, to: manager}", "promises.sales.first contact.warn at", 90, "The warning comes no sooner than the first escalation."),
        ("{at: 150%, reassign: yes}", "{at: 90%, reassign: yes}", "promises.sales.first contact.escalate", 91, "The escalations don't stand in the order in which they happen."),
        ("dates: [2026-01-01, 2026-01-06]", "dates: [2026-01-01]", None, 0, None),
        ("leave: [2026-02-02/2026-02-13]", "leave: [2026-01-01/2026-12-31]", "people.ben", 22, "ben never works within the term."),
        ("from: 2025-03-01, to: 2026-11-30", "to: 2025-11-30", "people.ana", 21, "ana never works within the term."),
        ("after: 7 attempts", "after: 5 attempts", "handoff.return.after", 70, "Leads go back after 5 attempts, before the 7 of 'follow-up'."),
        ("pauses: {reasons: [asked to wait, on holiday], at most: 30 days}", "pauses: {at most: 0 days}", "pauses.at most", 106, "A pause that ends at once is none."),
        ("at least: 100 per month", "at least: 300 per month", "handoff.route.at least", 67, "A rep can't get at least 300 and at most 250 leads."),
        ("by: 2026-10-01", "by: 2027-10-01", "improve.1.by", 62, "2027-10-01 is outside the term, 2026-01-01 to 2026-12-31."),
        ("  by: 2026-12-31", "  by: 2027-12-31", "goal.by", 30, "2027-12-31 is outside the term, 2026-01-01 to 2026-12-31."),
    ],
)  # fmt: skip
def test_what_is_missing_or_impossible_is_named(old, new, path, line, said):
    if old.startswith("quota"):
        old = (
            old
            + "  streams: {shops: {share: 60%}, brands: {share: 1/4}, regulars: {share: 15%, retention: yes}}\n  by: 2026-12-31\n"
        )
        new = "streams: {brands: {share: 100%}}\n"
        told = checked((old, new), ("amount: as planned", "amount: 100"))
    else:
        told = checked((old, new))
    assert told == ([] if path is None else [(path, line, said)])


def test_a_goal_without_a_date_is_refused():
    text = without("term")
    text = edited("  by: 2026-12-31\n", "", text)
    assert ("goal", "The goal has no date.") in [(path, said) for path, _line, said in found(text)]


def test_a_planned_amount_needs_a_quota_and_a_funnel():
    text = without("funnel", "funnel by stream", "improve")
    assert found(text) == [
        (
            "promises.marketing.volume.amount",
            64,
            "The amount comes from the plan, but there is no funnel to plan with.",
        )
    ]


def test_a_calendar_that_never_opens_within_the_term_is_named():
    text = edited("{sun-thu: 22:00-06:00}", "{wed: 22:00-06:00}")
    text = edited(
        "term: {from: 2026-01-01, to: 2026-12-31", "term: {from: 2026-01-01, to: 2026-01-06", text
    )
    assert ("calendars.night", 17, "This calendar never opens within the term.") in found(text)


def test_problems_that_keep_it_from_being_read_come_first():
    reading = examine(edited("win: 23%, order value: 2000}", "win: 230%, order value: 2000}"))
    assert [problem.problem for problem in reading.problems] == ["230% is not between 0 and 1."]


def test_notes_propose_holidays_and_ask_for_targets_and_signatures():
    text = edited(", service: [sam], order: any}", ", order: any}")
    text = edited(
        "escalate: [{at: 100%", "escalate: [{at: 100%", edited("      target: 95%\n", "", text)
    )
    reading = read(text)
    told = notes(reading.agreement, reading.lines)
    assert [(note.path, note.line) for note in told] == [
        ("calendars.office.holidays", 16),
        ("promises.sales.first contact", 84),
        ("to be signed by", 116),
    ]
    assert "2026-05-01 (National Day)" in told[0].problem
    assert "2026-01-06" not in told[0].problem
    assert "2026-11-01" not in told[0].problem, "a Sunday, on which nobody works"


def test_notes_name_a_side_that_promises_nothing():
    head = "leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\n"
    reading = read(head + "between: {service: [sam]}\n")
    assert [note.problem for note in notes(reading.agreement, reading.lines)] == [
        "service promises nothing."
    ]
