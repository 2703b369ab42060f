"""Hands: the clock of one obligation, stopped, moved and set again.

An obligation has up to three hands: from its earliest start, from its latest (they differ where
the start is a date without a time), and from the beginning of the current leg. A hand is three
columns: time used up to a mark, the mark, and the due instant; `NEVER` while it is held.

For spans of days, *used* keeps the due instant while the hand is held.
"""

from leadpact.clock import Dials, deadline, elapsed, nth_working_day, same_local_time
from leadpact.compiled import compiled
from leadpact.program.columns import (
    A_DIAL,
    A_PROMISE,
    DAYS,
    DUE,
    HOURS,
    MARK,
    NEVER,
    P_DAYS,
    P_MODE,
    P_SPAN,
    P_VERSION,
    USED,
    V_ZONE,
    WORKING,
    Rules,
    Table,
)


@compiled
def set_hand(g: Rules, d: Dials, a: Table, hand: int, t: int) -> None:
    """Start the hand at `t` with the whole span before it."""
    p = a[A_PROMISE]
    mode = g.promises[p, P_MODE]
    a[hand + USED] = 0
    a[hand + MARK] = t
    if mode == HOURS:
        a[hand + DUE] = t + g.promises[p, P_SPAN]
    elif mode == WORKING:
        a[hand + DUE] = deadline(d, a[A_DIAL], t, g.promises[p, P_SPAN])
    elif mode == DAYS:
        zone = g.versions[g.promises[p, P_VERSION], V_ZONE]
        a[hand + DUE] = same_local_time(d, zone, t, g.promises[p, P_DAYS])
    else:
        a[hand + DUE] = nth_working_day(d, a[A_DIAL], t, g.promises[p, P_DAYS])


@compiled
def hold_hand(g: Rules, d: Dials, a: Table, hand: int, t: int) -> None:
    """Stop the hand at `t`, unless its time had passed before."""
    due = a[hand + DUE]
    if due < t:
        return
    mode = g.promises[a[A_PROMISE], P_MODE]
    if mode == HOURS:
        a[hand + USED] += t - a[hand + MARK]
    elif mode == WORKING:
        a[hand + USED] += elapsed(d, a[A_DIAL], a[hand + MARK], t)
    else:
        a[hand + USED] = due
    a[hand + MARK] = t
    a[hand + DUE] = NEVER


@compiled
def release_hand(g: Rules, d: Dials, a: Table, hand: int, t: int) -> None:
    """Let a held hand run again from `t`."""
    if a[hand + DUE] != NEVER:
        return
    p = a[A_PROMISE]
    mode = g.promises[p, P_MODE]
    if mode == HOURS:
        a[hand + DUE] = t + g.promises[p, P_SPAN] - a[hand + USED]
    elif mode == WORKING:
        a[hand + DUE] = deadline(d, a[A_DIAL], t, g.promises[p, P_SPAN] - a[hand + USED])
    elif a[hand + USED] != NEVER:
        a[hand + DUE] = _later(d, a, mode, a[hand + USED], a[hand + MARK], t)
    a[hand + MARK] = t


@compiled
def _later(d: Dials, a: Table, mode: int, due: int, since: int, t: int) -> int:
    """A due instant of a span of days, later by the time from `since` to `t`."""
    if mode == DAYS:
        return due + t - since
    return deadline(d, a[A_DIAL], due, elapsed(d, a[A_DIAL], since, t))


@compiled
def move_hand(g: Rules, d: Dials, a: Table, hand: int, t: int, dial: int, held: bool) -> None:
    """Go on from `t` on another clock; what was used stays used."""
    p = a[A_PROMISE]
    mode = g.promises[p, P_MODE]
    due = a[hand + DUE]
    if mode == WORKING and not held and due >= t:
        a[hand + USED] += elapsed(d, a[A_DIAL], a[hand + MARK], t)
        a[hand + MARK] = t
        a[hand + DUE] = deadline(d, dial, t, g.promises[p, P_SPAN] - a[hand + USED])
    elif mode > DAYS and held and due == NEVER and a[hand + USED] != NEVER:
        then = _later(d, a, mode, a[hand + USED], a[hand + MARK], t)
        a[hand + USED] = deadline(d, dial, t, elapsed(d, a[A_DIAL], t, then))
        a[hand + MARK] = t
    elif mode > DAYS and not held and due >= t and due != NEVER:
        a[hand + DUE] = deadline(d, dial, t, elapsed(d, a[A_DIAL], t, due))
