"""Problems: the author's mistakes as values, each with its place and how to mend it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


class Problem(NamedTuple):
    """One mistake in a text that people wrote.

    `path` names the place in the author's words (``promises.sales.first contact.within``),
    `line` counts from 1 (0 where there is no line), `remedy` says what to write instead.
    """

    path: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        subject = f"{self.path}: " if self.path else ""
        return f"{place}{subject}{self.problem} {self.remedy}".strip()

    def as_dict(self) -> dict[str, str | int]:
        """The problem in its JSON form."""
        return self._asdict()


def spoken(path: Path) -> str:
    """A path as people read it: keys joined by dots, list places counted from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest enclosing value that has one; 0 if none."""
    for end in range(len(path), -1, -1):
        if (line := lines.get(path[:end])) is not None:
            return line
    return 0


def meant(word: str, known: Iterable[str]) -> str | None:
    """The known word that the author probably meant, if one is near."""
    near = get_close_matches(word.casefold(), list(known), n=1, cutoff=0.72)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy: the near word, or the list of words that are allowed."""
    words = sorted(known)
    if near := meant(word, words):
        return f"Did you mean '{near}'?"
    return f"Use one of: {', '.join(words)}."
