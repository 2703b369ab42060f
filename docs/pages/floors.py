"""The floors of the engine, as the linter keeps them."""

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"

HEAD = """# The floors of the engine

A module imports only from the floors below it, and modules of one floor leave each other alone.
`lint-imports` keeps it so, with every module in the list, and `make test` runs it. This page is
generated from its contract in `pyproject.toml`.

| floor | modules |
|---|---|
"""


def text() -> str:
    """The page: one row a floor, the ground last."""
    return HEAD + "".join(
        f"| {height} | {', '.join(f'`{name}`' for name in modules(floor))} |\n"
        for height, floor in reversed(list(enumerate(reversed(floors()))))
    )


def floors() -> list[str]:
    """The floors as the contract writes them, highest first."""
    contracts = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract["id"] == "floors")


def modules(floor: str) -> list[str]:
    """The modules of one floor."""
    return [name.strip(" ()") for name in floor.replace("|", ":").split(":")]
