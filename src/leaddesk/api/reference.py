"""The reference: the OpenAPI 3.1 description, drawn from the types that the endpoints use."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from leaddesk.api.problems import KINDS, MEDIA_TYPE
from leaddesk.api.shapes import ProblemDetails
from leadpact import facts
from leadpact.facts import Field, Type

_JSON_TYPES = {
    Type.MONEY: ["number", "string"],
    Type.SECONDS: ["number", "string"],
    Type.YES_NO: ["boolean", "string"],
}
_OWN = frozenset({"ruled"})  # kinds that only the desk itself records


def _fact() -> dict[str, Any]:
    """The JSON schema of a fact: its envelope, and the fields of all kinds together."""
    kinds = [kind.name for kind in facts.KINDS if kind.name not in _OWN]
    every = [field for kind in facts.KINDS if kind.name not in _OWN for field in kind.fields]
    fields = {field.name: _schema(field) for field in (*every, *facts.COMMON, *facts.ENVELOPE)}
    fields["kind"] = {"type": "string", "enum": kinds}
    fields["form"] = {"type": "integer", "const": facts.FORM}
    fields["account"] = _schema(Field("account", Type.TEXT, "the key of a company"))
    for name in ("lead", "account", "source_id"):
        fields[name] |= {"maxLength": 200}
    return {
        "type": "object",
        "properties": fields,
        "required": ["kind", "occurred_at"],
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        "examples": [
            {
                "lead": "L-1",
                "kind": "attempted",
                "occurred_at": "2026-03-13T14:00:00Z",
                "by": "ana",
                "channel": "phone",
                "source_id": "call-4711",
            }
        ],
    }


def _schema(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": _JSON_TYPES.get(field.type, "string"),
        "description": field.meaning,
    }
    if field.type is Type.INSTANT:
        told["format"] = "date-time"
    return told


FACT = {"required": True, "content": {"application/json": {"schema": _fact()}}}
FACTS = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"facts": {"type": "array", "maxItems": 10_000, "items": _fact()}},
                "required": ["facts"],
            }
        }
    },
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "A name for this request; for a day its repeats are answered as it was, and do nothing.",
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'},
    "description": "The ETag of what is changed, so that nobody's change is undone unnoticed.",
}
_ALWAYS = ("malformed", "unauthorized", "forbidden", "not-found", "invalid")
_AND = ("too-many-requests", "failed", "unavailable")
_UNSAFE = ("conflict", "too-large", "unsupported-media-type")
_VERSIONED = ("changed-meanwhile", "precondition-required")


def document(api: NinjaAPI) -> dict[str, Any]:
    """The whole description; every status that an endpoint can answer is in it."""
    described: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/v1"))
    schemas = described["components"].setdefault("schemas", {})
    own = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= own.pop("$defs", {})
    schemas["ProblemDetails"] = own
    bearer = {"type": "http", "scheme": "bearer", "description": "the secret of a token"}
    described["components"]["securitySchemes"] = {"token": bearer}
    for verbs in described["paths"].values():
        for verb, operation in verbs.items():
            _complete(verb, operation)
    return described


def _complete(verb: str, operation: dict[str, Any]) -> None:
    """Add what the guard does for every endpoint: its headers and its refusals."""
    is_versioned = operation.pop("x-versioned", False)
    operation["security"] = [{"token": []}]
    parameters = operation.setdefault("parameters", [])
    if verb != "get":
        parameters.append(_IDEMPOTENCY_KEY)
    if is_versioned:
        parameters.append(_IF_MATCH)
    for slug in _slugs(verb, is_versioned=is_versioned):
        kind = KINDS[slug]
        operation["responses"][str(kind.status)] = {
            "description": str(kind.title),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
    operation["responses"] = {str(status): one for status, one in operation["responses"].items()}


def _slugs(verb: str, *, is_versioned: bool) -> Iterator[str]:
    yield from (*_ALWAYS, *_AND)
    if verb != "get":
        yield from _UNSAFE
    if is_versioned:
        yield from _VERSIONED
