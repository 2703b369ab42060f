"""The application: every resource under /api/v1, each address behind the guard."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from leaddesk.api import (
    agreements,
    audit,
    calendars,
    channels,
    companies,
    contacts,
    deliveries,
    export,
    facts,
    follow_up,
    handoffs,
    leads,
    leave,
    mailing,
    mutes,
    nurture,
    obligations,
    people,
    prediction,
    routing,
    scoring,
    status,
    teams,
    tokens,
)
from leaddesk.api.bodies import Bodies, written
from leaddesk.api.guard import Door, guarded, queried, refused
from leaddesk.api.problems import NotTaken
from leaddesk.api.reader import page
from leaddesk.api.reference import document
from leadpact import __version__

ROUTERS = (
    facts.router,
    scoring.router,
    routing.router,
    follow_up.router,
    nurture.router,
    handoffs.router,
    leads.router,
    obligations.router,
    people.router,
    teams.router,
    leave.router,
    calendars.router,
    companies.router,
    contacts.router,
    agreements.router,
    mailing.router,
    channels.router,
    deliveries.router,
    mutes.router,
    prediction.router,
    audit.router,
    tokens.router,
    status.router,
    export.router,
)
_DESCRIPTION = """\
Facts in, verdicts out. Send `Authorization: Bearer` with the secret of a token; times are RFC 3339
and answered in UTC; lists come in pages (`limit`, `cursor`); whatever is refused is answered as
`application/problem+json`."""


def _raised(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Leave every error to the guard, which ends the transaction and words the answer."""
    raise error


@cache
def api() -> NinjaAPI:
    """The endpoints of every resource."""
    own = NinjaAPI(
        title="Leaddesk",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
        parser=Bodies(),
    )
    for kind in (Exception, HttpError, ValidationError):
        own.add_exception_handler(kind, _raised)
    for router in ROUTERS:
        own.add_router("", router)
    return own


@cache
def described() -> dict[str, Any]:
    """The reference, made once."""
    return document(api())


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """The reference for programs (OpenAPI 3.1)."""
    return written(200, described())


@require_safe
def reader(request: HttpRequest) -> HttpResponse:
    """The reference for people."""
    return page(request, described())


def absent(_request: HttpRequest) -> HttpResponse:
    """The answer at every address of the API where nothing is."""
    return refused(NotTaken("not-found"))


absent.csrf_exempt = True  # type: ignore[attr-defined]


def _endpoints() -> Iterator[URLPattern]:
    for router in api()._get_bound_routers():  # noqa: SLF001  (ninja has no other list of them)
        for address, view in router.path_operations.items():
            doors = {
                method: Door(operation.openapi_extra["x-permission"], queried(operation.models))
                for operation in view.operations
                for method in operation.methods
            }
            route = "api/v1" + address.replace("{", "<").replace("}", ">")
            yield path(route, guarded(view.get_view(), doors))


urlpatterns = [
    path("api/", reader),
    path("api/v1/openapi.json", openapi),
    *_endpoints(),
    re_path(r"^api/v1(?:/[\s\S]*)?$", absent),
]
