"""Entries: the rows of a file as columns of text, before they are facts; and the log of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from leadpact import facts
from leadpact.log.columns import DATE_ONLY, Bools, Codes, Ints, Log
from leadpact.log.instants import Instants, instants
from leadpact.log.oddities import with_oddities
from leadpact.log.refusals import Refusals
from leadpact.log.sorting import Rows, sorted_log
from leadpact.log.values import YES, Values, codes_of
from leadpact.problem import Problem, did_you_mean
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa

_REQUIRED: Final = ("lead", "occurred_at", "kind")


@dataclass(frozen=True, eq=False)
class Entries:
    """Columns of equal length under the names of fields, and the line of each row."""

    columns: Mapping[str, pa.Array]
    lines: Ints

    def column(self, name: str) -> pa.Array:
        """The column of that name; nothing but nulls where there is none."""
        import pyarrow as pa

        found = self.columns.get(name)
        return pa.nulls(len(self.lines), pa.string()) if found is None else found


def log_of(
    entries: Entries, *, zone: ZoneInfo, name: str, lenient: bool = False
) -> tuple[Log | None, list[Problem]]:
    """The log of some entries and every problem of theirs.

    With a problem there is no log, unless `lenient`: then the rows with problems are left out.
    """
    if len(entries.lines) and (missing := _missing_columns(entries)):
        return None, missing
    refusals = Refusals(entries.lines)
    kind = _kinds(entries, refusals)
    subject = _subjects(entries, refusals, kind)
    occurred = _instants(entries, "occurred_at", refusals, zone, required=True)
    recorded = _instants(entries, "recorded_at", refusals, zone, required=False)
    _check_form(entries, refusals)
    values = Values(entries.columns, kind, refusals, zone)
    problems = refusals.problems()
    if problems and not lenient:
        return None, problems
    rows = _rows(entries, kind, subject, occurred, recorded, values, name)
    log = with_oddities(sorted_log(rows, ~refusals.bad, str(zone)))
    refused = int(refusals.bad.sum())
    return log.counting(
        read=len(entries.lines),
        refused=refused,
        dates_without_time=int((rows.flags[~refusals.bad] & DATE_ONLY != 0).sum()),
        repeated_local_times=occurred.repeated,
        skipped_local_times=occurred.skipped,
        **values.counts,
    ), problems


def _missing_columns(entries: Entries) -> list[Problem]:
    present = set(entries.columns)
    if "account" in present:
        present.add("lead")
    return [
        Problem(
            required,
            0,
            _("The column '{name}' is missing.").format(name=required),
            _("The columns are: {names}.").format(names=", ".join(sorted(entries.columns))),
        )
        for required in _REQUIRED
        if required not in present
    ]


def _kinds(entries: Entries, refusals: Refusals) -> Codes:
    """The code of each row's kind; -1 where it has none that is known."""
    codes, words = codes_of(entries.column("kind"), facts.key)
    refusals.add(np.flatnonzero(codes < 0), "kind", _("The fact has no kind."), _("Name its kind."))
    for code, word in enumerate(words):
        if word not in facts.CODES:
            refusals.add(
                np.flatnonzero(codes == code),
                "kind",
                _("'{word}' is no kind of fact.").format(word=word),
                did_you_mean(word, facts.CODES),
            )
    known = np.array([facts.CODES.get(word, -1) for word in words] + [-1], np.int32)
    kinds: Codes = known[codes]
    return kinds


@dataclass(frozen=True, eq=False)
class _Subjects:
    """Whom each fact is about: a lead, or an account and all its leads."""

    lead: Codes
    leads: list[str]
    account: Codes
    accounts: list[str]


def _subjects(entries: Entries, refusals: Refusals, kind: Codes) -> _Subjects:
    lead, leads = codes_of(entries.column("lead"), str.strip)
    account, accounts = codes_of(entries.column("account"), str.strip)
    nobody = (lead < 0) & ((account < 0) | (kind == facts.CREATED))
    refusals.add(
        np.flatnonzero(nobody),
        "lead",
        _("The fact names no lead."),
        _("Write the key of its lead."),
    )
    return _Subjects(lead, leads, np.where(lead < 0, account, -1).astype(np.int32), accounts)


