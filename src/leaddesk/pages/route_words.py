"""Route, in words: how the owner of a lead was found, who was passed over and why, or why nobody was.

Facts keep codes and figures; here they become sentences in the reader's language. What can't be read,
since it came from elsewhere, yields none.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.tongue import instant_text, number, wishes
from leadpact.route import read
from leadpact.route.credit import LEAD

Names = Mapping[str, str]
_ISOLATE, _END = "\u2068", "\u2069"
_DIGITS = 12


def explained(route_json: str, names: Names) -> list[str]:
    """What led to an owner, or to nobody, as sentences; `names` are those of people by their keys."""
    told = read(route_json) if route_json else {}
    return [*_sentences(told, names)] if told else []


def pool_text(pool: str, names: Names) -> str:
    """The people of a pool, as they are named in a sentence."""
    if pool == "everyone":
        return _("all of sales")
    if pool.startswith("team "):
        return _("the team %(team)s") % {"team": _isolated(pool.removeprefix("team "))}
    return ", ".join(_name(one, names) for one in pool.split(", "))


def limit_text(cap: str) -> str:
    """A limit as people read it: 20 per day, 60 at one time."""
    amount, _space, period = cap.partition(" ")
    said = {
        "per day": _("%(n)s per day"),
        "per week": _("%(n)s per week"),
        "per month": _("%(n)s per month"),
        "per quarter": _("%(n)s per quarter"),
        "per year": _("%(n)s per year"),
        "open": _("%(n)s open at one time"),
    }
    if period not in said or not amount.isdecimal():
        return cap
    return said[period] % {"n": number(int(amount))}


def passed_text(why: str, until: int | None, cap: str) -> str:
    """Why somebody can't be given a lead, and until when where that is known."""
    if until is not None:
        told = {"when": instant_text(until), "limit": limit_text(cap) if cap else ""}
        dated = {
            "leave": _("away until %(when)s"),
            "closed": _("not at work until %(when)s"),
            "to come": _("not here before %(when)s"),
            "full": _("full (%(limit)s) until %(when)s"),
        }
        if why in dated:
            return dated[why] % told
    said = {
        "leave": _("away"),
        "closed": _("not at work"),
        "to come": _("not here yet"),
        "not to": _("rejected it before"),
        "had it": _("had it before"),
        "gone": _("takes no leads any more"),
        "no weight": _("has a weight of zero"),
    }
    if why == "full":
        return _("full (%(limit)s)") % {"limit": limit_text(cap)}
    return said.get(why, why)


def _sentences(told: Mapping[str, Any], names: Names) -> Iterator[str]:
    if place := told.get("territory"):
        yield _("Territory %(place)s fits: it goes to %(pool)s.") % {
            "place": number(place),
            "pool": pool_text(told["pool"], names),
        }
    yield _who(told, names)
    if told.get("credit") is not None or told.get("next"):
        yield from _turn(told, names)
    if told.get("caps"):
        yield _used(told["caps"])
    if told.get("passed"):
        yield from _passed_over(told, names)
    if not told.get("owner"):
        yield _again(told)


def _who(told: Mapping[str, Any], names: Names) -> str:
    owner, pool = told.get("owner"), pool_text(told["pool"], names)
    if not owner:
        if told.get("rule") == "account":
            said = _("It waits for %(name)s, who has other leads of the same company.")
            return said % {"name": _name(told.get("account_owner", ""), names)}
        return _("Nobody of %(pool)s can take it now.") % {"pool": pool}
    said = _ways().get(told["rule"], _("%(name)s got it."))
    details = {
        "name": _name(owner, names),
        "pool": pool,
        "weight": _weight(told.get("weight", "1")),
        "count": number(told.get("among", 1)),
        "least": limit_text(told["least"]) if told.get("least") else "",
        "load": number(told.get("load", 0)),
    }
    if told.get("least"):
        said = _(
            "%(name)s went first: near the end of the period, and still below the minimum of %(least)s."
        )
    return said % details


def _weight(text: str) -> str:
    """A weight as a number of the reader's; what is none stays as it was told."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return text
    return number(found) if found.is_finite() and abs(found.adjusted()) < _DIGITS else text


def _ways() -> Mapping[str, str]:
    return {
        "weight": _(
            "%(name)s was next by weight (%(weight)s) among %(count)s of %(pool)s who could take it."
        ),
        "round robin": _(
            "It was the turn of %(name)s among %(count)s of %(pool)s who could take it."
        ),
        "capacity": _("%(name)s had the most room among %(count)s of %(pool)s who could take it."),
        "account": _("%(name)s has other leads of the same company."),
        "load": _(
            "%(name)s owed least (%(load)s) among %(count)s of %(pool)s who could take it over."
        ),
    }


def _turn(told: Mapping[str, Any], names: Names) -> Iterator[str]:
    runner_up = _name(told.get("next", ""), names)
    if told.get("credit") is not None:
        owed = number(round(Fraction(told["credit"], LEAD), 2))
        if runner_up:
            said = _("They were owed %(owed)s leads; %(next)s would have been next.")
            yield said % {"owed": owed, "next": runner_up}
        else:
            yield _("They were owed %(owed)s leads.") % {"owed": owed}
    elif runner_up:
        yield _("%(next)s would have been next.") % {"next": runner_up}


def _used(caps: list[Any]) -> str:
    used = [
        _("%(used)s of %(limit)s") % {"used": number(count), "limit": limit_text(cap)}
        for cap, count in caps
    ]
    return _("With it they have: %(used)s.") % {"used": "; ".join(used)}


def _passed_over(told: Mapping[str, Any], names: Names) -> Iterator[str]:
    listed = [
        _("%(name)s (%(why)s)") % {"name": _name(name, names), "why": passed_text(why, until, cap)}
        for name, why, until, cap in told["passed"]
    ]
    yield _("Passed over: %(people)s.") % {"people": "; ".join(listed)}
    if more := told.get("more_passed", 0):
        said = ngettext("%(n)s more was passed over.", "%(n)s more were passed over.", more)
        yield said % {"n": number(more)}


def _again(told: Mapping[str, Any]) -> str:
    if told.get("retry_at"):
        return _("It is tried again at %(when)s.") % {"when": instant_text(told["retry_at"])}
    return _(
        "Nobody can tell when somebody will; give it to somebody by hand, or change the route."
    )


def _name(key: str, names: Names) -> str:
    return _isolated(names.get(key, key))


def _isolated(text: str) -> str:
    """A name kept apart from the direction in which the sentence runs, where they may differ."""
    if text.isascii() and wishes().direction == "ltr":
        return text
    return f"{_ISOLATE}{text}{_END}"
