"""The sweep: one walk over the log, lead by lead in order of happening, that runs the program.

What happens at one instant is taken in steps: the pass opens, owners change, promises start,
clocks resume, answers count, excuses hold, clocks pause, the pass is left. Between instants a
pause may reach its cap and a version may replace another. docs/judging.md is the rule.
"""

import numpy as np

from leadpact.clock import Dials, same_local_time
from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import Facts, Output, Rules, Table
from leadpact.program.loading import block_of
from leadpact.sweep.funnel import close_pass, leave, may_open, next_pass, open_pass, take_stage
from leadpact.sweep.obligations import begin, hold, release
from leadpact.sweep.steps import answer, change_owner, end_all, excuse, holds, is_open, start


def sweep(f: Facts, g: Rules, d: Dials, o: Output, now: int, room: int, groups: int) -> None:
    """Walk all leads. `room` is the most obligations a lead can have at work, `groups` the
    number of promise names; `o` must have room for what `bounds` counts."""
    x = np.zeros(col.STATE_WIDTH, np.int64)
    x[col.X_NOW] = now
    active = np.empty((room, col.ACTIVE_WIDTH), np.int64)
    started = np.full((groups, 2), -1, np.int64)
    _walk(f, g, d, o, x, active, started, now)


@compiled
def _walk(
    f: Facts, g: Rules, d: Dials, o: Output, x: Table, active: Table, started: Table, now: int
) -> None:
    """Walk all leads. `room` is the most obligations a lead can have at work, `groups` the
    number of promise names; `o` must have room for what `program.bounds` counts."""
    dated = len(f.half) > 1
    for lead in range(len(f.starts) - 1):
        i, end = f.starts[lead], f.starts[lead + 1]
        if i == end:
            continue
        first = x[col.X_OBLIGATIONS]
        _enter_lead(f, g, x, o, lead, f.at[i], i)
        while i < end:
            t = f.at[i]
            if (i + 1 == end or f.at[i + 1] != t) and t < x[col.X_NEXT]:
                c = class_at(f, g, i)
                if g.acts[c] == 0:
                    o.pass_of[row_at(f, i)] = x[col.X_PASS]
                    i += 1
                    continue
            j = i + 1
            while j < end and f.at[j] == t:
                j += 1
            if t >= x[col.X_NEXT]:
                before = row_at(f, max(i - 1, f.starts[lead]))
                _catch_up(g, d, x, active, o, t, before, row_at(f, j - 1))
            _instant(f, g, d, x, active, started, o, i, j, dated)
            i = j
        _catch_up(g, d, x, active, o, now, row_at(f, end - 1), row_at(f, end - 1))
        _leave_lead(g, d, x, active, o, first)
    o.sizes[0], o.sizes[1], o.sizes[2] = x[col.X_OBLIGATIONS], x[col.X_LEGS], x[col.X_PASSES]


@compiled
def class_at(f: Facts, g: Rules, i: int) -> int:
    """The class of a fact."""
    return g.classes[block_of(f.kind[i], f.flags[i]) * g.width + f.code[i] + 1]


@compiled
def row_at(f: Facts, i: int) -> int:
    """The row in the log of the fact at place `i`."""
    return f.row[i] if len(f.row) > 1 else i


@compiled
def _enter_lead(f: Facts, g: Rules, x: Table, o: Output, lead: int, t: int, i: int) -> None:
    x[col.X_LEAD] = lead
    x[col.X_PASS] = 1
    x[col.X_STANDING] = col.IN
    x[col.X_STAGE] = -1
    x[col.X_OWNER] = -1
    x[col.X_PAUSED] = 0
    x[col.X_CAP] = col.NEVER
    x[col.X_ACTIVE] = 0
    x[col.X_STAMP] += 1
    x[col.X_REPEATED] = 0
    v = -1
    while v + 1 < len(g.versions) and g.versions[v + 1, col.V_FROM] <= t:
        v += 1
    x[col.X_VERSION] = v
    _set_next(g, x)
    open_pass(x, o, row_at(f, i))


@compiled
def _set_next(g: Rules, x: Table) -> None:
    """The next instant at which something happens without a fact."""
    following = x[col.X_VERSION] + 1
    change = g.versions[following, col.V_FROM] if following < len(g.versions) else col.NEVER
    x[col.X_NEXT] = min(change, x[col.X_CAP])


