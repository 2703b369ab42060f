"""The roster: what registers say of people and calendars moves what is due."""

from datetime import date
from decimal import Decimal

import pytest

from leaddesk.book import access, registers, roster, rules
from leaddesk.book.models import Due
from leaddesk.book.record import Submission, record
from leadpact.agreement.roster import Member, Roster
from tests.leaddesk.desk import at, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:01")


def test_an_empty_register_adds_nothing():
    assert roster.told(workspace().pk) == Roster()


def test_people_leave_and_exceptions_are_told():
    own = workspace()
    admin = access.operator(own.pk)
    registers.keep_team(admin, "south", {"name": "South", "calendar": "office"}, NOW)
    person(own, "ana", calendar="office")
    person(own, "dee", team="south", is_active=False)
    person(own, "eve")
    registers.add_leave(admin, leave("ana", "2026-04-01", "2026-04-03"), NOW)
    registers.add_leave(admin, leave("ben", "2026-05-04", "2026-05-04"), NOW)
    registers.keep_exception(admin, {"calendar": "office", "day": "2026-12-24"}, NOW)
    given = {"calendar": "office", "day": "2026-12-31", "open": "13:00-15:00, 09:00-12:00"}
    registers.keep_exception(admin, given, NOW)
    assert roster.told(own.pk) == Roster(
        {
            "ana": Member(((None, "office"),), ((date(2026, 4, 1), date(2026, 4, 3)),)),
            "dee": Member(((None, "office"),), (), "south"),
            "eve": Member((), (), None, Decimal(1)),
            "ben": Member((), ((date(2026, 5, 4), date(2026, 5, 4)),)),
        },
        {"office": {date(2026, 12, 24): (), date(2026, 12, 31): ((540, 720), (780, 900))}},
    )


def leave(somebody, first, last):
    return {"person": somebody, "first": first, "last": last}


def due_of(own):
    record([Submission(own.pk, again={"L-1": None})], now=at("2026-03-12 15:02"))
    return Due.objects.of(own).get(promise="first contact").due_at


def test_leave_moves_what_is_open_and_its_end_moves_it_back():
    own = workspace()
    admin = access.operator(own.pk)
    take(own, handed_over("L-1", "2026-03-12 15:00"), now=at("2026-03-12 15:01"))
    assert due_of(own) == at("2026-03-13 11:00")
    registers.add_leave(admin, leave("ana", "2026-03-13", "2026-03-13"), NOW)
    assert due_of(own) == at("2026-03-16 11:00")
    registers.remove_leave(admin, "ana", "2026-03-13", "2026-03-13", NOW)
    assert due_of(own) == at("2026-03-13 11:00")


def test_an_exception_of_a_calendar_moves_what_is_open():
    own = workspace()
    admin = access.operator(own.pk)
    take(own, handed_over("L-1", "2026-03-12 15:00"), now=at("2026-03-12 15:01"))
    registers.keep_exception(admin, {"calendar": "office", "day": "2026-03-13"}, NOW)
    assert due_of(own) == at("2026-03-16 11:00")
    longer = {"calendar": "office", "day": "2026-03-14", "open": "10:00-14:00"}
    registers.keep_exception(admin, longer, NOW)
    assert due_of(own) == at("2026-03-14 12:00")
    registers.remove_exception(admin, "office", "2026-03-14", NOW)
    registers.remove_exception(admin, "office", "2026-03-13", NOW)
    assert due_of(own) == at("2026-03-13 11:00")


def test_a_change_that_rules_counts_and_one_that_does_not_leaves_leads_alone():
    own = workspace()
    admin = access.operator(own.pk)
    before = rules.rules_of(own.pk).count
    registers.create_person(admin, {"key": "ana", "name": "Ana", "role": "admin"}, NOW)
    assert rules.rules_of(own.pk).count == before + 1
    registers.change_person(admin, "ana", {"phone": "+48 22 000 00 00"}, NOW)
    assert rules.rules_of(own.pk).count == before + 1
    registers.change_person(admin, "ana", {"calendar": "office"}, NOW)
    assert rules.rules_of(own.pk).count == before + 2
