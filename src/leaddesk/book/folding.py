"""Folding: text as a search compares it, so that spelling, accents and digits keep nothing apart.

Arabic letters of Persian words are written as Persian ones (as Lucene's Persian normaliser does),
joiners and vowel signs are left out, digits of any script are Latin ones.
"""

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "ە": "ه",
        "ے": "ی",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ـ": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u00ad": None,
        "\ufeff": None,
    }
)
_SIGNS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670]")  # accents, vowel signs; not those of Thai
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f]")
_NUMBER = re.compile(r"[+(]?[0-9][0-9 ().\-/\u2010-\u2014]*")
_SCRIPT_WITHOUT_SPACES = re.compile("[\u0600-\u06ff\u0e00-\u0e7f]")
LEAST_NUMBER, TAIL = 5, 8
"""A number of a phone has so many digits at least; of a long one the last so many are compared."""


def folded(text: str) -> str:
    """A text as it is compared: lower case, without accents, joiners and runs of space."""
    plain = unicodedata.normalize("NFKD", _TURNING.sub(" ", text)).casefold().translate(_LETTERS)
    plain = _SIGNS.sub("", unicodedata.normalize("NFKD", plain))
    return " ".join(_latin_digits(plain).split())


def _latin_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(one)) if unicodedata.category(one) == "Nd" else one for one in text
    )


def digits(text: str) -> str:
    """The digits of a phone number, without the zeros that stand before it."""
    return re.sub("[^0-9]", "", folded(text)).lstrip("0")


def index_of(*texts: str, phone: str = "") -> str:
    """What a search looks through: every text folded, and the digits of the number."""
    found = [folded(text) for text in texts if text]
    joined = [one.replace(" ", "") for one in found if _SCRIPT_WITHOUT_SPACES.search(one)]
    number = digits(phone) if phone else ""
    return " ".join([*found, *(one for one in joined if one not in found), number]).strip()


def sought(text: str) -> list[str]:
    """What must all be found for a text that somebody searches by.

    A phone number, however it is written, is one thing: its last digits, which don't depend on the
    code of the country.
    """
    plain = folded(text)
    number = re.sub("[^0-9]", "", plain)
    if len(number) >= LEAST_NUMBER and _NUMBER.fullmatch(plain):
        return [number.lstrip("0")[-TAIL:] or number]
    return list(dict.fromkeys(plain.split()))[:MOST_WORDS]


MOST_WORDS = 8
"""So many words of a search are looked for."""
