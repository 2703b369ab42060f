"""Planning: the command that counts the quota back to the leads."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from leadpact.cli.inputs import agreements_of, reading_of
from leadpact.cli.output import refuse, refuse_use, say, say_json, table
from leadpact.problem import Problem, did_you_mean, line_of
from leadpact.units import Misread, day, rate
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.plan import Plan


def plan(
    path: str, since: str | None, rounding: str, confidence: str | None, *, as_json: bool
) -> None:
    """Print the plan of an agreement, as tables or JSON."""
    from leadpact.plan import Rounding
    from leadpact.plan import plan as planned

    agreement = agreements_of(path, as_json=as_json)[-1]
    ways = {way.value: way for way in Rounding}
    if rounding not in ways:
        refuse_use(
            _("'{given}' is not a way of rounding.").format(given=rounding),
            did_you_mean(rounding, ways),
        )
    try:
        first = None if since is None else day(since)
        chance = None if confidence is None else _chance(confidence)
    except Misread as wrong:
        refuse_use(wrong.problem, wrong.remedy)
    made, problems = planned(agreement, since=first, rounding=ways[rounding], confidence=chance)
    if made is None:
        refuse([_placed(problem, path) for problem in problems], as_json=as_json, name=path)
    say_json(made.to_json()) if as_json else _say(made)


def _chance(text: str) -> Fraction:
    chance = rate(text)
    if not 0 < chance < 1:
        raise Misread(_("{text} is no chance between 0 and 1.").format(text=text), "Write 80%.")
    return chance


def _placed(problem: Problem, path: str) -> Problem:
    """The problem with the line of its place in the text, where that can be told."""
    if problem.line or path == "-" or Path(path).is_dir():
        return problem
    lines = reading_of(path).lines
    steps = tuple(problem.path.split("."))
    return problem._replace(line=line_of(lines, steps))


def _say(plan: "Plan") -> None:
    say(
        _("{name}: the plan, rounded {way}").format(
            name=plan.agreement.agreement, way=plan.rounding.value
        )
    )
    stages = list(dict.fromkeys(stage for total in plan.totals for stage in total.stages))
    head = [_("month"), _("leads due"), *stages, _("deals"), _("quota")]
    rows = []
    for total in plan.totals:
        month = _("whole term") if total.month is None else str(total.month)
        alone = f" ({total.alternative})" if total.alternative else ""
        counts = [total.stages.get(stage) for stage in stages]
        rows.append([month + alone, total.leads_due, *counts, total.deals, f"{total.quota:,}"])
    say(table(head, rows))
    say()
    first = plan.months[0]
    for row in plan.rows:
        if row.month == first:
            of = " · ".join(part for part in (row.stream, row.lead_type) if part)
            say(f"{of}, {first}: {row.working}")
    for note in plan.notes:
        say(note)
