"""Phrases: short sentences with a number in them, such as `250 per month`, read exactly."""

import re
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator

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
AttemptsText = Annotated[str, AfterValidator(_attempts_text)]
"""A number of attempts: ``7 attempts without answer``."""
RateText = Annotated[str, AfterValidator(_rate_text)]
"""A share from 0 to 1, kept as it was written: ``34%``."""
AmountText = Annotated[str, AfterValidator(_amount_text)]
"""An amount of money, kept as it was written: ``2000``."""
