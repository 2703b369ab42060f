"""Many leads at once: what to do is chosen, shown before it is done, done, and can be undone."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import bulk, bulk_plan, moment
from leaddesk.book.choices import choices, receivers
from leaddesk.book.models import BulkAct, Contact
from leaddesk.book.refusal import Refused
from leaddesk.pages import toast
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key
from leaddesk.pages.lead_list import acts_of, chosen_by, names_of
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number

MOST_CHOSEN = 200
State = BulkAct.State


@require_POST
@signed_in
@answering
def choose(request: Any) -> HttpResponse:
    """The form of an act for the leads that were chosen in a list."""
    request.actor.must("record facts")
    return _form(request, {}, {})


def _form(request: Any, given: Mapping[str, str], errors: Mapping[str, list[str]]) -> HttpResponse:
    acts = dict(acts_of(request.actor))
    act = request.POST.get("act", "")
    query = request.POST.get("query", "")
    keys = [plain_key(one) for one in request.POST.getlist("lead")[:MOST_CHOSEN]]
    every = request.POST.get("all") == "yes"
    wrong = dict(errors)
    if not keys and not every and not wrong:
        wrong = {"": [_("No lead is chosen. Go back and choose at least one.")]}
    if act not in acts:
        act = next(iter(acts), "")
    context = {
        "act": act,
        "words": acts.get(act, ""),
        "keys": keys,
        "every": every,
        "query": query,
        "chosen": _chosen_text(len(keys)),
        "errors": wrong,
        "fields": filled(_fields(request.actor.workspace_id, act), given, wrong),
        "is_ready": bool(keys or every),
    }
    return shown(request, "pages/bulk_choose.html", context, status=422 if wrong else 200)


def _chosen_text(count: int) -> str:
    told = ngettext("%(n)s lead is chosen.", "%(n)s leads are chosen.", count)
    return told % {"n": number(count)}


def _fields(workspace: int, act: str) -> list[Field]:
    """The fields of an act."""
    now = moment.now()
    offered = choices(workspace, now)
    none = ("", _("choose"))

    def words(given: Any) -> list[tuple[str, str]]:
        return [none, *((one, one) for one in given)]

    reasons = bulk_plan.reasons_of(offered, act)
    tracks = bulk_plan.tracks_of(workspace, offered, act, now)
    people = [none, *((one.key, one.name) for one in receivers(workspace))]
    known = {
        "owner": Field("owner", _("New owner"), choices=people, required=True),
        "track": Field("track", _("Track"), choices=words(tracks), required=True),
        "reason": Field("reason", _("Reason"), choices=words(reasons), required=True),
        "promise": Field(
            "promise",
            _("Promise"),
            choices=words(bulk_plan.promises(workspace, now)),
            required=True,
        ),
        "why": Field("why", _("Why"), _("It stands in the log of every lead."), required=True),
    }
    own = bulk_plan.fields_of(offered, act) if act in bulk_plan.ACTS else ()
    return [known[name] for name in own]


@require_POST
@signed_in
@answering
def propose(request: Any) -> HttpResponse:
    """Keep what was chosen, to be looked at before it is done."""
    act = request.POST.get("act", "")
    given = typed(request, _fields(request.actor.workspace_id, act))
    if request.POST.get("all") == "yes":
        keys = chosen_by(request, request.POST.get("query", ""), bulk.MOST)
    else:
        keys = [plain_key(one) for one in request.POST.getlist("lead")[:MOST_CHOSEN]]
    try:
        own = bulk.propose(request.actor, act, given, keys, moment.now())
    except Refused as refusal:
        return _form(request, given, told(refusal, set(given)))
    return HttpResponseRedirect(reverse("bulk", args=[own.key]))


@require_safe
@signed_in
@answering
def one(request: Any, key: str) -> HttpResponse:
    """An act on many leads: what it would do, how far it is, or what came of it."""
    key = plain_key(key)
    actor, now = request.actor, moment.now()
    own = bulk.bulk_act(actor, key)
    context: dict[str, Any] = {
        "bulk": own,
        "words": dict(acts_of(actor)).get(own.act, own.act),
        "fields": [*_told_fields(own, actor.workspace_id)],
        "total": len(own.leads),
        "reasons": reasons(),
        "is_mine": own.person == actor.person,
        "by": names_of(actor.workspace_id).people.get(own.person, own.person),
        "is_under_way": own.state in {State.RUNNING, State.UNDOING},
        "may_undo": own.state == State.DONE and now <= own.done_at + bulk.UNDO_FOR,
        "undo_until": own.done_at + bulk.UNDO_FOR if own.done_at else None,
        "left": [(reasons().get(name, name), count) for name, count in own.left.items()],
        "is_large": len(own.leads) > bulk.AT_ONCE,
    }
    if own.state == State.PROPOSED:
        context |= _planned(request, own, now)
    return shown(request, "pages/bulk.html", context)


def _planned(request: Any, own: BulkAct, now: int) -> dict[str, Any]:
    plan = bulk_plan.plan(request.actor, own, now)
    people = names_of(request.actor.workspace_id).people
    keys = [fate.lead for fate in (*plan.first, *plan.first_left)]
    contacts: dict[str, str] = {}
    if request.actor.may("read contacts"):
        rows = Contact.objects.of(request.actor.workspace_id).filter(lead__in=keys)
        contacts = dict(rows.values_list("lead", "name"))
    called = reasons()

    def row(fate: bulk_plan.Fate) -> dict[str, str]:
        return {
            "key": fate.lead,
            "name": contacts.get(fate.lead, "") or fate.lead,
            "before": people.get(fate.before, fate.before),
            "after": people.get(fate.after, fate.after),
            "why": called.get(fate.left, fate.left),
        }

    return {
        "changes": plan.changes,
        "first": [row(fate) for fate in plan.first],
        "first_left": [row(fate) for fate in plan.first_left],
        "left": [(called.get(name, name), count) for name, count in plan.left.items()],
        "left_count": sum(plan.left.values()),
    }


def _told_fields(own: BulkAct, workspace: int) -> Any:
    titles = {
        "owner": _("New owner"),
        "track": _("Track"),
        "reason": _("Reason"),
        "promise": _("Promise"),
        "why": _("Why"),
    }
    people = names_of(workspace).people if "owner" in own.fields else {}
    for name, value in own.fields.items():
        yield titles.get(name, name), people.get(value, value) if name == "owner" else value


def reasons() -> dict[str, str]:
    """Why a lead is left as it is, in words."""
    return {
        "same": _("It is so already."),
        "closed": _("The lead is no longer open."),
        "no promise": _("Nothing of this promise is open."),
        "hidden": _("You may not see this lead, or it is gone."),
        "not with sales": _("Sales hasn't got this lead, so it can't give it back."),
        "not theirs": _("Whether it goes back is for its owner and their team to say."),
        "taken": _("It belongs to somebody else, who must give it to you."),
        "refused": _("The fact was refused."),
        "forbidden": _("Whoever asked for it may not do it any more."),
    }


@require_POST
@signed_in
@answering
def confirm(request: Any, key: str) -> HttpResponse:
    """Do what was shown."""
    key = plain_key(key)
    own = bulk.confirm(request.actor, key, moment.now())
    where = reverse("bulk", args=[key])
    if own.state == State.DONE:
        said = ngettext("%(n)s lead was changed.", "%(n)s leads were changed.", own.changed)
        undo = reverse("bulk-undo", args=[key])
        toast.say(request, said % {"n": number(own.changed)}, undo=undo)
    return HttpResponseRedirect(where)


@require_POST
@signed_in
@answering
def undo(request: Any, key: str) -> HttpResponse:
    """Take back exactly what was recorded."""
    key = plain_key(key)
    where = reverse("bulk", args=[key])
    try:
        own = bulk.undo(request.actor, key, moment.now())
    except Refused as refusal:
        toast.say(request, " ".join(str(one) for one in refusal.problems))
        return HttpResponseRedirect(where)
    if own.state == State.UNDONE:
        whole = _("It was undone: exactly the facts that it recorded were taken back.")
        toast.say(request, _("Undone") if own.left else whole)
    return HttpResponseRedirect(where)


@require_safe
@signed_in
@answering
def acts(request: Any) -> HttpResponse:
    """What was done to many leads lately."""
    request.actor.must("read leads")
    words = dict(acts_of(request.actor))
    people = names_of(request.actor.workspace_id).people
    rows = [
        (one, words.get(one.act, one.act), people.get(one.person, one.person))
        for one in bulk.recent(request.actor)
    ]
    return shown(request, "pages/bulk_acts.html", {"rows": rows})
