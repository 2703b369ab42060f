"""Planning: the command that counts the quota back to the leads."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from leadpact.cli.inputs import agreements_of, is_folder, text_of
from leadpact.cli.output import refuse, refuse_use, say, say_json
from leadpact.cli.tables import table, wrapped
from leadpact.figure import number, percentage
from leadpact.problem import Problem, did_you_mean, line_of
from leadpact.units import Misread, day, rate
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.plan import Plan
    from leadpact.plan.result import Total


def plan(
    path: str, since: str | None, rounding: str, confidence: str | None, *, as_json: bool
) -> None:
    """Print the plan of an agreement, as tables or JSON."""
    from leadpact.plan import Rounding
    from leadpact.plan import plan as planned

    ways = {way.value: way for way in Rounding}
    if rounding not in ways:
        said = _("'{given}' is not a way of rounding.").format(given=rounding)
        refuse_use("--rounding", said, did_you_mean(rounding, ways))
    try:
        first = None if since is None else day(since)
    except Misread as wrong:
        refuse_use("--since", wrong.problem, wrong.remedy)
    chance = None if confidence is None else _chance(confidence)
    text = None if is_folder(path) else text_of(path)
    agreement = agreements_of(path, text)[-1]
    made, problems = planned(agreement, since=first, rounding=ways[rounding], confidence=chance)
    if made is None:
        refuse([_placed(problem, text) for problem in problems], path)
    say_json(made.to_json()) if as_json else _say(made)


def _chance(text: str) -> Fraction:
    try:
        chance = rate(text)
    except Misread as wrong:
        refuse_use("--confidence", wrong.problem, wrong.remedy)
    if not 0 < chance < 1:
        said = _("{text} is no chance between 0 and 1.").format(text=text)
        refuse_use("--confidence", said, _("Write a rate such as 80%."))
    return chance


def _placed(problem: Problem, text: bytes | None) -> Problem:
    """The problem with the line of its place in the text, where that can be told."""
    from leadpact.agreement.load import read

    if problem.line or text is None:
        return problem
    return problem._replace(line=line_of(read(text).lines, tuple(problem.path.split("."))))


def _say(plan: "Plan") -> None:
    said = _("{name}, version {version}: the plan, rounded {way}")
    agreement = plan.agreement
    say(said.format(name=agreement.agreement, version=agreement.version, way=plan.rounding.value))
    say()
    _say_months(plan)
    say()
    _say_types(plan)
    say()
    for line in _workings(plan):
        say(line)
    say()
    for note in (*plan.notes, *_shortages(plan)):
        say(wrapped(note, first="- ", rest="  "))


def _say_months(plan: "Plan") -> None:
    totals = plan.totals
    stages = list(dict.fromkeys(stage for total in totals for stage in total.stages))
    head = [_("month"), _("leads due"), *stages, _("deals"), _("quota")]
    say(table(head, [_month(total, stages) for total in totals]))


def _month(total: "Total", stages: list[str]) -> list[object]:
    month = _("whole term") if total.month is None else str(total.month)
    alone = f" ({total.alternative})" if total.alternative else ""
    counts = [total.stages.get(stage) for stage in stages]
    return [month + alone, total.leads_due, *counts, total.deals, number(total.quota)]


def _say_types(plan: "Plan") -> None:
    """The first month by stream and lead type: what each must bring, and what a lead is worth."""
    head = [str(plan.months[0]), _("deals"), _("leads"), _("value per lead"), _("leads due in")]
    if plan.confidence is not None:
        head.append(_("leads for {chance}").format(chance=percentage(plan.confidence)))
    rows: list[list[object]] = []
    for row in plan.rows:
        if row.month == plan.months[0]:
            worth = row.value_per_lead
            cells = [_name(row.stream, row.lead_type), row.deals, row.leads]
            rows.append([*cells, "" if worth is None else number(worth), row.leads_due_in])
            if plan.confidence is not None:
                rows[-1].append(row.at_confidence)
    say(table(head, rows))


def _name(stream: str | None, lead_type: str) -> str:
    return " · ".join(part for part in (stream, lead_type) if part)


def _workings(plan: "Plan") -> Iterator[str]:
    yield _("How each is reached")
    for row in plan.rows:
        if row.month == plan.months[0]:
            yield f"  {_name(row.stream, row.lead_type)}"
            # Lines break between the steps, not within one.
            steps = " ÷\u00a0".join(s.replace(" ", "\u00a0") for s in row.working.split(" ÷ "))
            yield wrapped(steps, first="    ", rest="      ").replace("\u00a0", " ")


def _shortages(plan: "Plan") -> Iterator[str]:
    """The months whose leads are too many for the reps, or too few."""
    for month, found in plan.capacity:
        if found.state == "over":
            said = _("{month}: {leads:,} leads need {needed} reps; there are {reps}.")
            yield said.format(month=month, leads=found.leads, needed=found.needed, reps=found.reps)
        elif found.state == "under":
            said = _("{month}: {leads:,} leads are enough for {fed} reps; there are {reps}.")
            yield said.format(month=month, leads=found.leads, fed=found.fed, reps=found.reps)
