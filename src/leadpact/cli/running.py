"""Running: the commands that take an agreement and a log."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadpact.cli.inputs import agreements_of, ledger_of, log_of, moment_of, now_of, text_of
from leadpact.cli.output import (
    FAILED,
    patience,
    refuse,
    refuse_use,
    say,
    say_json,
    stop,
    table,
    tell,
    write_whole,
)
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.agreement.model import Agreement
    from leadpact.judge import Judgement
    from leadpact.log import Log
    from leadpact.tables.conversion import Conversion


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
    from leadpact.log.ledger import write_ledger
    from leadpact.log.writing import write_log
    from leadpact.tables import convert

    files = dict(_named(given) for given in tables)
    with patience(_("Reading {files} …").format(files=", ".join(map(str, files.values())))):
        found = convert(text_of(mapping), files, on_refused="stop" if strict else "report")
    if found.problems:
        refuse(found.problems, as_json=as_json, name=mapping)
    if found.log is not None:
        write_log(found.log, output)
    if ledger is not None and found.ledger is not None:
        write_ledger(found.ledger, ledger)
    if refused is not None:
        write_whole(Path(refused), _as_csv(found))
    if as_json:
        say_json(_conversion(found, output))
    else:
        _tell_conversion(found, output)
    if found.log is None:
        stop(FAILED)


def _named(given: str) -> tuple[str, str]:
    name, equals, file = given.partition("=")
    if not equals or not name or not file:
        refuse_use(
            _("'{given}' names no table.").format(given=given),
            _("Write NAME=FILE, such as deals=deals.csv."),
        )
    return name, file


def _conversion(found: "Conversion", output: str) -> dict[str, Any]:
    return {
        "log": output if found.log is not None else None,
        "facts": 0 if found.log is None else len(found.log),
        "leads": 0 if found.log is None else len(found.log.leads),
        "counts": {} if found.log is None else dict(found.log.counts),
        "tables": [vars(note) for note in found.notes],
        "refused_rows": found.refused_count,
        "refused": [vars(row) for row in found.refused],
        "problems": [],
    }


def _tell_conversion(found: "Conversion", output: str) -> None:
    for note in found.notes:
        tell(
            _(
                "{table}: {encoding}, separated by {separator!r}: {rows:,} rows told {facts:,} facts;"
                " {silent:,} told nothing, {refused:,} were refused."
            ).format(
                table=note.table,
                encoding=note.encoding,
                separator=note.separator,
                rows=note.rows,
                facts=note.facts,
                silent=note.silent_rows,
                refused=note.refused_rows,
            )
        )
    for row in found.refused[:20]:
        tell(f"  {row.table} {row.row}: {row.column}: {row.reason} {row.remedy}")
    if len(found.refused) > 20:
        tell(_("  … and more; --refused FILE writes them all."))
    if found.log is None:
        tell(_("Nothing was written."))
        return
    say(
        _("Wrote {facts:,} facts about {leads:,} leads to {output}.").format(
            facts=len(found.log), leads=len(found.log.leads), output=output
        )
    )


def _as_csv(found: "Conversion") -> str:
    import csv
    import io

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["table", "row", "column", "reason", "remedy"])
    writer.writerows(
        [row.table, row.row, row.column, row.reason, row.remedy] for row in found.refused
    )
    return file.getvalue()


def judgement_of(
    versions: "tuple[Agreement, ...]", found: "Log", now: str | None, known_at: str | None
) -> "Judgement":
    """The judgement at the moment that was asked for."""
    from leadpact.compiled import is_compiled
    from leadpact.judge import judge as judged

    if not is_compiled():
        tell(_("Numba is switched off or missing: the sweep runs as plain Python, slower."))
    zone = versions[-1].zone
    moment, known = now_of(now, zone), moment_of(known_at, zone, "--known-at")
    with patience(_("Judging … (the first run compiles the sweep, about half a minute)")):
        return judged(versions, found, now=moment, known_at=known)


def judge(
    agreement: str,
    log: str,
    now: str | None,
    known_at: str | None,
    *,
    output: str | None,
    as_json: bool,
) -> None:
    """Judge a log: all obligations as JSON or into a file, else a summary and what is urgent."""
    versions = agreements_of(agreement, as_json=as_json)
    found = log_of(log, versions[-1].zone, as_json=as_json)
    judgement = judgement_of(versions, found, now, known_at)
    if output is not None:
        from leadpact.log.writing import write_table

        write_table(judgement.obligations.to_arrow(), output)
        tell(
            _("Wrote {n:,} obligations to {path}.").format(
                n=len(judgement.obligations), path=output
            )
        )
    if as_json:
        say_json(_judgement(judgement, rows=output is None))
        return
    _say_judgement(judgement)


def _judgement(judgement: "Judgement", *, rows: bool) -> dict[str, Any]:
    from leadpact.measure import deliveries, rates
    from leadpact.promises import written
    from leadpact.rulings import rulings

    zone = judgement.program.versions[-1].agreement.zone
    to_give = rulings(judgement.obligations, judgement.stories)
    wake_at = None if judgement.wake_at is None else written(judgement.wake_at, zone)
    return {
        "now": written(judgement.now, zone),
        "obligations": judgement.obligations.rows() if rows else [],
        "deliveries": [delivery.to_json() for delivery in deliveries(judgement)],
        "rates": [rate.to_json() for rate in rates(judgement)],
        "summary": judgement.obligations.summary(),
        "rulings": {"to_give": len(to_give), "correcting": int(to_give.correcting.sum())},
        "wake_at": wake_at,
        "counts": {
            **judgement.log.counts,
            "unexpected": int(judgement.stories.unexpected.sum()),
            "before any version": judgement.unbound,
        },
    }


def _say_judgement(judgement: "Judgement") -> None:
    from leadpact.program.columns import VERDICTS
    from leadpact.promises import written

    zone = judgement.program.versions[-1].agreement.zone
    say(_("As of {now}").format(now=written(judgement.now, zone)))
    summary = judgement.obligations.summary()
    say(table([_("promise"), *VERDICTS], [[name, *row.values()] for name, row in summary.items()]))
    urgent = judgement.obligations.urgent(10)
    if urgent:
        say()
        say(_("Most urgent"))
        head = [_("due"), _("promise"), _("lead"), _("owner")]
        say(
            table(
                head,
                [[u["due_at"], _promise(u), u["lead"], u["owner"] or _("nobody")] for u in urgent],
            )
        )
    if judgement.wake_at is not None:
        say()
        say(_("Next change by itself: {at}").format(at=written(judgement.wake_at, zone)))


def _promise(row: dict[str, Any]) -> str:
    rung = f" ×{row['rung']}" if row["rung"] else ""
    return f"{row['promise']}{rung}"


def report(
    agreement: str,
    log: str,
    now: str | None,
    known_at: str | None,
    ledger: str | None,
    *,
    output: str | None,
    as_json: bool,
) -> None:
    """Report on both sides: text, JSON, or an HTML file."""
    from leadpact.plan import plan
    from leadpact.report import html, text
    from leadpact.report import report as reported

    versions = agreements_of(agreement, as_json=as_json)
    found = log_of(log, versions[-1].zone, as_json=as_json)
    spent = ledger_of(ledger, as_json=as_json)
    judgement = judgement_of(versions, found, now, known_at)
    planned, _problems = plan(versions[-1])
    with patience(_("Measuring …")):
        made = reported(judgement, planned, spent)
    if output is not None:
        write_whole(Path(output), html(made))
        tell(_("Wrote {path}.").format(path=output))
    if as_json:
        say_json(made.to_json())
    elif output is None:
        say(text(made))


def replay(
    agreement: str, draft: str, log: str, now: str | None, ledger: str | None, *, as_json: bool
) -> None:
    """Show what a draft would have made of an old log, beside what was."""
    from leadpact.replay import replay as replayed
    from leadpact.replay import text

    versions = agreements_of(agreement, as_json=as_json)
    drafted = agreements_of(draft, as_json=as_json)[-1]
    found = log_of(log, versions[-1].zone, as_json=as_json)
    spent = ledger_of(ledger, as_json=as_json)
    with patience(_("Judging … (the first run compiles the sweep, about half a minute)")):
        made = replayed(drafted, versions, found, now=now_of(now, versions[-1].zone), ledger=spent)
    if as_json:
        say_json(made.to_json())
    else:
        say(text(made))
