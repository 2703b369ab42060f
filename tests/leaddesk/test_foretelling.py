"""Models of the chance to win on the desk: asked for, trained by a worker, used, and what they leave."""

import json
from datetime import UTC, datetime

import pytest

from leaddesk.book import foretelling, moment
from leaddesk.book.access import Actor
from leaddesk.book.models import Entry, Fact, ScoreModel
from leaddesk.book.record import judgement_of
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leaddesk.worker import Learning, Worker
from leadpact.facts import SCORED
from tests.leaddesk.desk import take, workspace
from tests.leadpact.learned_logs import NOW, TEXT, drawn

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400_000_000


def leading(own, role="sales lead"):
    return Actor(own.pk, "mia", role)


def history(count=1_100, seed=3, **truth):
    return drawn(count, seed, leaks=False, **truth)[0]


def furnished(facts=(), text=TEXT):
    own = workspace(text)
    if facts:
        take(own, *facts, now=NOW, announce=False)
    return own


def trained(own):
    row = foretelling.want(leading(own), NOW)
    assert foretelling.train(foretelling.claim(NOW), NOW)
    row.refresh_from_db()
    return row


def iso(at):
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat()


def qualifies(key, at, industry="retail"):
    return [
        {
            "lead": key,
            "kind": "created",
            "occurred_at": iso(at),
            "type": "chat",
            "industry": industry,
        },
        {"lead": key, "kind": "handed_over", "occurred_at": iso(at + 1), "owner": "ana"},
    ]


def chance_seen(own, lead, now):
    agreed, judged = judgement_of(own.pk, [lead], now=now)
    return foretelling.chance_in(agreed, judged.log, lead, now)


def chances(own):
    return [*Fact.objects.of(own.pk).filter(kind=SCORED, system="leadpact learn").order_by("lead")]


def test_from_the_wish_to_the_chance_of_a_lead():
    own = furnished(history())
    row = trained(own)
    assert (row.state, row.leads) == ("trained", 1_100)
    assert row.validation["tells"]
    foretelling.put_to_use(leading(own), row.number, NOW)
    now = NOW + DAY
    take(own, *qualifies("N-1", now - 60_000_000), now=now)
    take(own, *qualifies("N-2", now - 60_000_000, "software"), now=now)
    good, bad = chances(own)
    assert (good.lead, bad.lead) == ("N-1", "N-2")
    told = json.loads(good.body)
    assert told["model"] == "learned 1"
    assert float(told["chance"]) > float(json.loads(bad.body)["chance"])
    assert {"kind", "name", "bin", "weight"} == json.loads(told["factors"])[0].keys()
    found = chance_seen(own, "N-1", now)
    assert (found[0].share, found[2]) == (float(told["chance"]), True)
    take(
        own,
        {"lead": "N-1", "kind": "replied", "occurred_at": iso(now + 5), "channel": "email"},
        now=now + DAY,
    )
    assert len(chances(own)) == 2  # each once
    foretelling.retire(leading(own), row.number, now)
    take(own, *qualifies("N-3", now + 10), now=now + DAY)
    assert len(chances(own)) == 2
    assert chance_seen(own, "N-1", now) is None
    acts = {entry.act for entry in Entry.objects.of(own.pk)}
    assert {"asked for a model", "trained a model", "put model to use", "retired model"} <= acts


def test_leads_of_before_and_history_get_no_chance():
    own = furnished(history())
    foretelling.put_to_use(leading(own), trained(own).number, NOW)
    take(own, *qualifies("OLD", NOW - DAY), now=NOW + 5)
    take(own, *qualifies("TOLD", NOW + 10), now=NOW + DAY, announce=False)
    assert chances(own) == []


def test_a_lead_that_has_not_qualified_has_the_chance_of_what_is_known_now():
    own = furnished(history())
    row = trained(own)
    assert chance_seen(own, "L-00001", NOW) is None
    foretelling.put_to_use(leading(own), row.number, NOW)
    fresh = qualifies("N-1", NOW)[:1]
    take(own, *fresh, now=NOW + 5)
    chance, model, is_recorded = chance_seen(own, "N-1", NOW + 5)
    assert (chance.number, is_recorded) == (1, False)
    assert 0 < chance.share < 1
    assert model.features
    assert chance_seen(own, "nobody", NOW) is None


