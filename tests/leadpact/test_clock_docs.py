"""The examples on the page about the clock are true."""

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "clock.md"


def test_the_examples_of_the_page_hold():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, None, 0)
    assert len(examples.examples) > 30
    said = []
    failed, _ = doctest.DocTestRunner().run(examples, out=said.append)
    assert not failed, "".join(said)