def _instants(
    entries: Entries, name: str, refusals: Refusals, zone: ZoneInfo, *, required: bool
) -> Instants:
    column = entries.column(name)
    found = instants(column, zone)
    remedy = _("Write it like 2026-03-13T12:00:00+01:00, or 2026-03-13 without a time.")
    if required:
        refusals.add(np.flatnonzero(found.missing), name, _("The fact has no instant."), remedy)
    bad = np.flatnonzero(found.bad)
    for row in bad[:1000].tolist():
        text = _("'{text}' is no instant from 1970 to 2200.").format(text=str(column[row])[:60])
        refusals.add(np.array([row]), name, text, remedy)
    if len(bad) > 1000:
        refusals.add(bad[1000:], name, _("This is no instant from 1970 to 2200."), remedy)
    return found


def _check_form(entries: Entries, refusals: Refusals) -> None:
    codes, words = codes_of(entries.column("form"), str.strip)
    for code, word in enumerate(words):
        if word != str(facts.FORM):
            refusals.add(
                np.flatnonzero(codes == code),
                "form",
                _("Facts of form '{word}' aren't known here.").format(word=word),
                _("Read it with a newer release, or write form {form}.").format(form=facts.FORM),
            )


def _rows(
    entries: Entries,
    kind: Codes,
    subject: _Subjects,
    occurred: Instants,
    recorded: Instants,
    values: Values,
    name: str,
) -> Rows:
    told_at = np.where(recorded.missing, occurred.at, recorded.at)
    values.flags[occurred.date_only | _said_date_only(entries)] |= DATE_ONLY
    system, systems = codes_of(values.system, str.strip)
    if (system < 0).any():
        systems.append(name)
        system = np.where(system < 0, len(systems) - 1, system).astype(np.int32)
    return Rows(
        lead=subject.lead,
        leads=subject.leads,
        account=subject.account,
        accounts=subject.accounts,
        at=occurred.at,
        recorded_at=occurred.at if recorded.missing.all() else told_at,
        kind=kind.astype(np.int8),
        code=values.code,
        who=values.who,
        amount=values.amount,
        flags=values.flags,
        codes=values.codes,
        people=values.people,
        fields=values.fields,
        source=system,
        systems=systems,
        source_ids=_source_ids(entries, kind),
    )


def _said_date_only(entries: Entries) -> Bools:
    """Which rows say of themselves that their instant is only a date."""
    codes, words = codes_of(entries.column("date_only"), facts.word)
    said: Bools = np.array([word in YES for word in words] + [False], np.bool_)[codes]
    return said


def _source_ids(entries: Entries, kind: Codes) -> pa.Array | None:
    """The source ids as text; equal facts without one get the same, if any fact needs ids."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = entries.column("source_id")
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    ids = pc.utf8_trim_whitespace(ids.cast(pa.string()))
    ids = pc.if_else(pc.equal(ids, ""), None, ids)
    nulls = ids.null_count
    if nulls == len(ids) and not (kind == facts.CORRECTED).any():
        return None
    if not nulls:
        return ids
    return pc.coalesce(ids, _digests(entries, np.asarray(ids.is_null())))


def _digests(entries: Entries, wanted: Bools) -> pa.Array:
    """A digest of the content of each wanted row, in the order of the names of its fields."""
    from hashlib import blake2b

    import pyarrow as pa

    rows = np.flatnonzero(wanted)
    names = sorted(entries.columns)
    texts = [entries.columns[name].take(pa.array(rows)).to_pylist() for name in names]
    digests: list[Any] = [None] * len(wanted)
    for row, *content in zip(rows.tolist(), *texts, strict=True):
        told = [
            f"{name}={text}" for name, text in zip(names, content, strict=True) if text is not None
        ]
        digests[row] = blake2b("\x1f".join(told).encode(), digest_size=8).hexdigest()
    return pa.array(digests, pa.string())
