"""Foretelling: models of the chance to win, learned from the leads of a workspace, put to use and
retired; and the chance of each lead that qualifies while one is in use, as a fact.

A model is learned by a worker, outside of any transaction, from the log as it stands then.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, rules
from leaddesk.book.access import Actor
from leaddesk.book.codec import Row, row_of
from leaddesk.book.models import ScoreModel
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Absent, refused
from leaddesk.book.rules import Rules, rules_of
from leaddesk.book.shelf import Shelf
from leadpact.clock import to_datetime
from leadpact.facts import SCORED
from leadpact.judge import Judgement
from leadpact.learn import (
    FEWEST_LEADS,
    FEWEST_WON,
    Foretold,
    Model,
    Shortfall,
    drift,
    foretold,
    learn,
    read_model,
)
from leadpact.learn.cases import NEVER, qualified
from leadpact.log import Log
from leadpact.log.sorting import only

SYSTEM = "leadpact learn"
"""The system of the chances that are recorded; those of the rules are of another."""
LEASE = 15 * MINUTE
"""A worker that trains for longer is taken for dead, and another one begins anew."""
LOOKED_AT = DAY
"""So long after the last look a model in use is looked at again: whether leads have changed."""
MOST_REASONS = 8
State = ScoreModel.State
_USABLE = (State.TRAINED, State.RETIRED)


@dataclass(frozen=True)
class Chance:
    """The chance of a lead by a model: a share from 0 to 1, the number of the model, and what each
    feature adds to it (bin and weight in ten-thousandths of a logit), what matters most first."""

    number: int
    share: float
    factors: Sequence[Mapping[str, Any]]


def models(actor: Actor) -> QuerySet[ScoreModel]:
    """The models of a workspace, the newest first. Raises `Forbidden`."""
    actor.must("read leads")
    return ScoreModel.objects.of(actor.workspace_id).order_by("-number")


def model(actor: Actor, number: int) -> ScoreModel:
    """One model. Raises `Absent`, `Forbidden`."""
    rows = models(actor)
    found: ScoreModel | None = rows.filter(number=number).first() if number < 2**31 else None
    if found is None:
        raise Absent(f"model {number}")
    return found


def want(actor: Actor, now: int) -> ScoreModel:
    """A new model, to be trained by a worker; the one that is waited for already, if there is one.

    Raises `Forbidden`.
    """
    actor.must("train models")

    def keep() -> ScoreModel:
        database.lock_all(actor.workspace_id)
        own = ScoreModel.objects.of(actor.workspace_id)
        waiting: ScoreModel | None = own.filter(state=State.WANTED).first()
        if waiting is not None:
            return waiting
        number = (own.aggregate(last=Max("number"))["last"] or 0) + 1
        made: ScoreModel = own.create(
            workspace_id=actor.workspace_id,
            number=number,
            state=State.WANTED,
            wanted_at=now,
            wanted_by=actor.person,
        )
        noted = actor.note("asked for a model", f"model {number}")
        audit.note(actor.workspace_id, [noted], now)
        return made

    return database.in_transaction(keep)


def put_to_use(actor: Actor, number: int, now: int) -> None:
    """Leads that qualify from now on get their chance by this model; another one is retired.

    Raises `Refused` where it isn't trained or tells nothing, `Absent`, `Forbidden`.
    """
    actor.must("train models")

    def use() -> None:
        database.lock_all(actor.workspace_id)
        row = model(actor, number)
        if row.state == State.IN_USE:
            return
        if row.state not in _USABLE or _read(row) is None:
            raise refused("", _("This model isn't trained."), _("Train one first."))
        if not row.validation.get("tells"):
            said = _("This model tells no better than chance who will be won.")
            raise refused("", said, _("Train another one once there are more leads."))
        own = ScoreModel.objects.of(actor.workspace_id)
        own.filter(state=State.IN_USE).update(state=State.RETIRED)
        own.filter(pk=row.pk).update(state=State.IN_USE, used_at=now, drift={}, drift_at=None)
        noted = actor.note("put model to use", f"model {number}")
        audit.note(actor.workspace_id, [noted], now)
        rules.changed(actor.workspace_id)

    database.in_transaction(use)


def retire(actor: Actor, number: int, now: int) -> None:
    """The model is used no longer; chances that it gave stay. Raises `Absent`, `Forbidden`."""
    actor.must("train models")

    def end() -> None:
        row = model(actor, number)
        own = ScoreModel.objects.of(actor.workspace_id).filter(pk=row.pk, state=State.IN_USE)
        if own.update(state=State.RETIRED):
            noted = actor.note("retired model", f"model {number}")
            audit.note(actor.workspace_id, [noted], now)
            rules.changed(actor.workspace_id)

    database.in_transaction(end)


def needed() -> tuple[int, int]:
    """How many leads with a known outcome, and how many won ones, a model needs at least."""
    return FEWEST_LEADS, FEWEST_WON


def claim(now: int) -> ScoreModel | None:
    """Take a model that is to be trained and that nobody trains."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE)
    rows = ScoreModel.across.filter(free, state=State.WANTED).order_by("wanted_at", "id")
    for row in rows[:3]:
        own = ScoreModel.across.filter(pk=row.pk, state=State.WANTED, lease_until=row.lease_until)
        if own.update(lease_until=now + LEASE):
            row.refresh_from_db()
            return row
    return None


