"""Schema: the clause types as JSON Schema (Draft 2020-12), for editors that check while one writes."""

from typing import Any, Literal, get_args, get_origin

from leadpact.agreement import shape
from leadpact.agreement.clause import Clause
from leadpact.agreement.conditions import WORDS
from leadpact.agreement.demand import Dated, Funnel, Qualification
from leadpact.agreement.model import Agreement, Definitions

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTITY = "urn:leadpact:agreement:1"

# Editors read YAML's own types: a number, yes or a date may reach them typed.
_PLAIN = ["string", "number", "boolean"]


def schema() -> dict[str, Any]:
    """The JSON Schema of an agreement; it refuses unknown keys.

    It accepts whatever loads with its keys and words in lower case.
    """
    clauses: dict[str, Any] = {}
    reference = _of(Agreement, clauses)
    return {
        "$schema": DIALECT,
        "$id": IDENTITY,
        "title": "Agreement",
        "description": "An agreement of sales and marketing, as leadpact reads it.",
        **reference,
        "$defs": dict(sorted(clauses.items())),
    }


def _of(annotation: Any, clauses: dict[str, Any]) -> dict[str, Any]:
    kind = shape.bare(annotation)
    if shape.is_clause(kind):
        return _clause(kind, clauses)
    if len(choices := shape.alternatives(annotation)) > 1:
        return {"anyOf": [_of(choice, clauses) for choice in choices]}
    if get_origin(kind) is tuple and len(get_args(kind)) == 2 and get_args(kind)[1] is ...:
        return _list(annotation, get_args(kind)[0], clauses)
    if get_origin(kind) is dict:
        table = {"type": "object", "additionalProperties": _of(get_args(kind)[1], clauses)}
        return {"anyOf": [table, {"type": "string"}]} if shape.reads_single(annotation) else table
    if get_origin(kind) is Literal:
        return {"enum": [form for word in get_args(kind) for form in _forms(word)]}
    plain: dict[str, Any] = {"type": _PLAIN}
    if like := shape.example(annotation):
        plain["examples"] = [like]
    return plain


def _forms(word: str) -> list[str | int]:
    """A word as text, and as the number that it looks like."""
    return [word, int(word)] if word.isdecimal() else [word]


def _list(annotation: Any, item: Any, clauses: dict[str, Any]) -> dict[str, Any]:
    """A list; also a single value where the clause reads one as a list of one."""
    inner = _of(item, clauses)
    listed = {"type": "array", "items": inner}
    kind = shape.bare(item)
    if isinstance(kind, type) and issubclass(kind, Dated):
        return {"anyOf": [{"type": _PLAIN}, inner, listed]}
    return {"anyOf": [inner, listed]} if shape.reads_single(annotation) else listed


def _clause(clause: type[Clause], clauses: dict[str, Any]) -> dict[str, Any]:
    name = clause.__name__.rstrip("_")
    if name not in clauses:
        clauses[name] = {}
        clauses[name] = _object(clause, clauses)
    return {"$ref": f"#/$defs/{name}"}


def _object(clause: type[Clause], clauses: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    patterns: dict[str, Any] = {}
    required: list[Any] = []
    for name, field in clause.model_fields.items():
        value = _of(shape.type_of(field), clauses)
        key = str(field.alias)
        if (clause, name) in shape.GATHERED:
            patterns |= _gathered(clause, value)
            continue
        properties[key] = {**value, "description": field.description}
        if " " in key:
            patterns[f"^{key.replace(' ', '_')}$"] = value
        if field.is_required():
            required.append(key)
    form: dict[str, Any] = {
        "type": "object",
        "description": shape.meaning(clause),
        "properties": properties,
        "additionalProperties": {"type": _PLAIN} if clause is Definitions else False,
    }
    if patterns:
        form["patternProperties"] = patterns
    return form | _required(required)


def _required(keys: list[str]) -> dict[str, Any]:
    """Keys that must stand there; those with a space may be written with an underscore."""
    needed: dict[str, Any] = {}
    if plain := [key for key in keys if " " not in key]:
        needed["required"] = plain
    if spaced := [key for key in keys if " " in key]:
        needed["allOf"] = [
            {"anyOf": [{"required": [key]}, {"required": [key.replace(" ", "_")]}]}
            for key in spaced
        ]
    return needed


def _gathered(clause: type[Clause], value: dict[str, Any]) -> dict[str, Any]:
    """Keys that hold a name of the author's own."""
    inside = value["additionalProperties"]
    if clause is Qualification:
        return {"^[qQ]ualifies[ _]as[ _].+$": inside}
    if clause is Funnel:
        return {"^(win|.+[ _]to[ _].+)$": inside}
    words = "|".join(WORDS)
    return {f"^(?!({words})$).+$": inside}
