"""Problems of the API: every way in which a request can be refused, after RFC 9457.

Each has an address that stays (`/problems/<slug>`), where its meaning and its remedy are explained.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

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
        later("The request can't be read"),
        later("The body is no JSON text in UTF-8, or a header has no such form."),
        later("Send one JSON value. NaN, Infinity and numbers of thousands of digits are none."),
    ),
    "unauthorized": Kind(
        401,
        later("Nobody is known by this token"),
        later("The token is missing, wrong, expired or revoked."),
        later("Send the header Authorization: Bearer followed by the secret of a token."),
    ),
    "forbidden": Kind(
        403,
        later("This token may not do that"),
        later("The role of its person, or its scopes, don't cover the act."),
        later("Ask an administrator for a token with the scope that is named."),
    ),
    "not-found": Kind(
        404,
        later("There is no such thing here"),
        later("Nothing in this workspace has that id, or no endpoint has that address."),
        later("Compare the address with the reference at /api/."),
    ),
    "method-not-allowed": Kind(
        405,
        later("This address doesn't take that verb"),
        later("The endpoint exists, and answers other verbs."),
        later("Use one of the verbs in the header Allow."),
    ),
    "conflict": Kind(
        409,
        later("Another fact has this source id"),
        later("A different fact with the same system and source_id is recorded; it stays."),
        later("Give the fact a source_id of its own, or record what corrects the earlier one."),
    ),
    "still-running": Kind(
        409,
        later("The first request with this key is still running"),
        later("Two requests with the same Idempotency-Key came at once."),
        later("Wait a moment and send it again: the answer will be that of the first."),
    ),
    "changed-meanwhile": Kind(
        412,
        later("Somebody else changed it meanwhile"),
        later("The version in If-Match isn't the one that stands now."),
        later("Read it again, look at what changed, and send the ETag of that answer."),
    ),
    "too-large": Kind(
        413,
        later("The request is too large"),
        later("A body has at most 20 MB."),
        later("Send several smaller requests."),
    ),
    "unsupported-media-type": Kind(
        415,
        later("This is no JSON"),
        later("The header Content-Type names something else."),
        later("Send Content-Type: application/json."),
    ),
    "invalid": Kind(
        422,
        later("Something in the request is wrong"),
        later(
            "The request can be read, and some of its values can't be taken; nothing was changed."
        ),
        later("Each of the problems says where it is and what to write instead."),
    ),
    "key-reused": Kind(
        422,
        later("This Idempotency-Key was used for another request"),
        later("A key stands for one request with one body, for a day."),
        later("Use a new key for a new request."),
    ),
    "precondition-required": Kind(
        428,
        later("Say which version you change"),
        later("Without If-Match two people could undo each other's changes unnoticed."),
        later("Send the ETag that came with the thing as the header If-Match."),
    ),
    "too-many-requests": Kind(
        429,
        later("Too many requests"),
        later("This token sends more than its share."),
        later("Wait as many seconds as Retry-After says; send facts in batches."),
    ),
    "failed": Kind(
        500,
        later("Something went wrong on our side"),
        later("The request did nothing. The log of the desk has the details under the request id."),
        later("Try again; if it stays, tell your administrator the request id."),
    ),
    "unavailable": Kind(
        503,
        later("The database doesn't answer now"),
        later("It is restarting, full, or busy with something long; the request did nothing."),
        later("Send the request again after the seconds that Retry-After names."),
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
