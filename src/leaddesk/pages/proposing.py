"""Proposing: a draft is checked, tried on the last quarter, compared, and proposed for signing."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leaddesk.book import agreements, moment, versions
from leaddesk.book.readings import reading_of, sentences_of
from leaddesk.book.refusal import Refused
from leaddesk.book.tryout import tryout
from leaddesk.pages import agreement as reading
from leaddesk.pages import drafting, toast
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leadpact.agreement.amend import difference as changes_between
from leadpact.problem import Problem

_NUMBER = "number:"
_MOST_TEXT = 300_000


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def propose(request: Any) -> HttpResponse:
    """The draft of a next version: its numbers, its text, and what they would mean."""
    request.actor.must("propose agreement")
    if request.method != "POST":
        return _page(request, _begun(request), {}, [], {})
    text, unfit = _draft(request)
    checked = agreements.checked(text)
    problems = [*checked.problems]
    if checked.agreement is not None:
        problems += agreements.misfits(request.actor.workspace_id, checked.agreement)
    if request.POST.get("act") == "propose" and not problems and not unfit:
        try:
            made = agreements.propose(request.actor, text, moment.now())
        except Refused as refusal:
            return _page(request, text, unfit, refusal.problems, {}, status=422)
        toast.say(request, _("Version %(number)s is proposed.") % {"number": made.number})
        return HttpResponseRedirect(reverse("agreement-version", args=[versions.name_of(made)]))
    found = {} if checked.agreement is None else _meaning(request, checked)
    status = 422 if problems or unfit else 200
    return _page(request, text, unfit, problems, found, status=status)


def _begun(request: Any) -> str:
    """The text to begin with: that of a version as the next one, else a short agreement."""
    actor, today = request.actor, reading.today(request)
    if name := request.GET.get("from", ""):
        return drafting.next_version(versions.named(actor.workspace_id, name).text, today)
    current = versions.current(versions.standings(actor.workspace_id, today))
    if current is None:
        return drafting.first_version(request.person.workspace.name, today)
    return drafting.next_version(current.row.text, today)


def _draft(request: Any) -> tuple[str, Mapping[str, str]]:
    """The text that was sent with the numbers that were changed; and those that can't be written."""
    text = request.POST.get("text", "")[:_MOST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    wanted, before = (
        {
            key.removeprefix(mark): value
            for key, value in request.POST.items()
            if key.startswith(mark)
        }
        for mark in (_NUMBER, f"was:{_NUMBER}")
    )
    moved = {key: value for key, value in wanted.items() if value != before.get(key)}
    return drafting.changed(text, moved) if moved else (text, {})


def _meaning(request: Any, checked: agreements.Checked) -> dict[str, Any]:
    """What the draft changes, and what it would have made of the last quarter."""
    actor, draft = request.actor, checked.agreement
    current = versions.current(versions.standings(actor.workspace_id, reading.today(request)))
    before = reading_of(current.row.text).agreement if current else None
    changes = changes_between(before, draft) if before and draft else None
    return {
        "remarks": checked.remarks,
        "against": current.row if current else None,
        "changes": changes,
        "count": len(changes or ()),
        "tried": tryout(actor, draft, moment.now()) if draft else None,
    }


def _promises(text: str, unfit: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Each promise with its sentence, and the numbers of it that can be changed in place."""
    said = {one.path: one.text for one in sentences_of(text)}
    place = 0
    for (side, name), own in groupby(drafting.numbers(text), lambda one: (one.side, one.promise)):
        fields = []
        for one in own:
            place += 1
            value = unfit.get(one.id, one.value)
            fields.append(
                {
                    "number": one,
                    "id": f"number-{place}",
                    "name": _NUMBER + one.id,
                    "value": value,
                    "is_unfit": one.id in unfit,
                }
            )
        yield {"name": name, "said": said.get(f"promises.{side}.{name}", ""), "fields": fields}


def _page(
    request: Any,
    text: str,
    unfit: Mapping[str, str],
    problems: Sequence[Problem],
    found: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    lines = text.splitlines()
    context = {
        "text": text,
        "promises": [*_promises(text, unfit)],
        "unfit": unfit,
        "problems": [
            {
                "problem": one,
                "line": lines[one.line - 1][:200] if 0 < one.line <= len(lines) else "",
            }
            for one in problems
        ],
        "is_checked": request.method == "POST",
        **found,
    }
    template = "pages/agreement_propose.html"
    return shown(request, template, context, status=status)
