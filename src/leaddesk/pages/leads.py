"""Leads: where one stands and what is owed for it, as the links in messages show it."""

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import queries
from leaddesk.book.models import Contact, Due, Person
from leaddesk.book.refusal import Absent
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import instant

MOST_SHOWN = 100


class Owed(NamedTuple):
    """An obligation: what was promised, by whom, until when, and how it stands."""

    promise: str
    owner: str
    due: str
    verdict: str
    is_fine: bool | None


@require_safe
@signed_in
def lead(request: Any, key: str) -> HttpResponse:
    """One lead, where the visitor may see it."""
    actor = request.actor
    try:
        row = queries.lead(actor, key)
    except Absent as error:
        return problems.absent(request, error)
    zone = request.person.zone or request.person.workspace.zone
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    dues = Due.objects.of(actor.workspace_id).filter(lead=row.key)
    contact = None
    if actor.may("read contacts"):
        contact = Contact.objects.of(actor.workspace_id).filter(lead=row.key).first()
    context = {
        "lead": row,
        "contact": contact,
        "owner": names.get(row.owner, row.owner),
        "owed": [_owed(one, names, zone) for one in dues.order_by("started_at", "id")[:MOST_SHOWN]],
    }
    return shown(request, "pages/lead.html", context)


def _owed(one: Due, names: dict[str, str], zone: str) -> Owed:
    fine = {"kept": True, "broken": False}.get(one.verdict)
    due = _("no time") if one.due_at is None else instant(one.due_at, zone)
    owner = names.get(one.owner, one.owner)
    is_fine = False if one.at_risk and one.verdict == "open" else fine
    return Owed(one.promise, owner, due, one.verdict, is_fine)
