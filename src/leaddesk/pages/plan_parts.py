"""Parts of the plan's page: the chain backwards, the months, the lead types, one number opened."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book.readings import line_of, reading_of
from leaddesk.pages.charts import Cell, Chart, drawn
from leaddesk.pages.plan_choice import Choice, total
from leaddesk.tongue import money, month, number, percent
from leadpact import charts as engine
from leadpact.figure import Input
from leadpact.plan.months import first_of
from leadpact.plan.rows import Part, Row


class Link(NamedTuple):
    """A number as it is shown, and the page that opens it."""

    text: str
    href: str


class Stage(NamedTuple):
    """A stage of the chain: what it must hold, its share of the most, and the rate after it."""

    name: str
    leads: Link
    share: float
    step: str


def context(choice: Choice) -> dict[str, Any]:
    """The plan of a choice for its page."""
    return {
        "row": choice.version,
        "choice": choice,
        "month": choice.month.start,
        "filters": [*_filters(choice)],
        "quota": _link(choice, "quota"),
        "finding": _finding(choice),
        "chain": [*_chain(choice)],
        "stages": choice.stages,
        "months": [*_months(choice)],
        "types": [*_types(choice)],
        "uncovered": [*_uncovered(choice)],
        "retained": [one for one in choice.plan.retained if one.month == choice.month],
        "earlier": choice.other_months(-1),
        "later": choice.other_months(1),
        "notes": choice.plan.notes,
        "improvements": [*_improvements(choice)],
        "files": choice.address().partition("?")[2],
    }


def _link(choice: Choice, of: str, **where: Any) -> Link:
    rows = [where["row"]] if "row" in where else choice.of(where.get("month", choice.month))
    value = total(rows, of)
    shown = money(value, choice.currency) if of == "quota" else number(value)
    return Link(shown, choice.opens(of, **where))


def _finding(choice: Choice) -> str:
    leads = total(choice.own, f"stage:{choice.lead_stage}")
    words = {
        "month": month(choice.month.start),
        "quota": money(total(choice.own, "quota"), choice.currency),
        "deals": number(sum(row.deals for row in choice.own)),
        "leads": number(leads),
        "stage": choice.lead_stage,
    }
    return (
        _(
            "%(quota)s in %(month)s takes %(deals)s deals, and these take %(leads)s leads at the stage"
            " “%(stage)s”."
        )
        % words
    )


def _filters(choice: Choice) -> Iterator[dict[str, Any]]:
    plan = choice.plan
    yield {
        "name": "month",
        "label": _("Month"),
        "value": str(choice.month),
        "choices": [(str(one), month(one.start)) for one in plan.months],
    }
    streams = [*dict.fromkeys(row.stream for row in plan.rows if row.stream)]
    if streams:
        yield {
            "name": "stream",
            "label": _("Stream"),
            "value": choice.stream,
            "choices": [("", _("all streams")), *((one, one) for one in streams)],
        }
    rows = [row for row in plan.rows if not choice.stream or row.stream == choice.stream]
    kinds = [*dict.fromkeys(row.lead_type for row in rows)]
    every = [] if all(row.alternative for row in rows) else [("", _("all lead types"))]
    yield {
        "name": "type",
        "label": _("Lead type"),
        "value": choice.lead_type,
        "choices": [*every, *((one, one) for one in kinds)],
    }


def _chain(choice: Choice) -> Iterator[Stage]:
    """From the deals back to the first stage; a rate stands where it is the same in all rows."""
    counts = {stage: total(choice.own, f"stage:{stage}") for stage in choice.stages}
    most = max([*counts.values(), 1])
    for place in range(len(choice.stages) - 1, -1, -1):
        stage = choice.stages[place]
        share = float(Fraction(counts[stage]) / Fraction(most))
        name = _("deals") if place == len(choice.stages) - 1 else stage
        yield Stage(name, _link(choice, f"stage:{stage}"), share, _step(choice, stage))


def _step(choice: Choice, stage: str) -> str:
    rates = {
        row.agreed.chain.rates[row.stages.index(stage)]
        for row in choice.own
        if stage in row.stages[:-1]
    }
    if not rates:
        return ""
    low, high = min(rates), max(rates)
    if low == high:
        return _("%(share)s of these go on") % {"share": percent(low, 2)}
    words = {"low": percent(low, 2), "high": percent(high, 2)}
    return _("%(low)s to %(high)s of these go on") % words


def _months(choice: Choice) -> Iterator[dict[str, Any]]:
    due = f"due:{choice.lead_stage}"
    for one in choice.months:
        yield {
            "month": one,
            "is_chosen": one == choice.month,
            "href": choice.address(month=str(one)),
            "due": _link(choice, due, month=one),
            "quota": _link(choice, "quota", month=one),
            "counts": [_link(choice, f"stage:{s}", month=one) for s in choice.stages],
        }


def by_month(choice: Choice) -> Chart:
    """The leads that are due in each month."""
    due = f"due:{choice.lead_stage}"
    counts = [(one, int(total(choice.of(one), due))) for one in choice.months]
    most, least = max(counts, key=lambda c: c[1]), min(counts, key=lambda c: c[1])
    words = {
        "most": number(most[1]),
        "month": month(most[0].start),
        "least": number(least[1]),
        "other": month(least[0].start),
    }
    said = _("From %(least)s in %(other)s to %(most)s in %(month)s.")
    if most[1] == least[1]:
        said = _("%(most)s in every month.")
    rows = [
        {"name": month(one.start, is_short=True), "count": n, "late": False} for one, n in counts
    ]
    spec = engine.histogram(rows, axis="", count=choice.lead_stage, limit=None, width=720)
    spec["layer"][0]["encoding"]["x"] = {
        **spec["encoding"]["x"],
        "axis": {"labelAngle": -40, "grid": False},
    }
    return drawn(
        spec,
        name="months",
        title=_("Leads that must arrive in each month"),
        finding=said % words,
        columns=[_("Month"), choice.lead_stage],
        rows=[
            [
                Cell(month(one.start), str(one)),
                Cell(number(n), str(n), choice.opens(due, month=one)),
            ]
            for one, n in counts
        ],
    )


def _types(choice: Choice) -> Iterator[dict[str, Any]]:
    """What each stream and lead type must bring in the month, and what one of its leads is worth."""
    for row in choice.own:
        worth, cost = row.value_per_lead, row.agreed.costs
        yield {
            "stream": row.stream,
            "lead_type": row.lead_type,
            "href": choice.address(stream=row.stream or "", type=row.lead_type),
            "quota": _link(choice, "quota", row=row),
            "deals": _link(choice, f"stage:{row.stages[-1]}", row=row),
            "leads": _link(choice, f"stage:{row.agreed.lead_stage}", row=row),
            "worth": Link(money(worth, choice.currency), choice.opens("value", row=row)),
            "forward": money(row.value_forward, choice.currency),
            "order": money(row.agreed.chain.order_value, choice.currency),
            "cost": "" if cost is None else money(cost, choice.currency),
            "lag": row.lag,
            "due_in": _month_of(row),
        }


def _uncovered(choice: Choice) -> Iterator[str]:
    shown = {id(row) for row in choice.rows}
    for one in choice.plan.uncovered:
        if id(one.row) in shown:
            words = {
                "leads": number(one.row.leads),
                "stage": one.row.agreed.lead_stage,
                "type": _named(one.row),
                "due": _month_of(one.row),
                "month": month(one.row.month.start),
            }
            said = _("%(type)s: %(leads)s %(stage)s for %(month)s had to arrive in %(due)s.")
            yield said % words


def _month_of(row: Row) -> str:
    """The month in which the leads of a row's deals must arrive."""
    return month(first_of(row.month.ordinal - row.lag))


