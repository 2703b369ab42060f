"""Signing: a version is read, signed by one's name, put in force or withdrawn; and what proves it."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import agreements, moment, versions
from leaddesk.book.evidence import proofs, trail
from leaddesk.book.models import AgreementVersion
from leaddesk.book.readings import reading_of, sentences_of
from leaddesk.book.refusal import Absent, Refused, refused
from leaddesk.pages import agreement as reading
from leaddesk.pages import clauses, toast
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in


@require_safe
@signed_in
@answering
def signing(request: Any, name: str) -> HttpResponse:
    """The page on which a version is read and signed."""
    request.actor.must("read agreements")
    return _page(request, versions.named(request.actor.workspace_id, name))


@require_http_methods(["POST"])
@signed_in
@answering
def sign(request: Any) -> HttpResponse:
    """Sign the text that was shown, for a side, by typing one's own name."""
    row = _asked(request)
    side, typed = request.POST.get("side", "")[:40], request.POST.get("name", "")
    try:
        _must_be_own(request.person.name, typed)
        seen = request.POST.get("hash", "")
        agreements.sign(request.actor, row.number, side, seen, moment.now())
    except Refused as refusal:
        wrong = {"side": side, "typed": typed, "problems": refusal.problems}
        return _page(request, row, wrong)
    toast.say(request, _("You have signed version %(number)s.") % {"number": row.number})
    return HttpResponseRedirect(reverse("agreement-evidence", args=[versions.name_of(row)]))


@require_safe
@signed_in
@answering
def evidence(request: Any, name: str) -> HttpResponse:
    """Who signed a version, over which hash, when, and the entries of the audit log that say so."""
    request.actor.must("read agreements")
    row = versions.named(request.actor.workspace_id, name)
    entries, names = trail(row), reading.people(request.actor.workspace_id)
    context = {
        "row": row,
        "name": name,
        "badge": reading.badge(_word(request, row)),
        "proofs": [
            {"proof": one, "person": names.get(one.signature.person, one.signature.person)}
            for one in proofs(row, entries)
        ],
        "wanted": [one for one in reading.signers(request, row, names) if one.at is None],
        "entries": [
            {"entry": one, "act": _act(one.act), "actor": names.get(one.actor, one.actor)}
            for one in entries
        ],
    }
    return shown(request, "pages/agreement_evidence.html", context)


def _word(request: Any, row: AgreementVersion) -> str:
    found = versions.standings(request.actor.workspace_id, reading.today(request))
    return next((one.word for one in found if one.row.pk == row.pk), "replaced")


def _act(act: str) -> str:
    """What was done with a version, in the reader's words."""
    return {
        "proposed agreement": _("proposed it"),
        "signed agreement": _("signed it"),
        "put agreement in force": _("put it in force"),
        "withdrew agreement": _("withdrew it"),
    }.get(act, act)


@require_http_methods(["POST"])
@signed_in
@answering
def put_in_force(request: Any) -> HttpResponse:
    """Let the version that was shown judge from its first day on."""
    row = _asked(request)
    try:
        if row.hash != request.POST.get("hash"):
            said = _("This isn't the text that you saw.")
            raise refused("hash", said, _("Read it again, and decide about what it says now."))
        agreements.put_in_force(request.actor, row.number, moment.now())
    except Refused as refusal:
        return _page(request, row, {"problems": refusal.problems})
    toast.say(request, _("Version %(number)s is in force.") % {"number": row.number})
    return HttpResponseRedirect(reverse("agreement-version", args=[versions.name_of(row)]))


@require_http_methods(["POST"])
@signed_in
@answering
def withdraw(request: Any) -> HttpResponse:
    """Take a proposal back; its text and signatures stay on file."""
    row = _asked(request)
    try:
        agreements.withdraw(request.actor, row.number, moment.now())
    except Refused as refusal:
        return _page(request, row, {"problems": refusal.problems})
    said = _("Version %(number)s is withdrawn. Its text stays in the history.")
    toast.say(request, said % {"number": row.number})
    return HttpResponseRedirect(reverse("agreement-history"))


def _asked(request: Any) -> AgreementVersion:
    request.actor.must("read agreements")
    number = request.POST.get("version", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Absent("agreement version")
    return agreements.version_of(request.actor.workspace_id, int(number))


def _must_be_own(name: str, typed: str) -> None:
    if _plain(typed) != _plain(name):
        said = _("This isn't your name as the desk knows it: %(name)s.") % {"name": name}
        raise refused("name", said, _("Type it to sign."))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _page(request: Any, row: AgreementVersion, wrong: dict[str, Any] | None = None) -> HttpResponse:
    names = reading.people(request.actor.workspace_id)
    read = reading_of(row.text)
    said = sentences_of(row.text)
    signers = reading.signers(request, row, names)
    context = {
        "row": row,
        "name": versions.name_of(row),
        "badge": reading.badge(_word(request, row)),
        "parts": clauses.components(read.agreement, said) if read.agreement else [],
        "signers": signers,
        "yours": [one for one in signers if one.is_yours],
        "can": reading.can(request, row),
        "wrong": wrong or {},
    }
    return shown(request, "pages/agreement_sign.html", context, status=422 if wrong else 200)
