"""Scoreboard: both sides' promises of a period, in charts that open to their leads."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import moment, report, scores
from leaddesk.book.counting import Figure, Key
from leaddesk.book.models import Person
from leaddesk.book.report import Told
from leaddesk.book.spans import Span, span_of
from leaddesk.pages import marketing, meanings, selling
from leaddesk.pages.charts import file_of
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number
from leadpact.measure.figures import within

MONTHS = 6
"""So many months are offered."""
LONGEST = timedelta(days=366)
"""A period is drawn day by day, so that one longer than a year is none here."""


class Choice(NamedTuple):
    """Something that can be chosen: its value in the address, its words."""

    value: str
    text: str
    is_chosen: bool


class Headline(NamedTuple):
    """How one promise stands: its name, the figure as shown, beside what, and the page that opens it."""

    label: str
    value: str
    note: str
    href: str
    state: str
    brief: str = ""


@require_safe
@signed_in
def scoreboard(request: Any) -> HttpResponse:
    """Both sides beside each other."""
    actor = request.actor
    actor.must("read leads")
    told = report.standing(actor.workspace_id, moment.now())
    if told is None:
        return shown(request, "pages/drawing.html", {})
    span, period = chosen_period(request.GET.get("period", ""), told)
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    promise = chosen_promise(request.GET.get("promise", ""), told)
    left = marketing.side(told, period, names)
    right = selling.side(told, promise, period, span, names)
    if (file := file_of(request, [*left.charts, *right.charts])) is not None:
        return file
    context = {
        "told": told,
        "period": period,
        "when": meanings.when(period, told.zone),
        "periods": [*_periods(told, period)],
        "promises": [*_promises(told, promise)],
        "files": urlencode({"period": period, "promise": promise}),
        "marketing": left,
        "sales": right,
        "headlines": [(side, [*headlines(told, side, period)]) for side in sides(told)],
        "is_empty": told.facts == 0,
    }
    return shown(request, "pages/scoreboard.html", context)


def chosen_period(text: str, told: Told) -> tuple[Span, str]:
    """The period that an address names; the running month where it names none of up to a year."""
    for period in (text, told.month, f"{date.today():%Y-%m}"):  # noqa: DTZ011
        span = span_of(period, told.zone)
        if span is not None and span.last - span.first < LONGEST:
            return span, period
    raise AssertionError


def chosen_promise(text: str, told: Told) -> str:
    """The promise of response that an address names; the first one of sales where it names none."""
    clause = told.promises.get(text)
    if clause is not None and clause["kind"] == "response" and not clause["is_ladder"]:
        return text
    return scores.first_of(told, "response", "sales") or scores.first_of(told, "response")


def _periods(told: Told, chosen: str) -> Iterator[Choice]:
    month = span_of(told.month, told.zone)
    first = month.first if month else date(1970, 2, 1)
    listed = []
    for _month in range(MONTHS):
        listed.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    for period in dict.fromkeys([*listed, chosen]):
        yield Choice(period, meanings.when(period, told.zone), period == chosen)


def _promises(told: Told, chosen: str) -> Iterator[Choice]:
    for name, clause in told.promises.items():
        if clause["kind"] == "response" and not clause["is_ladder"]:
            yield Choice(name, name, name == chosen)


def sides(told: Told) -> list[str]:
    """The sides that promise something, in the order of the agreement."""
    return [*dict.fromkeys(clause["side"] for clause in told.promises.values())]


STATES: Mapping[str, str] = {
    "met": "good",
    "on pace": "good",
    "ahead": "warn",
    "missed": "bad",
    "behind": "bad",
}


def headlines(told: Told, side: str, period: str = "") -> Iterator[Headline]:
    """Each promise of a side with its figure of a period; the running one where none is said."""
    standing = {one["promise"]: one["state"] for one in told.body["scorecard"]}
    for name, clause in told.promises.items():
        if clause["side"] != side or name not in standing:
            continue
        found = _figure(told, name, clause, period)
        if found is None:
            continue
        if clause["kind"] != "volume":
            state = _state(clause, found)
        else:
            state = STATES.get(standing[name], "") if period in {"", told.month} else ""
        value = marketing.of_goal(told, found) or meanings.value(found)
        note = meanings.counted(found)
        brief = f"{number(found.hits)}/{number(found.counted)}" if found.is_share else ""
        if found.is_share and not found.enough:
            brief = f"{brief} · {_('too few to judge')}"
        yield Headline(name, value, note, meanings.address(found.key), state, brief)


def _figure(told: Told, name: str, clause: Mapping[str, Any], period: str) -> Any:
    if not period or period == told.month:
        return told.live(name)
    family = {"response": "kept", "volume": "delivered"}.get(clause["kind"], "rate")
    return told.figure(Key(family, name, period))


def _state(clause: Mapping[str, Any], found: Figure) -> str:
    """Whether a share keeps to its bounds; nothing where chance may explain it, or it is of few."""
    low, high = clause.get("target") or clause.get("at_least"), clause.get("at_most")
    if not isinstance(found.value, Fraction) or found.interval is None or not found.enough:
        return ""
    if low is None and high is None:
        return ""
    bounds = (None if one is None else Fraction(one) for one in (low, high))
    reaches = within(found.value, found.interval, *bounds)
    return "" if reaches is None else "good" if reaches else "bad"
