"""The speed bars, measured on this machine in one run: `make bench`.

Each module here that has a function `rows()` takes part. A bar is a figure of its own or, better,
a ratio to a limit that is measured beside it.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table: what was measured, its figure, its bar, and whether it is met."""

    what: str
    figure: str
    bar: str
    met: bool
