"""The roster: people, their leave and the exceptions of calendars, as the engine takes them."""

from collections.abc import Sequence

from leadpact.agreement.model import Agreement


def told(workspace: int, versions: Sequence[Agreement]) -> None:
    """The roster of a workspace beside what its agreement says."""
