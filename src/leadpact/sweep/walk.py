"""The sweep: one walk over the log, lead by lead in order of happening, that runs the program.

What happens at one instant is taken in steps: the pass opens, owners change, promises start,
clocks resume, answers count, excuses hold, clocks pause, the pass is left. Between instants a
pause may reach its cap and a version may replace another. docs/judging.md is the rule.
"""

import numpy as np

from leadpact.clock import Dials, same_local_time
from leadpact.compiled import compiled
from leadpact.facts import ATTEMPTED
from leadpact.log import FAILED, INBOUND, NOT_HUMAN, SILENT
from leadpact.program.columns import (
    A_OCCURRENCE,
    A_PROMISE,
    ACTIVE_WIDTH,
    ANSWERS,
    CLOSING,
    CLOSING_ACTS,
    ENDS,
    EXCUSED,
    EXCUSES,
    HANDS_OVER,
    HOURS,
    IN,
    LEAVES,
    MERGED,
    NEVER,
    NO_VERDICT,
    O_VERDICT,
    O_WAKE,
    OPENING,
    OPENING_ACTS,
    OWNS,
    P_CONDITION,
    P_GROUP,
    P_VERSION,
    PAUSES,
    RESUMES,
    STAGED,
    STARTS,
    STATE_WIDTH,
    SUPPRESSED,
    T_OWNER,
    T_PASS,
    T_PAUSED,
    T_STAGE,
    T_STANDING,
    T_WAKE,
    V_BASE,
    V_CAP,
    V_CAP_MODE,
    V_FIRST,
    V_FROM,
    V_LAST,
    V_RESTARTS,
    V_ZONE,
    X_ACTIVE,
    X_CAP,
    X_LEAD,
    X_LEGS,
    X_NEXT,
    X_NOW,
    X_OBLIGATIONS,
    X_OWNER,
    X_PASS,
    X_PASS_ROW,
    X_PASSES,
    X_PAUSED,
    X_STAGE,
    X_STAMP,
    X_STANDING,
    X_VERSION,
    X_WAKE,
    Facts,
    Output,
    Rules,
    Table,
)
from leadpact.sweep.funnel import close_pass, leave, may_open, next_pass, open_pass, take_stage
from leadpact.sweep.obligations import begin, hold, release
from leadpact.sweep.steps import answer, change_owner, end_all, excuse, holds, is_open, start

_ODD_ATTEMPT = NOT_HUMAN | INBOUND | SILENT | FAILED


@compiled
def sweep(f: Facts, g: Rules, d: Dials, o: Output, now: int, room: int, groups: int) -> None:
    """Walk all leads. `room` is the most obligations a lead can have at work, `groups` the
    number of promise names; `o` must have room for what `program.bounds` counts."""
    x = np.zeros(STATE_WIDTH, np.int64)
    x[X_NOW] = now
    active = np.empty((room, ACTIVE_WIDTH), np.int64)
    started = np.full((groups, 2), -1, np.int64)
    dated = len(f.half) > 1
    for lead in range(len(f.starts) - 1):
        i, end = f.starts[lead], f.starts[lead + 1]
        if i == end:
            continue
        first = x[X_OBLIGATIONS]
        _enter_lead(f, g, x, o, lead, f.at[i], i)
        while i < end:
            t = f.at[i]
            if (i + 1 == end or f.at[i + 1] != t) and t < x[X_NEXT]:
                c = class_at(f, g, i)
                if g.acts[c] == 0:
                    o.pass_of[f.row[i]] = x[X_PASS]
                    i += 1
                    continue
            j = i + 1
            while j < end and f.at[j] == t:
                j += 1
            if t >= x[X_NEXT]:
                _catch_up(f, g, d, x, active, started, o, t, f.row[max(i - 1, f.starts[lead])])
            _instant(f, g, d, x, active, started, o, i, j, dated)
            i = j
        _catch_up(f, g, d, x, active, started, o, now, f.row[end - 1])
        _leave_lead(g, d, x, active, o, first)
    o.sizes[0], o.sizes[1], o.sizes[2] = x[X_OBLIGATIONS], x[X_LEGS], x[X_PASSES]


@compiled
def class_at(f: Facts, g: Rules, i: int) -> int:
    """The class of a fact; attempts that don't simply count have blocks of their own."""
    block = np.int64(f.kind[i])
    if block == ATTEMPTED and f.flags[i] & _ODD_ATTEMPT:
        block = 24 + ((f.flags[i] & _ODD_ATTEMPT) >> 1)
    return g.classes[block * g.width + f.code[i] + 1]


