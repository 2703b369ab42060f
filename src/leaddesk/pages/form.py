"""Form: fields as a page shows them, with what was typed and what is wrong with it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _

from leaddesk.book.refusal import Absent, Forbidden, Refused, Stale
from leaddesk.pages import problems

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
        for one in fields
    ]


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
