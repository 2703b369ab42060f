"""Columns: ten files as people bring them, in five languages; what each column means is guessed."""

import io
import zipfile
from pathlib import Path

import pytest

from leaddesk.wire.fields import FIELDS, attribute_of, guesses, plain_header
from leaddesk.wire.reading import Table, table_of

HUBSPOT = {
    "Record ID": ("id", "501"),
    "First Name": ("first_name", "Chai"),
    "Last Name": ("last_name", "Noi"),
    "Email": ("email", "chai@siam.example"),
    "Phone Number": ("phone", "+66 2 123"),
    "Job Title": ("title", "Buyer"),
    "Company Name": ("company", "Siam Retail"),
    "Website URL": ("domain", "siam.example"),
    "Contact owner": ("owner", "Ana"),
    "Lifecycle Stage": ("lifecycle_stage", "Lead"),
    "Lead Status": ("status", "NEW"),
    "Original Source": ("source", "Organic Search"),
    "Create Date": ("created_at", "2026-02-01 10:00"),
    "Last Activity Date": ("", "2026-02-02 11:00"),
    "Number of times contacted": ("", "2"),
    "Country/Region": ("country", "Thailand"),
    "State/Region": ("region", "Bangkok"),
    "Annual Revenue": ("revenue", "$1,234,567"),
    "Number of Employees": ("employees", "120"),
    "Became a Lead Date": ("", "2026-02-01 10:00"),
}
SALESFORCE_REPORT = {
    "Lead Owner": ("owner", "Ana Sales"),
    "First Name": ("first_name", "Chris"),
    "Last Name": ("last_name", "Lewis"),
    "Title": ("title", "CEO"),
    "Company / Account": ("company", "Hale-Young"),
    "Lead Source": ("source", "Web"),
    "Rating": ("rating", "Hot"),
    "Street": ("", "1 Road"),
    "Email": ("email", "c@hale.example"),
    "Lead Status": ("status", "Open - Not Contacted"),
    "Create Date": ("created_at", "7/19/2025"),
}
DATA_LOADER = {
    "ID": ("id", "00Q5f00000A1bCd"),
    "FIRSTNAME": ("first_name", "Kim"),
    "LASTNAME": ("last_name", "Park"),
    "COMPANY": ("company", "Han"),
    "EMAIL": ("email", "kim@han.example"),
    "PHONE": ("phone", "123"),
    "TITLE": ("title", "CTO"),
    "LEADSOURCE": ("source", "Web"),
    "STATUS": ("status", "Open"),
    "RATING": ("rating", "Warm"),
    "INDUSTRY": ("industry", "Retail"),
    "ANNUALREVENUE": ("revenue", "100000"),
    "NUMBEROFEMPLOYEES": ("employees", "12"),
    "OWNERID": ("owner", "0055f000001"),
    "CREATEDDATE": ("created_at", "2026-02-01T10:00:00.000+0000"),
    "CONVERTEDDATE": ("", ""),
    "ISCONVERTED": ("", "false"),
    "HASOPTEDOUTOFEMAIL": ("opted_out", "false"),
    "LASTACTIVITYDATE": ("", ""),
}
PLAIN = {
    "Full name": ("name", "Ann Lee"),
    "E-mail": ("email", "ann@x.example"),
    "Mobile": ("phone", "123"),
    "Company": ("company", "X"),
    "Website": ("domain", "x.example"),
    "Country": ("country", "US"),
    "Language": ("language", "English"),
    "Time zone": ("zone", "America/New_York"),
    "Source": ("source", "fair"),
    "Campaign": ("campaign", "spring"),
    "Lead type": ("type", "demo"),
    "Stream": ("stream", "shops"),
    "Segment": ("segment", "SMB"),
    "Created at": ("created_at", "2026-02-01"),
    "Industry": ("industry", "retail"),
    "Notes": ("", "called twice"),
}
FRENCH = {
    "Identifiant": ("id", "1"),
    "Prénom": ("first_name", "Élodie"),
    "Nom": ("last_name", "Dupré"),
    "Courriel": ("email", "e@d.example"),
    "Téléphone": ("phone", "01 23"),
    "Société": ("company", "Dupré SA"),
    "Fonction": ("title", "Gérante"),
    "Pays": ("country", "France"),
    "Ville": ("city", "Orléans"),
    "Langue": ("language", "français"),
    "Origine": ("source", "salon"),
    "Campagne": ("campaign", "été"),
    "Secteur d'activité": ("industry", "détail"),
    "Nombre d'employés": ("employees", "12"),
    "Chiffre d'affaires": ("revenue", "1 234,50 €"),
    "Date de création": ("created_at", "13/02/2026"),
    "Responsable": ("owner", "Ana"),
    "Remarques": ("", "à rappeler"),
}
INDONESIAN = {
    "Kode": ("id", "A-1"),
    "Nama Lengkap": ("name", "Budi Santoso"),
    "Surel": ("email", "b@n.example"),
    "No. HP": ("phone", "0812"),
    "Nama Perusahaan": ("company", "PT Nusantara"),
    "Jabatan": ("title", "Manajer"),
    "Negara": ("country", "Indonesia"),
    "Provinsi": ("region", "Bali"),
    "Kota": ("city", "Denpasar"),
    "Sumber": ("source", "iklan"),
    "Kampanye": ("campaign", "lebaran"),
    "Industri": ("industry", "ritel"),
    "Jumlah Karyawan": ("employees", "40"),
    "Tanggal Dibuat": ("created_at", "13-02-2026 08:15"),
    "Pemilik": ("owner", "Ana"),
    "Catatan": ("", "-"),
}
THAI = {
    "รหัส": ("id", "1"),
    "ชื่อ": ("first_name", "สมชาย"),
    "นามสกุล": ("last_name", "ใจดี"),
    "อีเมล": ("email", "s@t.example"),
    "โทรศัพท์": ("phone", "02-123"),
    "บริษัท": ("company", "สยาม"),
    "ตำแหน่ง": ("title", "ผู้จัดการ"),
    "ประเทศ": ("country", "ไทย"),
    "จังหวัด": ("region", "เชียงใหม่"),
    "ช่องทาง": ("source", "เว็บ"),
    "แคมเปญ": ("campaign", "สงกรานต์"),
    "จำนวนพนักงาน": ("employees", "12"),
    "วันที่สร้าง": ("created_at", "13/02/2569"),
    "ผู้รับผิดชอบ": ("owner", "Ana"),
    "หมายเหตุ": ("", "โทรกลับ"),
}
PERSIAN = {
    "شناسه": ("id", "۱"),
    "نام": ("first_name", "طاها"),
    "نام خانوادگي": ("last_name", "سلطانی"),
    "پست الکترونیک": ("email", "t@s.example"),
    "شماره تماس": ("phone", "۰۹۱۲"),
    "شرکت": ("company", "تولی پرس"),
    "سمت": ("title", "مدیر"),
    "كشور": ("country", "ایران"),
    "استان": ("region", "یزد"),
    "شهر": ("city", "یزد"),
    "منبع": ("source", "وب"),
    "کمپین": ("campaign", "نوروز"),
    "صنعت": ("industry", "نساجی"),
    "تاریخ ایجاد": ("created_at", "۱۴۰۴/۱۱/۲۴"),
    "مسئول": ("owner", "Ana"),
    "توضیحات": ("", "تماس"),
}


