"""Merge: two leads, or two companies, become one: seen side by side first, and undone where it was wrong."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import merging, moment
from leaddesk.book.models import Contact
from leaddesk.book.refusal import Refused
from leaddesk.pages import toast
from leaddesk.pages.form import Field, answering, filled, told
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key, verdicts
from leaddesk.pages.telling import with_parts
from leaddesk.pages.visitor import signed_in

_LATIN = frozenset({"country", "domain", "email", "language", "phone", "zone"})


@require_safe
@signed_in
@answering
def leads(request: Any) -> HttpResponse:
    """What comes of merging two leads, side by side."""
    request.actor.must("record facts")
    request.actor.must("keep contacts")
    return _page(request, request.GET, {}, is_of_companies=False)


@require_safe
@signed_in
@answering
def companies(request: Any) -> HttpResponse:
    """What comes of merging two companies, side by side."""
    request.actor.must("keep contacts")
    return _page(request, request.GET, {}, is_of_companies=True)


def _page(
    request: Any, asked: Mapping[str, str], errors: dict[str, list[str]], *, is_of_companies: bool
) -> HttpResponse:
    gone, stays = (plain_key(asked.get(name, "")) for name in ("gone", "stays"))
    preview = None
    if gone and stays:
        try:
            preview = _preview(request.actor, gone, stays, is_of_companies=is_of_companies)
        except Refused as refusal:
            errors = errors or told(refusal, {"gone", "stays"})
    changes = [_worded(one) for one in preview.changes] if preview else []
    called = {} if is_of_companies else _called(request.actor, gone, stays)
    context = {
        "preview": preview,
        "gone": gone,
        "stays": stays,
        "gone_name": _name(preview.gone, called, gone) if preview else gone,
        "stays_name": _name(preview.stays, called, stays) if preview else stays,
        "choices": _choices(preview, asked) if preview else [],
        "changes": [one for one in changes if one.before != one.after],
        "same": [one for one in changes if one.before == one.after],
        "nurture": _nurture_words(preview.nurture) if preview and preview.nurture else "",
        "token": token_hex(8),
        "errors": errors,
        "fields": filled(_fields(), {"gone": gone, "stays": stays}, errors),
        "is_of_companies": is_of_companies,
    }
    return shown(request, "pages/merge.html", context, status=422 if errors else 200)


def _worded(one: merging.Change) -> merging.Change:
    """A change with its verdicts in the reader's words."""
    words = dict(verdicts())
    before, after = (words.get(text, text) for text in (one.before, one.after))
    return one._replace(before=before, after=after)


def _nurture_words(nurture: merging.Nurture) -> SafeString:
    """What becomes of the track that the lead that goes is in."""
    said = {
        "": _(
            "The lead that stays goes on with the track “%(track)s”, at the step that comes next."
        ),
        "in a track": _("The track “%(track)s” ends: the lead that stays keeps its own."),
        "with sales": _("The track “%(track)s” ends: sales works on the lead that stays."),
        "not to be contacted": _("The track “%(track)s” ends: the lead that stays gets no mail."),
        "left it before": _("The track “%(track)s” ends: the lead that stays has left it before."),
    }
    usual = _("The track “%(track)s” ends. Enrol the lead that stays by hand, if it is to go on.")
    return with_parts(said.get(nurture.refused, usual), track=nurture.track)


def _fields() -> list[Field]:
    return [
        Field("gone", _("Which one goes (its key)"), dir="ltr", required=True),
        Field("stays", _("Which one stays (its key)"), dir="ltr", required=True),
    ]


def _preview(actor: Any, gone: str, stays: str, *, is_of_companies: bool) -> merging.Preview:
    if is_of_companies:
        return merging.preview_of_companies(actor, gone, stays)
    return merging.preview_of_leads(actor, gone, stays, moment.now())


def _called(actor: Any, *leads: str) -> dict[str, str]:
    rows = Contact.objects.of(actor.workspace_id).filter(lead__in=leads)
    return dict(rows.values_list("lead", "name"))


def _name(row: Any, called: Mapping[str, str], key: str) -> str:
    return getattr(row, "name", "") or called.get(key, "") or key


def _choices(preview: merging.Preview, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of both, and which is chosen."""
    titles = {
        "name": _("Name"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "title": _("Title"),
        "company": _("Company"),
        "language": _("Language"),
        "zone": _("Time zone"),
        "domain": _("Domain"),
        "country": _("Country"),
    }
    return [
        one._asdict()
        | {
            "label": titles[one.name],
            "chosen": asked.get(f"of-{one.name}") or one.proposed,
            "dir": "ltr" if one.name in _LATIN else "auto",
        }
        for one in preview.choices
        if one.gone or one.stays
    ]


@require_POST
@signed_in
@answering
def merge_leads(request: Any) -> HttpResponse:
    """Merge the two leads that were shown."""
    return _merge(request, is_of_companies=False)


@require_POST
@signed_in
@answering
def merge_companies(request: Any) -> HttpResponse:
    """Merge the two companies that were shown."""
    return _merge(request, is_of_companies=True)


def _merge(request: Any, *, is_of_companies: bool) -> HttpResponse:
    given = request.POST
    gone, stays = (plain_key(given.get(name, "")) for name in ("gone", "stays"))
    fields = merging.OF_COMPANY if is_of_companies else merging.OF_CONTACT
    chosen = {name: given.get(f"of-{name}", "stays") for name in fields}
    token = given.get("token", "")
    token = token if token.isascii() and token.isalnum() and len(token) == 16 else ""
    merge = merging.merge_companies if is_of_companies else merging.merge_leads
    try:
        done = merge(request.actor, gone, stays, chosen, moment.now(), token)
    except Refused as refusal:
        errors = told(refusal, {"gone", "stays"})
        return _page(request, given, errors, is_of_companies=is_of_companies)
    toast.say(request, _("They are one now."), undo=reverse("merge-undo", args=[done.key]))
    return HttpResponseRedirect(_where(stays, is_of_companies=is_of_companies))


def _where(key: str, *, is_of_companies: bool) -> str:
    return reverse("company" if is_of_companies else "lead", args=[key])


@require_POST
@signed_in
@answering
def undo(request: Any, key: str) -> HttpResponse:
    """Make two of them again."""
    merge = merging.merge_to_part(request.actor, plain_key(key))
    try:
        merging.undo(request.actor, merge.key, moment.now())
    except Refused as refusal:
        toast.say(request, " ".join(f"{one.problem} {one.remedy}" for one in refusal.problems))
    else:
        toast.say(request, _("They are two again. What was changed since then stays changed."))
    return HttpResponseRedirect(_where(merge.gone, is_of_companies=merge.is_of_companies))
