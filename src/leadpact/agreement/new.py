"""New: an agreement to begin with, from a template."""

import json
import re
from datetime import date, timedelta
from importlib import resources
from string import Template

from leadpact.problem import did_you_mean
from leadpact.units import Misread
from leadpact.words import _

_PLAIN = re.compile(r"[^\W\d_][\w ().,/+-]*", re.UNICODE)
_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOTHING = frozenset({"null", "~", ""})


def templates() -> dict[str, str]:
    """The templates by name, each with what it says about itself."""
    return {
        file.name.removesuffix(".yaml"): _about(file.read_text("utf-8"))
        for file in sorted(_folder().iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    }


def new(template: str, name: str, start: date) -> str:
    """The text of a new agreement called `name`, in force for a year from `start`.

    Raises `Misread` for an unknown template, with the near one, and for an empty name.
    """
    known = templates()
    if template not in known:
        raise Misread(
            _("There is no template '{name}'.").format(name=template),
            did_you_mean(template, known),
        )
    if not name.strip():
        raise Misread(_("The agreement needs a name."), _("Write what it is about, and when."))
    text = (_folder() / f"{template}.yaml").read_text("utf-8")
    return Template(text).substitute(
        name=quoted(name.strip()),
        start=start,
        end=a_year_from(start),
        later=start + timedelta(days=270),
        workday=start + timedelta(days=(7 - start.weekday()) % 7),
    )


def quoted(text: str, *, flow: bool = False) -> str:
    """A text as one YAML value, in quotes where it needs them; `flow`: within brackets."""
    if (
        _PLAIN.fullmatch(text)
        and not (flow and "," in text)
        and not text.endswith(" ")
        and text.lower() not in _NOTHING
    ):
        return text
    readable = text.encode("utf-8", "replace").decode()
    escaped = json.dumps(readable, ensure_ascii=False)
    return _UNPRINTED.sub(lambda char: f"\\u{ord(char[0]):04x}", escaped)


def a_year_from(start: date) -> date:
    """The last day of a year that begins on `start`."""
    leap = start.month == 2 and start.day == 29
    again = date(start.year + 1, 3, 1) if leap else start.replace(year=start.year + 1)
    return again - timedelta(days=1)


def _folder() -> resources.abc.Traversable:
    return resources.files("leadpact.agreement") / "templates"


def _about(text: str) -> str:
    """The comment at the head of a template, as a sentence."""
    head = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    return " ".join(head)
