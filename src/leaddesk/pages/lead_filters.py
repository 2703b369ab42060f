"""Filters of leads: how the address of a list says which leads it shows, and how the page says it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from leaddesk.book.lists import GRADES, ORDERS, VERDICTS
from leaddesk.tongue import Unread, day_text, read_day, read_number
from leadpact.clock import day_start
from leadpact.program.columns import STANDINGS

LONGEST = 200
_MOST_POINTS = 1_000_000
_EARLIEST, _LATEST = date(1971, 1, 1), date(2199, 12, 31)
_EPOCH = date(1970, 1, 1).toordinal()
_PLAIN = ("stage", "standing", "owner", "team", "type", "stream", "source", "campaign", "account")


class Chip(NamedTuple):
    """A filter in force: what it is, what it asks for, and the address without it."""

    title: str
    value: str
    href: str


@dataclass(frozen=True)
class Filters:
    """What an address asks for: as typed, as the book takes it, and what of it can't be read."""

    typed: Mapping[str, str]
    wanted: Mapping[str, Any]
    wrong: Mapping[str, list[str]]
    sort: str

    def query(self, **changed: str) -> str:
        """The address of the list with some of it changed; "" takes a part away."""
        told = {**self.typed, "sort": self.sort if self.sort != "created" else "", **changed}
        return urlencode({name: value for name, value in told.items() if value})


def read(given: Mapping[str, str], zone: str) -> Filters:
    """The filters of an address. What can't be read is told, and leaves the list as it is."""
    typed, wanted, wrong = {}, {}, {}
    for name, reader in _READERS.items():
        text = given.get(name, "").strip()[: LONGEST + 1]
        if not text:
            continue
        typed[name] = text
        try:
            wanted |= reader(name, text, zone)
            if name in DAYS:  # the address is read by others too, whose calendar may be another
                typed[name] = read_day(text).isoformat()
        except (Unread, ValueError) as error:
            wrong[name] = [str(error)]
    sort = given.get("sort", "")
    sort = sort if sort.removeprefix("-") in ORDERS else "created"
    if "standing" not in wanted and "text" not in wanted:
        wanted["is_merged"] = False
    return Filters(typed, wanted, wrong, sort)


def _text(name: str, text: str, _zone: str) -> dict[str, Any]:
    if len(text) > LONGEST or "\x00" in text or text != text.encode(errors="ignore").decode():
        raise ValueError(_("This is too long, or no text."))
    return {"text" if name == "q" else name: text}


def _standing(name: str, text: str, zone: str) -> dict[str, Any]:
    if text not in STANDINGS:
        raise ValueError(_("There is no such standing."))
    return _text(name, text, zone)


def _owed(_name: str, text: str, _zone: str) -> dict[str, Any]:
    if text == "at risk":
        return {"is_at_risk": True}
    if text not in VERDICTS:
        raise ValueError(_("There is no such verdict."))
    return {"verdict": text}


def _grade(_name: str, text: str, _zone: str) -> dict[str, Any]:
    if text.upper() not in {*GRADES, *"ABC123"}:
        raise ValueError(_("There is no such grade. Write one from A1 to C3."))
    return {"grade": text.upper()}


def _points(name: str, text: str, _zone: str) -> dict[str, Any]:
    points = read_number(text)
    if points != int(points) or abs(points) > _MOST_POINTS:
        raise ValueError(_("Write whole points, such as 40."))
    return {name: int(points)}


def _paused(_name: str, text: str, _zone: str) -> dict[str, Any]:
    if text not in {"yes", "no"}:
        raise ValueError(_("Write yes or no."))
    return {"is_paused": text == "yes"}


def _pass(_name: str, text: str, _zone: str) -> dict[str, Any]:
    number = read_number(text)
    if number != int(number) or not 0 < number < 1_000_000:
        raise ValueError(_("This is no number of a pass."))
    return {"pass_number": int(number)}


