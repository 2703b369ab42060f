"""The mappings of examples/real on the exports that they were written for, where those are at hand."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from leadpact import facts
from leadpact.log import DATE_ONLY, INBOUND, MONEY_SCALE, NONE, NOT_HUMAN
from leadpact.tables import convert
from leadpact.tables.formats import seconds

DATA = Path(os.environ.get("LEADPACT_DATA", "../shared/data"))
REAL = Path("examples/real")
DAY = 86_400_000_000

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no exports in {DATA.resolve()}; set LEADPACT_DATA to their folder"
)


def converted(name, **files):
    text = (REAL / name / "mapping.yaml").read_text("utf-8")
    outcome = convert(text, {table: DATA / path for table, path in files.items()})
    assert outcome.problems == []
    return outcome


def rows(log, kind):
    return np.flatnonzero(log.kind == kind)


def first(log, chosen):
    """When the first of some facts of each lead happened; -1 where there is none."""
    found = np.full(len(log.leads), -1, np.int64)
    found[log.lead[chosen[::-1]]] = log.at[chosen[::-1]]
    return found


def test_it_school_agrees_with_the_clock_of_its_crm():
    school = DATA / "it-school-2023"
    outcome = converted(
        "it-school",
        deals="it-school-2023/deals.csv.gz",
        calls="it-school-2023/calls.csv.gz",
        spend="it-school-2023/spend.csv.gz",
    )
    log = outcome.log
    assert len(log.leads) == 8_174
    deals, calls, spend = outcome.notes
    assert (deals.rows, calls.rows, spend.rows) == (8_174, 32_791, 8_933)
    assert {one.reason for one in outcome.refused} == {"The fact has no time: the cell is blank."}
    assert outcome.refused_count == deals.refused_rows == 951  # closed, and nobody noted when
    with gzip.open(school / "deals.csv.gz", "rt", encoding="utf-8") as file:
        told = {row["Id"]: row["SLA"] for row in csv.DictReader(file)}
    outbound = (log.kind == facts.ATTEMPTED) & (log.flags & (INBOUND | NOT_HUMAN) == 0)
    called = first(log, np.flatnonzero(outbound))
    waited = (called - first(log, rows(log, facts.CREATED))) / 1_000_000
    crm = np.array(
        [
            float(seconds(told[key], "clock", "1234.56") or -1) if told[key] else -1
            for key in log.keys
        ]
    )
    both = (called >= 0) & (crm >= 0)
    agree = np.abs(waited - crm)[both] <= 120
    assert both.sum() == 5_837
    assert agree.mean() >= 0.975
    assert outcome.ledger is not None
    assert len(outcome.ledger) == 3 * 8_933


def test_olist_keeps_its_figures():
    outcome = converted(
        "olist",
        mql="olist/olist_marketing_qualified_leads_dataset.csv",
        won="olist/olist_closed_deals_dataset.csv",
    )
    log = outcome.log
    assert outcome.refused == ()
    created, won = rows(log, facts.CREATED), rows(log, facts.WON)
    assert (len(log.leads), len(created), len(won)) == (8_000, 8_000, 842)
    assert (log.flags[created] & DATE_ONLY).all()
    assert not (log.flags[won] & DATE_ONLY).any()
    search = log.code[created] == log.codes.index("paid search")
    winners = np.isin(log.lead[created], log.lead[won])
    assert (search.sum(), (search & winners).sum()) == (1_586, 195)
    assert (log.code[created] == log.codes.index("unknown")).sum() == 1_099
    assert (log.code[created] < 0).sum() == 60
    days = np.datetime64("1970-01-01") + (log.at[created] // DAY).astype("m8[D]")
    assert (days.astype("M8[M]") == np.datetime64("2018-01")).sum() == 1_141
    begun = first(log, created)[log.lead[won]]
    assert round(float(np.median(log.at[won] - begun)) / DAY, 2) == 14.65
    assert log.counts["facts before creation"] == 2  # one deal won before its first contact


def test_olist_reads_the_same_after_a_spreadsheet_saved_it_again():
    text = (REAL / "olist" / "mapping.yaml").read_text("utf-8")
    text = text.replace("dates: [iso]", "dates: [dd-mm-yyyy, dd-mm-yyyy hh:mm]")
    outcome = convert(
        text,
        {
            "mql": DATA / "olist/mql_as_resaved_by_excel_ddmmyyyy_crlf.csv",
            "won": DATA / "olist/closed_deals_as_resaved_by_excel_ddmmyyyy_crlf.csv",
        },
    )
    assert (outcome.problems, outcome.refused) == ([], ())
    assert len(rows(outcome.log, facts.WON)) == 842


def test_maven_keeps_its_figures():
    outcome = converted(
        "maven-crm",
        pipeline="maven-crm/sales_pipeline.csv",
        teams="maven-crm/sales_teams.csv",
        accounts="maven-crm/accounts.csv",
    )
    log = outcome.log
    assert outcome.refused == ()
    won, lost = rows(log, facts.WON), rows(log, facts.LOST)
    assert (len(log.leads), len(won), len(lost)) == (8_800, 4_238, 2_473)
    moved = np.zeros(len(log.leads), np.bool_)
    moved[log.lead[rows(log, facts.MOVED)]] = True
    assert (~moved).sum() == 500
    assert moved.sum() - len(won) - len(lost) == 1_589
    assert (log.amount[won] != NONE).all()
    assert log.amount[won].sum() == 10_005_534 * MONEY_SCALE
    cycle = (log.at[won] - first(log, rows(log, facts.MOVED))[log.lead[won]]) / DAY
    assert round(float(np.median(cycle))) == 57
    assert (log.flags & DATE_ONLY).all()
    assert "GTX Pro" in log.fields["product"].words
    assert "technolgy" not in log.fields["segment"].words


def test_zoho_survives_its_shifted_times():
    outcome = converted(
        "zoho-crm",
        leads="zoho-crm/Leads.csv",
        potentials="zoho-crm/Potentials.csv",
        calls="zoho-crm/Calls.csv",
    )
    log = outcome.log
    assert outcome.refused == ()
    assert (len(log.leads), len(rows(log, facts.CONVERTED))) == (3_900, 3_632)
    assert (len(rows(log, facts.WON)), len(rows(log, facts.LOST))) == (1_425, 485)
    assert len(rows(log, facts.ATTEMPTED)) == 170
    assert log.counts["facts before creation"] > 1_000
    assert "OnlineStore" not in log.fields["deal_source"].words
    assert (log.amount[rows(log, facts.CONVERTED)] > 0).all()
