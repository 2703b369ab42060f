"""Obligations at work: begun, answered, excused, held, handed on, and written out with a verdict."""

from leadpact.clock import Dials, deadline, elapsed
from leadpact.compiled import compiled
from leadpact.program.columns import (
    A_COUNT,
    A_DIAL,
    A_EARLY,
    A_ID,
    A_LATE,
    A_LEG,
    A_LEG_FROM,
    A_LEG_WORKED,
    A_LEGS,
    A_OCCURRENCE,
    A_PASS,
    A_PROMISE,
    A_ROW,
    A_START,
    A_START_LAST,
    A_UNCHARGED,
    A_WORK_FROM,
    A_WORKED,
    BROKEN,
    DUE,
    EXCUSED,
    HOURS,
    KEPT,
    L_FROM,
    L_OBLIGATION,
    L_OWNER,
    L_TO,
    L_VERDICT,
    L_WORKED,
    MARK,
    NEVER,
    NO_VERDICT,
    O_ANSWER,
    O_AT_RISK,
    O_CAUSE,
    O_DATED,
    O_DUE,
    O_END,
    O_LEAD,
    O_LEGS,
    O_OCCURRENCE,
    O_OWNER,
    O_PASS,
    O_PROMISE,
    O_ROW,
    O_START,
    O_VERDICT,
    O_WAKE,
    O_WORKED,
    OPEN,
    P_DIAL,
    P_MODE,
    P_SPAN,
    P_VERSION,
    UNDETERMINABLE,
    USED,
    WORKING,
    X_LEAD,
    X_LEGS,
    X_NOW,
    X_OBLIGATIONS,
    X_OWNER,
    X_PASS,
    X_PAUSED,
    X_WAKE,
    Output,
    Rules,
    Table,
)
from leadpact.sweep.hands import hold_hand, move_hand, release_hand, set_hand


@compiled
def dial_of(g: Rules, p: int, owner: int) -> int:
    """The clock of a promise under an owner."""
    if g.promises[p, P_DIAL] >= 0:
        return g.promises[p, P_DIAL]
    return g.owners[g.promises[p, P_VERSION], owner + 1]


@compiled
def begin(g: Rules, d: Dials, x: Table, a: Table, p: int, row: int, t: int, last: int) -> None:
    """Start promise `p` at `t` (or up to `last`, on a day without a time)."""
    a[A_ID] = x[X_OBLIGATIONS]
    x[X_OBLIGATIONS] += 1
    a[A_PROMISE] = p
    a[A_PASS] = x[X_PASS]
    a[A_ROW] = row
    a[A_START] = t
    a[A_START_LAST] = last
    a[A_DIAL] = dial_of(g, p, x[X_OWNER])
    a[A_COUNT] = a[A_WORKED] = a[A_LEG_WORKED] = a[A_LEGS] = a[A_UNCHARGED] = 0
    a[A_WORK_FROM] = a[A_LEG_FROM] = t
    set_hand(g, d, a, A_EARLY, t)
    if last != t:
        set_hand(g, d, a, A_LATE, last)
    if x[X_PAUSED]:
        hold(g, d, a, t)


@compiled
def hold(g: Rules, d: Dials, a: Table, t: int) -> None:
    """Stop the clocks of an obligation at `t`."""
    _count_work(d, a, t)
    hold_hand(g, d, a, A_EARLY, t)
    if a[A_START_LAST] != a[A_START]:
        hold_hand(g, d, a, A_LATE, max(t, a[A_START_LAST]))
    if a[A_LEGS]:
        hold_hand(g, d, a, A_LEG, t)


@compiled
def release(g: Rules, d: Dials, a: Table, t: int) -> None:
    """Let the clocks of an obligation run again from `t`."""
    a[A_WORK_FROM] = t
    release_hand(g, d, a, A_EARLY, t)
    if a[A_START_LAST] != a[A_START]:
        release_hand(g, d, a, A_LATE, max(t, a[A_START_LAST]))
    if a[A_LEGS]:
        release_hand(g, d, a, A_LEG, t)


@compiled
def _count_work(d: Dials, a: Table, t: int) -> None:
    a[A_LEG_WORKED] += elapsed(d, a[A_DIAL], a[A_WORK_FROM], t)
    a[A_WORK_FROM] = t


@compiled
def hand_on(g: Rules, d: Dials, x: Table, a: Table, o: Output, t: int, owner: int) -> None:
    """Close the leg of the owner so far (still in `x`) at `t`, and open one for `owner`."""
    dial = dial_of(g, a[A_PROMISE], owner)
    held = x[X_PAUSED] != 0
    if not held:
        _count_work(d, a, t)
    if t > a[A_LEG_FROM]:
        hand = A_LEG if a[A_LEGS] else A_EARLY
        _write_leg(x, a, o, t, BROKEN if a[hand + DUE] < t else NO_VERDICT)
    if dial != a[A_DIAL]:
        move_hand(g, d, a, A_EARLY, t, dial, held)
        if a[A_START_LAST] != a[A_START]:
            move_hand(g, d, a, A_LATE, max(t, a[A_START_LAST]), dial, held)
        a[A_DIAL] = dial
    a[A_UNCHARGED] = a[A_EARLY + DUE] < t
    a[A_LEG_FROM] = a[A_WORK_FROM] = t
    set_hand(g, d, a, A_LEG, t)
    if held:
        hold_hand(g, d, a, A_LEG, t)


