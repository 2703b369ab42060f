"""The generated pages of the documentation are those that the code yields today."""

import pytest

from docs import generate


@pytest.mark.parametrize("name", generate.names())
def test_page_is_as_generated(name):
    assert generate.page(name).read_text("utf-8") == generate.text(name), "run `make docs`"
