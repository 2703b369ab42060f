"""Enrolling: people put leads into nurture tracks by hand, and take them out."""

from django.utils.translation import gettext as _

from leaddesk.book.acts import recorded
from leaddesk.book.asked import Asked, Done
from leaddesk.book.choices import in_force
from leaddesk.book.models import Enrolment, Lead
from leaddesk.book.refusal import refused
from leaddesk.book.saying import one_of, reason_of

NEVER_AGAIN = ("suppressed", "disqualified")
"""Standings of leads that nobody enrols."""


def tracks(workspace: int, now: int) -> tuple[str, ...]:
    """The tracks that were agreed on."""
    return tuple(in_force(workspace, now).nurture)


def current(workspace: int, lead: str) -> Enrolment | None:
    """The enrolment that a lead is in now."""
    rows = Enrolment.objects.of(workspace).filter(lead=lead, left_at=None)
    found: Enrolment | None = rows.order_by("-entered_at", "-id").first()
    return found


def enrol(asked: Asked, *, track: str, why: str) -> Done:
    """A lead enters a track, for a reason; it leaves the one that it was in.

    Raises `Refused`, `Forbidden`, `Absent`, as all acts do.
    """
    asked.actor.must("enrol leads")
    chosen = one_of("track", track, tracks(asked.actor.workspace_id, asked.now))
    reason = reason_of("why", why)

    def fit(lead: Lead) -> None:
        if lead.standing in NEVER_AGAIN:
            said = _("This lead must not be enrolled: nobody writes to it any more.")
            raise refused("", said, _("Choose another lead."))
        row = current(asked.actor.workspace_id, lead.key)
        if row is not None and row.track == chosen:
            said = _("The lead is in this track already.")
            raise refused("track", said, _("Choose another track."))

    return recorded(asked, "enrolled", fit, track=chosen, why=reason)


def leave(asked: Asked, *, why: str) -> Done:
    """A lead leaves the track that it is in, for a reason."""
    asked.actor.must("enrol leads")
    reason = reason_of("why", why)
    row = current(asked.actor.workspace_id, asked.lead)
    track = None if row is None else row.track

    def fit(_lead: Lead) -> None:
        if row is None:
            raise refused("", _("The lead is in no track."), _("Reload the page."))

    return recorded(asked, "enrolled", fit, track=track, left="yes", why=reason)
