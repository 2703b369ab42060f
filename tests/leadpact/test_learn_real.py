"""Learning from the exports that examples/real were written for, where those are at hand.

What is told here is what was found: on two of the three nobody can tell beforehand who will be won.
"""

import os
from pathlib import Path

import pytest

from leadpact.agreement.load import load
from leadpact.learn import learn
from leadpact.tables import convert

DATA = Path(os.environ.get("LEADPACT_DATA", "../shared/data"))
REAL = Path("examples/real")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no exports in {DATA.resolve()}; set LEADPACT_DATA to their folder"
)


def learned(name, **files):
    text = (REAL / name / "mapping.yaml").read_text("utf-8")
    log = convert(text, {table: DATA / path for table, path in files.items()}).log
    agreement, problems = load((REAL / name / "agreement.yaml").read_text("utf-8"))
    assert problems == []
    made = learn([agreement], log, now=int(log.at.max()))
    return made, {leak.name: leak.why for leak in made.grounds.left_out}


def test_olist_is_foretold_a_little_and_what_only_won_sellers_have_is_left_out():
    made, left_out = learned(
        "olist",
        mql="olist/olist_marketing_qualified_leads_dataset.csv",
        won="olist/olist_closed_deals_dataset.csv",
    )
    assert left_out == dict.fromkeys(
        [
            "behaviour",
            "business_segment",
            "business_type",
            "declared_monthly_revenue",
            "developed_by",
            "lead_type",
            "seller",
        ],
        "after",
    )
    assert made.validation.auc.value == pytest.approx(0.67, abs=0.02)
    assert made.validation.tells
    assert made.validation.rules.value == 0.5  # the rules look at what nobody knows yet


def test_the_school_filled_in_city_product_and_quality_afterwards():
    made, left_out = learned(
        "it-school",
        deals="it-school-2023/deals.csv.gz",
        calls="it-school-2023/calls.csv.gz",
    )
    assert left_out == {"city": "tells", "contact": "own", "product": "tells", "quality": "value"}
    assert not made.validation.tells  # with them the AUC would be 0.92, and worth nothing
    assert made.validation.auc.value < 0.62


def test_maven_names_companies_only_once_deals_are_closed():
    made, left_out = learned(
        "maven-crm",
        pipeline="maven-crm/sales_pipeline.csv",
        teams="maven-crm/sales_teams.csv",
        accounts="maven-crm/accounts.csv",
    )
    assert left_out == dict.fromkeys(["country", "employees", "segment"], "blank")
    assert not made.validation.tells
