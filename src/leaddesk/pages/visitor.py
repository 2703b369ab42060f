"""Visitors: who is signed in, where they work, and in which language they are spoken to."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from leaddesk.book import factors, moment, seats, sign_in
from leaddesk.book.access import actor_of, memberships
from leaddesk.book.models import Person, User
from leaddesk.book.moment import MINUTE
from leaddesk.book.wishes import wishes_of
from leaddesk.journal import request_id
from leaddesk.pages.problems import of_no_workspace, of_one_workspace, signed_out, typed_in
from leaddesk.tongue import Wishes, is_spoken, speak

_SEAT, _PROOF, _WORKSPACE, _HALFWAY = "seat", "proof", "workspace", "halfway"
HALFWAY = 10 * MINUTE
"""So long after the first step the second one may be done."""


class Visitors:
    """Sets `request.user` (the account), `.person` (whom it is in the chosen workspace) and `.actor`.

    Each is None where nobody is signed in; the API, which takes tokens alone, is left alone.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer for whoever it is."""
        request.user = request.person = request.actor = request.seat = None
        request.memberships = []
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if session.isascii() and session.isalnum() and not request.path.startswith("/api/"):
            recognise(request)
        _speak(request.person)
        return self.answer(request)


def recognise(request: Any) -> None:
    """Find the account of the session, unless the session was ended or the password changed since."""
    key = request.session.get(_SEAT)
    if key is None:
        return
    seat = seats.taken(key, moment.now())
    proof = request.session.get(_PROOF, "")
    if seat is None or not constant_time_compare(proof, seat.user.get_session_auth_hash()):
        request.session.flush()
        return
    request.user, request.seat = seat.user, seat
    own = memberships(seat.user)
    if seat.workspace_id is not None:
        own = own.filter(workspace=seat.workspace_id)
    request.memberships = list(own)
    chosen = request.session.get(_WORKSPACE)
    of_choice = [one for one in request.memberships if one.workspace.slug == chosen]
    request.person = next(iter(of_choice or request.memberships), None)
    if request.person is not None:
        request.actor = replace(actor_of(request.person), request=request_id.get())


def _speak(person: Person | None) -> None:
    """Speak as the person wishes; to whoever isn't signed in, in the language of their browser."""
    if person is not None:
        speak(wishes_of(person.workspace, person), moment.now())
        return
    wanted = get_language() or "en"
    speak(Wishes(wanted if is_spoken(wanted) else "en"), moment.now())


def let_in(
    request: Any, user: User, way: str, *, is_strong: bool = False, confined_to: int | None = None
) -> None:
    """Sign an account in, with a session of its own that nobody knew before."""
    now = moment.now()
    sign_in.note_entry(user, way, now, request_id.get())
    chosen = request.session.get(_WORKSPACE) if getattr(request, "user", None) == user else None
    let_out(request)
    agent = request.META.get("HTTP_USER_AGENT", "")
    arrival = seats.Arrival(way, is_strong, confined_to, agent, address_of(request))
    seat = seats.take(user, arrival, now)
    request.session[_SEAT] = seat.key
    if chosen:
        request.session[_WORKSPACE] = chosen
    keep_in(request, user)


def let_halfway(
    request: Any, user: User, way: str, onward: str, confined_to: int | None = None
) -> None:
    """Remember who has done the first step, and is nobody yet until the second one is done."""
    let_out(request)
    request.session[_HALFWAY] = {
        "account": user.pk,
        "way": way,
        "onward": onward,
        "at": moment.now(),
        "proof": user.get_session_auth_hash(),
        "confined_to": confined_to,
    }
    rotate_token(request)


def halfway(request: Any) -> tuple[User, dict[str, Any]] | None:
    """Who has done the first step, and how; None where nobody has, or too long ago."""
    kept = request.session.get(_HALFWAY)
    if not kept or not kept["at"] <= moment.now() <= kept["at"] + HALFWAY:
        return None
    user = sign_in.account(kept["account"])
    if user is None or not constant_time_compare(kept["proof"], user.get_session_auth_hash()):
        return None
    return user, kept


def keep_in(request: Any, user: User) -> None:
    """Let this session go on after its account got a new password."""
    request.session[_PROOF] = user.get_session_auth_hash()
    rotate_token(request)


def let_out(request: Any) -> None:
    """End the session."""
    seats.leave(request.session.get(_SEAT, ""))
    request.session.flush()


def address_of(request: Any) -> str:
    """The network address of a visitor; behind a proxy the one that the proxy saw."""
    if settings.ENVIRONMENT.behind_proxy:
        handed_on = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if handed_on:
            return str(handed_on)
    return str(request.META.get("REMOTE_ADDR", ""))


def choose(request: Any, slug: str) -> bool:
    """Work in another workspace of the account from now on; False where it has no such one."""
    if not any(one.workspace.slug == slug for one in request.memberships):
        return False
    request.session[_WORKSPACE] = slug
    return True


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for people of a workspace; others sign in first, and set up what it requires of them."""

    @wraps(view)
    def answer(request: Any, *args: Any, **parts: Any) -> HttpResponse:
        if request.user is None:
            return _to_sign_in(request)
        if request.person is None:
            return of_no_workspace()
        if lacks_factor(request):
            onward = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('account-required')}?{onward}")
        return view(request, *args, **parts)

    return answer


def of_account(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for the owner of an account, also where a second factor is still to be set up."""

    @wraps(view)
    def answer(request: Any, *args: Any, **parts: Any) -> HttpResponse:
        if request.user is None:
            return _to_sign_in(request)
        return view(request, *args, **parts)

    return answer


def just_signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that changes how somebody signs in: they did so within the hour, or do so again.

    Whoever a workspace alone vouched for can't.
    """

    @wraps(view)
    def answer(request: Any, *args: Any, **parts: Any) -> HttpResponse:
        if request.seat.workspace_id is not None:
            return of_one_workspace()
        if moment.now() - request.seat.since > seats.FRESH:
            return _to_sign_in(request)
        if not request.seat.is_strong and factors.has_one(request.user):
            return _to_sign_in(request)
        return view(request, *args, **parts)

    return of_account(answer)


def lacks_factor(request: Any) -> bool:
    """Whether the workspace requires a second factor that this session hasn't shown."""
    person = request.person
    return bool(
        person is not None
        and person.workspace.second_factor_required
        and request.seat.workspace_id is None
        and not request.seat.is_strong
    )


def _to_sign_in(request: Any) -> HttpResponse:
    """The way in, and from there back to where somebody wanted to go; what they typed isn't lost."""
    if request.method == "POST" and typed_in(request):
        return signed_out(request)
    wanted = request.get_full_path()
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': wanted})}")
