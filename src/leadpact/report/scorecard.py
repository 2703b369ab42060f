"""Scorecard: how each commitment of each side stands, beside the shared goal."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from leadpact.agreement.explain import explain
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Ratio, Response, Volume
from leadpact.measure import Compliance, Delivery, Rate, Revenue
from leadpact.report import shown
from leadpact.report.model import Report, Score, State
from leadpact.words import _, ngettext

_HEAD = re.compile(r"\)\s: ")  # as French writes it
_PACE: dict[str, State] = {"under": "behind", "within": "on pace", "over": "ahead"}
_VERDICT: dict[str, State] = {"kept": "met", "broken": "missed"}


def scores(
    agreement: Agreement,
    kept: Sequence[Compliance],
    delivered: Sequence[Delivery],
    rates: Sequence[Rate],
    now: int,
) -> Iterator[Score]:
    """Each promise of the agreement in force, in its order, with how it stands at `now`."""
    owed = {sentence.path: alone(sentence.text) for sentence in explain(agreement)}
    for name, (side, clause) in agreement.promised().items():
        said = owed.get(f"promises.{side}.{name}", "")
        if isinstance(clause, Response):
            line = next(c for c in kept if c.by == "promise" and c.promise == name)
            yield _response(side, name, said, line)
        elif isinstance(clause, Volume):
            yield _volume(side, name, said, [d for d in delivered if d.promise == name])
        elif isinstance(clause, Ratio):
            own = [r for r in rates if r.promise == name]
            yield _ratio(side, name, said, clause, own, now)


def alone(sentence: str) -> str:
    """The sentence of a promise without its name and side, which stand above it."""
    _name, told, rest = _HEAD.sub("): ", sentence, count=1).partition("): ")
    return f"{rest[:1].upper()}{rest[1:]}" if told else sentence


def _response(side: str, name: str, said: str, line: Compliance) -> Score:
    figure = line.figure
    return Score(
        side,
        name,
        "response",
        said,
        shown.percent(figure.value),
        shown.NOTHING if line.target is None else shown.percent(line.target),
        line.state or "no target",
        _("{kept} of {due} kept; {open} not decided yet.").format(
            kept=shown.count(line.kept),
            due=shown.count(line.due),
            open=shown.count(line.undecided),
        ),
    )


def _volume(side: str, name: str, said: str, delivered: Sequence[Delivery]) -> Score:
    """The last period; of reps, how many are where they should be."""
    last = [d for d in delivered if d.period == delivered[-1].period]
    states = [standing(one) for one in last if one.target is not None]
    good = sum(state in {"on pace", "met", "ahead"} for state in states)
    if len(last) > 1 or (last and last[0].rep is not None):
        return Score(
            side,
            name,
            "volume",
            said,
            _("{good} of {all} reps").format(good=good, all=len(states)),
            shown.NOTHING,
            _of_reps(states),
            _("In {period}; each rep owes the amount.").format(period=last[0].period.name),
        )
    if not last:
        return Score(
            side, name, "volume", said, shown.NOTHING, shown.NOTHING, "undecided", _("Not begun.")
        )
    one = last[0]
    return Score(
        side,
        name,
        "volume",
        said,
        amount(one, one.actual),
        amount(one, one.target),
        standing(one),
        _note(one),
    )


def _of_reps(states: Sequence[State]) -> State:
    if not states:
        return "undecided"
    good = all(state in {"on pace", "met", "ahead"} for state in states)
    closed = all(state in {"met", "missed"} for state in states)
    if closed:
        return "met" if good else "missed"
    return "on pace" if good else "behind"


def standing(one: Delivery) -> State:
    """How a delivery stands: by its verdict once it is over, before that by its pace."""
    if one.verdict in _VERDICT:
        return _VERDICT[one.verdict]
    if one.pace is None:
        return "undecided"
    state = _PACE[one.pace.state]
    return "on pace" if state == "ahead" and one.at_least else state


def amount(one: Delivery, value: Any) -> str:
    """A number of a delivery, as leads or as money."""
    money = one.deliver.startswith("value of ")
    return shown.money(value, one.unit) if money else shown.count(value)


def _note(one: Delivery) -> str:
    if one.target is None:
        return one.reason or ""
    parts = []
    if one.pace is not None:
        said = _("{period}: {expected} were due by now ({low} to {high}).")
        if one.at_least:
            said = _("{period}: {expected} were due by now.")
        parts.append(
            said.format(
                period=one.period.name,
                expected=amount(one, one.pace.expected),
                low=amount(one, one.pace.low),
                high=amount(one, one.pace.high),
            )
        )
    else:
        parts.append(_("{period} is over.").format(period=one.period.name))
    if one.flagged:
        said = _("Flagged: {n} periods in a row {side}.")
        side = _("over") if one.streak_side == "over" else _("under")
        parts.append(said.format(n=one.streak, side=side))
    return " ".join(parts)


def _ratio(
    side: str, name: str, said: str, clause: Ratio, rates: Sequence[Rate], now: int
) -> Score:
    """The last period that is decided; of reps, how many reached it."""
    decided = [rate for rate in rates if rate.verdict in _VERDICT]
    target = " ".join(
        text
        for text in (
            "" if clause.at_least is None else f"≥ {shown.percent(clause.at_least)}",
            "" if clause.at_most is None else f"≤ {shown.percent(clause.at_most)}",
        )
        if text
    )
    over = [rate for rate in rates if rate.period.ends <= now]
    last = (decided or over or list(rates))[-1:]
    if not last:
        return Score(side, name, "ratio", said, shown.NOTHING, target, "undecided", _("Not begun."))
    together = [rate for rate in rates if rate.period == last[0].period]
    if clause.per is not None:
        return _ratio_of_reps(side, name, said, target, together)
    rate = last[0]
    return Score(
        side,
        name,
        "ratio",
        said,
        shown.percent(rate.rate),
        target,
        _VERDICT.get(rate.verdict, "undecided"),
        ratio_note(rate),
    )


def _ratio_of_reps(side: str, name: str, said: str, target: str, rates: Sequence[Rate]) -> Score:
    kept = sum(rate.verdict == "kept" for rate in rates)
    broken = sum(rate.verdict == "broken" for rate in rates)
    state: State = "missed" if broken else "met" if kept == len(rates) else "undecided"
    return Score(
        side,
        name,
        "ratio",
        said,
        _("{good} of {all} reps").format(good=kept, all=len(rates)),
        target,
        state,
        _("In {period}; {n} not decided.").format(
            period=rates[0].period.name, n=len(rates) - kept - broken
        ),
    )


def ratio_note(rate: Rate) -> str:
    """What a rate was counted from, and why it isn't decided where it isn't."""
    said = _("{period}: {part} of {whole}, interval {interval}.").format(
        period=rate.period.name,
        part=shown.count(rate.numerator),
        whole=shown.count(rate.denominator),
        interval=shown.interval(rate.interval),
    )
    waiting = rate.immature + rate.undecided
    if waiting:
        said += " " + ngettext(
            "{n} more is not decided.", "{n} more are not decided.", waiting
        ).format(n=shown.count(waiting))
    return f"{said} {rate.reason}" if rate.reason else said


def running(revenues: Sequence[Revenue]) -> Revenue | None:
    """The revenue of the last period, of all streams together."""
    whole = [one for one in revenues if one.stream is None]
    return whole[-1] if whole else None


def headlines(report: Report) -> list[tuple[str, str]]:
    """The figures that come first: the shared goal, then each commitment."""
    found = []
    if one := running(report.revenues):
        found.append(
            (
                _("won in {period}").format(period=one.period.name),
                _("{won} of {quota} ({share})").format(
                    won=shown.money(one.won, one.currency),
                    quota=shown.money(one.quota, one.currency),
                    share=shown.percent(one.figure.value),
                ),
            )
        )
    found += [(score.promise, score.shown) for score in report.scores]
    found.append((_("broken promises"), shown.count(report.misses.total)))
    return found
