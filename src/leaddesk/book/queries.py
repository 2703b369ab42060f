"""Queries: the rows that somebody may see, ordered so that they can be read page by page."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book.access import Actor, seen
from leaddesk.book.models import Fact, Lead
from leaddesk.book.refusal import Absent


def leads(actor: Actor) -> QuerySet[Any]:
    """The leads that somebody may see."""
    return seen(actor, Lead.objects.of(actor.workspace_id))


def lead(actor: Actor, key: str) -> Lead:
    """One lead. Raises `Absent`, also where it may not be seen."""
    found: Lead | None = leads(actor).filter(key=key).first()
    if found is None:
        raise Absent(_("lead %(key)s") % {"key": key})
    return found


def facts(actor: Actor, key: str) -> QuerySet[Any]:
    """The facts of a lead, in the order in which they were recorded. Raises `Absent`."""
    return Fact.objects.of(actor.workspace_id).filter(lead=lead(actor, key).key).order_by("id")
