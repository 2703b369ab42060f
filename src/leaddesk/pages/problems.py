"""Problems: what people see when something can't be shown or done."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The answer to a form without a valid token."""
    text = _("This form is too old. Nothing was changed; go back, reload the page and try again.")
    return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
