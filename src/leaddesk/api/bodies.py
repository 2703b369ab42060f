"""Bodies: JSON as it comes in and goes out; whatever can't be read is refused with a reason."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from ninja.parser import Parser

from leaddesk.api.problems import NotTaken, wrong

MOST_BYTES = 20 * 1024 * 1024
_MOST_DEEP = 32


def bytes_of(request: HttpRequest) -> bytes:
    """The body, up to 20 MB of JSON. Raises `NotTaken`."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length[:20]) > MOST_BYTES:
        raise NotTaken("too-large")
    try:
        body = request.body
    except RequestDataTooBig:
        raise NotTaken("too-large") from None
    except UnreadablePostError:
        raise NotTaken("malformed", _("The connection broke before the body had come.")) from None
    if body and not _is_json(request.content_type or ""):
        raise NotTaken("unsupported-media-type")
    return body


def _is_json(content_type: str) -> bool:
    kind = content_type.lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def value_of(body: bytes) -> Any:
    """The JSON value of a body; numbers with a point are exact. Raises `NotTaken`."""
    if not body:
        raise NotTaken("malformed", _("The body is empty."))
    try:
        return json.loads(body.decode(), parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        raise NotTaken("malformed", _("The body is nested too deep.")) from None
    except ValueError as error:
        what = _("The body is not JSON: %(error)s.") % {"error": error}
        raise NotTaken("malformed", what) from None


def written(status: int, value: Any) -> HttpResponse:
    """An answer with a value that needs no further shaping."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return HttpResponse(content, status=status, content_type="application/json; charset=utf-8")


def shown_once(status: int, value: dict[str, Any], secret: str | None) -> HttpResponse:
    """An answer with a secret, which is left out of the answer that is kept for repeats."""
    response = written(status, value | {"secret": secret})
    response.kept = written(status, value | {"secret": None}).content.decode()  # type: ignore[attr-defined]
    return response


def _no_number(name: str) -> NoReturn:
    raise ValueError(_("%(name)s is no number") % {"name": name})


class Bodies(Parser):
    """Reads the bodies of all endpoints but those of facts, which judge each fact by itself."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The value of the body, without texts that no database stores."""
        value = value_of(request.body)
        check(value)
        return value


def check(value: Any, path: str = "", depth: int = 0) -> None:
    """Raises `NotTaken` for a NUL, half a character, or too deep a nesting."""
    if depth > _MOST_DEEP:
        raise NotTaken("malformed", _("The body is nested too deep."))
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_text(name, path)
            check(part, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            check(part, f"{path}.{place}" if path else str(place), depth + 1)


def _check_text(text: str, path: str) -> None:
    if "\x00" in text:
        raise wrong(path, _("The value holds a NUL character."), _("Remove it."))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise wrong(
            path,
            _("The value holds half a character (a lone surrogate)."),
            _("Send valid Unicode."),
        ) from None
