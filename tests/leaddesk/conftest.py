"""What the tests of the desk share: settings of their own, and a real database that is fresh.

SQLite in a file, or the server that DATABASE_URL names (`.ci/postgres run pytest tests/leaddesk`);
every process of pytest-xdist has one of its own.
"""

import os
import tempfile
from pathlib import Path

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

from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: E402  (Django has to be set up)
from django.test import TransactionTestCase  # noqa: E402

from tests.leaddesk import emptying  # noqa: E402

PAGES = Path(__file__).parent / "pages"
TransactionTestCase._fixture_teardown = emptying.quickly
# The same hashes as ever, but quick to make: what they cost an attacker is not what is tested here.
Argon2PasswordHasher.time_cost = Argon2PasswordHasher.parallelism = 1
Argon2PasswordHasher.memory_cost = 8


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "database: asks for the database, or opens a page; told by its fixtures"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what has to be tried on every database; the others couldn't open one if they wished."""
    for item in items:
        asked = {"db", "transactional_db", "django_db_setup"} & {*getattr(item, "fixturenames", ())}
        if asked or item.get_closest_marker("django_db") or PAGES in item.path.parents:
            item.add_marker("database")


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
