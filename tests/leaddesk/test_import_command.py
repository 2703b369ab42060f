"""`leaddesk import`: the steps of the pages from the command line."""

import json

import pytest
from typer.testing import CliRunner

from leaddesk.book.models import Contact, Import, Lead
from leaddesk.book.refusal import Absent, Refused
from leaddesk.cli import importing
from leaddesk.cli.app import app
from tests.leaddesk.desk import workspace

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = "Ref,Who,Mail,Created\n1,Ann,ann@x.example,03/04/2025\n2,Ben,nobody,03/05/2025\n"
MAP = "columns: {Ref: id, Who: name, Created: created_at}\norder: mdy\n"


@pytest.fixture
def own(monkeypatch):
    monkeypatch.setattr(importing, "set_up", lambda: None)
    return workspace()


@pytest.fixture
def leads(tmp_path):
    (tmp_path / "leads.csv").write_text(LEADS, "utf-8")
    (tmp_path / "map.yaml").write_text(MAP, "utf-8")
    return tmp_path / "leads.csv"


def run(*arguments):
    found = CliRunner().invoke(app, ["import", *map(str, arguments)])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def test_a_dry_run_says_what_would_happen_and_then_it_does(own, leads):
    whole = (leads, "--workspace", own.slug, "--map", leads.with_name("map.yaml"), "--json")
    told = json.loads(run(*whole, "--dry-run").stdout)
    assert (told["dry_run"], told["new"], told["problem"]) == (True, 1, 1)
    assert told["problems"][0]["line"] == 3
    assert not Lead.objects.of(own).exists()
    done = json.loads(run(*whole).stdout)
    assert done["new"] == told["new"]
    assert Contact.objects.of(own).get().email == "ann@x.example"
    assert Lead.objects.of(own).get().key == "1"


def test_what_cannot_be_guessed_is_asked(own, leads):
    leads.with_name("map.yaml").write_text("columns: {Mail: skip}\n", "utf-8")
    with pytest.raises(Refused, match="No column is mapped to what leads are known by"):
        run(leads, "--workspace", own.slug, "--map", leads.with_name("map.yaml"))
    leads.with_name("map.yaml").write_text("columns: {Ref: id}\n", "utf-8")
    with pytest.raises(Refused, match="can be read in two ways"):
        run(leads, "--workspace", own.slug, "--map", leads.with_name("map.yaml"))
    leads.with_name("map.yaml").write_text("columns: {Reff: id}\n", "utf-8")
    with pytest.raises(Refused, match="no column 'Reff'"):
        run(leads, "--workspace", own.slug, "--map", leads.with_name("map.yaml"))
    assert Import.objects.of(own).filter(began_at__isnull=False).count() == 0


def test_a_workspace_that_is_not_there(own, leads):
    with pytest.raises(Absent):
        run(leads, "--workspace", "nowhere")
