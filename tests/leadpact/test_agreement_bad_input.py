"""Bad input of any kind: a list of problems, soon, and never an exception."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.agreement.check import check, examine
from leadpact.agreement.load import load, read, typed
from leadpact.document import Document, parse
from tests.leadpact.agreements import EVERY_CLAUSE

HEAD = "leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: [b", 1, "The YAML is broken here"),
        ("a:\n\tb: c", 2, "The YAML is broken here"),
        ('a: "b', 1, "The YAML is broken here"),
        ("x: " + "a" * 10_000_000, 0, "The text is too long: at most 262,144 bytes are read."),
        ("x: " + "[" * 10_000 + "]" * 10_000, 1, "nested more than 32 levels deep"),
        ("\n".join(" " * n + "a:" for n in range(400)), 34, "nested more than 32 levels deep"),
        ("- " * 10_000, 1, "nested more than 32 levels deep"),
        ("x: " + "{" * 10_000, 1, "A key must be a plain word."),
        ("a: &a [x]\nb: [*a, *a]", 1, "Anchors and aliases (& and *) are refused."),
        ("a: {<<: {b: c}}", 1, "Merge keys (<<) are refused."),
        ("a: !!python/object x", 1, "Tags (! and !!) are refused."),
        ("%YAML 1.1\n---\na: b", 2, "Directives (%YAML, %TAG) are refused."),
        ("a: b\n---\nc: d", 2, "A second document begins here."),
        ("a: b\nc: \0", 2, "unacceptable character #x0000"),
        (b"a: b\nc: \xff", 2, "The text is not UTF-8."),
        ('a: "\\ud800"', 1, "Half a character stands here."),
        ("", 0, "Nothing stands here."),
        ("[a]", 1, "A list stands here."),
        ("hello", 1, "A plain value stands here: 'hello'."),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_text_that_is_no_agreement_is_one_plain_problem(text, line, said):
    started = time.process_time()
    agreement, found = load(text)
    assert time.process_time() - started < 2
    assert agreement is None
    assert len(found) == 1
    assert found[0].line == line
    assert said in found[0].problem
    assert found[0].remedy


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"k{n}: {n}" for n in range(20_000)),
        HEAD + "promises:\n  s:\n" + "\n".join(f"    k{n}: {{aftr: x}}" for n in range(8_000)),
        HEAD + "definitions:\n" + "\n".join(f"  w{n}: w{n + 1} w{n - 1}" for n in range(8_000)),
        HEAD + "funnel:\n" + "\n".join(f" t{n}: {{mqk to sqk: 1}}" for n in range(9_000)),
        HEAD
        + "promises: {s: {a: {do: won, within: 1 day, after: ["
        + ",".join(f"attemptd{n}" for n in range(15_000))
        + "]}}}",
        HEAD + "people:\n" + "\n".join(f" p{n}: {{calendar: c{n}}}" for n in range(6_000)),
    ],
    ids=["keys", "promises", "ring of words", "steps", "names", "people"],
)
def test_very_many_mistakes_are_told_soon_and_shortly(text):
    started = time.process_time()
    found = examine(text).problems
    assert time.process_time() - started < 10
    assert 1 <= len(found) <= 401
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def places(value, path=()):
    """Every place of a value, itself left out."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, part in inside:
        yield (*path, step)
        yield from places(part, (*path, step))


def replaced(value, path, new):
    if not path:
        return new
    step, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[step] = replaced(value[step], rest, new)
    return copy


DOCUMENT = parse(EVERY_CLAUSE)[0]
STRANGE = ["%", ["x", "y"], {"x": "y"}, None, "", [], {}, "9" * 30, "-1", "0", ["x", {}]]


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_a_strange_value_anywhere_is_at_most_a_problem(strange):
    for path in places(DOCUMENT.value):
        changed = Document(replaced(DOCUMENT.value, path, strange), DOCUMENT.lines)
        reading = typed(changed)
        assert all(
            problem.line and problem.problem and problem.remedy for problem in reading.problems
        )
        if reading.agreement and not reading.problems:
            check(reading.agreement, reading.lines)


KEYS = (
    *("leadpact", "agreement", "version", "zone", "people", "funnel", "win", "mql to sql"),
    *("promises", "sales", "after", "do", "within", "ladder", "deliver", "ratio", "handoff"),
    *("when", "qualification", "qualifies as mql", "all", "any", "not", "did"),
)
values = st.recursive(
    st.none() | st.text(max_size=8) | st.sampled_from(["1", "34%", "mql", "attempted", "4 hours"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(values)
def test_no_nest_of_values_is_too_strange(value):
    assert typed(Document(value, {(): 1})).problems


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_text_is_too_strange(text):
    assert read(text).problems


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(EVERY_CLAUSE) - 1), st.text(max_size=3), st.integers(0, 30))
def test_a_slip_anywhere_is_at_most_a_problem(place, inserted, dropped):
    text = EVERY_CLAUSE[:place] + inserted + EVERY_CLAUSE[place + dropped :]
    assert all(problem.remedy for problem in examine(text).problems)
