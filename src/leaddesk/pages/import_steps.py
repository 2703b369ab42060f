"""The steps of an import, and the page that waits for one of them."""

from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from leaddesk.book.models import Import
from leaddesk.pages.frame import shown
from leaddesk.tongue import percent

State = Import.State

_STEPS = ("file", "map", "check", "try", "result")


def steps_of(whole: Import | None, here: str) -> list[tuple[str, str, bool]]:
    """The steps with the path of those that can be gone back to, and which one this is."""
    titles = (_("Upload"), _("Map"), _("Check"), _("Try"), _("Import"))
    reached = 0
    if whole is not None:
        reached = {
            State.READ: 2,
            State.CHECKING: 3,
            State.CHECKED: 3,
            State.TRYING: 4,
            State.TRIED: 4,
        }.get(State(whole.state), 0)
    return [
        (
            title,
            reverse(f"import-{step}", args=[whole.key])
            if whole is not None and n < reached and step != here
            else "",
            step == here,
        )
        for n, (title, step) in enumerate(zip(titles, _STEPS, strict=True))
    ]


def waiting(request: Any, whole: Import, step: str) -> HttpResponse:
    """The page that waits while a job runs."""
    context = {"steps": steps_of(whole, step), **progress_of(whole)}
    return shown(request, "pages/import_wait.html", context)


def progress_of(whole: Import) -> dict[str, Any]:
    """How far a job is, as pages show it."""
    titles = {
        State.CHECKING: _("Checking the rows"),
        State.TRYING: _("Trying the import"),
        State.IMPORTING: _("Importing"),
        State.UNDOING: _("Undoing the import"),
    }
    total = max(whole.rows, 1)
    return {
        "whole": whole,
        "doing": titles.get(State(whole.state), _("Done")),
        "done": min(whole.done, total),
        "total": total,
        "percent": percent(Fraction(min(whole.done, total) * 100 // total, 100), 0),
    }
