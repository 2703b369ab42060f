"""Obligations at work: begun, answered, excused, held, handed on, and written out with a verdict."""

from leadpact.clock import Dials, deadline, elapsed
from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import Output, Rules, Table
from leadpact.sweep.hands import hold_hand, move_hand, release_hand, set_hand


@compiled
def dial_of(g: Rules, p: int, owner: int) -> int:
    """The clock of a promise under an owner."""
    if g.promises[p, col.P_DIAL] >= 0:
        return g.promises[p, col.P_DIAL]
    return g.owners[g.promises[p, col.P_VERSION], owner + 1]


@compiled
def begin(g: Rules, d: Dials, x: Table, a: Table, p: int, row: int, t: int, last: int) -> None:
    """Start promise `p` at `t` (or up to `last`, on a day without a time)."""
    a[col.A_ID] = x[col.X_OBLIGATIONS]
    x[col.X_OBLIGATIONS] += 1
    a[col.A_PROMISE] = p
    a[col.A_PASS] = x[col.X_PASS]
    a[col.A_ROW] = row
    a[col.A_START] = t
    a[col.A_START_LAST] = last
    a[col.A_DIAL] = dial_of(g, p, x[col.X_OWNER])
    a[col.A_COUNT] = a[col.A_WORKED] = a[col.A_LEG_WORKED] = a[col.A_LEGS] = a[col.A_UNCHARGED] = 0
    a[col.A_WORK_FROM] = a[col.A_LEG_FROM] = t
    set_hand(g, d, a, col.A_EARLY, t)
    if last != t:
        set_hand(g, d, a, col.A_LATE, last)
    if x[col.X_PAUSED]:
        hold(g, d, a, t)


@compiled
def hold(g: Rules, d: Dials, a: Table, t: int) -> None:
    """Stop the clocks of an obligation at `t`."""
    _count_work(d, a, t)
    hold_hand(g, d, a, col.A_EARLY, t)
    if a[col.A_START_LAST] != a[col.A_START]:
        hold_hand(g, d, a, col.A_LATE, max(t, a[col.A_START_LAST]))
    if a[col.A_LEGS]:
        hold_hand(g, d, a, col.A_LEG, t)


@compiled
def release(g: Rules, d: Dials, a: Table, t: int) -> None:
    """Let the clocks of an obligation run again from `t`."""
    a[col.A_WORK_FROM] = t
    release_hand(g, d, a, col.A_EARLY, t)
    if a[col.A_START_LAST] != a[col.A_START]:
        release_hand(g, d, a, col.A_LATE, max(t, a[col.A_START_LAST]))
    if a[col.A_LEGS]:
        release_hand(g, d, a, col.A_LEG, t)


@compiled
def _count_work(d: Dials, a: Table, t: int) -> None:
    a[col.A_LEG_WORKED] += elapsed(d, a[col.A_DIAL], a[col.A_WORK_FROM], t)
    a[col.A_WORK_FROM] = t


@compiled
def hand_on(g: Rules, d: Dials, x: Table, a: Table, o: Output, t: int, owner: int) -> None:
    """Close the leg of the owner so far (still in `x`) at `t`, and open one for `owner`."""
    dial = dial_of(g, a[col.A_PROMISE], owner)
    held = x[col.X_PAUSED] != 0
    if not held:
        _count_work(d, a, t)
    if t > a[col.A_LEG_FROM]:
        hand = col.A_LEG if a[col.A_LEGS] else col.A_EARLY
        _write_leg(x, a, o, t, col.BROKEN if a[hand + col.DUE] < t else col.NO_VERDICT)
    if dial != a[col.A_DIAL]:
        move_hand(g, d, a, col.A_EARLY, t, dial, held)
        if a[col.A_START_LAST] != a[col.A_START]:
            move_hand(g, d, a, col.A_LATE, max(t, a[col.A_START_LAST]), dial, held)
        a[col.A_DIAL] = dial
    a[col.A_UNCHARGED] = a[col.A_EARLY + col.DUE] < t
    a[col.A_LEG_FROM] = a[col.A_WORK_FROM] = t
    set_hand(g, d, a, col.A_LEG, t)
    if held:
        hold_hand(g, d, a, col.A_LEG, t)


@compiled
def _write_leg(x: Table, a: Table, o: Output, t: int, verdict: int) -> None:
    """Write the current leg, which ends at `t`; only an owner who was charged has a verdict.

    Legs that the room doesn't suffice for are counted; its last row takes them all.
    """
    leg = o.legs[min(x[col.X_LEGS], len(o.legs) - 1)]
    x[col.X_LEGS] += 1
    a[col.A_LEGS] += 1
    leg[col.L_OBLIGATION] = a[col.A_ID]
    leg[col.L_OWNER] = x[col.X_OWNER]
    leg[col.L_FROM] = a[col.A_LEG_FROM]
    leg[col.L_TO] = t
    leg[col.L_WORKED] = a[col.A_LEG_WORKED]
    leg[col.L_VERDICT] = col.NO_VERDICT if x[col.X_OWNER] < 0 or a[col.A_UNCHARGED] else verdict
    a[col.A_WORKED] += a[col.A_LEG_WORKED]
    a[col.A_LEG_WORKED] = 0


