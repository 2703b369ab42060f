"""Files: what people bring, kept with what it seems to mean; the steps before any lead is touched."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import imports
from leaddesk.book.access import Actor
from leaddesk.book.imported import BY_EMAIL, BY_ID
from leaddesk.book.models import Import, Workspace
from leaddesk.book.refusal import Refused
from leaddesk.wire.dates import DAY_FIRST, MONTH_FIRST, is_ambiguous, moment_of, usual_order
from leaddesk.wire.fields import FIELDS, KEEP, SKIP, Guess, guesses
from leaddesk.wire.reading import Choice, Table, table_of
from leaddesk.wire.telling import Meaning
from leadpact.problem import Problem

SAMPLES = 3
_LOOKED_AT = 5_000
"""So many rows are looked at to tell what a column holds."""


@dataclass(frozen=True)
class Proposal:
    """What the columns seem to mean, three values of each, and what has to be asked.

    `order` is empty where days and months can't be told apart; `is_bare` where times name no zone.
    """

    guesses: Sequence[Guess]
    samples: Sequence[Sequence[str]]
    match: str
    order: str
    zone: str
    is_ambiguous: bool
    is_bare: bool
    is_remembered: bool


def bring(actor: Actor, name: str, data: bytes, now: int, choice: Choice | None = None) -> Import:
    """Read a file and keep it. Raises `Refused` where it is no table, `Forbidden`."""
    actor.must("import leads")
    choice = choice or Choice()
    table = _read(data, choice)
    return imports.kept(actor, name, table.header, table.rows, _form(table, choice), data, now)


def read_again(whole: Import, choice: Choice) -> None:
    """Read the file in another way. Raises `Refused`, `Absent`."""
    table = _read(imports.data_of(whole), choice)
    imports.reread(whole, table.header, table.rows, _form(table, choice))


def _read(data: bytes, choice: Choice) -> Table:
    found = table_of(data, choice)
    if isinstance(found, Problem):
        raise Refused([found._replace(path="file")])
    return found


def _form(table: Table, choice: Choice) -> dict[str, Any]:
    return {
        "encoding": table.encoding,
        "separator": table.separator,
        "header_row": table.header_row,
        "sheets": [*table.sheets],
        "left_out": dict(table.left_out),
        "choice": choice._asdict(),
    }


def proposal(whole: Import, columns: Sequence[str] | None = None) -> Proposal:
    """What the columns seem to mean: as somebody said (`columns`, or before for this very header),
    else as the headers and values say."""
    values = _values(whole)
    samples = [[*dict.fromkeys(value for value in one if value)][:SAMPLES] for one in values]
    before = whole.mapping or imports.remembered(whole.workspace_id, whole.header)
    found = guesses(whole.header, samples)
    if columns is None:
        columns = before.get("columns")
    if columns is not None:
        found = [
            found[n] if found[n].field == c else Guess(c, "said") for n, c in enumerate(columns)
        ]
    fields = [one.field for one in found]
    dates = values[fields.index("created_at")] if "created_at" in fields else []
    zone = before.get("zone") or Workspace.objects.get(pk=whole.workspace_id).zone
    doubtful = is_ambiguous(dates)
    return Proposal(
        found,
        samples,
        before.get("match") or (BY_ID if "id" in fields else BY_EMAIL),
        before.get("order", "") if doubtful else usual_order(dates),
        zone,
        doubtful,
        any(one.is_bare for value in dates if (one := moment_of(value, DAY_FIRST, "UTC"))),
        bool(before) and not whole.mapping,
    )


def _values(whole: Import) -> list[list[str]]:
    rows = [json.loads(row.cells) for row in imports.rows_of(whole, most=_LOOKED_AT)]
    return [[row[n] for row in rows if n < len(row)] for n in range(len(whole.header))]


def meaning(whole: Import, told: Mapping[str, Any]) -> Meaning:
    """The meaning that somebody gives the columns: `columns`, `match`, `order`, `zone`.

    Raises `Refused` with every reason, each under its field.
    """
    columns = [str(one) for one in told["columns"]]
    problems = [*_misfits(columns, str(told.get("match", "")))]
    asked = proposal(whole, columns)
    order = str(told.get("order") or "") if asked.is_ambiguous else asked.order
    if order not in {DAY_FIRST, MONTH_FIRST}:
        said = _("Dates like 03/04/2026 can be read in two ways.")
        problems.append(Problem("order", 0, said, _("Say which comes first.")))
    zone = str(told.get("zone") or asked.zone)
    if not _is_zone(zone):
        said = _("There is no such time zone.")
        problems.append(Problem("zone", 0, said, _("Write it like Europe/Warsaw.")))
    if problems:
        raise Refused(problems)
    return Meaning(tuple(columns), str(told["match"]), order, zone)


def _is_zone(text: str) -> bool:
    from zoneinfo import available_timezones

    return text in available_timezones()


def _misfits(columns: Sequence[str], match: str) -> list[Problem]:
    problems = []
    for n, name in enumerate(columns):
        if name in {SKIP, KEEP}:
            continue
        if name not in FIELDS:
            said = _("There is no such field.")
            problems.append(Problem(f"column-{n}", 0, said, _("Choose one of the list.")))
        elif name in columns[:n]:
            said = _("Two columns are mapped to '%(field)s'.") % {"field": FIELDS[name].label}
            problems.append(Problem(f"column-{n}", 0, said, _("Skip one of them.")))
    if match not in {BY_ID, BY_EMAIL} or match not in columns:
        said = _("No column is mapped to what leads are known by.")
        problems.append(Problem("match", 0, said, _("Map one, or choose the other.")))
    return problems
