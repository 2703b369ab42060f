"""Agreement: its versions as people read them, sign them, and put them in force."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import agreements, moment
from leaddesk.book.models import AgreementVersion, Person
from leaddesk.book.refusal import Absent, Forbidden, Refused, refused
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.spoken import instant
from leaddesk.pages.visitor import signed_in

MOST_SHOWN = 20
"""Of a long history the last so many versions are shown."""


class Signed(NamedTuple):
    """A signature: who signed for which side, and when."""

    side: str
    name: str
    at: str


class Wanted(NamedTuple):
    """A signature that is still to be given; `is_yours` where the visitor may give it now."""

    side: str
    name: str
    is_yours: bool


class Version(NamedTuple):
    """A version as the page shows it; `is_ready` where the visitor may put it in force."""

    row: AgreementVersion
    signed: Sequence[Signed]
    wanted: Sequence[Wanted]
    is_ready: bool


def _answering(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose refusals people can read."""

    @wraps(view)
    def answer(request: Any) -> HttpResponse:
        try:
            return view(request)
        except Refused as refusal:
            return _page(request, [str(one) for one in refusal.problems])
        except Forbidden as error:
            return problems.forbidden(request, error)
        except Absent as error:
            return problems.absent(request, error)

    return answer


@require_safe
@signed_in
@_answering
def agreement(request: Any) -> HttpResponse:
    """Every version with its text, its signatures, and what the visitor can do with it."""
    return _page(request, [])


@require_http_methods(["POST"])
@signed_in
@_answering
def sign(request: Any) -> HttpResponse:
    """Sign the text that was shown, for a side, by typing one's own name."""
    person = request.person
    if _plain(request.POST.get("name", "")) != _plain(person.name):
        said = _("This isn't your name as the desk knows it: %(name)s.") % {"name": person.name}
        raise refused("name", said, _("Type it to sign."))
    seen, side = request.POST.get("hash", ""), request.POST.get("side", "")
    agreements.sign(request.actor, _number(request), side, seen, moment.now())
    return HttpResponseRedirect(f"{reverse('agreement')}?done=signed")


@require_http_methods(["POST"])
@signed_in
@_answering
def put_in_force(request: Any) -> HttpResponse:
    """Let the version that was shown judge from its first day on."""
    actor, number = request.actor, _number(request)
    if agreements.version_of(actor.workspace_id, number).hash != request.POST.get("hash"):
        said = _("This isn't the text that you saw.")
        raise refused("hash", said, _("Read it again, and decide about what it says now."))
    agreements.put_in_force(actor, number, moment.now())
    return HttpResponseRedirect(f"{reverse('agreement')}?done=in-force")


def _number(request: Any) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _page(request: Any, errors: Sequence[str]) -> HttpResponse:
    request.actor.must("read agreements")
    done = {"signed": _("You have signed."), "in-force": _("The version is in force.")}
    context = {
        "versions": [*_versions(request)],
        "errors": errors,
        "done": "" if errors else done.get(request.GET.get("done", ""), ""),
    }
    return shown(request, "pages/agreement.html", context, status=422 if errors else 200)


def _versions(request: Any) -> Iterator[Version]:
    actor, person = request.actor, request.person
    people = Person.objects.of(actor.workspace_id).values_list("key", "name")
    names: Mapping[str, str] = dict(people)
    zone = person.zone or person.workspace.zone
    state = AgreementVersion.State
    rows = AgreementVersion.objects.of(actor.workspace_id).exclude(state=state.WITHDRAWN)
    for row in rows.order_by("-number")[:MOST_SHOWN]:
        is_open = row.state == state.PROPOSED
        wanted = agreements.signatures_due(row) if is_open else []
        yield Version(
            row,
            [
                Signed(one.side, names.get(one.person, one.person), instant(one.signed_at, zone))
                for one in agreements.signatures(row)
            ],
            [
                Wanted(
                    one.side,
                    names.get(one.person, one.person),
                    one.is_next and one.person == person.key and actor.may("sign agreement"),
                )
                for one in wanted
            ],
            is_open and not wanted and actor.may("put in force"),
        )
