"""Mapping: which facts the rows of exported tables tell; data in a YAML text, checked whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from leadpact import facts
from leadpact.document import parse
from leadpact.log.instants import zone_of
from leadpact.problem import Path, Problem, did_you_mean, line_of, spoken
from leadpact.tables.formats import DURATIONS, NUMBERS, date_reader
from leadpact.words import _

MOST_BYTES = 262_144
"""A mapping holds at most so many bytes."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _yes_no(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed)]
YesNo: TypeAlias = Annotated[bool, BeforeValidator(_yes_no)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.rstrip("_").replace("_", " "),
        populate_by_name=True,
        hide_input_in_errors=True,
    )


class Cell(_Part):
    """Where a value comes from: a column (or `text` that is always the same), and how it is read."""

    column: str | None = None
    first_of: Words = ()
    text: str | None = None
    values: Mapping[str, str | None] = Field(default_factory=dict)
    otherwise: Literal["keep", "refuse", "blank"] = "keep"
    all_others: str | None = None
    if_blank: str | None = None
    blank: Words = ()
    dates: Words = ()
    zone: str | None = None
    numbers: str | None = None
    duration: str | None = None

    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, the first that is filled counts."""
        return ((self.column,) if self.column else ()) + self.first_of


def _cell(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Value: TypeAlias = Annotated[Cell, BeforeValidator(_cell)]


class Condition(_Part):
    """What must hold of a column: one of some words, none of them, blank or not, an order of times."""

    is_: Words = ()
    not_: Words = ()
    blank: YesNo | None = None
    before: Value | None = None
    at_or_before: Value | None = None
    at_or_after: Value | None = None
    after: Value | None = None


def _test(value: Any) -> Any:
    return {"is": value} if isinstance(value, (str, list)) else value


When: TypeAlias = Mapping[str, Annotated[Condition, BeforeValidator(_test)]]


class FactRule(_Part):
    """A fact that each row tells, where `when` holds."""

    kind: str
    lead: Value | None = None
    account: Value | None = None
    at: Value
    recorded_at: Value | None = None
    fields: Mapping[str, Value] = Field(default_factory=dict)
    when: When = Field(default_factory=dict)


class LedgerRule(_Part):
    """Amounts of a day that each row tells, where `when` holds; one line a measure."""

    day: Value
    measures: Mapping[str, Value]
    source: Value | None = None
    campaign: Value | None = None
    lead_type: Value | None = None
    when: When = Field(default_factory=dict)


class Join(_Part):
    """The rows of another table whose columns hold the same as columns of this one."""

    table: str
    where: Mapping[str, str]
    every: YesNo = False
    otherwise: Literal["refuse", "leave out", "blank"] = "refuse"


class Read(_Part):
    """How a file is read where it can't be told from the file."""

    encoding: str | None = None
    separator: str | None = None
    header_row: Annotated[int, Field(ge=1, le=1000)] = 1
    sheet: str | None = None


class Table(_Part):
    """One exported table: how it is read, what it is joined with, what its rows tell."""

    read: Read = Read()
    key: str | None = None
    optional: YesNo = False
    blank: Words = ()
    dates: Words = ()
    zone: str | None = None
    numbers: str | None = None
    joins: Mapping[str, Join] = Field(default_factory=dict)
    facts: tuple[FactRule, ...] = ()
    ledger: tuple[LedgerRule, ...] = ()


class TableMapping(_Part):
    """All tables of an export, and the system that their facts name as their source."""

    mapping: Literal["1"]
    system: str
    zone: str
    dates: Words = ("iso",)
    numbers: str = "1234.56"
    tables: Mapping[str, Table]


def read_mapping(
    text: str | bytes,
) -> tuple[TableMapping | None, Mapping[Path, int], list[Problem]]:
    """The mapping in a YAML text, the lines of its values, and all that is wrong with it."""
    document, problems = parse(text, most_bytes=MOST_BYTES)
    if document is None or problems:
        return None, {}, problems
    if not isinstance(document.value, dict):
        what = _("A mapping is expected here.")
        return None, {}, [Problem("", 1, what, _("Begin with `mapping: 1`."))]
    try:
        mapping = TableMapping.model_validate(document.value)
    except ValidationError as error:
        return None, document.lines, list(_mistakes(error, document.lines))
    problems = list(_checked(mapping, document.lines))
    return (None if problems else mapping), document.lines, problems


def _mistakes(error: ValidationError, lines: Mapping[Path, int]) -> Iterator[Problem]:
    for mistake in error.errors(include_url=False):
        path = tuple(step for step in mistake["loc"] if step != "[key]")
        line = line_of(lines, path)
        last = str(path[-1]) if path else ""
        if mistake["type"] == "extra_forbidden":
            known = _known_keys(path)
            yield Problem(
                spoken(path),
                line,
                _("'{key}' is unknown here.").format(key=last),
                did_you_mean(last, known),
            )
        elif mistake["type"] == "missing":
            what = _("'{key}' is missing.").format(key=last)
            yield Problem(spoken(path), line, what, _("Add it."))
        else:
            yield Problem(spoken(path), line, f"{mistake['msg']}.", _("See docs/mapping.md."))


