"""Today: each number opens; what waits for the reader stands there."""

import re
from html import unescape

import pytest

from leaddesk.book import report
from leaddesk.book.models import AgreementVersion, Channel, Delivery, Leave
from leaddesk.book.shelf import Shelf
from tests.leaddesk.desk import AGREEMENT, fact, handed_over, person, take
from tests.leaddesk.pages.reading import NOW, text_of
from tests.leaddesk.pages.test_scoreboard import visitor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(own, mia):
    """A Thursday morning: a miss of Wednesday, one lead that is due today."""
    person(own, "ana", name="Ana Kowalska")
    take(
        own,
        handed_over("L-1", "2026-03-11 09:00"),
        handed_over("L-2", "2026-03-12 08:30"),
        fact("L-3", "created", "2026-03-02 09:00"),
        now=NOW,
    )
    report.draw(own.pk, Shelf(own.pk), NOW)
    return own


def test_it_tells_what_is_due_and_what_slipped(visitor, day):
    text = text_of(visitor.get("/today"))
    assert "due today 1" in text
    assert "late and waiting 1" in text
    assert "Slipped: Mar 11, 2026 first contact 1" in text


def test_each_number_opens(visitor, day):
    page = visitor.get("/today").text
    links = [unescape(one) for one in re.findall(r'href="(/figures/[^"]+)"', page)]
    assert len(links) >= 5
    assert {visitor.get(link).status_code for link in links} == {200}


def test_who_is_away_stands_there(visitor, day):
    Leave.objects.of(day).create(workspace=day, person="ana", first="2026-03-10", last="2026-03-13")
    assert "Ana Kowalska until Mar 13, 2026" in text_of(visitor.get("/today"))


def test_what_waits_for_the_reader(visitor, day):
    text = AGREEMENT.replace("version: 1", "version: 2").replace("2026-01-01", "2026-04-01")
    AgreementVersion.objects.of(day).create(
        workspace=day,
        name="A small desk",
        number=2,
        valid_from="2026-04-01",
        text=text + "to be signed by: {marketing: [mia]}\n",
        hash="2" * 64,
        proposed_by="mia",
        proposed_at=NOW,
    )
    channel = Channel.objects.of(day).create(
        workspace=day, key="mail", kind="email", name="Mail", created_at=NOW
    )
    instants = {"cause_at": NOW, "created_at": NOW, "next_at": NOW}
    Delivery.objects.of(day).create(
        workspace=day, key="1", channel=channel, kind="breached", state="dead", **instants
    )
    found = text_of(visitor.get("/today"))
    assert "Version 2 to sign 1" in found
    assert "Messages not delivered 1" in found


def test_a_rep_reads_of_the_own_work_first(day):
    text = text_of(visitor_of(day, "rep").get("/today"))
    assert "due today · yours 0" in text
    assert "due today · of all 1" in text


def test_few_queries(visitor, day, django_assert_max_num_queries):
    visitor.get("/today")
    with django_assert_max_num_queries(20):
        visitor.get("/today")


def test_an_empty_workspace_shows_where_to_begin(visitor, own):
    assert "No lead yet" in text_of(visitor.get("/today"))
