"""People we sell to: the list, the page of one with their leads, the form that changes one, erasing."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leaddesk.book import contacts as register
from leaddesk.book import duplicates, erase, moment, people_lists, queries
from leaddesk.book.models import Contact
from leaddesk.book.paging import Order
from leaddesk.book.refusal import Absent, Refused, Stale
from leaddesk.pages import toast
from leaddesk.pages.companies import changed_meanwhile, listed, seen_version
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key
from leaddesk.pages.lead_list import names_of
from leaddesk.pages.lead_new import whys
from leaddesk.pages.mails import barred
from leaddesk.pages.visitor import signed_in

BY_NAME = Order("name", key="lead")
FIELDS = (
    *("name", "email", "phone", "title", "company", "language", "zone"),
    *("mail_consent", "tracking_consent", "consent_source"),
)


@require_safe
@signed_in
@answering
def contacts(request: Any) -> HttpResponse:
    """The people by name, or those that a text finds."""
    actor = request.actor
    actor.must("read contacts")
    text = request.GET.get("q", "").strip()[:200]
    rows = people_lists.contacts(actor, text)
    may_create = actor.may("keep contacts") and actor.may("record facts")
    context = listed(request, rows, BY_NAME, text) | {"may_create": may_create}
    return shown(request, "pages/contacts.html", context)


@require_safe
@signed_in
@answering
def contact(request: Any, key: str) -> HttpResponse:
    """A person: what is known of them, their lead, and who may be the same."""
    key = plain_key(key)
    actor = request.actor
    actor.must("read contacts")
    row = queries.contact(actor, key)
    told_of = {name: str(getattr(row, name)) for name in ("name", "email", "phone")}
    alike = [] if row.erased_at else duplicates.contacts_alike(actor, told_of, but=row.lead)
    leads = duplicates.leads_of(actor, [duplicates.Alike(row, ""), *alike])
    lead = leads.get(row.lead)
    names = names_of(actor.workspace_id).people
    context = {
        "contact": row,
        "lead": lead,
        "owner": names.get(lead.owner, lead.owner) if lead else "",
        "alike": [(one.row, whys().get(one.why, "")) for one in alike if one.row.lead in leads],
        "merge": people_lists.merge_to_undo(actor, row.lead),
        "stop": barred(actor, row.lead),
        "may_keep": actor.may("keep contacts") and row.erased_at is None,
        "may_erase": actor.may("erase") and row.erased_at is None,
    }
    return shown(request, "pages/contact.html", context)


def _fields() -> list[Field]:
    hint = _("Its key, as the list of companies has it.")
    return [
        Field("name", _("Name"), autocomplete="off"),
        Field("email", _("E-mail"), type="email", dir="ltr", autocomplete="off"),
        Field("phone", _("Phone"), type="tel", dir="ltr", autocomplete="off"),
        Field("title", _("Title"), autocomplete="off"),
        Field("company", _("Company"), hint, dir="ltr", autocomplete="off"),
        Field("language", _("Language"), _("Its code, such as th"), dir="ltr"),
        Field("zone", _("Time zone"), _("Such as Asia/Bangkok"), dir="ltr"),
        Field("mail_consent", _("Mails of tracks"), choices=_consents()),
        Field(
            "tracking_consent",
            _("Counting what they open"),
            _("Only with their consent. Without it nothing is counted."),
            choices=[("", _("not allowed")), ("yes", _("allowed"))],
        ),
        Field("consent_source", _("How we know"), _("Such as a form, and its date.")),
    ]


def _consents() -> list[tuple[str, str]]:
    return [("", _("nobody asked")), ("yes", _("wanted")), ("no", _("not wanted"))]


def _stored(given: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as the register takes it."""
    return {**given, "tracking_consent": given["tracking_consent"] == "yes"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def edit(request: Any, key: str) -> HttpResponse:
    """A person gets other fields, if nobody changed them meanwhile; also a lead without a contact."""
    key = plain_key(key)
    actor = request.actor
    actor.must("keep contacts")
    row = _contact(actor, key)
    fields = _fields()
    if request.method != "POST":
        return _form(request, key, row, _said(row), {})
    given = typed(request, fields)
    now = moment.now()
    try:
        if row is None:
            register.create_contact(actor, key, _stored(given), now)
        else:
            register.change_contact(actor, key, _stored(given), now, seen_version(request))
    except Refused as refusal:
        return _form(request, key, row, given, told(refusal, set(FIELDS)))
    except Stale as stale:
        fresh = queries.contact(actor, key)
        said = {**given, "tracking_consent": "True" if given["tracking_consent"] else ""}
        changed = changed_meanwhile(fresh, fields, said)
        return _form(request, key, fresh, given, changed, version=stale.version)
    toast.say(request, _("The contact was changed."))
    return HttpResponseRedirect(reverse("contact", args=[key]))


def _contact(actor: Any, key: str) -> Contact | None:
    """The contact of a lead; None where the lead has none. Raises `Absent` without such a lead."""
    try:
        row: Contact = queries.contact(actor, key)
    except Absent:
        queries.lead(actor, key)
        return None
    return row


def _said(row: Contact | None) -> dict[str, str]:
    if row is None:
        return {}
    plain = {name: getattr(row, name) for name in FIELDS if name != "company"}
    company = row.company.key if row.company else ""
    return plain | {"company": company, "tracking_consent": "yes" if row.tracking_consent else ""}


def _form(
    request: Any,
    key: str,
    row: Contact | None,
    given: Mapping[str, Any],
    errors: Mapping[str, list[str]],
    version: int | None = None,
) -> HttpResponse:
    context = {
        "key": key,
        "contact": row,
        "version": version or (seen_version(request) or (row.version if row else 0)),
        "fields": filled(_fields(), given, errors),
        "errors": errors,
    }
    status = 409 if version else 422 if errors else 200
    return shown(request, "pages/contact_form.html", context, status=status)


@require_POST
@signed_in
@answering
def forget(request: Any, key: str) -> HttpResponse:
    """Erase the personal data of a person for good."""
    key = plain_key(key)
    request.actor.must("erase")
    if request.POST.get("sure") != "yes":
        toast.say(request, _("Nothing was erased: say that you are sure."))
        return HttpResponseRedirect(reverse("contact", args=[key]))
    erase.erase_contact(request.actor, key, moment.now())
    toast.say(request, _("The personal data was erased. Keys, times and counts stay."))
    return HttpResponseRedirect(reverse("contact", args=[key]))