@compiled
def _enter_lead(f: Facts, g: Rules, x: Table, o: Output, lead: int, t: int, i: int) -> None:
    x[X_LEAD] = lead
    x[X_PASS] = 1
    x[X_STANDING] = IN
    x[X_STAGE] = -1
    x[X_OWNER] = -1
    x[X_PAUSED] = 0
    x[X_CAP] = NEVER
    x[X_ACTIVE] = 0
    x[X_STAMP] += 1
    x[X_WAKE] = NEVER
    v = -1
    while v + 1 < len(g.versions) and g.versions[v + 1, V_FROM] <= t:
        v += 1
    x[X_VERSION] = v
    _set_next(g, x)
    open_pass(x, o, f.row[i])


@compiled
def _set_next(g: Rules, x: Table) -> None:
    """The next instant at which something happens without a fact."""
    following = x[X_VERSION] + 1
    change = g.versions[following, V_FROM] if following < len(g.versions) else NEVER
    x[X_NEXT] = min(change, x[X_CAP])


@compiled
def _leave_lead(g: Rules, d: Dials, x: Table, active: Table, o: Output, first: int) -> None:
    """Write what is still at work, the open pass, and the story of the lead."""
    now = x[X_NOW]
    x[X_WAKE] = min(x[X_WAKE], x[X_CAP]) if x[X_ACTIVE] else x[X_WAKE]
    restart = x[X_ACTIVE] > 0 and x[X_VERSION] + 1 < len(g.versions)
    if restart and g.versions[x[X_VERSION] + 1, V_RESTARTS]:
        x[X_WAKE] = min(x[X_WAKE], g.versions[x[X_VERSION] + 1, V_FROM])
    end_all(g, d, x, active, o, now)
    if x[X_STANDING] == MERGED:
        for k in range(first, x[X_OBLIGATIONS]):
            o.obligations[k, O_VERDICT] = EXCUSED
            o.obligations[k, O_WAKE] = NEVER
        x[X_WAKE] = NEVER
    if x[X_PASS_ROW] >= 0:
        close_pass(x, o)
    story = o.stories[x[X_LEAD]]
    story[T_PASS] = x[X_PASS]
    story[T_STANDING] = x[X_STANDING]
    story[T_STAGE] = x[X_STAGE]
    story[T_OWNER] = x[X_OWNER]
    story[T_PAUSED] = x[X_PAUSED]
    story[T_WAKE] = x[X_WAKE]


@compiled
def _catch_up(
    f: Facts,
    g: Rules,
    d: Dials,
    x: Table,
    active: Table,
    started: Table,
    o: Output,
    t: int,
    row: int,
) -> None:
    """Let capped pauses end and new versions begin, in order, up to `t`."""
    while x[X_NEXT] <= t:
        if x[X_CAP] <= x[X_NEXT]:
            _resume(g, d, x, active, x[X_CAP])
        else:
            x[X_VERSION] += 1
            if g.versions[x[X_VERSION], V_RESTARTS]:
                _restart(g, d, x, active, started, o, x[X_NEXT], row)
        _set_next(g, x)


@compiled
def _restart(
    g: Rules, d: Dials, x: Table, active: Table, started: Table, o: Output, t: int, row: int
) -> None:
    """Excuse what is open under earlier versions, and start the same promises anew."""
    v = x[X_VERSION]
    for k in range(x[X_ACTIVE]):
        group = g.promises[active[k, A_PROMISE], P_GROUP]
        occurrence = active[k, A_OCCURRENCE]
        if not is_open(active[k], t) or _has_restarted(g, x, active, v, group, occurrence):
            continue
        for p in range(g.versions[v, V_FIRST], g.versions[v, V_LAST]):
            if g.promises[p, P_GROUP] == group and holds(g, g.promises[p, P_CONDITION], row):
                a = active[x[X_ACTIVE]]
                x[X_ACTIVE] += 1
                a[A_OCCURRENCE] = occurrence
                begin(g, d, x, a, p, row, t, t)
    excuse(g, d, x, active, o, -1, -1, v, t, t)


