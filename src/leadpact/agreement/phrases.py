"""Phrases: short sentences with a number in them, such as `250 per month`, read exactly."""

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator

from leadpact import units
from leadpact.units import Misread
from leadpact.words import _


class Streak(NamedTuple):
    """So many periods in a row on one side of the tolerance."""

    periods: int
    side: Literal["over", "under", "out"]


class Quantity(NamedTuple):
    """So many in each period."""

    number: int
    period: str


_STREAK = re.compile(r"(\d{1,3}) periods? (over|under|out)(?: in a row)?", re.IGNORECASE)
_QUANTITY = re.compile(r"([\d,_]{1,15}) (?:a|per|each|every) (\w+)", re.IGNORECASE)
_OPEN = re.compile(r"([\d,_]{1,15}) open(?: leads?)?", re.IGNORECASE)
_IN_A_PASS = re.compile(r"([\d,_]{1,15}) (?:per|in a|each) pass", re.IGNORECASE)
_ATTEMPTS = re.compile(r"(\d{1,3}) attempts?(?: without (?:an )?answer)?", re.IGNORECASE)


def streak(text: str) -> Streak:
    """``3 periods over``: three periods in a row above the tolerance (under, out: either side)."""
    if (match := _STREAK.fullmatch(_plain(text))) is None or match[1] == "0":
        raise Misread(
            _("'{text}' does not say after how many periods.").format(text=text),
            _("Write `3 periods over`, `2 periods under` or `3 periods out`."),
        )
    side = match[2].lower()
    return Streak(
        int(match[1]), "over" if side == "over" else "under" if side == "under" else "out"
    )


def quantity(text: str) -> Quantity:
    """``250 per month``: so many in each period."""
    if (match := _QUANTITY.fullmatch(_plain(text))) is None:
        raise Misread(
            _("'{text}' is not a number per period.").format(text=text),
            _("Write something like `250 per month`."),
        )
    return Quantity(units.count(match[1]), units.period(match[2]))


def attempts(text: str) -> int:
    """``7 attempts without answer``: after how many attempts."""
    if (match := _ATTEMPTS.fullmatch(_plain(text))) is None or match[1] == "0":
        raise Misread(
            _("'{text}' does not say after how many attempts.").format(text=text),
            _("Write something like `7 attempts without answer`."),
        )
    return int(match[1])


def _plain(text: str) -> str:
    return " ".join(text.split())


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _streak_text(text: str) -> str:
    streak(text)
    return text


def _quantity_text(text: str) -> str:
    quantity(text)
    return text


def _attempts_text(text: str) -> str:
    attempts(text)
    return text


def _rate_text(text: str) -> str:
    units.rate(text)
    return text


def _amount_text(text: str) -> str:
    units.amount(text)
    return text


StreakText = Annotated[str, AfterValidator(_streak_text)]
"""So many periods in a row: ``3 periods over``."""
QuantityText = Annotated[str, AfterValidator(_quantity_text)]
"""A number per period: ``250 per month``."""


def cap(text: str) -> Quantity:
    """``20 per day`` or ``60 open``: so many in each period, or (period ``open``) at one time."""
    if match := _OPEN.fullmatch(_plain(text)):
        return Quantity(units.count(match[1]), "open")
    try:
        return quantity(text)
    except Misread:
        raise Misread(
            _("'{text}' is no limit.").format(text=text),
            _("Write something like `20 per day` or `60 open`."),
        ) from None


def limit_said(text: str) -> str:
    """A limit in a sentence, in the language in use: ``20 per day``, ``60 open``, ``12 per pass``."""
    try:
        found = touches(text) if _IN_A_PASS.fullmatch(_plain(text)) else cap(text)
    except Misread:
        return text
    said = {
        "open": _("{n} open"),
        "pass": _("{n} per pass"),
        "day": _("{n} per day"),
        "week": _("{n} per week"),
        "month": _("{n} per month"),
        "quarter": _("{n} per quarter"),
        "year": _("{n} per year"),
    }
    return said[found.period].format(n=found.number)


def touches(text: str) -> Quantity:
    """``2 per day`` or ``12 per pass``: so many attempts in each period, or in one pass."""
    if match := _IN_A_PASS.fullmatch(_plain(text)):
        return Quantity(units.count(match[1]), "pass")
    try:
        return quantity(text)
    except Misread:
        raise Misread(
            _("'{text}' is no limit of attempts.").format(text=text),
            _("Write something like `2 per day` or `12 per pass`."),
        ) from None


def _touch_text(text: str) -> str:
    touches(text)
    return text


def _cap_text(text: str) -> str:
    cap(text)
    return text


AttemptsText = Annotated[str, AfterValidator(_attempts_text)]
"""A number of attempts: ``7 attempts without answer``."""
CapText = Annotated[str, AfterValidator(_cap_text)]
"""A limit per period or at one time: ``20 per day``, ``60 open``."""
TouchText = Annotated[str, AfterValidator(_touch_text)]
"""A limit of attempts: ``2 per day``, ``12 per pass``."""
TouchesText = Annotated[tuple[TouchText, ...], BeforeValidator(_listed)]
"""One limit of attempts or a list of them."""
CapsText = Annotated[tuple[CapText, ...], BeforeValidator(_listed)]
"""One limit or a list of them."""
RateText = Annotated[str, AfterValidator(_rate_text)]
"""A share from 0 to 1, kept as it was written: ``34%``."""
AmountText = Annotated[str, AfterValidator(_amount_text)]
"""An amount of money, kept as it was written: ``2000``."""
