"""The nurture tracks of an agreement as sentences, beside what they send and what ends them."""

from collections.abc import Iterator

from leadpact.agreement.model import Agreement
from leadpact.agreement.wording import Said, both, condition
from leadpact.words import _


def tracks(agreement: Agreement) -> Iterator[Said]:
    """How leads enter each track, whether it goes on beside sales, what it covers and what follows."""
    for name, track in agreement.nurture.items():
        path = ("nurture", name)
        if track.enter_when is not None:
            said = _("A lead enters {name} by itself when {condition}.")
            text = said.format(name=name, condition=condition(track.enter_when))
            yield Said((*path, "enter when"), text)
        if not track.pause_with_sales:
            said = _("{name} goes on while sales works on a lead.").format(name=name)
            yield Said((*path, "pause with sales"), said)
        if track.covers:
            said = _("{name} covers {stages}.").format(name=name, stages=both(track.covers))
            yield Said((*path, "covers"), said)
        if track.then:
            said = _("After the last step of {name} comes {then}.")
            yield Said((*path, "then"), said.format(name=name, then=track.then))
