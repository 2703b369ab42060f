"""Score: the card of a lead that tells its score, what it is the sum of, and how it came about."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any, NamedTuple

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book import scoring
from leaddesk.book.models import Handoff, Lead
from leaddesk.book.moment import DAY
from leaddesk.pages.card import Card
from leaddesk.pages.charts import Chart
from leaddesk.pages.courses import courses
from leaddesk.pages.meanings import length as spoken_length
from leaddesk.pages.telling import spoken, with_parts
from leaddesk.tongue import day_text, local_day, number, said, wishes
from leadpact.agreement.demand import Qualification
from leadpact.agreement.model import Agreement
from leadpact.agreement.wording import condition
from leadpact.clock import day_start
from leadpact.log import Log
from leadpact.measure.points import course
from leadpact.score import Explained, Factor, factors

_MOST_POINTS = 24
_HOUR = DAY // 24
_EPOCH = 719_163  # the ordinal of 1970-01-01
_TENTH = Decimal("0.1")


class Line(NamedTuple):
    """A part of the score: what it is, how much it adds; when it happened, when it will have halved."""

    text: SafeString | str
    points: str
    is_off: bool
    last_at: int | None
    half: str
    halves_at: int | None


class Axis(NamedTuple):
    """Fit or interest: its points, and the parts whose sum they are."""

    name: str
    title: str
    points: str
    lines: Sequence[Line]
    by_hand: bool


class Box(NamedTuple):
    """A cell of the grid of grades."""

    grade: str
    is_here: bool


class Frozen(NamedTuple):
    """The score that a lead had when it was handed over, and what has become of it since."""

    pass_number: int
    at: int
    grade: str
    fit: str
    interest: str
    since: str


def card(request: Any, row: Lead, now: int) -> Card | None:
    """The score of a lead; None where no rules give it one."""
    if row.standing == "merged":
        return None
    rules, judged = request.judged
    agreement = scoring.agreed(rules, now)
    clause = agreement.qualification
    if clause is None or not scoring.has_points(agreement):
        return None
    log = scoring.shared(rules, judged.log, request.crowds)
    found = factors(agreement, log, row.key, now)
    given = any(one.kind == "by hand" for one in found.factors)
    told = {
        "score": found,
        "axes": [*_axes(found, clause, request.names, now)],
        "grid": _grid(clause, found.grade),
        "columns": _heads(clause.grades.interest) if clause.grades else [],
        "chart": _chart(agreement, log, row, now),
        "frozen": [*_frozen(request.handoffs, found)],
        "now": now,
        "lead": row,
        "may_override": request.actor.may("override scores"),
        "by_hand": given,
        "token": token_urlsafe(12),
        "version": agreement.version,
    }
    return Card("parts/lead_score.html", told)


def points_text(hundredths: int | None) -> str:
    """Hundredths of a point as points."""
    return number(None if hundredths is None else Decimal(hundredths) / 100)


def _axes(
    found: Explained, clause: Qualification, names: Mapping[str, str], now: int
) -> Iterator[Axis]:
    for axis, title in (("fit", _("Fit")), ("interest", _("Interest"))):
        own = [one for one in found.factors if one.axis == axis]
        lines = [_line(one, clause, names, now) for one in own]
        by_hand = any(one.kind == "by hand" for one in own)
        yield Axis(axis, title, points_text(getattr(found, axis)), lines, by_hand)


def _line(one: Factor, clause: Qualification, names: Mapping[str, str], now: int) -> Line:
    half = None
    if one.axis == "interest" and one.kind == "rule" and one.rule is not None:
        half = clause.interest[one.rule].halves_after
    length = None if half is None else half.micros or half.days * DAY
    return Line(
        text=_said(one, clause, names),
        points=points_text(one.points),
        is_off=one.points < 0,
        last_at=one.last_at,
        half="" if half is None else format_html("<bdi>{}</bdi>", spoken_length(str(half))),
        halves_at=None if length is None else now + length,
    )


def _said(one: Factor, clause: Qualification, names: Mapping[str, str]) -> SafeString | str:
    """What a part of the score is, in words."""
    if one.kind == "rule" and one.axis == "fit" and one.rule is not None:
        return said(condition(clause.fit[one.rule].when))
    if one.kind == "rule":
        text = ngettext("%(what)s, %(times)s time", "%(what)s, %(times)s times", one.times)
        return with_parts(text, what=spoken(one.name), times=number(one.times))
    if one.kind == "by hand":
        text = _("Set by hand by %(name)s: %(why)s")
        return with_parts(text, name=names.get(one.name, one.name), why=one.why or "–")
    if one.kind == "rule cap":
        return with_parts(_("%(what)s: beyond its cap"), what=spoken(one.name))
    if one.kind == "group cap":
        return with_parts(_("Group %(group)s: beyond its cap"), group=one.name)
    return {
        "account": _("What colleagues at the company did"),
        "account cap": _("Colleagues: beyond their cap"),
    }.get(one.kind, _("Beyond the cap of the whole"))


def _grid(clause: Qualification, grade: str) -> list[tuple[str, list[Box]]]:
    """The rows of the grid, fit by fit, each with its heading; none where there is no grid."""
    if clause.grades is None:
        return []
    titles = _heads(clause.grades.fit, "ABC")
    return [
        (title, [Box(f"{letter}{digit}", grade == f"{letter}{digit}") for digit in "123"])
        for letter, title in zip("ABC", titles, strict=True)
    ]


def _heads(steps: Sequence[int], names: str = "123") -> list[str]:
    """What each row or column of the grid stands for."""
    from_ = _("%(name)s: from %(points)s")
    heads = [
        with_parts(from_, name=name, points=number(points))
        for name, points in zip(names, steps, strict=False)
    ]
    below = with_parts(_("%(name)s: below"), name=names[-1])
    return [*heads, below]


def _chart(agreement: Agreement, log: Log, row: Lead, now: int) -> Chart | None:
    """How fit and interest went since the lead arose, at the beginnings of days; None where that was
    yesterday."""
    begin = local_day(row.created_at or now).toordinal()
    today = local_day(now).toordinal()
    step = max(-(-(today - begin) // _MOST_POINTS), 1)
    days = [*range(today, begin, -step)][::-1]
    if len(days) < 2:
        return None
    zone = wishes().zone
    at = np.array([*(day_start(one - _EPOCH, zone) for one in days), now - now % _HOUR], np.int64)
    fit, interest = course(agreement, log, row.key, np.maximum.accumulate(at))
    names = [day_text(int(one)) for one in at[:-1]] + [_("now")]
    highest = int(np.argmax(interest))
    finding = _("Interest is %(now)s now; at its highest it was %(most)s (%(day)s).") % {
        "now": number(_rounded(int(interest[-1]))),
        "most": number(_rounded(int(interest[highest]))),
        "day": names[highest],
    }
    series = {
        _("Fit"): [_rounded(points) for points in fit.tolist()],
        _("Interest"): [_rounded(points) for points in interest.tolist()],
    }
    title = _("How the score moved")
    return courses(
        names, series, name="score-course", title=title, finding=finding, column=_("Day")
    )


def _rounded(hundredths: int) -> Decimal:
    return (Decimal(hundredths) / 100).quantize(_TENTH).normalize() + 0


def _frozen(given: Sequence[Handoff], found: Explained) -> Iterator[Frozen]:
    """The score at each handoff that froze one, the latest first."""
    for one in given:
        if one.interest is None:
            continue
        since = found.interest - one.interest
        yield Frozen(
            one.pass_number,
            one.at,
            one.grade,
            points_text(one.fit),
            points_text(one.interest),
            f"{'+' if since > 0 else ''}{points_text(since)}",
        )
