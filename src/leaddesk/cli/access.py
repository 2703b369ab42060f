"""Access: the first token of a program, made by whoever runs the desk."""

from collections.abc import Callable
from typing import Annotated

import typer

from leaddesk.cli import set_up
from leadpact.cli.output import say, tell


def token(
    workspace: Annotated[str, typer.Argument(metavar="WORKSPACE", help="its short name")],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="the key of whom it acts for")],
    name: Annotated[str, typer.Option("--name", help="what it is for")] = "command line",
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="what it may: read, facts:write, admin …; repeatable"),
    ] = None,
) -> None:
    """leaddesk token northwind mia --scope facts:write --scope read --name CRM

    Make a token for the API and print its secret, which nobody can show again.
    It may no more than its person may. Without --scope it only reads.
    """
    set_up()
    from leaddesk.book import moment
    from leaddesk.book.access import issue_token, operator
    from leaddesk.book.models import Workspace
    from leaddesk.book.refusal import Absent

    found = Workspace.objects.filter(slug=workspace).first()
    if found is None:
        raise Absent(f"workspace '{workspace}'")
    scopes = scope or ["read"]
    made, secret = issue_token(
        operator(found.pk), name=name, scopes=scopes, now=moment.now(), person=person
    )
    tell(f"{made.key} acts for {made.person} and may: {', '.join(made.scopes)}.")
    say(secret)


COMMANDS: dict[Callable[..., None], str] = {token: "make a token for the API"}
"""The commands of this group, each with its line in the list of commands."""
