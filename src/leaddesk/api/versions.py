"""Versions: which one of a thing somebody saw, by `ETag`, and which one they change, by `If-Match`."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from leaddesk.api.problems import NotTaken

_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def tag(response: HttpResponse, version: int) -> None:
    """Say which version is answered."""
    response["ETag"] = f'"{version}"'


def version_of(request: HttpRequest) -> int | None:
    """The version that the caller saw; None where any will do (`*`). Raises `NotTaken`."""
    text = request.headers.get("If-Match", "").strip()
    if not text:
        raise NotTaken("precondition-required")
    if text == "*":
        return None
    found = _TAG.fullmatch(text)
    if found is None:
        raise NotTaken("malformed", _("If-Match holds no ETag of ours."))
    return int(found[1])
