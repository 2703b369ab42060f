"""The scoreboard and its figures: what they show, who may see it, and what becomes of odd addresses."""

import re
from html import unescape

import pytest
from django.test import Client

from leaddesk.book import moment, report, rules
from leaddesk.book.models import AgreementVersion, Contact, User
from leaddesk.book.shelf import Shelf
from leaddesk.pages import charts
from leaddesk.tongue import Wishes, speaking
from tests.leaddesk.asking import SECOND_VERSION
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db
ROLES = ("admin", "marketing lead", "sales lead", "marketer", "rep", "viewer", "auditor")


@pytest.fixture
def busy(own, mia):
    """Twelve leads of March: ten answered in time, one late, one not yet due."""
    items = []
    for n in range(1, 13):
        day = 2 + n % 5 if n < 12 else 12
        owner = "ana" if n % 3 else "ben"
        items += [
            fact(f"L-{n}", "created", f"2026-03-{day:02} 08:30", source="site", type="form"),
            fact(f"L-{n}", "moved", f"2026-03-{day:02} 08:31", to="mql"),
            handed_over(f"L-{n}", f"2026-03-{day:02} 08:32", owner=owner),
        ]
        if n < 11:
            items.append(
                fact(f"L-{n}", "attempted", f"2026-03-{day:02} 10:00", by=owner, channel="phone")
            )
    person(own, "ana")
    person(own, "ben")
    take(own, *items, now=NOW)
    report.draw(own.pk, Shelf(own.pk), NOW)
    return own


def visitor_of(own, role, key="zoe", **fields):
    user = User.objects.create_user(f"{key}@northwind.example", PASSWORD)
    person(own, key, role=role, user=user, email=user.email, **fields)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=user.email, password=PASSWORD)
    return client


def test_both_sides_stand_beside_each_other(visitor, busy):
    text = text_of(visitor.get("/scoreboard"))
    assert "12 of 100" in text
    assert "Pace says" in text
    assert "10 of 11 · 1 not decided" in text
    assert "Most misses" in text


def test_the_sentences_say_what_the_chart_holds(visitor, busy):
    rows = visitor.get("/scoreboard?chart=pace&as=csv").text.splitlines()
    actual = [line.split(",")[1] for line in rows[1:] if line.split(",")[1]]
    sentence = re.search(r"(\d+) of 100", text_of(visitor.get("/scoreboard")))
    assert actual[-1] == sentence[1] == "12"


def test_working_days_make_the_axis(visitor, busy):
    rows = visitor.get("/scoreboard?chart=pace&as=csv").text.splitlines()[1:]
    days = [line.split(",")[0] for line in rows]
    assert len(days) == 22
    assert not {"2026-03-01", "2026-03-07", "2026-03-08"} & {*days}


def test_every_figure_opens_to_as_many_rows_as_it_says(visitor, busy):
    page = visitor.get("/scoreboard")
    links = {unescape(one) for one in re.findall(r'href="(/figures/[^"]+)"', page.text)}
    assert len(links) > 10
    told = report.latest(busy.pk)
    for link in links:
        opened = visitor.get(link)
        assert opened.status_code == 200, link
        found = told.figure(opened.context["key"])
        behind = len(found.part("hits")) if link.endswith("?part=hits") else found.counted
        assert opened.context["page"].total == behind
        assert opened.text.count("data-row") - opened.text.count("data-rows") == behind


def test_heat_prints_counts_and_hatches_few(visitor, busy):
    page = visitor.get("/scoreboard")
    assert 'class="few"' in page.text
    assert re.search(r"<bdi>\d+/\d+</bdi>", page.text)


def test_each_chart_has_a_name_and_a_table_of_the_same_values(visitor, busy):
    page = visitor.get("/scoreboard").text
    drawn = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="([^"]+)"', page)
    assert len(drawn) >= 4
    for names in drawn:
        for name in names.split():
            assert f'id="{name}"' in page
    assert page.count("The same as a table") == len(drawn)


