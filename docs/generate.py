"""Write the generated pages of the documentation: `make docs`.

Each module in `pages/` has a function `text()` that yields the page of the same name
(`pages/facts.py` makes `facts.md`). A test compares every page with what its module yields.
"""

import importlib
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """The generated pages by name."""
    return sorted(source.stem for source in HERE.glob("pages/*.py"))


def page(name: str) -> Path:
    """Where the page stands."""
    return HERE / f"{name}.md"


def text(name: str) -> str:
    """What the page should say today."""
    return importlib.import_module(f"docs.pages.{name}").text().rstrip() + "\n"


if __name__ == "__main__":
    for name in names():
        page(name).write_text(text(name), "utf-8")
        print(f"docs: wrote docs/{name}.md")
