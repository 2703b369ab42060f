import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from leadpact.agreement.load import load
from leadpact.plan import Rounding, plan

HEAD = """
leadpact: 1
agreement: New business
version: 1
valid from: 2026-01-01
zone: Europe/Warsaw
calendars: {office: {open: {mon-fri: [09:00-17:00]}, holidays: {dates: [2026-01-01, 2026-01-06, 2026-04-06]}}}
"""
TERM = "term: {from: 2026-01-01, to: 2026-12-31}"
MONTHLY = "goal: {quota: {amount: 500000, per: month}}"
RATES = "mql to sql: 34%, sql to opportunity: 82%, win: 23%, order value: 2000"
WEB = f"website form: {{{RATES}}}"
MIX = f"""funnel:
  website form: {{share: 70%, {RATES}, closes in: 30 days, costs: 45}}
  outbound: {{share: 30%, {RATES.replace("34%", "49.6%")}}}"""


def agreement(*clauses):
    found, problems = load("\n".join((HEAD, *clauses)))
    assert problems == []
    return found


def planned(*clauses, **asked):
    found, problems = plan(agreement(*clauses), **asked)
    assert problems == []
    return found


def test_a_term_has_a_row_a_month():
    rows = planned(TERM, MONTHLY, f"funnel: {{{WEB}}}").rows
    assert [str(row.month) for row in rows] == [f"2026-{n:02}" for n in range(1, 13)]
    assert {(row.counts, row.quota, row.value_per_lead) for row in rows} == {
        ((3900, 1326, 1087, 250), Decimal(500_000), Fraction(500_000, 3900))
    }
    assert [row.month.working_days for row in rows] == [
        20,
        20,
        22,
        21,
        21,
        22,
        23,
        21,
        22,
        22,
        21,
        23,
    ]


@pytest.mark.parametrize(
    "rounding, mql", [(Rounding.EACH_STEP_UP, 3900), (Rounding.ONCE_AT_THE_END, 3899)]
)
def test_rounding_is_a_choice_and_printed(rounding, mql):
    found = planned(TERM, MONTHLY, f"funnel: {{{WEB}}}", rounding=rounding)
    assert found.rows[0].leads == mql
    assert found.to_json()["rounding"] == rounding.value
    assert found.to_json()["rows"][0]["rounding"] == rounding.value
    assert rounding.sentence in found.notes


def test_replanning_takes_up_at_row_seven():
    yearly = (
        "goal: {quota: {amount: 6000000, per: year}, streams: {a: {share: 1/3}, b: {share: 2/3}}}"
    )
    whole, half = (planned(TERM, yearly, MIX, since=s) for s in (None, date(2026, 7, 15)))
    assert len(half.months) == 6
    assert half.rows == whole.rows[-len(half.rows) :]


def test_a_yearly_quota_falls_on_the_months_by_working_days():
    rows = planned(TERM, "goal: {quota: {amount: 6000000, per: year}}", f"funnel: {{{WEB}}}").rows
    assert sum(row.month.working_days for row in rows) == 258
    assert rows[0].quota == Decimal("465116.28")
    assert sum(row.quota for row in rows) == 6_000_000
    # 3,000 deals ÷ 23 % → 13,044 ÷ 82 % → 15,908 ÷ 34 % → 46,789: rounded once, for the year.
    assert tuple(map(sum, zip(*(row.counts for row in rows), strict=True))) == (
        46_789,
        15_908,
        13_044,
        3000,
    )
    assert rows[0].counts == (3627, 1233, 1011, 233)
    assert rows[0].working.endswith(
        "of which 465,116.28 of 6,000,000 here: 233 deals, 1,011 opportunity, 1,233 sql, 3,627 mql"
    )


