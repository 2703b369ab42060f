"""Mail: what came back of the mails that nurture tracks sent."""

import sys
from collections.abc import Callable

import typer

from leaddesk.cli import DONE, set_up
from leadpact.cli.output import tell


def take_mail() -> None:
    """leaddesk take-mail < message

    Read one message that came back: a bounce or a complaint about a mail of a
    nurture track. The address isn't mailed again where there is no such one,
    or where its owner complained. Let the mail server that takes the mail of
    the sender pipe each message here. Whatever it is, nothing is sent back.
    """
    set_up()
    from leaddesk.book import mail_events, moment
    from leaddesk.post import returned_mail

    event = returned_mail.event_of(sys.stdin.buffer.read(returned_mail.MOST_BYTES))
    if event is None:
        tell("This is neither a bounce nor a complaint.")
        raise typer.Exit(DONE)
    row = mail_events.heard(event.message_id, event.kind, moment.now())
    if row is None:
        tell(f"No mail of this desk is called {event.message_id}.")
    else:
        tell(f"{row.message_id} {event.kind}.")
    raise typer.Exit(DONE)


COMMANDS: dict[Callable[..., None], str] = {take_mail: "take in a mail that came back"}
"""The commands of this group, each with its line in the list of commands."""
