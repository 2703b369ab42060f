"""Rows: what a cell says, in three calendars, five languages and any digits."""

import pytest

from leaddesk.wire.dates import is_ambiguous, moment_of, usual_order
from leaddesk.wire.places import country_of, language_of
from leaddesk.wire.telling import Meaning, Reader, salesforce_id
from tests.leaddesk.desk import at

NOW = at("2026-03-12 09:00")


def told(**cells):
    """What a row with these cells by field says; `kept_…` is kept as an attribute."""
    names = [*cells]
    fields = tuple("attribute" if name.startswith("kept") else name for name in names)
    reader = Reader(names, Meaning(fields, "id", "dmy", "Europe/Warsaw"), NOW)
    return reader.told([*cells.values()])


@pytest.mark.parametrize(
    ("text", "order", "instant"),
    [
        ("2026-01-15 10:00", "dmy", "2026-01-15T09:00:00Z"),
        ("2026-01-15T10:00:00.000+0000", "dmy", "2026-01-15T10:00:00Z"),
        ("2026-07-15 10:00", "dmy", "2026-07-15T08:00:00Z"),
        ("15.01.2026 10:00:30", "dmy", "2026-01-15T09:00:30Z"),
        ("1/15/26 2:30 PM", "mdy", "2026-01-15T13:30:00Z"),
        ("15 Apr, 2021 00:03:00", "dmy", "2021-04-14T22:03:00Z"),
        ("Jan 5, 2026", "dmy", "2026-01-05"),
        ("03/04/2025", "dmy", "2025-04-03"),
        ("03/04/2025", "mdy", "2025-03-04"),
        ("13/02/2569", "dmy", "2026-02-13"),
        ("۱۴۰۴/۱۱/۲۴", "dmy", "2026-02-13"),
        ("1404/11/24 10:00", "dmy", "2026-02-13T09:00:00Z"),
        ("1700000000000", "dmy", "2023-11-14T22:13:20Z"),
    ],
)
def test_dates(text, order, instant):
    assert moment_of(text, order, "Europe/Warsaw").told == instant


@pytest.mark.parametrize(
    "text", ["soon", "31/02/2026", "2026-13-01", "0001-01-01", "99/99/9999", "1404/13/01", "12:30"]
)
def test_what_is_no_date(text):
    assert moment_of(text, "dmy", "UTC") is None


def test_only_dates_that_can_be_either_are_asked():
    assert is_ambiguous(["03/04/2026", "05/05/2026", "01/02/2026"])
    assert not is_ambiguous(["03/04/2026", "13/02/2026"])
    assert not is_ambiguous(["2026-03-04", ""])
    assert usual_order(["1/13/2026", "2/14/2026", "15/1/2026"]) == "mdy"


def test_a_bare_time_says_so():
    assert moment_of("2026-01-15 10:00", "dmy", "UTC").is_bare
    assert not moment_of("2026-01-15 10:00Z", "dmy", "UTC").is_bare
    assert not moment_of("2026-01-15", "dmy", "UTC").is_bare


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("PL", "PL"), ("usa", "US"), ("Brésil", "BR"), ("ไทย", "TH"), ("ایران", "IR")),
        *(("Jerman", "DE"), ("Philipines", None), ("zz", None)),
    ],
)
def test_countries(text, code):
    assert country_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("fr", "fr"), ("en_US", "en-us"), ("Persian", "fa"), ("français", "fr"), ("klingonese", None)],
)
def test_languages(text, code):
    assert language_of(text) == code


def test_a_row_is_a_person_a_company_and_attributes():
    row = told(
        id=" 42 ",
        first_name="Ann",
        last_name="Lee",
        email="<ann@x.example>",
        phone="'+۹۸ ۹۱۲",
        company="X Ltd",
        domain="https://www.x.example/about",
        country="Pologne",
        employees="1,234",
        revenue="€ 1.234.567,50",
        source="N/A",
        owner="ana",
        kept_shoe="43",
        opted_out="TRUE",
    )
    assert row.problems == []
    assert row.match == "42"
    assert row.person == {"email": "ann@x.example", "phone": "+98 912", "name": "Ann Lee"}
    assert row.company == {"name": "X Ltd", "domain": "x.example", "country": "PL"}
    assert row.attributes == {
        "country": "PL",
        "employees": "1234",
        "revenue": "1234567.50",
        "kept_shoe": "43",
    }
    assert row.is_opted_out


def test_free_mail_is_nobodys_company():
    assert told(id="1", domain="gmail.com").company == {}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"id": ""}, "There is no id."),
        ({"id": "a@b.example"}, "can't be the id"),
        ({"id": "1", "email": "nobody"}, "is no e-mail address"),
        ({"id": "1", "zone": "Mars"}, "no time zone"),
        ({"id": "1", "country": "Atlantis"}, "is no country"),
        ({"id": "1", "created_at": "soon"}, "is no date"),
        ({"id": "1", "created_at": "2026-03-13 10:00"}, "in the future"),
        ({"id": "1", "kept": "write to a@b.example"}, "can't be kept here"),
        ({"id": "1", "name": "x" * 301}, "longer than 300"),
        ({"id": "1", "name": "a\u202eb"}, "can't be seen"),
    ],
)
def test_what_is_wrong_stands_at_its_cell(cells, said):
    row = told(**cells)
    assert len(row.problems) == 1
    column, problem, remedy = row.problems[0]
    assert said in problem
    assert remedy
    assert column == len(cells) - 1


def test_ids_of_salesforce():
    assert salesforce_id("00Q5f00000A1bCd") == salesforce_id(salesforce_id("00Q5f00000A1bCd"))
    assert salesforce_id("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert salesforce_id("L-1") == "L-1"
