"""The desk as its tests speak of it: a workspace with an agreement, facts, instants."""

import os
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from leaddesk.book import codec, report, rules
from leaddesk.book.models import AgreementVersion, Person, Workspace
from leaddesk.book.record import Submission, record

ZONE = ZoneInfo("Europe/Warsaw")
AGREEMENT = """\
leadpact: 1
agreement: A small desk
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben]}
zone: Europe/Warsaw
calendars:
  office: {open: {mon-fri: [09:00-12:00, 13:00-17:00]}}
people:
  ana: {team: inbound}
  ben: {team: inbound}
definitions:
  attempt: {by: [phone, email], human: yes, dial tries count: no}
promises:
  marketing:
    volume: {deliver: mql, amount: 100, each: month, tolerance: 10%}
  sales:
    first contact:
      {after: handed over, do: attempted, within: 4 working hours, target: 95%, warn at: 75%,
       escalate: [{at: 100%, to: manager}, {at: 150%, reassign: yes}]}
"""
_numbers = count(1)


def at(text):
    """An instant of Warsaw as µs UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 1_000_000


def workspace(text=AGREEMENT, **fields):
    """A new workspace in which this agreement is in force."""
    report.forget()
    rules.forget()  # SQLite gives a new workspace the number of one that a test before took back
    own = Workspace.objects.create(
        slug=f"w{next(_numbers)}",
        **({"name": "Northwind", "zone": "Europe/Warsaw", "created_at": at("2026-01-01")} | fields),
    )
    if text is not None:
        AgreementVersion.objects.of(own).create(
            workspace=own,
            name="A small desk",
            number=1,
            valid_from="2026-01-01",
            text=text,
            hash=f"{own.pk:064}",
            state=AgreementVersion.State.IN_FORCE,
            proposed_by="mia",
            proposed_at=at("2026-01-01"),
        )
        rules.changed(own.pk, every_lead=True)
    return own


def database_url():
    """The URL of the database of the tests, for processes of their own."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite://{name}"
    server, mark, options = os.environ["DATABASE_URL"].partition("?")
    return f"{server.rpartition('/')[0]}/{name}{mark}{options}"


def fact(lead, kind, when, **fields):
    """A fact of one lead in its JSON form; `when` is local."""
    return {"lead": lead, "kind": kind, "occurred_at": when, **fields}


def handed_over(lead, when, owner="ana", **fields):
    """The handover of a lead to its owner."""
    return fact(lead, "handed_over", when, owner=owner, **fields)


def take(own, *items, now=None, announce=True):
    """Record facts, at the end of March unless said; nothing may be refused."""
    now = at("2026-03-31 18:00") if now is None else now
    found = codec.incoming(items, zone="Europe/Warsaw", now=now, system="tests")
    assert found.problems == {}
    return record([Submission(own.pk, found.rows, actor="ana", announce=announce)], now=now)[0]


def person(own, key, **fields):
    """Somebody in a workspace; a rep unless said."""
    plain = {"name": key.title(), "role": "rep", "created_at": at("2026-01-01")}
    return Person.objects.of(own).create(workspace=own, key=key, **(plain | fields))
