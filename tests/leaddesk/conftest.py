"""What the tests of the desk share: settings of their own, and a real database that is fresh.

SQLite in a file, or the server that DATABASE_URL names (`.ci/postgres run pytest tests/leaddesk`);
every process of pytest-xdist has one of its own.
"""

import os
import tempfile

import django
import pytest

for name in [
    name for name in os.environ if name.startswith("LEADDESK_") and name != "LEADDESK_POSTGRES"
]:
    del os.environ[name]
home = tempfile.TemporaryDirectory(prefix="leaddesk-tests-")
os.environ.update(
    DJANGO_SETTINGS_MODULE="leaddesk.settings",
    LEADDESK_HOME=home.name,
    LEADDESK_SECRET_KEY="of tests only",
)
django.setup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, since SQLite in memory has other locks. Nothing is synced: the machine won't lose power.
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "desk.sqlite3")
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(autouse=True, scope="session")
def no_database_unasked(django_db_blocker):
    """Fail a test that touches the database without `django_db`, wherever pytest was started."""
    with django_db_blocker.block():
        yield


@pytest.fixture(autouse=True)
def nobody_serves():
    """Let go of the desk that a command took in this very process."""
    yield
    from leaddesk import safety

    while safety._places:
        safety._places.pop().close()
