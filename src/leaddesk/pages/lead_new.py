"""New lead: entered by hand; who may be known already is shown before anything is stored."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leaddesk.book import duplicates, entering, lists, moment
from leaddesk.book.choices import receivers
from leaddesk.book.contacts import company_of
from leaddesk.book.models import Company
from leaddesk.book.narrowing import is_narrowed
from leaddesk.book.refusal import Refused
from leaddesk.pages import toast
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in

CONTACT = ("name", "email", "phone", "title", "company")
STORY = ("type", "stream", "source", "campaign", "owner")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def new(request: Any) -> HttpResponse:
    """The form, and what becomes of it."""
    request.actor.must("record facts")
    request.actor.must("keep contacts")
    fields = _fields(request.actor)
    if request.method != "POST":
        return _form(request, fields, {"owner": ""}, {})
    given = typed(request, fields)
    if not request.POST.get("anyway") and (alike := _alike(request.actor, given)):
        return _form(request, fields, given, {}, alike)
    told_of = {name: value for name, value in given.items() if value.strip()}
    story = {"is_handed_over": request.POST.get("handed_over") == "yes"}
    try:
        key = entering.create_lead(request.actor, told_of | story, moment.now())
    except Refused as refusal:
        return _form(request, fields, given, told(refusal, {*CONTACT, *STORY}))
    toast.say(request, _("The lead was created."))
    return HttpResponseRedirect(reverse("lead", args=[key]))


def _fields(actor: Any) -> list[Field]:
    known = lists.facets(actor)
    people = [
        ("", _("nobody yet")),
        *((one.key, one.name) for one in receivers(actor.workspace_id)),
    ]
    if is_narrowed(actor):
        people[0] = ("", _("me"))
    hint = _("Its key, as the list of companies has it. Empty: by the address, where it fits one.")

    def lately(words: list[str]) -> str:
        if not words:
            return ""
        return _("Lately: %(words)s") % {"words": ", ".join(words[:5])}

    return [
        Field("name", _("Name"), autocomplete="off"),
        Field("email", _("E-mail"), type="email", dir="ltr", autocomplete="off"),
        Field("phone", _("Phone"), type="tel", dir="ltr", autocomplete="off"),
        Field("title", _("Title"), autocomplete="off"),
        Field("company", _("Company"), hint, dir="ltr", autocomplete="off"),
        Field("type", _("Type"), lately(known.types)),
        Field("stream", _("Stream"), lately(known.streams)),
        Field("source", _("Source"), lately(known.sources)),
        Field("campaign", _("Campaign"), lately(known.campaigns)),
        Field("owner", _("Owner"), choices=people),
    ]


def _alike(actor: Any, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who may be the same person, as far as it may be told, and of which company they are."""
    found = duplicates.contacts_alike(actor, given)
    leads = duplicates.leads_of(actor, found)
    rows = [
        {
            "why": whys().get(one.why, one.why),
            "contact": one.row if one.row.lead in leads else None,
            "key": one.row.lead,
        }
        for one in found
    ]
    if not given.get("company") and (company := _known_company(actor, given)) is not None:
        rows.append({"why": whys()["domain"], "company": company})
    # The same company alone is no duplicate: colleagues are leads of their own.
    return rows if found else []


def _known_company(actor: Any, given: Mapping[str, str]) -> Company | None:
    return company_of(actor.workspace_id, given.get("email", ""))


def whys() -> dict[str, str]:
    """Why a row may be the same, in words."""
    return {
        "email": _("the same e-mail address"),
        "phone": _("the same phone number"),
        "name": _("a name like this"),
        "domain": _("the same domain"),
    }


def _form(
    request: Any,
    fields: list[Field],
    given: Mapping[str, str],
    errors: Mapping[str, list[str]],
    alike: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    parts = filled(fields, given, errors)
    context = {
        "about": parts[: len(CONTACT)],
        "story": parts[len(CONTACT) :],
        "errors": errors,
        "alike": alike or [],
        "may_hand_over": not is_narrowed(request.actor),
        "handed_over": request.POST.get("handed_over") == "yes",
    }
    status = 422 if errors or alike else 200
    return shown(request, "pages/lead_new.html", context, status=status)
