"""Amend: what an agreement says, which version holds, and what one changes in another."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from leadpact.agreement.amend import (
    Change,
    begins,
    difference,
    hash_of,
    in_force_at,
    in_force_on,
)
from leadpact.agreement.load import read
from leadpact.agreement.model import Agreement
from leadpact.agreement.written import written
from leadpact.clock import to_micros
from tests.leadpact.agreements import agreed, edited


def test_written_and_read_again_it_is_the_same():
    agreement = agreed()
    form = written(agreement)
    assert Agreement.model_validate(form) == agreement
    assert form["qualification"]["qualifies as mql"]["any"][1] == {
        "did": "demo requested",
        "within": "30 days",
    }
    assert form["funnel"]["outbound"] == {
        "mql to sql": "49.6%",
        "sql to opportunity": "82%",
        "win": "23%",
        "share": "30%",
        "order value": "2000",
    }
    assert form["goal"]["streams"]["brands"] == {"share": "25%"}


def test_layout_and_usual_values_do_not_change_the_hash():
    agreement = agreed()
    for old, new in [
        ("version: 2", "version:   2 # the second"),
        (
            "valid from: 2026-01-01\nopen promises: restart",
            "Open_Promises: restart\nvalid from: 2026-01-01",
        ),
        ("teams:\n  inbound: {calendar: office}", "teams: {inbound: {calendar: office}}"),
        ("chai: {team: inbound}", "chai: {team: inbound, weight: 1}"),
        ("{share: 60%}", "{share: 0.6}"),
    ]:
        assert hash_of(agreed((old, new))) == hash_of(agreement)
    assert len(hash_of(agreement)) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("within: 4 working hours", "within: 5 working hours"),
        ("dates: [2026-01-01, 2026-01-06]", "dates: [2026-01-01]"),
        ("we keep the CRM up to date", "we keep the CRM up to the day"),
    ],
)
def test_what_is_said_changes_the_hash(old, new):
    assert hash_of(agreed((old, new))) != hash_of(agreed())


def versions():
    head = "leadpact: 1\nagreement: A\nversion: {}\nvalid from: {}\nzone: Asia/Bangkok\n"
    days = ["2026-01-01", "2026-07-01"]
    return [read(head.format(number, day)).agreement for number, day in enumerate(days, 1)]


def test_the_version_in_force_on_a_day():
    first, second = versions()
    both = [second, first]
    assert in_force_on(both, date(2025, 12, 31)) is None
    assert in_force_on(both, date(2026, 1, 1)) is first
    assert in_force_on(both, date(2026, 6, 30)) is first
    assert in_force_on(both, date(2026, 7, 1)) is second


def test_a_version_begins_at_its_local_midnight():
    first, second = versions()
    midnight = to_micros(datetime(2026, 7, 1, tzinfo=ZoneInfo("Asia/Bangkok")))
    assert begins(second) == midnight
    assert in_force_at([first, second], midnight - 1) is first
    assert in_force_at([first, second], midnight) is second
    assert in_force_at([second], midnight - 1) is None


@pytest.mark.parametrize(
    ("old", "new", "path", "before", "after"),
    [
        ("version: 2", "version: 3", "version", "2", "3"),
        ("platform: the CRM of the house\n", "", "platform", "the CRM of the house", None),
        ("service: [sam]}\ncurrency", "service: [sam, kim]}\ncurrency", "between.service", "sam", "sam, kim"),
        ("    - {when: {not: {free mail: yes}}, points: 5}\n", "", "qualification.fit.3", "when: (not: (free mail: [yes])); points: 5", None),
        ("    - {when: {not: {free mail: yes}}, points: 5}\n", "    - {when: {not: {free mail: yes}}, points: 5}\n    - {when: {role: ceo}, points: 5}\n", "qualification.fit.4", None, "when: (role: [ceo]); points: 5"),
        ("guide downloaded, points: 15", "guide downloaded, points: 10", "qualification.interest.2.points", "15", "10"),
        ("mql to sql: 49.6%", "mql to sql: 50%", "funnel.outbound.mql to sql", "49.6%", "50%"),
        ("within: 4 working hours", "within: 1 working hour", "promises.sales.first contact.within", "4 working hours", "1 working hour"),
        ("    welcome: {after: won, do: welcomed, within: 2 working days, target: 95%}", "    welcome: {after: won, do: welcomed, within: 2 working days, target: 95%}\n    call: {after: won, do: attempted, within: 1 day}", "promises.service.call", None, "after: [won]; do: [attempted]; within: 1 day"),
    ],
)  # fmt: skip
def test_versions_are_compared_clause_by_clause(old, new, path, before, after):
    (change,) = difference(agreed(), read(edited(old, new)).agreement)
    assert (change.path, change.before, change.after) == (path, before, after)


def test_a_change_is_a_sentence():
    text = edited("within: 4 working hours", "within: 1 working hour")
    text = edited("platform: the CRM of the house\n", "", text)
    text = edited("  welcome: {after: won, do", "  hello: {after: won, do", text)
    assert [change.sentence for change in difference(agreed(), read(text).agreement)] == [
        "promises.sales.first contact.within changes from 4 working hours to 1 working hour.",
        (
            "promises.service.hello is new: after: [won]; do: [welcomed]; within: 2 working days;"
            " target: 95%."
        ),
        (
            "promises.service.welcome is gone; it was: after: [won]; do: [welcomed];"
            " within: 2 working days; target: 95%."
        ),
        "platform is gone; it was: the CRM of the house.",
    ]
    assert (
        difference(agreed(), read(text).agreement)[0].as_dict()
        == Change(
            "promises.sales.first contact.within",
            "4 working hours",
            "1 working hour",
            "promises.sales.first contact.within changes from 4 working hours to 1 working hour.",
        )._asdict()
    )


def test_equal_versions_differ_in_nothing():
    assert difference(agreed(), agreed()) == []
