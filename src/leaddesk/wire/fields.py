"""Fields: what a column of a file can mean, and the headers by which it is known in five languages."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leadpact.facts import ENVELOPE, PERSONAL, key
from leadpact.tables.formats import ascii_digits


class Field(NamedTuple):
    """A field: what it is called, where its value goes, and the headers that mean it."""

    label: str | Promise
    goes_to: str  # "lead", "person", "company" or "attribute"
    headers: str  # separated by bars; "-" begins one that is believed only where no other is there


FIELDS: Final[Mapping[str, Field]] = {
    "id": Field(
        _("Id in the other system"),
        "lead",
        "id|lead id|contact id|record id|record id contact|lead record id|external id|crm id|mql id"
        "|identifiant|id prospek|kode|รหัส|รหัสลูกค้า|รหัสลีด|شناسه|کد"
        "|شناسه سرنخ|کد مشتری|hs object id|vid|leadid|contactid",
    ),
    "email": Field(
        _("E-mail address"),
        "person",
        "email|e mail|email address|e mail address|mail|work email|business email|courriel"
        "|adresse e mail|adresse email|adresse mail|adresse de courriel|surel|alamat email"
        "|alamat surel|อีเมล|อีเมล์|ที่อยู่อีเมล|ایمیل|پست الکترونیک|پست الکترونیکی|رایانامه"
        "|نشانی ایمیل|personemail|e mail adresse",
    ),
    "first_name": Field(
        _("First name"),
        "person",
        "first name|firstname|given name|forename|prénom|prenom|nama depan|ชื่อ|ชื่อจริง|نام"
        "|نام کوچک|vorname",
    ),
    "last_name": Field(
        _("Last name"),
        "person",
        "last name|lastname|surname|family name|nom|nom de famille|nama belakang|นามสกุล"
        "|نام خانوادگی|nachname",
    ),
    "name": Field(
        _("Full name"),
        "person",
        "name|full name|fullname|contact name|lead name|contact|person|nom complet|nom et prénom"
        "|nom du contact|nama|nama lengkap|nama kontak|ชื่อ นามสกุล|ชื่อและนามสกุล|ชื่อเต็ม"
        "|ชื่อผู้ติดต่อ|ชื่อลูกค้า|نام و نام خانوادگی|نام کامل|نام مخاطب|نام مشتری",
    ),
    "phone": Field(
        _("Phone"),
        "person",
        "phone|phone number|telephone|telephone number|tel|work phone|business phone|contact number"
        "|téléphone|telephone fixe|numéro de téléphone|n de téléphone|telepon|nomor telepon"
        "|no telepon|no telp|โทรศัพท์|เบอร์โทร|เบอร์โทรศัพท์|หมายเลขโทรศัพท์|تلفن|شماره تلفن"
        "|شماره تماس|telefon|-mobile|-mobile phone|-mobile phone number|-portable|-hp|-no hp"
        "|-nomor hp|-มือถือ|-เบอร์มือถือ|-موبایل|-تلفن همراه|-شماره موبایل|-cell phone|-whatsapp",
    ),
    "title": Field(
        _("Job title"),
        "person",
        "title|job title|jobtitle|position|role title|poste|fonction|intitulé du poste|jabatan"
        "|posisi|ตำแหน่ง|ตำแหน่งงาน|سمت|عنوان شغلی",
    ),
    "language": Field(
        _("Language"),
        "person",
        "language|preferred language|lang|langue|langue préférée|bahasa|ภาษา|زبان|hs language",
    ),
    "zone": Field(
        _("Time zone"),
        "person",
        "time zone|timezone|tz|fuseau horaire|zona waktu|เขตเวลา|โซนเวลา|منطقه زمانی|hs timezone",
    ),
    "company": Field(
        _("Company"),
        "company",
        "company|company name|account|account name|company account|organization|organisation"
        "|organization name|business name|associated company|primary company|entreprise|société"
        "|nom de l entreprise|nom de la société|raison sociale|perusahaan|nama perusahaan|บริษัท"
        "|ชื่อบริษัท|องค์กร|شرکت|نام شرکت|سازمان|firma|unternehmen",
    ),
    "domain": Field(
        _("Domain or web site of the company"),
        "company",
        "domain|company domain|company domain name|website|web site|website url|company website"
        "|url|site web|site internet|domaine|nom de domaine|situs web|situs|laman|เว็บไซต์|โดเมน"
        "|وب سایت|وبسایت|دامنه|تارنما",
    ),
    "country": Field(
        _("Country"),
        "company",
        "country|country region|country code|mailing country|billing country|pays|pays région"
        "|negara|ประเทศ|کشور|land",
    ),
    "source": Field(
        _("Source"),
        "attribute",
        "source|lead source|leadsource|original source|original traffic source|traffic source"
        "|utm source|origin|channel|acquisition channel|source du lead|origine|source d origine"
        "|provenance|sumber|sumber prospek|sumber lead|asal|แหล่งที่มา|ที่มา|ช่องทาง|منبع"
        "|منبع سرنخ|کانال|quelle|herkunft|hs analytics source",
    ),
    "campaign": Field(
        _("Campaign"),
        "attribute",
        "campaign|campaign name|utm campaign|recent campaign|campagne|nom de la campagne|kampanye"
        "|nama kampanye|แคมเปญ|کمپین|نام کمپین",
    ),
    "medium": Field(_("Medium"), "attribute", "medium|utm medium|support|médium|สื่อ|رسانه"),
    "type": Field(
        _("Lead type"),
        "attribute",
        "type|lead type|type of lead|form type|type de lead|type|jenis|tipe|jenis prospek"
        "|tipe prospek|ประเภท|ประเภทลีด|نوع|نوع سرنخ|hs lead type",
    ),
    "stream": Field(
        _("Revenue stream"),
        "attribute",
        "stream|revenue stream|business unit|product line|flux|ligne de produits|lini produk"
        "|unit bisnis|สายผลิตภัณฑ์|หน่วยธุรกิจ|جریان درآمد|خط محصول",
    ),
    "segment": Field(
        _("Segment"), "attribute", "segment|market segment|business segment|segmen|กลุ่ม|بخش"
    ),
    "created_at": Field(
        _("Created at"),
        "lead",
        "created|created at|created on|created date|create date|createdate|created time|date created"
        "|creation date|first contact date|date de création|créé le|date creation|tanggal dibuat"
        "|dibuat|dibuat pada|tanggal masuk|วันที่สร้าง|สร้างเมื่อ|วันที่ติดต่อ|تاریخ ایجاد|ایجاد شده|تاریخ ثبت"
        "|erstellt am|timestamp|-date|-tanggal|-วันที่|-تاریخ",
    ),
    "owner": Field(
        _("Owner"),
        "lead",
        "owner|lead owner|contact owner|account owner|sales rep|rep|assigned to|owner id"
        "|hubspot owner id|propriétaire|propriétaire du lead|propriétaire du contact|responsable"
        "|commercial|attribué à|pemilik|pemilik prospek|pemilik kontak|penanggung jawab|sales"
        "|เจ้าของ|ผู้ดูแล|ผู้รับผิดชอบ|พนักงานขาย|مالک|مسئول|مسئول پیگیری|کارشناس|کارشناس فروش"
        "|صاحب سرنخ",
    ),
    "industry": Field(
        _("Industry"),
        "attribute",
        "industry|sector|secteur|secteur d activité|industrie|industri|sektor|อุตสาหกรรม|ธุรกิจ"
        "|صنعت|حوزه فعالیت|branche",
    ),
    "employees": Field(
        _("Number of employees"),
        "attribute",
        "employees|number of employees|no of employees|numberofemployees|company size|headcount"
        "|effectif|nombre d employés|nombre de salariés|effectifs|jumlah karyawan|karyawan"
        "|จำนวนพนักงาน|พนักงาน|تعداد کارکنان|تعداد کارمندان|تعداد پرسنل",
    ),
    "revenue": Field(
        _("Annual revenue"),
        "attribute",
        "annual revenue|annualrevenue|revenue|turnover|chiffre d affaires|chiffre d affaires annuel"
        "|ca annuel|pendapatan|pendapatan tahunan|omzet|รายได้|รายได้ต่อปี|درآمد|درآمد سالانه",
    ),
    "region": Field(
        _("Region"),
        "attribute",
        "region|state|state region|state province|province|région|département|provinsi|wilayah"
        "|จังหวัด|ภูมิภาค|استان|منطقه|bundesland",
    ),
    "city": Field(_("City"), "attribute", "city|town|ville|kota|เมือง|شهر|ort|stadt"),
    "status": Field(
        _("Status in the other system"),
        "attribute",
        "status|lead status|contact status|hs lead status|statut|statut du lead|status prospek"
        "|สถานะ|สถานะลีด|وضعیت|وضعیت سرنخ",
    ),
    "lifecycle_stage": Field(
        _("Life-cycle stage in the other system"),
        "attribute",
        "lifecycle stage|lifecyclestage|stage|phase du cycle de vie|étape du cycle de vie|étape"
        "|tahap|tahap siklus hidup|ขั้นตอน|ระยะ|مرحله|مرحله چرخه عمر",
    ),
    "rating": Field(_("Rating"), "attribute", "rating|note du lead|peringkat|คะแนน|رتبه"),
    "opted_out": Field(
        _("Must not be contacted"),
        "lead",
        "opted out|opted out of email|email opt out|has opted out of email|hasoptedoutofemail"
        "|unsubscribed|unsubscribed from all email|do not contact|désinscrit|désabonné"
        "|ne pas contacter|berhenti berlangganan|jangan dihubungi|ยกเลิกรับข่าวสาร|ห้ามติดต่อ"
        "|لغو اشتراک|عدم تماس|hs email optout",
    ),
}
"""What columns can mean, in the order in which they are offered."""
SKIP, KEEP = "", "attribute"
"""A column that is left out, and one that is kept as an attribute under its own name."""
_MARKS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_LETTERS = re.compile(r"[^\w]+|_+")
_TAKEN = frozenset(
    {*(one.name for one in ENVELOPE), *PERSONAL, *FIELDS, "source", "by", "note", "why", "reason"}
)


def plain_header(name: str) -> str:
    """A header as it is compared: without case, marks and signs, with one kind of Persian letters."""
    text = _MARKS.sub(" ", unicodedata.normalize("NFKC", name))
    text = text.replace("ي", "ی").replace("ك", "ک").replace("ى", "ی")
    text = _NO_LETTERS.sub(" ", _with_marks(_CAMEL.sub(" ", text))).casefold()
    text = ascii_digits(" ".join(text.split()))
    return text.removeprefix("property ").removesuffix(" c") if text.isascii() else text


def _with_marks(text: str) -> str:
    """Without signs, but with the vowels of Thai, which stand above and below its letters."""
    return "".join(
        sign if sign.isalnum() or unicodedata.category(sign) in {"Mn", "Mc"} else " "
        for sign in text
    )


@cache
def _known() -> dict[str, tuple[str, int]]:
    known: dict[str, tuple[str, int]] = {}
    for name, field in FIELDS.items():
        for header in field.headers.split("|"):
            weight = 2 if header.startswith("-") else 3
            known.setdefault(plain_header(header.removeprefix("-")), (name, weight))
            known.setdefault(_closed(header), (name, weight))
    return known


def _closed(header: str) -> str:
    return plain_header(header).replace(" ", "")


class Guess(NamedTuple):
    """What a column seems to mean, and whether its header or its values say so ("" for no guess)."""

    field: str
    by: str


def guesses(header: Sequence[str], samples: Sequence[Sequence[str]]) -> list[Guess]:
    """What each column seems to mean; each field is given once. `samples` has the values of each."""
    found = [_guess(name, values) for name, values in zip(header, samples, strict=True)]
    names = {field for field, weight, _by in found if weight >= 3}
    if "name" not in names and "last_name" in names and "first_name" not in names:
        found = [("name", w, by) if f == "last_name" else (f, w, by) for f, w, by in found]
    if "first_name" in names and "last_name" not in names:
        found = [("name", w, by) if f == "first_name" else (f, w, by) for f, w, by in found]
    best: dict[str, int] = {}
    order = sorted(range(len(found)), key=lambda n: -found[n][1])
    for place in order:
        if found[place][0]:
            best.setdefault(found[place][0], place)
    return [
        Guess(field, by) if field and best[field] == place else Guess(SKIP, "")
        for place, (field, _weight, by) in enumerate(found)
    ]


def _guess(name: str, values: Sequence[str]) -> tuple[str, int, str]:
    plain, filled = plain_header(name), [value for value in values if value]
    for text in (plain, _closed(name), *_shortened(plain)):
        if text in _known():
            field, weight = _known()[text]
            lost = 0 if text in {plain, _closed(name)} else 1
            return field, weight - lost, "header"
    if filled and all("@" in value and "." in value for value in filled):
        return "email", 1, "values"
    return SKIP, 0, ""


def _shortened(plain: str) -> list[str]:
    """A header without the word for whose it is: "lead phone", "contact city"."""
    first, _space, rest = plain.partition(" ")
    return [rest] if rest and first in {"lead", "contact", "person", "prospect", "primary"} else []


def attribute_of(header: str) -> str:
    """The name under which a column is kept as an attribute of its lead."""
    name = key(_NO_LETTERS.sub(" ", _with_marks(_MARKS.sub(" ", header))))[:60]
    return f"{name}_of_file" if name in _TAKEN or not name else name
