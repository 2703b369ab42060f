"""Leads: the list of them, by filters that stand in its address; saved views; the list to take along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import lists, moment, paging, scoring, sheet, views
from leaddesk.book.bulk_plan import ACTS
from leaddesk.book.choices import choices_of, in_force_by
from leaddesk.book.lists import Facets
from leaddesk.book.models import Contact, Lead, Person, Team
from leaddesk.book.paging import MOST_COUNTED, Page
from leaddesk.book.refusal import Refused
from leaddesk.book.rules import rules_seen
from leaddesk.book.scoring import Points
from leaddesk.pages import lead_filters, toast
from leaddesk.pages.form import Field, answering, filled, told
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import Filters, plain_key
from leaddesk.pages.lead_score import points_text
from leaddesk.pages.telling import spoken
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, wishes
from leadpact.agreement.model import Agreement
from leadpact.clock import to_datetime

SIZE = 50
SORTS = ("created", "urgent", "changed", "grade", "interest", "key")


class Row(NamedTuple):
    """A lead as the list shows it."""

    lead: Lead
    contact: Contact | None
    owner: str
    is_late: bool
    grade: str
    interest: str
    standing: str


class Heading(NamedTuple):
    """The head of a column that sorts: its title, the address, and how it is sorted now."""

    title: str
    href: str
    sorted: str


@dataclass(frozen=True)
class Names:
    """The names of people and teams, by their keys."""

    people: Mapping[str, str]
    teams: Mapping[str, str]


def names_of(workspace: int) -> Names:
    """The names of everybody in a workspace, and of its teams."""
    people = Person.objects.of(workspace).order_by("name", "key").values_list("key", "name", "team")
    rows = [*people]
    teams = dict(Team.objects.of(workspace).order_by("name").values_list("key", "name"))
    unnamed = {team: team for _key, _name, team in rows if team and team not in teams}
    return Names({key: name for key, name, _team in rows}, teams | unnamed)


@require_safe
@signed_in
@answering
def leads(request: Any) -> HttpResponse:
    """The list that its address asks for."""
    request.actor.must("read leads")
    filters = lead_filters.read(request.GET.dict(), wishes().zone)
    order = lists.order_of(filters.sort)
    rows = lists.chosen(request.actor, filters.wanted)
    place = paging.read(order, request.GET.get("at", ""))
    page = paging.page_of(rows, order, place, SIZE)
    return shown(request, "pages/leads.html", _context(request, filters, page, rows))


def _context(request: Any, filters: Filters, page: Page, rows: Any) -> dict[str, Any]:
    actor, path, now = request.actor, reverse("leads"), moment.now()
    rules = rules_seen(request.person.workspace)
    points = scoring.points(rules, [one.key for one in page.rows], now)
    names = names_of(actor.workspace_id)
    contacts = lists.told_of(actor, page.rows)
    count = len(page.rows)
    if page.before or page.after:
        count = paging.counted(rows)
    kept = views.views(actor)
    query = filters.query()
    return {
        "rows": [_row(one, contacts, names, points, now) for one in page.rows],
        "reads_contacts": actor.may("read contacts"),
        "may_act": actor.may("record facts"),
        "may_create": actor.may("record facts") and actor.may("keep contacts"),
        "acts": acts_of(actor),
        "count": counted_text(count),
        "is_counted": count <= MOST_COUNTED,
        "matching": count,
        "query": query,
        "chips": [*lead_filters.chips(filters, path, {**names.people, **names.teams})],
        "fields": _fields(filters, names, lists.facets(actor), in_force_by(rules, now)),
        "wrong": filters.wrong,
        "text": filters.typed.get("q", ""),
        "is_filtered": bool(filters.typed),
        "is_scored": bool(points),
        "goes_by_score": _goes_by_score(filters),
        "now": now,
        "scored_as_of": rules.swept.as_of,
        "version": scoring.agreed(rules, now).version,
        "heads": {name: _heading(filters, name, path) for name in SORTS},
        "sort": filters.sort if filters.sort != "created" else "",
        "hidden": [(n, v) for n, v in filters.typed.items() if n != "q"],
        "previous": f"{path}?{_with(query, page.before)}" if page.before else "",
        "next": f"{path}?{_with(query, page.after)}" if page.after else "",
        "views": kept,
        "view": next((one for one in kept if one.query == query), None),
        "curl": curl(request, filters),
    }


def _goes_by_score(filters: Filters) -> bool:
    """Whether scores say which leads are listed, or in which order."""
    return not _BY_SCORE.isdisjoint({*filters.wanted, filters.sort.removeprefix("-")})


_BY_SCORE = {"grade", "interest", "fit_from", "interest_from"}


def _row(
    lead: Lead,
    contacts: Mapping[str, Contact],
    names: Names,
    points: Mapping[str, Points],
    now: int,
) -> Row:
    late = lead.urgent_at is not None and lead.urgent_at < now
    owner = names.people.get(lead.owner, lead.owner)
    score = points.get(lead.key, Points())
    standing = str(spoken(lead.standing)) if lead.standing != "open" else ""
    interest = points_text(score.interest)
    return Row(lead, contacts.get(lead.key), owner, late, score.grade, interest, standing)


def _with(query: str, place: str) -> str:
    return f"{query}&{urlencode({'at': place})}" if query else urlencode({"at": place})


def counted_text(count: int) -> str:
    """How many leads there are, in figures; more than are counted as such."""
    if count > MOST_COUNTED:
        return _("more than %(n)s") % {"n": number(MOST_COUNTED)}
    return number(count)


def _heading(filters: Filters, name: str, path: str) -> Heading:
    titles = {
        "created": _("Created"),
        "urgent": _("Due"),
        "changed": _("Last fact"),
        "grade": _("Grade"),
        "interest": _("Interest"),
        "key": _("Lead"),
    }
    is_here = filters.sort.removeprefix("-") == name
    turned = f"-{name}" if is_here and not filters.sort.startswith("-") else name
    falling = lists.order_of(filters.sort).is_falling
    how = ("descending" if falling else "ascending") if is_here else ""
    return Heading(titles[name], f"{path}?{filters.query(sort=turned)}", how)


def acts_of(actor: Any) -> list[tuple[str, str]]:
    """What somebody may do to many leads, in words."""
    words = {
        "reassign": _("Reassign"),
        "pause": _("Pause the clocks"),
        "resume": _("Let the clocks run again"),
        "return": _("Give back for nurture"),
        "enrol": _("Enrol for nurture"),
        "disqualify": _("Disqualify"),
        "waive": _("Waive a promise"),
    }
    return [(name, words[name]) for name, act in ACTS.items() if actor.may(act.right)]


def _fields(
    filters: Filters, names: Names, facets: Facets, agreed: Agreement
) -> list[dict[str, Any]]:
    """The fields of the filter form, with what is typed and what is wrong."""
    titles = lead_filters.titles()
    stages = [(one, one) for one in choices_of(agreed).stages]
    offered = {
        "stage": stages,
        "owner": [*names.people.items()],
        "team": [*names.teams.items()],
        "type": [(one, one) for one in facets.types],
        "stream": [(one, one) for one in facets.streams],
        "source": [(one, one) for one in facets.sources],
        "campaign": [(one, one) for one in facets.campaigns],
        "standing": lead_filters.standings(),
        "owed": lead_filters.verdicts(),
        "paused": [("yes", _("yes")), ("no", _("no"))],
        "grade": lead_filters.grades(),
    }
    fields = []
    for name, title in titles.items():
        if name in {"q", "account"}:
            continue
        listed = offered.get(name)
        if listed is not None:
            listed = _with_any(listed, filters.typed.get(name, ""))
        kind = "date" if name in lead_filters.DAYS else "text"
        fields.append(Field(name, title, choices=listed or (), type=kind))
    return filled(fields, filters.typed, filters.wrong)


def _with_any(listed: Sequence[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """Choices beside "any", and what is typed though it isn't among them."""
    beside = [(typed, typed)] if typed and typed not in dict(listed) else []
    return [("", _("any")), *listed, *beside]