def _named(row: Row) -> str:
    return " · ".join(part for part in (row.stream, row.lead_type) if part)


def _improvements(choice: Choice) -> Iterator[dict[str, Any]]:
    """What a tenth more of each value would save, for each stream and lead type that is shown."""
    shown = {(row.stream, row.lead_type): row for row in choice.own}
    if len(shown) > 1:
        return
    for key, found in choice.plan.sensitivity().items():
        if key in shown:
            for one in found:
                yield {
                    "what": one.what,
                    "exact": number(one.exact),
                    "once": number(one.once),
                    "leads": number(one.stepwise),
                    "saved": number(one.saved),
                    "capped": one.capped,
                }


def opened(choice: Choice, of: str) -> dict[str, Any] | None:
    """One number with what led to it; None where the plan has no such one."""
    kind, _colon, stage = of.partition(":")
    known = kind in {"stage", "due"} and stage in choice.stages
    if not (known or of in {"quota", "value"}) or not choice.own:
        return None
    rows = [row for row in choice.own if not stage or stage in row.stages]
    lone = rows[0] if len(rows) == 1 else None
    if of == "value" and lone is None:
        return None
    worked = lone is not None and not (kind == "due" and lone.lag)
    return {
        "row": choice.version,
        "choice": choice,
        "title": _title(choice, kind, stage),
        "value": _value(choice, rows, of),
        "where": " · ".join(p for p in (choice.stream, choice.lead_type) if p),
        "month": choice.month.start,
        "parts": [] if lone else [*_summed(choice, rows, of)],
        "moved": _moved(choice, lone, kind, stage),
        "figure": _figure(choice, lone, of, stage) if worked and lone else None,
        "chains": [[*_steps(choice, part)] for part in lone.parts] if worked and lone else [],
        "inputs": [*_inputs(choice, lone)] if worked and lone else [],
        "rounding": choice.plan.rounding.sentence,
    }