def test_quarters_count_from_the_first_day_of_the_term():
    rows = planned(
        "term: {from: 2026-02-15, to: 2027-02-14}",
        "goal: {quota: {amount: 900000, per: quarter}}",
        f"funnel: {{{WEB}}}",
    ).rows
    assert [str(row.month) for row in rows[:2]] == ["2026-02", "2026-03"]
    assert (rows[0].month.start, rows[-1].month.end) == (date(2026, 2, 15), date(2027, 2, 14))
    assert sum(row.quota for row in rows) == 3_600_000
    # 10 of the 63 working days from 15 February to 14 May.
    assert rows[0].quota == Decimal("142857.14")


def test_a_month_cut_by_the_term_has_its_working_days_part():
    rows = planned("term: {from: 2026-03-16, to: 2026-05-15}", MONTHLY, f"funnel: {{{WEB}}}").rows
    assert [(row.month.working_days, row.leads) for row in rows] == [
        (12, 2127),
        (21, 3900),
        (11, 2043),
    ]


@pytest.mark.parametrize(
    "per, first",
    [("day", Decimal(20_000)), ("week", Decimal(4250))],
)
def test_quotas_per_day_and_week_follow_the_working_days(per, first):
    rows = planned(
        TERM, f"goal: {{quota: {{amount: 1000, per: {per}}}}}", f"funnel: {{{WEB}}}"
    ).rows
    assert rows[0].quota == first


def test_streams_and_types_of_equal_value_are_parts_of_one_whole():
    streams = """goal:
  quota: {amount: 500000, per: month}
  streams: {shops: {share: 60%}, brands: {share: 40%}}"""
    same = f"funnel: {{form: {{share: 70%, {RATES}}}, chat: {{share: 30%, {RATES}}}}}"
    rows = planned(TERM, streams, same).rows[:4]
    assert [(row.stream, row.lead_type, row.leads) for row in rows] == [
        ("shops", "form", 1638),
        ("shops", "chat", 702),
        ("brands", "form", 1092),
        ("brands", "chat", 468),
    ]
    assert tuple(map(sum, zip(*(row.counts for row in rows), strict=True))) == (
        3900,
        1326,
        1087,
        250,
    )


def test_types_of_their_own_value_are_wholes_of_their_own():
    found = planned(TERM, MONTHLY, MIX)
    assert [(row.lead_type, row.quota, row.counts) for row in found.rows[:2]] == [
        ("website form", 350_000, (2733, 929, 761, 175)),
        ("outbound", 150_000, (805, 399, 327, 75)),
    ]
    assert found.totals[0].stages == {
        "mql": 3538,
        "sql": 1328,
        "opportunity": 1088,
        "customer": 250,
    }


def test_types_without_a_share_are_alternatives_and_never_added():
    outbound = f"outbound: {{{RATES.replace('34%', '49.6%')}}}"
    found = planned(TERM, MONTHLY, f"funnel: {{{WEB}, {outbound}}}")
    assert [(row.lead_type, row.alternative, row.leads) for row in found.rows[:2]] == [
        ("website form", True, 3900),
        ("outbound", True, 2674),
    ]
    assert [(t.alternative, t.leads) for t in found.totals if t.month is None] == [
        ("website form", 46_800),
        ("outbound", 32_088),
    ]
    values = [row.value_figure("USD") for row in found.rows[:2]]
    assert [str(value) for value in values] == ["128.21 USD per mql", "186.99 USD per mql"]
    assert values[0].working == "500,000 ÷ 3,900 = 128.21"


def test_marketing_sources_its_share_and_retention_demands_no_leads():
    found = planned(
        TERM,
        """goal:
  quota: {amount: 1000000, per: month, marketing share: 50%}
  streams: {renewals: {share: 50%, retention: yes}, new: {share: 50%}}""",
        f"funnel: {{{WEB}}}",
    )
    assert {(row.stream, row.quota, row.leads) for row in found.rows} == {("new", 250_000, 1953)}
    assert [(r.stream, str(r.month), r.quota) for r in found.retained[:1]] == [
        ("renewals", "2026-01", 500_000)
    ]