def test_nothing_on_the_page_breaks_the_content_policy(visitor, busy):
    for path in ("/scoreboard", "/figures/kept/first contact/2026-03"):
        page = visitor.get(path).text
        assert not re.search(r'<[^>]+ style="', page)
        assert not re.search(r"<[^>]+ on\w+=", page)


def test_files_of_charts(visitor, busy):
    svg = visitor.get("/scoreboard?chart=pace&as=svg")
    assert (svg.headers["Content-Type"], svg.text[:4]) == ("image/svg+xml", "<svg")
    rows = visitor.get("/scoreboard?chart=days&as=csv")
    assert rows.text.startswith("\ufeffday,kept,decided,share,not decided")


def test_no_formula_leaves_in_a_file():
    assert [charts.defused(one) for one in ("=1+1", "-5", "@x", "plain", "")] == [
        "'=1+1",
        "-5",
        "'@x",
        "plain",
        "",
    ]


def test_lists_grow_to_the_left_for_those_who_read_so():
    rows = [{"name": "a", "count": 12, "label": "12"}]
    with speaking(Wishes(language="fa")):
        spec = charts.bars(rows, "x")
        chart = charts.drawn(spec, name="a", title="t", finding="f", columns=[], rows=[])
    assert spec["encoding"]["x"]["scale"]["reverse"]
    assert "۱۲" in chart.svg


@pytest.mark.parametrize(
    "query",
    [
        *("period=2026-02", "period=x", "period=2026-99", "period=9999-12", "period=0000"),
        *("period=9990-12", "period=2199-12", "period=2198-12", "period=2200", "period=1970"),
        *("period=9999-W52", "period=2026-Q9999999999999", "period=2026-W99999999999"),
        *("period=1970-01-02..2198-12-31", "period=0001-01-01..9999-12-31"),
        *("promise=none", "promise=%00", "chart=none&as=csv", "period=2026-03-01..2026-02-01"),
        "period=" + 5000 * "9",
        "promise=%3Cscript%3Ealert(1)%3C/script%3E",
        "period=%E2%80%AE2026-03",
    ],
)
def test_odd_addresses_are_answered(visitor, busy, query):
    page = visitor.get(f"/scoreboard?{query}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        *("/figures/kept", "/figures/none/first contact/2026-03", "/figures/kept/x/y/z"),
        *("/figures/%00/a/b", "/figures/kept/none/2026-03", "/figures/" + 3000 * "a/"),
    ],
)
def test_what_is_no_figure_is_not_there(visitor, busy, path):
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("query", ["part=x", "after=x", "after=99999999999999", "after=-1", "as=x"])
def test_odd_parts_of_a_figure_are_answered(visitor, busy, query):
    assert visitor.get(f"/figures/kept/first contact/2026-03?{query}").status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_the_scoreboard(busy, role):
    client = visitor_of(busy, role)
    assert client.get("/scoreboard").status_code == 200
    assert client.get("/figures/kept/first contact/2026-03").status_code == 200


def test_names_are_for_those_who_may_read_them(busy):
    Contact.objects.of(busy).create(workspace=busy, lead="L-1", name="Kim Secret", created_at=NOW)
    shown = [
        "Kim Secret" in visitor_of(busy, role, role).get("/figures/kept/first contact/all").text
        for role in ("marketer", "viewer")
    ]
    assert shown == [True, False]


def test_a_rep_opens_no_lead_of_another_team(busy):
    client = visitor_of(busy, "rep", team="far away")
    page = client.get("/figures/kept/first contact/2026-03")
    assert "leads that you may not open" in text_of(page)
    assert "L-1" not in page.text
    rows = client.get("/figures/kept/first contact/2026-03?as=csv").text.splitlines()
    assert len(rows) == 1