def train(row: ScoreModel, now: int) -> bool:
    """Learn the model from the log as it stands, and keep what came of it; whether it was still wanted."""
    agreed = rules_of(row.workspace_id)
    made = learn(_versions(agreed), Shelf(row.workspace_id).log(agreed.zone), now=now)
    told: dict[str, Any] = {
        "state": State.REFUSED if made.model is None else State.TRAINED,
        "trained_at": now,
        "lease_until": None,
        "leads": made.grounds.leads,
        "won": made.grounds.won,
        "body": {} if made.model is None else made.model.to_json(),
        "validation": {} if made.validation is None else made.validation.to_json(),
        "grounds": made.grounds.to_json(),
        "refusal": [one._asdict() for one in made.missing],
    }

    return _kept(row, told, now)


def give_up(row: ScoreModel, now: int) -> None:
    """Training failed: nobody tries this model again."""
    told = {"state": State.REFUSED, "trained_at": now, "lease_until": None}
    _kept(row, told | {"refusal": [Shortfall("failed", 0, 0)._asdict()]}, now)


def _kept(row: ScoreModel, told: Mapping[str, Any], now: int) -> bool:
    """Keep what came of training a model; whether whoever trained it still held it."""

    def keep() -> bool:
        own = ScoreModel.across.filter(pk=row.pk, state=State.WANTED, lease_until=row.lease_until)
        if not own.update(**told):
            return False
        found = {name: told.get(name, 0) for name in ("leads", "won")}
        act = "trained a model" if told["state"] == State.TRAINED else "refused a model"
        noted = audit.Note(SYSTEM, act, f"model {row.number}", found)
        audit.note(row.workspace_id, [noted], now)
        return True

    return database.in_transaction(keep)


def look_after(now: int) -> bool:
    """Look at one model in use whose last look is long ago: whether leads have changed since."""
    old = Q(drift_at__isnull=True) | Q(drift_at__lt=now - LOOKED_AT)
    row = ScoreModel.across.filter(old, state=State.IN_USE).order_by("id").first()
    if row is None:
        return False
    own = ScoreModel.across.filter(pk=row.pk, drift_at=row.drift_at)
    found = _read(row)
    if not own.update(drift_at=now) or found is None:  # another worker looks
        return True
    agreed = rules_of(row.workspace_id)
    log = Shelf(row.workspace_id).log(agreed.zone)
    seen = drift(found, _versions(agreed), log, now=now)
    ScoreModel.across.filter(pk=row.pk, drift_at=now).update(drift=seen.to_json())
    return True


def in_use(workspace: int) -> ScoreModel | None:
    """The model that a workspace uses, if it does."""
    row: ScoreModel | None = ScoreModel.objects.of(workspace).filter(state=State.IN_USE).first()
    return row


def chance_of(
    workspace: int, agreed: Rules, log: Log, leads: Sequence[str], now: int
) -> dict[str, Chance]:
    """The chance of some leads of a log (as it stands at `now`), by the model in use; none without."""
    row = in_use(workspace)
    found = None if row is None else _read(row)
    if row is None or found is None or not leads:
        return {}
    return _chances(row.number, found, agreed, log, leads, now)


