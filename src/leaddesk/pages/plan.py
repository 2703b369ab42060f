"""Plan: the quota counted back to the leads of each month, every number with its chain."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from leaddesk.book import readings, versions
from leaddesk.book.models import AgreementVersion
from leaddesk.book.refusal import Absent
from leaddesk.pages import agreement as reading
from leaddesk.pages import plan_chances, plan_parts
from leaddesk.pages.charts import file_of
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.plan_choice import Choice
from leaddesk.pages.visitor import signed_in


@require_safe
@signed_in
@answering
def plan(request: Any) -> HttpResponse:
    """The plan of the agreement that judges, narrowed by month, stream and lead type."""
    asked = _asked(request)
    if isinstance(asked, HttpResponse):
        return asked
    drawings = [plan_parts.by_month(asked), plan_chances.drawing(asked)]
    if file := file_of(request, drawings):
        return file
    context = {
        "drawings": drawings,
        **plan_parts.context(asked),
        **plan_chances.context(request, asked),
    }
    return shown(request, "pages/plan.html", context)


@require_safe
@signed_in
@answering
def figure(request: Any) -> HttpResponse:
    """One number of the plan: the chain that led to it, and where its inputs stand in the text."""
    asked = _asked(request)
    if isinstance(asked, HttpResponse):
        return asked
    context = plan_parts.opened(asked, request.GET.get("of", ""))
    if context is None:
        raise Absent("figure of the plan")
    return shown(request, "pages/plan_figure.html", context)


def _asked(request: Any) -> Choice | HttpResponse:
    """What is asked for; a page that says so where there is no agreement, or no plan in it."""
    request.actor.must("read agreements")
    row = _version(request)
    if row is None:
        return shown(request, "pages/plan_none.html", {"problems": []})
    found = readings.planned(row.text)
    if found.plan is None:
        context = {"row": row, "name": versions.name_of(row), "problems": found.problems}
        return shown(request, "pages/plan_none.html", context)
    return Choice.read(row, found.plan, request.GET, reading.today(request))


def _version(request: Any) -> AgreementVersion | None:
    if name := request.GET.get("version", ""):
        return versions.named(request.actor.workspace_id, name)
    workspace = request.actor.workspace_id
    current = versions.current(versions.standings(workspace, reading.today(request)))
    return current.row if current else None
