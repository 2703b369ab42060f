"""Imports: files that people brought, kept with their rows, and the jobs that go through them.

A job goes in steps of some rows, each a transaction that also moves the job on: whatever dies in
between, a worker takes over after the lease, and no row is taken twice.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, leases
from leaddesk.book.access import Actor
from leaddesk.book.fields import plain_text
from leaddesk.book.imported import OUTCOMES, PROBLEM, REPEATED, Arrival, lowered
from leaddesk.book.leases import LEASE
from leaddesk.book.models import Due, Import, ImportFile, ImportRow
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Absent, refused

KEPT = 7 * DAY
"""So long the rows are kept: an import that wasn't finished, and one that can be undone."""
ROWS_AT_ONCE = 500
_STORED_AT_ONCE = 5_000
State = Import.State
JOBS = (State.CHECKING, State.TRYING, State.IMPORTING, State.UNDOING)
_OPEN = (State.READ, State.CHECKING, State.CHECKED, State.TRYING, State.TRIED)
_AFTER = {
    State.CHECKING: State.CHECKED,
    State.TRYING: State.TRIED,
    State.IMPORTING: State.IMPORTED,
    State.UNDOING: State.UNDONE,
}


class Superseded(Exception):
    """Somebody else holds this job by now, or it was begun anew."""


def kept(
    actor: Actor,
    name: str,
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    form: Mapping[str, Any],
    data: bytes,
    now: int,
) -> Import:
    """A file that was read: its rows (line and cells), how it was read, and its bytes."""
    actor.must("import leads")

    def keep() -> Import:
        whole: Import = Import.objects.of(actor.workspace_id).create(
            workspace_id=actor.workspace_id,
            key=token_hex(8),
            name=name[:200],
            person=actor.person,
            header=[*header],
            headers=digest_of(header),
            form={**form},
            created_at=now,
            until=now + KEPT,
        )
        ImportFile.objects.of(actor.workspace_id).create(
            workspace_id=actor.workspace_id, whole=whole, data=data
        )
        whole.rows = _store(whole, rows)
        whole.save(update_fields=["rows"])
        return whole

    return database.in_transaction(keep)


def reread(
    whole: Import,
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    form: Mapping[str, Any],
) -> None:
    """The file read in another way: its rows anew, without their meaning. Raises `Refused`."""

    def keep() -> None:
        _move(whole, _OPEN, state=State.READ, done=0, mapping={}, tally={}, tried={})
        ImportRow.objects.of(whole.workspace_id).filter(whole=whole).delete()
        values = {"header": [*header], "headers": digest_of(header), "form": {**form}}
        Import.objects.of(whole.workspace_id).filter(pk=whole.pk).update(
            rows=_store(whole, rows), **values
        )

    database.in_transaction(keep)


def digest_of(header: Sequence[str]) -> str:
    """What is the same for files with the same header."""
    return sha256(json.dumps([*header], ensure_ascii=False).encode()).hexdigest()


def _store(whole: Import, rows: Iterable[tuple[int, Sequence[str]]]) -> int:
    count, share = 0, []
    names = ("workspace", "whole", "number", "line", "cells", *_EMPTY)
    for count, (line, cells) in enumerate(rows, 1):
        told = json.dumps([*cells], ensure_ascii=False)
        share.append((whole.workspace_id, whole.pk, count, line, told, *_EMPTY.values()))
        if len(share) >= _STORED_AT_ONCE:
            database.insert(ImportRow, names, [*zip(*share, strict=True)])
            share = []
    if share:
        database.insert(ImportRow, names, [*zip(*share, strict=True)])
    return count


_EMPTY = {"outcome": "", "lead": "", "company": "", "problems": "", "changes": ""}


def found(actor: Actor, key: str) -> Import:
    """An import of the workspace. Raises `Absent`, `Forbidden`."""
    actor.must("import leads")
    whole: Import | None = Import.objects.of(actor.workspace_id).filter(key=key[:40]).first()
    if whole is None:
        raise Absent(f"import {plain_text(key)}")
    return whole


def listed(actor: Actor) -> QuerySet[Import]:
    """The imports of the workspace, the newest first."""
    actor.must("import leads")
    return Import.objects.of(actor.workspace_id).order_by("-created_at", "-id")


def data_of(whole: Import) -> bytes:
    """The bytes of the file. Raises `Absent` once it is imported, or was kept long enough."""
    row = ImportFile.objects.of(whole.workspace_id).filter(whole=whole).first()
    if row is None:
        raise Absent(f"file of import {whole.key}")
    return bytes(row.data)


def remembered(workspace: int, header: Sequence[str]) -> dict[str, Any]:
    """What the columns of the last file with this header meant; nothing for a strange one."""
    rows = Import.objects.of(workspace).filter(headers=digest_of(header)).exclude(mapping={})
    told = rows.order_by("-created_at", "-id").values_list("mapping", flat=True).first()
    return told or {}


