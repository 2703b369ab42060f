"""Safety: production refuses to start unsafely, and says why in plain sentences."""

import os
import sqlite3
import subprocess
import sys
import zoneinfo
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from leaddesk import environment, safety

KEY = "a-key-of-sufficient-length-that-nobody-guesses-0123456789-abcdefgh"
SAFE = {
    "LEADDESK_MODE": "production",
    "LEADDESK_SECRET_KEY": KEY,
    "LEADDESK_HOSTS": "desk.example.com",
    "LEADDESK_URL": "https://desk.example.com",
    "DATABASE_URL": "postgresql://leaddesk:geheimnis@localhost/leaddesk",
}
TODAY = date(2026, 11, 22)


def faults(today=TODAY, **changes):
    return safety.faults(environment.read({**SAFE, **changes}), today)


def test_the_documented_production_settings_are_safe():
    assert faults() == []


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"LEADDESK_SECRET_KEY": ""}, "LEADDESK_SECRET_KEY is missing or too short"),
        ({"LEADDESK_SECRET_KEY": KEY[:49]}, "LEADDESK_SECRET_KEY is missing or too short"),
        ({"LEADDESK_SECRET_KEY": "abcd" * 20}, "LEADDESK_SECRET_KEY is missing or too short"),
        ({"LEADDESK_SECRET_KEY": "change-me" * 9}, "LEADDESK_SECRET_KEY is the sample"),
        ({"LEADDESK_HOSTS": ""}, "LEADDESK_HOSTS is empty"),
        ({"LEADDESK_HOSTS": "a.example, *"}, "LEADDESK_HOSTS allows every name"),
        ({"LEADDESK_URL": "http://desk.example.com"}, "LEADDESK_URL does not begin with https://"),
    ],
)
def test_one_unsafe_setting_is_one_sentence(changes, said):
    (found,) = faults(**changes)
    assert found.startswith(said)
    assert found.endswith(".")


def test_every_fault_is_told_at_once():
    found = faults(LEADDESK_SECRET_KEY="", LEADDESK_HOSTS="*")
    assert [one.split(" ")[0] for one in found] == [
        "LEADDESK_SECRET_KEY",
        "LEADDESK_HOSTS",
    ]


def test_debugging_is_refused(settings):
    settings.DEBUG = True
    assert faults()[0].startswith("DEBUG is on")


def test_zone_data_serve_400_days():
    released = safety.zones_released()
    assert faults(today=released + timedelta(days=400)) == []
    (found,) = faults(today=released + timedelta(days=401))
    assert found.startswith("the zone data are 401 days old or older")


def test_zones_come_from_the_package_alone():
    assert zoneinfo.TZPATH == ()
    assert os.environ["PYTHONTZPATH"] == ""
    # The province left clock changes behind in 2026; data of 2025 still had them.
    later = datetime(2026, 12, 1, 9, tzinfo=zoneinfo.ZoneInfo("America/Vancouver"))
    assert later.utcoffset() == timedelta(hours=-7)


@pytest.mark.parametrize(
    "path, kind",
    [
        ("/srv/desk/data.sqlite3", "nfs4"),
        ("/srv/desk local/data.sqlite3", ""),
        ("/srv/desktop/data.sqlite3", ""),
        ("/mnt/my share/data.sqlite3", "cifs"),
        ("/var/lib/leaddesk/data.sqlite3", ""),
    ],
)
def test_a_network_volume_is_known_by_its_mount(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\n"
        "server:/desk /srv/desk nfs4 rw,vers=4.2 0 0\n"
        "//server/share /mnt/my\\040share cifs rw 0 0\n"
        "server:/lib /var/lib nfs rw 0 0\n"
        "/dev/vdb /var/lib ext4 rw 0 0\n"
    )
    assert safety.network_volume(Path(path), mounts) == kind


def test_a_database_on_a_network_volume_is_refused(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/desk {tmp_path} nfs rw 0 0\n")
    monkeypatch.setattr(safety.network_volume, "__defaults__", (mounts,))
    (found,) = faults(DATABASE_URL=f"sqlite:///{tmp_path}/desk.sqlite3")
    assert "is on a network volume (nfs)" in found


def test_a_database_on_a_local_disk_is_written_ahead(tmp_path):
    path = tmp_path / "desk.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert faults(DATABASE_URL=f"sqlite://{path}") == []


def test_another_journal_mode_is_refused(tmp_path):
    path = tmp_path / "desk.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    settings = environment.read({**SAFE, "DATABASE_URL": f"sqlite://{path}"})
    options = {**settings.database["OPTIONS"], "init_command": "PRAGMA foreign_keys=ON"}
    other = replace(settings, database={**settings.database, "OPTIONS": options})
    (found,) = safety.faults(other, TODAY)
    assert "keeps its journal in mode delete, not WAL" in found


def test_a_database_that_is_none_is_refused(tmp_path):
    path = tmp_path / "desk.sqlite3"
    path.write_text("this is a letter to the shareholders " * 100)
    (found,) = faults(DATABASE_URL=f"sqlite://{path}")
    assert "can't be used (file is not a database)" in found


def started(*command, **changes):
    told = {**os.environ, **SAFE, **changes}
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        env=told,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_server_refuses_to_start_with_exit_code_2():
    ended = started("-c", "import leaddesk.wsgi", LEADDESK_HOSTS="", LEADDESK_SECRET_KEY="short")
    assert (ended.returncode, ended.stdout) == (2, "")
    first, second = ended.stderr.splitlines()
    assert first.startswith("leaddesk: LEADDESK_SECRET_KEY is missing")
    assert second.startswith("leaddesk: LEADDESK_HOSTS is empty")


def test_the_server_starts_where_all_is_well():
    assert started("-c", "import leaddesk.wsgi").returncode == 0


def test_django_has_nothing_to_say_against_the_production_settings():
    ended = started("-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "no issues" in ended.stdout


def test_django_would_speak_up():
    """The negative control of the test before."""
    ended = started(
        "-m", "django", "check", "--deploy", "--fail-level", "WARNING", LEADDESK_MODE="local"
    )
    assert ended.returncode == 1
    assert "security.W012" in ended.stderr
