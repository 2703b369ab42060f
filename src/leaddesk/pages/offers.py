"""Offers: what nurture tracks send, written and tried out language by language."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import mailing_lists, merge_fields, moment, offers, queries
from leaddesk.book.models import Contact, Lead, Workspace
from leaddesk.book.refusal import Absent, Refused, Stale
from leaddesk.pages.form import Field, answering, filled, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.post.nurture_letter import Letter, letter, receiver_of

_NAMES = dict(settings.LANGUAGES)


@require_safe
@signed_in
@answering
def every(request: Any) -> HttpResponse:
    """Every offer that a track names, or that somebody wrote, and what became of its mails."""
    actor = request.actor
    known = offers.every(actor)
    counts = mailing_lists.counts(actor)
    rows = [
        {
            "key": one.key,
            "languages": [(code, _NAMES.get(code, code)) for code in sorted(one.row.texts)]
            if one.row
            else [],
            "places": one.places,
            "counts": counts.get(one.key),
            "changed_at": one.row.changed_at if one.row else None,
        }
        for one in known
    ]
    context = {"rows": rows, "may_see_people": actor.may("read contacts")}
    return shown(request, "pages/offers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def one(request: Any, key: str) -> HttpResponse:
    """An offer in one language: to be read, tried on a real lead, or written."""
    key = plain_key(key)
    known = offers.one(request.actor, key)
    if request.method != "POST":
        language = _language(request.GET.get("language", ""), known, request.actor.workspace_id)
        return _form(request, known, language, _texts(known).get(language, {}), {})
    request.actor.must("keep offers")
    given = typed(request, _fields(""))
    language = " ".join(given["language"].split()).lower()
    if request.POST.get("act") == "try":
        return _form(request, known, language, given, {}, is_trial=True)
    try:
        offers.keep(
            request.actor,
            key,
            _changed(request, known, language, given),
            moment.now(),
            _seen(request),
        )
    except Refused as refusal:
        return _form(request, known, language, given, _told(refusal, language))
    except Stale:
        said = _("Somebody else changed the offer after you opened it. Compare, and save again.")
        fresh = offers.one(request.actor, key)
        return _form(request, fresh, language, given, {"": [said]}, status=409)
    gone = request.POST.get("act") == "remove"
    say(request, _("The text was removed.") if gone else _("The text is stored."))
    asked = "" if gone else f"?{urlencode({'language': language})}"
    return HttpResponseRedirect(f"{reverse('nurture-offer', args=[key])}{asked}")


def _texts(known: offers.Known) -> dict[str, dict[str, str]]:
    return dict(known.row.texts) if known.row else {}


def _language(asked: str, known: offers.Known, workspace: int) -> str:
    """The language to show: the one asked for, else one that is written, else the workspace's."""
    texts = _texts(known)
    if asked:
        return asked[:20].strip().lower()
    own = str(Workspace.objects.values_list("language", flat=True).get(pk=workspace))
    return own if own in texts or not texts else min(texts)


def _changed(
    request: Any, known: offers.Known, language: str, given: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    texts: dict[str, Mapping[str, str]] = {**_texts(known)}
    if request.POST.get("act") == "remove":
        texts.pop(language, None)
    else:
        texts[language] = {"subject": given["subject"], "text": given["text"]}
        if not (given["subject"].strip() or given["text"].strip()):
            texts.pop(language)
    return texts


def _seen(request: Any) -> int | None:
    told = request.POST.get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _told(refusal: Refused, language: str) -> dict[str, list[str]]:
    """What is wrong with the text on the page, by its fields; with other languages under ""."""
    found: dict[str, list[str]] = {}
    for problem in refusal.problems:
        code, _dot, field = problem.path.partition(".")
        place = field if code == language else "language" if code == "language" else ""
        line = _("Line %(n)s:") % {"n": problem.line} if problem.line and field == "text" else ""
        said = " ".join(part for part in (line, problem.problem, problem.remedy) if part)
        found.setdefault(place, []).append(said)
    return found


def _fields(language: str) -> list[Field]:
    fields = ", ".join(f"{{{name}}}" for name in merge_fields.FIELDS)
    hint = _("Fields: %(fields)s. What stands in where a name isn't known: {first name|there}.")
    return [
        Field("language", _("Language"), _("Its code, such as th"), dir="ltr"),
        Field("subject", _("Subject"), required=True),
        Field("text", _("Text"), hint % {"fields": fields}, type="textarea", required=True),
    ]


def _form(
    request: Any,
    known: offers.Known,
    language: str,
    given: Mapping[str, str],
    errors: Mapping[str, list[str]],
    *,
    is_trial: bool = False,
    status: int = 0,
) -> HttpResponse:
    texts = _texts(known)
    values = {**given, "language": language}
    lead = plain_key(request.POST.get("lead", "") or request.GET.get("lead", ""))
    trial, why = _trial(request.actor, values if is_trial else texts.get(language), language, lead)
    context = {
        "known": known,
        "key": known.key,
        "language": language,
        "version": known.row.version if known.row else 0,
        "languages": [(code, _NAMES.get(code, code), code == language) for code in sorted(texts)],
        "unwritten": [(c, name, c == language) for c, name in settings.LANGUAGES if c not in texts],
        "fields": filled(_fields(language), values, errors),
        "errors": errors,
        "counts": mailing_lists.counts(request.actor).get(known.key),
        "may_keep": request.actor.may("keep offers"),
        "is_written": language in texts,
        "trial": trial,
        "trial_why": why,
        "trial_lead": format_html('<bdi dir="ltr">{}</bdi>', why),
        "lead": lead,
    }
    return shown(request, "pages/offer.html", context, status or (422 if errors else 200))


def _trial(
    actor: Any, text: Mapping[str, str] | None, language: str, lead: str
) -> tuple[Letter | None, str]:
    """The mail as a real lead would get it, or why there is none to be seen."""
    if not text or not (text.get("subject") or text.get("text")):
        return None, _("Write a subject and a text to see how the mail looks.")
    if not actor.may("read contacts"):
        return None, _("Your role doesn't see the people behind leads.")
    contact = _contact(actor, lead)
    if contact is None:
        return None, _("There is no lead with this key whose person is known.")
    workspace = Workspace.objects.get(pk=actor.workspace_id)
    row = Lead.objects.of(workspace).filter(key=contact.lead).first()
    contact.tracking_consent = False
    one_text = {language: {"subject": text["subject"], "text": text["text"]}}
    return letter(one_text, receiver_of(contact, row, workspace), workspace), contact.lead


def _contact(actor: Any, lead: str) -> Contact | None:
    """The person behind a lead; of none named, behind the latest one."""
    try:
        if lead:
            found: Contact = queries.contact(actor, lead)
            return found
    except Absent:
        return None
    rows = queries.contacts(actor).filter(erased_at=None).exclude(name="")
    return rows.order_by("-id").first()