@compiled
def _write_leg(x: Table, a: Table, o: Output, t: int, verdict: int) -> None:
    """Write the current leg, which ends at `t`; only an owner who was charged has a verdict."""
    leg = o.legs[x[X_LEGS]]
    x[X_LEGS] += 1
    a[A_LEGS] += 1
    leg[L_OBLIGATION] = a[A_ID]
    leg[L_OWNER] = x[X_OWNER]
    leg[L_FROM] = a[A_LEG_FROM]
    leg[L_TO] = t
    leg[L_WORKED] = a[A_LEG_WORKED]
    leg[L_VERDICT] = NO_VERDICT if x[X_OWNER] < 0 or a[A_UNCHARGED] else verdict
    a[A_WORKED] += a[A_LEG_WORKED]
    a[A_LEG_WORKED] = 0


@compiled
def timeliness(a: Table, first: int, last: int, then: int) -> int:
    """`then` if what happened from `first` to `last` was surely in time, `BROKEN` if surely late."""
    if last <= a[A_EARLY + DUE]:
        return then
    late = A_LATE if a[A_START_LAST] != a[A_START] else A_EARLY
    return BROKEN if first > a[late + DUE] else UNDETERMINABLE


@compiled
def finish(
    g: Rules, d: Dials, x: Table, a: Table, o: Output, t: int, verdict: int, answer: int, cause: int
) -> None:
    """Write the obligation out; its seconds run to `t`. `cause` is the row of an excuse, or -1."""
    if not x[X_PAUSED]:
        _count_work(d, a, t)
    row = o.obligations[a[A_ID]]
    row[O_LEGS] = 0
    if a[A_LEGS]:
        _write_leg(x, a, o, t, _leg_verdict(x, a, verdict, answer))
        row[O_LEGS] = a[A_LEGS]
    row[O_PROMISE] = a[A_PROMISE]
    row[O_LEAD] = x[X_LEAD]
    row[O_PASS] = a[A_PASS]
    row[O_OCCURRENCE] = a[A_OCCURRENCE]
    row[O_OWNER] = x[X_OWNER]
    row[O_START] = a[A_START]
    row[O_DUE] = a[A_EARLY + DUE]
    row[O_ANSWER] = answer
    row[O_END] = t
    row[O_VERDICT] = verdict
    row[O_WORKED] = a[A_WORKED] + a[A_LEG_WORKED]
    row[O_DATED] = a[A_START_LAST] != a[A_START]
    row[O_ROW] = a[A_ROW]
    row[O_CAUSE] = cause
    row[O_WAKE] = NEVER
    row[O_AT_RISK] = 0
    if answer == NEVER and verdict != EXCUSED:
        _set_alarm(g, d, x, a, row)
        x[X_WAKE] = min(x[X_WAKE], row[O_WAKE])


@compiled
def _leg_verdict(x: Table, a: Table, verdict: int, answer: int) -> int:
    """How the owner of the last leg did, by the leg's own due instant."""
    if verdict == EXCUSED or verdict == UNDETERMINABLE:
        return NO_VERDICT
    due = a[A_LEG + DUE]
    if answer != NEVER:
        return KEPT if answer <= due else BROKEN
    return BROKEN if x[X_NOW] > due else OPEN


@compiled
def _set_alarm(g: Rules, d: Dials, x: Table, a: Table, row: Table) -> None:
    """When something changes next for an unanswered obligation, and whether it is at risk now."""
    now = x[X_NOW]
    due = a[A_EARLY + DUE]
    late = a[A_LATE + DUE] if a[A_START_LAST] != a[A_START] else due
    for moment in (due, late):
        if moment != NEVER and now <= moment:
            row[O_WAKE] = min(row[O_WAKE], moment if now < moment else moment + 1)
    marks = g.marks[a[A_PROMISE]]
    for k in range(len(marks)):
        if marks[k] < 0 or due == NEVER:
            continue
        moment = _share(g, d, a, marks[k])
        if now < moment and moment != NEVER:
            row[O_WAKE] = min(row[O_WAKE], moment)
        if k == 0 and moment <= now <= due:
            row[O_AT_RISK] = 1


MILLION = 1_000_000


@compiled
def _share(g: Rules, d: Dials, a: Table, millionths: int) -> int:
    """The instant at which that share of the span is used."""
    p = a[A_PROMISE]
    mode = g.promises[p, P_MODE]
    if mode == HOURS or mode == WORKING:
        left = g.promises[p, P_SPAN] * millionths // MILLION - a[A_EARLY + USED]
        if left <= 0:
            return a[A_EARLY + MARK]
        if mode == HOURS:
            return a[A_EARLY + MARK] + left
        return deadline(d, a[A_DIAL], a[A_EARLY + MARK], left)
    whole = a[A_EARLY + DUE] - a[A_START]
    return a[A_START] + whole // MILLION * millionths + whole % MILLION * millionths // MILLION
