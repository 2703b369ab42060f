"""The page on mappings says what the code does."""

import re
from pathlib import Path

from leadpact.tables.formats import DURATIONS, NUMBERS
from leadpact.tables.mapping import (
    Cell,
    Condition,
    FactRule,
    Join,
    LedgerRule,
    Read,
    Table,
    TableMapping,
    read_mapping,
)

PAGE = Path("docs/mapping.md").read_text("utf-8")


def test_the_example_of_the_page_is_a_mapping():
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    mapping, _lines, problems = read_mapping(example)
    assert problems == []
    assert set(mapping.tables) == {"deals", "calls", "spend"}


def test_every_key_and_every_form_is_on_the_page():
    parts = (TableMapping, Table, Read, Join, FactRule, LedgerRule, Cell, Condition)
    keys = {field.alias for part in parts for field in part.model_fields.values()}
    missing = {key for key in keys if f"`{key}" not in PAGE and f"{{{key}:" not in PAGE}
    assert missing == set()
    assert [sample for sample in NUMBERS if f"`{sample}`" not in PAGE] == []
    assert [way for way in DURATIONS if f"`{way}`" not in PAGE] == []


def test_the_mappings_of_the_examples_are_right():
    for path in Path("examples/real").glob("*/mapping.yaml"):
        _mapping, _lines, problems = read_mapping(path.read_text("utf-8"))
        assert problems == [], path