def test_dated_values_and_improvements_hold_from_their_day():
    rows = planned(
        TERM,
        MONTHLY,
        """funnel:
  web:
    mql to sql: [{value: 34%, source: first half}, {value: 40%, from: 2026-03-15, source: measured}]
    sql to opportunity: 82%
    win: 23%
    order value: 2000""",
        "improve: [{what: win, from: 23%, to: 25%, by: 2026-10-01}]",
    ).rows
    assert [row.leads for row in rows] == 3 * [3900] + 6 * [3315] + 3 * [3050]
    inputs = {i.name: (i.value, i.origin, i.source) for i in rows[-1].agreed.inputs}
    assert inputs["mql to sql"] == ("40%", "funnel.web.mql to sql", "measured")
    assert inputs["win"] == ("25%", "improve.1.to", None)


def test_a_better_win_rate_lowers_the_whole():
    better = f"funnel: {{{WEB.replace('win: 23%', 'win: 25%')}}}"
    row = planned(TERM, MONTHLY, better).rows[0]
    assert row.counts == (3589, 1220, 1000, 250)
    assert row.to_json()["value_per_lead"] == "139.3146"
    assert row.to_json()["value_per_lead_forward"] == "139.4000"


def test_leads_fall_due_as_long_before_as_deals_take_to_close():
    quotas = f"goal: {{quota: {{amount: 6000000, per: year}}}}\nfunnel: {{web: {{{RATES}, closes in: 30 days}}}}"
    found = planned(TERM, quotas)
    may, june = found.rows[4:6]
    assert (june.leads_due_in, june.leads, may.leads_due) == ("2026-05", 3990, 3990)
    assert may.due[1:] == may.counts[1:]
    assert may.due_quota == june.quota
    assert [(u.due_in, str(u.row.month), u.row.leads) for u in found.uncovered] == [
        ("2025-12", "2026-01", 3627)
    ]
    # After the term the quota goes on: December's leads are for the deals of January.
    assert found.rows[-1].leads_due > 0


@pytest.mark.parametrize(
    "closes, lag",
    [
        ("14 days", 0),
        ("30 days", 1),
        ("45 days", 1),
        ("8 weeks", 2),
        ("720 hours", 1),
        ("365 days", 12),
    ],
)
def test_times_to_close_are_whole_months(closes, lag):
    found = planned(TERM, MONTHLY, f"funnel: {{web: {{{RATES}, closes in: {closes}}}}}")
    assert found.rows[0].lag == lag
    assert len(found.uncovered) == lag


def test_streams_may_have_funnels_of_their_own():
    rows = planned(
        TERM,
        """goal:
  quota: {amount: 500000, per: month}
  streams: {shops: {share: 60%}, brands: {share: 40%}}""",
        f"funnel: {{{WEB}}}",
        "funnel by stream: {brands: {website form: {win: 46%, order value: 4000}}}",
    ).rows[:2]
    assert [(row.stream, row.counts) for row in rows] == [
        ("shops", (2345, 797, 653, 150)),
        ("brands", (392, 133, 109, 50)),
    ]
    origins = {i.name: i.origin for i in rows[1].agreed.inputs}
    assert origins["win"] == "funnel by stream.brands.website form.win"
    assert origins["mql to sql"] == "funnel.website form.mql to sql"


def test_an_agency_plans_from_clients_back_to_traffic():
    row = planned(
        TERM,
        "definitions: {stages: [traffic, lead, proposal, client]}",
        "goal: {quota: {amount: 600000, per: year}}",
        "funnel: {site: {traffic to lead: 2%, lead to proposal: 10%, win: 25%, order value: 30000}}",
    ).totals[-1]
    assert row.stages == {"traffic": 40_000, "lead": 800, "proposal": 80, "client": 20}
    assert row.leads == 800


def test_a_confidence_asks_for_more_leads():
    found = planned(TERM, MONTHLY, f"funnel: {{{WEB}}}", confidence=Fraction(80, 100))
    assert found.rows[0].at_confidence == 4098
    assert found.to_json()["confidence"] == "80%"


