"""Begin: the first five minutes of a new workspace, with a sample to explore."""

from typing import Any

from django.conf import settings as installation
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leaddesk.book import first_steps, moment, registers, workspaces
from leaddesk.book.models import Lead, Person
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import choose, signed_in
from leaddesk.sample import joining


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def begin(request: Any) -> HttpResponse:
    """Three questions, then the steps that make a workspace run."""
    request.actor.must("manage people")
    if request.method != "POST":
        own = request.person.workspace
        values = {"name": request.person.name, "zone": own.zone, "language": own.language}
        return _page(request, values, {})
    given = typed(request, _fields())
    try:
        _answer(request, given)
    except Refused as refusal:
        return _page(request, given, told(refusal, [*given]))
    if request.POST.get("act") == "explore":
        return _explore(request)
    say(request, _("Your answers are stored."))
    return HttpResponseRedirect(reverse("begin"))


def _answer(request: Any, given: dict[str, str]) -> None:
    actor, now = request.actor, moment.now()
    registers.change_person(actor, actor.person, {"name": given["name"]}, now)
    where = {name: given[name] for name in ("zone", "language")}
    workspaces.change(actor, where, now)


@require_POST
@signed_in
@answering
def explore(request: Any) -> HttpResponse:
    """Go into the sample of one's workspace."""
    request.actor.must("manage people")
    return _explore(request)


def _explore(request: Any) -> HttpResponse:
    person = request.person
    if not person.workspace.is_sample:
        person.refresh_from_db()
        there = joining.join(person, moment.now())
        request.memberships.append(there)
        choose(request, there.workspace.slug)
    return HttpResponseRedirect(reverse("queue"))


@require_POST
@signed_in
@answering
def leave_sample(request: Any) -> HttpResponse:
    """Take the sample away, whole; own workspaces stay as they are."""
    request.actor.must("manage people")
    sample = request.person.workspace.slug if request.person.workspace.is_sample else ""
    others = [one for one in request.memberships if one.workspace.slug != sample]
    if not others:
        say(request, _("You work nowhere else, so the sample stays. Remove it on the server."))
        return HttpResponseRedirect(reverse("home"))
    if joining.leave(request.person):
        choose(request, others[0].workspace.slug)
        say(request, _("The sample is gone. Your own data stand as they were."))
    return HttpResponseRedirect(reverse("begin"))


def _page(request: Any, values: dict[str, str], errors: dict[str, list[str]]) -> HttpResponse:
    person = request.person
    sample = None if person.workspace.is_sample else joining.sample_for(person)
    explorer = _explorer(person, sample)
    steps = first_steps.first_steps(request.actor, sample, explorer)
    context = {
        "fields": filled(_fields(), values, errors),
        "errors": errors,
        "steps": [(name, *_steps()[name], done) for name, done in steps.items()],
        "done": sum(steps.values()),
        "of": len(steps),
        "sample": sample,
        "attempts": first_steps.ATTEMPTS,
        "leads": Lead.objects.of(sample).count() if sample else 0,
        "leads_in_all": joining.FULL_SAMPLE,
    }
    return shown(request, "pages/begin.html", context, status=422 if errors else 200)


def _explorer(person: Person, sample: Any) -> str:
    there = Person.objects.of(sample).filter(user=person.user_id).first() if sample else None
    return there.key if there else ""


def _steps() -> dict[str, tuple[str, str, str, str]]:
    """Each step: what to do, why, where, and what its button says."""
    return {
        "explore": (
            _("Look around in a sample"),
            _("A made-up company with a quarter of history, apart from your own data."),
            "",
            _("Explore the sample"),
        ),
        "practise": (
            _("Log three attempts in the queue"),
            _(
                "In the sample: choose a lead, press A, then the number of the outcome. U takes it back."
            ),
            "",
            _("To the practice queue"),
        ),
        "agree": (
            _("Write your agreement"),
            _(
                "Two promises are enough to begin: how fast sales answers, how much marketing brings."
            ),
            reverse("agreement"),
            _("To the agreement"),
        ),
        "import": (
            _("Bring your leads"),
            _("A file from HubSpot, Salesforce or a spreadsheet. You see what would change first."),
            reverse("imports"),
            _("Import a file"),
        ),
        "invite": (
            _("Invite somebody"),
            _("Marketing and sales both have to sign."),
            reverse("settings-people"),
            _("To the people"),
        ),
        "hear": (
            _("Send yourself a message"),
            _("A channel, and a real test by it, so that warnings reach people."),
            reverse("settings-channels"),
            _("Set up a channel"),
        ),
    }


def _fields() -> list[Field]:
    return [
        Field("name", _("Your name"), required=True, autocomplete="name"),
        Field("zone", _("Time zone of your team"), _("Written like Europe/Warsaw."), dir="ltr"),
        Field("language", _("Language of your team"), choices=installation.LANGUAGES),
    ]
