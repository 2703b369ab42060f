"""Scores that fade while nothing happens: lists show them as they are now, as the lead's page does."""

import csv
import io
import re
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book import moment, rescoring, scoring
from leaddesk.book.models import Lead
from leaddesk.book.moment import DAY
from leaddesk.book.record import judgement_of
from leadpact.clock import to_datetime, to_micros
from leadpact.score import factors
from tests.leaddesk.asking import Caller
from tests.leaddesk.desk import fact, handed_over, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.test_scoring import JOINED, created, guide

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + 13 * DAY
FOLLOW_UP = """\
follow up:
  cadences:
    all: {for: {lead type: "*"}, steps: [{do: phone, after: 2 hours}]}
"""


@pytest.fixture(params=["alone"])
def own(request):
    more = FOLLOW_UP if request.param == "followed up" else ""
    found = workspace(JOINED + more, name="Northwind")
    take(
        found,
        *(created(f"L-{n}", account="acme", owner="mia") for n in (1, 2)),
        *(handed_over(f"L-{n}", "2026-03-11 10:00", owner="mia") for n in (1, 2, 3)),
        created("L-3", owner="mia"),
        fact("L-4", "merged", "2026-03-10 09:00", into="L-3"),
        *(guide(lead, "2026-03-12 08:00") for lead in ("L-1", "L-1", "L-3", "L-4")),
        now=NOW,
    )
    return found


def sums(own, now):
    """Fit, interest and grade of each lead by the factors of each."""
    found = {}
    for key in sorted(Lead.objects.of(own).values_list("key", flat=True)):
        rules, judged = judgement_of(own.pk, [key], now=now)
        log = scoring.shared(rules, judged.log)
        told = factors(scoring.agreed(rules, now), log, key, now)
        points = (
            sum(one.points for one in told.factors if one.axis == axis)
            for axis in ("fit", "interest")
        )
        found[key] = (*points, told.grade)
    return found


def listed(visitor, address):
    """What a list says of grade and interest, by lead, in its order."""
    page = visitor.get(address)
    assert page.status_code == 200
    row = (
        r'data-open href="/leads/([^"]+)".*?<td>(?:<span class="badge"><bdi dir="ltr">'
        r'([A-C][123])</bdi></span>|–)</td><td class="number">([^<]*)</td>'
    )
    return {key: (grade, points) for key, grade, points in re.findall(row, page.text, re.DOTALL)}


@pytest.mark.parametrize("days", [0, 1, 13, 60])
def test_the_api_tells_the_score_of_this_moment_and_the_one_it_sorts_by(own, days):
    now = NOW + days * DAY
    with moment.standing_at(now):
        caller = Caller(own, "admin", ["read"])
        rows = caller.get("/leads", query="?sort=interest").json()["data"]
        wanted = sums(own, now)
        assert {
            row["key"]: (row["fit"] * 100, row["interest"] * 100, row["grade"] or "")
            for row in rows
        } == wanted
        for row in rows:
            one = caller.get(f"/leads/{row['key']}").json()
            told = caller.get(f"/leads/{row['key']}/score").json()
            for name in ("fit", "interest", "grade"):
                assert one[name] == row[name]
                assert (told[name] or None) == (row[name] or None)
            assert one["score_basis"] == row["score_basis"]
    stored = Lead.objects.of(own).order_by("-interest", "-key")
    basis = [(row["score_basis"]["interest"], row["score_basis"]["scored_at"]) for row in rows]
    assert [(points * 100, to_micros(datetime.fromisoformat(at))) for points, at in basis] == [
        *stored.values_list("interest", "scored_at")
    ]


