"""The reader: the reference as a page, drawn on the server; it loads nothing from elsewhere."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_MOST_WORDS = 8


def page(request: HttpRequest, described: Mapping[str, Any]) -> HttpResponse:
    """The page of the whole reference."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            shown = _shown(path, verb, operation, described["components"]["schemas"])
            sections.setdefault(operation["tags"][0], []).append(shown)
    context = {"sections": sections, "info": described["info"]}
    return render(request, "api/reader.html", context)


def _shown(
    path: str, verb: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> dict[str, Any]:
    """One endpoint as the page shows it."""
    told, _blank, more = operation.get("description", "").partition("\n\n")
    body = _body(operation)
    fields = [*_fields(_followed(body, schemas))] if body else []
    return {
        "id": operation["operationId"],
        "verb": verb.upper(),
        "path": path,
        "told": told,
        "more": more,
        "right": operation["x-permission"],
        "parameters": [_parameter(one) for one in operation["parameters"]],
        "fields": fields,
        "answers": [_answer(*one) for one in sorted(operation["responses"].items())],
        "curl": curl(path, verb, fields),
    }


def _body(operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    found: Mapping[str, Any] | None = content.get("application/json", {}).get("schema")
    return found


def _followed(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema itself, where another one is referred to."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = schemas[name] if name else schema
    return found


def _fields(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    needed = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        yield {
            "name": name,
            "type": kind(field),
            "is_needed": name in needed,
            "told": field.get("description", ""),
        }


def _parameter(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"],
        "place": one["in"],
        "type": kind(one["schema"]),
        "is_needed": one["required"],
        "told": one.get("description", ""),
    }


def _answer(status: str, told: Mapping[str, Any]) -> dict[str, str]:
    return {"status": status, "told": told["description"] or HTTPStatus(int(status)).phrase}


def kind(schema: Mapping[str, Any]) -> str:
    """The type of a value in a few words."""
    if "enum" in schema:
        words = [str(one) for one in schema["enum"]]
        more = " …" if len(words) > _MOST_WORDS else ""
        return " | ".join(words[:_MOST_WORDS]) + more
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind(one) for one in schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    named = schema.get("format") or schema.get("type", "any value")
    words = " | ".join(named) if isinstance(named, list) else str(named)
    return f"{words} of {kind(schema['items'])}" if "items" in schema else words


def curl(path: str, verb: str, fields: list[dict[str, Any]]) -> str:
    """A call of an endpoint to copy; what stands in braces is to be filled in."""
    lines = [f"curl -X {verb.upper()} '{settings.BASE_URL}{path}'"]
    lines.append('  -H "Authorization: Bearer $TOKEN"')
    if fields:
        body = json.dumps({one["name"]: "…" for one in fields if one["is_needed"]})
        lines += ["  -H 'Content-Type: application/json'", f"  -d '{body}'"]
    return " \\\n".join(lines)