def curl(request: Any, filters: Filters) -> str:
    """The call of the API that answers with the same list."""
    query = lead_filters.api_query(filters, _stamp)
    where = request.build_absolute_uri("/api/v1/leads").replace("'", "%27")
    return f"curl -H 'Authorization: Bearer YOUR_TOKEN' '{where}?{query}'"


def _stamp(at: int) -> str:
    return to_datetime(at).isoformat().replace("+00:00", "Z")


@require_POST
@signed_in
@answering
def export(request: Any) -> HttpResponse:
    """The list that is shown, as a file; noted in the audit log."""
    request.actor.must("read leads")
    now, zone = moment.now(), wishes().zone
    filters = lead_filters.read(_typed(request.POST.get("query", "")), zone)
    rows = lists.chosen(request.actor, filters.wanted)
    rows = paging.in_order(rows, lists.order_of(filters.sort))
    kind = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    sheet.note(request.actor, kind, filters.query(), now)
    name = f"leads-{to_datetime(now).date().isoformat()}.{kind}"
    if kind == "csv":
        answer = StreamingHttpResponse(
            sheet.csv_of(request.actor, rows, zone), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        named = names_of(request.actor.workspace_id)
        chips = lead_filters.chips(filters, "", {**named.people, **named.teams})
        told_of = sheet.Told(
            request.person.workspace.name,
            [(one.title, one.value) for one in chips],
            now,
            zone,
            get_language_bidi(),
        )
        file = sheet.xlsx_of(request.actor, rows, told_of)
        answer = FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)
    answer["Cache-Control"] = "private, no-store"
    return answer


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _typed(query: str) -> dict[str, str]:
    """What an address says, that was sent along in a form."""
    try:
        return QueryDict(query[:20_000]).dict()
    except (TooManyFieldsSent, ValueError):
        return {}


