"""Places: countries and languages by their codes, or by their names in the desk's languages."""

from functools import cache

from babel import Locale

from leaddesk.wire.fields import plain_header

_LANGUAGES = ("en", "fr", "id", "th", "fa", "de", "es")
_ALSO = {
    "usa": "US",
    "united states of america": "US",
    "america": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "uae": "AE",
    "holland": "NL",
    "south korea": "KR",
    "korea": "KR",
    "russia": "RU",
    "czech republic": "CZ",
    "turkey": "TR",
    "turkiye": "TR",
    "viet nam": "VN",
    "ivory coast": "CI",
    "hong kong": "HK",
    "macau": "MO",
    "ایران": "IR",
}


def country_of(text: str) -> str | None:
    """The two letters of a country that is named; None where nobody knows it."""
    return _countries().get(plain_header(text))


def language_of(text: str) -> str | None:
    """The code of a language that is named, like "fr" or "pt-br"; None where nobody knows it."""
    plain = text.replace("_", "-").casefold()
    code, _dash, rest = plain.partition("-")
    if code in _codes() and len(plain) <= 12:
        return plain if rest else code
    return _languages().get(plain_header(text))


@cache
def _countries() -> dict[str, str]:
    known = dict(_ALSO)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if (
                len(code) == 2
                and code.isalpha()
                and code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB"}
            ):
                known.setdefault(plain_header(name), code)
                known.setdefault(code.casefold(), code)
    return known


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code in Locale("en").languages if "_" not in code)


@cache
def _languages() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).languages.items():
            if "_" not in code:
                known.setdefault(plain_header(name), code)
    for code in (
        "fr",
        "id",
        "th",
        "fa",
        "de",
        "es",
        "ja",
        "zh",
        "ko",
        "pt",
        "it",
        "pl",
        "tr",
        "ar",
    ):
        known.setdefault(plain_header(Locale(code).languages[code]), code)
    return known
