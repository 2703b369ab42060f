"""Owed: each promise of an agreement in sentences."""

from collections.abc import Iterator
from decimal import Decimal

from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Promise, Ratio, Response, Volume
from leadpact.agreement.wording import (
    Said,
    both,
    condition,
    each,
    either,
    happens,
    number,
    sentence,
    share,
)
from leadpact.problem import Path
from leadpact.words import _, ngettext


def promises(agreement: Agreement) -> Iterator[Said]:
    """What each side owes."""
    for side, owed in agreement.promises.items():
        for name, promise in owed.items():
            path = ("promises", side, name)
            head = _("{name} ({side}): ").format(name=sentence(name), side=side)
            yield from _promise(agreement, path, head, promise)


def _promise(agreement: Agreement, path: Path, head: str, promise: Promise) -> Iterator[Said]:
    if isinstance(promise, Response):
        yield Said(path, head + _response(agreement, promise))
        yield from _terms(path, promise)
    elif isinstance(promise, Volume):
        yield Said(path, head + _volume(agreement, promise))
        yield from _judged_volume(path, promise)
    else:
        yield Said(path, head + _ratio(agreement, promise))
        yield from _judged_ratio(path, promise)
    if promise.for_ is not None:
        said = _("This covers leads of which {condition}.")
        yield Said((*path, "for"), said.format(condition=condition(promise.for_)))


def _response(agreement: Agreement, promise: Response) -> str:
    start = either(happens(name, agreement, _("a lead")) for name in promise.after)
    answer = either(happens(name, agreement, _("it")) for name in promise.do)
    if promise.by:
        answer = _("{answer} by {channels}").format(answer=answer, channels=either(promise.by))
    said = _("once {start}, {owed}").format(start=start, owed=_owed(promise, answer))
    if promise.unless:
        excuses = either(happens(name, agreement, _("it")) for name in promise.unless)
        said = _("{said}, unless {excuses}").format(said=said, excuses=excuses)
    return f"{said}."


def _owed(promise: Response, answer: str) -> str:
    rungs = [
        _("{times} within {span}").format(times=_times(times), span=span)
        for _rung, times, span in promise.rungs
    ]
    if promise.ladder:
        said = _("{answer}: {rungs}, counted from the start")
        return said.format(answer=answer, rungs=both(rungs))
    if promise.times > 1:
        return _("{answer} {times}").format(answer=answer, times=rungs[0])
    return _("{answer} within {span}").format(answer=answer, span=promise.within)


def _times(times: int) -> str:
    return ngettext("{n} time", "{n} times", times).format(n=times)


def _terms(path: Path, promise: Response) -> Iterator[Said]:
    """How a promise of response is judged, warned of and escalated."""
    if promise.target is not None:
        said = _("{share} of those that fall due must be kept.").format(share=share(promise.target))
        yield Said((*path, "target"), said)
    if promise.warn_at is not None:
        said = _("A lead is at risk once {share} of the time is used.")
        yield Said((*path, "warn at"), said.format(share=share(promise.warn_at)))
    for place, step in enumerate(promise.escalate):
        acts = [_("{who} is told").format(who=step.to)] if step.to else []
        acts += [_("the lead goes to another owner")] if step.reassign else []
        said = _("Once {share} of the time is used, {acts}.")
        yield Said((*path, "escalate", place), said.format(share=share(step.at), acts=both(acts)))
    if promise.each_time:
        yield Said((*path, "each time"), _("Each such start counts, not only the first of a pass."))
    if promise.calendar:
        said = _("It runs on the calendar {name}, whoever the owner is.")
        yield Said((*path, "calendar"), said.format(name=promise.calendar))


def _volume(agreement: Agreement, promise: Volume) -> str:
    who = _("each rep delivers") if promise.per else _("they deliver")
    words = {"who": who, "each": each(promise.each), "stage": promise.stage}
    if not isinstance(promise.amount, Decimal):
        said = (
            _("{who} {stage} leads worth what the plan says {each}.")
            if promise.in_value
            else _("{who} as many {stage} leads as planned {each}.")
        )
        return said.format(**words)
    amount = number(promise.amount)
    if promise.at_least:
        amount = _("at least {amount}").format(amount=amount)
    if promise.in_value:
        said = _("{who} {stage} leads worth {amount} {currency} {each}.")
        return said.format(amount=amount, currency=agreement.currency, **words)
    return _("{who} {amount} {stage} leads {each}.").format(amount=amount, **words)


def _judged_volume(path: Path, promise: Volume) -> Iterator[Said]:
    if promise.tolerance:
        said = (
            _("Up to {share} less is tolerated; more is welcome.")
            if promise.at_least
            else _("Up to {share} more or less is tolerated.")
        )
        yield Said((*path, "tolerance"), said.format(share=share(promise.tolerance)))
    elif promise.at_least:
        yield Said((*path, "at least"), _("More is welcome."))
    if promise.flag_after:
        said = _("{streak} in a row are flagged.").format(streak=promise.flag_after)
        yield Said((*path, "flag after"), sentence(said))


def _ratio(agreement: Agreement, promise: Ratio) -> str:
    above, below = promise.parts
    bounds = []
    if promise.at_least is not None:
        bounds.append(_("at least {share}").format(share=share(promise.at_least)))
    if promise.at_most is not None:
        bounds.append(_("at most {share}").format(share=share(promise.at_most)))
    words = {"above": above, "below": below, "bounds": both(bounds), "each": each(promise.each)}
    if above in agreement.stages and below in agreement.stages:
        said = _("of the leads that become {below}, {bounds} become {above}, {each}")
    else:
        said = _("the share of {above} among {below} is {bounds}, {each}")
    text = said.format(**words)
    return _("{text}, for each rep.").format(text=text) if promise.per else f"{text}."


def _judged_ratio(path: Path, promise: Ratio) -> Iterator[Said]:
    said = _(
        "Fewer than {count} leads decide nothing; the share is judged with its {share} interval."
    )
    yield Said(
        (*path, "minimum count"),
        said.format(count=promise.minimum_count, share=share(promise.confidence)),
    )
    if promise.mature_after:
        said = _("Leads are judged {span} after they began.").format(span=promise.mature_after)
        yield Said((*path, "mature after"), said)
