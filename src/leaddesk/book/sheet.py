"""Sheet: a list of leads as CSV or XLSX, as somebody may see it, for spreadsheets and other programs."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, plain_sheet, scoring
from leaddesk.book.access import Actor
from leaddesk.book.models import Contact, Lead, Person
from leaddesk.book.moment import SECOND
from leaddesk.book.rules import Rules, rules_of

_ROWS = 1_000
MOST = 1_000_000
"""So many rows a sheet holds."""


class Column(NamedTuple):
    """A column: its name, its title, and whether it holds "text", a "number", "yes or no" or an "instant"."""

    name: str
    title: str
    kind: str = "text"


@dataclass(frozen=True)
class Told:
    """What stands about a sheet beside its rows: whose it is, by which filters, when and where made."""

    workspace: str
    filters: Sequence[tuple[str, str]]
    made_at: int
    zone: str
    is_rtl: bool = False


def columns(actor: Actor) -> list[Column]:
    """The columns that somebody may take along; those of contacts only where they may read them."""
    contact = [
        Column("name", _("Name")),
        Column("email", _("E-mail")),
        Column("phone", _("Phone")),
        Column("title", _("Title")),
        Column("company", _("Company")),
    ]
    return [
        Column("key", _("Lead")),
        *(contact if actor.may("read contacts") else []),
        Column("stage", _("Stage")),
        Column("standing", _("Standing")),
        Column("owner", _("Owner")),
        Column("owner_name", _("Owner's name")),
        Column("type", _("Type")),
        Column("stream", _("Stream")),
        Column("source", _("Source")),
        Column("campaign", _("Campaign")),
        Column("account", _("Account")),
        Column("pass_number", _("Pass"), "number"),
        Column("grade", _("Grade")),
        Column("fit", _("Fit"), "number"),
        Column("interest", _("Interest"), "number"),
        Column("scored_at", _("Score as of"), "instant"),
        Column("is_paused", _("Paused"), "yes or no"),
        Column("open", _("Open promises"), "number"),
        Column("broken", _("Broken promises"), "number"),
        Column("created_at", _("Created"), "instant"),
        Column("changed_at", _("Last fact"), "instant"),
        Column("due_at", _("Next due"), "instant"),
        Column("zone", _("Time zone")),
    ]


def note(actor: Actor, kind: str, filters: str, now: int) -> None:
    """Say in the audit log that somebody takes a list along."""
    told = actor.note("exported leads", "leads", format=kind, filters=filters[:500])
    database.in_transaction(lambda: audit.note(actor.workspace_id, [told], now))


def _rows(actor: Actor, leads: QuerySet[Any], zone: str) -> Iterator[Mapping[str, Any]]:
    """The rows with their contacts, some at a time."""
    people = Person.objects.of(actor.workspace_id).values_list("key", "name")
    owners, rules = dict(people), rules_of(actor.workspace_id)
    batch: list[Lead] = []
    for lead in leads[:MOST].iterator(chunk_size=_ROWS):
        batch.append(lead)
        if len(batch) == _ROWS:
            yield from _told(actor, batch, owners, zone, rules)
            batch = []
    yield from _told(actor, batch, owners, zone, rules)


def _told(
    actor: Actor, leads: Sequence[Lead], owners: Mapping[str, str], zone: str, rules: Rules
) -> Iterator[Mapping[str, Any]]:
    people: dict[str, Contact] = {}
    if actor.may("read contacts") and leads:
        rows = Contact.objects.of(actor.workspace_id).select_related("company")
        people = {one.lead: one for one in rows.filter(lead__in=[lead.key for lead in leads])}
    for lead in leads:
        contact = people.get(lead.key)
        found = {column: getattr(lead, column, "") for column in _OF_LEAD}
        found |= {name: _points(getattr(lead, name)) for name in ("fit", "interest")}
        found |= {name: getattr(contact, name, "") for name in ("name", "email", "phone", "title")}
        company = contact.company if contact else None
        yield found | {
            "company": company.name if company else "",
            "scored_at": scoring.as_of(rules, lead),
            "owner_name": owners.get(lead.owner, ""),
            "zone": zone,
        }


_OF_LEAD = (
    *("key", "stage", "standing", "owner", "type", "stream", "source", "campaign", "account"),
    *("grade", "pass_number", "is_paused", "open", "broken", "created_at", "changed_at", "due_at"),
)


def _points(hundredths: int | None) -> int | float | str:
    """Points as a number of a sheet; "" where there is no score."""
    if hundredths is None:
        return ""
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def csv_of(actor: Actor, leads: QuerySet[Any], zone: str) -> Iterator[bytes]:
    """The list as CSV: UTF-8 with a mark that spreadsheets know it by, ISO times, no formulas."""
    listed, where = columns(actor), ZoneInfo(zone)
    names = [column.name for column in listed]
    rows = _rows(actor, leads, zone)
    cells = ([_plain(column, row[column.name], where) for column in listed] for row in rows)
    yield from plain_sheet.csv_of(names, cells)


def _plain(column: Column, value: Any, zone: ZoneInfo) -> Any:
    if column.kind == "instant":
        return "" if value is None else _there(value, zone).isoformat(timespec="seconds")
    if column.kind == "yes or no":
        return "yes" if value else "no"
    return value


def _there(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)


def xlsx_of(actor: Actor, leads: QuerySet[Any], told: Told) -> Any:
    """The list as a file of XLSX that is open at its beginning: typed cells, and a sheet about it."""
    import xlsxwriter

    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    count = _write_rows(actor, leads, told, book)
    _write_about(told, count, book)
    book.close()
    file.seek(0)
    return file


def _write_rows(actor: Actor, leads: QuerySet[Any], told: Told, book: Any) -> int:
    listed, where = columns(actor), ZoneInfo(told.zone)
    sheet = book.add_worksheet(_sheet_name(_("Leads")))
    if told.is_rtl:
        sheet.right_to_left()
    bold = book.add_format({"bold": True})
    stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.freeze_panes(1, 1)
    for number, column in enumerate(listed):
        sheet.set_column(number, number, _WIDTHS.get(column.kind, 18))
        sheet.write_string(0, number, column.title, bold)
    count = 0
    for row in _rows(actor, leads, told.zone):
        count += 1
        for number, column in enumerate(listed):
            _write_cell(sheet, count, number, column, row[column.name], where, stamp)
    sheet.autofilter(0, 0, count, len(listed) - 1)
    return count


_WIDTHS = {"number": 10, "yes or no": 10, "instant": 20}


def _write_cell(
    sheet: Any, row: int, place: int, column: Column, value: Any, zone: ZoneInfo, stamp: Any
) -> None:
    if value in {None, ""}:
        return
    if column.kind == "instant":
        sheet.write_datetime(row, place, _there(value, zone).replace(tzinfo=None), stamp)
    elif column.kind == "yes or no":
        sheet.write_boolean(row, place, bool(value))
    elif column.kind == "number":
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, str(value))


def _write_about(told: Told, count: int, book: Any) -> None:
    """What the rows are, by which filters, and in which zone their times are."""
    sheet = book.add_worksheet(_sheet_name(_("About")))
    if told.is_rtl:
        sheet.right_to_left()
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    made = _there(told.made_at, ZoneInfo(told.zone)).isoformat(timespec="seconds")
    lines = [
        (_("Workspace"), told.workspace),
        (_("Made at"), made),
        (_("Time zone"), told.zone),
        *told.filters,
        (_("Rows"), count),
        (_("Open promises"), _("Promises of the agreement that are not yet kept or broken.")),
        (_("Broken promises"), _("Promises that were answered late, or not at all.")),
        (_("Next due"), _("When the next open promise has to be kept.")),
    ]
    for number, (title, value) in enumerate(lines):
        sheet.write_string(number, 0, title)
        if isinstance(value, int):
            sheet.write_number(number, 1, value)
        else:
            sheet.write_string(number, 1, value)


def _sheet_name(text: str) -> str:
    """A title as a sheet may have it."""
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31]
