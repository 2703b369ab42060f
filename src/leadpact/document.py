"""Documents: YAML 1.2 read as plain text values, each with the line it came from.

Nothing is guessed: every scalar stays the text its author wrote (``NO``, ``17:30``, ``010``,
``2.50``) and is typed later by the clause it belongs to. Anchors, aliases, tags, merge keys and
directives are refused, because a signed text must read the same to everyone; size and depth are
capped while parsing, so that no input can exhaust the machine.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from leadpact.problem import Path, Problem, spoken

MOST_BYTES = 262_144
MOST_LEVELS = 32


class Document(NamedTuple):
    """A parsed text: nested dicts, lists, strings and None, and the line of each value."""

    value: Any
    lines: Mapping[Path, int]


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def parse(
    source: str | bytes, *, most_bytes: int = MOST_BYTES
) -> tuple[Document | None, list[Problem]]:
    """Read one YAML document; the document is None where the text can't be read at all.

    Duplicate keys are collected, all at once; a broken text ends at the first fault.
    """
    text = ""
    try:
        text = _decoded(source, most_bytes)
        reading = _Reading(_events(text))
        value = reading.document()
    except _Refused as refused:
        return None, [refused.problem]
    except MarkedYAMLError as error:
        return None, [_broken(error)]
    except (YAMLError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        said = f"The text can't be read: {first}."
        return None, [Problem("", line, said, "Save it as plain UTF-8 text.")]
    return Document(value, reading.lines), reading.problems


def _decoded(source: str | bytes, most_bytes: int) -> str:
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "replace"))
    if size > most_bytes:
        raise _Refused(
            Problem(
                "",
                0,
                f"The text is too long: at most {most_bytes:,} bytes are read.",
                "Keep an agreement short enough to be read and signed.",
            )
        )
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise _Refused(
            Problem("", line, "The text is not UTF-8.", "Save the file with the encoding UTF-8.")
        ) from error


def _events(text: str) -> Iterator[Event]:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = "1.2"
    return iter(yaml.parse(text))


def _broken(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = (error.problem or error.context or "broken YAML").strip()
    return Problem(
        "",
        mark.line + 1 if mark else 0,
        f"The YAML is broken here: {what}.",
        "Check indentation, colons, quotes and brackets on this line and the one above.",
    )


def _torn(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, which no file can hold."""
    return any("\ud800" <= char <= "\udfff" for char in text)


class _Reading:
    """One pass over the parser's events, depth first, without recursion beyond the level cap."""

    def __init__(self, events: Iterator[Event]) -> None:
        self.events = events
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def document(self) -> Any:
        value: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                self._refuse_document(event, documents)
            elif isinstance(
                event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)
            ):
                value = self._node(event, ())
        return value

    def _refuse_document(self, event: DocumentStartEvent, documents: int) -> None:
        line = event.start_mark.line + 1
        if event.version or event.tags:
            raise _Refused(
                Problem("", line, "Directives (%YAML, %TAG) are refused.", "Delete this line.")
            )
        if documents > 1:
            raise _Refused(
                Problem("", line, "A second document begins here.", "Write one document a file.")
            )

    def _node(self, event: Event, path: Path) -> Any:
        line = event.start_mark.line + 1
        self.lines[path] = line
        self._refuse_node(event, path, line)
        if isinstance(event, ScalarEvent):
            plain_nothing = event.implicit[0] and event.value in {"", "~", "null"}
            return None if plain_nothing else event.value
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _refuse_node(self, event: Event, path: Path, line: int) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(
                Problem(
                    spoken(path),
                    line,
                    "Anchors and aliases (& and *) are refused.",
                    "Write the value out.",
                )
            )
        if isinstance(event, ScalarEvent) and not event.value.isascii() and _torn(event.value):
            raise _Refused(
                Problem(spoken(path), line, "Half a character stands here.", "Write it out.")
            )
        if str(getattr(event, "tag", None) or "!") != "!":
            raise _Refused(
                Problem(
                    spoken(path), line, "Tags (! and !!) are refused.", "Write the plain value."
                )
            )
        if len(path) > MOST_LEVELS:
            raise _Refused(
                Problem(
                    spoken(path[:3]) + " …",
                    line,
                    f"The text is nested more than {MOST_LEVELS} levels deep.",
                    "Flatten it.",
                )
            )

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, path)
            inside = (*path, key)
            if key in entries:
                self.problems.append(
                    Problem(
                        spoken(inside),
                        event.start_mark.line + 1,
                        f"'{key}' stands here twice (first on line {self.lines[inside]}).",
                        "Keep one of them.",
                    )
                )
            value = self._node(next(self.events), inside)
            self.lines[inside] = event.start_mark.line + 1
            entries[key] = value
        return entries

    def _key(self, event: Event, path: Path) -> str:
        line = event.start_mark.line + 1
        if not isinstance(event, ScalarEvent):
            raise _Refused(
                Problem(spoken(path), line, "A key must be a plain word.", "Write `word: value`.")
            )
        if event.value == "<<" and event.implicit[0]:
            raise _Refused(
                Problem(spoken(path), line, "Merge keys (<<) are refused.", "Write the values out.")
            )
        self._refuse_node(event, path, line)
        return str(event.value)
