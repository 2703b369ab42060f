"""The desk as a WSGI application."""

import os
from contextlib import suppress

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from leaddesk import safety

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leaddesk.settings")
safety.refuse(settings.ENVIRONMENT)
safety.take_place(settings.HOME)
application = get_wsgi_application()


def _prepare() -> None:
    """Load the engine before the first request; what is wrong with the database shows at that one."""
    from django.db import DatabaseError, connection

    from leaddesk.book import moment, record

    with suppress(DatabaseError):
        record.warm(moment.now())
    connection.close()


_prepare()