def check(whole: Import, mapping: Mapping[str, Any], now: int) -> None:
    """Begin to check the rows by what the columns mean. Raises `Refused` where it is too late."""
    _begin(whole, _OPEN, now, state=State.CHECKING, mapping={**mapping}, tried={})


def try_out(whole: Import, *, is_told: bool, now: int) -> None:
    """Begin to try what the import would do. Raises `Refused`."""
    _begin(whole, _OPEN[2:], now, state=State.TRYING, is_told=is_told, tried={})


def start(actor: Actor, whole: Import, now: int) -> None:
    """Begin to import what was tried. Raises `Refused`."""

    def begin() -> None:
        _begin(whole, (State.TRIED,), now, state=State.IMPORTING, began_at=now, result={})
        ImportFile.objects.of(whole.workspace_id).filter(whole=whole).delete()
        _note(actor, "began import", whole, now, rows=whole.rows)

    database.in_transaction(begin)


def undo(actor: Actor, whole: Import, now: int) -> None:
    """Begin to take an import back. Raises `Refused` once it was kept long enough."""
    if now >= whole.until:
        said = _("This import can't be undone any longer.")
        raise refused("", said, _("Correct the leads one by one."))

    def begin() -> None:
        _begin(whole, (State.IMPORTED, State.FAILED), now, state=State.UNDOING)
        _note(actor, "began to undo import", whole, now)

    database.in_transaction(begin)


def _begin(whole: Import, states: Collection[str], now: int, **fields: Any) -> None:
    """Let a job begin at the first row; whoever called holds it for now."""
    if fields["state"] == State.UNDOING and whole.began_at is None:
        states = ()
    _move(whole, states, done=0, tally={}, why="", lease_until=now + LEASE, **fields)


def _move(whole: Import, states: Collection[str], **fields: Any) -> None:
    rows = Import.objects.of(whole.workspace_id).filter(pk=whole.pk, state__in=states)
    if not rows.update(**fields, fence=F("fence") + 1):
        said = _("This import has gone on meanwhile.")
        raise refused("", said, _("Look at where it stands now."))
    whole.refresh_from_db()


def claim(now: int) -> Import | None:
    """Take the oldest job that nobody holds."""
    found: Import | None = leases.claimed(Import.across.filter(state__in=JOBS), now)
    return found


def share(whole: Import, most: int = ROWS_AT_ONCE) -> list[ImportRow]:
    """The next rows of a job."""
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, number__gt=whole.done)
    return [*rows.order_by("number")[:most]]


def before(whole: Import, first: int, leads: Collection[str]) -> dict[str, int]:
    """The lines of this file that are about some leads and stand before row `first`."""
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, lead__in=[*leads])
    rows = rows.filter(number__lt=first).exclude(outcome__in=(PROBLEM, REPEATED, ""))
    return dict(rows.values_list("lead", "line"))


def beside(whole: Import, number: int, leads: Collection[str]) -> dict[str, int]:
    """The lines of this file, but for one row, that are about some leads."""
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, lead__in=[*leads])
    rows = rows.exclude(number=number).exclude(outcome__in=(PROBLEM, REPEATED, ""))
    return dict(rows.values_list("lead", "line"))


def companies_before(whole: Import, first: int, keys: Collection[str]) -> set[str]:
    """Which new companies stand in rows before row `first`, in small letters.

    The condition is written so that SQLite takes the index of companies, not that of numbers.
    """
    if not keys:
        return set()
    condition, values = database.among("lower(company)", sorted(lowered(keys)))
    sql = f"""SELECT DISTINCT company FROM book_importrow
              WHERE whole_id = %s AND +number < %s AND NOT (company = '') AND {condition}"""
    told = database.rows(sql, [whole.pk, first, *values])
    return {key.casefold() for (key,) in told}


def owed(workspace: int, leads: Collection[str]) -> Counter[tuple[str, str]]:
    """How many obligations some leads have, by promise and verdict."""
    rows = Due.objects.of(workspace).filter(lead__in=[*leads]).order_by()
    told = rows.values_list("promise", "verdict").annotate(count=Count("id"))
    return Counter({(promise, verdict): n for promise, verdict, n in told})


def keep(whole: Import, arrivals: Sequence[Arrival]) -> None:
    """Keep what became of some rows."""
    by_number = {one.number: one for one in arrivals}
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, number__in=[*by_number])
    changed = []
    for row in rows:
        one = by_number[row.number]
        row.outcome, row.lead, row.company = one.outcome, one.lead[:200], one.new_company
        row.problems = json.dumps(one.told.problems, ensure_ascii=False)
        row.changes = json.dumps(one.changes, ensure_ascii=False)
        row.version = one.version
        changed.append(row)
    rewrite(changed, ("outcome", "lead", "company", "problems", "changes", "version"))