def test_the_list_shows_the_score_of_this_moment(own, mia, visitor):
    with moment.standing_at(LATER):
        shown = listed(visitor, "/leads")
        words = text_of(visitor.get("/leads"))
        wanted = sums(own, LATER)
        told = {key: (grade, float(points)) for key, (grade, points) in shown.items()}
        assert told == {
            key: (grade, interest / 100)
            for key, (_fit, interest, grade) in wanted.items()
            if key != "L-4"  # merged
        }
        for key in ("L-1", "L-2", "L-3"):
            assert f"Interest: {shown[key][1]}" in text_of(visitor.get(f"/leads/{key}"))
    stored = Lead.objects.of(own).get(key="L-1")
    assert (stored.interest, stored.grade) != wanted["L-1"][1:]
    assert "by version 1 of the agreement." in words
    assert "Order and filters go by" not in words


@pytest.mark.parametrize("query", ["sort=interest", "sort=-grade", "grade=A", "interest_from=1"])
def test_who_sorts_or_filters_by_score_reads_by_which(own, mia, visitor, query):
    said = "Order and filters go by the score of each lead when something last happened to it."
    with moment.standing_at(LATER):
        assert said in text_of(visitor.get(f"/leads?{query}"))


def test_what_is_sorted_by_is_brought_up_to_date_and_says_as_of_when(own, mia, visitor):
    hour = LATER + DAY // 24
    rescoring.go_on(LATER)
    with moment.standing_at(hour):
        said = text_of(visitor.get("/leads?sort=interest"))
        rows = Caller(own, "admin", ["read"]).get("/leads", query="?sort=interest").json()["data"]
        sheet = send(visitor, "/leads-export", "/leads", query="sort=interest", format="csv")
    as_of = to_datetime(LATER).isoformat().replace("+00:00", "Z")
    assert "Order and filters go by the scores of open leads as of" in said
    assert "and by what happened since." in said
    basis = {row["key"]: row["score_basis"] for row in rows if row["standing"] == "open"}
    assert {one["scored_at"] for one in basis.values()} == {as_of}
    wanted = {key: interest / 100 for key, (_fit, interest, _grade) in sums(own, LATER).items()}
    assert {key: one["interest"] for key, one in basis.items()} == {k: wanted[k] for k in basis}
    lines = csv.DictReader(io.StringIO(b"".join(sheet.streaming_content).decode("utf-8-sig")))
    told = {line["key"]: (line["interest"], line["scored_at"]) for line in lines}
    for key in basis:
        assert float(told[key][0]) == wanted[key]
        assert datetime.fromisoformat(told[key][1]) == to_datetime(LATER)


@pytest.mark.parametrize("own", ["alone", "followed up"], indirect=True)
def test_the_queue_shows_the_grade_of_this_moment(mia, visitor, own):
    with moment.standing_at(LATER):
        page = visitor.get("/queue").text
        wanted = {key: grade for key, (*_points, grade) in sums(own, LATER).items()}
    assert wanted["L-1"] != Lead.objects.of(own).get(key="L-1").grade
    for key in ("L-1", "L-2"):
        row = re.search(rf'href="/leads/{key}".*?(?=href="/leads/L|$)', page, re.DOTALL)
        assert re.findall(r">([A-C][123])<", row[0]) == [wanted[key]]


def test_rows_of_the_queue_are_shown_anew_when_their_grades_fade(mia, visitor, own):
    page = visitor.get("/queue")
    tag = f'"{re.search(r"data-mark=.([0-9a-f]+)", page.text)[1]}"'
    assert visitor.get("/queue/rows", headers={"If-None-Match": tag}).status_code == 304
    with moment.standing_at(LATER):
        again = visitor.get("/queue/rows", headers={"If-None-Match": tag})
    assert again.status_code == 200


@pytest.mark.parametrize("own", ["alone", "followed up"], indirect=True)
def test_lists_ask_no_more_for_many_leads(own, mia, visitor):
    take(
        own,
        *(created(f"M-{n}", account=f"co-{n // 3}", owner="mia") for n in range(60)),
        *(handed_over(f"M-{n}", "2026-03-12 08:30", owner="mia") for n in range(60)),
        now=NOW,
    )
    for address in ("/leads", "/leads?sort=interest", "/queue", "/queue?whose=all"):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(address).status_code == 200
        assert len(queries) <= 20, (address, [one["sql"][:100] for one in queries])
