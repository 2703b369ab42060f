"""References: what an agreement names must be there, and stand in an order that works."""

import pytest

from leadpact.agreement.load import read
from leadpact.agreement.names import misspelt
from tests.leadpact.agreements import edited

STAGES = ("visitor", "lead", "mql", "sal", "sql", "opportunity", "customer")


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "said", "remedy"),
    [
        ("zone: Europe/Warsaw\nplatform", "zone: Europe/Warsow\nplatform", "zone", 10, "There is no zone 'Europe/Warsow'.", "Did you mean 'Europe/Warsaw'?"),
        ('country: PL, region: "14"', "country: PX", "calendars.office.holidays", 16, "There is no country 'PX'.", "Write its two-letter code, such as PL or TH."),
        ('country: PL, region: "14"', 'region: "14"', "calendars.office.holidays.region", 16, "A region is given without its country.", "Write `country:` as well."),
        ("mon-fri: [09:00-12:30", "mon-fry: [09:00-12:30", "calendars.office.open.mon-fry", 15, "'fry' is no day of the week.", "Use one of: fri, mon, sat, sun, thu, tue, wed."),
        ("mon-fri: [09:00-12:30", "mondya: [09:00-12:30", "calendars.office.open.mondya", 15, "'mondya' is no day of the week.", "Did you mean 'monday'?"),
        ("09:00-12:30", "9-12", "calendars.office.open.mon-fri", 15, "'9-12' is no range of hours.", "Write it like 09:00-12:30, 22:00-06:00 or always."),
        ("09:00-12:30", "09:00-24:30", "calendars.office.open.mon-fri", 15, "'09:00-24:30' is no range of hours.", "Write an opening and a closing time from 00:00 to 24:00, or always."),
        ("09:00-12:30", "09:00-14:30", "calendars.office.open", 15, "The open ranges 09:00-14:30 and 13:30-17:30 overlap.", "Join or part them."),
        ("{sun-thu: 22:00-06:00}", "{sun: closed}", "calendars.night.open", 17, "This calendar never opens.", "Give it at least one open range."),
        ("inbound: {calendar: office}", "inbound: {calendar: offise}", "teams.inbound.calendar", 19, "There is no calendar 'offise'.", "Did you mean 'office'?"),
        ("chai: {team: inbound}", "chai: {team: outbound}", "people.chai.team", 23, "There is no team 'outbound'.", "Use one of: inbound."),
        ("calendar: night", "calendar: nihgt", "people.ben.calendar", 22, "There is no calendar 'nihgt'.", "Did you mean 'night'?"),
        ("from: 2025-03-01, to: 2026-11-30", "from: 2026-12-01, to: 2026-11-30", "people.ana.to", 21, "ana leaves before coming.", "Swap the dates."),
        ("term: {from: 2026-01-01", "term: {from: 2027-01-01", "term.to", 24, "The term ends on 2026-12-31, before it begins on 2027-01-01.", "Swap the dates."),
        ("valid from: 2026-01-01", "valid from: 2027-01-01", "valid from", 4, "This version is valid from 2027-01-01, after the term has ended on 2026-12-31.", "Use an earlier day, or a longer term."),
        ("owner: mia,", "owner: mai,", "goal.quota.owner", 28, "There is no person 'mai'.", "Use one of: ana, ben, chai, jon, mia, sam."),
        ("sal, sql,", "sal, sal, sql,", "definitions.stages.5", 32, "The stage 'sal' is listed twice.", "Keep one of them."),
        ("mql: meets the rule", "mql: a better mql that meets the rule", "definitions.mql", 33, "'mql' is defined by itself.", "Say it in other words, such as what happens or what is known by then."),
        ("qualifies as mql", "qualifies as mqll", "qualification.qualifies as mqll", 45, "There is no stage 'mqll'.", "Did you mean 'mql'?"),
        ("{mql to opportunity: 30%, opportunity", "{mql to oppertunity: 30%, opportunity", "funnel by stream.brands.fair.mql to oppertunity", 60, "There is no stage 'oppertunity'.", "Did you mean 'opportunity'?"),
        ("{mql to opportunity: 30%, opportunity to customer", "{mql to sql: 30%, opportunity to customer", "funnel by stream.brands.fair.opportunity to customer", 60, "The steps don't join: after 'mql to sql' comes 'opportunity to customer'.", "Let each step begin at the stage where the one before ends."),
        ("opportunity to customer: 20%, order", "order", "funnel by stream.brands.fair", 60, "The steps end at 'opportunity', not at the last stage 'customer'.", "Write `win:`, the rate of the last step."),
        ("opportunity to customer: 20%", "opportunity to customer: 20%, win: 20%", "funnel by stream.brands.fair.win", 60, "`win` is the step into 'customer', which has a rate already.", "Keep one of the two."),
        ("{value: 33%, source: last year}", "{value: 33%, from: 2026-04-01}", "funnel.website form.mql to sql.2", 50, "Two values hold from the same day.", "Give each value its own `from`."),
        ("  brands:\n    fair", "  brand:\n    fair", "funnel by stream.brand", 59, "There is no stream 'brand'.", "Did you mean 'brands'?"),
        ("what: win", "what: wins", "improve.1.what", 62, "There is no step of the funnel 'wins'.", "Did you mean 'win'?"),
        ("lead type: website form", "lead type: websiteform", "improve.1.lead type", 62, "There is no lead type 'websiteform'.", "Did you mean 'website form'?"),
        ("to: 25%", "to: 23%", "improve.1.to", 62, "This goes from a value to the same value.", "Write the rate to reach."),
        ("when: mql", "when: mqls", "handoff.when", 64, "'mqls' is neither a stage nor anything that leads do here.", "Did you mean 'mql'?"),
        ("to: re-engage", "to: reengage", "handoff.return.to", 70, "There is no nurture track 'reengage'.", "Did you mean 're-engage'?"),
        ("respect: [hours,", "respect: [hour,", "handoff.route.respect", 67, "There is no limit 'hour'.", "Did you mean 'hours'?"),
        ("team: inbound}\n  accept", "team: inbond}\n  accept", "handoff.route.team", 67, "There is no team 'inbond'.", "Did you mean 'inbound'?"),
        ("leave when: [mql, replied", "leave when: [mql, repleed", "nurture.re-engage.leave when.2", 77, "'repleed' is neither a fact nor a stage.", "Did you mean 'replied'? If leads really do that, define it under `definitions`."),
        ("after: won, do: welcomed", "after: customers, do: welcomed", "promises.service.welcome.after", 103, "'customers' is neither a fact nor a stage.", "Did you mean 'customer'? If leads really do that, define it under `definitions`."),
        ("do: attempted\n      within", "do: atempted\n      within", "promises.sales.first contact.do", 86, "'atempted' is neither a fact nor a stage.", "Did you mean 'attempted'? If leads really do that, define it under `definitions`."),
        ("by: phone, times", "by: fax, times", "promises.sales.demo calls.by", 99, "There is no agreed channel 'fax'.", "Use one of: email, phone, video."),
        ("calendar: office\n    follow-up", "calendar: day\n    follow-up", "promises.sales.first contact.calendar", 92, "There is no calendar 'day'.", "Use one of: night, office."),
        ("{times: 5, within: 28 days}", "{times: 3, within: 28 days}", "promises.sales.follow-up.ladder.2", 96, "This rung (3 within 28 days) doesn't rise above the one before (3 within 14 days).", "Counts are in all, from the start: let both the count and the time grow."),
        ("{times: 5, within: 28 days}", "{times: 5, within: 14 days}", "promises.sales.follow-up.ladder.2", 96, "This rung (5 within 14 days) doesn't rise above the one before (3 within 14 days).", "Counts are in all, from the start: let both the count and the time grow."),
        ("deliver: opportunity,", "deliver: oportunity,", "promises.sales.opportunities.deliver", 101, "There is no stage 'oportunity'.", "Did you mean 'opportunity'?"),
        ("deliver: value of mql", "deliver: value of mqll", "promises.marketing.value.deliver", 81, "There is no stage 'mqll'.", "Did you mean 'mql'?"),
        ("ratio: opportunity of mql", "ratio: opportunity", "promises.sales.conversion.ratio", 100, "'opportunity' is no ratio.", "Write one `of` the other: opportunity of mql."),
        ("ratio: complete packets of handoffs", "ratio: complete packets of handofs", "promises.marketing.packet.ratio", 82, "'handofs' is neither a stage nor a fact.", "Did you mean 'handoffs'?"),
        ("    welcome:", "    volume:", "promises.service.volume", 103, "service and marketing both have a promise 'volume'.", "Rename one of them."),
        ("kpis: {marketing:", "kpis: {marketting:", "kpis.marketting", 104, "There is no side 'marketting'.", "Did you mean 'marketing'?"),
        ("marketing: [mia], sales", "marketing: [mai], sales", "to be signed by.marketing", 117, "There is no person 'mai'.", "Use one of: ana, ben, chai, jon, mia, sam."),
        ("handed_over  owner=ana", "handed_ovr  owner=ana", "cases.1.given", 110, "'handed_ovr' is no kind of fact.", "Did you mean 'handed_over'?"),
        ("by=ana channel=phone", "by ana, channel=phone", "cases.1.given", 110, "'attempted by ana,' is no kind of fact.", None),
        ("by=ana channel=phone", "by=ana channel", "cases.1.given", 110, "'channel' is no field.", None),
        ("by=ana channel=phone", "by='ana channel=phone", "cases.1.given", 110, "A quote is not closed in 'by='ana channel=phone'.", "Close it."),
        ("2026-03-13 14:00", "13 March 14:00", "cases.1.given", 110, "'13 March 14:00  attempted  by=ana channel=phone' is no fact.", None),
        ("first contact: kept,", "first contact: keept,", "cases.1.then", 113, "'keept' is no verdict.", "Did you mean 'kept'?"),
        ("first contact: kept,", "first contract: kept,", "cases.1.then", 113, "There is no promise 'first contract'.", "Did you mean 'first contact'?"),
        ("after: 1 working hour}", "after: soon}", "cases.1.then", 113, "'soon' is not a length of time.", None),
    ],
)  # fmt: skip
def test_what_is_named_must_be_there(old, new, path, line, said, remedy):
    found = read(edited(old, new)).problems
    assert len(found) == 1, found
    assert (found[0].path, found[0].line, found[0].problem) == (path, line, said)
    assert remedy is None or found[0].remedy == remedy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mql to opportunity: 30%,", "opportunity to mql: 30%,", "'opportunity to mql' leads backward: 'mql' is not after 'opportunity'."),
        ("opportunity to customer: 20%", "sql to customer: 20%", "The steps don't join: after 'mql to opportunity' comes 'sql to customer'."),
    ],
)  # fmt: skip
def test_steps_out_of_order_are_named(old, new, said):
    assert said in [problem.problem for problem in read(edited(old, new)).problems]


