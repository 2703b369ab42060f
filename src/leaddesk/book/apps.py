"""The one Django app of the desk."""

from django.apps import AppConfig


class Book(AppConfig):
    """Storage of the desk."""

    name = "leaddesk.book"
    label = "book"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Check every new connection to SQLite for what the desk relies on."""
        from leaddesk.book import database

        database.watch_connections()
