"""The pages of an import: each step, what goes wrong, and who may."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leaddesk.book import imports
from leaddesk.book.models import Contact, Import, ImportRow, Lead, User
from leaddesk.pages import imports as pages
from leaddesk.wire import jobs
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = """\
Record ID,Name,Email,Company,Created,Salary
501,Somchai Jaidee,somchai@siam.example,Siam Retail,2026-02-01 10:00,=1+1
502,Marie Dupont,marie@lumiere.example,Lumière,2026-02-03 11:30,2
503,Lee Short,not an address,,2026-02-05 08:15,3
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Let pages end their jobs themselves, however busy the machine is."""
    monkeypatch.setattr(pages, "AT_ONCE", 60)


def brought(visitor, text=LEADS):
    answer = send(visitor, "/imports/new", text=text)
    assert answer.status_code == 302, text_of(answer)
    return Import.across.order_by("-id")[0]


def at(whole, step):
    return f"/imports/{whole.key}/{step}"


def checked(visitor, text=LEADS, **said):
    whole = brought(visitor, text)
    page = visitor.get(at(whole, "map")).text
    chosen = {}
    for name, body in re.findall(r'<select id="(column-\d+)".*?>(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="(\w+)" selected', body)
        chosen[name] = found[1] if found else ""
    match = re.search(r'name="match" value="(\w+)" checked', page)[1]
    given = {"match": match, "zone": "Europe/Warsaw", **chosen, **said}
    answer = send(visitor, at(whole, "map"), **given)
    assert answer.status_code == 302, text_of(answer)
    return whole


def test_from_a_pasted_text_to_leads_and_back(visitor, own):
    empty = text_of(visitor.get("/imports"))
    assert "No file was imported yet" in empty
    whole = brought(visitor)
    words = text_of(visitor.get(at(whole, "file")))
    for part in ("Rows 3", "Encoding utf-8", "Separator comma", "Siam Retail"):
        assert part in words
    words = text_of(visitor.get(at(whole, "map")))
    assert "The times in this file name no time zone" in words
    whole = checked(visitor)
    page = visitor.get(at(whole, "check"))
    for part in ("New 2", "Problem 1", "is no e-mail address"):
        assert part in text_of(page)
    row = ImportRow.objects.of(own).get(whole=whole, outcome="problem")
    answer = send(visitor, at(whole, "check"), **{f"cell-{row.number}-2": "lee@short.example"})
    assert answer.status_code == 302
    assert "Problem 0" in text_of(visitor.get(at(whole, "check")))
    send(visitor, at(whole, "try"), form=at(whole, "check"))
    words = text_of(visitor.get(at(whole, "try")))
    for part in ("New 3", "No promise starts", "Import 3 leads", "2 new companies"):
        assert part in words
    assert not Lead.objects.of(own).exists()
    send(visitor, at(whole, "begin"), form=at(whole, "try"))
    words = text_of(visitor.get(at(whole, "result")))
    for part in ("3 leads are in.", "Undo the import, until", "Mar 19, 2026"):
        assert part in words, words
    assert Lead.objects.of(own).count() == 3
    send(visitor, at(whole, "undo"), form=at(whole, "result"))
    words = text_of(visitor.get(at(whole, "result")))
    assert "The import is undone: 3 leads were removed, 0 have again what they had." in words
    assert not Contact.objects.of(own).exists()
    assert "undone" in text_of(visitor.get("/imports"))


def test_a_file_and_going_back_lose_nothing(visitor, own):
    page = visitor.get("/imports/new").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    data = "﻿Id;Nom;Courriel\r\n7;Élodie;elodie@x.example\r\n".encode()
    sent = {"file": SimpleUploadedFile("prospects.csv", data), "csrfmiddlewaretoken": token}
    visitor.post("/imports/new", sent)
    whole = Import.objects.of(own).get()
    assert whole.name == "prospects.csv"
    assert "semicolon" in text_of(visitor.get(at(whole, "file")))
    given = {"match": "email", "column-0": "", "column-1": "last_name", "column-2": "email"}
    send(visitor, at(whole, "map"), **given)
    page = visitor.get(at(whole, "map")).text
    assert 'name="match" value="email" checked' in page
    assert re.search(r'id="column-1".*?value="last_name" selected', page, re.DOTALL)
    assert visitor.get(at(whole, "file")).status_code == 200
    answer = send(visitor, at(whole, "file"), separator="tab", header_row="1")
    assert answer.status_code == 302
    assert Import.objects.of(own).get().header == ["Id;Nom;Courriel"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file, or paste the rows."),
        ("   \n\n", "Choose a file, or paste the rows."),
        ("a,b\n", "no rows"),
        ("a,b\n1,\0\n", "The text holds a NUL character."),
        ('a,b\n1,"2\n3,4\n', "A quote opens here and is never closed."),
        ("%PDF-1.4\n", "This is a PDF file, not a table."),
        (",".join("a" * 401) + "\n1\n", "more than 400 columns"),
    ],
)
def test_what_is_no_table_is_named_and_the_text_kept(visitor, text, said):
    answer = send(visitor, "/imports/new", text=text)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert not Import.across.exists()


def test_a_mapping_that_does_not_fit_is_refused_with_what_was_chosen(visitor):
    whole = brought(visitor)
    given = {"match": "id", "column-1": "name", "column-2": "name", "column-3": "nonsense"}
    answer = send(visitor, at(whole, "map"), **given)
    assert answer.status_code == 422
    words = text_of(answer)
    for part in (
        "Two columns are mapped to 'Full name'.",
        "There is no such field.",
        "No column is mapped to what leads are known by.",
    ):
        assert part in words
    assert re.search(r'id="column-2".*?value="name" selected', answer.text, re.DOTALL)


def test_dates_that_can_be_read_in_two_ways_are_asked_once(visitor, own):
    text = "Id,Created\n1,01/02/2026\n2,02/03/2026\n"
    whole = brought(visitor, text)
    given = {"match": "id", "column-0": "id", "column-1": "created_at"}
    answer = send(visitor, at(whole, "map"), **given)
    assert answer.status_code == 422
    assert "What is 03/04/2026 in this file?" in text_of(answer)
    send(visitor, at(whole, "map"), **given, order="mdy")
    assert ImportRow.objects.of(own).filter(outcome="new").count() == 2
    again = brought(visitor, text)
    assert 'id="order-mdy" name="order" value="mdy" checked' in visitor.get(at(again, "map")).text


def test_problem_rows_leave_with_reasons_and_without_formulas(visitor):
    text = "Id,Email,=cmd\n1,bad,=1+1\n2,a@b.example,@x\n2,a@b.example,+y\n"
    whole = checked(visitor, text)
    answer = visitor.get(at(whole, "problems.csv"))
    rows = [*csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))]
    assert rows[0] == ["Line", "Reason", "Id", "Email", "'=cmd"]
    assert rows[1][2:] == ["1", "bad", "'=1+1"]
    assert "is no e-mail address" in rows[1][1]
    assert rows[2][:1] + rows[2][2:] == ["4", "2", "a@b.example", "'+y"]


def test_a_long_job_can_be_left_and_looked_at_again(visitor, own, monkeypatch):
    monkeypatch.setattr(pages, "AT_ONCE", 0)
    whole = checked(visitor)
    page = visitor.get(at(whole, "check"))
    assert "<title>0% · Checking the rows · Leadpact</title>" in page.text
    assert f'hx-get="/imports/{whole.key}/progress"' in page.text
    part = visitor.get(at(whole, "progress"))
    assert "0 of 3 rows" in text_of(part)
    Import.objects.of(own).update(done=2)
    part = visitor.get(at(whole, "progress"))
    assert "<title>66% · Checking the rows · Leadpact</title>" in part.text  # the window's, by htmx
    Import.objects.of(own).update(done=0)
    assert "HX-Refresh" not in part.headers
    jobs.work(imports.claim(Import.objects.of(own).get().created_at), 60)
    assert visitor.get(at(whole, "progress")).headers["HX-Refresh"] == "true"
    assert "New 2" in text_of(visitor.get(at(whole, "check")))


def test_markup_long_names_and_strange_signs_stay_text(visitor, own):
    name = "<script>alert(1)</script>" + "x" * 9_000
    text = f'Id,Name,Email\n1,"{name}",a@b.example\n2,"a\u202eb",c@d.example\n'
    whole = checked(visitor, text)
    page = visitor.get(at(whole, "check"))
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert imports.counts(whole)["problem"] == 2
    for path in (
        "/imports/nothing",
        at(whole, "check") + "?show=zzz&after=99999999999999999999",
        at(whole, "check") + "?show=problem&after=-1",
    ):
        assert visitor.get(path).status_code in {200, 404}
    row = ImportRow.objects.of(own).filter(whole=whole)[0]
    bad = {f"cell-{row.number}-1": "a\0b", "cell-99999999-9999": "x", "cell-x-y": "z"}
    assert send(visitor, at(whole, "check"), **bad).status_code == 302


def test_stale_steps_say_so(visitor, own):
    whole = checked(visitor)
    answer = send(visitor, at(whole, "begin"), form=at(whole, "check"))
    assert answer.status_code == 302
    assert not Lead.objects.of(own).exists()
    send(visitor, at(whole, "try"), form=at(whole, "check"))
    send(visitor, at(whole, "begin"), form=at(whole, "try"))
    for step in ("file", "map", "check", "try"):
        answer = visitor.get(at(whole, step))
        assert answer.headers["Location"] == at(whole, "result")
    send(visitor, at(whole, "begin"), form=at(whole, "result"))
    said = "This import has gone on meanwhile. Look at where it stands now."
    assert said in text_of(visitor.get(at(whole, "result")))
    assert Lead.objects.of(own).count() == 2


def test_who_may(visitor, own, mia):
    whole = checked(visitor)
    for role, status in (
        *(("marketing lead", 200), ("sales lead", 200), ("marketer", 200)),
        *(("rep", 403), ("viewer", 403), ("auditor", 403)),
    ):
        mia.role = role
        mia.save()
        for path in ("/imports", "/imports/new", at(whole, "check"), at(whole, "problems.csv")):
            assert visitor.get(path).status_code == status, (role, path)
    other = workspace(name="Elsewhere")
    user = User.objects.create_user("sam@x.example", PASSWORD)
    person(other, "sam", role="admin", user=user)
    stranger = Client(enforce_csrf_checks=True)
    send(stranger, "/sign-in", email="sam@x.example", password=PASSWORD)
    for step in ("file", "map", "check", "try", "result", "progress", "problems.csv"):
        assert stranger.get(at(whole, step)).status_code == 404


def test_no_page_asks_the_database_row_by_row(visitor):
    rows = "".join(f"{n},n{n}@x{n}.example,Company {n}\n" for n in range(120))
    whole = checked(visitor, f"Id,Email,Company\n{rows}")
    for step in ("file", "map", "check"):
        with CaptureQueriesContext(connection) as asked:
            visitor.get(at(whole, step))
        assert len(asked) <= 20, step
    send(visitor, at(whole, "try"), form=at(whole, "check"))
    with CaptureQueriesContext(connection) as asked:
        visitor.get(at(whole, "try"))
    assert len(asked) <= 20
    assert visitor.get(at(whole, "check") + "?show=new").text.count("<tr>") == 21
