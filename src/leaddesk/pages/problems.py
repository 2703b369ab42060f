"""Problems: what people see when something can't be shown or done.

Such a page asks neither the database nor the session, so that it can be shown whatever broke.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from leaddesk.journal import request_id

_NOT_TYPED = re.compile(r"csrf|password|secret|token|code|credential|^(key|new|next|seen|act)$")


def told(
    status: int,
    title: str,
    happened: str,
    remedy: str,
    *,
    changed: str = "",
    headers: Mapping[str, str] | None = None,
    typed: Sequence[str] = (),
) -> HttpResponse:
    """The page of one problem: what happened, what was changed (nothing, unless said), what to do,
    the id of the request, and the texts that somebody typed in vain.
    """
    shown = {
        "title": title,
        "happened": happened,
        "changed": changed or _("Nothing was changed."),
        "remedy": remedy,
        "request_id": request_id.get(),
        "typed": typed,
    }
    text = render_to_string("pages/problem.html", shown)
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(text, status=status, headers=kept)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no browser sends by itself."""
    return told(
        400,
        _("This request can't be read"),
        _("Something in it isn't as a browser would send it."),
        _("Go back to the start page and try again from there."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Something that the role of the visitor doesn't cover."""
    return told(
        403,
        _("You may not do this"),
        _("Your role in this workspace doesn't cover it."),
        _("Ask a RevOps admin of your workspace; they can do it, or give you another role."),
    )


def of_no_workspace() -> HttpResponse:
    """An account that works nowhere, or works there no longer."""
    return told(
        403,
        _("You are in no workspace"),
        _("You are signed in, but nobody has added you to a workspace, or you have left it."),
        _("Ask a RevOps admin to add you with the e-mail address that you sign in with."),
    )


def of_one_workspace() -> HttpResponse:
    """Somebody for whom a workspace vouched, at what belongs to their account."""
    return told(
        403,
        _("This belongs to your whole account"),
        _("Your workspace signed you in, by single sign-on or its own mail server."),
        _("Sign in with your password or a passkey to change how you sign in."),
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form without a valid token."""
    return told(
        403,
        _("This form is too old"),
        _(
            "It was made before you signed in or out, or your browser keeps no cookies for this site."
        ),
        _("Go back, reload the page and send the form again."),
        typed=typed_in(request),
    )


def signed_out(request: HttpRequest) -> HttpResponse:
    """The answer to a form of somebody whose session has ended, with what they typed."""
    return told(
        403,
        _("You are signed out"),
        _("Your session ended before this form was sent."),
        _("Sign in again, and fill the form in once more. What you typed stands below."),
        typed=typed_in(request),
    )


def typed_in(request: HttpRequest) -> list[str]:
    """The texts of a form that somebody sent, without what is secret or no text of theirs."""
    return [
        value[:10_000]
        for name, value in request.POST.items()
        if isinstance(value, str) and value.strip() and not _NOT_TYPED.search(name)
    ][:100]


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing there; also what belongs to somebody else's workspace."""
    return told(
        404,
        _("There is nothing here"),
        _("No page has this address, or it belongs to a workspace that you aren't in."),
        _("Check the address, or go back to the start page."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Our own mistake, or a database that doesn't answer."""
    return told(
        500,
        _("This page could not be made"),
        _("The desk ran into a mistake of its own, or its database didn't answer."),
        _("Try again in a minute. If it stays, give your administrator the request id below."),
        changed=_("What was stored before still stands. Look before you repeat your last step."),
    )


def too_often(after: int) -> HttpResponse:
    """Too many tries; another one is welcome `after` so many seconds."""
    minutes = -(-after // 60)
    return told(
        429,
        _("Too many tries"),
        _("Somebody tried to sign in to this account, or from your network, many times."),
        _("Wait %(minutes)s min and try again, or ask your administrator for a sign-in link.")
        % {"minutes": minutes},
        headers={"Retry-After": str(after)},
    )


def kind(request: HttpRequest, slug: str, kinds: Mapping[str, Any]) -> HttpResponse:
    """What a kind of problem (of `kinds`, by slug) of the API means, and what to do."""
    if slug not in kinds:
        raise Http404
    return render(request, "pages/kind.html", {"slug": slug, "kind": kinds[slug]})


def every_kind(request: HttpRequest, kinds: Mapping[str, Any]) -> HttpResponse:
    """The kinds of problem of the API."""
    return render(request, "pages/kinds.html", {"kinds": kinds})
