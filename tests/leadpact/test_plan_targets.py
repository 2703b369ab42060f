from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from leadpact.agreement.load import load
from leadpact.agreement.model import Agreement
from leadpact.document import parse
from leadpact.plan import targets

TEXT = """
leadpact: 1
agreement: New business
version: 1
valid from: 2026-01-01
calendars: {office: {open: {mon-fri: [09:00-17:00]}}}
term: {from: 2026-01-01, to: 2026-12-31}
goal:
  quota: {amount: 500000, per: month}
  streams: {shops: {share: 60%}, brands: {share: 40%}}
handoff: {when: mql}
funnel:
  Website form: {lead to mql: 50%, mql to sql: 34%, sql to opportunity: 82%, win: 23%, order value: 2000, closes in: 30 days}
improve: [{what: win, from: 23%, to: 25%, by: 2026-07-01}]
"""


def promised(text=TEXT):
    found, problems = load(text)
    assert problems == []
    return targets(found)


def month(number):
    return date(2026, number, 1), date(2026 + number // 12, number % 12 + 1, 1)


@pytest.mark.parametrize(
    "stage, at, narrowed, amount",
    [
        ("mql", 1, {}, 3900),
        ("MQL", 1, {"stream": "Shops"}, 2340),
        ("mql", 1, {"stream": "brands", "lead_type": "website_form"}, 1560),
        ("mql", 1, {"lead_type": "website form"}, 3900),
        ("lead", 1, {}, 7800),
        # June's leads are for the deals of July, won at the better rate; June's sqls are not.
        ("mql", 6, {}, 3589),
        ("sql", 6, {}, 1326),
        ("customer", 12, {}, 250),
        ("sal", 1, {}, None),
        ("mql", 1, {"stream": "renewals"}, None),
        ("mql", 1, {"lead_type": "chat"}, None),
    ],
)
def test_a_month_is_promised_as_planned(stage, at, narrowed, amount):
    assert promised().amount(stage, *month(at), **narrowed) == amount


def test_nothing_is_promised_outside_the_term():
    assert promised().amount("mql", date(2027, 1, 1), date(2027, 2, 1)) is None
    assert promised().value(date(2025, 1, 1), date(2025, 2, 1)) is None


def test_quarters_add_up_and_weeks_part_a_month_by_its_working_days():
    found = promised()
    assert found.amount("mql", date(2026, 1, 1), date(2026, 4, 1)) == 3 * 3900
    # 10 of the 22 working days of June, as its pace says.
    assert found.amount("sql", date(2026, 6, 1), date(2026, 6, 15)) == 603
    first = date(2026, 6, 1)
    days = [found.amount("mql", first + timedelta(n), first + timedelta(n + 1)) for n in range(30)]
    assert sum(days) == 3589
    assert sum(1 for day in days if day) == 22


def test_a_month_without_working_days_goes_by_its_days():
    closed = ", ".join(f"2026-02-{n:02}" for n in range(1, 29))
    text = TEXT.replace(
        "open: {mon-fri: [09:00-17:00]}",
        f"open: {{mon-fri: [09:00-17:00]}}, holidays: {{dates: [{closed}]}}",
    )
    found = promised(text)
    assert found.amount("mql", date(2026, 2, 1), date(2026, 2, 15)) == 1950


def test_the_value_promised_is_the_quota():
    found = promised()
    assert found.value(*month(3)) == 500_000
    assert found.value(*month(3), stream="shops") == 300_000
    assert found.value(date(2026, 6, 1), date(2026, 6, 15)) == Decimal("227272.73")


def test_a_lead_is_worth_what_follows_it():
    found = promised()

    def worth(stage, **narrowed):
        return found.value_per_lead(stage, "website form", on=date(2026, 1, 31), **narrowed)

    mql = Fraction(34, 100) * Fraction(82, 100) * Fraction(23, 100) * 2000
    assert worth("mql") == mql
    assert worth("sal") == mql
    assert worth("mql", stream="brands") == mql
    assert worth("lead") == mql / 2
    assert worth("opportunity") == 460
    assert worth("visitor") is None
    assert worth("mystery") is None
    assert worth("mql", stream="renewals") is None
    assert found.value_per_lead("mql", "chat", on=date(2026, 1, 31)) is None
    assert found.value_per_lead("opportunity", "Website_Form", on=date(2026, 7, 1)) == 500


def test_streams_that_differ_must_be_named_for_a_value():
    text = TEXT + "funnel by stream: {brands: {website form: {win: 50%}}}\n"
    found = promised(text)
    day = date(2026, 1, 1)
    assert found.value_per_lead("opportunity", "website form", on=day) is None
    assert found.value_per_lead("opportunity", "website form", "brands", on=day) == 1000


def test_alternatives_have_no_sum_but_a_value():
    text = TEXT.replace(
        "improve:",
        "  outbound: {mql to sql: 49.6%, sql to opportunity: 82%, win: 23%, order value: 2000}\nimprove:",
    )
    found = promised(text)
    assert found.amount("mql", *month(1)) is None
    assert found.amount("mql", *month(1), stream="shops") is None
    assert found.amount("mql", *month(1), lead_type="outbound") == 2674
    assert found.value(*month(1)) == 500_000
    assert found.value(*month(1), lead_type="outbound") == 500_000


def test_without_a_plan_nothing_is_promised_but_leads_have_values():
    text = TEXT.replace("  quota: {amount: 500000, per: month}\n", "")
    found = targets(Agreement.model_validate(parse(text)[0].value))
    assert [problem.path for problem in found.problems] == ["goal.quota"]
    assert found.amount("mql", *month(1)) is None
    assert found.value(*month(1)) is None
    assert found.value_per_lead("opportunity", "website form", on=date(2026, 1, 1)) == 460
