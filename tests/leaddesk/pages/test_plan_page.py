"""The page of the plan: its numbers are the engine's, and each opens the chain that led to it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book.models import AgreementVersion, Person
from tests.leaddesk.desk import AGREEMENT, workspace
from tests.leaddesk.pages.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "mql to sql: 34%, sql to opportunity: 82%, win: 23%, order value: 2000, closes in: 30 days"
PLANNED = (
    AGREEMENT.replace("amount: 100", "amount: as planned")
    + f"""\
term: {{from: 2026-01-01, to: 2026-12-31}}
goal: {{quota: {{amount: 500000, per: month, owner: mia}}}}
funnel:
  website form: {{{FORM}, source: orders of 2025}}
handoff:
  when: mql
  route: {{by: weight, at most: 250 per month, at least: 100 per month}}
"""
)
TWO = PLANNED.replace(
    "funnel:",
    "funnel:\n  outbound: {mql to sql: 49.6%, sql to opportunity: 82%, win: 23%, order value: 2000}",
)
MIXED = TWO.replace("outbound: {", "outbound: {share: 40%, ").replace(
    "website form: {", "website form: {share: 60%, "
)


@pytest.fixture
def own():
    return workspace(PLANNED, name="Northwind")


def agree(own, text):
    AgreementVersion.objects.of(own).update(text=text)


def cells(response, row):
    """The words of a row of a table, by its heading; of several the widest."""
    rows = [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)
        ]
        for found in re.findall(r"<tr.*?</tr>", response.text, re.DOTALL)
    ]
    return max((words for words in rows if words and words[0] == row), key=len)[1:]


def test_the_quota_is_counted_back_to_the_leads_as_the_engine_does(visitor):
    page = visitor.get("/plan?month=2026-06")
    assert page.status_code == 200
    assert (
        "$500,000 in June 2026 takes 250 deals, and these take 3,900 leads at the stage “mql”."
    ) in text_of(page)
    quota, *counts = ["$500,000", "3,900", "1,326", "1,087", "250"]
    assert cells(page, "June 2026") == ["22", "3,900", quota, *counts]


def test_a_number_opens_its_chain_and_the_lines_that_it_rests_on(visitor):
    page = visitor.get("/plan?month=2026-06")
    address = re.search(r'href="(/plan/figure\?[^"]*of=stage%3Amql[^"]*)"', page.text)[1]
    opened = visitor.get(address.replace("&amp;", "&"))
    assert (
        "500,000 ÷ 2,000 = 250 deals ÷ 23% = 1,086.96 → 1,087 opportunity ÷ 82% = 1,325.61 → 1,326"
        " sql ÷ 34% = 3,900 mql"
    ) in text_of(opened)
    assert cells(opened, "opportunity") == ["÷ 23%", "1,086.96", "1,087", "1,087"]
    assert cells(opened, "mql") == ["÷ 34%", "3,900", "3,900", "3,900"]
    line = PLANNED[: PLANNED.index("website form")].count("\n") + 1
    assert cells(opened, "win") == ["23%", "orders of 2025", f"line {line}"]
    assert f'href="/agreement/versions/1/text#line-{line}"' in opened.text


def test_leads_that_are_due_name_the_month_of_their_deals(visitor):
    opened = visitor.get("/plan/figure?month=2026-05&of=due:mql")
    assert "Leads due: mql: 3,900" in text_of(opened)
    assert "closes about 1 month after its lead. These leads are for the deals of June 2026." in (
        text_of(opened)
    )
    last = visitor.get("/plan/figure?month=2026-12&of=due:mql")
    assert "for deals after the term" in text_of(last)


def test_value_per_lead_is_told_backward_and_forward(own, visitor):
    agree(own, TWO)
    page = visitor.get("/plan?month=2026-06&type=website form")
    assert cells(page, "website form")[3:6] == ["$128.21", "$128.25", "$2,000"]
    other = visitor.get("/plan?month=2026-06&type=outbound")
    assert cells(other, "outbound")[2:4] == ["2,674", "$186.99"]
    opened = visitor.get("/plan/figure?month=2026-06&type=website form&of=value")
    assert "500,000 ÷ 3,900 = 128.21" in text_of(opened)


def test_parts_of_a_number_are_listed_and_add_up(own, visitor):
    agree(own, MIXED)
    opened = visitor.get("/plan/figure?month=2026-06&of=quota")
    assert "Quota: $500,000" in text_of(opened)
    assert (cells(opened, "website form"), cells(opened, "outbound")) == (
        ["$300,000"],
        ["$200,000"],
    )


def test_chance_tolerance_and_people_are_told(visitor):
    page = visitor.get("/plan?month=2026-06")
    assert cells(page, "website form")[:6] != []
    assert re.search(r"with a chance of 51(\.\d)?%; for 80% it takes 4,098", text_of(page))
    for leads in ("4,098", "4,207", "4,299"):
        assert leads in text_of(page)
    assert "with 10% to either side, 3,510 to 4,290 count as delivered" in text_of(page)
    assert "2 people work 308 hours for 3,900 leads" in text_of(page)
    assert "too many leads" in text_of(page)


def test_what_a_tenth_more_would_save(visitor):
    page = visitor.get("/plan?month=2026-01")
    assert cells(page, "mql to sql") == ["3,544.27", "3,545", "3,546", "354"]
    assert cells(page, "win")[2] == "3,550"


def test_the_plan_is_kept_and_asks_little_of_the_database(visitor):
    visitor.get("/plan")
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get("/plan").status_code == 200
    assert len(asked) <= 12


def test_a_chart_can_be_taken_as_a_table(visitor):
    file = visitor.get("/plan?month=2026-06&chart=months&as=csv")
    assert file["Content-Type"].startswith("text/csv")
    assert "2026-06,3900" in file.text


@pytest.mark.parametrize(
    "query",
    [
        "month=2031-01",
        "month=%00",
        "month=" + "9" * 10_000,
        "stream=<b>",
        "type=%E2%80%AE",
        "version=2",
        "version=-1",
        "version=1-x",
    ],
)
def test_what_the_plan_hasnt_is_absent(visitor, query):
    assert visitor.get(f"/plan?{query}").status_code == 404


@pytest.mark.parametrize("of", ["", "stage:", "stage:nowhere", "due:<script>", "x" * 10_000, "\0"])
def test_a_number_that_isnt_there_is_absent(visitor, of):
    assert visitor.get("/plan/figure", {"of": of}).status_code == 404


def test_an_agreement_that_cant_be_planned_says_what_it_needs(own, visitor):
    agree(own, AGREEMENT)
    words = text_of(visitor.get("/plan"))
    assert "This agreement can't be planned yet" in words
    assert "The plan has no quota to count back from." in words
    AgreementVersion.objects.of(own).delete()
    assert "There is no plan yet" in text_of(visitor.get("/plan"))


@pytest.mark.parametrize("role", ["viewer", "auditor", "rep", "marketer"])
def test_everybody_of_the_workspace_may_read_the_plan(own, visitor, role):
    Person.objects.of(own).filter(key="mia").update(role=role)
    assert visitor.get("/plan").status_code == 200


def test_no_page_of_the_plan_runs_inline_script_or_style(visitor):
    for path in ("/plan", "/plan/figure?of=stage:mql&month=2026-06"):
        page = visitor.get(path).text
        assert not re.search(r'<script>|<style| style="| onclick=', page)
