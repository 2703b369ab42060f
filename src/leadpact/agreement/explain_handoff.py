"""The handoff of an agreement as sentences, beside its start and its packet: what hands a lead over at
once, and who settles what marketing and sales see differently."""

from collections.abc import Iterator

from leadpact.agreement.model import Agreement
from leadpact.agreement.wording import Said, both, either
from leadpact.words import _


def handing(agreement: Agreement) -> Iterator[Said]:
    """What hands over at any score, and the arbitration."""
    handoff = agreement.handoff
    if handoff is None:
        return
    if handoff.at_once:
        said = _("A lead is handed over at any score when this happened: {acts}.")
        yield Said(("handoff", "at once"), said.format(acts=either(handoff.at_once)))
    if handoff.arbitration is None:
        return
    by, within = both(handoff.arbitration.by), handoff.arbitration.within
    said = _("What marketing contests of a rejection is settled by {people}.")
    if within is not None:
        said = _("What marketing contests of a rejection is settled by {people} within {span}.")
    yield Said(("handoff", "arbitration"), said.format(people=by, span=within))
