"""Explain: each clause as a plain sentence."""

import pytest

from leadpact.agreement.explain import Sentence, explain
from leadpact.agreement.load import read
from leadpact.agreement.written import written
from leadpact.problem import spoken
from tests.leadpact.agreements import EVERY_CLAUSE, agreed, edited

READING = read(EVERY_CLAUSE)
TOLD = {said.path: said for said in explain(READING.agreement, READING.lines)}


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        ("agreement", 2, "This is version 2 of 'Harbour lights', valid from 2026-01-01."),
        ("open promises", 5, "Promises still open under the version before start anew with this one."),
        ("applies to", 7, "It applies to leads of which region is north or south."),
        ("calendars.office", 13, "The calendar office is open mon-fri 09:00-12:30 and 13:30-17:30 in Europe/Warsaw and closed on 2 holidays."),
        ("people.ana", 21, "ana is in the team inbound, has a weight of 2 in routing, comes on 2025-03-01 and stays until 2026-11-30."),
        ("people.ben", 22, "ben is in the team inbound, works by the calendar night and is away from 2026-02-02 to 2026-02-13."),
        ("goal.quota", 28, "Together they bring in 500,000 EUR each month, 80% of it from leads of marketing; mia answers for it."),
        ("goal.streams.regulars", 29, "15% of the quota comes from regulars: existing customers, no leads."),
        ("definitions.attempt", 35, "An attempt counts when it is made by a human, by phone, email or video."),
        ("qualification.fit.2", 39, "Fit: +20 points if employees is at least 50 and at most 500."),
        ("qualification.fit.3", 40, "Fit: +5 points if it is not so that free mail is yes."),
        ("qualification.interest.2", 44, "Interest: +15 points each time 'guide downloaded' happens, fading by half every 14 days, at most 45 in all."),
        ("qualification.qualifies as mql", 45, "A lead qualifies as mql if (fit is at least 40 and interest is at least 40) or 'demo requested' happened within the last 30 days."),
        ("funnel.website form", 48, "Agreed for website form: mql to sql 33% (last year), then 34% from 2026-04-01, sql to opportunity 82%, win 23%; 70% of the quota; a deal is worth 2000 EUR; it closes in 30 days; a lead costs 45 EUR; source: last year."),
        ("improve.1", 62, "Both undertake to move win from 23% to 25% by 2026-10-01, for website form."),
        ("handoff.when", 64, "Marketing hands a lead over when it becomes mql."),
        ("handoff.route", 67, "Leads are shared out by weight within the team inbound, respecting hours, leave and caps; leads of one account go to one owner; a rep gets at most 250 per month; a rep gets at least 100 per month."),
        ("handoff.return", 70, "After 7 attempts without answer a lead goes back, into the nurture track re-engage, and is not handed over again for 30 days."),
        ("nurture.re-engage.leave when", 77, "It ends when a lead becomes mql, a lead replies or 'unsubscribed' happens."),
        ("promises.marketing.volume", 80, "Volume (marketing): they deliver as many mql leads as planned each month."),
        ("promises.marketing.value", 81, "Value (marketing): they deliver mql leads worth 400,000 EUR each month."),
        ("promises.marketing.packet", 82, "Packet (marketing): the share of complete packets among handoffs is at least 95% and at most 100%, each month."),
        ("promises.sales.first contact", 84, "First contact (sales): once a lead is handed over, somebody tries to reach it within 4 working hours, unless it becomes a deal, it goes back to marketing or it must not be contacted any more."),
        ("promises.sales.follow-up", 93, "Follow-up (sales): once a lead is handed over, somebody tries to reach it: 3 times within 14 days, 5 times within 28 days and 7 times within 56 days, counted from the start, unless it becomes a deal, it goes back to marketing, sales rejects it or it must not be contacted any more."),
        ("promises.sales.demo calls", 99, "Demo calls (sales): once 'demo requested' happens, somebody tries to reach it by phone 2 times within 2 days."),
        ("promises.sales.demo calls.for", 99, "This covers leads of which employees is at least 50."),
        ("promises.sales.conversion", 100, "Conversion (sales): of the leads that become mql, at least 7% become opportunity, each month, for each rep."),
        ("promises.sales.opportunities", 101, "Opportunities (sales): each rep delivers at least 18 opportunity leads each month."),
        ("rhythm.stand-up", 107, "Stand-up: daily 09:15 for 15 minutes."),
        ("to be signed by.sales", 117, "For sales, ana signs."),
    ],
)  # fmt: skip
def test_a_clause_in_a_sentence(path, line, text):
    assert TOLD[path] == Sentence(path, line, text)


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from leaves(inside, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for place, inside in enumerate(value):
            yield from leaves(inside, (*path, place))
    else:
        yield path


def test_every_clause_has_its_sentence():
    in_the_head = {
        ("leadpact",),
        ("version",),
        ("valid from",),
        ("currency",),
        ("commitments", "sales"),
    }
    unexplained = [
        path
        for path in leaves(written(READING.agreement))
        if not any(spoken(path[:end]) in TOLD for end in range(1, len(path) + 1))
    ]
    assert set(unexplained) == in_the_head


def test_sentences_are_sentences():
    assert [said.text for said in TOLD.values() if not said.text.endswith((".", "opened"))] == []
    assert [said.text for said in TOLD.values() if "{" in said.text or "None" in said.text] == []


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        ("times: 1}", "times: 3}", "qualification.qualifies as mql", "A lead qualifies as mql if (fit is at least 40 and interest is at least 40) or 'demo requested' happened at least 3 times within the last 30 days."),
        ("open promises: restart\n", "", "open promises", "Promises still open under the version before are judged by that version."),
        ("tolerance: 10%, flag after: 3 periods over", "tolerance: 10%, at least: yes", "promises.marketing.volume.tolerance", "Up to 10% less is tolerated; more is welcome."),
        ("human: yes, dial tries count: no", "human: no, dial tries count: yes", "definitions.attempt", "An attempt counts when it is made by a human or a machine, by phone, email or video."),
        ("by: weight,", "by: round robin,", "handoff.route", "Leads are shared out in turn within the team inbound, respecting hours, leave and caps; leads of one account go to one owner; a rep gets at most 250 per month; a rep gets at least 100 per month."),
        ("deliver: value of mql, amount: 400000", "deliver: value of mql, amount: as planned", "promises.marketing.value", "Value (marketing): they deliver mql leads worth what the plan says each month."),
        ("sales: [ana], service", "sales: [ana, ben], service", "to be signed by.sales", "For sales, ana and ben sign."),
        ("leave: [2026-02-02/2026-02-13]", "leave: [2026-02-02]", "people.ben", "ben is in the team inbound, works by the calendar night and is away on 2026-02-02."),
    ],
)  # fmt: skip
def test_other_wordings(old, new, path, text):
    told = {said.path: said.text for said in explain(read(edited(old, new)).agreement)}
    assert told[path] == text


def test_every_kind_of_fact_can_be_spoken_of():
    from leadpact.agreement.names import KIND_NAMES
    from leadpact.agreement.wording import happens

    told = {name: happens(name, READING.agreement, "a lead") for name in KIND_NAMES}
    assert [name for name, said in told.items() if f"'{name}'" in said] == []


def test_an_agreement_of_four_lines_is_told_in_few():
    agreement = agreed(text="leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\n")
    assert len(explain(agreement)) == 7
