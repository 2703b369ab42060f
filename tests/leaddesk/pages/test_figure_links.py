"""Numbers that open: on every page of the sample, a link's number is that of the rows behind it."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from django.test import Client

from leaddesk.book import moment, report, rules
from leaddesk.book.models import User
from leaddesk.book.shelf import Shelf
from leaddesk.sample import workspace as sample
from tests.leaddesk.desk import at, person
from tests.leaddesk.pages.reading import PASSWORD, send

pytestmark = pytest.mark.django_db
MONDAY = at("2026-11-23 15:30")
COUNT = r"\d[\d,]*"
OWN = (
    rf"^({COUNT})$",  # a cell of a table
    rf"\d% ({COUNT}/{COUNT})",  # a box of people and weeks
    rf"% ({COUNT} of {COUNT})",  # a share with its parts
    rf"({COUNT}) of {COUNT} misses used",  # under the misses left
    rf" ({COUNT}) of {COUNT}(?! reps?)",  # a delivery of what was owed
)
BESIDE = (
    rf"({COUNT} of {COUNT}) decided",  # an agreed share, under its value
    rf" ({COUNT}) leads?(?: {COUNT} undecided)?$",  # an agreed delivery, under its value
    rf"% ({COUNT} of {COUNT})",  # a rung with its parts
    rf" ({COUNT}/{COUNT})",  # a share in a row
    rf" ({COUNT}) of {COUNT}",  # a delivery of what was owed, in a row
    rf"^\D+ ({COUNT})$",  # a count after its name
)
STOOD = rf"^\D+ ({COUNT}|–) ({COUNT}) (?:{COUNT}|–)$"
"""What was promised, met and missed."""


class Link(NamedTuple):
    """A link to a figure: its own words, and those of its row or box."""

    path: str
    own: str
    row: str


class Links(HTMLParser):
    """The links to figures in a page."""

    def __init__(self, text):
        super().__init__()
        self.found, self.rows, self.link = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        if tag in {"tr", "li"} or (tag == "div" and of.get("class") == "standing"):
            self.rows.append((tag, [], len(self.found)))
        elif tag == "a" and of.get("href", "").startswith("/figures/"):
            self.link = (of["href"], [])

    def handle_endtag(self, tag):
        if tag == "a" and self.link:
            path, words = self.link
            self.found.append(Link(path, " ".join(words), ""))
            self.link = None
        elif self.rows and tag == self.rows[-1][0]:
            _tag, words, first = self.rows.pop()
            row = " ".join(words)
            inner = [one._replace(row=one.row or row) for one in self.found[first:]]
            self.found[first:] = inner

    def handle_data(self, data):
        words = data.split()
        for _tag, row, _first in self.rows:
            row += words
        if self.link:
            self.link[1].extend(words)


def counts(text):
    return [int(one.replace(",", "")) for one in re.findall(COUNT, text)]


def said(link):
    """The counts that are printed with a link: the hits, and for a share what was decided."""
    found = None if re.fullmatch(COUNT, link.own) else re.search(STOOD, link.row)
    if found:
        return counts(found[2]) + ([] if "/delivered/" in link.path else counts(found[1]))
    for text, patterns in ((link.own, OWN), (link.row, BESIDE)):
        for pattern in patterns:
            if found := re.search(pattern, text):
                return counts(found[1])
    return []


@pytest.fixture(scope="module")
def northwind(django_db_setup, django_db_blocker):
    """The sample as it stands on a Monday, and who may see it all."""
    with django_db_blocker.unblock():
        rules.forget()
        report.forget()
        own = sample.made(MONDAY)
        sample.tell(MONDAY)
        report.draw(own.pk, Shelf(own.pk), MONDAY)
        yield own
        sample.remove()


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(MONDAY):
        yield


@pytest.fixture
def visitor(northwind):
    user = User.objects.create_user("zoe@northwind.example", PASSWORD)
    person(northwind, "zoe", role="admin", user=user, email=user.email)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=user.email, password=PASSWORD)
    return client


@pytest.mark.parametrize(
    ("path", "least"),
    [("/scoreboard", 100), ("/today", 20), ("/stand-up", 15), ("/agreement", 15)],
)
def test_the_number_of_a_link_is_that_of_the_rows_behind_it(visitor, path, least):
    links = {*Links(visitor.get(path).text).found}
    printed = {link: said(link) for link in links if said(link)}
    assert len(printed) >= least
    assert not [one for one in links if one not in printed and re.fullmatch(COUNT, one.own)]
    for link, numbers in printed.items():
        page = visitor.get(link.path)
        behind = page.context["page"].total
        hits = len(page.context["figure"].part("hits"))
        assert numbers in ([behind], [hits, behind]), link
