"""Shapes: what the clause types expect at a place; read from the types themselves."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator, Tag, WithJsonSchema
from pydantic.fields import FieldInfo

from leadpact.agreement.clause import Clause, named
from leadpact.agreement.conditions import Is
from leadpact.agreement.demand import Funnel, Qualification
from leadpact.agreement.model import Definitions

OPEN_KEYS: dict[type, tuple[str, ...]] = {
    Qualification: ("qualifies as <stage>",),
    Funnel: ("<stage> to <stage>", "win"),
    Definitions: ("<word>",),
    Is: ("<field>",),
}
"""Keys that hold a name of the author's own; gathered by their clause, which has a field for them."""

GATHERED = {(Qualification, "qualifies"), (Funnel, "steps"), (Is, "fields")}


def type_of(field: FieldInfo) -> Any:
    """The type of a field with the units it is read by."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def keys(clause: type[Clause]) -> tuple[str, ...]:
    """The keys that a clause knows, as they are written; those in angle brackets stand for names."""
    fixed = (
        str(field.alias)
        for name, field in clause.model_fields.items()
        if (clause, name) not in GATHERED
    )
    return (*fixed, *OPEN_KEYS.get(clause, ()))


def bare(annotation: Any) -> Any:
    """A type without its units and without the option of leaving it out."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif len(rest := _choices(annotation)) == 1:
            annotation = rest[0]
        else:
            return annotation


def inside(annotation: Any, step: str | int) -> Any:
    """The type one step further in: by key, place, or tag of an alternative; None if unknown."""
    kind = bare(annotation)
    if choices := _choices(kind):
        return next((choice for choice in choices if step in _tags(choice)), None)
    if is_clause(kind):
        found = field(kind, step)
        return type_of(found) if found else str if kind is Definitions else None
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    if get_origin(kind) is dict:
        return get_args(kind)[0 if step == "[key]" else 1]
    return None


def field(clause: Any, key: str | int) -> FieldInfo | None:
    """The field of a clause that is written with a key."""
    if not is_clause(clause) or isinstance(key, int):
        return None
    fields: dict[str, FieldInfo] = clause.model_fields
    return next((field for field in fields.values() if field.alias == named(key)), None)


def example(annotation: Any) -> str | None:
    """How a value of this type may look."""
    for part in _unfolded(annotation):
        if isinstance(part, WithJsonSchema) and part.json_schema:
            return str(part.json_schema["examples"][0])
    kind = bare(annotation)
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    return None


def unit(annotation: Any) -> str | None:
    """What a value of this type is called: rate, amount, name …; None for a plain text."""
    for part in _unfolded(annotation):
        if isinstance(part, BeforeValidator) and part.func is named and bare(annotation) is str:
            return "name"
        if isinstance(part, WithJsonSchema) and part.json_schema:
            return str(part.json_schema["title"])
    return None


def reads_single(annotation: Any) -> bool:
    """Whether a single value may stand for a list, or a table, of one."""
    return any(isinstance(part, BeforeValidator) for part in _unfolded(annotation))


def meaning(clause: type[Clause]) -> str:
    """What a clause is, as its type says."""
    return " ".join((clause.__doc__ or "").split())


def is_clause(kind: Any) -> bool:
    """Whether a type is a clause: keys with values."""
    return isinstance(kind, type) and issubclass(kind, Clause)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types of which one stands at a place."""
    kind = bare(annotation)
    return _choices(kind) or (kind,)


def _unfolded(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        inner, *extras = get_args(annotation)
        yield from extras
        yield from _unfolded(inner)
    elif len(rest := _choices(annotation)) == 1:
        yield from _unfolded(rest[0])


def _choices(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in {Union, UnionType}:
        return tuple(choice for choice in get_args(annotation) if choice is not NoneType)
    return ()


def _tags(annotation: Any) -> set[str]:
    return {part.tag for part in _unfolded(annotation) if isinstance(part, Tag)}
