"""Form: fields as a page shows them, with what was typed and what is wrong with it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import wraps
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _

from leaddesk.book.refusal import Absent, Forbidden, Refused, Stale
from leaddesk.pages import problems
from leaddesk.tongue import Unread, examples, is_by_other_calendar, read_day, written_day
from leadpact.problem import Problem

Choices = Sequence[tuple[str, str]]


class Field(NamedTuple):
    """A field of a form: its name, what it is called, and how it is entered."""

    name: str
    label: str
    hint: str = ""
    type: str = "text"
    choices: Choices = ()
    dir: str = "auto"
    autocomplete: str = ""
    required: bool = False


def filled(
    fields: Iterable[Field],
    values: Mapping[str, Any],
    errors: Mapping[str, Sequence[str]] | None = None,
) -> list[dict[str, Any]]:
    """Fields with their values and errors, as the part `field.html` takes them."""
    wrong = errors or {}
    return [
        one._asdict()
        | {"id": one.name, "value": values.get(one.name, ""), "errors": wrong.get(one.name, [])}
        | (_of_day(one, str(values.get(one.name, "") or "")) if one.type == "date" else {})
        for one in fields
    ]


def _of_day(field: Field, value: str) -> dict[str, str]:
    """How a day is entered: by the browser's own means, or typed where it knows not the reader's
    calendar, or can't show what they typed."""
    day = _day(value)
    if not is_by_other_calendar() and (not value or day is not None):
        return {"value": day.isoformat() if day else ""}
    hint = _("Write it like %s.") % examples()
    return {
        "type": "text",
        "dir": "ltr",
        "autocomplete": "off",
        "value": written_day(day) if day else value,
        "hint": f"{field.hint} {hint}".strip(),
    }


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except Unread:
        return None


def with_days(given: Mapping[str, str], fields: Iterable[Field]) -> dict[str, str]:
    """What was typed, with the days in ISO. Raises `Refused`, which names every one that is none."""
    found, wrong = dict(given), []
    for one in fields:
        text = found.get(one.name, "").strip()
        if one.type != "date" or not text:
            continue
        try:
            found[one.name] = read_day(text).isoformat()
        except Unread as error:
            wrong.append(Problem(one.name, 0, str(error), ""))
    if wrong:
        raise Refused(wrong)
    return found


def told(refusal: Refused, known: Collection[str] = ()) -> dict[str, list[str]]:
    """What is wrong, by field; what belongs to none of the `known` fields under ""."""
    found: dict[str, list[str]] = {}
    for problem in refusal.problems:
        place = problem.path if not known or problem.path in known else ""
        found.setdefault(place, []).append(f"{problem.problem} {problem.remedy}".strip())
    return found


def typed(request: Any, fields: Iterable[Field]) -> dict[str, str]:
    """What was typed into the fields of a form that was sent."""
    return {one.name: request.POST.get(one.name, "") for one in fields}


def answering(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose refusals of a whole page people can read."""

    @wraps(view)
    def answer(request: Any, *args: Any, **parts: Any) -> HttpResponse:
        try:
            return view(request, *args, **parts)
        except Forbidden as error:
            return problems.forbidden(request, error)
        except Absent as error:
            return problems.absent(request, error)
        except Stale:
            return problems.told(
                409,
                _("Somebody else changed this"),
                _("It was changed after you opened the form, so yours was not stored."),
                _("Go back, reload the page, and enter your changes again."),
            )

    return answer
