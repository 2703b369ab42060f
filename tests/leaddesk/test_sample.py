"""The sample: Northwind lives around any day, and never tells anything twice."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps

from leaddesk.book import moment, rules, sign_in
from leaddesk.book.models import (
    Company,
    Contact,
    Due,
    Fact,
    Lead,
    Leave,
    Notice,
    OfWorkspace,
    Person,
    User,
    Workspace,
)
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.sample import northwind, workspace
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.history import History
from leaddesk.worker import Keeping, Worker
from leadpact.agreement.check import examine, notes
from leadpact.cases import cases
from leadpact.clock import to_micros
from leadpact.facts import PERSONAL
from tests.leaddesk import desk

ROOT = Path(__file__).parents[2]
MADE = date(2026, 11, 23)
NOW = to_micros(datetime(2026, 11, 23, 15, 30, tzinfo=WARSAW))
DAYS = [MADE, date(2026, 4, 1), date(2027, 2, 28), date(2029, 1, 2), date(2025, 7, 7)]


def test_the_agreement_is_that_of_the_example():
    own = ROOT / "src" / "leaddesk" / "sample" / "agreement.yaml"
    assert own.read_text("utf-8") == (ROOT / "examples/northwind/agreement.yaml").read_text("utf-8")


@pytest.mark.parametrize("made", DAYS, ids=str)
def test_the_agreement_is_sound_in_any_year(made):
    found = examine(northwind.agreement(made).encode())
    assert found.problems == []
    assert notes(found.agreement, found.lines) == []
    results, problems = cases(found.agreement)
    assert problems == []
    assert [result.differences for result in results if not result.passed] == []
    assert found.agreement.term.from_ < made - northwind.HISTORY < made < found.agreement.term.to


@pytest.mark.parametrize("made", DAYS, ids=str)
def test_what_was_told_stays_told(made):
    evening = datetime(made.year, made.month, made.day, 18, tzinfo=WARSAW)
    first = northwind.told(made, evening)
    again = northwind.told(made, evening + timedelta(14))
    assert again[: len(first)] == first
    assert len(again) > len(first) + 800
    assert len({one.fact["source_id"] for one in again}) == len(again)
    assert max(one.recorded for one in first) <= evening
    created = {one.occurred.astimezone(WARSAW).date() for one in first if kind(one) == "created"}
    assert created == {made - timedelta(days) for days in range(76)}


def kind(told):
    return told.fact["kind"]


@pytest.mark.parametrize("made", DAYS, ids=str)
def test_the_history_holds_what_a_year_holds(made):
    told = northwind.told(made, datetime(made.year, made.month, made.day, 18, tzinfo=WARSAW))
    kinds = Counter(map(kind, told))
    for each in ("returned", "merged", "disputed", "waived", "corrected", "paused", "won", "lost"):
        assert kinds[each]
    assert sum(one.recorded > one.occurred for one in told) > 20
    season = northwind.season(made)
    days = Counter(one.occurred.date() for one in told if kind(one) == "created")
    flood = min(season.floods)
    assert days[flood] > 3 * days[flood - timedelta(7)]
    window = {made - timedelta(days) for days in range(75)}
    assert window & (season.polish | season.thai)
    assert season.leave - northwind.leave_now(made) < window
    assert made in season.leave
    countries = {one.fact.get("country") for one in told if kind(one) == "created"}
    assert {"TH", "IR", "FR"} <= countries
    assert not {name for one in told for name in one.fact} & PERSONAL


@pytest.fixture(scope="class")
def short():
    """A history of a month, which is told in seconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(northwind, "HISTORY", timedelta(35))
        patched.setattr(northwind, "BY_DESK", timedelta(5))
        patched.setattr(northwind, "_add_oddities", lambda *_given: None)
        northwind._telling.cache_clear()
        yield
        northwind._telling.cache_clear()


@pytest.fixture(scope="class")
def sample(short, django_db_setup, django_db_blocker):
    """The sample told up to now, once for all who look at it, and how many facts that were."""
    with django_db_blocker.unblock():
        rules.forget()
        own = workspace.made(NOW)
        yield own, workspace.tell(NOW)
        workspace.remove()


def stored(own):
    facts = Fact.objects.of(own).exclude(system="leadpact")
    return Counter(facts.values_list("source_id", flat=True))


