"""Laws of scores, for logs that nobody thought of."""

import os
import random
import subprocess
import sys
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.clock import to_micros
from leadpact.log import Log
from leadpact.score import factors, rises, scores
from tests.leadpact.scored import BEGIN, agreed, did, fact, instant, log_of, risen

ACTS = {"a": (20, 10, 45), "b": (15, 3, None), "c": (35, None, None), "d": (-10, 5, -25)}
LEADS = {"K": "acme", "L": "acme", "M": "acme", "N": "bell", "O": None}


def rule(act, group=None):
    points, half, most = ACTS[act]
    clause = {"did": act, "points": str(points)}
    clause |= {} if half is None else {"halves after": f"{half} days"}
    clause |= {} if most is None else {"at most": str(most)}
    return clause | ({} if group is None else {"group": group})


FIT = [
    {"when": {"size": {"at least": "3"}}, "points": "25", "group": "firm"},
    {"when": {"not": {"role": "user"}}, "points": "15", "group": "firm"},
    {"when": {"did": "a", "within": "4 days"}, "points": "-10"},
]
WARM = {"all": [{"fit": {"at least": "25"}}, {"interest": {"at least": "30"}}]}
CLAUSES = {
    "fit": FIT,
    "interest": [rule("a", "x"), rule("b", "x"), rule("c"), rule("d")],
    "caps": {"firm": "30", "x": "50", "interest": "80"},
    "grades": {"fit": ["30", "20"], "interest": ["50", "20"]},
    "hysteresis": "8",
    "qualifies_as_mql": WARM,
    "disqualifies": {"role": "student"},
}
ALONE = agreed(**CLAUSES)
TOGETHER = agreed(**CLAUSES, account={"share": "1/3", "at most": "20"})
SHARED = agreed(
    **{
        **CLAUSES,
        "fit": FIT[:2],
        "interest": [rule("a", "x"), rule("b", "x"), rule("c")],
        "account": {"share": "1/2", "at most": "30"},
    }
)
"""Where points only fade and no span runs out, most of what colleagues do needs no look."""

days = st.integers(0, 80).map(lambda quarter: quarter / 4)
whos = st.sampled_from("KLMNO")
told = st.one_of(
    st.builds(did, days, st.sampled_from("abcd"), whos),
    st.builds(did, days, st.sampled_from("abcd"), whos),
    st.builds(fact, days, st.just("described"), whos, size=st.sampled_from("135")),
    st.builds(
        fact, days, st.just("described"), whos, role=st.sampled_from(["user", "student", "buyer"])
    ),
    st.builds(
        fact,
        days,
        st.just("scored"),
        whos,
        model=st.sampled_from(["by hand", "rules"]),
        interest=st.sampled_from(["31", "released", ""]),
    ),
)
facts = st.lists(told, max_size=14).map(
    lambda some: [
        *(
            fact(0, "created", lead, **({"account": at} if at else {}))
            for lead, at in LEADS.items()
        ),
        *({**one, "source_id": str(n)} for n, one in enumerate(some)),
    ]
)
rules = st.sampled_from([ALONE, TOGETHER])


@settings(max_examples=40)
@given(rules, facts, days)
def test_a_score_is_the_sum_of_its_factors_at_any_instant(agreement, some, day):
    log, at = log_of(*some), instant(day)
    whole = scores(agreement, log, at)
    for place, lead in enumerate(log.keys):
        found = factors(agreement, log, lead, at)
        sums = [
            sum(f.points for f in found.factors if f.axis == axis) for axis in ("fit", "interest")
        ]
        assert sums == [whole.fit[place], whole.interest[place]] == [found.fit, found.interest]
        assert found.grade == whole.grade[place]
        assert found.disqualified == whole.disqualified[place]


