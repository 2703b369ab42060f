"""The desk as a WSGI application."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from leaddesk import safety

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leaddesk.settings")
safety.refuse(settings.ENVIRONMENT)
safety.take_place(settings.HOME)
application = get_wsgi_application()
