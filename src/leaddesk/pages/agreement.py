"""Agreement: a version as people read it, with its live figures, its text, and all its versions."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import agreements, moment, versions
from leaddesk.book.models import AgreementVersion, Person
from leaddesk.book.readings import reading_of, sentences_of
from leaddesk.pages import clauses, live
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number
from leadpact.agreement.amend import difference as changes_between
from leadpact.clock import local_day


class Signer(NamedTuple):
    """Somebody who signs for a side: when they did, and whether the visitor may do it now."""

    side: str
    name: str
    at: int | None
    is_yours: bool = False


class Badge(NamedTuple):
    """A word with the state that colours it."""

    text: str
    state: str


@require_safe
@signed_in
@answering
def agreement(request: Any) -> HttpResponse:
    """The version that judges today, else the one that will, else the newest proposal."""
    request.actor.must("read agreements")
    found = versions.standings(request.actor.workspace_id, today(request))
    current = versions.current(found)
    if current is None:
        may_propose = request.actor.may("propose agreement")
        return shown(request, "pages/agreement_none.html", {"may_propose": may_propose})
    return _page(request, current, found)


@require_safe
@signed_in
@answering
def version(request: Any, name: str) -> HttpResponse:
    """One version, in force or not."""
    row, found = asked(request, name)
    return _page(request, _of(found, row), found)


@require_safe
@signed_in
@answering
def text(request: Any, name: str) -> HttpResponse:
    """The text of a version as it was proposed, each line with an address of its own."""
    row, _found = asked(request, name)
    lines = [*enumerate(row.text.splitlines(), 1)]
    return shown(request, "pages/agreement_text.html", {"row": row, "name": name, "lines": lines})


@require_safe
@signed_in
@answering
def history(request: Any) -> HttpResponse:
    """All versions with where they stand, and two of them to compare."""
    request.actor.must("read agreements")
    found = versions.standings(request.actor.workspace_id, today(request))
    names = people(request.actor.workspace_id)
    rows = [
        {
            "name": versions.name_of(one.row),
            "row": one.row,
            "badge": badge(one.word),
            "given": one.given,
            "wanted": one.wanted,
            "by": names.get(one.row.proposed_by, one.row.proposed_by),
        }
        for one in found
    ]
    context = {"rows": rows, "older": _older(rows), "newer": rows[0]["name"] if rows else ""}
    return shown(request, "pages/agreement_history.html", context)


def _older(rows: list[dict[str, Any]]) -> str:
    return rows[1]["name"] if len(rows) > 1 else ""


@require_safe
@signed_in
@answering
def difference(request: Any) -> HttpResponse:
    """What one version changes in another, side by side; unless said, the newest in the one before."""
    request.actor.must("read agreements")
    workspace = request.actor.workspace_id
    found = versions.standings(workspace, today(request))
    newest = [versions.name_of(one.row) for one in found[:2]] or [""]
    old = versions.named(workspace, request.GET.get("old", newest[-1]))
    new = versions.named(workspace, request.GET.get("new", newest[0]))
    before, after = (reading_of(one.text).agreement for one in (old, new))
    changes = changes_between(before, after) if before and after else None
    context = {
        "old": old,
        "new": new,
        "old_name": versions.name_of(old),
        "new_name": versions.name_of(new),
        "choices": [(versions.name_of(one.row), _said(one)) for one in found],
        "changes": changes,
        "count": len(changes or ()),
    }
    return shown(request, "pages/agreement_difference.html", context)


def _said(one: versions.Standing) -> str:
    words = {"number": number(one.row.number), "state": badge(one.word).text}
    return _("Version %(number)s, %(state)s") % words


def asked(request: Any, name: str) -> tuple[AgreementVersion, list[versions.Standing]]:
    """The version of a name and where all stand. Raises `Absent`, `Forbidden`."""
    request.actor.must("read agreements")
    row = versions.named(request.actor.workspace_id, name)
    return row, versions.standings(request.actor.workspace_id, today(request))


def _of(found: list[versions.Standing], row: AgreementVersion) -> versions.Standing:
    lone = versions.Standing(row, "replaced", 0, 0)
    return next((one for one in found if one.row.pk == row.pk), lone)


def today(request: Any) -> date:
    """The day it is at the workspace."""
    days = local_day(moment.now(), request.person.workspace.zone)
    return date.fromordinal(int(days) + date(1970, 1, 1).toordinal())


def people(workspace: int) -> Mapping[str, str]:
    """The names of the people of a workspace, by their keys."""
    return dict(Person.objects.of(workspace).values_list("key", "name"))


def badge(word: str) -> Badge:
    """Where a version stands, in the reader's words."""
    return {
        "proposed": Badge(_("to be signed"), "warn"),
        "partly signed": Badge(_("partly signed"), "warn"),
        "signed": Badge(_("signed, not in force"), "warn"),
        "in force": Badge(_("in force"), "good"),
        "to come": Badge(_("to come"), ""),
        "replaced": Badge(_("replaced"), ""),
        "over": Badge(_("term is over"), "bad"),
        "withdrawn": Badge(_("withdrawn"), ""),
    }[word]


