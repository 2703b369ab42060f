"""No sentence that stays English: with every translation in brackets, what stands outside shows."""

import re
import sys
from html.parser import HTMLParser

import pytest
from django.urls import get_resolver

import catalogues
from leaddesk.book import readings
from leaddesk.book.models import Contact
from leadpact import words
from tests.leaddesk.desk import fact, handed_over, person, take
from tests.leaddesk.pages.reading import NOW

OWN = {"bdi", "code", "time", "kbd", "script", "style", "textarea", "svg", "option", "pre"}
"""What stands in these is data, a key, or a drawing; names of choices are asked for by themselves."""
VOID = {"input", "img", "br", "hr", "link", "meta", "path", "rect", "line"}
SPOKEN = ("aria-label", "title", "placeholder", "alt")
LETTERS = re.compile(r"[^\W\d_]{2,}")


class Outside(HTMLParser):
    """Collects the words of a page that stand in no brackets."""

    def __init__(self):
        super().__init__()
        self.open, self.depth, self.found = [], 0, []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in SPOKEN and value and tag != "time":
                self.take(value, 0)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if not OWN.intersection(self.open):
            self.depth = self.take(data, self.depth)
        else:
            self.depth += data.count("[") - data.count("]") if self.depth else 0

    def take(self, text, depth):
        plain = ""
        for sign in text:
            depth += sign == "["
            plain += sign if depth == 0 else " "
            depth -= sign == "]" and depth > 0
        if LETTERS.search(plain):
            self.found.append(plain.strip())
        return depth


def outside(page):
    words = Outside()
    words.feed(page)
    return words.found


@pytest.mark.parametrize(
    "page, found",
    [
        ("<p>[Sáve one]</p>", []),
        ("<p>Save</p>", ["Save"]),
        ("<p>[Sáve <b>[fíve one]</b> óf ít]</p> left", ["left"]),
        ('<p title="Save">12 %</p><bdi>Ana</bdi>', ["Save"]),
    ],
)
def test_what_stands_outside(page, found):
    assert outside(page) == found


UNSPOKEN = {"design", "problems/"}
"""Pages for those who build the desk, or programs on it: English."""
NAMES = re.compile(
    r"Leadpact|Leaddesk|SQLite|PostgreSQL|CSV|SVG|XLSX|volume|first contact|mql|marketing|sales|L-\d"
    r"|Jan Nowak|(Jan|Feb|Mar)[a-z]*\W+(\d+, )?2026"
)
"""Names, words of the agreement, and days, which stand where they are asked for."""


@pytest.mark.django_db
def test_every_page_says_all_it_says_in_the_language_of_its_reader(
    settings, tmp_path, visitor, own, no_words_of_the_engine
):
    people_at_work(own)
    catalogues.pseudo(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    paths = [str(one.pattern) for one in get_resolver().url_patterns if getattr(one, "name", None)]
    found, seen = {}, 0
    for path in [*(one for one in paths if "<" not in one and one not in UNSPOKEN), "leads/L-1"]:
        answer = visitor.get(f"/{path}")
        if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
            continue
        seen += 1
        if bare := [one for one in outside(answer.text) if LETTERS.search(NAMES.sub("", one))]:
            found[path] = bare
    assert found == {}
    assert seen > 30


def people_at_work(own):
    person(own, "ana", email="ana@northwind.example")
    person(own, "ben")
    for number, when in enumerate(("2026-03-02 10:00", "2026-03-11 09:30", "2026-03-12 08:59")):
        take(own, handed_over(f"L-{number}", when, owner=("ana", "ben")[number % 2]), now=NOW)
    take(own, fact("L-0", "attempted", "2026-03-02 10:30", by="ana", channel="phone"), now=NOW)
    Contact.objects.of(own).create(workspace=own, lead="L-1", name="Jan Nowak", created_at=NOW)


@pytest.fixture
def no_words_of_the_engine(monkeypatch):
    """Bracket the engine's sentences too, which have a catalogue of their own."""
    said = words._catalogue.get()
    pseudo = type("Pseudo", (), {})()
    pseudo.gettext = catalogues.stretched
    pseudo.ngettext = lambda one, many, n: catalogues.stretched(one if n == 1 else many)
    spoken = sys.modules["leaddesk.tongue.wishes"]
    monkeypatch.setattr(spoken, "use_language", lambda _code: words._catalogue.set(pseudo))
    _forget_readings()
    yield
    words._catalogue.set(said)
    _forget_readings()


def _forget_readings():
    """What was read of texts is kept by language, and brackets are none."""
    for kept in (readings._read, readings._sentences, readings._planned, readings._odds):
        kept.cache_clear()
