"""The report: both sides on one page, the same figures as text, JSON and HTML."""

import json
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser

import pytest

from bench.logs import PEOPLE, synthetic
from leadpact.agreement.model import Agreement
from leadpact.judge import judge
from leadpact.plan import plan
from leadpact.report import html, report, text
from leadpact.report.shown import interval, length, moment, money, percent
from leadpact.report.text import cells, fit
from leadpact.units import HOUR, MINUTE, SECOND
from tests.leadpact.judged_logs import agreed, at, fact, judged

TYPES = ("website form", "outbound", "download", "demo", "chat", "e-mail")
FUNNEL = {
    kind: {
        "share": f"{share}%",
        "mql to sql": "34%",
        "sql to opportunity": "82%",
        "win": "23%",
        "order value": "2000",
    }
    for kind, share in zip(TYPES, (20, 20, 20, 20, 10, 10), strict=True)
}
WHOLE = Agreement.model_validate(
    {
        "leadpact": "1",
        "agreement": "Northwind <& sons>",
        "version": "1",
        "valid from": "2026-01-01",
        "zone": "Europe/Warsaw",
        "calendars": {"office": {"open": {"mon-fri": ["09:00-17:00"]}}},
        "between": {"marketing": ["mia"], "sales": list(PEOPLE[:3])},
        "people": {name: {} for name in PEOPLE[:3]},
        "term": {"from": "2026-01-01", "to": "2026-12-31"},
        "goal": {
            "statement": "Half a million a month",
            "quota": {"amount": "500000", "per": "month"},
            "streams": {"shops": {"share": "60%"}, "brands": {"share": "40%"}},
        },
        "definitions": {
            "stages": ["lead", "mql", "sql", "opportunity", "customer"],
            "attempt": {"by": ["phone", "email", "video", "voice message"]},
        },
        "funnel": FUNNEL,
        "handoff": {
            "when": "mql",
            "reasons to reject": ["wrong size"],
            "return": {"after": "7 attempts without answer", "to": "re-engage"},
        },
        "nurture": {
            "re-engage": {"steps": [{"stage": "awareness", "send": "guide", "after": "3 days"}]}
        },
        "promises": {
            "marketing": {
                "volume": {
                    "deliver": "mql",
                    "amount": "as planned",
                    "each": "month",
                    "tolerance": "10%",
                    "flag after": "2 periods under",
                },
                "value": {"deliver": "value of mql", "amount": "as planned", "each": "month"},
                "packet": {"ratio": "complete packets of handoffs", "at least": "95%"},
            },
            "sales": {
                "first contact": {
                    "after": "handed over",
                    "do": "attempted",
                    "within": "4 working hours",
                    "unless": ["returned"],
                    "target": "95%",
                },
                "follow-up": {
                    "after": "handed over",
                    "do": "attempted",
                    "ladder": [
                        {"times": 3, "within": "14 days"},
                        {"times": 5, "within": "28 days"},
                    ],
                },
                "conversion": {
                    "ratio": "opportunity of mql",
                    "at least": "7%",
                    "each": "month",
                    "per": "rep",
                },
                "opportunities": {
                    "deliver": "opportunity",
                    "amount": "18",
                    "each": "month",
                    "per": "rep",
                    "at least": "yes",
                },
            },
        },
        "kpis": {"sales": ["attempts per lead"]},
    }
)


@cache
def whole():
    judgement = judge([WHOLE], synthetic(8_000, seed=1), now=at("2026-06-15 12:00"))
    return report(judgement, plan(WHOLE)[0])


@cache
def page():
    return html(whole())


class Words(HTMLParser):
    """The words that a page shows, and the order of its tags."""

    def __init__(self):
        super().__init__()
        self.words, self.tags, self.quiet = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.quiet += tag == "style"

    def handle_endtag(self, tag):
        self.quiet -= tag == "style"

    def handle_data(self, data):
        if not self.quiet:
            self.words.append(data)


def read(source):
    parser = Words()
    parser.feed(source)
    return " ".join(" ".join(parser.words).split()), parser.tags


def test_every_headline_and_finding_of_the_json_stands_on_the_page():
    shown, _tags = read(page())
    form = whole().to_json()
    expected = [line["shown"] for line in form["headlines"]]
    expected += [finding for found in form["findings"].values() for finding in found]
    expected += [score["shown"] for score in form["scorecard"]]
    expected += [score["note"] for score in form["scorecard"]]
    missing = [words for words in expected if " ".join(words.split()) not in shown]
    assert missing == []


def test_every_count_of_compliance_stands_in_a_table_of_the_page():
    shown, _tags = read(page())
    for line in whole().to_json()["compliance"]:
        if line["by"] == "promise":
            cells = [f"{line['kept']:,}", f"{line['broken']:,}"]
            assert f"{line['promise']} {' '.join(cells)}" in shown


def test_the_page_needs_nothing_but_itself():
    source = page()
    _shown, tags = read(source)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _attrs in tags)
    assert not re.search(r"url\((?!#)|@import", source)
    hrefs = [attrs["href"] for tag, attrs in tags if tag == "a"]
    ids = [attrs["id"] for _tag, attrs in tags if "id" in attrs]
    assert all(href.startswith("#") and href[1:] in ids for href in hrefs)
    assert len(ids) == len(set(ids))


def test_tables_have_captions_and_scopes_and_charts_have_tables():
    _shown, tags = read(page())
    names = [tag for tag, _attrs in tags]
    assert names.count("caption") == names.count("table") > 10
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in tags if tag == "th")
    assert names.count("figure") == names.count("svg") >= 4