@settings(max_examples=30)
@given(rules, facts, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(agreement, some, chance):
    mixed = chance.sample(some, len(some))
    assert same(agreement, log_of(*some)) == same(agreement, log_of(*mixed))


@settings(max_examples=30)
@given(rules, facts)
def test_companies_may_be_scored_apart(agreement, some):
    at = instant(20)
    parts = ["KLM", "N", "O"] if agreement is TOGETHER else "KLMNO"
    apart = [log_of(*(one for one in some if one["lead"] in part)) for part in parts]
    columns = zip(*(same(agreement, log, at) for log in apart), strict=True)
    whole = [[value for part in column for value in part] for column in columns]
    assert same(agreement, log_of(*some), at) == whole


def same(agreement, log, at=None):
    """Everything that a log comes to."""
    found = scores(agreement, log, at)
    columns = (found.fit, found.interest, found.grade, found.disqualified)
    return [*(column.tolist() for column in columns), risen(agreement, log)]


@settings(max_examples=30)
@given(st.lists(st.builds(did, days, st.sampled_from("abc")), min_size=1, max_size=12), days, days)
def test_positive_points_never_rise_by_themselves(some, one, other):
    log = log_of(*({**act, "source_id": str(n)} for n, act in enumerate(some)))
    early, late = sorted((one, other))
    at = [int(log.at.max()) + instant(day) - instant(0) for day in (early, late)]
    before, after = (int(scores(ALONE, log, t).interest[0]) for t in at)
    assert 0 <= after <= before


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 10**13)), min_size=1, max_size=30)
)
def test_what_is_left_is_what_the_power_says(some):
    late = max(t for _act, t in some) + 12_345_678_901
    log = log_of(
        *(
            {
                "lead": "L",
                "occurred_at": moment(t),
                "kind": "engaged",
                "what": act,
                "source_id": str(n),
            }
            for n, (act, t) in enumerate(some)
        )
    )
    free = agreed(interest=[{k: v for k, v in rule(act).items() if k != "at most"} for act in ACTS])
    found = int(scores(free, log, to_micros(BEGIN) + late).interest[0])
    with localcontext() as exact:
        exact.prec = 40
        expected = sum(
            Decimal(100 * ACTS[act][0])
            * (
                1
                if ACTS[act][1] is None
                else Decimal(2) ** (Decimal(t - late) / (ACTS[act][1] * 86_400_000_000))
            )
            for act, t in some
        )
    assert abs(expected - found) < Decimal("2.1")  # half a hundredth for each rule, and some dust


def moment(micros):
    from leadpact.clock import to_datetime

    return to_datetime(to_micros(BEGIN) + micros).isoformat()


@settings(max_examples=50)
@given(st.sampled_from([ALONE, TOGETHER, SHARED]), facts)
def test_rises_are_what_looking_at_each_instant_finds(agreement, some):
    expected = []
    for lead in LEADS:
        armed = True
        for day in sorted({one["occurred_at"] for one in some if stirs(agreement, one, lead)}):
            before = standing(
                agreement, [one for one in some if one["occurred_at"] < day], lead, day
            )
            now = standing(agreement, [one for one in some if one["occurred_at"] <= day], lead, day)
            armed = armed or fails(before)
            if armed and qualifies(now):
                expected.append((lead, day))
                armed = False
            armed = armed or fails(now)
    found = rises(agreement, log_of(*some), "mql")
    leads = [found.log.keys[lead] for lead in found.lead.tolist()]
    at = [moment(t - to_micros(BEGIN)) for t in found.at.tolist()]
    assert [*zip(leads, at, strict=True)] == expected


def stirs(agreement, one, lead):
    """Whether a lead is looked at when this happens: to itself, or by a colleague."""
    beside = agreement is not ALONE and LEADS[lead] and LEADS[one["lead"]] == LEADS[lead]
    return one["lead"] == lead or (beside and one["kind"] == "engaged")


def standing(agreement, some, lead, day):
    log, problems = Log.from_facts(some)
    assert problems == []
    if lead not in log.keys:
        return 0, 0, False
    from datetime import datetime

    found = scores(agreement, log, to_micros(datetime.fromisoformat(day)))
    place = log.keys.index(lead)
    return int(found.fit[place]), int(found.interest[place]), bool(found.disqualified[place])


def qualifies(score):
    fit, interest, disqualified = score
    return fit >= 2500 and interest >= 3000 and not disqualified


def fails(score):
    fit, interest, disqualified = score
    return disqualified or fit + 800 < 2500 or interest + 800 < 3000


SEEDED = """
from tests.leadpact.test_score_laws import TOGETHER, same, seeded
print(same(TOGETHER, seeded()))
"""


def seeded():
    """A log of some hundred facts, the same each time."""
    chance = random.Random(5)
    some = [
        did(
            chance.randrange(9000) / 97,
            chance.choice("abcd"),
            chance.choice("KLMNO"),
            source_id=str(n),
        )
        for n in range(600)
    ]
    who = [
        fact(0, "created", lead, **({"account": at} if at else {})) for lead, at in LEADS.items()
    ]
    return log_of(*who, *some)


def test_compiled_and_uncompiled_agree():
    done = subprocess.run(
        [sys.executable, "-c", SEEDED],
        env={**os.environ, "LEADPACT_UNCOMPILED": "1", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str(same(TOGETHER, seeded())), done.stderr
