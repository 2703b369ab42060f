"""Telling: a row of a file and what its columns mean, read as what it says of a lead."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from leaddesk.book.contacts import COMPANY, CONTACT
from leaddesk.book.domains import is_a_companys
from leaddesk.book.fields import Unfit, plain_text, read_domain, read_text
from leaddesk.book.imported import BY_EMAIL, BY_ID, Told
from leaddesk.wire.dates import DAY_FIRST, moment_of
from leaddesk.wire.fields import FIELDS, KEEP, SKIP, attribute_of
from leaddesk.wire.places import country_of, language_of
from leadpact.clock import to_datetime
from leadpact.tables.formats import ascii_digits

_BLANK: Final = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "n/a",
        "#n/a",
        "na",
        "none",
        "null",
        "nil",
        "(blank)",
        "(none)",
        "#null!",
    }
)
_YES: Final = frozenset({"yes", "y", "true", "1", "x", "oui", "ya", "ใช่", "بله", "opted out"})
_SALESFORCE: Final = re.compile(r"00[0-9A-Za-z]{13}", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_PERSON: Final = ("email", "phone", "title", "language", "zone")
_MOST_IN_AN_ATTRIBUTE: Final = 500


@dataclass(frozen=True)
class Meaning:
    """What the columns of a file mean, by which of them a lead is known, and how dates are read."""

    columns: tuple[str, ...]
    match: str
    order: str = DAY_FIRST
    zone: str = "UTC"

    def as_dict(self) -> dict[str, Any]:
        """The mapping in its JSON form."""
        return {
            "columns": [*self.columns],
            "match": self.match,
            "order": self.order,
            "zone": self.zone,
        }


def meaning_of(told: Mapping[str, Any]) -> Meaning:
    """The mapping in a JSON form."""
    return Meaning(tuple(told["columns"]), told["match"], told["order"], told["zone"])


class Reader:
    """Reads the rows of one file by its mapping; `now` is when it is imported."""

    def __init__(self, header: Sequence[str], mapping: Meaning, now: int) -> None:
        self.mapping, self.now = mapping, to_datetime(now).isoformat()
        self.places = {
            name: n for n, name in enumerate(mapping.columns) if name not in {SKIP, KEEP}
        }
        self.kept = {
            n: attribute_of(header[n]) for n, name in enumerate(mapping.columns) if name == KEEP
        }
        self.plain = [
            name
            for name, one in FIELDS.items()
            if one.goes_to == "attribute" and name in self.places
        ]

    def told(self, cells: Sequence[str]) -> Told:
        """What a row says; what is wrong with it stands in it."""
        told = Told()
        filled = {name: self._cell(cells, n) for name, n in self.places.items()}
        self._read_person(told, filled)
        self._read_company(told, filled)
        self._read_attributes(told, filled, cells)
        self._read_lead(told, filled)
        return told

    def _cell(self, cells: Sequence[str], n: int) -> str:
        text = cells[n].strip() if n < len(cells) else ""
        return "" if text.casefold() in _BLANK else text

    def _read(self, told: Told, name: str, text: str, read: Callable[[Any], Any]) -> str:
        if not text:
            return ""
        try:
            value: str = _read_once(read, text)
        except Unfit as error:
            told.wrong(self.places[name], *error.args)
            return ""
        return value

    def _read_person(self, told: Told, filled: Mapping[str, str]) -> None:
        for name in _PERSON:
            if text := filled.get(name, ""):
                value = self._read(told, name, _prepared(name, text), _READERS[name])
                if value:
                    told.person[name] = value
        for name in ("name", "first_name", "last_name"):
            if text := filled.get(name, ""):
                self._read(told, name, text, CONTACT["name"].read)
        parts = (filled.get("first_name", ""), filled.get("last_name", ""))
        if name := filled.get("name", "") or " ".join(part for part in parts if part):
            told.person["name"] = name[:300]

    def _read_company(self, told: Told, filled: Mapping[str, str]) -> None:
        if name := self._read(told, "company", filled.get("company", ""), _company_name):
            told.company["name"] = name
        domain = self._read(told, "domain", filled.get("domain", ""), read_domain)
        if domain and is_a_companys(domain):
            told.company["domain"] = domain
        if code := self._read(told, "country", filled.get("country", ""), _country):
            told.attributes["country"] = told.company["country"] = code

    def _read_attributes(self, told: Told, filled: Mapping[str, str], cells: Sequence[str]) -> None:
        for name in self.plain:
            read = _ATTRIBUTES.get(name, _attribute)
            if value := self._read(told, name, filled.get(name, ""), read):
                told.attributes[name] = value
        for n, name in self.kept.items():
            if text := self._cell(cells, n):
                try:
                    told.attributes[name] = _attribute(text)
                except Unfit as error:
                    told.wrong(n, *error.args)

    def _read_lead(self, told: Told, filled: Mapping[str, str]) -> None:
        match = self.mapping.match
        text = filled.get(match, "")
        if match == BY_ID and text:
            told.match = self._read(told, "id", salesforce_id(ascii_digits(text)), _key)
        elif match == BY_EMAIL:
            told.match = told.person.get("email", "").casefold()
        if not text:
            said = _("There is no e-mail address.") if match == BY_EMAIL else _("There is no id.")
            told.wrong(self.places.get(match, -1), said, _("Fill it in: leads are known by it."))
        if text := filled.get("created_at", ""):
            told.created_at = self._read(told, "created_at", text, self._instant)
        told.owner = filled.get("owner", "")[:200]
        told.is_opted_out = filled.get("opted_out", "").casefold() in _YES

    def _instant(self, text: str) -> str:
        found = moment_of(text, self.mapping.order, self.mapping.zone)
        if found is None:
            said = _("'{text}' is no date.").format(text=plain_text(text))
            raise Unfit(said, _("Write it like 2026-03-31 17:30."))
        if found.told > self.now:
            said = _("This date is in the future.")
            raise Unfit(said, _("Write when the lead arose, or leave it empty."))
        return found.told


@lru_cache(maxsize=20_000)
def _read_once(read: Callable[[Any], Any], text: str) -> Any:
    return read(text)


def _prepared(name: str, text: str) -> str:
    """A cell as programs spoil it, mended: digits of any script, the sign before a number."""
    if name == "phone":
        return ascii_digits(text).lstrip("'").strip()
    return text.removeprefix("mailto:").strip("<>") if name == "email" else text


def _company_name(text: str) -> str:
    name: str = COMPANY["name"].read(text)
    return name


def _country(text: str) -> str:
    if code := country_of(text):
        return code
    said = _("'{text}' is no country that the desk knows.").format(text=plain_text(text))
    raise Unfit(said, _("Write its name, or two letters like PL."))


def _language(text: str) -> str:
    if code := language_of(text):
        return code
    said = _("'{text}' is no language that the desk knows.").format(text=plain_text(text))
    raise Unfit(said, _("Write its name, or its code like fr."))


def _attribute(text: str) -> str:
    """An attribute goes into the log, which holds nothing personal."""
    value: str = read_text(_MOST_IN_AN_ATTRIBUTE)(text)
    if _EMAIL.search(value):
        said = _("An e-mail address can't be kept here: the log holds nothing personal.")
        raise Unfit(said, _("Map the column to the e-mail address, or skip it."))
    return value


def _number(text: str) -> str:
    """A number of employees or an amount as a plain number; what is none (11-50) stays as it is."""
    bare = re.sub(r"[\s\u00a0\u202f'’٬]", "", ascii_digits(text).replace("٫", "."))
    bare = re.sub(r"^[^\d(-]+|[^\d)]+$", "", bare)
    grouped = re.fullmatch(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*(?:[.,](\d{1,2}))?", bare)
    if grouped:
        whole = bare[: -len(grouped[2]) - 1] if grouped[2] else bare
        return re.sub(r"\D", "", whole) + (f".{grouped[2]}" if grouped[2] else "")
    if re.fullmatch(r"\d+(?:[.,]\d+)?", bare):
        return bare.replace(",", ".")
    return _attribute(text)


def _key(text: str) -> str:
    value: str = read_text(200)(text)
    if _EMAIL.search(value):
        said = _("An e-mail address can't be the id of a lead: the log holds nothing personal.")
        raise Unfit(said, _("Match leads by their e-mail address instead."))
    return value


def salesforce_id(text: str) -> str:
    """An id of Salesforce with 15 characters in its form with 18; any other id as it is."""
    if not _SALESFORCE.fullmatch(text):
        return text
    ends = ""
    for start in (0, 5, 10):
        bits = sum(1 << n for n, sign in enumerate(text[start : start + 5]) if "A" <= sign <= "Z")
        ends += _LETTERS[bits]
    return text + ends


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **{name: CONTACT[name].read for name in ("email", "phone", "title", "zone")},
    "language": _language,
}
_ATTRIBUTES: Final = {"employees": _number, "revenue": _number}
