"""Receivers: whom a notice means, by the register first and by the agreement where that is silent."""

import pytest
from django.test.utils import CaptureQueriesContext

from leaddesk.book.models import Team
from leaddesk.book.receivers import Staff
from tests.leaddesk.desk import at, person, workspace

pytestmark = pytest.mark.django_db
NOW = at("2026-03-12 14:30")


def meant(own, to, owner="", side=""):
    return Staff(own.pk, NOW).meant(to, owner, side)


def staffed():
    own = workspace()
    person(own, "root", role="admin")
    person(own, "sue", role="sales lead")
    person(own, "mel", role="marketing lead")
    person(own, "kim", role="viewer")
    person(own, "ana", manager="kim", side="sales")
    person(own, "ben", side="sales", team="outbound")
    person(own, "cem", side="sales")
    person(own, "mia", role="marketer", side="marketing")
    Team.objects.of(own).create(workspace=own, key="outbound", name="Outbound", manager="kim")
    return own


def test_the_owner_hears_of_what_is_theirs():
    assert meant(staffed(), "", "ana") == ["ana"]


def test_the_manager_is_the_persons_then_the_teams_then_who_leads_the_side():
    own = staffed()
    assert meant(own, "manager", "ana") == ["kim"]
    assert meant(own, "manager", "ben") == ["kim"]
    assert meant(own, "manager", "cem") == ["sue"]
    assert meant(own, "manager", "mia") == ["mel"]


def test_the_team_of_the_agreement_counts_where_the_register_names_none():
    own = workspace()
    person(own, "ana")
    person(own, "kim", role="viewer")
    Team.objects.of(own).create(workspace=own, key="inbound", name="Inbound", manager="kim")
    assert meant(own, "manager", "ana") == ["kim"]
    assert meant(own, "inbound") == ["ana"]


def test_a_role_a_team_and_a_side_mean_everybody_in_it():
    own = staffed()
    assert meant(own, "sales lead") == ["sue"]
    assert meant(own, "outbound") == ["ben"]
    assert meant(own, "sales") == ["ana", "ben", "cem"]
    assert meant(own, "marketing") == ["mia"]
    assert meant(own, "mel", "ana") == ["mel"]


def test_whoever_has_left_hears_nothing_and_their_manager_does():
    own = staffed()
    person(own, "dan", is_active=False, manager="kim")
    person(own, "eve", is_active=False, side="sales")
    assert meant(own, "", "dan") == ["kim"]
    assert meant(own, "", "eve") == ["sue"]
    assert meant(own, "eve", "ana", "sales") == ["sue"]


def test_what_nobody_owns_goes_to_who_leads_the_side_that_owes_it():
    own = staffed()
    assert meant(own, "", "", "sales") == ["sue"]
    assert meant(own, "", "", "marketing") == ["mel"]
    assert meant(own, "", "nobody in the register", "marketing") == ["mel"]


def test_nobody_is_their_own_manager_and_at_last_it_is_for_the_admins():
    own = workspace()
    person(own, "root", role="admin")
    assert meant(own, "somebody", "ana", "sales") == ["root"]
    person(own, "sue", role="sales lead", manager="sue")
    assert meant(own, "manager", "sue", "marketing") == ["root"]
    assert meant(workspace(), "manager", "ana", "sales") == []


def test_another_workspace_has_other_people():
    assert meant(workspace(), "", "ana") == []
    assert meant(staffed(), "manager", "ana") == ["kim"]


def test_nobody_costs_a_query_of_their_own():
    from django.db import connection

    own = staffed()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        staff = Staff(own.pk, NOW)
        for _ in range(50):
            for to in ("", "manager", "sales lead", "outbound", "sales", "nobody"):
                for owner in ("ana", "ben", "cem", "mia", ""):
                    staff.meant(to, owner, "sales")
    assert len(queries) <= 10  # those that draw up the rules included