def written(columns, separator=",", newline="\n", quoted=False):
    """A file with one row of these columns."""
    rows = [[*columns], [value for _field, value in columns.values()]]
    mark = '"' if quoted or separator == "," else ""
    return newline.join(separator.join(f"{mark}{one}{mark}" for one in row) for row in rows)


def workbook(columns, above=()):
    """An XLSX with the least that a program needs."""
    rows = [*([one] for one in above), [*columns], [value for _field, value in columns.values()]]
    body = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{chr(65 + place)}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for place, cell in enumerate(row)
        )
        + "</row>"
        for n, row in enumerate(rows, 1)
    )
    kind = "http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kind}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{kind}/package/2006/relationships"><Relationship Id="r1" Type="{kind}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{kind}/spreadsheetml/2006/main" xmlns:r="{kind}/officeDocument/2006/relationships"><sheets><sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{kind}/package/2006/relationships"><Relationship Id="r1" Type="{kind}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{kind}/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>',
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return data.getvalue()


FOOTER = '\n\n\n"Leads report"\n"Confidential Information - Do Not Distribute"\n'
FILES = {
    "hubspot, with a mark, CRLF": (
        written(HUBSPOT, newline="\r\n").encode("utf-8-sig"),
        HUBSPOT,
    ),
    "salesforce report, with its footer": (
        (written(SALESFORCE_REPORT, quoted=True) + FOOTER).encode(),
        SALESFORCE_REPORT,
    ),
    "data loader": (written(DATA_LOADER, quoted=True).encode(), DATA_LOADER),
    "plain english, tabs": (written(PLAIN, "\t").encode(), PLAIN),
    "french, semicolons, cp1252": (written(FRENCH, ";", "\r\n").encode("cp1252"), FRENCH),
    "indonesian": (written(INDONESIAN).encode(), INDONESIAN),
    "thai, tabs, cp874": (written(THAI, "\t").encode("cp874"), THAI),
    "persian": (written(PERSIAN).encode("utf-8-sig"), PERSIAN),
    "persian, utf-16 with tabs": (written(PERSIAN, "\t", "\r\n").encode("utf-16"), PERSIAN),
    "thai workbook with a title": (workbook(THAI, ["รายงานลูกค้า"]), THAI),
}


