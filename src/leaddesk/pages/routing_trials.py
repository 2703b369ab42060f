"""Trials of routing: which leads somebody wants to try, how far it is, and who would get which."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import TooManyFieldsSent
from django.http import (
    FileResponse,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import dry_run_steps, dry_runs, lists, moment, plain_sheet, trials, views
from leaddesk.book.access import seen
from leaddesk.book.models import DryRun, Lead
from leaddesk.book.refusal import Absent, Refused
from leaddesk.pages import lead_filters
from leaddesk.pages.form import answering, told
from leaddesk.pages.frame import shown
from leaddesk.pages.route_words import explained, limit_text, passed_text
from leaddesk.pages.routing import names_of
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import instant_text, number, percent, wishes
from leaddesk.wire.lead_keys import keys_of
from leaddesk.wire.reading import MOST_BYTES

AT_ONCE = 1.0
"""Seconds for which a page goes on with a dry run itself before the worker takes it over."""
SMALL, PATIENCE = 500, 20.0
"""So many leads are tried while the page waits, so many seconds at most."""
ON_A_PAGE = 100
_LONGEST = 2_000_000
_FIELDS = ("what", "view", "leads", "query")
_CHOOSING = ("leads", "view", "file")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = DryRun.State


class Part(NamedTuple):
    """Somebody, with what they would get."""

    name: str
    href: str
    leads: str
    share: str
    weight: str
    by_weight: str
    full: str
    now: str


class Fate(NamedTuple):
    """Who would get a lead, and why."""

    lead: str
    name: str
    owner: str
    why: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def new(request: Any) -> HttpResponse:
    """Which leads to try; nothing is changed by it."""
    actor = request.actor
    actor.must("read leads")
    if request.method != "POST":
        return _asking(request, {"query": request.GET.get("query", "")[:20_000]}, {})
    typed = {name: request.POST.get(name, "")[:_LONGEST] for name in _FIELDS}
    try:
        run = _run(request, typed)
    except Refused as refusal:
        return _asking(request, typed, told(refusal, _CHOOSING))
    if run is None:
        field = typed["what"] if typed["what"] in _CHOOSING else "leads"
        said = _("There is no lead to try. Paste some keys, or choose a list.")
        return _asking(request, typed, {field: [said]})
    dry_run_steps.work(run, PATIENCE if run.total <= SMALL else AT_ONCE)
    return HttpResponseRedirect(reverse("routing-trial", args=[run.key]))


def _asking(request: Any, typed: Mapping[str, str], errors: Mapping[str, Any]) -> HttpResponse:
    actor = request.actor
    short = {name: text[: 50_000 if name == "leads" else 20_000] for name, text in typed.items()}
    filters = lead_filters.read(_query(short.get("query", "")), wishes().zone)
    context = {
        "typed": {**short, "what": short.get("what") or ("filter" if short.get("query") else "")},
        "errors": errors,
        "views": views.views(actor),
        "waiting": trials.waiting(actor).count(),
        "filtered": lists.chosen(actor, filters.wanted).count() if short.get("query") else 0,
        "runs": [_listed(one) for one in dry_runs.listed(actor)[:10]],
        "megabytes": MOST_BYTES // 2**20,
    }
    return shown(request, "pages/routing_try.html", context, 422 if errors else 200)


def _run(request: Any, typed: Mapping[str, str]) -> DryRun | None:
    """The dry run that somebody asked for; None where there is no lead. Raises `Refused`."""
    actor, now = request.actor, moment.now()
    if typed["what"] == "waiting":
        keys = trials.waiting(actor).values_list("lead", flat=True)
        return dry_runs.of_keys(actor, keys, "waiting", "", now) if keys else None
    if typed["what"] in {"view", "filter"}:
        try:
            name, query = _chosen(request, typed)
        except Absent:
            return None
        filters = lead_filters.read(_query(query), wishes().zone)
        leads = lists.chosen(actor, filters.wanted)
        return dry_runs.of_leads(actor, leads, typed["what"], name, now) if leads.exists() else None
    upload = request.FILES.get("file")
    if typed["what"] == "file":
        keys = keys_of(upload) if upload is not None else []
        return dry_runs.of_keys(actor, keys, "file", upload.name or "", now) if keys else None
    parts = typed["leads"].replace(",", "\n").splitlines()
    keys = [part.strip() for part in parts if part.strip(" \x00")]
    return dry_runs.of_keys(actor, keys, "leads", "", now) if keys else None


def _chosen(request: Any, typed: Mapping[str, str]) -> tuple[str, str]:
    """The name and the filters of the list that is to be tried. Raises `Absent`."""
    if typed["what"] == "filter":
        return "", typed["query"][:20_000]
    view = views.view(request.actor, typed["view"].replace("\x00", ""))
    return view.name, view.query


def _query(text: str) -> dict[str, str]:
    try:
        return QueryDict(text[:20_000]).dict()
    except (TooManyFieldsSent, ValueError):
        return {}


@require_safe
@signed_in
@answering
def result(request: Any, key: str) -> HttpResponse:
    """How far a dry run is, or what it came to."""
    actor = request.actor
    run = dry_runs.found(actor, key)
    if run.state in dry_runs.JOBS:
        return shown(request, "pages/routing_trial_wait.html", progress_of(run))
    names = names_of(actor)
    outcome = dry_run_steps.outcome(run)
    owner, why = request.GET.get("owner"), request.GET.get("why", "")[:100].replace("\x00", "")
    narrowed = None if owner is None else owner[:100].replace("\x00", "")
    rows = dry_runs.fates(actor, run, narrowed, why)
    page, following = _page(rows, request.GET)
    context = {
        "run": run,
        "has_failed": run.state == State.FAILED,
        "title": _title(run),
        "parts": [_part(run, one, names) for one in outcome["people"]],
        "is_by_weight": outcome["by"] == "weight",
        "given": outcome["given"],
        "waiting": [_waits(run, one) for one in outcome["waiting"]],
        "waiting_count": sum(one["leads"] for one in outcome["waiting"]),
        "fates": [*_fates(actor, page, names)],
        "next": following,
        "is_narrowed": owner is not None,
        "unknown": outcome["unknown"],
        "more_unknown": outcome["unknown_count"] - len(outcome["unknown"]),
        "beyond": outcome["beyond"],
    }
    return shown(request, "pages/routing_trial.html", context)


@require_safe
@signed_in
@answering
def progress(request: Any, key: str) -> HttpResponse:
    """How far a dry run is, as a part that asks again by itself; the whole page once it has ended."""
    run = dry_runs.found(request.actor, key)
    response = render(
        request, "pages/routing_trial_progress.html", progress_of(run) | {"is_part": True}
    )
    response["Cache-Control"] = "private, no-store"
    if run.state not in dry_runs.JOBS:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@signed_in
@answering
def export(request: Any, key: str, kind: str) -> HttpResponse:
    """What a dry run came to, lead by lead, as a file."""
    run = dry_runs.found(request.actor, key)
    if kind not in {"csv", "xlsx"}:
        raise Absent(f"routing-{run.key}.{kind}")
    names = names_of(request.actor)
    titles = [_("Lead"), _("Owner"), _("Owner's name"), _("Why")]
    rows = (
        (one.lead, one.owner, names.get(one.owner, ""), " ".join(explained(one.route, names)))
        for one in dry_runs.fates(request.actor, run).iterator(chunk_size=1_000)
    )
    name = f"routing-{run.key}.{kind}"
    if kind == "csv":
        told_as = plain_sheet.csv_of(["lead", "owner", "owner_name", "why"], rows)
        answer: Any = StreamingHttpResponse(told_as, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        file = plain_sheet.xlsx_of(_("Leads"), titles, rows, is_rtl=get_language_bidi())
        answer = FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)
    answer["Cache-Control"] = "private, no-store"
    return answer


def progress_of(run: DryRun) -> dict[str, Any]:
    """How far a dry run is, as pages show it."""
    doing = {State.SCORING: _("Scoring the leads"), State.GIVING: _("Giving them out on trial")}
    total = max(run.total, 1)
    return {
        "run": run,
        "doing": doing.get(State(run.state), _("Done")),
        "is_under_way": run.state in dry_runs.JOBS,
        "done": min(run.done, total),
        "total": total,
        "percent": min(run.done, total) * 100 // total,
    }


def _title(run: DryRun) -> str:
    """Which leads were tried."""
    titles = {
        "waiting": _("What waited for an owner"),
        "view": _("The view %(name)s"),
        "filter": _("A list of leads"),
        "file": _("The file %(name)s"),
    }
    return titles.get(run.what, _("Chosen leads")) % {"name": f"\u2068{run.name}\u2069"}


def _listed(run: DryRun) -> dict[str, Any]:
    return {"run": run, "title": _title(run), "is_under_way": run.state in dry_runs.JOBS}


def _part(run: DryRun, one: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    person = one["person"]
    now = passed_text(one["why"], one["until"], "") if one["why"] else ""
    return Part(
        names.get(person, person),
        _narrowed(run, owner=person),
        number(one["leads"]),
        "–" if one["share"] is None else percent(Fraction(one["share"])),
        one["weight"],
        number(round(Fraction(one["by_weight"]), 1)),
        "; ".join(limit_text(cap) for cap in one["full"]),
        now,
    )


def _narrowed(run: DryRun, **asked: str) -> str:
    return f"{reverse('routing-trial', args=[run.key])}?{urlencode(asked)}"


def _waits(run: DryRun, one: Mapping[str, Any]) -> dict[str, str]:
    again = ""
    if one["retry_at"] is not None:
        again = _("The first is tried again at %(when)s.") % {"when": instant_text(one["retry_at"])}
    return {
        "why": _reasons(one["why"]),
        "leads": number(one["leads"]),
        "href": _narrowed(run, owner="", why=",".join(one["why"])[:100]),
        "again": again,
    }


def _reasons(whys: Iterable[str]) -> str:
    return "; ".join(_reason(why) for why in whys)


def _reason(why: str) -> str:
    """Why leads wait, in a word or two."""
    said = {
        "account": _("for the owner of their company's other leads"),
        "empty": _("nobody belongs to their pool"),
        "full": _("limits are full"),
    }
    return said.get(why) or passed_text(why, None, "")


def _page(rows: Any, asked: Mapping[str, str]) -> tuple[list[Any], str]:
    """Some rows, and the address of those that follow."""
    text = asked.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    found = [*rows.filter(number__gt=after)[: ON_A_PAGE + 1]]
    if len(found) <= ON_A_PAGE:
        return found, ""
    kept = {name: asked[name] for name in ("owner", "why") if name in asked}
    return found[:ON_A_PAGE], f"?{urlencode({**kept, 'after': found[ON_A_PAGE - 1].number})}"


def _fates(actor: Any, rows: Iterable[Any], names: Mapping[str, str]) -> Iterator[Fate]:
    listed = [*rows]
    leads = seen(actor, Lead.objects.of(actor.workspace_id))
    called = lists.told_of(actor, [*leads.filter(key__in=[one.lead for one in listed])])
    for one in listed:
        name = called[one.lead].name if one.lead in called else ""
        waits = [_reasons(one.why.split(","))] if one.why else []
        why = [*waits, *explained(one.route, names)]
        yield Fate(one.lead, name, names.get(one.owner, one.owner), why)
