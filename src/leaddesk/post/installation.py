"""The installation: what its administrator lets every workspace reach, and its own mail server."""

from django.conf import settings

from leaddesk.book import audit
from leaddesk.book.models import Channel, Workspace
from leaddesk.environment import mail_of
from leaddesk.post.exchange import Reach
from leadpact.rulings import SYSTEM


def reach() -> Reach:
    """What this installation may reach, by its environment."""
    environment = settings.ENVIRONMENT
    mail = mail_of(environment.mail, environment.mail_from)
    return Reach(allow=environment.webhook_allow, mail=mail)


def open_mail(workspace: Workspace, now: int) -> None:
    """Let a workspace that never had an e-mail channel use the mail server of the installation.

    In the transaction of the caller. It is a channel like any other from then on, and can be switched
    off. The people of a sample workspace don't exist: nothing is mailed to them.
    """
    channels = Channel.objects.of(workspace)
    if workspace.is_sample or not reach().mail or channels.filter(kind="email").exists():
        return
    channels.create(
        workspace=workspace, key="chn_email", kind="email", name="E-mail", created_at=now
    )
    note = audit.Note(SYSTEM, "created channel", "channel chn_email", {"kind": "email"})
    audit.note(workspace.pk, [note], now)
