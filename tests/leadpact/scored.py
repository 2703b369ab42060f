"""Agreements and logs of a few lines, to be scored."""

from datetime import UTC, datetime, timedelta

from leadpact.agreement.model import Agreement
from leadpact.clock import to_micros
from leadpact.log import Log
from leadpact.score import factors, rises, scores

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


def agreed(handoff=None, **qualification):
    """An agreement with these clauses of qualification, written with underscores for spaces."""
    text = {"leadpact": "1", "agreement": "x", "version": "1", "valid from": "2026-01-01"}
    clauses = {name.replace("_", " "): clause for name, clause in qualification.items()}
    return Agreement.model_validate(
        {**text, "qualification": clauses, "handoff": handoff or {"when": "mql"}}
    )


def instant(day):
    """So many days after the begin, µs."""
    return to_micros(BEGIN + timedelta(days=day))


def fact(day, kind, lead="L", **fields):
    """A fact of a lead, so many days after the begin."""
    at = (BEGIN + timedelta(days=day)).isoformat()
    return {"lead": lead, "occurred_at": at, "kind": kind, **fields}


def did(day, what, lead="L", **fields):
    """A lead did something."""
    return fact(day, "engaged", lead, what=what, **fields)


def log_of(*facts):
    """The log of some facts."""
    log, problems = Log.from_facts(facts)
    assert problems == []
    return log


def points(agreement, log, day=None, lead="L"):
    """Fit and interest of a lead in points; what the factors sum to must be the same."""
    at = None if day is None else instant(day)
    found = scores(agreement, log, at)
    place = log.keys.index(lead)
    fit, interest = int(found.fit[place]), int(found.interest[place])
    told = factors(agreement, log, lead, int(log.at.max()) if at is None else at)
    assert (told.fit, told.interest) == (fit, interest)
    for axis, whole in (("fit", fit), ("interest", interest)):
        assert sum(one.points for one in told.factors if one.axis == axis) == whole
    return fit / 100, interest / 100


def risen(agreement, log, stage="mql"):
    """Who came to qualify, on which day, by what."""
    found = rises(agreement, log, stage)
    days = [(at - instant(0)) / (instant(1) - instant(0)) for at in found.at.tolist()]
    leads = [found.log.keys[lead] for lead in found.lead.tolist()]
    return [*zip(leads, days, found.trigger, strict=True)]
