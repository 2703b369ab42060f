"""Companies: the list, the page of one with its leads, and the forms that make and change one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import contacts, duplicates, lists, moment, paging, people_lists
from leaddesk.book.models import Company
from leaddesk.book.paging import MOST_COUNTED, Order
from leaddesk.book.refusal import Refused, Stale
from leaddesk.pages import toast
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key
from leaddesk.pages.lead_list import counted_text, names_of
from leaddesk.pages.lead_new import whys
from leaddesk.pages.visitor import signed_in

SIZE = 50
BY_NAME = Order("name")
FIELDS = ("name", "domain", "country", "key")


@require_safe
@signed_in
@answering
def companies(request: Any) -> HttpResponse:
    """The companies by name, or those that a text finds."""
    actor = request.actor
    actor.must("read contacts")
    text = request.GET.get("q", "").strip()[:200]
    rows = people_lists.companies(actor, text)
    context = listed(request, rows, BY_NAME, text) | {"may_keep": actor.may("keep contacts")}
    return shown(request, "pages/companies.html", context)


def listed(request: Any, rows: Any, order: Order, text: str) -> dict[str, Any]:
    """One page of what a text finds: its rows, how many there are, and the addresses of the pages
    before and after it."""
    page = paging.page_of(rows, order, paging.read(order, request.GET.get("at", "")), SIZE)
    count = paging.counted(rows) if page.before or page.after else len(page.rows)
    path, asked = request.path, {"q": text} if text else {}
    return {
        "rows": page.rows,
        "text": text,
        "count": counted_text(count),
        "matching": count,
        "is_counted": count <= MOST_COUNTED,
        "previous": f"{path}?{urlencode({**asked, 'at': page.before})}" if page.before else "",
        "next": f"{path}?{urlencode({**asked, 'at': page.after})}" if page.after else "",
    }


@require_safe
@signed_in
@answering
def company(request: Any, key: str) -> HttpResponse:
    """A company, the people of it, and its leads."""
    key = plain_key(key)
    actor = request.actor
    actor.must("read contacts")
    row = people_lists.company(actor, key)
    leads = people_lists.leads_of(actor, row)
    page = [*leads.order_by("-created_at", "-key")[:SIZE]]
    told_of = lists.told_of(actor, page)
    names = names_of(actor.workspace_id).people
    context = {
        "company": row,
        "into": people_lists.company(actor, row.into) if row.into else None,
        "merge": people_lists.merge_to_undo(actor, row.key, is_of_companies=True),
        "aliases": people_lists.aliases(row),
        "leads": [
            {
                "lead": one,
                "name": told_of[one.key].name if one.key in told_of else "",
                "owner": names.get(one.owner, one.owner),
            }
            for one in page
        ],
        "count": counted_text(paging.counted(leads)),
        "may_keep": actor.may("keep contacts"),
    }
    return shown(request, "pages/company.html", context)


def _fields(*, is_new: bool) -> list[Field]:
    hint = _("What facts call its account. Empty: its domain.")
    return [
        Field("name", _("Name"), required=True),
        Field("domain", _("Domain"), _("Such as company.com"), dir="ltr"),
        Field("country", _("Country"), _("Two letters, such as PL"), dir="ltr"),
        *([Field("key", _("Key"), hint, dir="ltr")] if is_new else []),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def new(request: Any) -> HttpResponse:
    """A company is made; one that may be the same is shown first."""
    actor = request.actor
    actor.must("keep contacts")
    fields = _fields(is_new=True)
    if request.method != "POST":
        return _form(request, None, fields, {}, {})
    given = typed(request, fields)
    alike = duplicates.companies_alike(actor, given)
    if alike and not request.POST.get("anyway"):
        shown_as = [{"why": whys().get(one.why, one.why), "company": one.row} for one in alike]
        return _form(request, None, fields, given, {}, shown_as)
    given["key"] = given["key"].strip() or given["domain"].strip() or given["name"].strip()[:200]
    try:
        row = contacts.create_company(actor, given, moment.now())
    except Refused as refusal:
        return _form(request, None, fields, given, told(refusal, set(FIELDS)))
    toast.say(request, _("The company was created."))
    return HttpResponseRedirect(reverse("company", args=[row.key]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def edit(request: Any, key: str) -> HttpResponse:
    """A company gets other fields, if nobody changed it meanwhile."""
    key = plain_key(key)
    actor = request.actor
    actor.must("keep contacts")
    row = people_lists.company(actor, key)
    fields = _fields(is_new=False)
    if request.method != "POST":
        return _form(request, row, fields, {one.name: getattr(row, one.name) for one in fields}, {})
    given = typed(request, fields)
    try:
        contacts.change_company(actor, key, given, moment.now(), seen_version(request))
    except Refused as refusal:
        return _form(request, row, fields, given, told(refusal, set(FIELDS)))
    except Stale as stale:
        row = people_lists.company(actor, key)
        changed = changed_meanwhile(row, fields, given)
        return _form(request, row, fields, given, changed, version=stale.version)
    toast.say(request, _("The company was changed."))
    return HttpResponseRedirect(reverse("company", args=[key]))


def seen_version(request: Any) -> int:
    """The version of a row that its form was made of; 0, which none has, where it says none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def changed_meanwhile(
    row: Any, fields: list[Field], given: Mapping[str, str]
) -> dict[str, list[str]]:
    """What is told where somebody else changed a row meanwhile: at each field what they wrote."""
    said = _("Somebody else changed this after you opened the form. Yours was not stored.")
    remedy = _("Compare, and save again what you want to keep.")
    errors = {"": [f"{said} {remedy}"]}
    for field in fields:
        now = str(getattr(row, field.name, "") or "")
        if field.name != "company" and now != given.get(field.name, "").strip():
            errors[field.name] = [_("It now says: %(text)s") % {"text": now or "–"}]
    return errors


def _form(
    request: Any,
    row: Company | None,
    fields: list[Field],
    given: Mapping[str, Any],
    errors: Mapping[str, list[str]],
    alike: list[dict[str, Any]] | None = None,
    version: int | None = None,
) -> HttpResponse:
    context = {
        "company": row,
        "version": version or (seen_version(request) or (row.version if row else 0)),
        "fields": filled(fields, given, errors),
        "errors": errors,
        "alike": alike or [],
    }
    status = 409 if version else 422 if errors or alike else 200
    return shown(request, "pages/company_form.html", context, status=status)
