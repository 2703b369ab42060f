from datetime import date
from decimal import Decimal

from leadpact.agreement.load import load
from leadpact.plan import plan

TEXT = """
leadpact: 1
agreement: New business
version: 1
valid from: 2026-01-01
between: {marketing: [mia, jon], sales: [ana]}
calendars: {office: {open: {mon-fri: [09:00-17:00]}}}
goal:
  quota: {amount: 6000000, per: year}
  streams: {renewals: {share: 50%, retention: yes}, shops: {share: 50%}, brands: {share: 0%}}
handoff: {when: mql, route: {at most: 250 per month}}
funnel:
  form: {mql to sql: 34%, sql to opportunity: 82%, win: 23%, order value: 2000, closes in: 30 days}
  chat: {mql to sql: 34%, sql to opportunity: 82%, win: 46%, order value: 2000}
"""


def planned(text=TEXT, **asked):
    found, problems = load(text)
    assert problems == []
    found, problems = plan(found, **asked)
    assert problems == []
    return found


def test_what_stands_beside_the_rows():
    found = planned().to_json()
    assert found["retained"][0] == {
        "stream": "renewals",
        "month": "2026-01",
        "quota": "252873.57",
    }
    assert sum(Decimal(r["quota"]) for r in found["retained"]) == 3_000_000
    assert {total["alternative"] for total in found["totals"]} == {"form", "chat"}
    assert found["uncovered"][0]["alternative"]
    # Lead types that stand by themselves have no sum, so there is none to weigh against people.
    assert found["capacity"] == []
    assert found["drivers"] == {"quota": None, "costs": None, "marketers": 2, "reps": 1}


def test_capacity_has_a_row_a_month():
    text = TEXT.replace(
        "  chat: {mql to sql: 34%, sql to opportunity: 82%, win: 46%, order value: 2000}\n", ""
    )
    found = planned(text).to_json()["capacity"]
    assert len(found) == 12
    assert found[0] == {
        "month": "2026-01",
        "leads": 1793,
        "reps": 1,
        "most_per_rep": "250",
        "least_per_rep": None,
        "reps_needed": 8,
        "reps_fed": None,
        "state": "over",
    }


def test_notes_say_how_the_plan_was_read():
    assert planned().notes == (
        "Each step is rounded up to whole leads, from the rounded one.",
        (
            "Streams, lead types and months alike in value are rounded as one whole and parted by"
            " largest remainder, so that the parts sum to it."
        ),
        "The quota of each year falls on the months by working days.",
        "No term is agreed: the plan takes the twelve months from `valid from`.",
        (
            "Leads are due as many months before the deals as these take to close. After the term the"
            " quota is taken to go on."
        ),
        "The leads of the first deals had to arrive before the plan begins.",
        (
            "A lead type without `share` carries its stream's quota alone: such types are alternatives"
            " and are not added up."
        ),
    )


def test_a_stream_without_a_share_asks_for_nothing():
    row = next(row for row in planned().rows if row.stream == "brands")
    assert (row.counts, row.value_per_lead, row.value_figure("USD")) == ((0, 0, 0, 0), None, None)
    assert row.to_json()["value_per_lead"] is None


def test_a_monthly_quota_is_replanned_from_any_month():
    text = TEXT.replace("per: year", "per: month")
    whole, rest = planned(text), planned(text, since=date(2026, 7, 1))
    assert rest.rows == whole.rows[-len(rest.rows) :]
    assert [u.due_in for u in rest.uncovered] == ["2026-06", "2026-06"]
