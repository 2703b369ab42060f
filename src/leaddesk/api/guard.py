"""The guard: what every request passes on its way to an endpoint, and every refusal on its way out.

Who asks, how often, whether they may; then the endpoint, once for each `Idempotency-Key`. Whatever
is raised on the way is answered as a problem.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.errors import HttpError, ValidationError

from leaddesk.api import bodies, limits
from leaddesk.api.problems import NotTaken, response_of, wrong
from leaddesk.book import answers, database, moment
from leaddesk.book.access import Actor, actor_of_token
from leaddesk.book.fields import plain_text
from leaddesk.book.refusal import Absent, Forbidden, Refused, Stale
from leaddesk.journal import request_id
from leadpact.problem import Problem, did_you_mean

View = Callable[..., HttpResponse]
SAFE = frozenset({"GET", "HEAD"})
_log = logging.getLogger(__name__)


class Door(NamedTuple):
    """What one verb at one address asks of a request: a right, and no other parameters than these."""

    act: str
    parameters: frozenset[str]


def queried(models: Iterable[Any]) -> frozenset[str]:
    """The names of the query parameters that an endpoint takes."""
    found = (one for one in models if one.__ninja_param_source__ == "query")
    return frozenset(name for one in found for name in one.__ninja_flatten_map__)


def guarded(view: View, doors: Mapping[str, Door]) -> View:
    """The view of one address behind the doors of its verbs."""
    allowed = ", ".join(sorted({*doors, "HEAD"} if "GET" in doors else doors))

    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            if request.method == "HEAD":
                request.method = "GET"
            door = doors.get(request.method or "")
            if door is None:
                raise NotTaken("method-not-allowed", headers={"Allow": allowed})
            return _answered(view, door, request, parts)
        except Exception as error:  # noqa: BLE001  (each becomes an answer)
            return refused(error)

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie lets anybody in here
    return answer


def _answered(view: View, door: Door, request: HttpRequest, parts: dict[str, Any]) -> HttpResponse:
    actor = _actor(request)
    actor.must(door.act)
    if "\x00" in request.path:
        raise NotTaken("not-found")
    if request.META.get("QUERY_STRING"):
        _check_query(request, door.parameters)
    request.auth = actor  # type: ignore[attr-defined]
    if request.method in SAFE:
        return view(request, **parts)
    body = bodies.bytes_of(request)
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return view(request, **parts)
    return _once(actor, key, _digest(request, body), lambda: view(request, **parts))


def _check_query(request: HttpRequest, known: frozenset[str]) -> None:
    """A filter that is misspelt must not yield everything. Raises `NotTaken`."""
    for name, values in request.GET.lists():
        if name not in known:
            said = _("There is no parameter '%(name)s'.") % {"name": plain_text(name)}
            remedy = did_you_mean(name, known) if known else _("Leave it out.")
            raise wrong(plain_text(name), said, remedy)
        if any("\x00" in value for value in values):
            raise wrong(name, _("The value holds a NUL character."), _("Remove it."))


def _actor(request: HttpRequest) -> Actor:
    """Who asks, after counting the request. Raises `NotTaken`."""
    now = moment.now()
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    actor = actor_of_token(secret.strip(), now) if scheme.lower() == "bearer" else None
    if actor is None:
        limits.take("nobody", request.META.get("REMOTE_ADDR", ""), now)
        raise NotTaken("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="leaddesk"'})
    kind = "facts" if request.path.startswith("/api/v1/facts") else "other"
    limits.take(kind, actor.token, now)
    return replace(actor, request=request_id.get())


def _digest(request: HttpRequest, body: bytes) -> str:
    head = f"{request.method} {request.get_full_path()}\n"
    return sha256(head.encode("utf-8", "replace") + body).hexdigest()


def _once(actor: Actor, key: str, digest: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What an endpoint answers, or what it answered to the first request with this key."""
    if not 0 < len(key) <= 255 or not key.isascii() or not key.isprintable():
        what = _("An Idempotency-Key has 1 to 255 printable ASCII characters.")
        raise NotTaken("malformed", what)
    workspace, token = actor.workspace_id, actor.token

    def work() -> HttpResponse:
        given = answers.claimed(workspace, token, key, digest, moment.now())
        if given is not None:
            return _again(given)
        response = act()
        if response.streaming:  # too long to be kept; it may be asked for again
            return response
        text = getattr(response, "kept", None) or response.content.decode()
        answers.keep(workspace, token, key, answers.Given(response.status_code, text))
        return response

    try:
        with answers.alone(workspace, token, key):
            return database.in_transaction(work)
    except answers.Running:
        raise NotTaken("still-running", headers={"Retry-After": "1"}) from None
    except answers.Reused:
        raise NotTaken("key-reused") from None


def _again(given: answers.Given) -> HttpResponse:
    kind = "application/json; charset=utf-8"
    headers = {"Idempotency-Replayed": "true"}
    return HttpResponse(given.body, content_type=kind, status=given.status, headers=headers)


def refused(error: Exception) -> HttpResponse:
    """The answer to a request that ended in this error."""
    return response_of(_refusal(error), request_id.get())


def _refusal(error: Exception) -> NotTaken:
    """An error in terms of the API; what we didn't foresee is told to the log alone."""
    match error:
        case NotTaken():
            return error
        case Refused():
            return NotTaken("invalid", problems=error.problems)
        case Forbidden():
            return NotTaken("forbidden", _("It lacks the right '%(act)s'.") % {"act": error.act})
        case Absent() | Http404():
            return NotTaken("not-found")
        case Stale():
            return NotTaken("changed-meanwhile", headers={"ETag": f'"{error.version}"'})
        case ValidationError():
            return NotTaken("invalid", problems=[_problem(one) for one in error.errors])
        case HttpError() if isinstance(error.__cause__, NotTaken):
            return error.__cause__
        case HttpError() | SuspiciousOperation():
            return NotTaken("malformed")
        case OperationalError() | InterfaceError():
            _log.exception("The database failed a request.")
            return NotTaken("unavailable", headers={"Retry-After": "5"})
    _log.error("A request failed.", exc_info=error)
    return NotTaken("failed")


def _problem(error: Mapping[str, Any]) -> Problem:
    place = ".".join(str(step) for step in error["loc"][1:])
    text = str(error["msg"]).removeprefix("Value error, ")
    return Problem(
        place, 0, f"{text}.".replace("..", "."), _("Write a value as the reference says.")
    )
