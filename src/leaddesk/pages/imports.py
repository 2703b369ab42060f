"""Imports: a file on its way to leads, step by step: upload, map, check, try, import."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import imports, moment
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Import, Person
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import answering, told
from leaddesk.pages.frame import shown
from leaddesk.pages.import_rows import columns_of, lines_of, outcomes, questions
from leaddesk.pages.import_steps import steps_of, waiting
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.wire import files, jobs
from leaddesk.wire.fields import FIELDS, KEEP
from leaddesk.wire.reading import ENCODINGS, MOST_BYTES, MOST_ROWS, SEPARATORS, Choice

AT_ONCE = 1.0
"""Seconds for which a page goes on with a job itself before the worker takes it over."""
MOST_LISTED, MOST_SHOWN, MOST_CHANGES = 50, 10, 20
_CELL = re.compile(r"cell-(\d{1,8})-(\d{1,4})", re.ASCII)
State = Import.State


@require_safe
@signed_in
@answering
def listed(request: Any) -> HttpResponse:
    """The imports of the workspace, the newest first."""
    rows = [*imports.listed(request.actor)[:MOST_LISTED]]
    names = names_of(request, [one.person for one in rows])
    context = {
        "imports": [(one, names.get(one.person, one.person), *standing_of(one)) for one in rows]
    }
    return shown(request, "pages/imports.html", context)


def standing_of(whole: Import) -> tuple[str, str, str]:
    """Where an import stands in words, how that is, and the page that goes on with it."""
    words = {
        State.READ: (_("to be mapped"), "", "import-map"),
        State.CHECKING: (_("being checked"), "warn", "import-check"),
        State.CHECKED: (_("checked"), "", "import-check"),
        State.TRYING: (_("being tried"), "warn", "import-try"),
        State.TRIED: (_("tried, not imported"), "", "import-try"),
        State.IMPORTING: (_("being imported"), "warn", "import-result"),
        State.IMPORTED: (_("imported"), "good", "import-result"),
        State.UNDOING: (_("being undone"), "warn", "import-result"),
        State.UNDONE: (_("undone"), "", "import-result"),
        State.FAILED: (_("stopped"), "bad", "import-result"),
    }
    said, state, route = words[State(whole.state)]
    return said, state, reverse(route, args=[whole.key])


def names_of(request: Any, keys: Any) -> dict[str, str]:
    """The names of people by their keys."""
    rows = Person.objects.of(request.actor.workspace_id).filter(key__in=[*keys])
    return dict(rows.values_list("key", "name"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def new(request: Any) -> HttpResponse:
    """A file, chosen or pasted, to be read."""
    request.actor.must("import leads")
    if request.method != "POST":
        return _upload(request, "", {})
    text = request.POST.get("text", "")
    upload = request.FILES.get("file")
    try:
        if upload is not None and upload.size > MOST_BYTES:
            return _upload(request, text, {"file": [_too_large()]})
        if upload is None and not text.strip():
            return _upload(request, text, {"file": [_("Choose a file, or paste the rows.")]})
        data = upload.read() if upload is not None else text.encode("utf-8", "replace")
        name = plain_text(upload.name) if upload is not None else _("Pasted rows")
        whole = files.bring(request.actor, name, data, moment.now())
    except Refused as refusal:
        return _upload(request, text, told(refusal, ["file"]))
    return HttpResponseRedirect(reverse("import-file", args=[whole.key]))


def _too_large() -> str:
    said = _("The file is larger than %(most)s MB. Split it, or leave out columns.")
    return said % {"most": MOST_BYTES // 2**20}


def _upload(request: Any, text: str, errors: Mapping[str, Any]) -> HttpResponse:
    limits = {"megabytes": MOST_BYTES // 2**20, "rows": MOST_ROWS}
    context = {"text": text, "errors": errors, "steps": steps_of(None, "file"), **limits}
    return shown(request, "pages/import_new.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def file(request: Any, key: str) -> HttpResponse:
    """How the file was read, with its first rows; it can be read in another way."""
    whole = imports.found(request.actor, key)
    if whole.began_at is not None:
        return HttpResponseRedirect(reverse("import-result", args=[key]))
    if request.method != "POST":
        return _file(request, whole, whole.form["choice"], {})
    row = request.POST.get("header_row", "").strip()
    given = {name: request.POST.get(name, "") for name in ("encoding", "separator", "sheet")}
    given["header_row"] = int(row) if row.isascii() and row.isdigit() and len(row) < 7 else 0
    fit = given["encoding"] in {"", *ENCODINGS} and given["separator"] in {"", *SEPARATORS}
    try:
        files.read_again(whole, Choice(**given) if fit else Choice())
    except Refused as refusal:
        return _file(request, whole, given, told(refusal, ["file"]))
    say(request, _("The file was read again."))
    return HttpResponseRedirect(reverse("import-file", args=[key]))


def _file(
    request: Any, whole: Import, choice: Mapping[str, Any], errors: Mapping[str, Any]
) -> HttpResponse:
    separators = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
    left_out = {
        "before the header": _("%(n)s before the header"),
        "header again": _("%(n)s that repeat the header"),
        "footer": _("%(n)s at the end that look like a footer"),
    }
    is_sheet = whole.form["encoding"] == "xlsx"
    context = {
        "whole": whole,
        "steps": steps_of(whole, "file"),
        "rows": lines_of(imports.rows_of(whole, most=MOST_SHOWN)),
        "is_sheet": is_sheet,
        "separator": separators.get(whole.form["separator"], whole.form["separator"]),
        "left_out": [left_out[name] % {"n": n} for name, n in whole.form["left_out"].items()],
        "choice": choice,
        "encodings": ENCODINGS,
        "separators": [(name, separators[sign]) for name, sign in SEPARATORS.items()],
        "errors": errors,
    }
    return shown(request, "pages/import_file.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def meaning(request: Any, key: str) -> HttpResponse:
    """What each column means, by which of them a lead is known, and how dates are read."""
    whole = imports.found(request.actor, key)
    if whole.began_at is not None:
        return HttpResponseRedirect(reverse("import-result", args=[key]))
    if request.method != "POST":
        return _map(request, whole, None, {})
    given: dict[str, Any] = {
        name: request.POST.get(name, "")[:100] for name in ("match", "order", "zone")
    }
    given["columns"] = [request.POST.get(f"column-{n}", "")[:40] for n in range(len(whole.header))]
    try:
        said = files.meaning(whole, given)
        imports.check(whole, said.as_dict(), moment.now())
    except Refused as refusal:
        return _map(request, whole, given, told(refusal))
    jobs.work(whole, AT_ONCE)
    return HttpResponseRedirect(reverse("import-check", args=[key]))


def _map(
    request: Any, whole: Import, given: Mapping[str, Any] | None, errors: Mapping[str, Any]
) -> HttpResponse:
    seems = files.proposal(whole, given["columns"] if given else None)
    by = {
        "header": _("by its name"),
        "values": _("by its values"),
        "said": _("as you said"),
        "": _("not known"),
    }
    columns = [
        {
            "n": n,
            "header": name,
            "samples": samples,
            "field": guess.field,
            "by": by[guess.by],
            "is_known": bool(guess.by),
            "errors": errors.get(f"column-{n}", []),
        }
        for n, (name, guess, samples) in enumerate(
            zip(whole.header, seems.guesses, seems.samples, strict=True)
        )
    ]
    context = {
        "whole": whole,
        "steps": steps_of(whole, "map"),
        "columns": columns,
        "fields": [(name, one.label) for name, one in FIELDS.items()],
        "keep": KEEP,
        "seems": seems,
        "match": (given or {}).get("match") or seems.match,
        "order": given["order"] if given else seems.order,
        "zone": (given or {}).get("zone") or seems.zone,
        "errors": errors,
    }
    return shown(request, "pages/import_map.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def check(request: Any, key: str) -> HttpResponse:
    """What would become of the rows; cells with a problem can be mended here."""
    whole = imports.found(request.actor, key)
    if whole.began_at is not None:
        return HttpResponseRedirect(reverse("import-result", args=[key]))
    if whole.state == State.READ:
        return HttpResponseRedirect(reverse("import-map", args=[key]))
    if request.method == "POST":
        return _mend(request, whole)
    if whole.state in {State.CHECKING, State.TRYING}:
        return waiting(request, whole, "check")
    return _check(request, whole, {})


def _mend(request: Any, whole: Import) -> HttpResponse:
    cells: dict[int, dict[int, str]] = {}
    for name, text in request.POST.items():
        if place := _CELL.fullmatch(name):
            mended = text.replace("\0", "")[:10_000]
            cells.setdefault(int(place[1]), {})[int(place[2])] = mended
    before = imports.counts(whole)["problem"]
    try:
        mended = imports.mend(whole, cells)
    except Refused as refusal:
        return _check(request, whole, told(refusal, [""]))
    jobs.check_some(whole, mended, moment.now())
    left = imports.counts(whole)["problem"]
    said = ngettext("%(n)s row was mended.", "%(n)s rows were mended.", max(before - left, 0))
    say(request, said % {"n": max(before - left, 0)})
    show = "problem" if left else ""
    return HttpResponseRedirect(f"{reverse('import-check', args=[whole.key])}?show={show}")


def _check(request: Any, whole: Import, errors: Mapping[str, Any]) -> HttpResponse:
    counts = imports.counts(whole)
    show = request.GET.get("show", "problem" if counts["problem"] else "")
    show = show if show in {name for name, _words in outcomes()} else ""
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    rows = imports.rows_of(whole, [show] if show else [], start, MOST_SHOWN * 2 + 1)
    page = rows[: MOST_SHOWN * 2]
    next_ = f"?show={show}&after={page[-1].number}" if len(rows) > len(page) else ""
    context = {
        "whole": whole,
        "steps": steps_of(whole, "check"),
        "filters": [(name, words, counts[name], name == show) for name, words in outcomes()],
        "show": show,
        "total": whole.rows,
        "counts": counts,
        "twins": whole.tally.get("twins", 0),
        "columns": columns_of(whole, page),
        "rows": questions(whole, page),
        "next": next_,
        "previous": f"?show={show}" if start else "",
        "errors": errors,
        "working": counts["new"] + counts["changed"],
    }
    return shown(request, "pages/import_check.html", context, status=422 if errors else 200)
