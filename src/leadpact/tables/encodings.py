"""Encodings: the text of a file, whatever code page it was saved with."""

from __future__ import annotations

import codecs
import unicodedata
from itertools import pairwise
from typing import Final, NamedTuple

from leadpact.problem import Problem
from leadpact.words import _


class Decoded(NamedTuple):
    """A text as UTF-8, and the encoding that it was found in."""

    data: bytes
    encoding: str


_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE: Final = ("big5", "gb18030", "shift_jis", "euc_kr")
_SINGLE: Final = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874")
_SAMPLE: Final = 400_000


def decoded(data: bytes, encoding: str | None = None) -> Decoded | Problem:
    """A text in its encoding: the one that is named, else the one that it must be in."""
    found = encoding or encoding_of(data)
    try:
        text = data.decode(found)
    except LookupError:
        what = _("'{encoding}' is no encoding.").format(encoding=found)
        return Problem("encoding", 0, what, _("Write e.g. utf-8, cp1252 or cp1256."))
    except UnicodeError as error:
        what = _("The file is not {encoding}: {error}.").format(encoding=found, error=error)
        return Problem("encoding", 0, what, _("Name the encoding it was saved with."))
    return Decoded(text.removeprefix("\ufeff").encode("utf-8", "replace"), found)


def encoding_of(data: bytes) -> str:
    """The encoding of a text: by its mark, as UTF-8, by its zero bytes, else by its letters."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    try:
        data.decode()
    except UnicodeDecodeError:
        pass
    else:
        return _wide(data) or "utf-8"
    if wide := _wide(data):
        return wide
    strange = _lines_beyond_ascii(data)
    return max((*_SINGLE, *_WIDE), key=lambda name: _likelihood(strange, name))


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in most texts every second byte is zero."""
    head = data[:2000]
    if len(head) < 4:
        return None
    if head[1::2].count(0) > 0.6 * len(head[1::2]):
        return "utf-16-le"
    if head[::2].count(0) > 0.6 * len(head[::2]):
        return "utf-16-be"
    return None


def _lines_beyond_ascii(data: bytes) -> bytes:
    lines = (line for line in data.split(b"\n") if not line.isascii())
    kept, size = [], 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size > _SAMPLE:
            break
    return b"\n".join(kept)


_SCRIPTS: Final = {
    "cp1252": "LATIN",
    "cp1250": "LATIN",
    "cp1254": "LATIN",
    "cp1251": "CYRILLIC",
    "cp1253": "GREEK",
    "cp1255": "HEBREW",
    "cp1256": "ARABIC",
    "cp874": "THAI",
    "big5": "CJK",
    "gb18030": "CJK",
    "shift_jis": "HIRAGANA",
    "euc_kr": "HANGUL",
}
# What is written in more places is believed first where two encodings explain a text equally well.
_PRIOR: Final = {"cp1252": 0.05, "cp1250": 0.03, "cp1256": 0.02, "cp1251": 0.02, "cp874": 0.02}


def _likelihood(data: bytes, encoding: str) -> float:
    """How well an encoding explains a text: its letters stand together in words of its script."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    letters = [sign for sign in text if ord(sign) > 127]
    if not letters:
        return 0.0
    scores = {sign: _score(sign, encoding) for sign in set(letters)}
    score = sum(scores[sign] for sign in letters) / len(letters)
    # One strange sign is no word: the fewer there are, the more the most common code page counts.
    doubt = 0.8 / len(letters) if encoding == "cp1252" else 0.0
    return score + _cohesion(text, encoding) + _PRIOR.get(encoding, 0.0) + doubt


def _score(sign: str, encoding: str) -> float:
    if unicodedata.category(sign) in {"Cc", "Co", "Cn"}:
        return -3.0
    script = _SCRIPTS[encoding]
    if unicodedata.name(sign, "").startswith(script):
        return 1.0 if sign in _COMMON.get(encoding, sign) else 0.2
    return 0.3 if unicodedata.category(sign)[0] in "PZ" or sign in "€£°§®©™" else -0.5


_COMMON: Final = {
    "cp1252": "äöüßÄÖÜàâçéèêëîïôùûÀÉÈñÑáíóúÁÍÓÚãõåæøÅÆØìòÇ",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰäöüßÄÖÜ",
    "cp1254": "çğıöşüÇĞİÖŞÜâîû",
    "gb18030": "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年会得公司电话姓名",
    "big5": "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年會得公司電話姓名",
}


def _cohesion(text: str, encoding: str) -> float:
    """Whether letters stand as in words of the script: Latin ones with accents among plain ones,
    those of other scripts among their own, and no capital after a small letter."""
    latin = _SCRIPTS[encoding] == "LATIN"
    fitting = total = 0
    for before, sign in pairwise(text):
        if ord(sign) > 127 and sign.isalpha() and before.isalpha():
            total += 1
            fitting += (ord(before) < 128) == latin and not (sign.isupper() and before.islower())
    return fitting / total if total else 0.0
