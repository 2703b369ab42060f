"""Funnel: passes opened and left, stages entered, by the standings and moves of a lead."""

from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import Output, Rules, Table


@compiled
def may_open(g: Rules, x: Table, c: int, acts: int) -> bool:
    """Whether a fact opens the next pass: a handover, or a stage at or beyond the qualifying one."""
    standing = x[col.X_STANDING]
    v = max(x[col.X_VERSION], 0)
    qualifies = g.stages[c, v] >= g.versions[v, col.V_QUALIFIES] >= 0
    if standing == col.WON:
        return acts & col.HANDS_OVER != 0 or (acts & col.MOVES != 0 and qualifies)
    return standing != col.IN and (acts & col.HANDS_OVER != 0 or qualifies)


@compiled
def open_pass(x: Table, o: Output, row: int) -> None:
    """Write a new pass, opened by the fact at `row`."""
    x[col.X_PASS_ROW] = x[col.X_PASSES]
    x[col.X_PASSES] += 1
    line = o.passes[x[col.X_PASS_ROW]]
    line[col.S_LEAD] = x[col.X_LEAD]
    line[col.S_PASS] = x[col.X_PASS]
    line[col.S_OPENED] = row
    o.entered[x[col.X_PASS_ROW]] = -1
    o.entered_by[x[col.X_PASS_ROW]] = -1


@compiled
def close_pass(x: Table, o: Output) -> None:
    """Write where the pass stands as it ends (or now)."""
    line = o.passes[x[col.X_PASS_ROW]]
    line[col.S_STAGE] = x[col.X_STAGE]
    line[col.S_STANDING] = x[col.X_STANDING]
    line[col.S_OWNER] = x[col.X_OWNER]
    x[col.X_PASS_ROW] = -1


@compiled
def take_stage(g: Rules, x: Table, o: Output, c: int, row: int) -> None:
    """Take the lead into the stage of a fact, through the stages that it skips."""
    v = max(x[col.X_VERSION], 0)
    stage, before = g.stages[c, v], x[col.X_STAGE]
    wins = g.acts[c] & col.WINS or stage == g.versions[v, col.V_FINAL]
    if wins and x[col.X_STANDING] == col.IN:
        x[col.X_STANDING] = col.WON
    if stage <= before:
        o.unexpected[row] |= g.acts[c] & col.MOVES != 0
        return
    x[col.X_STAGE] = stage
    if x[col.X_PASS_ROW] >= 0:
        # Nobody passes through the stages before the one that leads arise in.
        for k in range(max(before + 1, min(stage, g.versions[v, col.V_BASE])), stage + 1):
            o.entered[x[col.X_PASS_ROW], k] = row
            o.entered_by[x[col.X_PASS_ROW], k] = x[col.X_OWNER]


@compiled
def leave(g: Rules, x: Table, o: Output, c: int, row: int) -> bool:
    """Let a lead leave its pass, or the funnel for good; whether obligations end by it."""
    acts = g.acts[c]
    standing = x[col.X_STANDING]
    if not acts & col.LEAVES:
        x[col.X_STANDING] = col.MERGED if acts & col.MERGES else col.SUPPRESSED
        return True
    if standing not in (col.IN, col.WON):
        if acts & col.DISQUALIFIES:
            x[col.X_STANDING] = col.DISQUALIFIED
        else:
            o.unexpected[row] = True
        return False
    if acts & col.DISQUALIFIES:
        x[col.X_STANDING] = col.DISQUALIFIED
    else:
        x[col.X_STANDING] = col.LOST if acts & col.LOSES else col.OUT
    return True


@compiled
def next_pass(g: Rules, x: Table, o: Output) -> None:
    """What follows belongs to the pass to come, which nobody owns yet."""
    close_pass(x, o)
    x[col.X_PASS] += 1
    x[col.X_STAMP] += 1
    x[col.X_OWNER] = -1
    x[col.X_CAP] = col.NEVER
    x[col.X_STAGE] = g.versions[max(x[col.X_VERSION], 0), col.V_BASE]
