"""Steps: what the facts of one instant do to the obligations at work."""

from leadpact.clock import Dials
from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import Output, Rules, Table
from leadpact.sweep.obligations import begin, finish, hand_on, timeliness


@compiled
def change_owner(
    g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int, owner: int
) -> None:
    """Give the lead, and everything that is owed on it, to another owner."""
    if owner < 0 or owner == x[col.X_OWNER]:
        return
    for k in range(x[col.X_ACTIVE]):
        hand_on(g, d, x, active[k], o, t, owner)
    x[col.X_OWNER] = owner


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
    v = x[col.X_VERSION]
    if v < 0 or not holds(g, g.versions[v, col.V_APPLIES], seen):
        return
    entered = ((1 << (x[col.X_STAGE] + 1)) - 1) & ~((1 << (before + 1)) - 1)
    goes = False
    for p in range(g.versions[v, col.V_FIRST], g.versions[v, col.V_LAST]):
        if g.promises[p, col.P_FIRST]:
            group = g.promises[p, col.P_GROUP]
            again = started[group, 0] == x[col.X_STAMP]
            goes = (g.roles[c, p] & col.START or entered & g.promises[p, col.P_STAGES]) and holds(
                g, g.promises[p, col.P_CONDITION], seen
            )
            if goes and again and not g.promises[p, col.P_EACH]:
                x[col.X_REPEATED] += 1
                goes = False
            if goes:
                started[group, 1] = started[group, 1] + 1 if again else 1
                started[group, 0] = x[col.X_STAMP]
        if goes:
            a = active[x[col.X_ACTIVE]]
            x[col.X_ACTIVE] += 1
            a[col.A_OCCURRENCE] = started[g.promises[p, col.P_GROUP], 1]
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
    while k < x[col.X_ACTIVE]:
        a = active[k]
        p = a[col.A_PROMISE]
        if g.roles[c, p] & col.ANSWER and a[col.A_ROW] != row:
            a[col.A_COUNT] += 1
            if a[col.A_COUNT] == g.promises[p, col.P_TIMES]:
                verdict = timeliness(a, max(first, a[col.A_START]), t, col.KEPT)
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
    ladders when the pass is left (`version` is col.NEVER), or what a new `version` replaces."""
    k = 0
    while k < x[col.X_ACTIVE]:
        a = active[k]
        p = a[col.A_PROMISE]
        if c >= 0:
            applies = g.roles[c, p] & col.EXCUSE != 0 and a[col.A_ROW] != row
        elif version == col.NEVER:
            applies = g.promises[p, col.P_LADDER] != 0
        else:
            applies = g.promises[p, col.P_VERSION] < version
        verdict = (
            timeliness(a, max(first, a[col.A_START]), t, col.EXCUSED) if applies else col.BROKEN
        )
        if verdict != col.BROKEN:
            finish(g, d, x, a, o, t, verdict, col.NEVER, row)
            _mark_dated(a, o, first, t)
            _drop(x, active, k)
            continue
        k += 1


@compiled
def end_all(g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int) -> None:
    """Write out everything at work, unanswered at `t`; it is judged by how late it is now."""
    for k in range(x[col.X_ACTIVE]):
        a = active[k]
        verdict = timeliness(a, x[col.X_NOW], x[col.X_NOW], col.OPEN)
        finish(g, d, x, a, o, t, verdict, col.NEVER, -1)
    x[col.X_ACTIVE] = 0


@compiled
def is_open(a: Table, t: int) -> bool:
    """Whether the obligation's time may not have passed at `t`."""
    late = col.A_LATE if a[col.A_START_LAST] != a[col.A_START] else col.A_EARLY
    return t <= a[late + col.DUE]


@compiled
def _mark_dated(a: Table, o: Output, first: int, t: int) -> None:
    """Note that what ended the obligation came without a time."""
    if max(first, a[col.A_START]) != t:
        o.obligations[a[col.A_ID], col.O_DATED] += 2


@compiled
def _drop(x: Table, active: Table, k: int) -> None:
    """Take an obligation off the table; the last one takes its place."""
    x[col.X_ACTIVE] -= 1
    last = x[col.X_ACTIVE]
    for column in range(col.ACTIVE_WIDTH):
        active[k, column] = active[last, column]
