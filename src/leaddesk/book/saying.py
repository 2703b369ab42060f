"""Saying: how what people enter about a lead is read. Each reader raises `Refused` with a remedy."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from leaddesk.book.fields import Unfit, plain_text, read_text
from leaddesk.book.refusal import refused
from leadpact.facts import word

LONGEST_NOTE = 5_000
LONGEST_REASON = 300
_MOST_DIGITS = 5
_LONGEST_CALL = 24 * 3600


def one_of(path: str, value: str, offered: Sequence[str]) -> str:
    """What was chosen, as it is offered."""
    for one in offered:
        if word(one) == word(value):
            return one
    said = _("'{value}' isn't among what can be chosen.").format(value=plain_text(value))
    raise refused(path, said, _("Choose one from the list."))


def reason_of(path: str, text: str, *, needed: bool = True) -> str:
    """A reason in one line."""
    try:
        found: str = read_text(LONGEST_REASON)(text)
    except Unfit as error:
        raise refused(path, *error.args) from None
    if needed and not found:
        raise refused(path, _("There is no reason."), _("Say why in a few words."))
    return found


def note_of(text: str) -> str:
    """A note as it is kept: lines of text, without characters that can't be seen."""
    lines = [*_lines(text)]
    return "\n".join(lines).strip()


def _lines(text: str) -> Iterator[str]:
    if len(text) > LONGEST_NOTE:
        said = _("The note is longer than {most} characters.").format(most=f"{LONGEST_NOTE:,}")
        raise refused("note", said, _("Shorten it."))
    for line in text.splitlines():
        try:
            yield read_text(LONGEST_NOTE)(line.replace("\t", " "))
        except Unfit as error:
            raise refused("note", *error.args) from None


def length_of(text: str) -> str | None:
    """The seconds of a call as people write its length: minutes, or minutes and seconds."""
    if not text.strip():
        return None
    minutes, colon, rest = text.strip().partition(":")
    parts = [_whole(minutes), _whole(rest) if colon else 0]
    if None in parts or (colon and (parts[1] or 0) > 59):
        said = _("'{value}' is no length of a call.").format(value=plain_text(text))
        raise refused("seconds", said, _("Write minutes and seconds, such as 4:30."))
    length = (parts[0] or 0) * 60 + (parts[1] or 0)
    if length > _LONGEST_CALL:
        raise refused("seconds", _("No call lasts longer than a day."), _("Correct the length."))
    return str(length)


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None


def points_of(path: str, text: str) -> str | None:
    """Points of a score, up to two decimals; digits of any script; None where nothing is written."""
    plain = text.strip().replace("\u066b", ".").replace("\u2212", "-")
    if not plain:
        return None
    whole, _dot, rest = plain.removeprefix("-").partition(".")
    fits = whole.isdecimal() and (rest.isdecimal() or not rest) and len(rest) <= 2
    if not fits or len(whole) > _MOST_DIGITS:
        said = _("'{value}' isn't a number of points.").format(value=plain_text(text))
        raise refused(path, said, _("Write points such as 40, -20 or 12.5."))
    return f"{Decimal(plain):f}"


def amount_of(text: str) -> str | None:
    """An amount of money; digits of any script, without separators of thousands."""
    plain = text.strip().replace("\u066b", ".")
    if not plain:
        return None
    whole, _dot, rest = plain.partition(".")
    if not (whole.isdecimal() and (rest.isdecimal() or not rest) and len(whole) < 13):
        said = _("'{value}' is no amount.").format(value=plain_text(text))
        raise refused("amount", said, _("Write digits alone, such as 12500 or 12500.50."))
    if len(rest) > 4:
        raise refused("amount", _("The amount has more than 4 decimals."), _("Round it."))
    return str(Decimal(plain))