def test_capacity_stands_beside_the_demand():
    handoff = "handoff: {when: mql, route: {at most: 250 per month, at least: 100 per month, team: inbound}}"
    people = (
        "people: {ana: {team: inbound}, ben: {team: inbound, from: 2026-02-01}, zoe: {team: field}}"
    )
    found = planned(TERM, MONTHLY, f"funnel: {{{WEB}}}", handoff, people)
    assert [(c.leads, c.reps, c.needed, c.state) for _month, c in found.capacity[:2]] == [
        (3900, 1, 16, "over"),
        (3900, 2, 16, "over"),
    ]
    weekly = "handoff: {when: mql, route: {at most: 60 per week}}"
    month, capacity = planned(TERM, MONTHLY, f"funnel: {{{WEB}}}", weekly).capacity[0]
    assert (str(month), capacity.most, capacity.fed) == ("2026-01", Fraction(240), None)
    daily = "handoff: {when: mql, route: {at least: 10 per day}}"
    assert planned(TERM, MONTHLY, f"funnel: {{{WEB}}}", daily).capacity[0][1].least == 200
    yearly = "handoff: {when: mql, route: {at most: 3000 per year}}"
    assert planned(TERM, MONTHLY, f"funnel: {{{WEB}}}", yearly).capacity[0][1].most == 250


def test_a_figure_opens_to_its_chain():
    figure = planned(TERM, MONTHLY, f"funnel: {{{WEB}}}").rows[0].figure("mql")
    assert (figure.value, figure.unit) == (3900, "mql")
    assert figure.working == (
        "500,000 ÷ 2,000 = 250 deals ÷ 23% = 1,086.96 → 1,087 opportunity"
        " ÷ 82% = 1,325.61 → 1,326 sql ÷ 34% = 3,900 mql"
    )
    assert [(i.name, i.value, i.origin) for i in figure.inputs] == [
        ("quota per month", "500,000", "goal.quota"),
        ("order value", "2000", "funnel.website form.order value"),
        ("win", "23%", "funnel.website form.win"),
        ("sql to opportunity", "82%", "funnel.website form.sql to opportunity"),
        ("mql to sql", "34%", "funnel.website form.mql to sql"),
    ]


def test_costs_are_of_the_leads_that_are_due():
    row = planned(TERM, MONTHLY, MIX).rows[0]
    assert row.costs == 45 * 2733


def test_without_a_term_the_plan_takes_twelve_months():
    found = planned(MONTHLY, f"funnel: {{{WEB}}}")
    assert (len(found.rows), found.months[-1].end) == (12, date(2026, 12, 31))
    assert any("No term" in note for note in found.notes)


def test_the_json_form_is_plain():
    found = planned(TERM, MONTHLY, MIX).to_json()
    assert json.loads(json.dumps(found)) == found
    row = found["rows"][0]
    assert (row["stream"], row["lead_type"], row["month"], row["deals"]) == (
        None,
        "website form",
        "2026-01",
        175,
    )
    assert row["stages"] == {"mql": 2733, "sql": 929, "opportunity": 761, "customer": 175}
    assert (row["value_per_lead"], row["costs"]) == ("128.0644", "122985")
    assert found["totals"][-1]["deals"] == 3000
    assert found["drivers"] == {"quota": "6000000", "costs": "1475820", "marketers": 0, "reps": 0}
    assert found["sensitivity"][1] == {
        "stream": None,
        "lead_type": "website form",
        "what": "mql to sql",
        "exact": "2480.9885",
        "once": 2481,
        "stepwise": 2484,
        "saved": 249,
        "capped": False,
    }
    assert found["uncovered"][0]["due_in"] == "2025-12"


def test_stages_may_have_to_in_their_name():
    row = planned(
        TERM,
        MONTHLY,
        "definitions: {stages: [lead, ready to buy, customer]}",
        "funnel: {web: {lead to ready to buy: 50%, win: 50%, order value: 1000}}",
    ).rows[0]
    assert row.to_json()["stages"] == {"lead": 2000, "ready to buy": 1000, "customer": 500}
