"""Checks of handing over: known arbiters, each named once; a return by itself that can happen as said."""

from collections.abc import Iterator

from leadpact.agreement.findings import Finding
from leadpact.agreement.handoff import GoingBack
from leadpact.agreement.model import Agreement
from leadpact.agreement.structure import rough
from leadpact.problem import Path, did_you_mean
from leadpact.units import Span
from leadpact.words import _


def faults(agreement: Agreement) -> Iterator[Finding]:
    """Arbiters whom nobody knows, times that are none, and what a return by itself lacks."""
    yield from _arbiters(agreement)
    yield from _times(agreement)
    yield from _going_back(agreement)


def _arbiters(agreement: Agreement) -> Iterator[Finding]:
    arbitration = agreement.handoff.arbitration if agreement.handoff else None
    if arbitration is None:
        return
    known = {*agreement.people, *(one for side in agreement.between.values() for one in side)}
    for place, name in enumerate(arbitration.by):
        path = ("handoff", "arbitration", "by", place)
        if name not in known:
            said = _("'{name}' is nobody of this agreement.").format(name=name)
            yield Finding(path, said, did_you_mean(name, sorted(known)))
        elif name in arbitration.by[:place]:
            said = _("'{name}' is named twice.").format(name=name)
            yield Finding(path, said, _("Name each person once."))


def _times(agreement: Agreement) -> Iterator[Finding]:
    """Times to decide and to contest that are over at once."""
    arbitration = agreement.handoff.arbitration if agreement.handoff else None
    if arbitration is None:
        return
    for name, span in (
        ("within", arbitration.within),
        ("contest within", arbitration.contest_within),
    ):
        yield from _none(("handoff", "arbitration", name), span)


def _none(path: Path, span: Span | None) -> Iterator[Finding]:
    if span is not None and not rough(span):
        said = _("No time is left: '{span}' is over at once.").format(span=span)
        yield Finding(path, said, _("Write a time above zero."))


def _going_back(agreement: Agreement) -> Iterator[Finding]:
    back = agreement.handoff.return_ if agreement.handoff else None
    if back is None or back.by_itself is None:
        return
    path: Path = ("handoff", "return", "by itself")
    own = back.by_itself
    yield from _none((*path, "after"), own.after)
    yield from _reason(agreement, (*path, "reason"), own)
    if own.warn_after is not None and rough(own.warn_after) >= rough(own.after):
        said = _("The warning comes no sooner than the return.")
        yield Finding((*path, "warn after"), said, _("Warn earlier, or return later."))


def _reason(agreement: Agreement, path: Path, own: GoingBack) -> Iterator[Finding]:
    """A reason that isn't agreed, or none where one was agreed to be named."""
    reasons = agreement.follow_up.reasons if agreement.follow_up else ()
    if not reasons or own.reason in reasons:
        return
    if own.reason is None:
        said = _("The return by itself names no reason, and reasons were agreed.")
        remedy = _("Name one of them: {words}.").format(words=", ".join(reasons))
        yield Finding(path[:-1], said, remedy)
    else:
        said = _("'{word}' is none of the agreed reasons.").format(word=own.reason)
        yield Finding(path, said, did_you_mean(own.reason, [*reasons]))
