"""Cases: an agreement's own worked examples, run as tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadpact.agreement.calendars import default_calendar
from leadpact.agreement.model import Agreement, Case
from leadpact.agreement.told import expected, facts_of
from leadpact.clock import SECOND, Clock, day_start, local_day, same_time
from leadpact.judge import Judgement, judge
from leadpact.log import DATE_ONLY, Log
from leadpact.problem import Path, Problem, line_of, spoken
from leadpact.program import columns as col
from leadpact.program.columns import VERDICTS
from leadpact.units import HOUR, Misread, Span, span
from leadpact.words import _


@dataclass(frozen=True, slots=True)
class Result:
    """How one case went: `differences` say, in sentences, what came out otherwise."""

    it: str
    path: str
    line: int
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as the case says."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        """The result in its JSON form."""
        return {
            "it": self.it,
            "path": self.path,
            "line": self.line,
            "passed": self.passed,
            "differences": list(self.differences),
        }


def cases(
    agreement: Agreement, lines: Mapping[Path, int] | None = None
) -> tuple[list[Result], list[Problem]]:
    """How each case of the agreement goes, and the cases that can't be run.

    `lines` are those of the text (see `leadpact.agreement.load.read`).
    """
    results: list[Result] = []
    problems: list[Problem] = []
    for place, case in enumerate(agreement.cases):
        path: Path = ("cases", place)
        line = line_of(lines or {}, path)
        try:
            told = tuple(_differences(agreement, case))
        except Misread as wrong:
            problems.append(Problem(spoken(path), line, wrong.problem, wrong.remedy))
        else:
            results.append(Result(case.it, spoken(path), line, told))
    return results, problems


def _differences(agreement: Agreement, case: Case) -> list[str]:
    wanted = expected(agreement, case)
    log = _log(agreement, facts_of(case))
    judgement = judge([agreement], log, now=_now(agreement, case, log))
    found = [_verdict(judgement, *promise, verdict) for promise, verdict in wanted.items()]
    if "after" in case.then:
        found.append(_time(judgement, span(case.then["after"]), [*wanted]))
    return [difference for difference in found if difference]


def _log(agreement: Agreement, facts: list[dict[str, Any]]) -> Log:
    log, problems = Log.from_facts(facts, zone=agreement.zone, name="case")
    for problem in problems:
        raise Misread(problem.problem, problem.remedy)
    return log


def _now(agreement: Agreement, case: Case, log: Log) -> int:
    """The moment that the case names, else that of its last fact; the end of a day without time."""
    if case.now is not None:
        log = _log(agreement, [{"lead": "lead", "kind": "described", "occurred_at": case.now}])
    row = int(log.at.argmax())
    moment = int(log.at[row])
    if log.flags[row] & DATE_ONLY:
        return day_start(local_day(moment, agreement.zone) + 1, agreement.zone) - 1
    return moment


def _places(judgement: Judgement, promise: str, rung: int | None) -> list[int]:
    owed = judgement.obligations
    chosen = owed.of(promise)
    if rung is not None:
        chosen &= judgement.program.promises[owed.promise, col.P_RUNG] == rung
    places: list[int] = chosen.nonzero()[0].tolist()
    return places


def _verdict(judgement: Judgement, promise: str, rung: int | None, wanted: str) -> str | None:
    """What differs from the verdict that is wanted of every obligation of a promise."""
    name = promise if rung is None else f"{promise} {rung}"
    places = _places(judgement, promise, rung)
    if not places:
        return _("{promise} never began.").format(promise=name)
    verdicts = [VERDICTS[judgement.obligations.verdict[place]] for place in places]
    others = sorted({verdict for verdict in verdicts if verdict != wanted})
    if not others:
        return None
    return _("{promise} is {found}, not {wanted}.").format(
        promise=name, found=_(" and ").join(_(other) for other in others), wanted=_(wanted)
    )


def _time(judgement: Judgement, wanted: Span, promises: list[tuple[str, int | None]]) -> str | None:
    """What differs from the time that the first of the promises should have taken."""
    places = [place for promise in promises[:1] for place in _places(judgement, *promise)]
    if not places:
        return None
    line = judgement.obligations.table[places[0]].tolist()
    start, end = line[col.O_START], line[col.O_END]
    working = wanted.unit == "working hours"
    taken = line[col.O_WORKED] if working else end - start
    if wanted.unit in ("hours", "working hours"):
        same = taken == wanted.micros
    else:
        same = end == _days_later(judgement, start, wanted)
    if same:
        return None
    said = hours(taken, working=working)
    return _("It took {taken}, not {wanted}.").format(taken=said, wanted=wanted)


def _days_later(judgement: Judgement, start: int, wanted: Span) -> int:
    agreement = judgement.program.versions[-1].agreement
    if wanted.unit == "days":
        return same_time(start, wanted.days, agreement.zone)
    return Clock(default_calendar(agreement)).nth_day(start, wanted.days)


def hours(micros: int, *, working: bool) -> str:
    """A length of time in words: ``1 h 20 min of working time``."""
    whole, rest = divmod(micros, HOUR)
    minutes, rest = divmod(rest, 60 * SECOND)
    seconds = f" {rest / SECOND:g} s" if rest else ""
    said = _("{hours} h {minutes} min").format(hours=whole, minutes=minutes) + seconds
    return _("{time} of working time").format(time=said) if working else said
