"""Wishes: how a reader wants to be spoken to, and whose wishes hold just now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

from django.utils import translation

from leaddesk.tongue.digits import PERSIAN
from leadpact.words import use_language

CALENDARS = ("gregorian", "jalali", "buddhist")
DIGITS = ("language", "latin")
_USUAL = {"fa": "jalali", "th": "buddhist"}


@dataclass(frozen=True)
class Wishes:
    """How a reader wants to read.

    `calendar` empty is the usual one of the language; `digits` are those of the `language`, or
    `latin`; `week_start` counts from Monday, 0; `weekend` lists the weekdays off.
    """

    language: str = "en"
    zone: str = "UTC"
    calendar: str = ""
    digits: str = "language"
    week_start: int = 0
    weekend: tuple[int, ...] = (5, 6)

    @cached_property
    def reckoning(self) -> str:
        """The calendar by which days are written."""
        return self.calendar or usual_calendar(self.language)

    @property
    def direction(self) -> str:
        """In which direction the language runs."""
        return "rtl" if self.language == "fa" else "ltr"

    @property
    def is_persian_in_figures(self) -> bool:
        """Whether numbers are written in Persian digits."""
        return self.language == "fa" and self.digits == "language"

    @property
    def own_digits(self) -> str:
        """The ten digits in which numbers are written; empty for the Latin ones."""
        return PERSIAN if self.is_persian_in_figures else ""


def usual_calendar(language: str) -> str:
    """The calendar by which readers of a language mostly write days."""
    return _USUAL.get(language, "gregorian")


_wishes: ContextVar[Wishes] = ContextVar("wishes", default=Wishes())  # noqa: B039  (it is frozen)
_now: ContextVar[int | None] = ContextVar("now", default=None)


def wishes() -> Wishes:
    """The wishes that hold just now."""
    return _wishes.get()


def now_of_reader() -> int:
    """The instant (µs UTC) at which the reader reads. Raises `LookupError` where nobody said it."""
    if (now := _now.get()) is None:
        raise LookupError("say the present instant, with speak(wishes, now) or as an argument")
    return now


def speak(given: Wishes, now: int | None = None) -> None:
    """Speak so from here on: our own sentences, the engine's, numbers and instants.

    `now` (µs UTC) is the instant from which `ago` and `countdown` count.
    """
    translation.activate(given.language)
    use_language(given.language)
    _wishes.set(given)
    _now.set(now)


@contextmanager
def speaking(given: Wishes, now: int | None = None) -> Iterator[None]:
    """Speak so within a block, and as before afterwards."""
    before, then = _wishes.get(), _now.get()
    with translation.override(given.language):
        speak(given, now)
        try:
            yield
        finally:
            use_language(before.language)
            _wishes.set(before)
            _now.set(then)