def recorded(
    workspace: int, agreed: Rules, judgement: Judgement, now: int, announce: bool
) -> list[Row]:
    """The facts by which leads that qualified get their chance, each once, by the model in use.

    Without a model in use this costs nothing.
    """
    if agreed.foretells_since is None or not announce:
        return []
    log = judgement.log
    at = qualified(_versions(agreed), log)
    wanted = (at >= agreed.foretells_since) & (at <= now) & (at < NEVER)
    chances = log.fields.get("chance")
    if chances is not None:
        wanted[log.lead[chances.rows]] = False
    keys = [log.keys[lead] for lead in np.flatnonzero(wanted).tolist()]
    if not keys:
        return []
    return [
        _fact(key, chance, now)
        for key, chance in chance_of(workspace, agreed, log, keys, now).items()
    ]


def _fact(lead: str, chance: Chance, now: int) -> Row:
    """The chance of a lead as a fact; the same lead has one, whoever finds it."""
    mark = blake2b(json.dumps(["chance", lead]).encode(), digest_size=12).hexdigest()
    return row_of(
        {
            "lead": lead,
            "kind": "scored",
            "occurred_at": to_datetime(now).isoformat(),
            "model": f"learned {chance.number}",
            "chance": f"{chance.share:.4f}",
            "factors": json.dumps([*chance.factors], ensure_ascii=False),
            "system": SYSTEM,
            "source_id": f"chance-{mark}",
        },
        now,
    )


def chance_in(agreed: Rules, log: Log, lead: str, now: int) -> tuple[Chance, Model, bool] | None:
    """The chance of one lead of a log: as it was recorded when it qualified, with the model that gave
    it, and whether it was; else as the model in use sees it now. None where no model is in use, or
    nothing can be said."""
    own = agreed.model
    if own is None or agreed.foretells_since is None:
        return None
    log = log.as_of(now)
    place = log.keys.index(lead) if lead in log.keys else -1
    log = only(log, log.lead == place)
    given = _given(agreed.workspace, own, log)
    if given is not None:
        return given
    found = _read(own)
    if found is None or lead not in log.keys:
        return None
    chance = _chances(own.number, found, agreed, log, [lead], now)[lead]
    return chance, found, False


def _given(workspace: int, own: ScoreModel, log: Log) -> tuple[Chance, Model, bool] | None:
    """The chance that the facts of a lead tell, where its model is still kept."""
    named, shares, factors = (log.fields.get(name) for name in ("model", "chance", "factors"))
    rows = np.flatnonzero(log.kind == SCORED)[::-1].tolist()
    for row in rows:
        text = None if shares is None else shares.of(row)
        model_name = (None if named is None else named.of(row)) or ""
        number = model_name.removeprefix("learned ")
        if text is None or not number.isascii() or not number.isdigit():
            continue
        kept = own
        if int(number) != own.number:
            kept = ScoreModel.objects.of(workspace).filter(number=int(number)).first()
        found = None if kept is None else _read(kept)
        if kept is None or found is None:
            return None
        told = json.loads((None if factors is None else factors.of(row)) or "[]")
        return Chance(kept.number, float(text), told), found, True
    return None


def _chances(
    number: int, found: Model, agreed: Rules, log: Log, leads: Sequence[str], now: int
) -> dict[str, Chance]:
    seen = foretold(found, _versions(agreed), log, now=now)
    places = {key: place for place, key in enumerate(log.keys)}
    return {
        key: Chance(number, seen.share(places[key]), _factors(seen, places[key]))
        for key in leads
        if key in places
    }


def _factors(seen: Foretold, lead: int) -> list[dict[str, Any]]:
    """What the chance of a lead is made of, as codes: pages say it in the reader's language."""
    one = np.array([lead])
    told = [
        {"kind": f.kind, "name": f.name, "bin": place, "weight": f.weights[place]}
        for f in seen.model.features
        if (place := int(f.bins.of(seen.seen, one)[0])) >= 0
    ]
    return sorted(told, key=lambda one: -abs(int(one["weight"])))[:MOST_REASONS]


def _versions(agreed: Rules) -> list[Any]:
    return [version.agreement for version in agreed.program.versions]


def _read(row: ScoreModel) -> Model | None:
    """The model of a row; None where there is none, or it is damaged."""
    return _model(json.dumps(row.body)) if row.body else None


@lru_cache(maxsize=16)
def _model(text: str) -> Model | None:
    return read_model(text)[0]
