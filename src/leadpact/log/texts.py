"""Texts: the bytes of a text file, unpacked and checked to be plain UTF-8."""

from __future__ import annotations

import zlib
from typing import Final

from leadpact.log.refusals import first
from leadpact.problem import Problem
from leadpact.words import _

MOST_BYTES: Final = 2 * 2**30 - 2
"""A text file holds at most so many bytes, unpacked."""
_GZIP: Final = b"\x1f\x8b"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


def unpacked(data: bytes, most: int = MOST_BYTES) -> bytes | Problem:
    """The content of a gzipped file, or the bytes themselves; refused beyond `most` bytes."""
    if not data.startswith(_GZIP):
        return data if len(data) <= most else _too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        while data:
            stream = zlib.decompressobj(wbits=31)
            parts.append(stream.decompress(data, most - size + 1))
            size += len(parts[-1])
            if size > most:
                return _too_large(most)
            if not stream.eof:
                return Problem("", 0, _("The gzip file is cut short."), _("Copy it again."))
            data = stream.unused_data.lstrip(b"\0")
    except zlib.error as error:
        what = _("The gzip file is damaged: {error}.").format(error=error)
        return Problem("", 0, what, _("Copy it again."))
    return b"".join(parts)


def _too_large(most: int) -> Problem:
    what = _("The file holds more than {most:,} bytes.").format(most=most)
    return Problem("", 0, what, _("Split it, or write it as Parquet."))


def plain(data: bytes) -> tuple[bytes, list[Problem]]:
    """UTF-8 text without its byte order mark, and each line that isn't plain UTF-8."""
    if data.startswith(_WIDE):
        what = _("The file is UTF-16, not UTF-8.")
        return b"", [Problem("", 1, what, _("Save it with the encoding UTF-8."))]
    data = data.removeprefix(b"\xef\xbb\xbf")
    found = _lines_with_nul(data)
    try:
        data.decode()
    except UnicodeDecodeError:
        found += _lines_of_another_encoding(data)
    return data, first(found, len(found))


def _lines_with_nul(data: bytes) -> list[Problem]:
    if b"\0" not in data:
        return []
    return [
        Problem("", number, _("The line holds a NUL byte."), _("Remove it; text has none."))
        for number, line in enumerate(data.split(b"\n"), 1)
        if b"\0" in line
    ]


def _lines_of_another_encoding(data: bytes) -> list[Problem]:
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            what = _("The line is not UTF-8 (byte {byte} at place {place}).").format(
                byte=f"0x{line[error.start]:02X}", place=error.start + 1
            )
            found.append(Problem("", number, what, _("Save the file with the encoding UTF-8.")))
    return found
