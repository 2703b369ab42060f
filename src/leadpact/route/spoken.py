"""Spoken: decisions as people read them: how an owner was found, or why a lead waits."""

from collections.abc import Iterable
from fractions import Fraction

from leadpact.clock import to_datetime
from leadpact.figure import number
from leadpact.route.credit import LEAD
from leadpact.route.deciding import MOST_PASSED, Decision, Passed
from leadpact.words import _, ngettext


def said(one: Decision, zone: str) -> str:
    """Why somebody gets a lead, or why nobody can now, in a line; instants are those of a zone."""
    parts = [_owner(one) if one.owner is not None else _nobody(one, zone)]
    if one.passed and one.rule != "account":
        parts.append(_("Passed over: {people}.").format(people=_people(one.passed, zone)))
    if one.owner is not None and one.caps:
        told = ", ".join(_("{used} of {limit}").format(used=n, limit=cap) for cap, n in one.caps)
        parts.append(_("Has now: {limits}.").format(limits=told))
    return " ".join(parts)


def reason(why: str) -> str:
    """Why somebody can't be given a lead, or why leads wait, in a word or two."""
    said = {
        "leave": _("on leave"),
        "closed": _("not at work"),
        "to come": _("not here yet"),
        "full": _("full"),
        "not to": _("rejected it before"),
        "had it": _("had it before"),
        "gone": _("takes no leads any more"),
        "no weight": _("has a weight of zero"),
        "account": _("the owner of the account is not at work"),
        "empty": _("nobody is in the pool"),
    }
    return said.get(why, why)


def moment(at: int, zone: str) -> str:
    """An instant on the clock of a zone: ``2026-03-16 09:00``."""
    return f"{to_datetime(at, zone):%Y-%m-%d %H:%M}"


def _owner(one: Decision) -> str:
    if one.rule == "account":
        return _("Has the account.")
    if one.least:
        text = _("Below the minimum of {least}.").format(least=one.least)
    elif one.rule == "weight" and one.credit is not None:
        owed = number(Fraction(one.credit, LEAD))
        text = _("Owed {owed} by weight {weight}.").format(owed=owed, weight=one.weight)
    elif one.rule == "capacity":
        text = _("Has the most room.")
    else:
        text = _("Has the turn.")
    if one.runner_up:
        text = f"{text} " + _("Next: {name}.").format(name=one.runner_up)
    return text


def _nobody(one: Decision, zone: str) -> str:
    if one.rule == "account":
        text = _("Waits for {name}, who has the account.").format(name=one.account_owner)
    else:
        text = _("Nobody of {pool} can take it.").format(pool=one.pool)
    if one.retry_at is None:
        return f"{text} " + _("When somebody will is not known.")
    return f"{text} " + _("Tried again at {at}.").format(at=moment(one.retry_at, zone))


def _people(passed: tuple[Passed, ...], zone: str) -> str:
    told = ", ".join(_one(one, zone) for one in passed[:MOST_PASSED])
    more = len(passed) - MOST_PASSED
    if more <= 0:
        return told
    return told + ngettext(" and {n} more", " and {n} more", more).format(n=more)


def _one(one: Passed, zone: str) -> str:
    why = f"{reason(one.why)}, {one.cap}" if one.cap else reason(one.why)
    if one.until is None:
        return f"{one.name} ({why})"
    return _("{name} ({why}, until {at})").format(
        name=one.name, why=why, at=moment(one.until, zone)
    )


def reasons(whys: Iterable[str]) -> str:
    """Several reasons in a row."""
    return "; ".join(reason(why) for why in whys)
