"""Files: whatever program wrote them, they are read, or what is wrong with them is named."""

import gzip
import io
import zipfile

import pytest

from leaddesk.wire.reading import MOST_ROWS, Choice, Table, table_of
from leadpact.problem import Problem


def read(data, **choice):
    table = table_of(data.encode() if isinstance(data, str) else data, Choice(**choice))
    assert isinstance(table, Table), table
    return table


def cells(table):
    return [row.cells for row in table.rows]


def test_quotes_line_breaks_and_short_and_long_rows():
    table = read('a,b,c\r\n1,"two\nlines",3\r\n4\r\n5,6,7,8\r\n')
    assert table.header == ["a", "b", "c", ""]
    assert cells(table) == [["1", "two lines", "3", ""], ["4", "", "", ""], ["5", "6", "7", "8"]]
    assert [row.line for row in table.rows] == [2, 4, 5]


def test_a_quote_in_the_middle_of_a_cell_is_a_sign():
    assert cells(read('a,b\n5" pipe,x\n')) == [['5" pipe', "x"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator):
    assert read(f"a{separator}b\n1{separator}2\n").separator == separator


def test_a_title_a_header_again_and_a_footer_are_left_out():
    table = read(
        "Leads of May\n\nId,Name,City\n1,A,X\nId,Name,City\n2,B,Y\nTotal,2,\nConfidential,,\n"
    )
    assert table.header == ["Id", "Name", "City"]
    assert table.header_row == 3
    assert cells(table) == [["1", "A", "X"], ["2", "B", "Y"]]
    assert table.left_out == {"before the header": 1, "header again": 1, "footer": 2}


def test_a_single_column_has_no_footer():
    assert len(read("Email\na@b.example\nc@d.example\n").rows) == 2


def test_somebody_may_know_better():
    data = "x;y\n1;2\n3;4\n"
    assert read(data, separator=",").header == ["x;y"]
    assert read(data, header_row=2).header == ["1", "2"]
    assert read("é,b\n1,2\n".encode("cp1252"), encoding="cp1252").header == ["é", "b"]


def test_a_packed_file():
    assert cells(read(gzip.compress(b"a,b\n1,2\n"))) == [["1", "2"]]


def bomb():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (600 * 2**20))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,\x00\n", "NUL"),
        (b'a,b\n1,"2\n3,4\n', "never closed"),
        (b"\x89PNG\r\n", "PNG"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04nonsense", "damaged"),
        (gzip.compress(b"a,b\n" * 10, mtime=0)[:-9], "cut short"),
        (b"a\n" + b"1\n" * (MOST_ROWS + 30), "more than"),
        (b"a" + b"," * 500 + b"b\n1\n", "columns"),
    ],
)
def test_what_is_wrong_is_named(data, said):
    problem = table_of(data)
    assert isinstance(problem, Problem)
    assert said in str(problem)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened():
    problem = table_of(bomb())
    assert isinstance(problem, Problem)
    assert "unpacks to" in problem.problem


def test_a_chosen_header_that_is_not_there():
    assert isinstance(table_of(b"a\n1\n", Choice(header_row=9)), Problem)
