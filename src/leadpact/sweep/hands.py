"""Hands: the clock of one obligation, stopped, moved and set again.

An obligation has up to three hands: from its earliest start, from its latest (they differ where
the start is a date without a time), and from the beginning of the current leg. A hand is three
columns: time used up to a mark, the mark, and the due instant; `NEVER` while it is held.

For spans of days, *used* keeps the due instant while the hand is held. Of hours, time is counted on
after the due instant as well, which itself moves no more.
"""

from leadpact.clock import Dials, deadline, elapsed, nth_working_day, same_local_time
from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import Rules, Table


@compiled
def set_hand(g: Rules, d: Dials, a: Table, hand: int, t: int) -> None:
    """Start the hand at `t` with the whole span before it."""
    p = a[col.A_PROMISE]
    mode = g.promises[p, col.P_MODE]
    a[hand + col.USED] = 0
    a[hand + col.MARK] = t
    if mode == col.HOURS:
        a[hand + col.DUE] = t + g.promises[p, col.P_SPAN]
    elif mode == col.WORKING:
        a[hand + col.DUE] = deadline(d, a[col.A_DIAL], t, g.promises[p, col.P_SPAN])
    elif mode == col.DAYS:
        zone = g.versions[g.promises[p, col.P_VERSION], col.V_ZONE]
        a[hand + col.DUE] = same_local_time(d, zone, t, g.promises[p, col.P_DAYS])
    else:
        a[hand + col.DUE] = nth_working_day(d, a[col.A_DIAL], t, g.promises[p, col.P_DAYS])


@compiled
def hold_hand(g: Rules, d: Dials, a: Table, hand: int, t: int) -> None:
    """Stop the hand at `t`; a due instant that has passed before stays."""
    due = a[hand + col.DUE]
    mode = g.promises[a[col.A_PROMISE], col.P_MODE]
    if mode == col.HOURS:
        a[hand + col.USED] += t - a[hand + col.MARK]
    elif mode == col.WORKING:
        a[hand + col.USED] += elapsed(d, a[col.A_DIAL], a[hand + col.MARK], t)
    elif due >= t:
        a[hand + col.USED] = due
    a[hand + col.MARK] = t
    if due >= t:
        a[hand + col.DUE] = col.NEVER


@compiled
def release_hand(g: Rules, d: Dials, a: Table, hand: int, t: int) -> None:
    """Let a held hand run again from `t`."""
    since = a[hand + col.MARK]
    a[hand + col.MARK] = t
    if a[hand + col.DUE] != col.NEVER:
        return
    p = a[col.A_PROMISE]
    mode = g.promises[p, col.P_MODE]
    if mode == col.HOURS:
        a[hand + col.DUE] = t + g.promises[p, col.P_SPAN] - a[hand + col.USED]
    elif mode == col.WORKING:
        a[hand + col.DUE] = deadline(
            d, a[col.A_DIAL], t, g.promises[p, col.P_SPAN] - a[hand + col.USED]
        )
    elif a[hand + col.USED] != col.NEVER:
        a[hand + col.DUE] = _later(d, a, mode, a[hand + col.USED], since, t)


@compiled
def _later(d: Dials, a: Table, mode: int, due: int, since: int, t: int) -> int:
    """A due instant of a span of days, later by the time from `since` to `t`."""
    if mode == col.DAYS:
        return due + t - since
    return deadline(d, a[col.A_DIAL], due, elapsed(d, a[col.A_DIAL], since, t))


@compiled
def move_hand(g: Rules, d: Dials, a: Table, hand: int, t: int, dial: int, held: bool) -> None:
    """Go on from `t` on another clock; what was used stays used."""
    p = a[col.A_PROMISE]
    mode = g.promises[p, col.P_MODE]
    due = a[hand + col.DUE]
    if mode == col.WORKING and not held:
        a[hand + col.USED] += elapsed(d, a[col.A_DIAL], a[hand + col.MARK], t)
        a[hand + col.MARK] = t
        if due >= t:
            left = g.promises[p, col.P_SPAN] - a[hand + col.USED]
            a[hand + col.DUE] = deadline(d, dial, t, left)
    elif mode > col.DAYS and held and due == col.NEVER and a[hand + col.USED] != col.NEVER:
        then = _later(d, a, mode, a[hand + col.USED], a[hand + col.MARK], t)
        a[hand + col.USED] = deadline(d, dial, t, elapsed(d, a[col.A_DIAL], t, then))
        a[hand + col.MARK] = t
    elif mode > col.DAYS and not held and due >= t and due != col.NEVER:
        a[hand + col.DUE] = deadline(d, dial, t, elapsed(d, a[col.A_DIAL], t, due))
