"""The sentences of mailing: how often and when people get mail."""

from collections.abc import Iterator

from leadpact.agreement.model import Agreement
from leadpact.agreement.phrases import quantity
from leadpact.agreement.wording import Said
from leadpact.words import _, ngettext


def mailing(agreement: Agreement) -> Iterator[Said]:
    """What holds for every mail of a track."""
    clause = agreement.mailing
    if clause is None:
        return
    if clause.at_most is not None:
        most = quantity(clause.at_most)
        said = ngettext(
            "Nobody gets more than {n} mail per {period}, of all tracks together.",
            "Nobody gets more than {n} mails per {period}, of all tracks together.",
            most.number,
        )
        yield Said(("mailing", "at most"), said.format(n=most.number, period=most.period))
    if clause.hours is not None:
        said = _("Mail goes out from {first} to {last} on the clock of its receiver.")
        first, _dash, last = clause.hours.partition("-")
        yield Said(("mailing", "hours"), said.format(first=first, last=last))
    if clause.days:
        said = _("Mail goes out on these days: {days}.")
        yield Said(("mailing", "days"), said.format(days=", ".join(clause.days)))
    if clause.catch_up_within is not None:
        said = _(
            "A mail that a lead missed while it was out of its track for a while goes out at most"
            " {span} after its time."
        )
        yield Said(("mailing", "catch up within"), said.format(span=clause.catch_up_within))