def test_too_few_leads_are_refused_with_what_is_missing():
    own = furnished(history(60))
    row = trained(own)
    assert row.state == "refused"
    assert {"what": "leads", "found": 60, "needed": 1_000} in row.refusal
    with pytest.raises(Refused):
        foretelling.put_to_use(leading(own), row.number, NOW)


def test_a_model_that_tells_nothing_is_not_put_to_use():
    own = furnished(history())
    row = trained(own)
    ScoreModel.objects.of(own.pk).update(validation={"tells": False})
    with pytest.raises(Refused, match="no better than chance"):
        foretelling.put_to_use(leading(own), row.number, NOW)


def test_asking_twice_is_asking_once():
    own = furnished()
    first, again = (foretelling.want(leading(own), NOW) for _n in range(2))
    assert first.pk == again.pk
    trained(own)
    assert foretelling.want(leading(own), NOW).number == 2


def test_two_workers_train_it_once_and_a_dead_one_is_replaced():
    own = furnished()
    foretelling.want(leading(own), NOW)
    dead = foretelling.claim(NOW)
    assert foretelling.claim(NOW + 60_000_000) is None
    later = NOW + foretelling.LEASE + 1
    living = foretelling.claim(later)
    assert living.pk == dead.pk
    assert foretelling.train(living, later)
    assert not foretelling.train(dead, later)  # its fence is gone


def test_one_model_at_a_time_is_in_use():
    own = furnished(history())
    for number in (1, 2):
        trained(own)
        foretelling.put_to_use(leading(own), number, NOW + number)
    rows = ScoreModel.objects.of(own.pk).order_by("number")
    assert [row.state for row in rows] == ["retired", "in use"]
    foretelling.put_to_use(leading(own), 1, NOW + 3)
    assert foretelling.in_use(own.pk).number == 1


def test_who_may_what():
    own, other = furnished(), furnished()
    row = foretelling.want(leading(own), NOW)
    for role in ("marketer", "rep", "viewer", "auditor"):
        for act in (foretelling.put_to_use, foretelling.retire):
            with pytest.raises(Forbidden):
                act(leading(own, role), row.number, NOW)
        with pytest.raises(Forbidden):
            foretelling.want(leading(own, role), NOW)
        assert foretelling.model(leading(own, role), row.number).pk == row.pk
    with pytest.raises(Absent):
        foretelling.model(leading(other), row.number)


def test_the_worker_trains_and_looks_after_the_one_in_use():
    own = furnished(history())
    foretelling.want(leading(own), NOW)
    duty = Learning(Worker("w"))
    with moment.standing_at(NOW):
        assert duty.turn() == 0.0
        foretelling.put_to_use(leading(own), 1, NOW)
        assert foretelling.look_after(NOW)
        assert not foretelling.look_after(NOW)
    row = foretelling.in_use(own.pk)
    assert row.drift["state"] in {"too few", "steady"}
    assert row.drift_at == NOW


def test_a_damaged_model_gives_no_chance_and_no_trouble():
    own = furnished(history())
    foretelling.put_to_use(leading(own), trained(own).number, NOW)
    ScoreModel.objects.of(own.pk).update(body={"base": "x"})
    take(own, *qualifies("N-1", NOW + 1), now=NOW + DAY)
    assert chances(own) == []
    assert chance_seen(own, "N-1", NOW + DAY) is None


def test_training_that_fails_ends_and_is_told(monkeypatch):
    own = furnished()
    row = foretelling.want(leading(own), NOW)

    def fails(*_given, **_more):
        raise MemoryError

    monkeypatch.setattr(foretelling, "learn", fails)
    with moment.standing_at(NOW):
        assert Learning(Worker("w")).turn() == 0.0
    row.refresh_from_db()
    assert (row.state, row.refusal[0]["what"]) == ("refused", "failed")
    assert foretelling.claim(NOW) is None
