"""Scoring: the command that says how leads score, and what a score is made of."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from leadpact.cli.inputs import agreements_of, log_of, moment_of, now_of, once
from leadpact.cli.judging import compiling
from leadpact.cli.output import patience, refuse_use, say, say_json
from leadpact.cli.tables import table, wrapped
from leadpact.figure import exact_text
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.agreement.model import Agreement
    from leadpact.log import Log
    from leadpact.score import Explained, Factor, Scores

MOST_SHOWN = 20


def score(agreement: str, log: str, at: str | None, lead: str | None, *, as_json: bool) -> None:
    """Print the scores of all leads at a moment, or that of one lead with its factors."""
    from leadpact.agreement.amend import in_force_at

    once(agreement, log)
    versions = agreements_of(agreement)
    zone = versions[-1].zone
    given = moment_of(at, zone, "--at")
    moment = now_of(None, zone) if given is None else given
    chosen = in_force_at(versions, moment) or versions[0]
    found = log_of(log, zone)
    if lead is None:
        _all(chosen, found, moment, as_json=as_json)
    else:
        _one(chosen, found, lead, moment, as_json=as_json)


def _all(agreement: "Agreement", log: "Log", at: int, *, as_json: bool) -> None:
    from leadpact.score import scores

    with patience(compiling()):
        found = scores(agreement, log, at)
    if as_json:
        say_json({"at": _moment(at, agreement), "leads": _rows(log, found)})
        return
    say(_head(agreement, at))
    say()
    order = sorted(range(len(found)), key=lambda n: (-int(found.fit[n] + found.interest[n]), n))
    head = [_("lead"), _("fit"), _("interest"), _("grade"), ""]
    say(table(head, [_cells(log, found, place) for place in order[:MOST_SHOWN]]))
    more = len(order) - MOST_SHOWN
    if more > 0:
        left = ngettext("… and {n:,} more lead.", "… and {n:,} more leads.", more)
        say(left.format(n=more))


def _cells(log: "Log", found: "Scores", place: int) -> list[object]:
    from leadpact.score import points_text

    points = (points_text(int(column[place])) for column in (found.fit, found.interest))
    barred = _("disqualified") if found.disqualified[place] else ""
    return [log.keys[place], *points, str(found.grade[place]), barred]


def _rows(log: "Log", found: "Scores") -> Iterator[dict[str, Any]]:
    for place, key in enumerate(log.keys):
        yield {
            "lead": key,
            "fit": _points(int(found.fit[place])),
            "interest": _points(int(found.interest[place])),
            "grade": str(found.grade[place]) or None,
            "disqualified": bool(found.disqualified[place]),
        }


def _one(agreement: "Agreement", log: "Log", lead: str, at: int, *, as_json: bool) -> None:
    from leadpact.score import factors

    rows = log.lead_rows(lead)
    if rows.start == rows.stop:
        refuse_use(
            "--lead",
            _("There is no lead '{key}' in the log.").format(key=lead),
            _("Give the key of a lead as the log has it."),
        )
    with patience(compiling()):
        found = factors(agreement, log, lead, at)
    if as_json:
        say_json(_explained(agreement, lead, at, found))
    else:
        _say(agreement, lead, at, found)


def _explained(agreement: "Agreement", lead: str, at: int, found: "Explained") -> dict[str, Any]:
    return {
        "lead": lead,
        "at": _moment(at, agreement),
        "fit": _points(found.fit),
        "interest": _points(found.interest),
        "grade": found.grade or None,
        "disqualified": found.disqualified,
        "factors": [_factor(agreement, factor) for factor in found.factors],
    }


def _factor(agreement: "Agreement", factor: "Factor") -> dict[str, Any]:
    from leadpact.score import said

    place = None if factor.rule is None else factor.rule + 1
    last = None if factor.last_at is None else _moment(factor.last_at, agreement)
    changed = {"points": _points(factor.points), "rule": place, "last_at": last}
    told = factor.as_dict()
    told |= {name: value for name, value in changed.items() if value is not None}
    return told | {"text": said(agreement, factor)}


def _say(agreement: "Agreement", lead: str, at: int, found: "Explained") -> None:
    from leadpact.score import points_text, said

    say(_head(agreement, at))
    say()
    grade = f" ({found.grade})" if found.grade else ""
    text = _("{lead}: fit {fit}, interest {interest}{grade}").format(
        lead=lead,
        fit=points_text(found.fit),
        interest=points_text(found.interest),
        grade=grade,
    )
    say(wrapped(text + (_(", disqualified") if found.disqualified else "")))
    rows = [
        [_axis(factor.axis), points_text(factor.points, signed=True), said(agreement, factor)]
        for factor in found.factors
    ]
    if rows:
        say(table(["", _("points"), _("for")], rows))


def _axis(axis: str) -> str:
    return _("fit") if axis == "fit" else _("interest")


def _head(agreement: "Agreement", at: int) -> str:
    from leadpact.clock import to_datetime

    said = _("{name}, version {version}: scores as of {at} ({zone})")
    moment = f"{to_datetime(at, agreement.zone):%a %Y-%m-%d %H:%M}"
    return said.format(
        name=agreement.agreement, version=agreement.version, at=moment, zone=agreement.zone
    )


def _moment(at: int, agreement: "Agreement") -> str:
    from leadpact.clock import to_datetime

    return to_datetime(at, agreement.zone).isoformat()


def _points(points: int) -> int | str:
    """Points in JSON: whole ones as a number, others as an exact decimal text."""
    value = Fraction(points, 100)
    return int(value) if value.denominator == 1 else exact_text(value)