@pytest.mark.parametrize("name", FILES)
def test_nine_of_ten_columns_are_guessed_right(name):
    data, columns = FILES[name]
    table = table_of(data)
    assert isinstance(table, Table), table
    assert len(table.rows) == 1
    assert [plain_header(one) for one in table.header] == [plain_header(one) for one in columns]
    found = guesses(table.header, [[cell] for cell in table.rows[0].cells])
    right = [
        guess.field == field for guess, (field, _value) in zip(found, columns.values(), strict=True)
    ]
    assert sum(right) >= 0.9 * len(right), [
        (header, guess.field)
        for header, guess, fit in zip(table.header, found, right, strict=True)
        if not fit
    ]


def test_a_field_is_given_once_and_its_values_can_tell():
    found = guesses(["Phone", "Mobile", "Contact us"], [["1"], ["2"], ["a@b.example"]])
    assert [(one.field, one.by) for one in found] == [
        ("phone", "header"),
        ("", ""),
        ("email", "values"),
    ]


def test_a_surname_alone_is_the_name():
    assert [one.field for one in guesses(["Last Name", "Id"], [["x"], ["1"]])] == ["name", "id"]


def test_no_two_fields_claim_one_header():
    claimed = [
        (plain_header(header.removeprefix("-")), name)
        for name, field in FIELDS.items()
        for header in {*field.headers.split("|")}
    ]
    twice = {header for header, _name in claimed if sum(h == header for h, _n in set(claimed)) > 1}
    assert twice == set()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Shoe Size", "shoe_size"),
        ("Kind", "kind_of_file"),
        ("Email", "email_of_file"),
        ("سایز کفش", "سایز_کفش"),
        ("!!!", "_of_file"),
    ],
)
def test_an_attribute_takes_no_name_that_means_something_else(header, name):
    assert attribute_of(header) == name


SHARED = Path(__file__).parents[3] / "shared" / "data" / "messy" / "constructed"


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the awkward files of others are not on this machine"
)
def test_awkward_files_of_others_are_read_and_mostly_known():
    known = total = 0
    for path in sorted(SHARED.iterdir()):
        table = table_of(path.read_bytes())
        assert isinstance(table, Table), path.name
        assert len(table.rows) >= 200, path.name
        samples = [[row.cells[n] for row in table.rows[:3]] for n in range(len(table.header))]
        fields = {one.field for one in guesses(table.header, samples)}
        wanted = {"id", "company", "created_at", "source"} - (
            {"id"} if "salesforce" in path.name else set()
        )
        known, total = known + len(wanted & fields), total + len(wanted)
    assert known == total
