"""Loading: every mistake of the author becomes a problem with its place and its remedy."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from leadpact.agreement.clause import rate_text
from leadpact.agreement.demand import amount_in_force, rate_in_force
from leadpact.agreement.load import load, load_versions, read
from leadpact.agreement.model import Quota
from leadpact.problem import Problem
from tests.leadpact.agreements import EVERY_CLAUSE, agreed, edited


def problems(*edits, text=EVERY_CLAUSE):
    for old, new in edits:
        text = edited(old, new, text)
    return read(text).problems


def only_problem(*edits, text=EVERY_CLAUSE):
    found = problems(*edits, text=text)
    assert len(found) == 1, found
    return found[0]


def test_an_agreement_that_uses_every_clause_loads():
    agreement, found = load(EVERY_CLAUSE)
    assert found == []
    assert agreement.goal.quota.amount == Decimal(500_000)
    assert agreement.goal.streams["brands"].share == Fraction(1, 4)
    assert agreement.term.review == "month"
    assert [rung[0] for rung in agreement.promises["sales"]["follow-up"].rungs] == [3, 5, 7]
    assert agreement.promises["marketing"]["volume"].flag == (3, "over")
    assert agreement.handoff.return_.attempts == 7
    assert agreement.handoff.route.most == (250, "month")
    assert agreement.definitions.words.keys() == {"mql", "sql"}


def test_keys_are_read_whatever_their_case_and_underscores():
    plain = "leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\npromises:\n"
    other = "Leadpact: 1\nAgreement: A\nVersion: 1\nValid_From: 2026-01-01\nPromises:\n"
    one = "  sales: {First Call: {after: Handed_Over, do: attempted, within: 1 hour}}\n"
    two = "  Sales: {first call: {after: handed over, do: ATTEMPTED, within: 1 hour}}\n"
    assert load(plain + two)[0] == load(other + one)[0]


def test_bytes_load_like_text_with_and_without_a_mark():
    assert load(EVERY_CLAUSE.encode()) == load(EVERY_CLAUSE)
    assert load(b"\xef\xbb\xbf" + EVERY_CLAUSE.replace("\n", "\r\n").encode())[1] == []


def test_a_value_may_change_from_a_day_on():
    form = agreed().funnel["website form"]
    assert rate_in_force(form.steps["mql to sql"], date(2026, 3, 31)) == Fraction(33, 100)
    assert rate_in_force(form.steps["mql to sql"], date(2026, 4, 1)) == Fraction(34, 100)
    assert amount_in_force(form.order_value, date(2026, 1, 1)) == 2000


def test_a_single_dated_value_needs_no_list():
    text = edited("order value: 9000", "order value: {value: 9000, source: history}")
    assert read(text).problems == []


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "said", "remedy"),
    [
        (
            "version: 2",
            "version: two",
            "version",
            3,
            "'two' is not a number.",
            "Write digits such as 500000 or 128.50.",
        ),
        (
            "leadpact: 1",
            "leadpact: 2",
            "leadpact",
            1,
            "'2' is not one of the words allowed here.",
            "Use one of: 1.",
        ),
        (
            "win: 23%, order value: 2000}",
            "win: 23, order value: 2000}",
            "funnel.outbound.win",
            57,
            "23 is not between 0 and 1.",
            "Write 23% if you meant 23 percent.",
        ),
        (
            "mql to sql: 49.6%",
            "mql to sql: 149.6%",
            "funnel.outbound.mql to sql",
            57,
            "149.6% is not between 0 and 1.",
            "Write a share such as 34% or 0.34.",
        ),
        (
            "{value: 34%, from: 2026-04-01}",
            "{value: 34%, form: 2026-04-01}",
            "funnel.website form.mql to sql.2.form",
            50,
            "'form' is not known here.",
            "Did you mean 'from'?",
        ),
        (
            "rhythm:",
            "rythm:",
            "rythm",
            107,
            "'rythm' is not known here.",
            "Did you mean 'rhythm'?",
        ),
        (
            "{interest: {at least: 40}}",
            "{interest: {at leest: 40}}",
            "qualification.qualifies as mql.any.1.all.2.interest.at leest",
            45,
            "'at leest' is not known here.",
            "Did you mean 'at least'?",
        ),
        (
            "within: 30 days, times: 1",
            "within: 30 days, tims: 1",
            "qualification.qualifies as mql.any.2.tims",
            45,
            "'tims' is not known here.",
            "Did you mean 'times'?",
        ),
        (
            "within: 4 working hours",
            "within: four hours",
            "promises.sales.first contact.within",
            87,
            "'four hours' is not a length of time.",
            "Write a number and a unit: 4 working hours, 90 minutes, 14 days, 2 working days, 8 weeks.",
        ),
        (
            "{times: 3, within: 14 days}",
            "{times: 3}",
            "promises.sales.follow-up.ladder.1.within",
            96,
            "`within` is missing.",
            "Write `within: 4 working hours` (by when, counted from the start).",
        ),
    ],
)
def test_a_mistyped_value_is_named_at_its_place(old, new, path, line, said, remedy):
    assert only_problem((old, new)) == Problem(path, line, said, remedy)


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "said"),
    [
        ("platform: the CRM of the house", "platform:", "platform", 11, "Nothing is filled in here yet."),
        ("owner: mia,", "owner: …,", "goal.quota.owner", 28, "Nothing is filled in here yet."),
        ("at most: 250 per month", "at most: … per month", "handoff.route.at most", 67, "A blank is not filled in: '… per month'."),
        ("handoff:\n  when: mql\n", "handoff:\n", "handoff.when", 63, "`when` is missing."),
        ("pauses: {reasons: [asked to wait, on holiday], at most: 30 days}", "pauses: [asked to wait]", "pauses", 106, "A list stands here."),
        ("teams:\n  inbound: {calendar: office}", "teams: inbound", "teams", 18, "A plain value stands here: 'inbound'."),
        ("[visitor, lead, mql, sal, sql, opportunity, customer]", "{a: b}", "definitions.stages", 32, "Keys with values stand here."),
        ("currency: EUR", "currency: euro", "currency", 9, "'euro' can't stand here."),
        ("times: 2, within", "times: 0, within", "promises.sales.demo calls.times", 99, "'0' can't stand here."),
        ("{after: won, do: welcomed, within: 2 working days, target: 95%}", "{do: welcomed, target: 95%}", "promises.service.welcome.after", 103, "`after` is missing."),
        ("{after: won, do: welcomed, within: 2 working days, target: 95%}", "{target: 95%}", "promises.service.welcome", 103, "This is no promise."),
        ("{after: won, do: welcomed, within: 2 working days, target: 95%}", "{after: won, do: welcomed}", "promises.service.welcome", 103, "A promise of response needs `within` or `ladder`, and not both."),
        ("{ratio: opportunity of mql, at least: 7%, each", "{ratio: opportunity of mql, each", "promises.sales.conversion", 100, "This promise of a rate has no number."),
        ("at least: 95%, at most: 100%", "at least: 95%, at most: 90%", "promises.marketing.packet", 82, "`at least` is more than `at most`: nothing can reach it."),
        ("{at least: 50, at most: 500}", "{at least: 500, at most: 50}", "qualification.fit.2.when.employees", 39, "`at least` is more than `at most`: nothing can pass."),
        ("{country: {in: [PL, DE]}}", "{country: {}}", "qualification.fit.4.when.country", 41, "This test has no number and no list."),
        ("{at: 100%, to: manager}", "{at: 100%}", "promises.sales.first contact.escalate.1", 91, "This escalation does nothing."),
        ("flag after: 3 periods over", "flag after: now and then", "promises.marketing.volume.flag after", 80, "'now and then' does not say after how many periods."),
        ("after: 7 attempts without answer", "after: some attempts", "handoff.return.after", 70, "'some attempts' does not say after how many attempts."),
        ("pauses: {reasons: [asked to wait, on holiday], at most: 30 days}", "pauses: {at most: 5 working days}", "pauses.at most", 106, "'5 working days' is working time; here time runs day and night."),
        ("not before: 30 days", "not before: 30 working days", "handoff.return.not before", 70, "'30 working days' is working time; here time runs day and night."),
        ("valid from: 2026-01-01", "valid from: 2026-02-30", "valid from", 4, "'2026-02-30' is not a date."),
        ("open promises: restart", "open promises: forget", "open promises", 5, "'forget' is not one of the words allowed here."),
        ("from: 2025-03-01, to: 2026-11-30", "leave: [2026-03-01/2026-02-01]", "people.ana.leave.1", 21, "'2026-03-01/2026-02-01' ends before it begins."),
        ("stages: [visitor,", "stages: [" + "a, " * 50 + "visitor,", "definitions.stages", 32, "Here stand more than 50."),
    ],
)  # fmt: skip
def test_what_the_types_refuse_is_said_in_plain_words(old, new, path, line, said):
    found = only_problem((old, new))
    assert (found.path, found.line, found.problem) == (path, line, said)
    assert found.remedy.endswith((".", "?"))


def test_missing_keys_show_an_example():
    found = read("agreement: A\n").problems
    assert [problem.remedy for problem in found] == [
        "Write `leadpact: 1` (the version of this language: 1).",
        "Write `version: 1` (1, 2, 3 …: each amendment has the next).",
        "Write `valid from: 2026-01-31` (the day from which this version judges).",
    ]


def test_all_problems_come_together_in_the_order_of_the_text():
    text = (
        EVERY_CLAUSE.replace("23%", "230%")
        .replace("version: 2", "version: x")
        .replace("15:", "16:")
    )
    text = edited("kpis:", "kpi:", text)
    found = read(text).problems
    assert [problem.line for problem in found] == [3, 52, 57, 62, 104]
    assert load(text) == (None, found)


def test_keys_that_read_the_same_are_refused():
    found = only_problem(
        ("zone: Europe/Warsaw\nplatform", "zone: Europe/Warsaw\nZONE: UTC\nplatform")
    )
    assert found == Problem("ZONE", 11, "'ZONE' and 'zone' are the same key.", "Keep one of them.")


def test_duplicate_keys_are_all_named():
    found = read(EVERY_CLAUSE + "zone: UTC\nleadpact: 1\n").problems
    assert [(problem.path, problem.line) for problem in found] == [("zone", 118), ("leadpact", 119)]


def test_a_name_stands_before_the_place():
    assert load("leadpact: 1\n", "v2.yaml")[1][0].path == "v2.yaml: agreement"
    assert load("a: [", "v2.yaml")[1][0].path == "v2.yaml"


def version(number, day, name="A"):
    return f"leadpact: 1\nagreement: {name}\nversion: {number}\nvalid from: {day}\n"


def test_versions_come_from_a_folder_oldest_first(tmp_path):
    (tmp_path / "b.yaml").write_text(version(1, "2026-01-01"))
    (tmp_path / "a.yml").write_text(version(2, "2026-07-01"))
    (tmp_path / "notes.txt").write_text("no agreement")
    versions, found = load_versions(tmp_path)
    assert found == []
    assert [v.version for v in versions] == [1, 2]
    assert load_versions([tmp_path / "a.yml", str(tmp_path / "b.yaml")])[0] == versions
    assert (
        load_versions([version(2, "2026-07-01"), version(1, "2026-01-01").encode()])[0] == versions
    )


def test_versions_must_follow_each_other():
    versions, found = load_versions([version(2, "2026-01-01"), version(2, "2026-07-01", "B")])
    assert versions == ()
    assert found == [
        Problem(
            "text 2: agreement",
            0,
            "'B' is not the agreement of text 1, 'A'.",
            "Keep one agreement in a folder, under one name.",
        ),
        Problem(
            "text 2: version",
            0,
            "Version 2 from 2026-07-01 does not follow version 2 from 2026-01-01.",
            "Give each version a higher number and a later `valid from`.",
        ),
    ]


def test_files_that_cannot_be_read_are_problems(tmp_path):
    gone = load_versions(tmp_path / "gone.yaml")
    assert gone[0] == ()
    assert "can't be read: No such file or directory." in gone[1][0].problem
    assert load_versions(tmp_path)[1][0].problem == f"There is no agreement in {tmp_path}."
    assert load_versions("a\0b")[1][0].problem.startswith("a")


def test_problems_of_several_files_name_the_file(tmp_path):
    (tmp_path / "a.yaml").write_text(version("x", "2026-01-01"))
    (tmp_path / "b.yaml").write_text(version(2, "2026-07-01"))
    versions, found = load_versions(tmp_path)
    assert versions == ()
    assert [problem.path for problem in found] == ["a.yaml: version"]


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(34, 100), "34%"),
        (Fraction(1, 3), "1/3"),
        (Fraction(496, 1000), "49.6%"),
        (Fraction(1, 2**60), "1/1152921504606846976"),
        (Fraction(3, 2), "150%"),
    ],
)
def test_rates_are_written_as_people_write_them(rate, text):
    assert rate_text(rate) == text


def test_clauses_take_ready_values_too():
    assert Quota(amount=Decimal(5), per="month", marketing_share=Fraction(1, 3)) == Quota(
        amount="5", per="monthly", marketing_share="1/3"
    )