def _title(choice: Choice, kind: str, stage: str) -> str:
    if kind == "quota":
        return _("Quota")
    if kind == "value":
        return _("Value per lead")
    name = _("deals") if stage == choice.stages[-1] else stage
    if kind == "due":
        return _("Leads due: %(stage)s") % {"stage": name}
    return _("Leads needed: %(stage)s") % {"stage": name}


def _value(choice: Choice, rows: Sequence[Row], of: str) -> str:
    if of == "value":
        return money(rows[0].value_per_lead, choice.currency)
    value = total(rows, of)
    return money(value, choice.currency) if of == "quota" else number(value)


def _summed(choice: Choice, rows: Sequence[Row], of: str) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {"name": _named(row), "link": _link(choice, of, row=row)}


def _moved(choice: Choice, row: Row | None, kind: str, stage: str) -> dict[str, Any] | None:
    """The month whose deals ask for the leads that are due now, where they close later."""
    if row is None or kind != "due" or not row.lag or row.stages.index(stage) > row.agreed.lead:
        return None
    later = next(
        (one for one in choice.plan.months if one.ordinal == row.month.ordinal + row.lag), None
    )
    said = ngettext(
        "A deal of this lead type closes about %(n)s month after its lead.",
        "A deal of this lead type closes about %(n)s months after its lead.",
        row.lag,
    )
    link = None
    if later is not None:
        link = Link(month(later.start), choice.opens(f"stage:{stage}", month=later, row=row))
    return {"said": said % {"n": number(row.lag)}, "link": link}


def _figure(choice: Choice, row: Row, of: str, stage: str) -> Any:
    """The engine's own figure, with its definition and working."""
    if of == "value":
        return row.value_figure(choice.currency)
    return row.figure(stage or row.stages[-1])


def _steps(choice: Choice, part: Part) -> Iterator[Mapping[str, str]]:
    """The chain of a whole step by step: what was divided by what, exact and made whole."""
    demand = part.whole.demand
    chain, stages = demand.chain, demand.chain.stages
    yield {
        "name": _("quota"),
        "by": "",
        "exact": money(demand.quota, choice.currency),
        "whole": "",
        "here": money(part.quota, choice.currency),
    }
    for place in range(len(stages) - 1, -1, -1):
        is_last = place == len(stages) - 1
        by = (
            money(chain.order_value, choice.currency) if is_last else percent(chain.rates[place], 4)
        )
        yield {
            "name": _("deals") if is_last else stages[place],
            "by": f"÷ {by}",
            "exact": _exact(demand.exact[place]),
            "whole": number(demand.counts[place]),
            "here": number(part.counts[place]),
        }


def _exact(value: Fraction) -> str:
    return number(int(value)) if value.denominator == 1 else number(value, 2)


def _inputs(choice: Choice, row: Row) -> Iterator[dict[str, Any]]:
    text = reading_of(choice.version.text)
    every: Sequence[Input] = (*row.inputs, *row.agreed.inputs)
    for one in every:
        yield {
            "name": one.name,
            "value": one.value,
            "source": one.source or "",
            "line": line_of(text, one.origin),
        }