@compiled
def _leave_lead(g: Rules, d: Dials, x: Table, active: Table, o: Output, first: int) -> None:
    """Write what is still at work, the open pass, and the story of the lead."""
    now = x[col.X_NOW]
    wake = x[col.X_CAP]
    restart = x[col.X_ACTIVE] > 0 and x[col.X_VERSION] + 1 < len(g.versions)
    if restart and g.versions[x[col.X_VERSION] + 1, col.V_RESTARTS]:
        wake = min(wake, g.versions[x[col.X_VERSION] + 1, col.V_FROM])
    end_all(g, d, x, active, o, now)
    if x[col.X_STANDING] == col.MERGED:
        for k in range(first, x[col.X_OBLIGATIONS]):
            o.obligations[k, col.O_VERDICT] = col.EXCUSED
            o.obligations[k, col.O_WAKE] = col.NEVER
            o.obligations[k, col.O_AT_RISK] = 0
        wake = col.NEVER
    if x[col.X_PASS_ROW] >= 0:
        close_pass(x, o)
    story = o.stories[x[col.X_LEAD]]
    story[col.T_PASS] = x[col.X_PASS]
    story[col.T_STANDING] = x[col.X_STANDING]
    story[col.T_STAGE] = x[col.X_STAGE]
    story[col.T_OWNER] = x[col.X_OWNER]
    story[col.T_PAUSED] = x[col.X_PAUSED]
    story[col.T_WAKE] = wake
    story[col.T_REPEATED] = x[col.X_REPEATED]


@compiled
def _catch_up(
    g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int, before: int, row: int
) -> None:
    """Let capped pauses end and new versions begin, in order, up to `t`.

    `before` is the last row before `t`, `row` the last one at `t`: what is known by then.
    """
    while x[col.X_NEXT] <= t:
        if x[col.X_CAP] <= x[col.X_NEXT]:
            _resume(g, d, x, active, x[col.X_CAP])
        else:
            x[col.X_VERSION] += 1
            if g.versions[x[col.X_VERSION], col.V_RESTARTS]:
                known = row if x[col.X_NEXT] == t else before
                _restart(g, d, x, active, o, x[col.X_NEXT], known)
        _set_next(g, x)


@compiled
def _restart(g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int, row: int) -> None:
    """Excuse what is open under earlier versions, and start the same promises anew."""
    v = x[col.X_VERSION]
    binds = holds(g, g.versions[v, col.V_APPLIES], row)
    for k in range(x[col.X_ACTIVE]):
        group = g.promises[active[k, col.A_PROMISE], col.P_GROUP]
        occurrence = active[k, col.A_OCCURRENCE]
        if not is_open(active[k], t) or _has_restarted(g, x, active, v, group, occurrence):
            continue
        for p in range(g.versions[v, col.V_FIRST], g.versions[v, col.V_LAST]):
            same = g.promises[p, col.P_GROUP] == group
            if same and binds and holds(g, g.promises[p, col.P_CONDITION], row):
                a = active[x[col.X_ACTIVE]]
                x[col.X_ACTIVE] += 1
                a[col.A_OCCURRENCE] = occurrence
                begin(g, d, x, a, p, row, t, t)
    excuse(g, d, x, active, o, -1, -1, v, t, t)


@compiled
def _has_restarted(g: Rules, x: Table, active: Table, v: int, group: int, occurrence: int) -> bool:
    """Whether that occurrence of the promise is at work under version `v` already."""
    for k in range(x[col.X_ACTIVE]):
        p = active[k, col.A_PROMISE]
        same = g.promises[p, col.P_GROUP] == group and active[k, col.A_OCCURRENCE] == occurrence
        if same and g.promises[p, col.P_VERSION] == v:
            return True
    return False


@compiled
def _resume(g: Rules, d: Dials, x: Table, active: Table, t: int) -> None:
    x[col.X_PAUSED] = 0
    x[col.X_CAP] = col.NEVER
    for k in range(x[col.X_ACTIVE]):
        release(g, d, active[k], t)


@compiled
def _pause(g: Rules, d: Dials, x: Table, active: Table, t: int) -> None:
    for k in range(x[col.X_ACTIVE]):
        hold(g, d, active[k], t)
    x[col.X_PAUSED] = 1
    v = max(x[col.X_VERSION], 0)
    cap = g.versions[v, col.V_CAP]
    if cap > 0:
        hours = g.versions[v, col.V_CAP_MODE] == col.HOURS
        x[col.X_CAP] = t + cap if hours else same_local_time(d, g.versions[v, col.V_ZONE], t, cap)


@compiled
def _acts(f: Facts, g: Rules, i: int, dated: bool) -> int:
    acts = g.acts[class_at(f, g, i)]
    if dated and f.half[i]:
        return acts & (col.OPENING_ACTS if f.half[i] == col.OPENING else col.CLOSING_ACTS)
    return acts


