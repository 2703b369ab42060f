"""Export: every table of one workspace, readable elsewhere, without secrets of anybody."""

import csv
import hmac
import io
import json
import os
import zipfile
from datetime import datetime
from hashlib import sha256

import pytest

from leaddesk.book import agreements, audit
from leaddesk.book.access import Actor
from leaddesk.book.models import (
    AgreementVersion,
    Channel,
    Contact,
    Delivery,
    Due,
    Entry,
    Fact,
    Person,
    Token,
    User,
)
from leaddesk.book.plain_sheet import defused
from leaddesk.book.snapshot import snapshot
from leaddesk.operation import export
from leaddesk.operation.archive import Unfinished
from leadpact.agreement.load import load
from leadpact.log import read_log
from tests.leaddesk.desk import AGREEMENT, at, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 18:00")


@pytest.fixture
def own():
    own, other = workspace(), workspace()
    for one in (own, other):
        take(one, *(handed_over(f"{one.slug}-{n}", "2026-03-12 09:00") for n in range(3)), now=NOW)
    Contact.objects.of(own).create(
        workspace=own,
        lead="L-1",
        name="=HYPERLINK(1)",
        phone="+49 30 1",
        title="พร",
        created_at=NOW,
    )
    mail = Channel.objects.of(own).create(
        workspace=own,
        key="hook",
        kind="webhook",
        name="-5",
        created_at=NOW,
        secrets={"signing": "whsec_neverleaves"},
    )
    Delivery.objects.of(own).create(
        workspace=own, key="dlv-1", channel=mail, kind="broken", body="{}", cause_at=NOW,
        created_at=NOW, next_at=NOW,
    )  # fmt: skip
    Token.objects.of(own).create(
        workspace=own,
        key="tok_1",
        person="ana",
        name="CRM",
        digest="digestneverleaves",
        created_at=NOW,
    )
    user = User.objects.create_user("ana@example.com", "Correct-Horse-9-Battery")
    Person.objects.of(own).create(workspace=own, key="ana", name="Ana", user=user, created_at=NOW)
    return own


