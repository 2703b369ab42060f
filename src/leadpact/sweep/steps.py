"""Steps: what the facts of one instant do to the obligations at work."""

from leadpact.clock import Dials
from leadpact.compiled import compiled
from leadpact.program.columns import (
    A_COUNT,
    A_EARLY,
    A_ID,
    A_LATE,
    A_OCCURRENCE,
    A_PROMISE,
    A_ROW,
    A_START,
    A_START_LAST,
    ANSWER,
    BROKEN,
    DUE,
    EXCUSE,
    EXCUSED,
    KEPT,
    NEVER,
    O_DATED,
    OPEN,
    P_CONDITION,
    P_EACH,
    P_FIRST,
    P_GROUP,
    P_LADDER,
    P_STAGES,
    P_TIMES,
    P_VERSION,
    START,
    SUPPRESSED,
    UNDETERMINABLE,
    V_APPLIES,
    V_FIRST,
    V_LAST,
    X_ACTIVE,
    X_NOW,
    X_OWNER,
    X_STAGE,
    X_STAMP,
    X_STANDING,
    X_VERSION,
    Output,
    Rules,
    Table,
)
from leadpact.sweep.obligations import begin, finish, hand_on, timeliness


@compiled
def change_owner(
    g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int, owner: int
) -> None:
    """Give the lead, and everything that is owed on it, to another owner."""
    if owner < 0 or owner == x[X_OWNER]:
        return
    for k in range(x[X_ACTIVE]):
        hand_on(g, d, x, active[k], o, t, owner)
    x[X_OWNER] = owner


@compiled
def start(
    g: Rules,
    d: Dials,
    x: Table,
    active: Table,
    started: Table,
    c: int,
    row: int,
    seen: int,
    before: int,
    t: int,
    last: int,
) -> None:
    """Start the promises of the version in force that this fact begins.

    `seen` is the last row of this instant (conditions hold by what it shows), `before` the stage
    before the fact. `started` keeps, by promise name, the pass and the occurrence of the last start.
    """
    v = x[X_VERSION]
    if v < 0 or not holds(g, g.versions[v, V_APPLIES], seen):
        return
    entered = ((1 << (x[X_STAGE] + 1)) - 1) & ~((1 << (before + 1)) - 1)
    goes = False
    for p in range(g.versions[v, V_FIRST], g.versions[v, V_LAST]):
        if g.promises[p, P_FIRST]:
            group = g.promises[p, P_GROUP]
            again = started[group, 0] == x[X_STAMP]
            goes = (
                (g.roles[c, p] & START or entered & g.promises[p, P_STAGES])
                and (g.promises[p, P_EACH] or not again)
                and holds(g, g.promises[p, P_CONDITION], seen)
            )
            if goes:
                started[group, 1] = started[group, 1] + 1 if again else 1
                started[group, 0] = x[X_STAMP]
        if goes:
            a = active[x[X_ACTIVE]]
            x[X_ACTIVE] += 1
            a[A_OCCURRENCE] = started[g.promises[p, P_GROUP], 1]
            begin(g, d, x, a, p, row, t, last)


@compiled
def holds(g: Rules, condition: int, row: int) -> bool:
    """Whether a condition holds by what was known at a row of the log."""
    return condition < 0 or g.conditions[condition, row]


@compiled
def answer(
    g: Rules, d: Dials, x: Table, active: Table, o: Output, c: int, row: int, first: int, t: int
) -> None:
    """Count an answer (which came from `first` to `t`) and finish what it completes."""
    k = 0
    while k < x[X_ACTIVE]:
        a = active[k]
        p = a[A_PROMISE]
        if g.roles[c, p] & ANSWER and a[A_ROW] != row:
            a[A_COUNT] += 1
            if a[A_COUNT] == g.promises[p, P_TIMES]:
                verdict = timeliness(a, max(first, a[A_START]), t, KEPT)
                finish(g, d, x, a, o, t, verdict, t, -1)
                _mark_dated(a, o, first, t)
                _drop(x, active, k)
                continue
        k += 1


@compiled
def excuse(
    g: Rules,
    d: Dials,
    x: Table,
    active: Table,
    o: Output,
    c: int,
    row: int,
    version: int,
    first: int,
    t: int,
) -> None:
    """Excuse what a fact of class `c` excuses; without a class, what ends for another reason:
    ladders when the pass is left (`version` is NEVER), or what a new `version` replaces."""
    k = 0
    while k < x[X_ACTIVE]:
        a = active[k]
        p = a[A_PROMISE]
        if c >= 0:
            applies = g.roles[c, p] & EXCUSE != 0 and a[A_ROW] != row
        elif version == NEVER:
            applies = g.promises[p, P_LADDER] != 0
        else:
            applies = g.promises[p, P_VERSION] < version
        verdict = timeliness(a, max(first, a[A_START]), t, EXCUSED) if applies else BROKEN
        if verdict != BROKEN:
            finish(g, d, x, a, o, t, verdict, NEVER, row)
            _mark_dated(a, o, first, t)
            _drop(x, active, k)
            continue
        k += 1


@compiled
def end_all(g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int) -> None:
    """Write out everything at work, unanswered at `t`; it is judged by how late it is now."""
    for k in range(x[X_ACTIVE]):
        a = active[k]
        verdict = timeliness(a, x[X_NOW], x[X_NOW], OPEN)
        finish(g, d, x, a, o, t, verdict, NEVER, -1)
    x[X_ACTIVE] = 0


@compiled
def is_open(a: Table, t: int) -> bool:
    """Whether the obligation's time may not have passed at `t`."""
    late = A_LATE if a[A_START_LAST] != a[A_START] else A_EARLY
    return t <= a[late + DUE]


@compiled
def _mark_dated(a: Table, o: Output, first: int, t: int) -> None:
    """Note that what ended the obligation came without a time."""
    if first != t:
        o.obligations[a[A_ID], O_DATED] += 2


@compiled
def _drop(x: Table, active: Table, k: int) -> None:
    """Take an obligation off the table; the last one takes its place."""
    x[X_ACTIVE] -= 1
    last = x[X_ACTIVE]
    if k < last:
        active[k] = active[last]
