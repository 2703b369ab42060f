"""Print the table of the speed bars; `python -m bench clock judge` measures only those modules."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import bench


def main(names: list[str]) -> int:
    """The exit code: 0 where every bar is met."""
    table = [("what", "figure", "bar", "met")]
    met = True
    for name in names or sorted(modules()):
        print(f"measuring {name} …", file=sys.stderr)
        for row in importlib.import_module(f"bench.{name}").rows():
            table.append((row.what, row.figure, row.bar, "yes" if row.met else "NO"))
            met &= row.met
    print("\n".join(lines(table)))
    return 0 if met else 1


def modules() -> Iterator[str]:
    """The names of the modules here that have `rows()`."""
    for module in pkgutil.iter_modules(bench.__path__):
        source = Path(bench.__path__[0], f"{module.name}.py")
        if source.exists() and "\ndef rows(" in source.read_text("utf-8"):
            yield module.name


def lines(table: list[tuple[str, ...]]) -> Iterator[str]:
    """The table with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for number, row in enumerate(table):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