@compiled
def timeliness(a: Table, first: int, last: int, then: int) -> int:
    """`then` if what happened from `first` to `last` was surely in time, `BROKEN` if surely late."""
    if last <= a[col.A_EARLY + col.DUE]:
        return then
    late = col.A_LATE if a[col.A_START_LAST] != a[col.A_START] else col.A_EARLY
    return col.BROKEN if first > a[late + col.DUE] else col.UNDETERMINABLE


@compiled
def finish(
    g: Rules, d: Dials, x: Table, a: Table, o: Output, t: int, verdict: int, answer: int, cause: int
) -> None:
    """Write the obligation out; its seconds run to `t`. `cause` is the row of an excuse, or -1."""
    if not x[col.X_PAUSED]:
        _count_work(d, a, t)
    row = o.obligations[a[col.A_ID]]
    row[col.O_LEGS] = 0
    if a[col.A_LEGS]:
        _write_leg(x, a, o, t, _leg_verdict(x, a, verdict, answer))
        row[col.O_LEGS] = a[col.A_LEGS]
    row[col.O_PROMISE] = a[col.A_PROMISE]
    row[col.O_LEAD] = x[col.X_LEAD]
    row[col.O_PASS] = a[col.A_PASS]
    row[col.O_OCCURRENCE] = a[col.A_OCCURRENCE]
    row[col.O_OWNER] = x[col.X_OWNER]
    row[col.O_START] = a[col.A_START]
    row[col.O_DUE] = a[col.A_EARLY + col.DUE]
    row[col.O_ANSWER] = answer
    row[col.O_END] = t
    row[col.O_VERDICT] = verdict
    row[col.O_WORKED] = a[col.A_WORKED] + a[col.A_LEG_WORKED]
    row[col.O_DATED] = a[col.A_START_LAST] != a[col.A_START]
    row[col.O_ROW] = a[col.A_ROW]
    row[col.O_CAUSE] = cause
    row[col.O_WAKE] = col.NEVER
    row[col.O_AT_RISK] = 0
    row[col.O_REACHED] = -1
    if answer == col.NEVER and verdict != col.EXCUSED:
        _set_alarm(g, d, x, a, row)


@compiled
def _leg_verdict(x: Table, a: Table, verdict: int, answer: int) -> int:
    """How the owner of the last leg did, by the leg's own due instant."""
    if verdict in (col.EXCUSED, col.UNDETERMINABLE):
        return col.NO_VERDICT
    due = a[col.A_LEG + col.DUE]
    if answer != col.NEVER:
        return col.KEPT if answer <= due else col.BROKEN
    return col.BROKEN if x[col.X_NOW] > due else col.OPEN


@compiled
def _set_alarm(g: Rules, d: Dials, x: Table, a: Table, row: Table) -> None:
    """When something changes next for an unanswered obligation, whether it is at risk now, and
    which share of its time is used."""
    now = x[col.X_NOW]
    due = a[col.A_EARLY + col.DUE]
    late = a[col.A_LATE + col.DUE] if a[col.A_START_LAST] != a[col.A_START] else due
    charged = a[col.A_LEGS] and x[col.X_OWNER] >= 0 and not a[col.A_UNCHARGED]
    own = a[col.A_LEG + col.DUE] if charged else due
    for moment in (due, late, own):
        if moment != col.NEVER and now <= moment:
            row[col.O_WAKE] = min(row[col.O_WAKE], moment if now < moment else moment + 1)
    marks = g.marks[a[col.A_PROMISE]]
    for k in range(len(marks)):
        if marks[k] < 0:
            continue
        moment = _share(g, d, a, marks[k], x[col.X_PAUSED] != 0)
        if now < moment:
            row[col.O_WAKE] = min(row[col.O_WAKE], moment)
        else:
            row[col.O_REACHED] = max(row[col.O_REACHED], marks[k])
        if k == 0 and moment <= now <= due != col.NEVER:
            row[col.O_AT_RISK] = 1


MILLION = 1_000_000


@compiled
def _share(g: Rules, d: Dials, a: Table, millionths: int, held: bool) -> int:
    """The instant at which that share of the span is used; `NEVER` while it comes no nearer."""
    p = a[col.A_PROMISE]
    mode = g.promises[p, col.P_MODE]
    mark, due = a[col.A_EARLY + col.MARK], a[col.A_EARLY + col.DUE]
    if mode in (col.HOURS, col.WORKING):
        left = _part(g.promises[p, col.P_SPAN], millionths) - a[col.A_EARLY + col.USED]
        if left <= 0:
            return mark
        if held:
            return col.NEVER
        return mark + left if mode == col.HOURS else deadline(d, a[col.A_DIAL], mark, left)
    return due if due == col.NEVER else a[col.A_START] + _part(due - a[col.A_START], millionths)


@compiled
def _part(whole: int, millionths: int) -> int:
    """That share of a time, in steps that no 64 bits overflow."""
    return whole // MILLION * millionths + whole % MILLION * millionths // MILLION
