"""Requests: each has an id, which comes back with the answer and stands in every log line."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from leaddesk.journal import request_id

_FIT = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


class Requests:
    """Names each request, by the caller's own ``X-Request-Id`` where it sent a fit one."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and name the request while doing so."""
        given = request.headers.get("X-Request-Id", "")
        name = given if _FIT.fullmatch(given) else secrets.token_hex(12)
        token = request_id.set(name)
        try:
            response = self.answer(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = name
        return response
