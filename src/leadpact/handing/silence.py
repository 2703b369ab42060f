"""Silence: until when sales may say yes or no, and whose silence counts as yes by now.

The time to accept is a promise like any other: it runs on the owner's clock, stands still while the
lead is paused and moves on to whoever gets the lead. So the sweep that judges promises finds it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.program import Program
from leadpact.program import columns as col
from leadpact.promises import Obligations
from leadpact.units import Span

Ints = NDArray[np.int64]

_SIDE = "sales"


class Limits(NamedTuple):
    """By handoff: until when sales may decide (`NEVER`: no limit is agreed), and whether it let
    that time pass in silence."""

    until: Ints
    silent: NDArray[np.bool_]
    wakes: Ints


@lru_cache(maxsize=16)
def acceptance(program: Program) -> Program | None:
    """The program by which the time to accept is judged; None where no version limits it."""
    versions = [_deciding(version.agreement) for version in program.versions]
    if not any(version.promises for version in versions):
        return None
    return Program(versions, program.roster)


def _deciding(agreed: Agreement) -> Agreement:
    """The version with one promise alone: what is handed over is decided on in time."""
    handoff = agreed.handoff
    within = handoff.accept_within if handoff else None
    promises = {} if within is None else {_SIDE: {"handoff": _promise(agreed, within)}}
    return agreed.model_copy(update={"promises": promises, "open_promises": "keep"})


def _promise(agreed: Agreement, within: Span) -> Response:
    when = agreed.handoff.when if agreed.handoff else ""
    stages: Sequence[str] = agreed.stages
    start = when if when in stages else "mql"
    beyond = stages[stages.index(start) + 1 :] if start in stages else ()
    return Response.model_construct(
        after=("handed over",),
        do=("accepted", "rejected", "returned", *beyond),
        within=within,
    )


def limits(deciding: Obligations | None, lead: Ints, pass_: Ints) -> Limits:
    """Until when each handoff (by its lead and pass) can be decided on, by the judged time to accept.

    At the due instant itself sales may still decide; silence counts as yes once it has passed, as of
    that instant. `wakes` has for each what changes it next.
    """
    until = np.full(len(lead), col.NEVER, np.int64)
    silent, wakes = np.zeros(len(lead), np.bool_), until.copy()
    if deciding is None or not len(deciding) or not len(lead):
        return Limits(until, silent, wakes)
    width = int(max(pass_.max(), deciding.column(col.O_PASS).max())) + 1
    own = lead * width + pass_
    other = deciding.lead * width + deciding.column(col.O_PASS)
    order = np.argsort(other, kind="stable")
    place = np.minimum(np.searchsorted(other[order], own), len(order) - 1)
    row = order[place]
    found = other[row] == own
    until[found] = deciding.column(col.O_DUE)[row[found]]
    silent[found] = deciding.verdict[row[found]] == col.BROKEN
    wakes[found] = deciding.column(col.O_WAKE)[row[found]]
    return Limits(until, silent, wakes)
