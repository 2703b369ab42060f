"""Demo: Northwind in a workspace of its own, as a desk that runs and lives from day to day."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from leaddesk.cli import DONE, set_up
from leaddesk.cli.running import Host, Port, Threads
from leadpact.cli.output import say, tell

MOST_URGENT = 5


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    threads: Threads = 32,
    serve: Annotated[bool, typer.Option(help="leave the desk running (else only fill it)")] = True,
    remove: Annotated[bool, typer.Option("--remove", help="remove the sample again")] = False,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """leaddesk demo

    Fill a sample workspace with Northwind, a made-up company whose leads live
    on from day to day, and run the desk. Running it again goes on where it
    was. Your own workspaces aren't touched, by --remove neither.
    """
    set_up()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    if remove:
        return _remove(json)
    admin = _made()
    _show(_summary(admin.workspace), json)
    if serve:
        from leaddesk.cli import together

        raise typer.Exit(together.run(host, port, threads, admin=admin))
    if not json:
        from leaddesk.cli.together import token_command

        say(f"Run it with: leaddesk up\nSign in once, within a quarter of an hour: {_link(admin)}")
        say(f"A token for the API: {token_command(admin)}")
    raise typer.Exit(DONE)


COMMANDS: dict[Callable[..., None], str] = {
    demo: "run the desk with a made-up company in it",
}
"""The commands of this group, each with its line in the list of commands."""


def _remove(json: bool) -> None:
    from leaddesk.sample import workspace

    count = workspace.remove()
    if json:
        _show({"removed": count}, json)
    else:
        say("The sample is gone." if count else "There is no sample to remove.")


def _made() -> Any:
    """The admin of the sample, which is told up to now."""
    from leaddesk.book import moment
    from leaddesk.book.models import Person
    from leaddesk.sample import people, workspace

    now = moment.now()
    own = workspace.made(now)
    tell("leaddesk: Northwind is made up; telling what has happened there up to now …")
    workspace.tell(now, _progress if sys.stderr.isatty() else None)
    return Person.objects.of(own).select_related("workspace").get(key=people.ADMIN)


def _progress(told: int, of: int) -> None:
    end = "\n" if told == of else ""
    print(f"\r  {told:,} of {of:,} facts", end=end, file=sys.stderr, flush=True)


def _summary(own: Any) -> dict[str, Any]:
    from django.db.models import Count

    from leaddesk.book.models import Due, Fact, Lead

    owed = Due.objects.of(own)
    urgent = owed.filter(verdict="open", due_at__isnull=False).order_by("due_at", "lead")
    verdicts = owed.values_list("verdict").annotate(count=Count("id")).order_by("-count")
    return {
        "workspace": own.name,
        "leads": Lead.objects.of(own).count(),
        "facts": Fact.objects.of(own).exclude(system="leadpact").count(),
        "verdicts": dict(verdicts),
        "urgent": [
            {"due": _local(one.due_at, own.zone)}
            | {name: getattr(one, name) for name in ("promise", "owner", "lead")}
            for one in urgent[:MOST_URGENT]
        ],
    }


def _local(instant: int, zone: str) -> str:
    from zoneinfo import ZoneInfo

    from leadpact.clock import to_datetime

    return to_datetime(instant).astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def _show(summary: dict[str, Any], json: bool) -> None:
    if json:
        from json import dumps

        say(dumps(summary, indent=1, ensure_ascii=False))
        return
    say(f"{summary['workspace']}: {summary['leads']:,} leads, {summary['facts']:,} facts")
    verdicts = (f"{count:,} {verdict}" for verdict, count in summary["verdicts"].items())
    say(f"Promises: {', '.join(verdicts)}")
    say("Most urgent:")
    for one in summary["urgent"]:
        say(
            f"  {one['due'][:16].replace('T', ' ')}  {one['promise']}, {one['owner']}: {one['lead']}"
        )


def _link(admin: Any) -> str:
    from django.conf import settings
    from django.urls import reverse

    from leaddesk.book import beginning, moment

    key = beginning.link_key(admin, moment.now())
    return f"{settings.BASE_URL}{reverse('sign-in-link')}?key={key}"