@compiled
def _instant(
    f: Facts,
    g: Rules,
    d: Dials,
    x: Table,
    active: Table,
    started: Table,
    o: Output,
    i: int,
    j: int,
    dated: bool,
) -> None:
    """Everything that happened to the lead at one instant, rows `i` to `j`, step by step."""
    if x[col.X_STANDING] >= col.SUPPRESSED:
        for r in range(i, j):
            o.pass_of[row_at(f, r)] = x[col.X_PASS]
            o.unexpected[row_at(f, r)] |= g.acts[class_at(f, g, r)] != 0
        return
    bits = 0
    for r in range(i, j):
        acts = _acts(f, g, r, dated)
        bits |= acts
        if acts & (col.STAGED | col.HANDS_OVER) and may_open(g, x, class_at(f, g, r), acts):
            _reopen(g, d, x, active, o, f.at[i], row_at(f, r))
    for r in range(i, j):
        if not (dated and f.half[r] == col.CLOSING):
            o.pass_of[row_at(f, r)] = x[col.X_PASS]
    for step in (
        col.OWNS,
        col.STARTS | col.STAGED,
        col.RESUMES,
        col.ANSWERS,
        col.EXCUSES,
        col.PAUSES,
        col.LEAVES | col.ENDS,
    ):
        if bits & step:
            for r in range(i, j):
                if _acts(f, g, r, dated) & step:
                    _step(f, g, d, x, active, started, o, r, j, step, dated)


@compiled
def _reopen(g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int, row: int) -> None:
    """Open the next pass; after a win, the pass so far ends here."""
    if x[col.X_PASS_ROW] >= 0:
        if x[col.X_PAUSED]:
            _resume(g, d, x, active, t)
            _set_next(g, x)
        end_all(g, d, x, active, o, t)
        close_pass(x, o)
        x[col.X_PASS] += 1
        x[col.X_STAMP] += 1
        x[col.X_STAGE] = g.versions[max(x[col.X_VERSION], 0), col.V_BASE]
    x[col.X_STANDING] = col.IN
    open_pass(x, o, row)


@compiled
def _step(
    f: Facts,
    g: Rules,
    d: Dials,
    x: Table,
    active: Table,
    started: Table,
    o: Output,
    r: int,
    j: int,
    step: int,
    dated: bool,
) -> None:
    t, row, c = f.at[r], row_at(f, r), class_at(f, g, r)
    if step == col.OWNS:
        change_owner(g, d, x, active, o, t, f.who[r])
    elif step & col.STARTS:
        last = f.other[r] if dated and f.half[r] else t
        before = x[col.X_STAGE]
        if g.acts[c] & col.STAGED:
            take_stage(g, x, o, c, row)
        if g.acts[c] & col.STARTS and not g.acts[c] & (col.LEAVES | col.ENDS):
            start(g, d, x, active, started, c, row, row_at(f, j - 1), before, t, last)
    elif step == col.RESUMES:
        if x[col.X_PAUSED]:
            _resume(g, d, x, active, t)
            _set_next(g, x)
    elif step == col.ANSWERS:
        answer(g, d, x, active, o, c, row, f.other[r] if dated and f.half[r] else t, t)
    elif step == col.EXCUSES:
        excuse(g, d, x, active, o, c, row, -1, f.other[r] if dated and f.half[r] else t, t)
    elif step == col.PAUSES:
        if g.foreign[c, max(x[col.X_VERSION], 0)]:
            o.unexpected[row] = True
        elif not x[col.X_PAUSED]:
            _pause(g, d, x, active, t)
            _set_next(g, x)
    else:
        _depart(f, g, d, x, active, started, o, r, j, dated)


@compiled
def _depart(
    f: Facts,
    g: Rules,
    d: Dials,
    x: Table,
    active: Table,
    started: Table,
    o: Output,
    r: int,
    j: int,
    dated: bool,
) -> None:
    """Leave the pass, or the funnel for good; what starts by that belongs to the pass to come."""
    t, row, c = f.at[r], row_at(f, r), class_at(f, g, r)
    first = f.other[r] if dated and f.half[r] else t
    o.pass_of[row] = x[col.X_PASS]
    if leave(g, x, o, c, row):
        # Whoever is gone for good owes nothing, not even what leaving began at this instant.
        gone = g.acts[c] & col.ENDS
        excuse(g, d, x, active, o, c if gone else -1, row, -1 if gone else col.NEVER, first, t)
        if x[col.X_PAUSED]:
            _resume(g, d, x, active, t)
            _set_next(g, x)
        end_all(g, d, x, active, o, t)
        if x[col.X_STANDING] < col.SUPPRESSED:
            next_pass(g, x, o)
    if g.acts[c] & col.STARTS and x[col.X_STANDING] < col.SUPPRESSED and not o.unexpected[row]:
        start(g, d, x, active, started, c, row, row_at(f, j - 1), x[col.X_STAGE], first, t)