def rewrite(rows: Sequence[ImportRow], names: Sequence[str]) -> None:
    """Write these fields of rows that are there."""
    every = ("workspace", "whole", "number", "line", "cells", *_EMPTY, "version")
    database.insert(
        ImportRow,
        every,
        [[_raw(row, name) for row in rows] for name in every],
        unique=("whole", "number"),
        update=names,
    )


def _raw(row: ImportRow, name: str) -> Any:
    return getattr(row, f"{name}_id" if name in {"workspace", "whole"} else name)


def go_on(whole: Import, done: int, tally: Mapping[str, Any], now: int) -> None:
    """Move a job on behind row `done`. Raises `Superseded` where somebody else holds it by now."""
    rows = Import.across.filter(pk=whole.pk, fence=whole.fence, state=whole.state)
    if not rows.update(done=done, tally={**tally}, lease_until=now + LEASE):
        raise Superseded
    whole.done, whole.tally = done, {**tally}


def finish(whole: Import, now: int) -> None:
    """End a job with what it counted. Raises `Superseded`."""

    def end() -> None:
        fields: dict[str, Any] = {"state": _AFTER[State(whole.state)], "lease_until": None}
        if whole.state == State.TRYING:
            fields["tried"] = whole.tally
        if whole.state in {State.IMPORTING, State.UNDOING}:
            fields |= {"ended_at": now}
            fields |= {"until": now + KEPT} if whole.state == State.IMPORTING else {}
            fields["result"] = {**whole.result, **whole.tally}
            act = "imported" if whole.state == State.IMPORTING else "undid import"
            counts = {name: n for name, n in whole.tally.items() if isinstance(n, int)}
            note = audit.Note(whole.person, act, f"import {whole.key}", counts)
            audit.note(whole.workspace_id, [note], now)
        rows = Import.across.filter(pk=whole.pk, fence=whole.fence, state=whole.state)
        if not rows.update(**fields):
            raise Superseded

    database.in_transaction(end)
    whole.refresh_from_db()


def fail(whole: Import, why: str, now: int) -> None:
    """End a job that can't go on; what it did until then is kept, and can be undone."""
    result = {**whole.result, **whole.tally} if whole.began_at else whole.result
    if whole.state == State.IMPORTING:
        rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, number__gt=whole.done)
        rows.update(outcome="", company="", changes="", version=None)
    Import.across.filter(pk=whole.pk, fence=whole.fence).update(
        state=State.FAILED, why=why[:500], lease_until=None, ended_at=now, result=result
    )
    whole.refresh_from_db()


def counts(whole: Import) -> dict[str, int]:
    """How many rows came to what."""
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole).values_list("outcome")
    told = dict(rows.annotate(count=Count("id")).order_by())
    return {outcome: told.get(outcome, 0) for outcome in (*OUTCOMES, "undone", "kept")}


def rows_of(
    whole: Import, outcomes: Collection[str] = (), after: int = 0, most: int = 50
) -> list[ImportRow]:
    """Rows in their order behind row `after`; all, or those that came to one of some outcomes."""
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, number__gt=after)
    if outcomes:
        rows = rows.filter(outcome__in=[*outcomes])
    return [*rows.order_by("number")[:most]]


def mend(whole: Import, cells: Mapping[int, Mapping[int, str]]) -> list[ImportRow]:
    """Rows (by number) with other texts in some cells (by column). Raises `Refused` if it is too late."""
    _move(whole, (State.CHECKED, State.TRIED), state=State.CHECKED, tried={}, lease_until=None)
    rows = ImportRow.objects.of(whole.workspace_id).filter(whole=whole, number__in=[*cells])
    mended = []
    for row in rows.order_by("number"):
        told = json.loads(row.cells)
        for column, text in cells[row.number].items():
            if 0 <= column < len(told):
                told[column] = " ".join(text.split())
        row.cells = json.dumps(told, ensure_ascii=False)
        mended.append(row)
    rewrite(mended, ("cells",))
    return mended


def forget_lead(workspace: int, lead: str) -> None:
    """Let no file that is still kept tell of the person behind a lead."""
    rows = ImportRow.objects.of(workspace).filter(lead=lead)
    rows.update(cells="[]", changes="{}", problems="[]", version=None)


def forget(now: int) -> int:
    """Delete rows and bytes that were kept long enough, and names in what was counted; how many imports."""
    over = Import.across.filter(until__lt=now).exclude(state__in=JOBS)
    pks = [*over.filter(rows__gt=0).values_list("pk", flat=True)[:100]]
    for pk in pks:
        ImportFile.across.filter(whole_id=pk).delete()
        ImportRow.across.filter(whole_id=pk).delete()
        whole = Import.across.get(pk=pk)
        for told in (whole.tally, whole.tried, whole.result):
            told.pop("unknown", None)
        whole.rows = 0
        whole.save(update_fields=["tally", "tried", "result", "rows"])
    return len(pks)


def _note(actor: Actor, act: str, whole: Import, now: int, **detail: Any) -> None:
    audit.note(whole.workspace_id, [actor.note(act, f"import {whole.key}", **detail)], now)
