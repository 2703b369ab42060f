"""People: those who work at Northwind, and the made-up persons behind its leads."""

import unicodedata
from collections.abc import Mapping
from random import Random
from typing import Any
from zlib import crc32

DOMAIN = "northwind.example"
ADMIN = "rita"
_INBOUND = {"side": "sales", "team": "inbound", "manager": "nora"}
STAFF: Mapping[str, Mapping[str, Any]] = {
    "rita": {"name": "Rita Zielińska", "role": "admin"},
    "mia": {"name": "Mia Lindqvist", "role": "marketing lead", "side": "marketing"},
    "jon": {"name": "Jon Berger", "role": "marketer", "side": "marketing", "manager": "mia"},
    "nora": {"name": "Nora Wójcik", "role": "sales lead", "side": "sales"},
    "ana": {"name": "Ana Kowalska", "role": "rep", **_INBOUND},
    "ben": {"name": "Ben Fischer", "role": "rep", **_INBOUND},
    "chai": {
        "name": "ชัย ศรีสุข",
        "role": "rep",
        "calendar": "bangkok",
        "zone": "Asia/Bangkok",
        "language": "th",
        **_INBOUND,
    },
    "sam": {"name": "Sam Okafor", "role": "rep", "side": "service"},
    "vera": {"name": "Véra Lambert", "role": "viewer", "language": "fr"},
    "otto": {"name": "Otto Svensson", "role": "auditor"},
}
"""The people of the workspace by key, with the fields of their register."""

# Given names and family names by language, each with its spelling in Latin letters.
_NAMES: Mapping[str, tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]] = {
    "pl": (
        (("Agnieszka", ""), ("Paweł", ""), ("Kinga", ""), ("Tomasz", ""), ("Zofia", "")),
        (("Mazur", ""), ("Dąbrowski", ""), ("Wilk", ""), ("Krawczyk", ""), ("Bąk", "")),
    ),
    "de": (
        (("Jürgen", ""), ("Anke", ""), ("Björn", ""), ("Heike", ""), ("Lukas", "")),
        (("Groß", ""), ("Schäfer", ""), ("Vogt", ""), ("Krüger", ""), ("Novák", "")),
    ),
    "th": (
        (("มาลี", "malee"), ("สมชาย", "somchai"), ("นภา", "napa"), ("อนันต์", "anan")),
        (("ทองดี", "thongdee"), ("แสงจันทร์", "saengchan"), ("บุญมี", "boonmee")),
    ),
    "fa": (
        (("مریم", "maryam"), ("رضا", "reza"), ("نیلوفر", "niloufar"), ("کاوه", "kaveh")),
        (("احمدی", "ahmadi"), ("کریمی", "karimi"), ("رستمی", "rostami")),
    ),
    "fr": (
        (("Zoé", ""), ("Étienne", ""), ("Chloé", ""), ("François", ""), ("Maëlys", "")),
        (("Lefèvre", ""), ("Garnier", ""), ("Benoît", ""), ("Noël", ""), ("Roux", "")),
    ),
}
_LANGUAGES = {"TH": "th", "IR": "fa", "AE": "fa", "FR": "fr", "CH": "fr", "BE": "fr", "PL": "pl"}
_PREFIXES = {
    "PL": "+48 22",
    "DE": "+49 30",
    "CZ": "+420 2",
    "SE": "+46 8",
    "TH": "+66 2",
    "IR": "+98 21",
    "AE": "+971 4",
    "FR": "+33 1",
    "CH": "+41 22",
    "BE": "+32 2",
}
_ZONES = {"TH": "Asia/Bangkok", "IR": "Asia/Tehran", "AE": "Asia/Dubai", "FR": "Europe/Paris"}
_TITLES = ("owner", "head of purchasing", "shop manager", "brand manager", "assistant")


def contact(lead: str, company: str, country: str) -> dict[str, str]:
    """The person behind a lead: the same for the same lead."""
    random = Random(crc32(lead.encode()))
    language = _LANGUAGES.get(country, "de")
    given, family = (random.choice(names) for names in _NAMES[language])
    local = ".".join(_latin(latin or name) for name, latin in (given, family))
    return {
        "name": f"{given[0]} {family[0]}",
        "email": f"{local}@{domain(company, country)}",
        "phone": f"{_PREFIXES.get(country, '+48 22')} 555 {random.randrange(100, 200):04}",
        "title": random.choice(_TITLES),
        "language": language,
        "zone": _ZONES.get(country, "Europe/Warsaw"),
    }


def domain(company: str, country: str) -> str:
    """The domain of a made-up company; nothing can ever be sent to it."""
    latin = _latin(company.replace(" ", "-"))
    if not latin.strip("-"):
        latin = f"shop-{crc32(company.encode()) % 10_000:04}"
    return f"{latin}.{country.lower()}.example"


def _latin(text: str) -> str:
    plain = text.lower().replace("ł", "l").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(sign for sign in plain if sign.isascii() and (sign.isalnum() or sign == "-"))
