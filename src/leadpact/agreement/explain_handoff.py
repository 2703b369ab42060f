"""The handoff of an agreement as sentences, beside its start and its packet: what hands a lead over at
once, who settles what marketing and sales see differently, and when a lead goes back by itself."""

from collections.abc import Iterator

from leadpact.agreement.handoff import NO_ANSWER, Arbitration, GoingBack
from leadpact.agreement.model import Agreement
from leadpact.agreement.wording import Said, both, either
from leadpact.words import _


def handing(agreement: Agreement) -> Iterator[Said]:
    """What hands over at any score, the arbitration, and the return by itself."""
    handoff = agreement.handoff
    if handoff is None:
        return
    if handoff.at_once:
        said = _("A lead is handed over at any score when this happened: {acts}.")
        yield Said(("handoff", "at once"), said.format(acts=either(handoff.at_once)))
    if handoff.arbitration is not None:
        yield from _arbitration(handoff.arbitration)
    if handoff.return_ is not None and handoff.return_.by_itself is not None:
        said = _going_back(handoff.return_.by_itself)
        yield Said(("handoff", "return", "by itself"), said)


def _arbitration(agreed: Arbitration) -> Iterator[Said]:
    by, within = both(agreed.by), agreed.within
    if by and within is not None:
        said = _("What marketing contests of a rejection is settled by {people} within {span}.")
    elif by:
        said = _("What marketing contests of a rejection is settled by {people}.")
    elif within is not None:
        said = _("What marketing contests of a rejection is settled within {span}.")
    else:
        said = ""
    path = ("handoff", "arbitration")
    if said:
        yield Said(path, said.format(people=by, span=within))
    if agreed.contest_within is not None:
        said = _("Marketing may contest a rejection within {span}.")
        yield Said((*path, "contest within"), said.format(span=agreed.contest_within))


def _going_back(own: GoingBack) -> str:
    said = _(
        "A lead that was tried as often goes back by itself after {span} of silence, for the"
        " reason {reason}; an answer stops it."
    )
    if own.warn_after is not None:
        said = _(
            "A lead that was tried as often goes back by itself after {span} of silence, for the"
            " reason {reason}; an answer stops it, and whoever has it is warned after {warned}."
        )
    return said.format(span=own.after, reason=own.reason or NO_ANSWER, warned=own.warn_after)
