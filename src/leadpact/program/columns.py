"""Columns: the arrays that the sweep reads and writes, and the names of their columns.

Instants and lengths are µs. Everything is a plain array, so that the same loop runs compiled over
ten million facts and uncompiled over one lead.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NEVER = int(np.iinfo(np.int64).max)
"""No such instant (it equals `leadpact.clock.OUTSIDE`)."""

Table = NDArray[np.int64]
Narrow = NDArray[np.int32]
Bytes = NDArray[np.uint8]


class Facts(NamedTuple):
    """The log as the sweep reads it; a dated fact stands twice, as an opening and a closing half.

    `row` is the row in the log. `half` is 0 for a fact with a time, else `OPENING` or `CLOSING`;
    `other` is the far end of the fact's day. These three have one entry if no fact lacks its time.
    """

    starts: Table
    at: Table
    kind: NDArray[np.int8]
    code: Narrow
    who: Narrow
    flags: Bytes
    row: Table
    half: Bytes
    other: Table


class Rules(NamedTuple):
    """The program: what each class of facts does, the promises, the versions.

    `classes[block * width + code + 1]` is the class of a fact; `acts` says what a class does at
    all, `stages` the stage it takes a lead into by version (-1: none), `foreign` whether it is a
    pause for a reason that a version doesn't know, `roles` its part in each promise. `conditions` holds a row of truth over the log for each condition.
    """

    classes: Narrow
    width: int
    acts: Table
    stages: NDArray[np.int8]
    foreign: NDArray[np.bool_]
    roles: Bytes
    promises: Table
    marks: Table
    versions: Table
    owners: Narrow
    conditions: NDArray[np.bool_]


class Output(NamedTuple):
    """What the sweep finds; `sizes` counts the rows used of obligations, legs and passes."""

    obligations: Table
    legs: Table
    passes: Narrow
    entered: Narrow
    entered_by: Narrow
    stories: Table
    pass_of: Narrow
    unexpected: NDArray[np.bool_]
    sizes: Table


OPENING, CLOSING = 1, 2

# Bits of `Rules.acts`.
STAGED, OWNS, STARTS, RESUMES, ANSWERS, EXCUSES, PAUSES, LEAVES, ENDS = (
    1 << bit for bit in range(9)
)
HANDS_OVER, MOVES, WINS, MERGES, DISQUALIFIES, LOSES = (1 << bit for bit in range(9, 15))
OPENING_ACTS = STAGED | OWNS | STARTS | HANDS_OVER | MOVES | WINS
CLOSING_ACTS = RESUMES | ANSWERS | EXCUSES | PAUSES | LEAVES | ENDS | MERGES | DISQUALIFIES | LOSES

# Bits of `Rules.roles`.
START, ANSWER, EXCUSE = 1, 2, 4

# Columns of `Rules.promises`.
(
    P_VERSION,
    P_GROUP,  # promises of one name, over all versions
    P_FIRST,  # the first rung
    P_TIMES,
    P_MODE,
    P_SPAN,
    P_DAYS,
    P_DIAL,  # the clock it names; below zero: the owner's
    P_STAGES,  # bits: the stages whose entering starts it
    P_LADDER,
    P_EACH,
    P_CONDITION,
    P_RUNG,
) = range(13)
PROMISE_WIDTH = 13
HOURS, WORKING, DAYS, WORKING_DAYS = range(4)

# Columns of `Rules.versions`.
(
    V_FROM,
    V_FIRST,
    V_LAST,
    V_QUALIFIES,
    V_RESTARTS,
    V_CAP_MODE,
    V_CAP,
    V_ZONE,
    V_APPLIES,
    V_BASE,
    V_FINAL,
) = range(11)
VERSION_WIDTH = 11

# Columns of an obligation at work.
(
    A_ID,
    A_PROMISE,
    A_PASS,
    A_OCCURRENCE,
    A_ROW,
    A_START,
    A_START_LAST,
    A_DIAL,
    A_COUNT,
    A_WORKED,
    A_WORK_FROM,
    A_LEG_WORKED,
    A_LEG_FROM,
    A_LEGS,
    A_UNCHARGED,
    A_EARLY,  # three hands of three columns each: used, mark, due
    A_LATE,
    A_LEG,
) = (*range(15), 15, 18, 21)
ACTIVE_WIDTH = 24
USED, MARK, DUE = range(3)

# Columns of `Output.obligations`.
(
    O_PROMISE,
    O_LEAD,
    O_PASS,
    O_OCCURRENCE,
    O_OWNER,
    O_START,
    O_DUE,
    O_ANSWER,
    O_END,
    O_VERDICT,
    O_WORKED,
    O_WAKE,
    O_AT_RISK,
    O_DATED,
    O_LEGS,
    O_ROW,
    O_CAUSE,
    O_REACHED,  # the largest share used at which something happens, in millionths; -1: none
) = range(18)
OBLIGATION_WIDTH = 18

# Columns of `Output.legs`.
L_OBLIGATION, L_OWNER, L_FROM, L_TO, L_WORKED, L_VERDICT = range(6)
LEG_WIDTH = 6

# Columns of `Output.passes`.
S_LEAD, S_PASS, S_OPENED, S_STAGE, S_STANDING, S_OWNER = range(6)
PASS_WIDTH = 6

# Columns of `Output.stories`.
T_PASS, T_STANDING, T_STAGE, T_OWNER, T_PAUSED, T_WAKE, T_REPEATED = range(7)
STORY_WIDTH = 7

KEPT, BROKEN, OPEN, EXCUSED, WAIVED, UNDETERMINABLE = range(6)
NO_VERDICT = -1
VERDICTS = ("kept", "broken", "open", "excused", "waived", "undeterminable")

IN, OUT, DISQUALIFIED, LOST, WON, SUPPRESSED, MERGED = range(7)
STANDINGS = ("open", "out", "disqualified", "lost", "won", "suppressed", "merged")

# The state of the lead being walked.
(
    X_LEAD,
    X_PASS,
    X_STANDING,
    X_STAGE,
    X_OWNER,
    X_PAUSED,
    X_CAP,
    X_VERSION,
    X_NEXT,
    X_ACTIVE,
    X_OBLIGATIONS,
    X_LEGS,
    X_PASSES,
    X_PASS_ROW,
    X_STAMP,
    X_NOW,
    X_REPEATED,  # triggers of promises that had started in their pass
) = range(17)
STATE_WIDTH = 17
