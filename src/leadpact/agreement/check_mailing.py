"""Checks of mailing: hours and days that can't be read, and limits that let no mail out."""

from collections.abc import Iterator

from leadpact.agreement.calendars import open_hours, weekdays
from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.phrases import quantity
from leadpact.units import Misread
from leadpact.words import _


def faults(agreement: Agreement) -> Iterator[Finding]:
    """What keeps every mail from going out."""
    mailing = agreement.mailing
    if mailing is None:
        return
    if mailing.at_most is not None and not quantity(mailing.at_most).number:
        said = _("No mail at all is allowed in a {period}.")
        told = said.format(period=quantity(mailing.at_most).period)
        yield Finding(("mailing", "at most"), told, _("Allow at least one."))
    for place, text in enumerate(mailing.days):
        try:
            weekdays(text)
        except Misread as misread:
            yield Finding(("mailing", "days", place), misread.problem, misread.remedy)
    if mailing.hours is not None:
        try:
            open_hours(mailing.hours)
        except Misread as misread:
            yield Finding(("mailing", "hours"), misread.problem, misread.remedy)