@compiled
def _has_restarted(g: Rules, x: Table, active: Table, v: int, group: int, occurrence: int) -> bool:
    """Whether that occurrence of the promise is at work under version `v` already."""
    for k in range(x[X_ACTIVE]):
        p = active[k, A_PROMISE]
        same = g.promises[p, P_GROUP] == group and active[k, A_OCCURRENCE] == occurrence
        if same and g.promises[p, P_VERSION] == v:
            return True
    return False


@compiled
def _resume(g: Rules, d: Dials, x: Table, active: Table, t: int) -> None:
    x[X_PAUSED] = 0
    x[X_CAP] = NEVER
    for k in range(x[X_ACTIVE]):
        release(g, d, active[k], t)


@compiled
def _pause(g: Rules, d: Dials, x: Table, active: Table, t: int) -> None:
    for k in range(x[X_ACTIVE]):
        hold(g, d, active[k], t)
    x[X_PAUSED] = 1
    v = max(x[X_VERSION], 0)
    cap = g.versions[v, V_CAP]
    if cap > 0:
        hours = g.versions[v, V_CAP_MODE] == HOURS
        x[X_CAP] = t + cap if hours else same_local_time(d, g.versions[v, V_ZONE], t, cap)


@compiled
def _acts(f: Facts, g: Rules, i: int, dated: bool) -> int:
    acts = g.acts[class_at(f, g, i)]
    if dated and f.half[i]:
        return acts & (OPENING_ACTS if f.half[i] == OPENING else CLOSING_ACTS)
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
    if x[X_STANDING] >= SUPPRESSED:
        for r in range(i, j):
            o.pass_of[f.row[r]] = x[X_PASS]
            o.unexpected[f.row[r]] |= g.acts[class_at(f, g, r)] != 0
        return
    bits = 0
    for r in range(i, j):
        acts = _acts(f, g, r, dated)
        bits |= acts
        if acts & (STAGED | HANDS_OVER) and may_open(g, x, class_at(f, g, r), acts):
            _reopen(g, d, x, active, o, f.at[i], f.row[r])
    for r in range(i, j):
        if not (dated and f.half[r] == CLOSING):
            o.pass_of[f.row[r]] = x[X_PASS]
    for step in (OWNS, STARTS | STAGED, RESUMES, ANSWERS, EXCUSES, PAUSES, LEAVES | ENDS):
        if bits & step:
            for r in range(i, j):
                if _acts(f, g, r, dated) & step:
                    _step(f, g, d, x, active, started, o, r, j, step, dated)


@compiled
def _reopen(g: Rules, d: Dials, x: Table, active: Table, o: Output, t: int, row: int) -> None:
    """Open the next pass; after a win, the pass so far ends here."""
    if x[X_PASS_ROW] >= 0:
        end_all(g, d, x, active, o, t)
        close_pass(x, o)
        x[X_PASS] += 1
        x[X_STAMP] += 1
        x[X_STAGE] = g.versions[max(x[X_VERSION], 0), V_BASE]
    x[X_STANDING] = IN
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
    t, row, c = f.at[r], f.row[r], class_at(f, g, r)
    if step == OWNS:
        change_owner(g, d, x, active, o, t, f.who[r])
    elif step & STARTS:
        last = f.other[r] if dated and f.half[r] else t
        before = x[X_STAGE]
        if g.acts[c] & STAGED:
            take_stage(g, x, o, c, row)
        if g.acts[c] & STARTS:
            start(g, d, x, active, started, c, row, f.row[j - 1], before, t, last)
    elif step == RESUMES:
        if x[X_PAUSED]:
            _resume(g, d, x, active, t)
            _set_next(g, x)
    elif step == ANSWERS:
        answer(g, d, x, active, o, c, row, f.other[r] if dated and f.half[r] else t, t)
    elif step == EXCUSES:
        excuse(g, d, x, active, o, c, row, -1, f.other[r] if dated and f.half[r] else t, t)
    elif step == PAUSES:
        if g.foreign[c, max(x[X_VERSION], 0)]:
            o.unexpected[row] = True
        elif not x[X_PAUSED]:
            _pause(g, d, x, active, t)
            _set_next(g, x)
    elif leave(g, x, o, c, row):
        if x[X_PAUSED]:
            _resume(g, d, x, active, t)
            _set_next(g, x)
        excuse(g, d, x, active, o, -1, row, NEVER, f.other[r] if dated and f.half[r] else t, t)
        end_all(g, d, x, active, o, t)
        if x[X_STANDING] < SUPPRESSED:
            next_pass(g, x, o)
