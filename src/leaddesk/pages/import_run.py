"""The run of an import: tried, done, waited for, undone."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leaddesk.book import imports, moment
from leaddesk.book.models import Import
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.import_rows import outcomes, questions
from leaddesk.pages.import_steps import progress_of, steps_of, waiting
from leaddesk.pages.imports import AT_ONCE, MOST_CHANGES, MOST_SHOWN, names_of, standing_of
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.wire import jobs

State = Import.State


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def trial(request: Any, key: str) -> HttpResponse:
    """What the import would do, done once without keeping any of it."""
    whole = imports.found(request.actor, key)
    if whole.began_at is not None:
        return HttpResponseRedirect(reverse("import-result", args=[key]))
    if request.method == "POST":
        try:
            is_told = request.POST.get("tell") == "yes"
            imports.try_out(whole, is_told=is_told, now=moment.now())
            jobs.work(whole, AT_ONCE)
        except Refused as refusal:
            _say_why(request, refusal)
        return HttpResponseRedirect(reverse("import-try", args=[key]))
    if whole.state in {State.CHECKING, State.TRYING}:
        return waiting(request, whole, "try")
    if whole.state != State.TRIED:
        return HttpResponseRedirect(reverse("import-check", args=[key]))
    changed = questions(whole, imports.rows_of(whole, ["changed"], most=MOST_CHANGES))
    context = {
        "changed": changed,
        **_counted(request, whole, "try", whole.tried),
    }
    return shown(request, "pages/import_try.html", context)


def _counted(request: Any, whole: Import, step: str, tally: Mapping[str, Any]) -> dict[str, Any]:
    """An import at a step of it, and what was counted there, as pages show it."""
    names = names_of(request, tally.get("owners", {}))
    broken = tally.get("broken", {})
    return {
        "whole": whole,
        "steps": steps_of(whole, step),
        "working": tally.get("new", 0) + tally.get("changed", 0),
        "counted": [(words, tally.get(name, 0), name) for name, words in outcomes()],
        "companies": tally.get("companies", 0),
        "owners": [(names.get(key, key), n) for key, n in tally.get("owners", {}).items()],
        "unknown": [*tally.get("unknown", {}).items()],
        "promises": [
            (name, n, broken.get(name, 0)) for name, n in tally.get("promises", {}).items()
        ],
        "notices": tally.get("notices", 0),
        "tally": tally,
    }


def _say_why(request: Any, refusal: Refused) -> None:
    """Let the next page say what is wrong, and what helps."""
    say(request, " ".join(f"{one.problem} {one.remedy}".strip() for one in refusal.problems))


@require_POST
@signed_in
@answering
def begin(request: Any, key: str) -> HttpResponse:
    """Import what was tried."""
    return _set_going(request, key, imports.start)


@require_safe
@signed_in
@answering
def result(request: Any, key: str) -> HttpResponse:
    """How far the import is, or what came of it; it can be undone until a day that is told."""
    whole = imports.found(request.actor, key)
    if whole.began_at is None:
        return HttpResponseRedirect(reverse("import", args=[key]))
    if whole.state in imports.JOBS:
        return waiting(request, whole, "result")
    now, counts = moment.now(), imports.counts(whole)
    context = {
        "is_undone": whole.state == State.UNDONE,
        "has_failed": whole.state == State.FAILED,
        "can_undo": whole.state in {State.IMPORTED, State.FAILED} and now < whole.until,
        "kept": questions(whole, imports.rows_of(whole, ["kept"], most=MOST_CHANGES)),
        "kept_count": counts["kept"],
        "wrong": counts["problem"] + counts["repeated"],
        "first": imports.rows_of(whole, ["new", "changed"], most=MOST_SHOWN),
        **_counted(request, whole, "result", whole.result),
    }
    return shown(request, "pages/import_result.html", context)


@require_POST
@signed_in
@answering
def undo(request: Any, key: str) -> HttpResponse:
    """Take the import back."""
    return _set_going(request, key, imports.undo)


@require_safe
@signed_in
@answering
def one(request: Any, key: str) -> HttpResponse:
    """The page where an import goes on."""
    return HttpResponseRedirect(standing_of(imports.found(request.actor, key))[2])


@require_safe
@signed_in
@answering
def progress(request: Any, key: str) -> HttpResponse:
    """How far a job is, as a part that asks again by itself; the whole page once it has ended."""
    whole = imports.found(request.actor, key)
    response = render(request, "pages/import_progress.html", progress_of(whole) | {"is_part": True})
    response["Cache-Control"] = "private, no-store"
    if whole.state not in imports.JOBS:
        response["HX-Refresh"] = "true"
    return response


def _set_going(request: Any, key: str, begin: Callable[[Any, Import, int], object]) -> HttpResponse:
    """Begin a job of an import, do what of it takes no time, and show how far it is."""
    whole = imports.found(request.actor, key)
    try:
        begin(request.actor, whole, moment.now())
        jobs.work(whole, AT_ONCE)
    except Refused as refusal:
        _say_why(request, refusal)
    return HttpResponseRedirect(reverse("import-result", args=[key]))
