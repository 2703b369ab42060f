"""Places: where in the author's text a value stands, whatever case or underscores its keys have."""

from collections.abc import Mapping
from typing import Any

from leadpact.agreement.clause import named
from leadpact.problem import Path, line_of


def folded(path: Path) -> Path:
    """A path as it is compared: keys without case, underscores as spaces."""
    return tuple(step if isinstance(step, int) else named(step) for step in path)


class Places:
    """The line of each value of a text."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = {folded(path): line for path, line in lines.items()}
        self._order = {path: place for place, path in enumerate(self._lines)}

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest enclosing value; 0 for a text without lines."""
        return line_of(self._lines, folded(path))

    def order(self, path: Path) -> tuple[int, int]:
        """By which places are sorted as they stand in the text."""
        return self.line(path), line_of(self._order, folded(path))

    def spot(self, path: Path) -> Path:
        """The path, without places in a list where the author wrote a single value."""
        while path and isinstance(path[-1], int) and folded(path) not in self._lines:
            path = path[:-1]
        return path


def at(value: Any, step: str | int) -> tuple[str | int, Any] | None:
    """The author's own key, or place, for one step into a value, and what stands there."""
    if isinstance(value, list) and isinstance(step, int):
        return (step, value[step]) if step < len(value) else None
    if not isinstance(value, dict) or isinstance(step, int):
        return None
    if step in value:
        return step, value[step]
    wanted = named(step)
    return next(((key, inside) for key, inside in value.items() if named(key) == wanted), None)