def files(folder):
    return {
        str(one.relative_to(folder)): one.read_bytes().decode()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def test_every_table_of_the_workspace_is_there_twice(own, tmp_path):
    exported = export.export(own.pk, tmp_path / "out", NOW)
    found = files(tmp_path / "out")
    assert len(found) == exported.files
    described = json.loads(found["schema.json"])
    assert described["workspace"] == own.slug
    assert len(described["tables"]) == len(export.tables()) > 18
    for name, table in described["tables"].items():
        rows = [*csv.reader(io.StringIO(found[f"{name}.csv"], newline=""))]
        lines = [json.loads(line) for line in found[f"{name}.jsonl"].splitlines()]
        assert rows[0] == list(table["columns"])
        assert len(rows) - 1 == len(lines) == table["rows"] == exported.rows[name]
        assert "id" not in table["columns"]
        assert table["what"]
    assert exported.rows["workspace"] == 1
    assert exported.rows["fact"] == Fact.objects.of(own).count()
    assert exported.rows["due"] == Due.objects.of(own).count() == 3


def test_nothing_of_another_workspace_and_no_secret_leaves(own, tmp_path):
    export.export(own.pk, tmp_path / "out", NOW)
    everything = "".join(files(tmp_path / "out").values())
    assert f"{own.slug}-1" in everything
    for secret in ("neverleaves", "argon2", "Correct-Horse"):
        assert secret not in everything
    other = "w" + str(int(own.slug[1:]) + 1)
    assert f"{other}-1" not in everything


def test_rows_name_each_other_by_their_keys(own, tmp_path):
    export.export(own.pk, tmp_path / "out", NOW)
    found = files(tmp_path / "out")
    (delivery,) = map(json.loads, found["delivery.jsonl"].splitlines())
    assert (delivery["channel"], delivery["cause_at"]) == ("hook", "2026-03-12T17:00:00.000000Z")
    (person,) = map(json.loads, found["person.jsonl"].splitlines())
    assert person["user"] == "ana@example.com"


def test_the_audit_log_can_be_checked_where_it_goes(own, tmp_path):
    audit.seal(own.pk, NOW)
    export.export(own.pk, tmp_path / "out", NOW)
    found = files(tmp_path / "out")
    (block,) = map(json.loads, found["block.jsonl"].splitlines())
    key = sha256(b"leaddesk.audit." + os.environ["LEADDESK_SECRET_KEY"].encode()).digest()
    running = hmac.new(key, block["previous"].encode(), sha256)
    for entry in map(json.loads, found["entry.jsonl"].splitlines()):
        entry["at"] = micros(entry["at"])
        names = ("number", "at", "actor", "act", "subject", "detail", "request")
        running.update(json.dumps([entry[name] for name in names]).encode())
    assert running.hexdigest() == block["hash"]


def micros(text):
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_spreadsheets_run_nothing(own, tmp_path):
    export.export(own.pk, tmp_path / "out", NOW)
    found = files(tmp_path / "out")
    (contact,) = csv.DictReader(io.StringIO(found["contact.csv"], newline=""))
    assert (contact["name"], contact["phone"], contact["title"]) == (
        "'=HYPERLINK(1)",
        "'+49 30 1",
        "พร",
    )
    assert json.loads(found["contact.jsonl"])["name"] == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    "value, safe",
    [
        ("=1+1", "'=1+1"),
        ("+1", "+1"),
        ("-2.50", "-2.50"),
        ("-2 leads", "'-2 leads"),
        ("@ana", "'@ana"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("a=1", "a=1"),
        ("", ""),
        (-5, -5),
        (None, None),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_formulas_are_defused(value, safe):
    assert defused(value) == safe


def test_the_engine_reads_what_was_exported(own, tmp_path):
    export.export(own.pk, tmp_path / "out", NOW)
    log, problems = read_log(tmp_path / "out" / "fact.jsonl", zone="Europe/Warsaw")
    assert problems == []
    assert len(log) == Fact.objects.of(own).count()
    (text,) = (tmp_path / "out" / "agreement").glob("*.yaml")
    assert text.read_text("utf-8") == AGREEMENT
    assert load(AGREEMENT)[0].version == AgreementVersion.objects.of(own).get().number


def test_a_zip_holds_the_same(own, tmp_path):
    export.export(own.pk, tmp_path / "out", NOW)
    Entry.objects.of(own).filter(act="exported the workspace").delete()
    export.export(own.pk, tmp_path / "out.zip", NOW)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        packed = {name: archive.read(name).decode() for name in archive.namelist()}
    assert packed == files(tmp_path / "out")


def test_an_export_is_noted(own, tmp_path):
    export.export(own.pk, tmp_path / "out", NOW, actor="mia")
    entry = Entry.objects.of(own).get(act="exported the workspace")
    assert (entry.actor, entry.at) == ("mia", NOW)


def test_a_folder_that_is_in_use_is_left_alone(own, tmp_path):
    (tmp_path / "letter").write_text("keep me")
    with pytest.raises(Unfinished, match="is not empty"):
        export.export(own.pk, tmp_path, NOW)
    assert [one.name for one in tmp_path.iterdir()] == ["letter"]


def test_an_export_that_fails_leaves_nothing(own, tmp_path):
    place = tmp_path / "file"
    place.write_text("no folder")
    with pytest.raises(Unfinished, match="Nothing was exported"):
        export.export(own.pk, place / "out", NOW)
    with pytest.raises(Unfinished, match="Nothing was exported"):
        export.export(own.pk, place / "out.zip", NOW)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_writers_do_not_wait_for_an_export(own):
    with snapshot():
        before = Fact.objects.of(own).count()
        from threading import Thread

        from django.db import connection

        def write():
            take(own, handed_over("L-9", "2026-03-12 09:00"), now=NOW)
            connection.close()

        other = Thread(target=write)
        other.start()
        other.join(20)
        assert not other.is_alive()
        assert Fact.objects.of(own).count() == before
    assert Fact.objects.of(own).count() > before


def test_a_text_that_was_withdrawn_twice_is_exported_twice(own, tmp_path):
    actor = Actor(own.pk, "boss", "admin")
    text = AGREEMENT.replace("version: 1", "version: 2").replace("2026-01-01", "2026-06-01")
    for _ in range(2):
        agreements.propose(actor, text, NOW)
        agreements.withdraw(actor, 2, NOW)
    export.export(own.pk, tmp_path / "out.zip", NOW)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = [one for one in archive.namelist() if "withdrawn" in one]
    assert len({*names}) == len(names) == 2
