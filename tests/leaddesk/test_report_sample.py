"""The report on the sample: every figure against a slow recount, and as many rows behind it."""

from itertools import product

import pytest

from leaddesk.book import report, rules
from leaddesk.book.access import actor_of
from leaddesk.book.board import REJECTED
from leaddesk.book.codec import Row, fact_of
from leaddesk.book.counting import Key
from leaddesk.book.models import Due, Fact, Lead, Person
from leaddesk.book.shelf import Shelf
from leaddesk.book.spans import span_of
from leaddesk.sample import workspace as sample
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.measure import deliveries, evidence, rates
from tests.leaddesk.desk import at

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def northwind(django_db_setup, django_db_blocker):
    """The sample as it stands on a Monday, drawn once."""
    now = at("2026-11-23 15:30")
    with django_db_blocker.unblock():
        rules.forget()
        report.forget()
        own = sample.made(now)
        sample.tell(now)
        report.draw(own.pk, Shelf(own.pk), now)
        yield own
        sample.remove()


def test_the_shelf_holds_the_log_of_the_database(northwind):
    shelf = Shelf(northwind.pk)
    shelf.log(northwind.zone)
    columns = Row._fields
    stored = [fact_of(Row(*one)) for one in Fact.objects.of(northwind).values_list(*columns)]
    whole, _problems = Log.from_facts(stored, northwind.zone)
    held = shelf.log(northwind.zone)
    assert (held.keys, held.at.tolist(), held.kind.tolist()) == (
        whole.keys,
        whole.at.tolist(),
        whole.kind.tolist(),
    )


def recount(own, span, promise, by="started_at"):
    """Kept, broken and undecided, by the index of obligations, one after the other."""
    merged = {one.key for one in Lead.objects.of(own) if one.standing == "merged"}
    tally = {"kept": 0, "broken": 0, "open": 0, "undeterminable": 0, "excused": 0, "waived": 0}
    for one in Due.objects.of(own):
        instant = getattr(one, by)
        if one.promise != promise or one.lead in merged or instant is None:
            continue
        if span.begins <= instant < span.ends:
            tally[one.verdict] += 1
    return tally["kept"], tally["broken"], tally["open"] + tally["undeterminable"]


@pytest.mark.parametrize("period", ["2026-11", "2026-W47", "2026-11-18", "2026-Q4"])
def test_compliance_of_the_sample_is_that_of_its_obligations(northwind, period):
    told = report.latest(northwind.pk)
    span = span_of(period, told.zone)
    for family, by in (("kept", "started_at"), ("due", "due_at")):
        for promise in [name for name, one in told.promises.items() if one["kind"] == "response"]:
            found = told.figure(Key(family, promise, period))
            counted = (found.hits, found.counted - found.hits, found.undecided)
            assert counted == recount(northwind, span, promise, by), (family, promise)


def test_compliance_by_rep_is_that_of_the_engine(northwind):
    told = report.latest(northwind.pk)
    lines = [one for one in told.body["compliance"] if one["by"] == "rep"]
    assert lines
    for one in lines:
        found = told.figure(Key("kept", one["promise"], "all", "rep", one["rep"] or ""))
        assert (found.hits, found.counted, found.undecided) == (
            one["kept"],
            one["due"],
            one["undecided"],
        )


def test_rungs_are_those_of_the_engine(northwind):
    told = report.latest(northwind.pk)
    assert told.body["ladder"]
    for one in told.body["ladder"]:
        found = told.figure(Key("kept", one["promise"], "all", "rung", str(one["rung"])))
        assert (found.hits, found.counted) == (one["kept"], one["due"])


def test_causes_are_those_of_the_engine(northwind):
    told = report.latest(northwind.pk)
    causes = told.body["misses"]["causes"]
    assert sum(sum(one.values()) for one in causes.values()) == told.body["misses"]["total"]
    for promise, listed in causes.items():
        for cause, count in listed.items():
            assert told.figure(Key("missed", promise, "all", "cause", cause)).value == count


def judged(own, now):
    """The judgement of the facts as they are exported, apart from what is stored of it."""
    stored = [fact_of(Row(*one)) for one in Fact.objects.of(own).values_list(*Row._fields)]
    log, _problems = Log.from_facts(stored, own.zone)
    return evidence(judge(rules.rules_of(own.pk).program, log, now=now))


def test_deliveries_and_rates_are_those_of_the_engine(northwind):
    told = report.latest(northwind.pk)
    found = judged(northwind, told.as_of)
    for one in deliveries(found):
        cut = ("rep", one.rep) if one.rep else ()
        own = told.figure(Key("delivered", one.promise, one.period.name, *cut))
        if not told.promises[one.promise]["is_value"]:
            assert own.value == one.actual, own.key
    for one in rates(found):
        cut = ("rep", one.rep) if one.rep else ()
        own = told.figure(Key("rate", one.promise, one.period.name, *cut))
        waiting = one.immature + one.undecided
        assert (own.hits, own.counted, own.undecided) == (
            one.numerator,
            one.denominator,
            waiting,
        ), own.key


def test_answers_and_rejections_are_those_of_the_engine(northwind):
    told = report.latest(northwind.pk)
    for one in told.body["speed"]:
        clause = told.promises[one["promise"]]
        bars = one["working" if clause["is_working"] else "wall"]
        low = 0
        for bar in bars["bars"]:
            high = bar["up_to_seconds"]
            word = f"{low}-{'' if high is None else high}"
            counted = told.figure(Key("answered", one["promise"], "all", "time", word))
            assert counted.value == bar["count"], (one["promise"], word)
            low = high
        never = told.figure(Key("answered", one["promise"], "all", "time", "never"))
        assert never.value == bars["never"]
    accepted = told.figure("accepted/all/all")
    body = told.body["acceptance"]
    assert (accepted.hits, accepted.counted) == (
        body["accepted"],
        body["accepted"] + body["rejected"],
    )
    for reason in body["reasons"]:
        own = told.figure(Key("rejected", "all", "all", "reason", reason["reason"]))
        assert own.value == reason["count"]


def test_as_many_rows_stand_behind_each_figure_as_it_says(northwind, monkeypatch):
    told = report.latest(northwind.pk)
    monkeypatch.setattr(report, "ROWS", 100_000)
    actor = actor_of(northwind_admin(northwind))
    families = ("kept", "due", "missed", "open", "late", "answered", "delivered", "rate")
    keys = [
        *(Key(f, p, q) for f, p, q in product(families, told.promises, ("all", "2026-11"))),
        *(Key(f, "all", "2026-11") for f in ("accepted", "rejected", "handed")),
        *(Key("kept", "first contact", "2026-W47", "rep", r) for r in ("ana", "ben", "chai", "")),
    ]
    opened = 0
    for key in keys:
        found = told.figure(key)
        for part, count in (
            ("hits", found.numerator),
            ("counted", found.counted),
            ("undecided", found.undecided),
        ):
            page = report.leads_behind(actor, told, found, part)
            assert len(page.rows) == page.total == count, (key, part)
            opened += len(page.rows)
    assert opened > 10_000
    assert (told.board.tables["handovers"]["state"] == REJECTED).sum() > 0


def northwind_admin(own):
    return Person.objects.of(own).filter(role="admin").first()