def _page(request: Any, current: versions.Standing, found: list[versions.Standing]) -> HttpResponse:
    actor, row = request.actor, current.row
    reading, names = reading_of(row.text), people(actor.workspace_id)
    figures = live.figures(request) if current.word in {"in force", "over"} else live.NONE
    parts = (
        clauses.components(reading.agreement, sentences_of(row.text)) if reading.agreement else []
    )
    context = {
        "row": row,
        "name": versions.name_of(row),
        "badge": badge(current.word),
        "is_judging": current.word in {"in force", "over"},
        "problems": reading.problems,
        "parts": [(part, live.beside(part, figures)) for part in parts],
        "as_of": figures.as_of,
        "values": [*clauses.values(reading)],
        "currency": reading.agreement.currency if reading.agreement else "",
        "sides": sides(reading.agreement, names),
        "signers": signers(request, row, names),
        "waiting": _waiting(found, row),
        "can": can(request, row),
    }
    return shown(request, "pages/agreement.html", context)


def _waiting(found: list[versions.Standing], row: AgreementVersion) -> list[dict[str, Any]]:
    """Other versions that wait for signatures, or for being put in force."""
    return [
        {"number": one.row.number, "name": versions.name_of(one.row), "badge": badge(one.word)}
        for one in found
        if one.row.state == versions.State.PROPOSED and one.row.pk != row.pk
    ]


def sides(agreement: Any, names: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """The sides of an agreement with the names of their people."""
    if agreement is None:
        return []
    return [
        (side, [names.get(one, one) for one in members])
        for side, members in agreement.between.items()
    ]


def signers(request: Any, row: AgreementVersion, names: Mapping[str, str]) -> list[Signer]:
    """Those who signed a version, then those who still have to."""
    given = [
        Signer(one.side, names.get(one.person, one.person), one.signed_at)
        for one in agreements.signatures(row)
    ]
    if row.state != versions.State.PROPOSED or reading_of(row.text).agreement is None:
        return given
    may = request.actor.may("sign agreement")
    return given + [
        Signer(
            due.side,
            names.get(due.person, due.person),
            None,
            due.is_next and due.person == request.person.key and may,
        )
        for due in agreements.signatures_due(row)
    ]


def can(request: Any, row: AgreementVersion) -> dict[str, bool]:
    """What the visitor may do with a version: its buttons."""
    actor, is_proposed = request.actor, row.state == versions.State.PROPOSED
    is_readable = is_proposed and reading_of(row.text).agreement is not None
    is_own = row.proposed_by == actor.person or actor.may("put in force")
    is_signed = is_readable and not agreements.signatures_due(row)
    return {
        "propose": actor.may("propose agreement"),
        "put_in_force": is_signed and actor.may("put in force"),
        "withdraw": is_proposed and actor.may("propose agreement") and is_own,
    }
