"""Funnel: passes opened and left, stages entered, by the standings and moves of a lead."""

from leadpact.compiled import compiled
from leadpact.program.columns import (
    DISQUALIFIED,
    DISQUALIFIES,
    HANDS_OVER,
    IN,
    LEAVES,
    LOSES,
    LOST,
    MERGED,
    MERGES,
    MOVES,
    NEVER,
    OUT,
    S_LEAD,
    S_OPENED,
    S_OWNER,
    S_PASS,
    S_STAGE,
    S_STANDING,
    SUPPRESSED,
    V_BASE,
    V_FINAL,
    V_QUALIFIES,
    WINS,
    WON,
    X_CAP,
    X_LEAD,
    X_OWNER,
    X_PASS,
    X_PASS_ROW,
    X_PASSES,
    X_STAGE,
    X_STAMP,
    X_STANDING,
    X_VERSION,
    Output,
    Rules,
    Table,
)


@compiled
def may_open(g: Rules, x: Table, c: int, acts: int) -> bool:
    """Whether a fact opens the next pass: a handover, or a stage at or beyond the qualifying one."""
    standing = x[X_STANDING]
    v = max(x[X_VERSION], 0)
    qualifies = g.stages[c, v] >= g.versions[v, V_QUALIFIES] >= 0
    if standing == WON:
        return acts & HANDS_OVER != 0 or (acts & MOVES != 0 and qualifies)
    return standing != IN and (acts & HANDS_OVER != 0 or qualifies)


@compiled
def open_pass(x: Table, o: Output, row: int) -> None:
    """Write a new pass, opened by the fact at `row`."""
    x[X_PASS_ROW] = x[X_PASSES]
    x[X_PASSES] += 1
    line = o.passes[x[X_PASS_ROW]]
    line[S_LEAD] = x[X_LEAD]
    line[S_PASS] = x[X_PASS]
    line[S_OPENED] = row
    o.entered[x[X_PASS_ROW]] = -1
    o.entered_by[x[X_PASS_ROW]] = -1


@compiled
def close_pass(x: Table, o: Output) -> None:
    """Write where the pass stands as it ends (or now)."""
    line = o.passes[x[X_PASS_ROW]]
    line[S_STAGE] = x[X_STAGE]
    line[S_STANDING] = x[X_STANDING]
    line[S_OWNER] = x[X_OWNER]
    x[X_PASS_ROW] = -1


@compiled
def take_stage(g: Rules, x: Table, o: Output, c: int, row: int) -> None:
    """Take the lead into the stage of a fact, through the stages that it skips."""
    v = max(x[X_VERSION], 0)
    stage, before = g.stages[c, v], x[X_STAGE]
    if g.acts[c] & WINS or stage == g.versions[v, V_FINAL] >= 0:
        x[X_STANDING] = WON
    if stage <= before:
        o.unexpected[row] |= g.acts[c] & MOVES != 0
        return
    x[X_STAGE] = stage
    if x[X_PASS_ROW] >= 0:
        # Nobody passes through the stages before the one that leads arise in.
        for k in range(max(before + 1, min(stage, g.versions[v, V_BASE])), stage + 1):
            o.entered[x[X_PASS_ROW], k] = row
            o.entered_by[x[X_PASS_ROW], k] = x[X_OWNER]


@compiled
def leave(g: Rules, x: Table, o: Output, c: int, row: int) -> bool:
    """Let a lead leave its pass, or the funnel for good; whether obligations end by it."""
    acts = g.acts[c]
    standing = x[X_STANDING]
    if not acts & LEAVES:
        x[X_STANDING] = MERGED if acts & MERGES else SUPPRESSED
        return True
    if standing != IN and standing != WON:
        if acts & DISQUALIFIES:
            x[X_STANDING] = DISQUALIFIED
        else:
            o.unexpected[row] = True
        return False
    if acts & DISQUALIFIES:
        x[X_STANDING] = DISQUALIFIED
    else:
        x[X_STANDING] = LOST if acts & LOSES else OUT
    return True


@compiled
def next_pass(g: Rules, x: Table, o: Output) -> None:
    """What follows belongs to the pass to come, which nobody owns yet."""
    close_pass(x, o)
    x[X_PASS] += 1
    x[X_STAMP] += 1
    x[X_OWNER] = -1
    x[X_CAP] = NEVER
    x[X_STAGE] = g.versions[max(x[X_VERSION], 0), V_BASE]