def _known_keys(path: Path) -> list[str]:
    """The keys that the part around a path knows."""
    part: type[BaseModel] = TableMapping
    inside = {
        "tables": Table,
        "facts": FactRule,
        "ledger": LedgerRule,
        "joins": Join,
        "read": Read,
        "when": Condition,
        "fields": Cell,
        "measures": Cell,
    }
    for step in path[:-1]:
        part = cast("type[BaseModel]", inside.get(str(step), Cell if step in _CELLS else part))
    return [str(field.alias) for field in part.model_fields.values()]


_CELLS = frozenset(
    {"at", "lead", "account", "recorded at", "day", "source", "campaign", "lead type"}
)


def _checked(mapping: TableMapping, lines: Mapping[Path, int]) -> Iterator[Problem]:
    """What only shows when parts are seen together: kinds, fields, tables, zones, forms."""
    at = partial(_at, lines)
    yield from _checked_forms((), mapping.zone, mapping.dates, mapping.numbers, at)
    for name, table in mapping.tables.items():
        path: Path = ("tables", name)
        yield from _checked_forms(path, table.zone, table.dates, table.numbers, at)
        for alias, join in table.joins.items():
            if join.table not in mapping.tables:
                what = _("There is no table '{name}'.").format(name=join.table)
                yield at(
                    (*path, "joins", alias, "table"), what, did_you_mean(join.table, mapping.tables)
                )
        for number, rule in enumerate(table.facts):
            yield from _checked_rule((*path, "facts", number), rule, at)
        for number, entry in enumerate(table.ledger):
            for measure, cell in entry.measures.items():
                yield from _checked_cell((*path, "ledger", number, "measures", measure), cell, at)
        if not table.facts and not table.ledger and not _is_joined(mapping, name):
            what = _("The table '{name}' tells nothing.").format(name=name)
            yield at(path, what, _("Write `facts` or `ledger` for it, or leave it out."))


def _is_joined(mapping: TableMapping, name: str) -> bool:
    return any(
        join.table == name for table in mapping.tables.values() for join in table.joins.values()
    )


def _at(lines: Mapping[Path, int], path: Path, problem: str, remedy: str) -> Problem:
    return Problem(spoken(path), line_of(lines, path), problem, remedy)


def _checked_rule(path: Path, rule: FactRule, at: Any) -> Iterator[Problem]:
    kind = facts.key(rule.kind)
    if kind not in facts.CODES:
        what = _("'{kind}' is no kind of fact.").format(kind=rule.kind)
        yield at((*path, "kind"), what, did_you_mean(kind, facts.CODES))
        return
    if rule.lead is None and rule.account is None:
        yield at(path, _("The fact names no lead."), _("Write `lead:` with the column of its key."))
    known = [field.name for field in facts.KINDS[facts.CODES[kind]].fields]
    for name, cell in rule.fields.items():
        if facts.field_of(facts.CODES[kind], facts.key(name)) is None and name != "source id":
            what = _("'{kind}' has no field '{name}'.").format(kind=kind, name=name)
            yield at((*path, "fields", name), what, did_you_mean(name, known))
        yield from _checked_cell((*path, "fields", name), cell, at)
    for name, part in (("at", rule.at), ("recorded at", rule.recorded_at), ("lead", rule.lead)):
        if part is not None:
            yield from _checked_cell((*path, name), part, at)


def _checked_cell(path: Path, cell: Cell, at: Any) -> Iterator[Problem]:
    if not cell.columns() and cell.text is None:
        yield at(path, _("The value comes from nowhere."), _("Name a column, or write `text:`."))
    if cell.duration is not None and cell.duration not in DURATIONS:
        what = _("'{way}' is no way to write a duration.").format(way=cell.duration)
        yield at((*path, "duration"), what, did_you_mean(cell.duration, DURATIONS))
    yield from _checked_forms(path, cell.zone, cell.dates, cell.numbers, at)


def _checked_forms(
    path: Path, zone: str | None, dates: tuple[str, ...], numbers: str | None, at: Any
) -> Iterator[Problem]:
    if zone is not None and isinstance(wrong := zone_of(zone), Problem):
        yield at((*path, "zone"), wrong.problem, wrong.remedy)
    for form in dates:
        try:
            date_reader(form)
        except ValueError as error:
            what = _("'{form}' is no form of dates: {error}.").format(form=form, error=error)
            yield at((*path, "dates"), what, _("Write it like dd.mm.yyyy hh:mm, or iso, or excel."))
    if numbers is not None and numbers not in NUMBERS:
        what = _("'{form}' is no form of numbers.").format(form=numbers)
        yield at(
            (*path, "numbers"), what, _("Use one of: {forms}.").format(forms="; ".join(NUMBERS))
        )
