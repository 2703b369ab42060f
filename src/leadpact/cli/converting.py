"""Converting: the command that turns exported tables into a log."""

import csv
import io
from typing import TYPE_CHECKING, Any

from leadpact.cli import files
from leadpact.cli.inputs import once, text_of
from leadpact.cli.output import patience, refuse, refuse_use, say_json, tell
from leadpact.problem import Problem
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.tables.conversion import Conversion, TableNote

MOST_ROWS = 20
"""So many refused rows are shown; a file or JSON has them all."""


def log(
    mapping: str,
    tables: list[str],
    output: str,
    *,
    ledger: str | None,
    refused: str | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Turn exported tables into a log, and say what was read, kept and refused."""
    from leadpact.tables import convert

    sources = _sources(tables)
    _look_at(mapping, sources, output, ledger, refused)
    with patience(_("Reading {files} …").format(files=", ".join(sources.values()))):
        given = {name: text_of_table(path) for name, path in sources.items()}
        found = convert(text_of(mapping), given)
    if found.problems:
        refuse(found.problems, mapping)
    if found.refused and (strict or not _told_anything(found)):
        refuse(_problems(found))
    _write(found, output, ledger, refused)
    if as_json:
        say_json(_conversion(found, output))
    else:
        _tell(found, output)


def text_of_table(path: str) -> "str | bytes":
    """A file by its name; standard input as its bytes."""
    import sys

    return sys.stdin.buffer.read() if path == "-" else path


def _sources(tables: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for given in tables:
        name, equals, file = given.partition("=")
        if not (name and equals and file):
            said = _("'{given}' names no table.").format(given=given)
            refuse_use("NAME=FILE", said, _("Write NAME=FILE, such as deals=deals.csv."))
        if name in found:
            said = _("The table '{name}' is named twice.").format(name=name)
            refuse_use("NAME=FILE", said, _("Name one file for each table."))
        found[name] = file
    return found


def _look_at(
    mapping: str, sources: dict[str, str], output: str, ledger: str | None, refused: str | None
) -> None:
    """Refuse wrong places for the results before anything is read."""
    read = [mapping, *sources.values()]
    once(*read)
    files.output(output, files.TABLES, read)
    files.output(ledger, files.TABLES, read, option="--ledger")
    files.output(refused, (".csv",), read, option="--refused")
    files.distinct(output=output, ledger=ledger, refused=refused)


def _told_anything(found: "Conversion") -> bool:
    return any(part is not None and len(part) for part in (found.log, found.ledger))


def _problems(found: "Conversion") -> list[Problem]:
    return [
        Problem(".".join(filter(None, (row.table, row.column))), row.row, row.reason, row.remedy)
        for row in found.refused
    ]


def _write(found: "Conversion", output: str, ledger: str | None, refused: str | None) -> None:
    from leadpact.log.ledger import write_ledger
    from leadpact.log.writing import write_log

    if (log := found.log) is not None:
        files.write(output, lambda path: write_log(log, path))
    if ledger is not None:
        if (spent := found.ledger) is None:
            tell(_("The mapping yields no ledger; {path} is not written.").format(path=ledger))
        else:
            files.write(ledger, lambda path: write_ledger(spent, path))
    if refused is not None:
        files.write_text(refused, _as_csv(found))


def _as_csv(found: "Conversion") -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["table", "row", "column", "reason", "remedy"])
    writer.writerows(found.refused)
    return file.getvalue()


def _conversion(found: "Conversion", output: str) -> dict[str, Any]:
    log = found.log
    return {
        "log": output,
        "facts": 0 if log is None else len(log),
        "leads": 0 if log is None else len(log.leads),
        "counts": {} if log is None else dict(log.counts),
        "tables": [vars(note) for note in found.notes],
        "refused_rows": found.refused_count,
        "refused": [row.as_dict() for row in found.refused],
        "problems": [],
    }


def _tell(found: "Conversion", output: str) -> None:
    for note in found.notes:
        tell(_told(note))
    for row in found.refused[:MOST_ROWS]:
        column = f" {row.column}:" if row.column else ""
        tell(f"  {row.table}, {_('row')} {row.row:,}:{column} {row.reason} {row.remedy}")
    if len(found.refused) > MOST_ROWS:
        tell(_("  … and more; --refused FILE.csv writes them all."))
    facts, leads = (len(found.log), len(found.log.leads)) if found.log is not None else (0, 0)
    wrote = _("Wrote {facts} about {leads} to {output}.").format(
        facts=ngettext("{n:,} fact", "{n:,} facts", facts).format(n=facts),
        leads=ngettext("{n:,} lead", "{n:,} leads", leads).format(n=leads),
        output=output,
    )
    tell(wrote)


def _told(note: "TableNote") -> str:
    if note.encoding == "xlsx":
        written = _("sheet {name}").format(name=note.separator)
    else:
        names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
        separator = names.get(note.separator, note.separator)
        written = _("{encoding}, separated by {name}").format(
            encoding=note.encoding, name=separator
        )
    said = _("{table} ({written}): {rows:,} rows told {facts:,} facts; {others}.")
    others = [_("{n:,} told nothing").format(n=note.silent_rows)]
    others.append(_("{n:,} were refused").format(n=note.refused_rows))
    if note.ledger_lines:
        others.append(_("{n:,} lines went to the ledger").format(n=note.ledger_lines))
    if note.keys_shared:
        others.append(_("{n:,} keys stand in several rows").format(n=note.keys_shared))
    return said.format(
        table=note.table,
        written=written,
        rows=note.rows,
        facts=note.facts,
        others=", ".join(others),
    )
