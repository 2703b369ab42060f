"""Problems of the API: every way in which a request can be refused, after RFC 9457.

Each has an address that stays (`/problems/<slug>`), where its meaning and its remedy are explained.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadpact.problem import Problem

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """One kind of problem: its status, what it is called, what it means and what to do."""

    status: int
    title: Any
    meaning: Any
    remedy: Any


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(
        400,
        gettext_lazy("The request can't be read"),
        gettext_lazy("The body is no JSON text in UTF-8, or a header has no such form."),
        gettext_lazy(
            "Send one JSON value. NaN, Infinity and numbers of thousands of digits are none."
        ),
    ),
    "unauthorized": Kind(
        401,
        gettext_lazy("Nobody is known by this token"),
        gettext_lazy("The token is missing, wrong, expired or revoked."),
        gettext_lazy("Send the header Authorization: Bearer followed by the secret of a token."),
    ),
    "forbidden": Kind(
        403,
        gettext_lazy("This token may not do that"),
        gettext_lazy("The role of its person, or its scopes, don't cover the act."),
        gettext_lazy("Ask an administrator for a token with the scope that is named."),
    ),
    "not-found": Kind(
        404,
        gettext_lazy("There is no such thing here"),
        gettext_lazy("Nothing in this workspace has that id, or no endpoint has that address."),
        gettext_lazy("Compare the address with the reference at /api/."),
    ),
    "method-not-allowed": Kind(
        405,
        gettext_lazy("This address doesn't take that verb"),
        gettext_lazy("The endpoint exists, and answers other verbs."),
        gettext_lazy("Use one of the verbs in the header Allow."),
    ),
    "conflict": Kind(
        409,
        gettext_lazy("Another fact has this source id"),
        gettext_lazy("A different fact with the same system and source_id is recorded; it stays."),
        gettext_lazy(
            "Give the fact a source_id of its own, or record what corrects the earlier one."
        ),
    ),
    "still-running": Kind(
        409,
        gettext_lazy("The first request with this key is still running"),
        gettext_lazy("Two requests with the same Idempotency-Key came at once."),
        gettext_lazy("Wait a moment and send it again: the answer will be that of the first."),
    ),
    "changed-meanwhile": Kind(
        412,
        gettext_lazy("Somebody else changed it meanwhile"),
        gettext_lazy("The version in If-Match isn't the one that stands now."),
        gettext_lazy("Read it again, look at what changed, and send the ETag of that answer."),
    ),
    "too-large": Kind(
        413,
        gettext_lazy("The request is too large"),
        gettext_lazy("A body has at most 20 MB."),
        gettext_lazy("Send several smaller requests."),
    ),
    "unsupported-media-type": Kind(
        415,
        gettext_lazy("This is no JSON"),
        gettext_lazy("The header Content-Type names something else."),
        gettext_lazy("Send Content-Type: application/json."),
    ),
    "invalid": Kind(
        422,
        gettext_lazy("Something in the request is wrong"),
        gettext_lazy(
            "The request can be read, and some of its values can't be taken; nothing was changed."
        ),
        gettext_lazy("Each of the problems says where it is and what to write instead."),
    ),
    "key-reused": Kind(
        422,
        gettext_lazy("This Idempotency-Key was used for another request"),
        gettext_lazy("A key stands for one request with one body, for a day."),
        gettext_lazy("Use a new key for a new request."),
    ),
    "precondition-required": Kind(
        428,
        gettext_lazy("Say which version you change"),
        gettext_lazy("Without If-Match two people could undo each other's changes unnoticed."),
        gettext_lazy("Send the ETag that came with the thing as the header If-Match."),
    ),
    "too-many-requests": Kind(
        429,
        gettext_lazy("Too many requests"),
        gettext_lazy("This token sends more than its share."),
        gettext_lazy("Wait as many seconds as Retry-After says; send facts in batches."),
    ),
    "failed": Kind(
        500,
        gettext_lazy("Something went wrong on our side"),
        gettext_lazy(
            "The request did nothing. The log of the desk has the details under the request id."
        ),
        gettext_lazy("Try again; if it stays, tell your administrator the request id."),
    ),
    "unavailable": Kind(
        503,
        gettext_lazy("The database doesn't answer now"),
        gettext_lazy(
            "It is restarting, full, or busy with something long; the request did nothing."
        ),
        gettext_lazy("Send the request again after the seconds that Retry-After names."),
    ),
}
"""Every kind of problem, by its slug."""


class NotTaken(Exception):
    """A request that is refused: the slug of its kind, the case at hand, all that is wrong."""

    def __init__(
        self,
        slug: str,
        detail: str = "",
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.slug = slug
        self.detail = detail
        self.problems = list(problems)
        self.headers = dict(headers or {})
        super().__init__(slug, detail)


def wrong(path: str, problem: str, remedy: str) -> NotTaken:
    """The refusal of one value."""
    return NotTaken("invalid", problems=[Problem(path, 0, problem, remedy)])


def response_of(refusal: NotTaken, request: str) -> HttpResponse:
    """The answer that tells a problem; `request` is the id of the request."""
    kind = KINDS[refusal.slug]
    told: dict[str, Any] = {
        "type": f"/problems/{refusal.slug}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": refusal.detail or str(kind.meaning),
        "request": request,
    }
    if refusal.problems:
        told["problems"] = [as_json(one) for one in refusal.problems]
    content = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(
        content, content_type=MEDIA_TYPE, status=kind.status, headers=refusal.headers
    )


def as_json(problem: Problem) -> dict[str, Any]:
    """One thing that is wrong; `line` only where there is a text with lines."""
    told: dict[str, Any] = {"path": problem.path, "problem": problem.problem}
    if problem.line:
        told["line"] = problem.line
    return told | {"remedy": problem.remedy or _("Compare it with the reference.")}