@pytest.mark.django_db
class TestTold:
    def test_it_holds_people_leads_and_verdicts(self, sample):
        own, told = sample
        assert told == sum(stored(own).values()) > 2000
        assert set(Person.objects.of(own).values_list("role", flat=True)) == {
            *("admin", "marketing lead", "marketer", "sales lead", "rep", "viewer", "auditor")
        }
        assert set(Leave.objects.of(own).values_list("person", flat=True)) == {"ben"}
        verdicts = Counter(Due.objects.of(own).values_list("verdict", flat=True))
        assert verdicts["open"] >= 8
        assert verdicts["kept"] > verdicts["broken"] > 20
        assert not Lead.objects.of(own).filter(wake_at__lte=NOW).exists()
        heard = Notice.objects.of(own).filter(posted_at=None)
        assert all(one.created_at == NOW for one in heard)
        assert Notice.objects.of(own).exclude(posted_at=None).count() > 20

    def test_every_lead_has_its_company_and_a_person_who_is_named_nowhere_else(self, sample):
        own, _told = sample
        contacts = Contact.objects.of(own)
        tests = Lead.objects.of(own).exclude(key__in=contacts.values("lead"))
        assert tests.count() == 0
        assert {"pl", "de", "th", "fa", "fr"} == set(contacts.values_list("language", flat=True))
        assert contacts.filter(company=None).count() == 0
        bodies = " ".join(Fact.objects.of(own).values_list("body", flat=True))
        for one in contacts[:50]:
            assert one.email.endswith(".example")
            assert one.name not in bodies
            assert one.email not in bodies
        assert Company.objects.of(own).filter(domain="").count() == 0

    def test_telling_again_tells_nothing_twice_and_later_only_what_is_new(self, sample):
        own, _told = sample
        before = stored(own)
        assert workspace.made(NOW + DAY) == own
        assert workspace.tell(NOW) == 0
        later = NOW + 150 * MINUTE
        assert workspace.tell(later) > 0
        assert workspace.tell(later) == 0
        northwind._telling.cache_clear()
        assert workspace.tell(later + 3 * DAY) > 100
        after = stored(own)
        assert set(after.values()) == {1}
        assert before.keys() < after.keys()
        recorded = Fact.objects.of(own).values_list("recorded_at", flat=True)
        assert max(recorded) <= later + 3 * DAY

    def test_a_worker_lets_it_live(self, sample):
        own, _told = sample
        before = sum(stored(own).values())
        with moment.standing_at(NOW + 150 * MINUTE):
            Keeping(Worker("of the sample")).turn()
        assert sum(stored(own).values()) > before
        assert max(Fact.objects.of(own).values_list("recorded_at", flat=True)) > NOW


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("short")
class TestWorkspace:
    def test_a_telling_that_was_broken_off_goes_on_where_it_ended(self):
        own = workspace.made(NOW)

        class Cut(Exception):
            pass

        def cut(told, _all):
            if told > 500:
                raise Cut

        with pytest.raises(Cut):
            workspace.tell(NOW, cut)
        part = stored(own)
        workspace.tell(NOW)
        assert 500 < len(part) < len(stored(own))
        told = northwind.told(MADE, datetime(2026, 11, 23, 15, 30, tzinfo=WARSAW))
        known = {one.fact["source_id"] for one in told}
        answered = stored(own).keys() - known
        assert stored(own) == Counter([*known, *answered])
        assert {one[:2] for one in answered} == {"a-"}

    def test_it_is_removed_without_a_trace_and_nothing_else_is(self):
        other = desk.workspace()
        desk.take(other, desk.handed_over("L-1", "2026-03-12 09:00"))
        theirs = rows(other)
        own = workspace.made(NOW)
        workspace.tell(NOW)
        sign_in.account_of(Person.objects.of(own).get(key="rita"))
        guest = User.objects.create_user("guest@elsewhere.example")
        for place, key in ((own, "otto"), (other, None)):
            person = Person.objects.of(place).filter(key=key).first()
            person = person or Person(workspace=place, key="guest", created_at=NOW)
            person.user = guest
            person.save()
        theirs = rows(other)
        assert workspace.remove() == 1
        assert rows(other) == theirs
        assert [*Workspace.objects.all()] == [other]
        assert [*User.objects.all()] == [guest]
        assert all(
            model.across.exclude(workspace=other).count() == 0
            for model in apps.get_models()
            if issubclass(model, OfWorkspace)
        )


def rows(own):
    return {
        model: [*model.objects.of(own).order_by("pk").values()]
        for model in apps.get_models()
        if issubclass(model, OfWorkspace)
    }


@pytest.mark.django_db
def test_history_is_told_in_silence_and_a_living_day_aloud():
    own = workspace.made(NOW)
    assert History(own, NOW).is_past
    Fact.objects.of(own).create(**fact_heard(own, NOW - 60 * MINUTE))
    assert not History(own, NOW).is_past


def fact_heard(own, at):
    named = {"system": "northwind", "source_id": "x", "lead": "x", "kind": 1, "body": "{}"}
    return {"workspace": own, "occurred_at": at, "recorded_at": at, **named}
