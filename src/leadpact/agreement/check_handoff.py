"""Checks of handing over: those who settle disputes are known to the agreement, each named once."""

from collections.abc import Iterator

from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.problem import did_you_mean
from leadpact.words import _


def faults(agreement: Agreement) -> Iterator[Finding]:
    """Arbiters whom nobody knows."""
    arbitration = agreement.handoff.arbitration if agreement.handoff else None
    if arbitration is None:
        return
    known = {*agreement.people, *(one for side in agreement.between.values() for one in side)}
    for place, name in enumerate(arbitration.by):
        path = ("handoff", "arbitration", "by", place)
        if name not in known:
            said = _("'{name}' is nobody of this agreement.").format(name=name)
            yield Finding(path, said, did_you_mean(name, sorted(known)))
        elif name in arbitration.by[:place]:
            said = _("'{name}' is named twice.").format(name=name)
            yield Finding(path, said, _("Name each person once."))
