"""Checks of nurture: tracks that lead somewhere, cover what they claim, and don't end at once."""

from collections.abc import Iterator
from itertools import pairwise

from leadpact.agreement.conditions import All, Condition, Did
from leadpact.agreement.findings import Finding
from leadpact.agreement.handoff import JOURNEY, Track
from leadpact.agreement.model import Agreement
from leadpact.problem import Path, did_you_mean
from leadpact.words import _

BEGINS = ("created", "enrolled")
"""What has always happened when a lead is in a track."""


def faults(agreement: Agreement) -> Iterator[Finding]:
    """Tracks that can't work as they are written."""
    for name, track in agreement.nurture.items():
        path: Path = ("nurture", name)
        yield from _covered(path, track)
        yield from _followed(agreement, path, track)
        yield from _ended_at_once(agreement, path, track)
    yield from _circles(agreement)


def oddities(agreement: Agreement) -> Iterator[Finding]:
    """Tracks that work and are hardly meant so."""
    for name, track in agreement.nurture.items():
        steps = [*enumerate(track.steps)]
        for (_n, before), (place, step) in pairwise(steps):
            path = ("nurture", name, "steps", place)
            if _rank(step.stage) < _rank(before.stage):
                said = _("The track '{name}' goes back from {before} to {stage}.")
                remedy = _("Order its steps as buyers go: awareness, consideration, decision.")
                yield Finding(
                    (*path, "stage"),
                    said.format(name=name, before=before.stage, stage=step.stage),
                    remedy,
                )
            if not (step.after.micros or step.after.days):
                said = _("'{send}' is sent at once after '{before}'.")
                yield Finding(
                    (*path, "after"),
                    said.format(send=step.send, before=before.send),
                    _("Leave people some days to read: `after: 7 days`."),
                )


def _rank(stage: str) -> int:
    return JOURNEY.index(stage) if stage in JOURNEY else len(JOURNEY)


def _covered(path: Path, track: Track) -> Iterator[Finding]:
    offered = {step.stage for step in track.steps}
    for place, stage in enumerate(track.covers):
        if stage not in offered:
            said = _("The track '{name}' claims to cover {stage} and has no offer for it.")
            remedy = _("Add a step of that stage, or take the stage out of `covers`.")
            yield Finding((*path, "covers", place), said.format(name=path[-1], stage=stage), remedy)


def _followed(agreement: Agreement, path: Path, track: Track) -> Iterator[Finding]:
    if track.then is not None and track.then not in agreement.nurture:
        said = _("There is no nurture track '{name}' that could follow.").format(name=track.then)
        yield Finding((*path, "then"), said, did_you_mean(track.then, [*agreement.nurture]))


def _ended_at_once(agreement: Agreement, path: Path, track: Track) -> Iterator[Finding]:
    always = {*BEGINS, *agreement.stages[:1]}
    entry = {*_needed(track.enter_when)} if track.enter_when is not None else set()
    for place, word in enumerate(track.leave_when):
        spot = (*path, "leave when", place)
        if word in always:
            said = _("The track '{name}' ends as soon as it begins: '{word}' is always so.")
            remedy = _("Name what happens later: [mql, replied, unsubscribed].")
            yield Finding(spot, said.format(name=path[-1], word=word), remedy)
        elif word in entry:
            said = _("'{word}' lets leads into the track '{name}' and out of it.")
            remedy = _("Keep it in one of `enter when` and `leave when`.")
            yield Finding(spot, said.format(name=path[-1], word=word), remedy)


def _needed(condition: Condition) -> Iterator[str]:
    """What a lead must have done, whatever else holds."""
    if isinstance(condition, Did):
        yield condition.did
    elif isinstance(condition, All):
        for part in condition.all:
            yield from _needed(part)


def _circles(agreement: Agreement) -> Iterator[Finding]:
    """Tracks that follow each other without end, each circle once."""
    over: set[str] = set()
    for name in agreement.nurture:
        way: list[str] = []
        here: str | None = name
        while here in agreement.nurture and here not in over and here not in way:
            way.append(here)
            here = agreement.nurture[here].then
        if here in way:
            ring = [*way[way.index(here) :], here]
            said = _("These tracks follow each other without end: {names}.")
            yield Finding(
                ("nurture", here, "then"),
                said.format(names=", ".join(ring)),
                _("Take `then` out of one of them."),
            )
        over.update(way)
