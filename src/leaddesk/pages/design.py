"""Design: every part of the pages on one page, for those who build them; not in production."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from leaddesk.book import moment
from leaddesk.book.moment import MINUTE
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leadpact.clock import to_datetime


@require_safe
@signed_in
def design(request: Any) -> HttpResponse:
    """The parts with invented content."""
    if settings.MODE == "production":
        raise Http404
    now = moment.now()
    context = {
        "moments": [
            to_datetime(one).isoformat()
            for one in (now + 180 * MINUTE, now + 9 * MINUTE, now - 70 * MINUTE)
        ],
        "states": ["good", "warn", "bad", ""],
        "heat": [("Ana", range(7)), ("بهار", range(6, -1, -1))],
        "errors": {"name": ["Say a name."], "": ["The form is older than the lead."]},
        "good_field": {"id": "name", "label": "Name", "value": "x" * 3, "errors": ["Say a name."]},
        "kinds": ["primary", "", "quiet", "danger"],
    }
    return shown(request, "pages/design.html", context)
