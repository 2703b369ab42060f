"""Loading: a program with a log, as the arrays of one sweep."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.clock import Dials, day_start, local_day
from leadpact.compiled import compiled
from leadpact.facts import ATTEMPTED, KINDS
from leadpact.log import DATE_ONLY, FAILED, INBOUND, NOT_HUMAN, SILENT, Log
from leadpact.program.columns import CLOSING, OPENING, Facts, Rules
from leadpact.program.lowering import BLOCKS, Program
from leadpact.program.masks import mask
from leadpact.program.names import Happening

_ODD = NOT_HUMAN | INBOUND | SILENT | FAILED
LAST_KIND = len(KINDS) - 1


class Load(NamedTuple):
    """What a sweep takes: facts, rules, clocks, and what each class of facts can begin."""

    facts: Facts
    rules: Rules
    dials: Dials
    begins: NDArray[np.int64]


def load(program: Program, log: Log, now: int) -> Load:
    """The program and the log (as of `now`, µs UTC), ready to run."""
    classes = _classes(program, log)
    acts, stages, foreign, roles, begins = program.tables()
    rules = Rules(
        classes=classes,
        width=len(log.codes) + 1,
        acts=acts,
        stages=stages,
        foreign=foreign,
        roles=roles,
        promises=program.promises,
        marks=program.marks,
        versions=program.bounds,
        owners=program.owners(log.people),
        conditions=_truth(program, log),
    )
    first = int(log.at.min()) if len(log) else now
    return Load(_facts(log), rules, program.dials(min(first, now), now), begins)


def _classes(program: Program, log: Log) -> NDArray[np.int32]:
    """The class of each kind and subject that the log brings; attempts by their odd marks too."""
    width = len(log.codes) + 1
    seen = np.zeros(BLOCKS * width, np.bool_)
    _mark(log.kind, log.code, log.flags, width, seen)
    seen[0] = True
    places = np.flatnonzero(seen)
    table = np.zeros(BLOCKS * width, np.int32)
    table[places] = program.classes(
        [_happening(place, width, log.codes) for place in places.tolist()]
    )
    return table


@compiled
def _mark(
    kind: NDArray[np.int8],
    code: NDArray[np.int32],
    flags: NDArray[np.uint8],
    width: int,
    seen: NDArray[np.bool_],
) -> None:
    """Mark the place of each fact in the table of classes."""
    for i in range(len(kind)):
        seen[block_of(kind[i], flags[i]) * width + code[i] + 1] = True


@compiled
def block_of(kind: int, flags: int) -> int:
    """The block of classes of a kind; attempts that don't simply count have blocks of their own.

    A whole `int`: places are reckoned from it that the narrow columns couldn't hold.
    """
    if kind == ATTEMPTED and flags & _ODD:
        return LAST_KIND + (int(flags & _ODD) >> 1)
    return int(kind)


def _happening(place: int, width: int, words: tuple[str, ...]) -> Happening:
    block, code = divmod(place, width)
    word = words[code - 1] if code else None
    if block < len(KINDS):
        return Happening(block, word)
    return Happening(ATTEMPTED, word, (block - len(KINDS) + 1) << 1)


def _truth(program: Program, log: Log) -> NDArray[np.bool_]:
    truth = np.zeros((len(program.conditions), len(log)), np.bool_)
    wanted = {(v, id(c)): (c, version.agreement.zone) for v, version, c in program.stipulations()}
    for key, place in program.conditions.items():
        condition, zone = wanted[key]
        truth[place] = mask(condition, log, zone)
    return truth


def _facts(log: Log) -> Facts:
    dated = log.flags & DATE_ONLY > 0
    if not dated.any():
        nothing = np.zeros(1, np.int64)
        return Facts(
            log.starts,
            log.at,
            log.kind,
            log.code,
            log.who,
            log.flags,
            nothing,
            np.zeros(1, np.uint8),
            nothing,
        )
    rows = np.arange(len(log), dtype=np.int64)
    ends = np.asarray(day_start(local_day(log.at, log.zone) + 1, log.zone)) - 1
    row = np.concatenate([rows, rows[dated]])
    half = np.concatenate([np.where(dated, OPENING, 0), np.full(dated.sum(), CLOSING)]).astype(
        np.uint8
    )
    at = np.concatenate([log.at, ends[dated]])
    other = np.concatenate([np.where(dated, ends, log.at), log.at[dated]])
    lead = np.concatenate([log.lead, log.lead[dated]])
    order = np.lexsort((row, at, lead))
    row = row[order]
    starts = np.searchsorted(lead[order], np.arange(len(log.starts)))
    return Facts(
        starts.astype(np.int64),
        at[order],
        log.kind[row],
        log.code[row],
        log.who[row],
        log.flags[row],
        row,
        half[order],
        other[order],
    )
