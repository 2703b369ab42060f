from datetime import date
from fractions import Fraction

import pytest

from leadpact.agreement.model import Agreement
from leadpact.document import parse
from leadpact.plan import plan

HEAD = """
leadpact: 1
agreement: New business
version: 1
valid from: 2026-01-01
zone: Europe/Warsaw
calendars: {office: {open: {mon-fri: [09:00-17:00]}, holidays: {dates: [2026-01-01, 2026-01-06, 2026-04-06]}}}
"""
TERM = "term: {from: 2026-01-01, to: 2026-12-31}"
MONTHLY = "goal: {quota: {amount: 500000, per: month}}"
RATES = "mql to sql: 34%, sql to opportunity: 82%, win: 23%, order value: 2000"
WEB = f"website form: {{{RATES}}}"

NOT_ALL = [
    ("goal: {statement: grow}", "goal.quota", "The plan has no quota to count back from."),
    (
        "goal: {quota: {amount: 0, per: month}}",
        "goal.quota.amount",
        "Nothing is asked of marketing, so there is nothing to plan.",
    ),
    (
        "goal: {quota: {amount: 1, per: month, marketing share: 0%}}",
        "goal.quota.marketing share",
        "Nothing is asked of marketing, so there is nothing to plan.",
    ),
    (
        "goal: {quota: {amount: 1, per: month}, streams: {a: {share: 60%}, b: {share: 1/3}}}",
        "goal.streams",
        "The shares of the streams sum to 14/15, not 100%.",
    ),
    (
        "goal: {quota: {amount: 1, per: month}, streams: {a: {share: 100%, retention: yes}}}",
        "goal.streams",
        "Every stream is of existing customers, for which no leads are demanded.",
    ),
]


def lacking(*clauses, **asked):
    """What planning finds wrong, whatever loading says of the same text."""
    text = "\n".join((HEAD, *clauses))
    found, problems = plan(Agreement.model_validate(parse(text)[0].value), **asked)
    assert found is None
    assert all(problem.remedy for problem in problems)
    return [(problem.path, problem.problem) for problem in problems]


@pytest.mark.parametrize("goal, path, said", NOT_ALL)
def test_a_goal_that_can_not_be_planned_is_named(goal, path, said):
    assert (path, said) in lacking(TERM, goal, f"funnel: {{{WEB}}}")


@pytest.mark.parametrize(
    "funnel, path, said",
    [
        ("{}", "funnel", "The plan has no lead type to count back through."),
        ("{web: {order value: 1}}", "funnel.web", "The lead type has no rates."),
        ("{web: {win: 23%}}", "funnel.web.order value", "The average value of a deal is missing."),
        (
            "{web: {win: 23%, order value: 0}}",
            "funnel.web.order value",
            "A deal is worth nothing, so no number of them reaches the quota.",
        ),
        (
            "{web: {win: 0%, order value: 1}}",
            "funnel.web.win",
            "At a rate of 0 no number of leads reaches the quota.",
        ),
        (
            "{web: {mql to sqll: 3%, win: 1%, order value: 1}}",
            "funnel.web.mql to sqll",
            "There is no stage 'sqll'.",
        ),
        (
            "{web: {sql to mql: 3%, order value: 1}}",
            "funnel.web",
            "'sql to mql' leads backward, or nowhere.",
        ),
        (
            "{web: {lead to mql: 3%, sql to opportunity: 3%, win: 1%, order value: 1}}",
            "funnel.web",
            "The steps don't form one chain: 'mql' is followed by 'sql'.",
        ),
        (
            "{web: {mql to sql: 3%, mql to opportunity: 3%, win: 1%, order value: 1}}",
            "funnel.web",
            "The steps don't form one chain: 'sql' is followed by 'mql'.",
        ),
        (
            "{web: {mql to sql: 3%, order value: 1}}",
            "funnel.web",
            "The steps don't form one chain: 'sql' is followed by 'customer'.",
        ),
        (
            "{web: {opportunity to customer: 3%, win: 3%, order value: 1}}",
            "funnel.web",
            "'customer to customer' leads backward, or nowhere.",
        ),
        (
            "{web: {share: 70%, win: 1%, order value: 1}, chat: {share: 20%, win: 1%, order value: 1}}",
            "funnel",
            "The shares of the lead types sum to 90%, not 100%.",
        ),
    ],
)
def test_a_funnel_that_can_not_be_planned_is_named(funnel, path, said):
    assert (path, said) in lacking(TERM, MONTHLY, f"funnel: {funnel}")


def test_everything_wrong_is_named_at_once():
    assert [path for path, _said in lacking("funnel: {web: {win: 0%}, chat: {}}")] == [
        "goal.quota",
        "funnel.web.win",
        "funnel.web.order value",
        "funnel.chat",
        "funnel.chat.order value",
    ]


@pytest.mark.parametrize(
    "clause, asked, path",
    [
        ("term: {from: 2026-01-01, to: 2025-12-31}", {}, "term"),
        (TERM, {"since": date(2027, 1, 1)}, "term"),
        (TERM, {"confidence": Fraction(1)}, "confidence"),
        ("definitions: {stages: [customer]}", {}, "definitions.stages"),
        (
            "improve: [{what: win, from: 23%, to: 0%, by: 2026-05-01}]",
            {},
            "funnel.website form.win",
        ),
        (
            "funnel by stream: {shops: {web: {win: 1%, order value: 1}}}",
            {},
            "funnel by stream.shops",
        ),
    ],
)
def test_what_can_not_be_planned_is_named(clause, asked, path):
    assert path in [p for p, _said in lacking(MONTHLY, f"funnel: {{{WEB}}}", clause, **asked)]


def test_a_calendar_that_never_opens_is_named():
    text = HEAD.replace("09:00-17:00", "closed")
    value = parse("\n".join((text, MONTHLY, f"funnel: {{{WEB}}}")))[0].value
    found, problems = plan(Agreement.model_validate(value))
    assert (found, [p.path for p in problems]) == (None, ["calendars"])
