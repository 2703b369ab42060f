"""The page on plans says what plans do."""

import re
from pathlib import Path

from leadpact.agreement.load import load
from leadpact.plan import Rounding, plan

PAGE = (Path(__file__).parents[2] / "docs" / "plan.md").read_text("utf-8")


def example():
    found, problems = load(re.search(r"```yaml\n(.+?)```", PAGE, re.DOTALL)[1])
    assert problems == []
    return found


def test_the_example_is_worked_as_the_page_says():
    working = re.search(r"```\n(500,000.+?)\n```", PAGE)[1]
    assert plan(example())[0].rows[0].working == working


def test_each_rounding_gives_what_the_page_says():
    rows = re.findall(r"\| `([^`]+)`.*?\| ([\d,]+) \|", PAGE)
    printed = {name: int(count.replace(",", "")) for name, count in rows}
    assert printed == {
        str(rounding): plan(example(), rounding=rounding)[0].rows[0].leads for rounding in Rounding
    }


def test_the_page_names_every_key_of_the_json_form():
    form = plan(example())[0].to_json()
    named = set(re.findall(r"`(\w+)`", PAGE))
    lists = {key for key, value in form.items() if isinstance(value, list)} | {"drivers"}
    assert lists - named == set()
    assert {"quota", "deals", "stages", "due", "value_per_lead", "chain"} <= set(form["rows"][0])
