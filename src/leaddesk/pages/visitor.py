"""Visitors: who is signed in, where they work, and in which language they are spoken to."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from leaddesk.book import moment, sign_in
from leaddesk.book.access import actor_of, memberships
from leaddesk.book.models import Person, User
from leaddesk.book.wishes import wishes_of
from leaddesk.journal import request_id
from leaddesk.pages.problems import of_no_workspace
from leaddesk.tongue import Wishes, is_spoken, speak

_ACCOUNT, _PROOF, _WORKSPACE = "account", "proof", "workspace"


class Visitors:
    """Sets `request.user` (the account), `.person` (whom it is in the chosen workspace) and `.actor`.

    Each is None where nobody is signed in; the API, which takes tokens alone, is left alone.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer for whoever it is."""
        request.user = request.person = request.actor = None
        request.memberships = []
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if session.isascii() and session.isalnum() and not request.path.startswith("/api/"):
            recognise(request)
        _speak(request.person)
        return self.answer(request)


def recognise(request: Any) -> None:
    """Find the account of the session; one whose password changed since is signed out."""
    user = sign_in.account(request.session.get(_ACCOUNT))
    if user is None:
        return
    if not constant_time_compare(request.session.get(_PROOF, ""), user.get_session_auth_hash()):
        request.session.flush()
        return
    request.user = user
    request.memberships = list(memberships(user))
    chosen = request.session.get(_WORKSPACE)
    of_choice = [one for one in request.memberships if one.workspace.slug == chosen]
    request.person = next(iter(of_choice or request.memberships), None)
    if request.person is not None:
        request.actor = replace(actor_of(request.person), request=request_id.get())


def _speak(person: Person | None) -> None:
    """Speak as the person wishes, else in the language of the browser, as far as the desk knows it."""
    wanted = get_language() or "en"
    if person is None:
        speak(Wishes(wanted if is_spoken(wanted) else "en"), moment.now())
    else:
        speak(wishes_of(person.workspace, person, wanted), moment.now())


def let_in(request: Any, user: User, way: str) -> None:
    """Sign an account in, with a session of its own that nobody knew before."""
    sign_in.note_entry(user, way, moment.now(), request_id.get())
    if request.session.get(_ACCOUNT) == user.pk:
        request.session.cycle_key()
    else:
        request.session.flush()
    request.session[_ACCOUNT] = user.pk
    keep_in(request, user)


def keep_in(request: Any, user: User) -> None:
    """Let this session go on after its account got a new password."""
    request.session[_PROOF] = user.get_session_auth_hash()
    rotate_token(request)


def let_out(request: Any) -> None:
    """End the session."""
    request.session.flush()


def choose(request: Any, slug: str) -> bool:
    """Work in another workspace of the account from now on; False where it has no such one."""
    if not any(one.workspace.slug == slug for one in request.memberships):
        return False
    request.session[_WORKSPACE] = slug
    return True


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for people of a workspace; others sign in first."""

    @wraps(view)
    def answer(request: Any, *args: Any, **parts: Any) -> HttpResponse:
        if request.user is None:
            onward = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{onward}")
        if request.person is None:
            return of_no_workspace()
        return view(request, *args, **parts)

    return answer
