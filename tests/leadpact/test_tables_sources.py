"""Exported files: what they are written in, and what they may not do to the machine."""

import gzip
import io
import zipfile

import pytest

from leadpact.tables.encodings import encoding_of
from leadpact.tables.sheets import MOST_UNPACKED
from leadpact.tables.sources import Reading, source

TEXTS = {
    "cp1252": "id;stadt\n1;Mühlhausen\n2;Köln\n3;Düsseldorf\n4;Straße\n",
    "cp1250": "id;miasto\n1;Łódź\n2;Gdańsk\n3;Wrocław\n4;Poznań\n5;Częstochowa\n6;Kraków\n",
    "cp1251": "id;город\n1;Москва\n2;Харьков\n3;Одесса\n",
    "cp1256": "شناسه;نام\n1;علی رضایی\n2;مریم احمدی\n3;تهران\n",
    "cp874": "รหัส;จังหวัด\n1;กรุงเทพมหานคร\n2;เชียงใหม่\n3;ขอนแก่น\n",
    "big5": "編號;名稱\n1;台北市政府\n2;高雄市公司\n3;電話號碼\n",
    "utf-8": "id;miasto\n1;Łódź\n2;กรุงเทพ\n3;علی\n",
    "utf-8-sig": "id;miasto\n1;Łódź\n",
    "utf-16": "id;miasto\n1;Łódź\n",
    "utf-16-le": "id;city\n1;Lodz\n2;Cologne\n",
    "utf-16-be": "id;city\n1;Lodz\n2;Cologne\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_encoding_of_a_file_is_found(encoding):
    text = TEXTS[encoding].replace("علی", "علي") if encoding == "cp1256" else TEXTS[encoding]
    data = text.replace("ی", "ي").encode(encoding)
    assert encoding_of(data) == encoding
    table, problems = source(data, Reading())
    assert problems == []
    assert (table.encoding, table.separator) == (encoding, ";")
    assert len(table) == text.count("\n") - 1


def test_one_strange_sign_is_taken_for_the_most_common_code_page():
    assert encoding_of("a,b\n1,©\n".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_of_a_file_is_found(separator):
    text = f"id{separator}name\n1{separator}Smith\n2{separator}Jones\n"
    table, problems = source(text.encode(), Reading())
    assert (table.separator, problems) == (separator, [])
    assert table.columns["name"].to_pylist() == ["Smith", "Jones"]


def test_the_mapping_may_say_how_a_file_is_read():
    data = "title\n\nid|näme\n1|x;y\n".encode("cp437")
    reading = Reading(encoding="cp437", separator="|", header_row=3)
    table, problems = source(data, reading)
    assert problems == []
    assert table.columns["näme"].to_pylist() == ["x;y"]
    assert table.rows.tolist() == [4]


@pytest.mark.parametrize(
    "data, reading, what",
    [
        (b"", Reading(), "The file is empty."),
        (b"a,b\n1,\0\n", Reading(), "The text holds a NUL character."),
        (b"a,b\n1,\xff\n", Reading(encoding="utf-8"), "The file is not utf-8"),
        (b"a,b\n1,2\n", Reading(encoding="klingon"), "'klingon' is no encoding."),
        (b"PK\x03\x04 no zip", Reading(), "The workbook is damaged"),
        (b"\xd0\xcf\x11\xe0 no workbook", Reading(), "The workbook can't be read"),
        (b"\x1f\x8b no gzip", Reading(), "The gzip file is damaged"),
        (gzip.compress(b"x" * 1000, mtime=0)[:20], Reading(), "The gzip file is cut short."),
    ],
)
def test_a_file_that_can_not_be_read_is_a_problem(data, reading, what):
    table, (problem,) = source(data, reading)
    assert table is None
    assert problem.problem.startswith(what)
    assert problem.remedy


def test_rows_that_are_no_rows_are_told_and_the_others_kept():
    table, problems = source(b"a,b\n1,2\n3\n4,5,6\n7,8\n", Reading())
    assert table.columns["a"].to_pylist() == ["1", "7"]
    assert table.rows.tolist() == [2, 5]
    assert [problem.line for problem in problems] == [3, 4]


def minimal_workbook(sheet_xml, extra=()):
    """A workbook of the fewest parts that spreadsheet programs open."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/>'
        '<xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet_xml}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (*parts.items(), *extra):
            archive.writestr(name, text)
    return file.getvalue()


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_workbook_is_read_as_the_text_of_its_cells():
    rows = [
        f'<row r="1">{cell("A1", "Id")}{cell("B1", "Amount")}{cell("C1", "Open")}</row>',
        f'<row r="2">{cell("A2", "L-1")}<c r="B2"><v>12.5</v></c><c r="C2" t="b"><v>1</v></c></row>',
        f'<row r="4">{cell("A4", "L-2")}<c r="B4"><v>3</v></c></row>',
    ]
    table, problems = source(minimal_workbook("".join(rows)), Reading())
    assert problems == []
    assert (table.encoding, table.separator) == ("xlsx", "Leads")
    assert {name: column.to_pylist() for name, column in table.columns.items()} == {
        "id": ["L-1", "L-2"],
        "amount": ["12.5", "3"],
        "open": ["yes", None],
    }
    assert table.rows.tolist() == [2, 4]


def test_dates_and_durations_of_a_workbook_are_spelt_plainly():
    names = "".join(
        cell(place, name) for place, name in (("A1", "when"), ("B1", "day"), ("C1", "took"))
    )
    values = "".join(
        f'<c r="{place}" s="{style}"><v>{days}</v></c>'
        for place, style, days in (
            ("A2", 1, "46094.5208333333"),
            ("B2", 2, "46094"),
            ("C2", 3, "1.08333333333333"),
        )
    )
    data = minimal_workbook(f'<row r="1">{names}</row><row r="2">{values}</row>')
    table, _problems = source(data, Reading(sheet="Leads"))
    assert [column.to_pylist() for column in table.columns.values()] == [
        ["2026-03-13 12:30:00"],
        ["2026-03-13"],
        ["1 day, 2:00:00"],
    ]


def test_a_sheet_that_is_not_there_is_a_problem():
    data = minimal_workbook(f'<row r="1">{cell("A1", "Id")}</row>')
    table, (problem,) = source(data, Reading(sheet="Laeds"))
    assert (table, problem.problem) == (None, "There is no sheet 'Laeds'.")
    table, (problem,) = source(data, Reading(header_row=7))
    assert (table, problem.path) == (None, "header row")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_does():
    block = b"\0" * 2**20

    def packed(size):
        file = io.BytesIO()
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
        ):
            for _block in range(size // len(block)):
                part.write(block)
        return file.getvalue()

    data = packed(MOST_UNPACKED + 2**20)
    assert len(data) < 1_000_000
    table, (problem,) = source(data, Reading())
    assert table is None
    assert problem.problem.startswith("The workbook unpacks to 537,919,488 bytes")


def test_a_sheet_of_two_cells_that_spans_billions_is_refused():
    rows = f'<row r="1">{cell("A1", "Id")}</row><row r="1048576">{cell("XFD1048576", "x")}</row>'
    table, (problem,) = source(minimal_workbook(rows), Reading())
    assert table is None
    assert problem.problem == "The workbook unpacks to more than 20,000,000 cells."


def test_a_workbook_of_thousands_of_parts_is_refused():
    extra = [(f"xl/media/{number}.xml", "") for number in range(2_100)]
    table, (problem,) = source(minimal_workbook("", extra), Reading())
    assert table is None
    assert problem.problem.startswith("The workbook unpacks to")
