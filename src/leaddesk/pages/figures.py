"""Figures: one figure opened: what it means, what it was counted from, and the leads behind it."""

import csv
import io
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import moment, report, rules
from leaddesk.book.access import Actor
from leaddesk.book.counting import Figure, Key, version_at
from leaddesk.book.models import Contact, Person
from leaddesk.book.spans import span_of
from leaddesk.pages import meanings
from leaddesk.pages.charts import defused
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leadpact.agreement.explain import explain
from leadpact.clock import to_datetime
from leadpact.program.columns import NEVER, VERDICTS
from leadpact.report.scorecard import alone

PARTS = ("counted", "hits", "rest", "undecided")
MOST_IN_A_FILE = 100_000


class Part(NamedTuple):
    """A part of the rows, as it is chosen: its name, its count, its address."""

    name: str
    title: str
    size: int
    path: str
    is_here: bool


@require_safe
@signed_in
def figure(request: Any, key: str) -> HttpResponse:
    """One figure, opened."""
    actor: Actor = request.actor
    actor.must("read leads")
    told = report.standing(actor.workspace_id, moment.now())
    if told is None:
        return shown(request, "pages/drawing.html", {})
    named = Key.read(key)
    found = told.figure(named) if named else None
    if named is None or found is None:
        raise Http404
    part = request.GET.get("part", "counted")
    part = part if part in PARTS else "counted"
    if request.GET.get("as") == "csv":
        return _file(actor, told, found, part)
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    page = report.leads_behind(actor, told, found, part, _place(request.GET.get("after", "")))
    contacts = _contacts(actor, page)
    context = {
        "title": meanings.title(named, names, told.zone),
        "told": told,
        "figure": found,
        "value": meanings.value(found),
        "counted": meanings.counted(found),
        "interval": meanings.interval(found),
        "meaning": meanings.meaning(found),
        "clauses": _clauses(actor.workspace_id, told, found),
        "parts": [*_parts(found, part)],
        "part": part,
        "page": page,
        "hidden": page.total - page.own,
        "rows": [
            (row, contacts.get(row.lead), names.get(row.owner, row.owner), _verdict(row))
            for row in page.rows
        ],
        "next": f"?{urlencode({'part': part, 'after': page.next})}" if page.next else "",
        "key": str(named),
    }
    return shown(request, "pages/figure.html", context)


def _place(text: str) -> int:
    """A place in the list; the first one where the text is none."""
    return min(int(text), 10**9) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _clauses(workspace: int, told: report.Told, found: Figure) -> list[tuple[int, str]]:
    """What was promised, in a sentence for each version that judged what is counted."""
    name = found.key.promise
    line = next((one for one in told.body["scorecard"] if one["promise"] == name), None)
    if line is None or name not in told.promises:
        return [(0, line["owed"])] if line else []
    agreed = {one.version: one for one in rules.in_force(workspace)}
    sentences: dict[str, int] = {}
    for number in _judged_by(told, found):
        if number in agreed and name in (promised := agreed[number].promised()):
            path = f"promises.{promised[name][0]}.{name}"
            said = {one.path: one.text for one in explain(agreed[number])}
            sentences[alone(said.get(path, ""))] = number
    return [(number, text) for text, number in sentences.items() if text] or [(0, line["owed"])]


def _judged_by(told: report.Told, found: Figure) -> list[int]:
    """The numbers of the versions that judged what a figure of a promise counts, oldest first; where
    it counts nothing, of the one by which its period is judged."""
    listed = told.promises[found.key.promise]["versions"]
    columns, rows = told.board.tables[found.table], found.rows
    if found.table == "legs":
        columns, rows = told.board.tables["obligations"], columns["row"][rows]
    span = span_of(found.key.period, told.zone)
    if span and "version" in columns:
        when = np.array([span.begins])
    elif len(rows):
        when = columns["start" if "start" in columns else "at"][rows]
    else:
        when = np.array([min(span.ends - 1 if span else NEVER, told.as_of)])
    numbers = {*version_at(listed, when).tolist()}
    return [number for number, _begin in listed if number in numbers]


def _parts(found: Figure, chosen: str) -> Any:
    titles = {
        "counted": _("Counted"),
        "hits": _("Counted as reached"),
        "rest": _("Counted as missed"),
        "undecided": _("Not decided"),
    }
    for name in PARTS if found.is_share else ("counted",):
        count = len(found.part(name))
        yield Part(name, titles[name], count, f"?part={name}", name == chosen)


def _contacts(actor: Actor, page: report.Page) -> dict[str, str]:
    """The names of the people behind the leads, for those who may read them."""
    if not actor.may("read contacts"):
        return {}
    keys = [row.lead for row in page.rows if row.may_open]
    rows = Contact.objects.of(actor.workspace_id).filter(lead__in=keys)
    return dict(rows.values_list("lead", "name"))


def _verdict(row: report.Row) -> str:
    said = {
        "kept": _("kept"),
        "broken": _("broken"),
        "open": _("open"),
        "excused": _("excused"),
        "waived": _("waived"),
        "undeterminable": _("can't be told"),
    }
    return "" if row.verdict is None else said[VERDICTS[row.verdict]]


def _file(actor: Actor, told: report.Told, found: Figure, part: str) -> HttpResponse:
    """The rows behind a figure as a file: those of leads that the reader may see."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(
        ["lead", "counted as", "owner", "at", "due at", "answered at", "verdict", "zone"]
    )
    after: int | None = 0
    while after is not None and after < MOST_IN_A_FILE:
        page = report.leads_behind(actor, told, found, part, after, rows=5_000)
        for row in page.rows:
            if row.may_open:
                instants = [_stamp(at, told.zone) for at in (row.at, row.due, row.answered)]
                verdict = "" if row.verdict is None else VERDICTS[row.verdict]
                texts = [row.lead, row.part, row.owner, *instants, verdict, told.zone]
                writer.writerow([defused(text) for text in texts])
        after = page.next
    response = HttpResponse(f"\ufeff{sink.getvalue()}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="figure.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _stamp(at: int | None, zone: str) -> str:
    return "" if at is None else to_datetime(at, zone).isoformat()