def test_what_people_wrote_is_escaped():
    assert "Northwind <& sons>" not in page()
    assert "Northwind &lt;&amp; sons&gt;" in page()


def test_the_title_says_what_as_of_when_and_where():
    title = unescape(re.search(r"<title>([^<]+)</title>", page()).group(1))
    assert title == "Northwind <& sons>: as of 2026-06-15 12:00 (Europe/Warsaw)"
    assert whole().about.sources[0].hash in page()


@pytest.mark.parametrize(
    "language, direction", [("en", "ltr"), ("fa", "rtl"), ("ar-EG", "rtl"), ("th", "ltr")]
)
def test_the_page_says_its_language_and_direction(language, direction):
    source = html(small(), language)
    assert f'<html lang="{language}" dir="{direction}">' in source


def test_no_style_names_a_physical_side():
    style = re.search(r"<style>(.*?)</style>", page(), re.DOTALL).group(1)
    assert not re.findall(
        r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)", style
    )


def test_the_same_report_is_written_the_same():
    assert html(whole()) == page()
    assert json.dumps(whole().to_json()) == json.dumps(whole().to_json())


def test_json_holds_no_binary_numbers():
    def numbers(value):
        if isinstance(value, dict):
            return [n for inside in value.values() for n in numbers(inside)]
        if isinstance(value, list):
            return [n for inside in value for n in numbers(inside)]
        return [value] if isinstance(value, float) else []

    assert numbers(whole().to_json()) == []


@pytest.mark.parametrize("width", [80, 120])
def test_text_fits_its_width(width):
    lines = text(whole(), width=width).splitlines()
    assert max(cells(line) for line in lines) <= width


def test_text_shows_both_sides_and_every_finding():
    words = " ".join(text(whole()).split())
    for score in whole().scores:
        assert score.shown.replace("\u00a0", " ") in words.replace("\u00a0", " ")
    for found in whole().findings.values():
        assert all(" ".join(finding.split()) in words for finding in found)
    assert words.index("marketing promise") < words.index("sales promise")


def test_colour_only_adds_to_the_words():
    plain, painted = text(whole()), text(whole(), colour=True)
    assert "\x1b[" in painted
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


CONTACT = {
    "sales": {
        "first contact": {
            "after": "handed over",
            "do": "attempted",
            "within": "4 working hours",
            "target": "95%",
        }
    }
}


@cache
def small():
    facts = [
        fact("handed_over", "2026-06-01 09:00", "กก-1", owner="آنا"),
        fact("attempted", "2026-06-01 09:30", "กก-1", by="آنا"),
        fact("handed_over", "2026-06-01 09:00", "漢字", owner="آنا"),
    ]
    return report(judged(agreed(CONTACT), facts, "2026-06-03 09:00"))


def test_names_of_every_script_come_through():
    assert "漢字" in text(small())
    assert "آنا" in text(small())
    assert "漢字" in html(small())


def test_the_scorecard_says_how_each_commitment_stands():
    (score,) = small().scores
    assert (score.shown, score.target, score.state) == ("50\u00a0%", "95\u00a0%", "undecided")
    assert score.note == "1 of 2 kept; 0 not decided yet."
    assert score.owed.startswith("Once a lead is handed over")


def test_an_empty_log_makes_a_report_too():
    empty = report(judged(agreed(CONTACT), [], "2026-06-03 09:00"))
    assert "first contact" in text(empty)
    assert "<h1>" in html(empty)
    assert empty.to_json()["misses"]["total"] == 0


def test_an_agreement_without_promises_makes_a_report_too():
    bare = report(judged(agreed({}), [fact("created", "2026-06-01 09:00")], "2026-06-03 09:00"))
    assert bare.scores == ()
    assert "Facts judged: 1; leads: 1; read: 1." in text(bare)
    assert html(bare)


def test_the_plan_stands_beside_what_came():
    form = whole().to_json()["plan"]
    assert form["month"] == "2026-06"
    assert {line["stage"] for line in form["stages"]} >= {"mql", "customer"}


def test_data_notes_count_what_was_set_aside():
    facts = [
        fact("handed_over", "2026-06-01 09:00"),
        fact("handed_over", "2026-06-01 09:00"),
        fact("attempted", "2026-06-01"),
        fact("won", "2026-07-01 09:00"),
    ]
    notes = dict(report(judged(agreed(CONTACT), facts, "2026-06-03 09:00")).notes)
    assert (notes["duplicates"], notes["future"], notes["dates without time"]) == (1, 1, 1)
    assert notes["obligations that can't be told"] == 1


@pytest.mark.parametrize(
    "micros, words",
    [
        (45 * SECOND, "45 s"),
        (12 * MINUTE + 20 * SECOND, "12 min"),
        (3 * HOUR + 20 * MINUTE, "3 h 20 min"),
        (2 * HOUR, "2 h"),
        (52 * HOUR, "2 d 4 h"),
        (48 * HOUR, "2 d"),
        (-90 * SECOND, "−1 min"),
        (None, "–"),
    ],
)
def test_lengths_of_time(micros, words):
    assert length(micros) == words


def test_shares_money_and_moments():
    assert percent(None) == "–"
    assert [percent(n) for n in (1, 0)] == ["100\u00a0%", "0\u00a0%"]
    assert money(128_205, "USD") == "USD\u00a0128,205"
    assert money(None, "USD") == interval(None) == "–"
    assert moment(at("2026-03-31 18:00"), "Europe/Warsaw") == "2026-03-31 18:00"


def test_wide_letters_are_cut_by_the_columns_they_take():
    assert cells("漢字") == 4
    assert fit("漢字漢字", 5) == "漢字…"
