"""Measures recomputed slowly, in plain Python, from the rows and facts that everybody can read."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

VERDICTS = ("kept", "broken", "open", "excused", "waived", "undeterminable")


def compliance(rows, merged):
    """Counts by (promise, cut, value) from obligations in their JSON form."""
    found = defaultdict(Counter)
    for row in rows:
        if row["lead"] in merged:
            continue
        started = datetime.fromisoformat(row["started_at"])
        year, week, _day = started.isocalendar()
        found[row["promise"], "promise", None][row["verdict"]] += 1
        found[row["promise"], "week", f"{year}-W{week:02}"][row["verdict"]] += 1
        if row["rung"]:
            found[row["promise"], "rung", row["rung"]][row["verdict"]] += 1
        for owner, verdict in personal(row):
            found[row["promise"], "rep", owner][verdict] += 1
    return {key: tuple(counts[v] for v in VERDICTS) for key, counts in found.items()}


def personal(row):
    """Who is charged for what: each leg by its own verdict, what is settled by the last owner."""
    legs = row["legs"]
    if len(legs) == 1:
        return [(legs[0]["owner"], row["verdict"])]
    if row["verdict"] in {"excused", "waived", "undeterminable"}:
        return [(legs[-1]["owner"], row["verdict"])] if legs[-1]["owner"] else []
    return [(leg["owner"], leg["verdict"]) for leg in legs if leg["verdict"] and leg["owner"]]


def entries(facts, stages, conversion, zone, merged, now):
    """The local instants at which each (lead, pass) entered each stage, from the bare facts.

    Leads only move, convert, win, are handed over and return here; a stage skipped is entered too.
    """
    found = {}
    for lead in sorted({f["lead"] for f in facts}):
        if lead in merged:
            continue
        number, reached, gone = 1, -1, False
        own = sorted(
            (local(f["occurred_at"], zone), f["source_id"], f) for f in facts if f["lead"] == lead
        )
        for when, _id, fact in own:
            if when > now:
                continue
            if fact["kind"] == "returned":
                if not gone:
                    number, reached, gone = number + 1, 0, True
                continue
            goal = {
                "created": 0,
                "handed_over": stages.index("mql"),
                "converted": stages.index(conversion),
            }.get(fact["kind"], stages.index(fact["to"]) if fact["kind"] == "moved" else -1)
            if gone and goal >= stages.index("mql"):
                gone = False
            if gone or goal <= reached:
                continue
            for stage in range(max(reached + 1, 0), goal + 1):
                found[lead, number, stages[stage]] = when
            reached = goal
    return found


def local(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def by_month(entered, stage):
    """How many passes entered a stage in each local month."""
    return Counter(f"{when:%Y-%m}" for (_l, _p, s), when in entered.items() if s == stage)


def cohort(entered, origin, goal, days, now):
    """(entered, mature, converted within the days among the mature) of all passes."""
    count = mature = hits = 0
    for (lead, number, stage), when in entered.items():
        if stage != origin:
            continue
        count += 1
        until = (when.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=when.tzinfo)
        if until.timestamp() > now.timestamp():
            continue
        mature += 1
        arrival = entered.get((lead, number, goal))
        hits += arrival is not None and arrival.timestamp() <= until.timestamp()
    return count, mature, hits


def survival(lasted, arrived, within):
    """Kaplan and Meier's estimate, exactly, step by step."""
    remains = Fraction(1)
    for time in sorted(
        {t for t, came in zip(lasted, arrived, strict=True) if came and t <= within}
    ):
        followed = sum(t >= time for t in lasted)
        came = sum(t == time and c for t, c in zip(lasted, arrived, strict=True))
        remains *= 1 - Fraction(came, followed)
    return 1 - remains


def nearest_rank(values, part):
    """The smallest value that at least so great a part of the values doesn't pass."""
    return next(
        v for v in sorted(values) if Fraction(sum(w <= v for w in values), len(values)) >= part
    )


def weekdays_until(first: date, moment: datetime, last: date):
    """The share of a month's hours (weekdays, 9 to 17) that are over."""
    total = gone = Fraction(0)
    day = first
    while day <= last:
        if day.weekday() < 5:
            opens = datetime(day.year, day.month, day.day, 9, tzinfo=moment.tzinfo)
            shuts = opens.replace(hour=17)
            total += 8
            worked = min(moment, shuts) - opens
            gone += max(Fraction(0), Fraction(worked // timedelta(seconds=1), 3600))
        day += timedelta(days=1)
    return gone / total