def test_figures_of_another_workspace_are_not_there(visitor, busy):
    other = workspace()
    take(other, handed_over("X-1", "2026-03-03 09:00"), now=NOW)
    report.draw(other.pk, Shelf(other.pk), NOW)
    assert "X-1" not in visitor.get("/figures/kept/first contact/all").text


def test_a_promise_is_told_as_the_version_said_that_judged_it(visitor, busy):
    text = SECOND_VERSION.replace("within: 4 working hours", "within: 9 working hours")
    told = {"name": "Slower", "number": 2, "valid_from": "2026-06-01", "text": text, "hash": "2"}
    in_force = {"state": AgreementVersion.State.IN_FORCE, "proposed_by": "mia", "proposed_at": NOW}
    AgreementVersion.objects.of(busy).create(workspace=busy, **told, **in_force)
    rules.changed(busy.pk, every_lead=True)
    report.draw(busy.pk, Shelf(busy.pk), NOW)
    report.forget()
    page = text_of(visitor.get("/figures/kept/first contact/2026-03"))
    assert "within 4 working hours" in page
    assert "9 working hours" not in page
    later = at("2026-06-03 12:00")
    take(busy, handed_over("L-20", "2026-06-02 09:00"), now=later)
    with moment.standing_at(later):
        report.draw(busy.pk, Shelf(busy.pk), later)
        report.forget()
        pages = [text_of(visitor.get(f"/figures/kept/first contact/{one}"))
                 for one in ("2026-03", "2026-06", "all")]  # fmt: skip
    said = [[n for n in (4, 9) if f"within {n} working hours" in one] for one in pages]
    assert said == [[4], [9], [4, 9]]
    assert "Version 2 of the agreement" in pages[2]


def test_few_queries(visitor, busy, django_assert_max_num_queries):
    visitor.get("/scoreboard")
    for path in ("/scoreboard", "/figures/kept/first contact/2026-03"):
        with django_assert_max_num_queries(20):
            visitor.get(path)


def test_a_large_workspace_waits_for_its_worker(visitor, own, monkeypatch):
    monkeypatch.setattr(report, "MOST_AT_ONCE", 0)
    take(own, handed_over("L-1", "2026-03-03 09:00"), now=NOW)
    for path in ("/scoreboard", "/today", "/stand-up", "/figures/kept/first contact/all"):
        page = visitor.get(path)
        assert (page.status_code, "being drawn" in text_of(page)) == (200, True)


def test_an_empty_workspace_says_what_will_be_there(visitor, own):
    text = text_of(visitor.get("/scoreboard"))
    assert "Nothing to count yet" in text
    assert "Go to the leads" in text


def test_nobody_reads_it_signed_out(busy):
    for path in ("/scoreboard", "/today", "/stand-up", "/figures/kept/first contact/all"):
        assert Client().get(path).status_code == 302


def test_the_pace_of_a_week_counts_from_its_own_first_day(visitor, busy):
    page = visitor.get("/scoreboard?period=2026-W11").text
    links = re.findall(r'href="(/figures/delivered/volume/[^"]+\.\.[^"]+)"><bdi>(\d+)', page)
    assert links
    for link, number in links:
        assert visitor.get(unescape(link)).context["page"].total == int(number)


@pytest.mark.parametrize(
    "path",
    [
        *("/figures/kept/first contact/9990-12", "/figures/delivered/volume/2199-12"),
        *("/figures/kept/first contact/9999-W52", "/figures/open/all/2026-Q9999999999999"),
        "/figures/kept/all/0001-01-01..2026-01-01",
    ],
)
def test_a_figure_of_a_period_that_no_calendar_knows_is_not_there(visitor, busy, path):
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("day", ["9990-12-01", "9999-12-31", "0001-01-01", "1971-01-01", "x"])
def test_odd_days_are_answered(visitor, busy, day):
    for path in ("/stand-up", "/today"):
        assert visitor.get(f"{path}?day={day}&period={day}").status_code == 200
