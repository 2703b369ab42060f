"""Chances: what tolerance, people and luck allow of a plan, and how it compares with what is measured."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book import report
from leaddesk.book.readings import CONFIDENCES, Odds, hours_of, odds_of
from leaddesk.pages.charts import Cell, Chart, drawn
from leaddesk.pages.plan_choice import Choice, total
from leaddesk.tongue import money, month, number, percent, span
from leadpact import charts as engine
from leadpact.agreement.promises import PLANNED, Volume
from leadpact.plan.rows import Row
from leadpact.plan.tolerance import band


def context(request: Any, choice: Choice) -> dict[str, Any]:
    """What may differ from the plan, and why, for its page."""
    workspace = request.actor.workspace_id
    hours = hours_of(workspace, choice.version.text)
    told = report.latest(workspace)
    return {
        "tolerances": [*_tolerances(choice)],
        "capacity": [*_capacity(choice, hours)],
        "capacity_said": _capacity_said(choice, hours),
        "odds": [*_odds(choice)],
        "surer": [percent(share) for share in CONFIDENCES],
        "measured": [] if told is None else [*_measured(choice, told.body)],
        "measured_at": None if told is None else told.as_of,
    }


def _tolerances(choice: Choice) -> Iterator[str]:
    """What still counts as delivered in the month, of what marketing promised as planned."""
    for name, (_side, clause) in choice.plan.agreement.promised().items():
        if not isinstance(clause, Volume) or clause.amount != PLANNED or clause.for_ is not None:
            continue
        if clause.in_value:
            planned: Decimal | int = sum((row.due_quota for row in choice.own), Decimal(0))
        else:
            planned = total(choice.own, f"due:{clause.stage}")
        allowed = band(planned, clause.tolerance or Fraction(0))
        ends: tuple[Any, Any] = (allowed.low, allowed.high) if clause.in_value else allowed.whole
        shown = [
            money(end, choice.currency) if clause.in_value else number(end)
            for end in (planned, *ends)
        ]
        words = {
            "promise": name,
            "planned": shown[0],
            "low": shown[1],
            "high": shown[2],
            "share": percent(clause.tolerance or 0),
        }
        if clause.at_least:
            said = _("%(promise)s: %(planned)s planned; %(low)s or more count as delivered.")
        else:
            said = _(
                "%(promise)s: %(planned)s planned; with %(share)s to either side, %(low)s to %(high)s"
                " count as delivered, both ends included."
            )
        yield said % words


def _capacity(choice: Choice, hours: Mapping[str, Mapping[str, int]]) -> Iterator[dict[str, Any]]:
    """Each month's leads beside the people for them, and their working hours."""
    limits = {str(one): found for one, found in choice.plan.capacity}
    for one in choice.months:
        leads = int(total(_every(choice, one), f"due:{choice.lead_stage}"))
        worked = hours.get(str(one), {})
        found = limits.get(str(one))
        yield {
            "month": one.start,
            "leads": number(leads),
            "reps": number(found.reps if found else len(worked)),
            "hours": _hours(sum(worked.values())) if worked else "–",
            "each": span(sum(worked.values()) // leads) if worked and leads else "–",
            "needed": "–" if found is None or found.needed is None else number(found.needed),
            "state": found.state if found else "",
        }


def _every(choice: Choice, which: Any) -> list[Row]:
    """The rows of a month, whatever stream or type is looked at: people work for all of them."""
    rows = [row for row in choice.plan.rows if row.month == which]
    added = [row for row in rows if not row.alternative]
    return added or [row for row in rows if row.lead_type == choice.lead_type]


def _capacity_said(choice: Choice, hours: Mapping[str, Mapping[str, int]]) -> str:
    worked = hours.get(str(choice.month), {})
    leads = int(total(_every(choice, choice.month), f"due:{choice.lead_stage}"))
    if not worked or not leads:
        return ""
    said = ngettext(
        "In %(month)s, %(n)s person works %(hours)s for %(leads)s leads: %(each)s for each.",
        "In %(month)s, %(n)s people work %(hours)s for %(leads)s leads: %(each)s for each.",
        len(worked),
    )
    return said % {
        "month": month(choice.month.start),
        "n": number(len(worked)),
        "hours": _hours(sum(worked.values())),
        "leads": number(leads),
        "each": span(sum(worked.values()) // leads),
    }


def _hours(length: int) -> str:
    whole = round(length / 3_600_000_000)
    return ngettext("%(n)s hour", "%(n)s hours", whole) % {"n": number(whole)}


def _found(choice: Choice) -> list[tuple[Row, Odds]]:
    odds = odds_of(choice.version.text)
    keyed = [(row, odds.get((str(row.month), row.stream, row.lead_type))) for row in choice.own]
    return [(row, one) for row, one in keyed if one is not None]


def _odds(choice: Choice) -> Iterator[dict[str, Any]]:
    """How likely each row brings its deals, and how many leads make it surer."""
    found = _found(choice)
    for row, one in found:
        yield {
            "stream": row.stream,
            "lead_type": row.lead_type,
            "leads": number(row.leads),
            "deals": number(row.deals),
            "chance": percent(one.chance),
            "sure": [number(leads) for leads in one.sure],
        }
    if len(found) > 1:
        yield {
            "lead_type": _("together"),
            "leads": number(sum(row.leads for row, _one in found)),
            "deals": number(sum(row.deals for row, _one in found)),
            "chance": "",
            "sure": [number(leads) for leads in _sure(found)],
        }


def _sure(found: list[tuple[Row, Odds]]) -> list[int]:
    return [sum(one.sure[place] for _row, one in found) for place in range(len(CONFIDENCES))]


def drawing(choice: Choice) -> Chart | None:
    """How many leads it takes for the deals to be likelier."""
    found = _found(choice)
    if not found:
        return None
    planned = sum(row.leads for row, _one in found)
    counts = [(_("as planned"), planned)]
    counts += [
        (_("for %(chance)s") % {"chance": percent(share)}, leads)
        for share, leads in zip(CONFIDENCES, _sure(found), strict=True)
    ]
    stage = choice.lead_stage
    words = {"planned": number(planned), "sure": number(counts[1][1]), "stage": stage}
    chances = [one.chance for _row, one in found]
    words |= {"low": percent(min(chances)), "high": percent(max(chances))}
    said = _(
        "%(planned)s planned %(stage)s bring the deals of each lead type with a chance of %(low)s to"
        " %(high)s; for 80%% it takes %(sure)s."
    )
    if len(found) == 1:
        said = _(
            "%(planned)s planned %(stage)s bring the deals with a chance of %(low)s; for 80%% it takes"
            " %(sure)s."
        )
    return drawn(
        engine.counts(
            [{"name": name, "count": n, "label": f"{n:,}"} for name, n in counts], axis=stage
        ),
        name="chances",
        title=_("Leads that make the deals likely"),
        finding=said % words,
        columns=[_("Chance"), stage],
        rows=[[Cell(name, name), Cell(number(n), str(n))] for name, n in counts],
    )


def _measured(choice: Choice, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each agreed rate beside what the log has of it, where it has any."""
    kinds = {row.lead_type for row in choice.rows}
    for step in body["funnel"]["steps"]:
        if step["by"] != "lead type" or step["agreed"] is None or step["cohort"] not in kinds:
            continue
        rate = step["rate"]
        between = rate["interval"]
        yield {
            "lead_type": step["cohort"],
            "origin": step["from"],
            "goal": step["to"],
            "agreed": percent(Fraction(step["agreed"])),
            "measured": percent(None if rate["value"] is None else Fraction(rate["value"])),
            "interval": _interval(between),
            "counted": number(step["mature"]),
            "undecided": number(step["immature"]),
            "days": number(step["within_days"]),
            **_verdict(step, rate),
        }


def _interval(between: Mapping[str, str] | None) -> str:
    if between is None:
        return "–"
    words = {"low": percent(Fraction(between["low"])), "high": percent(Fraction(between["high"]))}
    return _("%(low)s to %(high)s") % words


def _verdict(step: Mapping[str, Any], rate: Mapping[str, Any]) -> dict[str, str]:
    if not rate["enough"]:
        return {"word": _("too few to tell"), "state": ""}
    if step["drifts"]:
        return {"word": _("differs"), "state": "warn"}
    return {"word": _("fits"), "state": "good"}
