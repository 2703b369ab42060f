"""Keeping: backup, restore, release, doctor, rebuild, export, migrate; run where the desk runs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from leaddesk.cli import ABSENT, FAILED, WRONG
from leadpact.cli.output import say, tell

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Yes = Annotated[bool, typer.Option("--yes", help="do it without asking")]


def backup(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="else a dated one in the desk's folder")
    ] = None,
    json: Json = False,
) -> None:
    """leaddesk backup /backups/desk.zip

    Write everything that the desk knows to one file while it goes on working,
    and read it back. A file that is there already is replaced when the new one
    is whole. It holds secrets and personal data: keep it as safe as the desk.
    """
    with _desk() as now:
        from django.conf import settings

        from leaddesk.operation.backup import backup as taken
        from leaddesk.operation.backup import default_target

        if file and not (folder := Path(file).absolute().parent).exists():
            raise _ended(
                f"There is no folder {folder}. Nothing was written; make it first.", ABSENT
            )
        made = taken(Path(file) if file else default_target(settings.HOME, now), now)
        facts = made.manifest.counts.get("book_fact", 0)
        told = f"{made.file}: {made.bytes:,} bytes, {facts:,} facts, read back and whole."
        value = {"file": str(made.file), "bytes": made.bytes, "digest": made.manifest.digest}
        _answer(told, value, json)


def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a backup")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """leaddesk restore /backups/desk.zip --yes

    Put a backup in the place of the database. Stop web and worker first. What
    the backup had still to send is held until `leaddesk release`.
    """
    _sure(yes, f"Replace everything in the database by {file}?")
    with _desk() as now:
        from leaddesk.operation.restore import restore as put_back

        restored = put_back(Path(file), now)
        told = (
            f"The desk is as it was at {restored.manifest.made_at}. Nothing is sent:"
            f" {restored.deliveries} messages and {restored.notices} notices are held.\n"
            "Send them:       leaddesk release\n"
            "Or drop them:    leaddesk release --drop --yes"
        )
        held = {"deliveries": restored.deliveries, "notices": restored.notices}
        _answer(told, {"made_at": restored.manifest.made_at, "held": held}, json)


def release(
    drop: Annotated[bool, typer.Option("--drop", help="drop what is held, for good")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """leaddesk release

    Send what was held since a restore, or drop it (--drop) together with what
    came due since the backup was made. Then the desk sends again.
    """
    if drop:
        _sure(yes, "Drop every held message for good?")
    with _desk() as now:
        from leaddesk.post.release import release as let_go

        released = let_go(now, drop=drop)
        done = "dropped" if drop else "released"
        told = f"{released.deliveries} messages and {released.notices} notices were {done}."
        _answer(told, vars(released), json)


def doctor(
    full: Annotated[
        bool, typer.Option("--full", help="every lead and fact instead of a sample")
    ] = False,
    only: Annotated[
        str, typer.Option("--only", metavar="CHECK", help="one check, such as workers")
    ] = "",
    json: Json = False,
) -> None:
    """leaddesk doctor

    Look for everything that can be wrong, and say how to mend it. Exit code 1
    where something is wrong.
    """
    with _desk() as now:
        from leaddesk.operation import doctor as surgery

        if only and only not in surgery.CHECKS:
            raise _ended(f"There is no check '{only}': {', '.join(surgery.CHECKS)}.", WRONG)
        found = []
        for one in surgery.examine(now, full=full, only=only):
            found.append(one)
            if not json:
                say(f"{one.state:6}{one.check:12}{one.what}")
                if one.mend:
                    say(f"{'':18}-> {one.mend}")
        sound = surgery.is_sound(found)
        if json:
            _answer("", {"sound": sound, "findings": [vars(one) for one in found]}, json)
    if not sound:
        raise typer.Exit(FAILED)


def rebuild(
    workspace: Annotated[
        str | None, typer.Argument(metavar="WORKSPACE", help="its short name; else every one")
    ] = None,
    json: Json = False,
) -> None:
    """leaddesk rebuild northwind

    Draw every index row afresh from the facts, and print the digest of the
    rows: the same facts and rules yield the same digest.
    """
    with _desk() as now:
        from leaddesk.book import rebuild as rebuilding

        digests = {}
        for slug, number in _workspaces(workspace):
            digests[slug] = rebuilding.rebuild(number, now)
            if not json:
                say(f"{slug}: {digests[slug]}")
        if json:
            _answer("", digests, json)


def export(
    workspace: Annotated[str, typer.Argument(metavar="WORKSPACE", help="its short name")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FOLDER|FILE.zip", help="where to")
    ],
    json: Json = False,
) -> None:
    """leaddesk export northwind -o northwind.zip

    Write every table of a workspace as CSV and JSON lines, the texts of the
    agreement and a description of the columns. Secrets stay here.
    """
    with _desk() as now:
        from leaddesk.operation.export import export as written

        ((_slug, number),) = _workspaces(workspace)
        exported = written(number, Path(output), now)
        rows = sum(exported.rows.values())
        _answer(f"{output}: {exported.files} files, {rows:,} rows.", vars(exported), json)


def migrate() -> None:
    """leaddesk migrate

    Bring the tables of the database up to this release. Running it again
    changes nothing.
    """
    with _desk():
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
    say("The database has the tables of this release.")


COMMANDS: dict[Callable[..., None], str] = {
    backup: "write everything to one file",
    restore: "put a backup in the place of the database",
    release: "send, or drop, what is held since a restore",
    doctor: "look for everything that can be wrong",
    rebuild: "draw the index rows afresh from the facts",
    export: "write a workspace to files that others read",
    migrate: "bring the tables up to this release",
}
"""The commands of this group, each with its line in the list of commands."""


@contextmanager
def _desk() -> Iterator[int]:
    """Set the desk up, also where serving people would be unsafe; yield the present instant."""
    import django

    django.setup()
    from django.conf import settings

    from leaddesk.book import moment
    from leaddesk.operation.archive import Unfinished

    settings.HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield moment.now()
    except Unfinished as error:
        raise _ended(str(error), FAILED) from None


def _workspaces(slug: str | None) -> list[tuple[str, int]]:
    from leaddesk.book.models import Workspace

    found = Workspace.objects.order_by("slug").values_list("slug", "pk")
    if slug is None:
        return list(found)
    if chosen := list(found.filter(slug=slug)):
        return chosen
    known = ", ".join(name for name, _number in found[:20])
    others = f"There are: {known}." if known else "There is none yet: leaddesk up makes one."
    raise _ended(f"There is no workspace '{slug}'. {others}", ABSENT)


def _sure(yes: bool, question: str) -> None:
    """Go on only where somebody said yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise _ended("Say --yes to do this without being asked. Nothing was changed.", WRONG)
    if not typer.confirm(question, err=True):
        raise _ended("Nothing was changed.", FAILED)


def _ended(told: str, code: int) -> typer.Exit:
    tell(f"leaddesk: {told}")
    return typer.Exit(code)


def _answer(told: str, value: Any, as_json: bool) -> None:
    """Print a sentence, or JSON."""
    if as_json:
        import json

        told = json.dumps(value, indent=1, default=str, ensure_ascii=False)
    say(told)
