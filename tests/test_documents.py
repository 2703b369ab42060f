"""The generated pages of the documentation are those that the code yields today."""

import re
from pathlib import Path

import pytest

from docs import generate


@pytest.mark.parametrize("name", generate.names())
def test_page_is_as_generated(name):
    assert generate.page(name).read_text("utf-8") == generate.text(name), "run `make docs`"


def test_every_promise_names_tests_that_exist():
    root = Path(__file__).parents[1]
    named = re.findall(r"`(test_\w+)`", (root / "docs" / "trust.md").read_text("utf-8"))
    defined = {
        name
        for path in (root / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
    }
    assert len(named) > 40
    assert [name for name in named if name not in defined] == []
