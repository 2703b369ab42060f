"""Explain follow-up: cadences, guard and the words of attempts in sentences."""

from collections.abc import Iterator

from leadpact.agreement.contacting import Cadence, FollowUp, Guard, Touch
from leadpact.agreement.model import Agreement
from leadpact.agreement.phrases import Quantity, touches
from leadpact.agreement.wording import Said, condition, either
from leadpact.problem import Path
from leadpact.units import Span
from leadpact.words import _, ngettext


def follow_up(agreement: Agreement) -> Iterator[Said]:
    """How sales works its leads."""
    clause = agreement.follow_up
    if clause is None:
        return
    for name, cadence in clause.cadences.items():
        yield from _cadence(name, cadence)
    if clause.guard is not None:
        yield from _guard(clause.guard)
    yield from _words(clause)
    for whom, span in clause.keep_in_touch.items():
        yield Said(("follow up", "keep in touch", whom), _kept(whom, span))


def _cadence(name: str, cadence: Cadence) -> Iterator[Said]:
    path: Path = ("follow up", "cadences", name)
    if cadence.for_ is None:
        said = _("The cadence '{name}' is for every lead that has none of those before it.")
        yield Said(path, said.format(name=name))
    else:
        said = _("The cadence '{name}' is for leads of which {condition}.")
        yield Said(path, said.format(name=name, condition=condition(cadence.for_)))
    for place, text in enumerate(step_sentences(cadence)):
        yield Said((*path, "steps", place), text)


def step_sentences(cadence: Cadence) -> list[str]:
    """Each step of a cadence in a sentence."""
    told, began = [], False
    for step in cadence.steps:
        told.append(_step(step, began))
        began = began or step.do != "wait"
    return told


def _step(step: Touch, began: bool) -> str:
    if step.do == "wait":
        return _("Wait: {span}.").format(span=step.after)
    if not began:
        said = _("Try by {channel}, at the latest {span} after the handover.")
    else:
        said = _("Try by {channel}, at the latest {span} after the attempt before.")
    return said.format(channel=step.do, span=step.after)


def _guard(guard: Guard) -> Iterator[Said]:
    path = ("follow up", "guard")
    for place, limit in enumerate(map(touches, guard.at_most)):
        yield Said((*path, "at most", place), _limit(limit))
    if guard.apart is not None:
        said = _("Who tries again sooner than {span} after the last attempt is warned.")
        yield Said((*path, "apart"), said.format(span=guard.apart))
    if guard.hours is not None:
        said = _("Who calls outside {hours}, on the clock of the person called, is warned.")
        yield Said((*path, "hours"), said.format(hours=guard.hours))


def _limit(limit: Quantity) -> str:
    return {
        "day": ngettext(
            "Who tries more than {n} time in a day is warned.",
            "Who tries more than {n} times in a day is warned.",
            limit.number,
        ),
        "week": ngettext(
            "Who tries more than {n} time in a week is warned.",
            "Who tries more than {n} times in a week is warned.",
            limit.number,
        ),
        "month": ngettext(
            "Who tries more than {n} time in a month is warned.",
            "Who tries more than {n} times in a month is warned.",
            limit.number,
        ),
        "quarter": ngettext(
            "Who tries more than {n} time in a quarter is warned.",
            "Who tries more than {n} times in a quarter is warned.",
            limit.number,
        ),
        "year": ngettext(
            "Who tries more than {n} time in a year is warned.",
            "Who tries more than {n} times in a year is warned.",
            limit.number,
        ),
        "pass": ngettext(
            "Who tries more than {n} time in one pass is warned.",
            "Who tries more than {n} times in one pass is warned.",
            limit.number,
        ),
    }[limit.period].format(n=limit.number)


def _words(clause: FollowUp) -> Iterator[Said]:
    if clause.outcomes:
        said = _("Of each attempt sales says what came of it: {words}.")
        yield Said(("follow up", "outcomes"), said.format(words=either(clause.outcomes)))
    if clause.reasons:
        said = _("Whoever lets a lead go says why: {words}.")
        yield Said(("follow up", "reasons"), said.format(words=either(clause.reasons)))


def _kept(whom: str, span: Span) -> str:
    if whom == "customers":
        said = _("Sales speaks to each customer again at the latest {span} after the last time.")
    else:
        said = _("Sales tries each sleeping lead again at the latest {span} after the last time.")
    return said.format(span=span)
