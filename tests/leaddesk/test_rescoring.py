"""Stored scores as time passes: brought up to date by the worker, the same as the engine's as of then."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book import logbook, rescoring, rules, scoring
from leaddesk.book.models import AgreementVersion, Lead, Workspace
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.book.rules import rules_of
from leaddesk.operation import recount
from leadpact.score import scores
from tests.leaddesk.desk import at, fact, take, workspace
from tests.leaddesk.test_scoring import JOINED, POINTS, created, guide

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")
LATER = NOW + 14 * DAY


def company(own, *leads, account="acme"):
    take(own, *(created(lead, account=account) for lead in leads))
    take(own, *(guide(lead, "2026-03-31 10:00") for lead in leads))


def stored(own):
    rows = Lead.objects.of(own).order_by("key")
    return {row.key: (row.fit, row.interest, row.grade) for row in rows}


def of_the_engine(own, now):
    """Every score as of an instant, or of the last thing that happened after it, lead by lead."""
    agreed, found = rules_of(own.pk), {}
    for row in Lead.objects.of(own).order_by("key"):
        circle = logbook.circle(own.pk, [row.key], lock=False, companies=agreed.joins_companies)
        log = scoring.shared(agreed, logbook.log_of(own.pk, circle, agreed.zone))
        instant = max(row.scored_at, now) if row.standing in scoring.OPEN else row.scored_at
        told = scores(scoring.agreed(agreed, instant), log, instant)
        place = log.keys.index(row.key)
        columns = (told.fit, told.interest, told.grade)
        found[row.key] = tuple(column[place].item() for column in columns)
    return found


def swept(own, now):
    """Let workers come until everything is as of now; how often they came."""
    turns = 1
    while rescoring.go_on(now):
        turns += 1
    return turns


def is_sound(own, now):
    """Whether doctor finds nothing, and drawing the index anew changes nothing."""
    found = Workspace.objects.get(pk=own.pk)
    assert [*recount.differences(found, now, full=True)] == []
    before = digest(own.pk)
    rebuild(own.pk, now)
    return digest(own.pk) == before


def test_scores_of_open_leads_fade_in_the_index_too():
    own = workspace(JOINED)
    company(own, "L-1", "L-2", "L-3")
    company(own, "M-1", account="")
    take(own, fact("L-3", "disqualified", "2026-03-31 12:00", reason="no need"))
    before = stored(own)
    assert before["L-1"] == (5000, 3187, "A2")
    swept(own, LATER)
    assert stored(own) == of_the_engine(own, LATER)
    assert (stored(own)["L-1"], stored(own)["L-3"]) == ((5000, 1574, "A2"), before["L-3"])
    assert stored(own)["M-1"] == (5000, 787, "A3")
    assert Workspace.objects.get(pk=own.pk).scored_as_of == LATER
    assert is_sound(own, LATER + MINUTE)


def test_the_order_of_the_list_is_that_of_the_scores_as_of_then():
    own = workspace(POINTS)
    take(own, created("L-1"), guide("L-1", "2026-03-01 09:00"), guide("L-1", "2026-03-01 09:00"))
    take(own, created("L-2"), guide("L-2", "2026-03-28 09:00"))
    by = Lead.objects.of(own).order_by("-interest")
    assert [*by.values_list("key", flat=True)] == ["L-1", "L-2"]
    swept(own, NOW)
    assert [*by.values_list("key", flat=True)] == ["L-2", "L-1"]
    ranks = dict(by.values_list("key", "rank"))
    assert ranks["L-2"] < ranks["L-1"]
    assert is_sound(own, NOW + MINUTE)


def test_a_sweep_that_stops_anywhere_goes_on_and_is_sound_meanwhile(monkeypatch):
    monkeypatch.setattr(rescoring, "AT_ONCE", 2)
    own = workspace(JOINED)
    company(own, "L-1", "L-2", "L-3")
    company(own, "M-1", "M-2", account="bell")
    swept(own, NOW)
    assert rescoring.go_on(LATER)
    assert is_sound(own, LATER + MINUTE)
    take(own, guide("L-2", "2026-03-31 11:00"), created("N-1", account="acme"), now=LATER)
    take(own, guide("N-1", "2026-03-31 11:00"), now=LATER)
    assert is_sound(own, LATER + MINUTE)
    assert swept(own, LATER + 5 * MINUTE) == 3
    assert stored(own) == of_the_engine(own, LATER)
    assert is_sound(own, LATER + 6 * MINUTE)


def test_at_most_hourly_only_what_changed_and_nothing_where_nothing_fades():
    own = workspace(POINTS)
    company(own, "L-1", account="")
    take(own, created("L-2"), created("L-3"))
    assert swept(own, NOW) == 1
    for later, statements in ((59, 0), (60, 1)):
        with CaptureQueriesContext(connection) as queries:
            swept(own, NOW + later * MINUTE)
        sets = [one["sql"] for one in queries if 'UPDATE "book_lead"' in one["sql"]]
        assert len(sets) == statements
    lasting = workspace(POINTS.replace(", halves after: 14 days", ""))
    company(lasting, "L-1", account="")
    swept(lasting, NOW)
    with CaptureQueriesContext(connection) as queries:
        swept(lasting, LATER)
    assert not [one for one in queries if f"workspace_id = {lasting.pk}" in one["sql"]]
    assert Workspace.objects.get(pk=lasting.pk).scored_as_of == LATER


def test_what_falls_to_nothing_is_left_alone_and_what_may_rise_is_not():
    falling = POINTS.replace(
        "  grades:", "    - {did: gave notice, points: -16, halves after: 1 day}\n  grades:"
    )
    own = workspace(falling)
    take(own, created("L-1"), guide("L-1", "2026-03-30 18:00"))
    take(own, fact("L-1", "engaged", "2026-03-30 18:00", what="gave notice"))
    assert stored(own)["L-1"][1] == 0
    swept(own, NOW)
    assert stored(own)["L-1"][1] == 723  # 16 ÷ 2^(1/14) - 16 ÷ 2
    swept(own, LATER)
    assert stored(own) == of_the_engine(own, LATER)


def test_a_version_that_begins_meanwhile_scores_every_open_lead():
    own = workspace(POINTS)
    company(own, "L-1", account="")
    swept(own, NOW)
    text = POINTS.replace("version: 1", "version: 2").replace("2026-01-01", "2026-04-10")
    told = {"name": "A small desk", "hash": f"{own.pk:063}2", "proposed_by": "mia"}
    AgreementVersion.objects.of(own).create(
        workspace=own,
        number=2,
        valid_from="2026-04-10",
        text=text.replace("points: 30}", "points: 10}"),
        state=AgreementVersion.State.IN_FORCE,
        proposed_at=NOW,
        in_force_at=NOW,
        **told,
    )
    rules.changed(own.pk)
    swept(own, NOW + DAY)
    assert stored(own)["L-1"][0] == 5000
    swept(own, LATER)
    assert stored(own)["L-1"][0] == 3000
    assert stored(own) == of_the_engine(own, LATER)


def test_a_workspace_that_cannot_be_scored_keeps_no_other_waiting(caplog):
    broken, own = workspace(JOINED), workspace(JOINED)
    AgreementVersion.objects.of(broken).update(text="leadpact: 1\nbroken")
    rules.changed(broken.pk, every_lead=True)
    company(own, "L-1")
    swept(own, LATER)
    swept(own, LATER + 2 * DAY)
    assert Workspace.objects.get(pk=own.pk).scored_as_of == LATER + 2 * DAY
    assert caplog.text.count(f"workspace {broken.pk} can't be brought up to date") == 1
