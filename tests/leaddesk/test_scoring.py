"""Scores on the desk: as of the last thing that happened, of whole companies, by hand and released."""

import pytest

from leaddesk.book import acts, logbook, record, scoring
from leaddesk.book.access import Actor
from leaddesk.book.asked import Asked
from leaddesk.book.models import Fact, Lead
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.book.refusal import Forbidden, Refused
from leadpact.score import factors
from tests.leaddesk.desk import AGREEMENT, at, fact, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = (
    AGREEMENT
    + """\
qualification:
  fit:
    - {when: {industry: [retail, food]}, points: 20}
    - {when: {employees: {at least: 50}}, points: 30}
  interest:
    - {did: demo requested, points: 60}
    - {did: guide downloaded, points: 16, halves after: 14 days, at most: 40}
  grades: {fit: [40, 20], interest: [40, 15]}
  qualifies as mql: {all: [{fit: {at least: 40}}, {interest: {at least: 20}}]}
"""
)
JOINED = POINTS.replace("  grades:", "  account: {share: 50%, at most: 20}\n  grades:")
NOW = at("2026-03-31 18:00")


def created(lead, when="2026-03-01 09:00", **fields):
    return fact(lead, "created", when, industry="retail", employees=80, **fields)


def guide(lead, when):
    return fact(lead, "engaged", when, what="guide downloaded")


def score(own, lead):
    row = Lead.objects.of(own).get(key=lead)
    return row.fit, row.interest, row.grade, row.scored_at


def judgement(own, *keys, now=NOW):
    return record.judgement_of(own.pk, keys, now=now)


def asked(own, lead, role="marketer", token="t", now=NOW):
    return Asked(Actor(own.pk, role, role), lead, token, now)


def test_a_lead_is_scored_as_of_the_last_thing_that_happened_to_it():
    own = workspace(POINTS)
    take(own, created("L-1"), guide("L-1", "2026-03-01 10:00"), guide("L-1", "2026-03-15 10:00"))
    assert score(own, "L-1") == (5000, 2400, "A2", at("2026-03-15 10:00"))
    before = digest(own.pk)
    rebuild(own.pk, NOW + 1)
    assert digest(own.pk) == before


def test_without_rules_of_points_there_is_no_score_and_no_work():
    own = workspace()
    take(own, created("L-1"), guide("L-1", "2026-03-01 10:00"))
    assert score(own, "L-1") == (None, None, "", None)


def test_what_one_lead_does_counts_for_the_others_of_its_company():
    own = workspace(JOINED)
    take(own, created("L-1", account="acme"), created("L-2", account="acme"), created("L-3"))
    assert [score(own, key)[1] for key in ("L-1", "L-2", "L-3")] == [0, 0, 0]
    take(own, guide("L-1", "2026-03-20 10:00"))
    assert score(own, "L-1") == (5000, 1600, "A2", at("2026-03-20 10:00"))
    assert score(own, "L-2") == (5000, 800, "A3", at("2026-03-20 10:00"))
    assert score(own, "L-3")[1] == 0
    before = digest(own.pk)
    rebuild(own.pk, NOW + 1)
    assert digest(own.pk) == before


def test_in_a_company_with_too_many_leads_each_counts_for_itself(monkeypatch):
    own = workspace(JOINED)
    for module in (logbook, scoring):
        monkeypatch.setattr(module, "MOST_TOGETHER", 2)
    take(own, created("L-1", account="acme"), created("L-2", account="acme"))
    take(own, guide("L-1", "2026-03-20 10:00"))
    assert score(own, "L-2")[1] == 800
    take(own, created("L-3", account="acme"), guide("L-2", "2026-03-21 10:00"))
    take(own, guide("L-3", "2026-03-22 10:00"))
    assert [score(own, f"L-{n}")[1] for n in (1, 2, 3)] == [1600, 1600, 1600]
    before = digest(own.pk)
    rebuild(own.pk, NOW + 1)
    assert digest(own.pk) == before


def test_the_score_of_the_list_is_the_sum_of_its_factors():
    own = workspace(JOINED)
    take(own, created("L-1", account="acme"), created("L-2", account="acme"))
    take(own, *(guide("L-1", f"2026-03-{day} 10:00") for day in range(10, 16)))
    rules, judged = judgement(own, "L-2")
    for lead in ("L-1", "L-2"):
        fit, interest, grade, when = score(own, lead)
        told = factors(scoring.agreed(rules, NOW), judged.log, lead, when)
        for axis, points in (("fit", fit), ("interest", interest)):
            assert sum(one.points for one in told.factors if one.axis == axis) == points
        assert (told.grade, told.disqualified) == (grade, False)


def test_a_score_by_hand_stands_until_it_is_released_or_set_again():
    own = workspace(POINTS)
    take(own, created("L-1"), guide("L-1", "2026-03-20 10:00"))
    person(own, "marketer", role="marketer")
    done = acts.override(asked(own, "L-1"), interest="70", why="met them at the fair")
    assert (done.outcome, score(own, "L-1")[:3]) == ("new", (5000, 7000, "A1"))
    again = acts.override(asked(own, "L-1"), interest="70", why="met them at the fair")
    assert (again.outcome, again.facts) == ("known", done.facts)
    later = asked(own, "L-1", token="u", now=NOW + 1_000_000)
    acts.override(later, fit="10.5", interest="-5", why="they are a school")
    assert score(own, "L-1")[:3] == (1050, -500, "C3")
    acts.release(asked(own, "L-1", token="v", now=NOW + 2_000_000))
    assert score(own, "L-1")[0] == 5000
    acts.take_back(asked(own, "L-1", now=NOW + 3_000_000), done.facts)
    stored = Fact.objects.of(own).filter(source_id=done.facts[0]).values_list("body", flat=True)
    assert '"by":"marketer"' in stored[0]
    assert "met them at the fair" in stored[0]


def test_an_override_that_is_taken_back_never_was():
    own = workspace(POINTS)
    take(own, created("L-1"), guide("L-1", "2026-03-20 10:00"))
    before = score(own, "L-1")[:3]
    done = acts.override(asked(own, "L-1"), fit="0", why="wrong company")
    acts.take_back(asked(own, "L-1", now=NOW + 1_000_000), done.facts)
    assert score(own, "L-1")[:2] == (before[0], score(own, "L-1")[1])
    assert score(own, "L-1")[0] == 5000


@pytest.mark.parametrize("fit", ["", "x", "1e5", "999999", "1.234", "--1", "١٢x", "\0"])
def test_points_that_are_none_are_refused_with_what_to_write(fit):
    own = workspace(POINTS)
    take(own, created("L-1"))
    with pytest.raises(Refused) as refusal:
        acts.override(asked(own, "L-1"), fit=fit, why="because")
    assert [one.path for one in refusal.value.problems] == ["fit"]


def test_who_may_not_may_not_by_the_desk_nor_by_the_log():
    own = workspace(POINTS)
    take(own, created("L-1", owner="rep"))
    with pytest.raises(Forbidden):
        acts.override(asked(own, "L-1", role="rep"), fit="5", why="I like them")
    with pytest.raises(Forbidden):
        acts.release(asked(own, "L-1", role="viewer"))