def chosen_by(request: Any, query: str, most: int) -> list[str]:
    """The keys of the leads of a list, one more than `most` where there are more."""
    filters = lead_filters.read(_typed(query), wishes().zone)
    rows = lists.chosen(request.actor, filters.wanted)
    rows = paging.in_order(rows, lists.order_of(filters.sort))
    return [*rows.values_list("key", flat=True)[: most + 1]]


@require_safe
@signed_in
@answering
def view(request: Any, key: str) -> HttpResponse:
    """The list that a view was saved of."""
    key = plain_key(key)
    row = views.view(request.actor, key)
    return HttpResponseRedirect(f"{reverse('leads')}?{row.query}")


@require_POST
@signed_in
@answering
def save_view(request: Any) -> HttpResponse:
    """Save the list that is shown under a name."""
    filters = lead_filters.read(_typed(request.POST.get("query", "")), wishes().zone)
    given = {
        "name": request.POST.get("name", ""),
        "query": filters.query(),
        "is_shared": request.POST.get("shared") == "yes",
    }
    try:
        row = views.save(request.actor, given, moment.now())
    except Refused as refusal:
        return _unsaved(request, given, refusal)
    toast.say(request, _("The view “%(name)s” was saved.") % {"name": row.name})
    return HttpResponseRedirect(f"{reverse('leads')}?{row.query}")


@signed_in
@answering
def keep_view(request: Any, key: str) -> HttpResponse:
    """Rename a view, share it or not, or delete it."""
    key = plain_key(key)
    row = views.view(request.actor, key)
    if not views.may_keep(request.actor, row):
        request.actor.must("manage people")
    if request.method != "POST":
        return _view_form(request, row, {"name": row.name, "is_shared": row.is_shared}, {})
    if request.POST.get("delete"):
        views.delete(request.actor, key, moment.now())
        toast.say(request, _("The view “%(name)s” was deleted.") % {"name": row.name})
        return HttpResponseRedirect(f"{reverse('leads')}?{row.query}")
    given = {
        "name": request.POST.get("name", ""),
        "is_shared": request.POST.get("shared") == "yes",
    }
    try:
        views.rename(request.actor, key, given, moment.now())
    except Refused as refusal:
        return _view_form(request, row, given, told(refusal, {"name"}))
    toast.say(request, _("The view was changed."))
    return HttpResponseRedirect(f"{reverse('leads')}?{row.query}")


def _unsaved(request: Any, given: Mapping[str, Any], refusal: Refused) -> HttpResponse:
    return _view_form(request, None, given, told(refusal, {"name"}))


def _view_form(
    request: Any, row: Any, given: Mapping[str, Any], errors: Mapping[str, list[str]]
) -> HttpResponse:
    context = {
        "row": row,
        "given": given,
        "query": row.query if row else given["query"],
        "field": filled([Field("name", _("Name"), required=True)], given, errors)[0],
        "errors": errors,
    }
    return shown(request, "pages/view.html", context, status=422 if errors else 200)
