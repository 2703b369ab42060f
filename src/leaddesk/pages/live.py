"""Live: how each promise stands now, beside the sentence that says what it owes."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book import report
from leaddesk.book.counting import Figure
from leaddesk.book.spans import span_of
from leaddesk.pages.clauses import Clause, Component
from leaddesk.tongue import money, number, percent, period
from leadpact.measure.compliance import reached
from leadpact.measure.figures import within

_STATES = {
    "met": "good",
    "on pace": "good",
    "ahead": "warn",
    "behind": "bad",
    "missed": "bad",
}


class Live(NamedTuple):
    """How a promise stands: what was reached, against what, in which period, and how sure that is.

    `href` opens the rows that it counts; `state` colours the `word`.
    """

    value: str
    target: str
    period: str
    counted: str
    undecided: str
    word: str
    state: str
    href: str


class Figures(NamedTuple):
    """The live figures of promises, by name, and the instant (µs UTC) of which they tell."""

    as_of: int | None
    by_promise: Mapping[str, Live]


NONE = Figures(None, {})


def figures(request: Any) -> Figures:
    """How each promise stood when the workspace was last reported on; none where it never was."""
    told = report.latest(request.actor.workspace_id)
    if told is None:
        return NONE
    found = {name: _live(told, name) for name in told.promises}
    return Figures(told.as_of, {name: one for name, one in found.items() if one})


def beside(part: Component, found: Figures) -> list[tuple[Clause, Live | None]]:
    """The clauses of a component, each promise with how it stands."""
    return [(one, found.by_promise.get(one.promise)) for one in part.clauses]


def _live(told: report.Told, name: str) -> Live | None:
    figure = told.live(name)
    if figure is None:
        return None
    clause = told.promises[name]
    if clause["kind"] == "response":
        return _in_time(figure, clause)
    listed = told.body["deliveries" if clause["kind"] == "volume" else "rates"]
    rows = [one for one in listed if one["promise"] == name]
    last = [one for one in rows if one["period"] == rows[-1]["period"]]
    standing = next((s["state"] for s in told.body["scorecard"] if s["promise"] == name), "")
    if not last:
        return None
    if clause["kind"] == "volume":
        return _delivered(figure, last, standing, told.body["about"]["currency"])
    return _rate(figure, last, standing)


def _in_time(figure: Figure, clause: Mapping[str, Any]) -> Live:
    target = None if clause["target"] is None else Fraction(clause["target"])
    word = "no target" if target is None else reached(figure, target)
    return Live(
        percent(figure.value),
        percent(target),
        _period(figure.key.period),
        _of(figure),
        _undecided(figure),
        *_word(word),
        _href(figure),
    )


def _delivered(
    figure: Figure, last: Sequence[Mapping[str, Any]], standing: str, currency: str
) -> Live:
    first = last[0]
    is_value = first["deliver"].startswith("value of ")
    said = [_amount(first[end], is_value, currency) for end in ("actual", "target")]
    counted = ngettext("%(n)s lead", "%(n)s leads", figure.hits) % {"n": number(figure.hits)}
    if first["rep"] is not None:
        target = Decimal(first["target"] or 0)
        fine = sum(Decimal(one["actual"]) >= target for one in last)
        said = [_of_reps(fine, len(last)), said[1]]
    return Live(*said, _span(first), counted, _undecided(figure), *_word(standing), _href(figure))


def _rate(figure: Figure, last: Sequence[Mapping[str, Any]], standing: str) -> Live:
    first = last[0]
    value, word = percent(figure.value), _reached(figure, first)
    if first["rep"] is not None:
        value = _of_reps(sum(one["verdict"] == "kept" for one in last), len(last))
        word = standing
    return Live(
        value,
        _bounds(first["at_least"], first["at_most"]),
        _span(first),
        _of(figure),
        _undecided(figure),
        *_word(word),
        _href(figure),
    )


def _reached(figure: Figure, row: Mapping[str, Any]) -> str:
    """Whether a share keeps to its bounds in the period that runs, as far as that can be told."""
    low, high = (
        None if row[end] is None else Fraction(row[end]) for end in ("at_least", "at_most")
    )
    if figure.interval is None or figure.counted < row["minimum_count"]:
        return "undecided"
    fits = within(Fraction(figure.hits, figure.counted), figure.interval, low, high)
    return "undecided" if fits is None else "met" if fits else "missed"


def _bounds(at_least: str | None, at_most: str | None) -> str:
    if at_least is not None and at_most is not None:
        words = {"low": percent(Decimal(at_least)), "high": percent(Decimal(at_most))}
        return _("%(low)s to %(high)s") % words
    if at_least is not None:
        return _("at least %(share)s") % {"share": percent(Decimal(at_least))}
    return _("at most %(share)s") % {"share": percent(Decimal(at_most or 0))}


def _of_reps(good: int, whole: int) -> str:
    return ngettext("%(good)s of %(n)s rep", "%(good)s of %(n)s reps", whole) % {
        "good": number(good),
        "n": number(whole),
    }


def _amount(value: Any, is_value: bool, currency: str) -> str:
    exact = None if value is None else Decimal(str(value))
    return money(exact, currency) if is_value else number(exact)


def _of(figure: Figure) -> str:
    words = {"hits": number(figure.hits), "n": number(figure.counted)}
    return (
        ngettext("%(hits)s of %(n)s decided", "%(hits)s of %(n)s decided", figure.counted) % words
    )


def _undecided(figure: Figure) -> str:
    if not figure.undecided:
        return ""
    said = ngettext("%(n)s undecided", "%(n)s undecided", figure.undecided)
    return said % {"n": number(figure.undecided)}


def _span(row: Mapping[str, Any]) -> str:
    return period(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]))


def _period(name: str) -> str:
    span = span_of(name, "UTC")
    return name if span is None else period(span.first, span.last)


def _word(word: str) -> tuple[str, str]:
    said = {
        "met": _("met"),
        "on pace": _("on pace"),
        "ahead": _("ahead of plan"),
        "behind": _("behind"),
        "missed": _("missed"),
        "undecided": _("not decided yet"),
        "no target": _("no target"),
    }
    return said.get(word, ""), _STATES.get(word, "")


def _href(figure: Figure) -> str:
    try:
        return reverse("figure", args=[str(figure.key)])
    except NoReverseMatch:
        return ""
