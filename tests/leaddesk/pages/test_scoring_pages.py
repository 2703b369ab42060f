"""The rooms of scoring: what a score is made of, what rules were worth, what others would have meant."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book import rules, tuning
from leaddesk.book.knobs import knobs, rewritten, turned
from leaddesk.book.models import AgreementVersion, Fact, Lead, Person
from leaddesk.book.quarter import quarter
from leaddesk.book.readings import reading_of
from leadpact.agreement.load import load
from leadpact.facts import WON
from leadpact.score import rises
from tests.leaddesk.desk import at, fact, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.test_scoring import POINTS, created, guide

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    return workspace(POINTS, name="Northwind")


def filled(own):
    """Six leads: who qualifies, who lacks interest, who lacks fit; two are won."""
    for number in range(1, 7):
        lead = f"L-{number}"
        industry = "retail" if number != 6 else "mining"
        take(
            own, fact(lead, "created", "2026-02-01 09:00", industry=industry, employees=80), now=NOW
        )
        for day in range(1, number):
            take(own, guide(lead, f"2026-02-{10 + day} 10:00"), now=NOW)
    take(
        own, fact("L-4", "won", "2026-03-01 10:00"), fact("L-2", "won", "2026-03-01 10:00"), now=NOW
    )


def cells(response, row):
    """The words of the row of a table that begins with some words."""
    rows = [
        [
            " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?bdi[^>]*>", "", cell)).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)
        ]
        for found in re.findall(r"<tr>.*?</tr>", response.text, re.DOTALL)
    ]
    return next(words for words in rows if words and words[0].startswith(row))[1:]


def test_a_lead_shows_what_its_score_is_the_sum_of(own, visitor):
    filled(own)
    page = visitor.get("/leads/L-5")
    words = text_of(page)
    assert "Fit: 50" in words
    assert "by version 1 of the agreement" in words
    assert cells(page, "industry is retail or food") == ["20"]
    when = cells(page, "guide downloaded, 4 times")
    assert when[1:] == ["Feb 14, 2026", "Mar 26, 2026 every 14 days"]
    assert "now; at its highest it was" in words
    assert "The same as a table" in words
    assert re.search(r'class="here"><bdi dir="ltr">A2</bdi>', page.text)


def test_the_parts_sum_up_to_the_score_with_caps_taken_off(own, visitor):
    take(
        own,
        created("L-1"),
        *(guide("L-1", f"2026-03-0{day} 10:00") for day in range(1, 9)),
        now=NOW,
    )
    page = visitor.get("/leads/L-1")
    raw, cut = (
        float(cells(page, f"guide downloaded{rest}")[0])
        for rest in (", 8 times", ": beyond its cap")
    )
    assert cut < 0
    assert round(raw + cut, 2) == 40
    assert cells(page, "Sum") == ["50"]


def test_a_score_by_hand_is_set_shown_and_released_on_the_page(own, visitor):
    filled(own)
    refused = send(
        visitor, "/lead-acts/override", form="/leads/L-3", lead="L-3", fit="many", why=""
    )
    assert refused.status_code == 422
    assert 'id="act-override" name="act" open' in refused.text
    assert 'value="many"' in refused.text
    fields = {"lead": "L-3", "interest": "75", "why": "met at a fair", "token": "a"}
    assert send(visitor, "/lead-acts/override", form="/leads/L-3", **fields).status_code == 302
    page = visitor.get("/leads/L-3")
    assert cells(page, "Set by hand by Mia: met at a fair")[0] == "75"
    assert "set interest to" in text_of(page)
    assert "Leave it to the rules again" in text_of(page)
    assert "A1" in text_of(page)
    undo = re.search(r'action="(/lead-acts/take-back[^"]*)"', page.text)
    assert undo
    assert "met at a fair" in text_of(visitor.get("/scoring"))
    send(visitor, "/lead-acts/release", form="/leads/L-3", lead="L-3", token="b")
    assert "left the score to the rules again" in text_of(visitor.get("/leads/L-3"))
    assert "Nobody's score stands by hand" in text_of(visitor.get("/scoring"))


def test_the_list_sorts_and_filters_by_grade_and_interest(own, visitor):
    filled(own)
    page = visitor.get("/leads?sort=interest")
    keys = re.findall(r'data-open href="/leads/(L-\d)"', page.text)
    assert keys[0] == "L-6"
    assert keys[-1] == "L-1"
    assert re.findall(r'data-open href="/leads/(L-\d)"', visitor.get("/leads?grade=c1").text) == []
    assert set(re.findall(r'href="/leads/(L-\d)"', visitor.get("/leads?grade=A").text)) == {
        "L-1",
        "L-2",
        "L-3",
        "L-4",
        "L-5",
    }
    assert set(
        re.findall(r'href="/leads/(L-\d)"', visitor.get("/leads?interest_from=35").text)
    ) == {"L-5", "L-6"}
    by_grade = re.findall(r'data-open href="/leads/(L-\d)"', visitor.get("/leads?sort=grade").text)
    grades = [Lead.objects.of(own).get(key=key).grade for key in by_grade]
    assert grades == sorted(grades)
    assert "There is no such grade" in text_of(visitor.get("/leads?grade=Z9"))
    assert visitor.get("/leads?interest_from=1e9999").status_code == 200
    file = send(visitor, "/leads-export", form="/leads", query="sort=interest", format="csv")
    rows = b"".join(file.streaming_content).decode().splitlines()
    head = rows[0].split(",")
    assert rows[1].split(",")[head.index("grade")][0] in "ABC"


def test_the_room_tells_what_rules_were_worth(own, visitor):
    filled(own)
    page = visitor.get("/scoring")
    assert "Counted on all 6 leads" in text_of(page)
    assert cells(page, "Fit: +20 points")[:2] == ["5", "2"]
    assert cells(page, "Interest: +16 points")[:2] == ["5", "2"]
    assert cells(page, "Interest: +16 points")[2] == "too few to say"
    opened = visitor.get("/scoring/leads?of=fit.1&part=won")
    assert set(re.findall(r'href="/leads/(L-\d)"', opened.text)) == {"L-2", "L-4"}
    counted = sum(int(cells(page, f"{fit}{interest}")[0]) for fit in "ABC" for interest in "123")
    assert counted == 6


def test_rules_about_what_no_lead_has_are_named(own, visitor):
    text = POINTS.replace("industry: [retail, food]", "shoe size: [44]")
    AgreementVersion.objects.of(own).update(text=text)
    rules.changed(own.pk, every_lead=True)
    filled(own)
    assert "what none of these leads has ever had: shoe size" in text_of(visitor.get("/scoring"))


def test_who_is_near_is_listed(own, visitor):
    take(own, created("L-9"), guide("L-9", "2026-03-10 10:00"), now=NOW)
    assert re.search(r'href="/leads/L-9"', visitor.get("/scoring").text)


def test_other_numbers_show_at_once_whom_they_would_have_let_qualify(own, visitor):
    filled(own)
    plain = visitor.get("/scoring/tune")
    assert "3 of them qualified as “mql”, and 1 of these were won" in text_of(plain)
    query = urlencode({"qualifies as mql.all.2.interest.at least": "10"})
    page = visitor.get(f"/scoring/tune?{query}")
    assert "1 more lead would have qualified." in text_of(page)
    assert cells(page, "Only now")[:2] == ["1", "1"]
    assert cells(page, "No longer")[:2] == ["0", "0"]
    assert cells(page, "A lead qualifies as mql") == ["1 (1)", "0 (0)"]
    opened = visitor.get(f"/scoring/tune/leads?of=more&{query}")
    assert re.findall(r'data-open href="/leads/(L-\d)"', opened.text) == ["L-2"]
    alone = visitor.get(f"/scoring/tune/leads?of=more&alone=qualifies.mql&{query}")
    assert re.findall(r'data-open href="/leads/(L-\d)"', alone.text) == ["L-2"]


def test_the_difference_is_what_a_slow_look_at_each_lead_finds(own):
    filled(own)
    before = load(POINTS)[0]
    tried = {"interest.2.points": "9", "fit.2.points": "15", "interest.2.halves after": "3 days"}
    after = turned(POINTS, tried).agreement
    found = tuning.difference(own.pk, before, after, "mql", NOW)
    log = quarter(own.pk, NOW).log
    was, would = (
        {log.keys[n] for n in rises(one, log, "mql").lead.tolist()} for one in (before, after)
    )
    won = {*Fact.objects.of(own).filter(kind=WON).values_list("lead", flat=True)}
    for share, keys in (
        (found.was, was),
        (found.would, would),
        (found.more, would - was),
        (found.fewer, was - would),
    ):
        assert (share.leads, share.won) == (len(keys), len(keys & won))
    assert found.fewer.leads > 0
    assert [one.place for one in found.alone] == [("fit", "2"), ("interest", "2")]


def test_numbers_become_a_draft_in_which_the_rest_stays_as_written(own, visitor):
    filled(own)
    text = POINTS.replace("  grades:", "  # agreed after the fair\n  grades:")
    wanted = {"fit.1.points": "25", "interest.2.halves after": "30 days", "grades.fit.1": "45"}
    kept = rewritten(text, {name: wanted[name] for name in [*wanted][:2]})
    assert kept == text.replace("food]}, points: 20", "food]}, points: 25").replace(
        "14 days", "30 days"
    )
    whole = rewritten(text, {**wanted, "interest.1.at most": "50"})
    assert load(whole)[0] == turned(text, {**wanted, "interest.1.at most": "50"}).agreement
    assert load(whole)[0].qualification.grades.fit == (45, 20)
    page = visitor.get(f"/scoring/tune?{urlencode(wanted)}")
    draft = re.search(
        r'<textarea name="text" hidden aria-hidden="true">\n(.*?)</textarea>', page.text, re.DOTALL
    )[1]
    assert "version: 2" in draft
    assert "points: 25" in draft
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    asked = visitor.post(
        "/agreement/propose", {"text": draft, "act": "try", "csrfmiddlewaretoken": token}
    )
    assert asked.status_code == 200
    assert "points: 25" in asked.text
    assert AgreementVersion.objects.of(own).count() == 1


def test_what_is_no_number_is_named_at_its_field_and_nothing_is_tried(visitor, own):
    filled(own)
    for name, value in (
        ("fit.1.points", "x"),
        ("interest.2.halves after", "3 working days"),
        ("fit.1.points", "\0<b>"),
        ("interest.2.at most", "9" * 10_000),
        ("hysteresis", "-1"),
        ("grades.fit.1", "\u202e"),
    ):
        page = visitor.get("/scoring/tune", {name: value})
        assert page.status_code == 422, (name, value)
        assert 'aria-invalid="true"' in page.text
        assert "It has to be mended first" in page.text
        assert visitor.get("/scoring/tune/leads", {name: value, "of": "more"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/scoring/leads",
        "/scoring/leads?of=fit.99",
        "/scoring/leads?of=%00",
        "/scoring/leads?of=A1&part=x",
        "/scoring/tune/leads",
        "/scoring/tune/leads?of=x",
        "/scoring/leads?of=" + "x" * 10_000,
    ],
)
def test_a_figure_that_isnt_there_is_absent(own, visitor, path):
    filled(own)
    assert visitor.get(path).status_code == 404


def test_without_rules_of_points_the_rooms_say_what_to_do(visitor, own):
    AgreementVersion.objects.of(own).delete()
    rules.changed(own.pk, every_lead=True)
    for path in ("/scoring", "/scoring/tune"):
        assert "No rules of points are agreed" in text_of(visitor.get(path))


def test_a_rep_sees_figures_but_opens_only_the_leads_of_the_team(own, visitor):
    filled(own)
    person(own, "ana", team="inbound")
    Person.objects.of(own).filter(key="mia").update(role="rep")
    assert cells(visitor.get("/scoring"), "Fit: +20 points")[0] == "5"
    opened = visitor.get("/scoring/leads?of=fit.1")
    assert "5 of these are leads that you may not open" in text_of(opened)
    assert "/leads/L-" not in opened.text
    assert "Draft a version" not in text_of(visitor.get("/scoring/tune?fit.1.points=3"))


def test_the_rooms_ask_little_of_the_database(own, visitor):
    filled(own)
    for path, most in (
        ("/scoring", 20),
        ("/scoring/tune?fit.1.points=3", 20),
        ("/scoring/leads?of=fit.1", 20),
        ("/leads/L-3", 30),
        ("/leads?sort=interest", 20),
    ):
        visitor.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert visitor.get(path).status_code == 200
        assert len(asked) <= most, (path, len(asked))


def test_no_page_runs_inline_script_or_style(own, visitor):
    filled(own)
    for path in ("/scoring", "/scoring/tune?fit.1.points=3", "/leads/L-3"):
        assert not re.search(r'<script>|<style| style="| onclick=', visitor.get(path).text)


def test_knobs_name_every_number_and_the_text_is_read_as_it_stands():
    agreement = reading_of(POINTS).agreement
    assert {one.id: one.value for one in knobs(agreement)}["interest.2.at most"] == "40"
    assert turned(POINTS, {}).agreement == agreement
    assert at("2026-03-12 09:00") == NOW
