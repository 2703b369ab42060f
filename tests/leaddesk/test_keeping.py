"""Keeping: the commands that look after a desk, as an operator types them."""

import json

import pytest
import typer
from typer.testing import CliRunner

from leaddesk.book import audit, moment
from leaddesk.book.models import Installation, Lead, Pulse
from leaddesk.cli import keeping
from tests.leaddesk.desk import handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run():
    app = typer.Typer()
    for function in keeping.COMMANDS:
        app.command()(function)

    def run(*words, code=0):
        ended = CliRunner().invoke(app, words, catch_exceptions=False)
        assert ended.exit_code == code, ended.output
        return ended

    return run


@pytest.fixture
def own():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"))
    audit.seal(own.pk, moment.now())
    return own


def test_a_backup_and_the_way_back(own, run, tmp_path):
    file = tmp_path / "desk.zip"
    told = run("backup", str(file)).stdout
    assert told.startswith(f"{file}: ")
    assert told.endswith(" facts, read back and whole.\n")
    Lead.across.all().delete()
    refused = run("restore", str(file), code=2)
    assert refused.stderr == (
        "leaddesk: Say --yes to do this without being asked. Nothing was changed.\n"
    )
    assert not Lead.across.exists()
    told = run("restore", str(file), "--yes").stdout
    assert "Nothing is sent: 0 messages and" in told
    assert Lead.across.count() == 1
    assert run("release").stdout.startswith("0 messages and ")
    assert Installation.objects.get().held_since is None


def test_a_backup_without_a_name_goes_to_the_desks_folder(own, run, settings, tmp_path):
    settings.HOME = tmp_path
    told = json.loads(run("backup", "--json").stdout)
    (file,) = (tmp_path / "backups").iterdir()
    assert (told["file"], told["bytes"]) == (str(file), file.stat().st_size)


def test_what_is_dropped_must_be_confirmed(own, run):
    assert "Say --yes" in run("release", "--drop", code=2).stderr
    assert " were dropped." in run("release", "--drop", "--yes").stdout


def test_a_backup_that_fails_is_one_sentence(own, run, tmp_path):
    (tmp_path / "file").write_text("")
    ended = run("backup", str(tmp_path / "file" / "desk.zip"), code=1)
    assert ended.stdout == ""
    assert ended.stderr.startswith("leaddesk: The backup was not made (")
    assert len(ended.stderr.splitlines()) == 1


def test_a_backup_makes_no_folder_that_somebody_misspelt(own, run, tmp_path):
    ended = run("backup", str(tmp_path / "none" / "desk.zip"), code=3)
    assert "There is no folder" in ended.stderr
    assert not (tmp_path / "none").exists()


def test_the_doctor_ends_with_1_where_something_is_wrong(own, run):
    ended = run("doctor", code=1)
    assert "wrong workers     No worker was ever seen.\n" in ended.stdout
    assert "-> leaddesk worker\n" in ended.stdout


def test_the_doctor_ends_with_0_where_nothing_is_wrong(own, run):
    Pulse.objects.create(worker="one", started_at=moment.now(), seen_at=moment.now())
    own_wakes = Lead.objects.of(own).filter(wake_at__lte=moment.now())
    assert not own_wakes.exists() or own_wakes.count() == 1
    told = json.loads(run("doctor", "--json", "--full").stdout)
    assert told["sound"] is True
    assert {one["state"] for one in told["findings"]} == {"ok", "note"}


def test_the_doctor_makes_one_check_only(own, run):
    assert run("doctor", "--only", "workers", code=1).stdout.startswith("wrong workers")
    Pulse.objects.create(worker="one", started_at=moment.now(), seen_at=moment.now())
    assert run("doctor", "--only", "workers").stdout == "ok    workers     A worker runs.\n"
    assert (
        "There is no check 'teeth': integrity, " in run("doctor", "--only", "teeth", code=2).stderr
    )


def test_a_rebuild_tells_the_digest_of_each_workspace(own, run):
    other = workspace()
    first = json.loads(run("rebuild", "--json").stdout)
    assert set(first) == {own.slug, other.slug}
    assert run("rebuild", own.slug).stdout == f"{own.slug}: {first[own.slug]}\n"


def test_an_export_of_a_workspace(own, run, tmp_path):
    told = run("export", own.slug, "-o", str(tmp_path / "out.zip")).stdout
    assert told.startswith(f"{tmp_path}/out.zip: ")
    assert (tmp_path / "out.zip").exists()


@pytest.mark.parametrize("words", [["rebuild", "nowhere"], ["export", "nowhere", "-o", "out"]])
def test_an_unknown_workspace_is_named(own, run, words):
    ended = run(*words, code=3)
    assert ended.stderr == f"leaddesk: There is no workspace 'nowhere'. There are: {own.slug}.\n"


def test_migrating_again_changes_nothing(own, run):
    assert "tables of this release" in run("migrate").stdout


def test_every_command_begins_its_help_with_an_example():
    for function, line in keeping.COMMANDS.items():
        assert function.__doc__.startswith(f"leaddesk {function.__name__}")
        assert line[0].islower()