def test_one_stage_is_no_funnel():
    head = "leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\n"
    found = read(head + "definitions: {stages: [lead]}\n").problems
    assert [problem.problem for problem in found] == ["One stage is no funnel."]


def test_nurture_leads_through_the_journey():
    (found,) = read(edited("{stage: awareness,", "{stage: awarness,")).problems
    assert (found.path, found.line) == ("nurture.re-engage.steps.1.stage", 74)
    assert found.problem == "There is no stage of the journey 'awarness'."
    assert found.remedy == "Did you mean 'awareness'?"


def test_words_may_use_other_words_but_not_in_a_ring():
    assert (
        read(edited("mql: meets the rule", "mql: an mql is a lead that meets the rule")).problems
        == []
    )
    ring = edited("mql: meets the rule", "mql: whatever becomes an SQL later")
    ring = edited("sql: sales has talked", "sql: an mql that sales has talked", ring)
    found = read(ring).problems
    assert [(p.path, p.line, p.problem) for p in found] == [
        ("definitions.mql", 33, "These words are defined by each other: mql, sql.")
    ]


def test_an_act_that_the_agreement_knows_may_hand_a_lead_over():
    assert read(edited("when: mql", "when: demo requested")).problems == []


def test_a_word_near_a_fact_is_behaviour_once_it_is_defined():
    text = edited("do: welcomed", "do: atempted")
    assert len(read(text).problems) == 1
    defined = edited(
        "sql: sales has talked", "atempted: a trial began\n  sql: sales has talked", text
    )
    assert read(defined).problems == []


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("attempted", None),
        ("atempted", "attempted"),
        ("attempt", "attempted"),
        ("handover", "handed over"),
        ("convert", "converted"),
        ("mqls", "mql"),
        ("oportunity", "opportunity"),
        ("visited", None),
        ("qualified", None),
        ("demo requested", None),
        ("meeting booked", None),
        ("welcomed", None),
        ("unsubscribed", None),
        ("called", None),
        ("contacted", None),
        ("signed", None),
    ],
)
def test_slips_are_told_from_what_leads_do(word, meant):
    assert misspelt(word, STAGES) == meant


def test_without_between_anybody_may_answer():
    head = "leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\n"
    assert read(head + "goal: {quota: {amount: 1, per: year, owner: zoe}}\n").problems == []
