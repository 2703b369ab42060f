"""The example of docs/mailing.md: its agreement, its offer, and every instant of its table."""

import re
from datetime import datetime
from pathlib import Path

from leaddesk.book import mail_hours, offers
from leaddesk.book.merge_fields import FIELDS
from leaddesk.book.models import Workspace
from leaddesk.post.nurture_letter import Receiver, letter
from leadpact.agreement.load import load
from leadpact.clock import to_micros

PAGE = (Path(__file__).parents[2] / "docs/mailing.md").read_text("utf-8")
AGREEMENT, _problems = load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
OFFER, MAIL = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


def micros(text):
    return to_micros(datetime.fromisoformat(text))


def test_every_mail_of_the_table_goes_out_when_the_table_says():
    rows = re.findall(r"\| (\S+Z) \| (\S+) \| (\S+Z) \| (\w+) (\d\d:\d\d)", PAGE)
    assert len(rows) == 4
    for due, zone, then, day, clock in rows:
        at = mail_hours.open_at(AGREEMENT.mailing, micros(due), zone)
        assert at == micros(then), (due, zone)
        local = mail_hours.to_datetime(at, zone)
        assert (f"{local:%A}", f"{local:%H:%M}") == (day, clock)


def test_the_third_mail_waits_for_a_week_after_the_first():
    sent = [micros("2026-03-25T10:00+01:00"), micros("2026-03-23T10:00+01:00")]
    at = mail_hours.free_at(AGREEMENT.mailing, sent, sent[0] + 1, "Europe/Warsaw")
    assert at == micros("2026-03-30T10:00+02:00")


def test_the_mail_reads_as_printed(settings):
    settings.BASE_URL = "https://desk.example"
    subject, _blank, text = OFFER.removeprefix("subject: ").partition("\n\n")
    kept = offers.taken("guide to shop trends", {"en": {"subject": subject, "text": text}})
    values = {"name": "Noor Bakker", "first name": "Noor", "company": "", "owner": "Ana"}
    values |= {"workspace": "Northwind", "unsubscribe": "https://desk.example/u/…"}
    own = Workspace(language="en", postal_address="Northwind, 1 Quay, Warsaw")
    one = letter(kept, Receiver("en", values), own)
    assert f"{one.subject}\n\n{one.text}" == MAIL


def test_the_fields_are_all_there_are():
    table = PAGE.split("## What an offer may say")[1].split("There are no others")[0]
    assert {*re.findall(r"\{([a-z ]+)\}", table)} == {*FIELDS}
