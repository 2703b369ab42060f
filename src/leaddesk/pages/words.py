"""Words: help on one page; the rooms of the desk, its words, and what each role may do."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book.models import Role
from leaddesk.book.rights import RIGHTS, ROLES
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in


@require_safe
@signed_in
def help_page(request: Any) -> HttpResponse:
    """Help on one page."""
    context = {
        "words": words(),
        "roles": [Role(one).label for one in ROLES],
        "rights": [
            (_(right.meaning), [one in right.roles for one in ROLES]) for right in RIGHTS.values()
        ],
    }
    return shown(request, "pages/help.html", context)


def words() -> list[tuple[str, str]]:
    """The words of the trade as the desk uses them."""
    return [
        (
            _("agreement"),
            _("What marketing and sales promise each other, signed by both. It comes in versions."),
        ),
        (
            _("promise"),
            _("One clause with numbers: an answer in time, an amount per period, or a rate."),
        ),
        (
            _("obligation"),
            _("One promise for one pass of one lead, with its due time and its verdict."),
        ),
        (
            _("verdict"),
            _(
                "Open, kept, broken, excused, waived, or undeterminable where the data can't tell. "
                "An answer at the exact due time is in time; a late one stays late, and is seen."
            ),
        ),
        (_("ruling"), _("A verdict that was announced. A later one may correct it, visibly.")),
        (
            _("working time"),
            _(
                "The open hours of a calendar, without lunch, holidays and leave. Deadlines run in it."
            ),
        ),
        (
            _("pass"),
            _("One trip of a lead through the funnel; after nurture it makes another one."),
        ),
        (
            _("qualified lead (MQL)"),
            _("A lead that meets what both sides agreed on for fit and interest."),
        ),
        (
            _("attempt"),
            _("A person tried to reach the lead by an agreed channel. Automatic mail is none."),
        ),
        (_("handoff"), _("Marketing gives a lead to sales, with all that was agreed to go along.")),
        (_("nurture"), _("What a lead gets that isn't ready yet, until it is.")),
        (
            _("undecided"),
            _("Not due yet, too few, or too young to judge: shown apart, and counted nowhere."),
        ),
    ]