def _day(name: str, text: str, zone: str) -> dict[str, Any]:
    day = read_day(text)
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError(_("This day is too far away."))
    if name == "created_to":  # the day itself is part of it
        return {"created_before": _begins(day + timedelta(days=1), zone)}
    return {_DAYS[name]: _begins(day, zone)}


def _begins(day: date, zone: str) -> int:
    return day_start(day.toordinal() - _EPOCH, zone)


DAYS = ("created_from", "created_to", "due_before")
"""Filters that ask for a day."""
_DAYS = {"created_from": "created_after", "due_before": "due_before"}
_READERS: Mapping[str, Callable[[str, str, str], dict[str, Any]]] = {
    "q": _text,
    **dict.fromkeys(_PLAIN, _text),
    "standing": _standing,
    "owed": _owed,
    "paused": _paused,
    "pass": _pass,
    "grade": _grade,
    **dict.fromkeys(("fit_from", "interest_from"), _points),
    **dict.fromkeys(DAYS, _day),
}


def plain_key(text: str) -> str:
    """A key from an address or a form, as a database can compare it."""
    return text.strip().replace("\x00", "").encode(errors="ignore").decode()[:LONGEST]


def titles() -> dict[str, str]:
    """What each filter is called."""
    return {
        "q": _("Search"),
        "stage": _("Stage"),
        "standing": _("Standing"),
        "owner": _("Owner"),
        "team": _("Team"),
        "type": _("Type"),
        "stream": _("Stream"),
        "source": _("Source"),
        "campaign": _("Campaign"),
        "account": _("Account"),
        "owed": _("Promises"),
        "paused": _("Paused"),
        "pass": _("Pass"),
        "grade": _("Grade"),
        "fit_from": _("Fit from"),
        "interest_from": _("Interest from"),
        "created_from": _("Created from"),
        "created_to": _("Created to"),
        "due_before": _("Due before"),
    }


def verdicts() -> list[tuple[str, str]]:
    """What can be asked for of promises, with its words."""
    return [
        ("open", _("open")),
        ("at risk", _("at risk")),
        ("broken", _("broken")),
        ("kept", _("kept")),
        ("excused", _("excused")),
        ("waived", _("waived")),
        ("undeterminable", _("can't be told")),
    ]


def standings() -> list[tuple[str, str]]:
    """How a lead can stand, with its words."""
    words = {
        "open": _("open"),
        "out": _("given back"),
        "disqualified": _("disqualified"),
        "lost": _("lost"),
        "won": _("won"),
        "suppressed": _("not to be contacted"),
        "merged": _("merged into another"),
    }
    return [(one, words.get(one, one)) for one in STANDINGS]


def grades() -> list[tuple[str, str]]:
    """The grades that can be asked for, with their words."""
    fits = [(letter, _("%(letter)s: any interest") % {"letter": letter}) for letter in "ABC"]
    return [*fits, *((one, one) for one in GRADES)]


def chips(filters: Filters, path: str, names: Mapping[str, str]) -> Iterator[Chip]:
    """The filters in force; `names` has the names of people and teams."""
    called = titles()
    words = {"owed": dict(verdicts()), "standing": dict(standings())}
    words["paused"] = {"yes": _("yes"), "no": _("no")}
    for name, text in filters.typed.items():
        if name in filters.wrong:
            continue
        value = words.get(name, {}).get(text, text)
        if name in {"owner", "team"}:
            value = names.get(text, text)
        if name in DAYS:
            value = day_text(read_day(text))
        yield Chip(called[name], value, f"{path}?{filters.query(**{name: ''})}")


def api_query(filters: Filters, stamp: Callable[[int], str]) -> str:
    """The same leads as the API is asked for them; it sorts by their keys, which every lead has."""
    told = {name: _told(name, value, stamp) for name, value in filters.wanted.items()}
    return urlencode(told)


def _told(name: str, value: Any, stamp: Callable[[int], str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return stamp(value) if name.endswith(("_before", "_after")) else str(value)
