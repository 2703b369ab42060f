"""Verdicts: a judgement on the terminal: how each side kept its promises, what is urgent, and
what was missed most."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leadpact.cli.output import say
from leadpact.cli.tables import table, wrapped
from leadpact.figure import Exact, number
from leadpact.report import shown
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.judge import Judgement
    from leadpact.measure import Compliance, Delivery, Evidence, Rate

MOST_URGENT, MOST_MISSED = 10, 5


def say_verdicts(judgement: "Judgement") -> None:
    """Print the judgement, the most important first."""
    from leadpact.measure import evidence

    found = evidence(judgement)
    agreement = found.agreement
    said = _("{name}, version {version}, as of {now} ({zone})")
    say(
        said.format(
            name=agreement.agreement,
            version=agreement.version,
            now=_moment(judgement, judgement.now),
            zone=found.zone,
        )
    )
    for part in (_sides(found), _urgent(judgement), _missed(judgement), _end(judgement)):
        for text in part:
            say(text)


def _moment(judgement: "Judgement", instant: int) -> str:
    from leadpact.clock import to_datetime

    zone = judgement.program.versions[-1].agreement.zone
    return f"{to_datetime(instant, zone):%a %Y-%m-%d %H:%M}"


def _sides(found: "Evidence") -> Iterator[str]:
    """For each side its promises about leads, then those about periods."""
    from leadpact.measure import compliance, deliveries, rates

    kept = [line for line in compliance(found) if line.by == "promise"]
    periods = [*_last_two(deliveries(found)), *_last_two(rates(found))]
    sides = dict.fromkeys([*found.agreement.between, *(line.side for line in [*kept, *periods])])
    for side in sides:
        own = [line for line in kept if line.side == side]
        later = [line for line in periods if line.side == side]
        if own or later:
            yield "\n" + _("Promises of {side}").format(side=side)
        if own:
            yield _kept(own)
        if own and later:
            yield ""
        if later:
            yield _by_period(later)


def _kept(lines: "Sequence[Compliance]") -> str:
    """How promises about leads were kept; verdicts that nothing has are left out."""
    from leadpact.program.columns import VERDICTS

    listed = [
        place
        for place, verdict in enumerate(VERDICTS)
        if verdict in {"kept", "broken", "open"} or any(line.counts[place] for line in lines)
    ]
    head = [_("promise"), _("kept of due"), _("target"), ""]
    rows = [
        [
            line.promise,
            shown.percent(line.figure.value),
            shown.percent(line.target),
            _(line.state) if line.state and line.due else "",
            *(line.counts[place] for place in listed),
        ]
        for line in lines
    ]
    return table([*head, *(_(VERDICTS[place]) for place in listed)], rows)


def _last_two(lines: "list[Any]") -> "list[Delivery | Rate]":
    """The running period of each promise and the one before."""
    groups: dict[tuple[str, str | None], list[Any]] = {}
    for line in lines:
        groups.setdefault((line.promise, line.rep), []).append(line)
    return [line for group in groups.values() for line in group[-2:]]


def _by_period(lines: "Sequence[Delivery | Rate]") -> str:
    head = [_("promise"), _("who"), _("period"), _("result"), _("agreed"), _("verdict")]
    return table(head, [_period(line) for line in lines])


def _period(line: "Delivery | Rate") -> list[object]:
    from leadpact.measure import Delivery

    result, agreed, verdict = _delivered(line) if isinstance(line, Delivery) else _reached(line)
    return [line.promise, line.rep or "", line.period.name, result, agreed, verdict]


def _delivered(line: "Delivery") -> tuple[str, str, str]:
    agreed = _band(line.low, None if line.at_least else line.high)
    verdict = _(line.verdict)
    if line.verdict == "open" and line.pace is not None:
        verdict = _("{verdict}, {state} its pace").format(verdict=verdict, state=_(line.pace.state))
    return f"{number(line.actual)} {line.unit}", agreed, verdict


def _reached(line: "Rate") -> tuple[str, str, str]:
    result = _("{share} ({part} of {whole})").format(
        share=shown.percent(line.rate), part=f"{line.numerator:,}", whole=f"{line.denominator:,}"
    )
    low, high = (None if x is None else shown.percent(x) for x in (line.at_least, line.at_most))
    return result if line.denominator else "", _band(low, high), _(line.verdict)


def _band(low: Exact | str | None, high: Exact | str | None) -> str:
    texts = [x if isinstance(x, str) or x is None else number(x) for x in (low, high)]
    if texts[0] and texts[1]:
        return _("{low} to {high}").format(low=texts[0], high=texts[1])
    if texts[0]:
        return _("at least {low}").format(low=texts[0])
    return _("at most {high}").format(high=texts[1]) if texts[1] else ""


def _urgent(judgement: "Judgement") -> Iterator[str]:
    rows = judgement.obligations.urgent(MOST_URGENT)
    if rows:
        yield "\n" + _("Most urgent")
        head = [_("due"), _("promise"), _("lead"), _("owner")]
        yield table(head, [[_time(row["due_at"]), *_who(row)] for row in rows])


def _missed(judgement: "Judgement") -> Iterator[str]:
    rows = judgement.obligations.longest_missed(MOST_MISSED)
    if rows:
        yield "\n" + _("Worst misses")
        head = [_("late by"), _("promise"), _("lead"), _("owner"), ""]
        lines = []
        for row, late in rows:
            answer = _("answered late") if row["answered_at"] else _("never answered")
            lines.append([shown.length(late), *_who(row), answer])
        yield table(head, lines)


def _who(row: dict[str, Any]) -> list[str]:
    rung = f" ×{row['rung']}" if row["rung"] else ""
    return [f"{row['promise']}{rung}", row["lead"], row["owner"] or _("nobody")]


def _time(written: str) -> str:
    return f"{datetime.fromisoformat(written):%a %Y-%m-%d %H:%M}"


def _end(judgement: "Judgement") -> Iterator[str]:
    """What was odd about the log, what is to be announced, and what comes next."""
    from leadpact.cli.judging import counts
    from leadpact.rulings import rulings

    yield ""
    odd = counts(judgement)
    read = odd.pop("read", len(judgement.log))
    listed = ", ".join(f"{name} {count:,}" for name, count in odd.items() if count)
    said = ngettext("{n:,} fact read", "{n:,} facts read", read).format(n=read)
    yield wrapped(f"{said}; {listed}." if listed else f"{said}.", rest="  ")
    given = rulings(judgement.obligations, judgement.stories)
    if len(given):
        said = _("Verdicts to announce: {n:,}, of which {m:,} correct earlier ones.")
        yield said.format(n=len(given), m=int(given.correcting.sum()))
    if judgement.wake_at is not None:
        yield _("Next change by itself: {at}.").format(at=_moment(judgement, judgement.wake_at))
