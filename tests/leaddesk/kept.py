"""A desk worth keeping, and all of its rows, for the tests of backup and restore."""

from leaddesk.book import moment
from leaddesk.book.models import (
    Channel,
    Company,
    Contact,
    Delivery,
    Due,
    Entry,
    Fact,
    Lead,
    Notice,
    User,
    Workspace,
)
from tests.leaddesk.desk import at, handed_over, take, workspace

NOW = at("2026-03-12 18:00")
LATER = NOW + 3 * moment.DAY


def desk():
    """A desk with leads, a message that was sent, one that waits and one that is on its way."""
    own = workspace()
    take(own, *(handed_over(f"L-{n}", "2026-03-12 09:00") for n in range(5)), now=NOW)
    Company.objects.of(own).create(workspace=own, key="C-1", name="Société à 50 %", created_at=NOW)
    Contact.objects.of(own).create(workspace=own, lead="L-1", name="พร", created_at=NOW)
    User.objects.create_user("mia@example.com", "Correct-Horse-9-Battery")
    mail = Channel.objects.of(own).create(
        workspace=own, key="mail", kind="email", name="Mail", created_at=NOW
    )
    for state in ("done", "pending", "leased", "dead"):
        Delivery.objects.of(own).create(
            workspace=own,
            key=f"dlv-{state}",
            channel=mail,
            kind="broken",
            body="{}",
            state=state,
            cause_at=NOW,
            created_at=NOW,
            next_at=NOW,
        )
    return own


def everything(without=()):
    """All rows of all tables, to compare."""
    return {
        model._meta.db_table: list(
            getattr(model, "across", model._default_manager).order_by("pk").values()
        )
        for model in (Workspace, User, Fact, Lead, Due, Notice, Contact, Company, Delivery, Entry)
        if model not in without
    }


def states(own):
    return dict(Delivery.objects.of(own).order_by("key").values_list("key", "state"))
