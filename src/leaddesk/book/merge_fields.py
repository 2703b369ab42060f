"""Merge fields: the few names in braces that an offer may use, and how they are filled in.

`{first name|there}` is the first name, or "there" where it isn't known. The list is closed, nothing is
evaluated, and what is filled in is never looked through for fields again. A brace that is meant is
written twice.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from leaddesk.book.fields import plain_text
from leadpact.problem import Problem, did_you_mean

FIELDS = ("first name", "name", "company", "owner", "workspace", "unsubscribe")
"""Every field there is."""
MOST_OF_A_VALUE = 120
_FIELD = re.compile(r"\{([^{}|\n]*)(?:\|([^{}\n]*))?\}")
_PIECE = re.compile(rf"\{{\{{|\}}\}}|{_FIELD.pattern}|[{{}}]")
_LINK_WITH_FIELD = re.compile(r"https?://[^\s{}]*\{(?!\{)", re.IGNORECASE)
# Their family name comes first.
_FAMILY_FIRST = frozenset({"hu", "ja", "ko", "vi", "zh"})


class Piece(NamedTuple):
    """Part of a template: plain `text`, or a `field` with what stands in for it where it's empty."""

    text: str
    field: str = ""


def problems(text: str, path: str) -> Iterator[Problem]:
    """What is wrong with the braces of a template."""
    for line, told in enumerate(text.split("\n"), 1):
        for match in _PIECE.finditer(told):
            whole = match[0]
            if whole in ("{{", "}}"):
                continue
            if whole in ("{", "}"):
                said = _("The brace '%(brace)s' belongs to no field.") % {"brace": whole}
                remedy = _("Write a field like {name}, or the brace twice.")
                yield Problem(path, line, said, remedy)
            elif _named(match[1]) not in FIELDS:
                said = _("There is no field '%(name)s'.") % {"name": plain_text(match[1])}
                yield Problem(path, line, said, did_you_mean(_named(match[1]), FIELDS))
        if _LINK_WITH_FIELD.search(told):
            said = _("A field stands in a link.")
            yield Problem(path, line, said, _("Write the link without it."))


def pieces(text: str) -> list[Piece]:
    """A template as its plain parts and its fields; what isn't right is plain."""
    found, end = [], 0
    for match in _PIECE.finditer(text):
        found.append(Piece(text[end : match.start()]))
        end = match.end()
        whole = match[0]
        if whole in ("{{", "}}"):
            found.append(Piece(whole[0]))
        elif match[1] is not None and _named(match[1]) in FIELDS:
            found.append(Piece((match[2] or "").strip(), _named(match[1])))
        else:
            found.append(Piece(whole))
    found.append(Piece(text[end:]))
    return [piece for piece in found if piece.text or piece.field]


def has(text: str, field: str) -> bool:
    """Whether a template uses a field."""
    return any(piece.field == field for piece in pieces(text))


def filled(text: str, values: Mapping[str, str]) -> list[tuple[str, bool]]:
    """The parts of a template with the values of its fields; True where a part is such a value.

    A field that stays empty takes the blank before it along: "Hello {name}," becomes "Hello,".
    """
    found: list[tuple[str, bool]] = []
    for piece in pieces(text):
        value = values.get(piece.field, "") or piece.text
        if piece.field and not value and found and found[-1][0].endswith(" "):
            found[-1] = (found[-1][0][:-1], found[-1][1])
        elif value:
            found.append((value, bool(piece.field)))
    return found


def plain(value: str) -> str:
    """A name as it can stand in a mail: one short line, without characters that do things."""
    seen = "".join(_seen(character) for character in value[: 10 * MOST_OF_A_VALUE])
    line = " ".join(seen.split())
    return line if len(line) <= MOST_OF_A_VALUE else f"{line[: MOST_OF_A_VALUE - 1].rstrip()}…"


def _seen(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    if kind in {"Cs", "Co", "Cn"} or (kind == "Cf" and character not in "\u200c\u200d"):
        return ""  # marks that turn the direction, or can't be seen; joiners are part of words
    return character


def first_name(name: str, language: str) -> str:
    """The first name, as far as a full name tells it."""
    parts = name.split()
    if not parts or language.partition("-")[0] in _FAMILY_FIRST:
        return name
    return parts[0]


def _named(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()
