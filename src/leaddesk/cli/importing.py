"""Importing: a file of leads from the command line, through the same steps as on the pages."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from leaddesk.cli import DONE, set_up
from leadpact.cli.output import say, tell

MOST_MAP_BYTES = 65_536
MOST_TOLD = 20


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, also gzipped, or XLSX")],
    workspace: Annotated[str, typer.Option("--workspace", help="its short name")],
    map_: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="MAP.yaml", help="what the columns mean, where a guess fails"
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would happen, and change nothing")
    ] = False,
    tell_people: Annotated[
        bool, typer.Option("--tell-people", help="send messages of what follows")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """leaddesk import leads.csv --workspace northwind --dry-run

    Import leads from a file, as the pages under Import do: columns are
    guessed, or read from --map, and the outcome can be undone on its page for
    a week. A map has `columns` (header: field, or skip), and where needed
    `match` (id or email), `order` (dmy or mdy) and `zone`.
    """
    set_up()
    whole = _tried(_brought(file, workspace), map_, tell_people)
    if not dry_run:
        whole = _imported(whole)
    _show(whole, json, dry_run=dry_run)
    raise typer.Exit(DONE)


COMMANDS: dict[Callable[..., None], str] = {import_: "import leads from a CSV or XLSX file"}
"""The commands of this group, each with its line in the list of commands."""


def _brought(file: Path, workspace: str) -> Any:
    from leaddesk.book import moment
    from leaddesk.book.access import operator
    from leaddesk.book.models import Workspace
    from leaddesk.book.refusal import Absent
    from leaddesk.wire import files

    found = Workspace.objects.filter(slug=workspace).first()
    if found is None:
        raise Absent(f"workspace '{workspace}'")
    return files.bring(operator(found.pk), file.name, file.read_bytes(), moment.now())


def _tried(whole: Any, map_: Path | None, is_told: bool) -> Any:
    from leaddesk.book import imports, moment
    from leaddesk.wire import files

    said = _read_map(map_) if map_ else {}
    columns = _columns(whole, said.get("columns") or {})
    seems = files.proposal(whole, columns)
    given = {
        "columns": columns,
        "match": said.get("match") or seems.match,
        "order": said.get("order") or seems.order,
        "zone": said.get("zone") or seems.zone,
    }
    imports.check(whole, files.meaning(whole, given).as_dict(), moment.now())
    _finish(whole)
    imports.try_out(whole, is_told=is_told, now=moment.now())
    return _finish(whole)


def _imported(whole: Any) -> Any:
    from leaddesk.book import imports, moment
    from leaddesk.book.access import operator

    imports.start(operator(whole.workspace_id), whole, moment.now())
    return _finish(whole)


def _finish(whole: Any) -> Any:
    from leaddesk.book.refusal import refused
    from leaddesk.wire import jobs

    jobs.work(whole, float("inf"))
    if whole.state == "failed":
        said = f"The import stopped after row {whole.done} ({whole.why})."
        raise refused("", said, "Undo it on its page, or bring the file again.")
    return whole


def _read_map(path: Path) -> Mapping[str, Any]:
    from leaddesk.book.refusal import Refused, refused
    from leadpact.document import parse

    document, problems = parse(path.read_text("utf-8"), most_bytes=MOST_MAP_BYTES)
    if problems or document is None:
        raise Refused(problems)
    value = document.value
    if not isinstance(value, dict) or not isinstance(value.get("columns", {}), dict):
        raise refused("map", "The map is none.", "Begin with `columns:`, a field for each header.")
    return value


def _columns(whole: Any, said: Mapping[str, Any]) -> list[str]:
    """The field of each column: as the map says, else as it seems to be."""
    from leaddesk.book.refusal import refused
    from leaddesk.wire import files
    from leadpact.problem import did_you_mean

    for header in said:
        if header not in whole.header:
            remedy = did_you_mean(header, [name for name in whole.header if name])
            raise refused("map", f"The file has no column '{header}'.", remedy)
    seems = files.proposal(whole)
    found = []
    for header, guess in zip(whole.header, seems.guesses, strict=True):
        field = str(said.get(header, guess.field))
        is_elsewhere = header not in said and field in said.values()
        found.append("" if field == "skip" or is_elsewhere else field)
    return found


def _show(whole: Any, json: bool, *, dry_run: bool) -> None:
    from leaddesk.book.imported import OUTCOMES

    tally = whole.tried if dry_run else whole.result
    wrong = [*_wrong(whole)]
    if json:
        from json import dumps

        told = {"import": whole.key, "dry_run": dry_run, "rows": whole.rows, **tally}
        say(dumps(told | {"problems": wrong}, indent=1, ensure_ascii=False))
        return
    counts = ", ".join(f"{tally.get(name, 0):,} {name}" for name in OUTCOMES)
    say(f"{'Would be' if dry_run else 'Imported'}: {counts}")
    for name, n in tally.get("promises", {}).items():
        say(f"  promise {name}: {n:,} start")
    for one in wrong[:MOST_TOLD]:
        tell(f"line {one['line']}: {one['reason']}")


def _wrong(whole: Any) -> Any:
    from json import loads

    from leaddesk.book import imports

    for row in imports.rows_of(whole, ["problem", "repeated"], most=1_000):
        reason = " ".join(f"{problem} {remedy}" for _n, problem, remedy in loads(row.problems))
        yield {"line": row.line, "reason": reason}
