"""Walk: the compiled loop that follows each pass through the touches of its cadence.

Instants and lengths are µs. A touch is due so long after the one before it *as it really happened*;
a `wait` is no touch, its time goes before the next one's.
"""

from leadpact.clock import Dials, deadline, elapsed, nth_working_day, same_local_time
from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, Narrow, Table

WAIT = -1
"""The channel of a step that only waits."""
# What a row of the log is to a cadence.
NOTHING, ATTEMPT, END, PAUSE, RESUME, OWNER = range(6)
# Columns of a step.
CHANNEL, MODE, MICROS, DAYS = range(4)
# Columns of a pass that follows a cadence.
BEGINS, UNTIL, FIRST, LAST, ZONE, DIAL, CAP, PLACE, VERSION = range(9)
PASS_WIDTH = 9
# Columns of a touch.
STEP, STATE, DUE, AT, ROW = range(5)
TOUCH_WIDTH = 5

DONE, LATE, SKIPPED, MISSED, OVERDUE, COMING, PLANNED, EXCUSED = range(8)
STATES = ("done", "late", "skipped", "missed", "overdue", "coming", "planned", "excused")
"""What became of a touch: done in time, done late, left out for a later one, never done before the
lead left; past due and waited for, the next one, one after that, not due when the lead left."""


@compiled
def walk(
    d: Dials,
    passes: Table,
    steps: Table,
    at: Table,
    event: Narrow,
    channel: Narrow,
    dials: Narrow,
    touches: Table,
    now: int,
) -> None:
    """Fill `touches` for each pass, by the events of its rows; `dials` has each new owner's clock."""
    for n in range(len(passes)):
        follow(d, passes[n], steps, at, event, channel, dials, touches, now)


@compiled
def follow(
    d: Dials,
    p: Table,
    steps: Table,
    at: Table,
    event: Narrow,
    channel: Narrow,
    dials: Narrow,
    touches: Table,
    now: int,
) -> None:
    """Follow one pass: settle the touch that waits, then reckon from when it really happened."""
    k = touch_from(steps, p[FIRST], p[LAST])
    place = p[PLACE]
    due = due_of(d, p, steps, p[FIRST], k, at[p[BEGINS]])
    held = NEVER
    left = NEVER
    for i in range(p[BEGINS] + 1, p[UNTIL]):
        t = at[i]
        if held != NEVER and p[CAP] > 0 and t > held + p[CAP]:
            due = moved(d, p, steps, k, due, held, held + p[CAP])
            held = NEVER
        if event[i] == END:
            left = t
            break
        if event[i] == PAUSE and held == NEVER:
            held = t
        elif event[i] == RESUME and held != NEVER:
            due = moved(d, p, steps, k, due, held, t)
            held = NEVER
        elif event[i] == OWNER:
            p[DIAL] = dials[i]
        elif event[i] == ATTEMPT:
            between = passed_over(d, p, steps, k, due, channel[i], t)
            if between < 0:
                continue
            for _touch in range(between + 1):
                done = steps[k, CHANNEL] == channel[i]
                state = SKIPPED if not done else DONE if t <= due else LATE
                settle(touches[place], k, state, due, t if done else NEVER, i if done else -1)
                after = k + 1
                k = touch_from(steps, after, p[LAST])
                due = due_of(d, p, steps, after, k, t if done else due)
                place += 1
            held = t if held != NEVER else NEVER
    if held != NEVER and left == NEVER:
        due = moved(d, p, steps, k, due, held, held + p[CAP]) if 0 < p[CAP] < now - held else NEVER
    rest(d, p, steps, touches, k, place, due, left, now)


@compiled
def touch_from(steps: Table, k: int, last: int) -> int:
    """The first step from `k` on that is a touch; `last` for none."""
    while k < last and steps[k, CHANNEL] == WAIT:
        k += 1
    return k


@compiled
def due_of(d: Dials, p: Table, steps: Table, after: int, k: int, t: int) -> int:
    """When the touch at step `k` is due, with the waits from step `after` on, counted from `t`."""
    if k >= p[LAST]:
        return NEVER
    for step in range(after, k + 1):
        t = later(d, p, steps[step], t)
    return t


@compiled
def later(d: Dials, p: Table, step: Table, t: int) -> int:
    """The time of a step after `t`: elapsed, on the owner's clock, or to the same local time."""
    if t == NEVER:
        return NEVER
    if step[MODE] == col.HOURS:
        return int(t + step[MICROS])
    if step[MODE] == col.WORKING:
        return deadline(d, p[DIAL], t, step[MICROS])
    if step[MODE] == col.DAYS:
        return same_local_time(d, p[ZONE], t, step[DAYS])
    return nth_working_day(d, p[DIAL], t, step[DAYS])


@compiled
def moved(d: Dials, p: Table, steps: Table, k: int, due: int, since: int, t: int) -> int:
    """A due instant after a pause from `since` to `t`: what was left then is left again."""
    if k >= p[LAST] or due == NEVER or due < since:
        return due
    if steps[k, MODE] == col.HOURS or steps[k, MODE] == col.DAYS:
        return due + t - since
    return deadline(d, p[DIAL], t, elapsed(d, p[DIAL], since, due))


@compiled
def passed_over(d: Dials, p: Table, steps: Table, k: int, due: int, channel: int, t: int) -> int:
    """How many touches an attempt passes over, from the one that waits; -1 where no touch asks for it.

    Only what was due before `t` is passed over: an attempt by another channel before that is one
    beside the plan.
    """
    between = 0
    while k < p[LAST] and steps[k, CHANNEL] != channel:
        if due >= t:
            return -1
        after = k + 1
        k = touch_from(steps, after, p[LAST])
        due = due_of(d, p, steps, after, k, due)
        between += 1
    return between if k < p[LAST] else -1


@compiled
def settle(touch: Table, step: int, state: int, due: int, t: int, row: int) -> None:
    """Write what became of a touch."""
    touch[STEP] = step
    touch[STATE] = state
    touch[DUE] = due
    touch[AT] = t
    touch[ROW] = row


@compiled
def rest(
    d: Dials,
    p: Table,
    steps: Table,
    touches: Table,
    k: int,
    place: int,
    due: int,
    left: int,
    now: int,
) -> None:
    """What has become of the touches that nobody did."""
    is_next = True
    while k < p[LAST]:
        state = PLANNED
        if left != NEVER:
            state = MISSED if is_next and due < left else EXCUSED
        elif is_next:
            state = OVERDUE if due < now else COMING
        settle(touches[place], k, state, due, NEVER, -1)
        after = k + 1
        k = touch_from(steps, after, p[LAST])
        due = due_of(d, p, steps, after, k, max(due, now) if due != NEVER else NEVER)
        place += 1
        is_next = False
