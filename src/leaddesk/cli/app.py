"""The commands in their order; what they do stands in the files of their groups."""

from typing import Any

from typer.core import TyperCommand

from leaddesk.cli import access, demo, importing, keeping, mail, running
from leadpact.cli.help import Command, application

app = application(
    "leaddesk",
    """\b
leaddesk up
leaddesk up --port 9000
DATABASE_URL=postgresql://desk@db/desk leaddesk web --host 0.0.0.0
DATABASE_URL=postgresql://desk@db/desk leaddesk worker
leaddesk backup /backups/desk.zip

Run the desk: people and programs tell what happens to leads, the agreement
runs live on them. `up` is all that a small team needs; `web` and `worker` run
apart, any number of each. Settings are read from the environment.

Data goes to stdout, messages to stderr. Exit codes: 0 done, 1 failed, 2 wrong
use or settings, 3 not found, 4 refused, 5 database unreachable,
130 interrupted.""",
)


class _Command(Command):
    """A command whose help begins with its example; what goes wrong is told by `main`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        return TyperCommand.invoke(self, ctx)


for _group in (running, demo, importing, keeping, mail, access):
    for _function, _line in _group.COMMANDS.items():
        _name = _function.__name__.strip("_").replace("_", "-")
        app.command(_name, cls=_Command, short_help=_line)(_function)
