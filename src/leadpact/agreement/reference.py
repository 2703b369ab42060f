"""Reference: every clause with its keys, units, defaults and an example, as a page (Markdown)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from leadpact.agreement import shape
from leadpact.agreement.clause import Clause, rate_text
from leadpact.agreement.conditions import Condition
from leadpact.agreement.demand import Dated
from leadpact.agreement.model import Agreement
from leadpact.agreement.new import new
from leadpact.agreement.snippets import SNIPPETS

TITLES = {
    "Agreement": "The agreement",
    "CalendarClause": "Calendar",
    "Any_": "Condition: any",
    "All": "Condition: all",
    "Not": "Condition: not",
    "Did": "Condition: did",
    "Is": "Condition: fields",
    "Response": "Promise of a response",
    "Volume": "Promise of a volume",
    "Ratio": "Promise of a rate",
    "FitRule": "Rule of fit",
    "InterestRule": "Rule of interest",
    "GoingBack": "Return by itself",
    "DatedRate": "Rate from a day on",
    "DatedAmount": "Amount from a day on",
}


def text() -> str:
    """The page."""
    parts = [_HEAD, "## A whole agreement", "", "```yaml"]
    parts += [new("packhelp", "New business 2026", date(2026, 1, 1)).rstrip(), "```", ""]
    for clause in clauses():
        parts += list(_section(clause))
    return "\n".join(parts)


def clauses() -> list[type[Clause]]:
    """All clause types, in the order in which the agreement names them."""
    found: list[type[Clause]] = [Agreement]
    for clause in found:
        for field in clause.model_fields.values():
            found += [inner for inner in _inside(shape.type_of(field)) if inner not in found]
    return found


def _inside(annotation: Any) -> list[type[Clause]]:
    """The clause types within a type."""
    kind = shape.bare(annotation)
    if shape.is_clause(kind):
        return [kind]
    parts = shape.alternatives(annotation)
    if len(parts) == 1:
        parts = tuple(part for part in get_args(kind) if part is not ...)
    return list(dict.fromkeys(clause for part in parts for clause in _inside(part)))


def _section(clause: type[Clause]) -> Iterator[str]:
    yield f"## {title(clause)}"
    yield ""
    yield shape.meaning(clause)
    yield ""
    yield "| key | is | unless said | meaning |"
    yield "|---|---|---|---|"
    for name, field in clause.model_fields.items():
        keys = shape.OPEN_KEYS[clause] if (clause, name) in shape.GATHERED else (field.alias,)
        spoken = ", ".join(f"`{key}`" for key in keys)
        kind = _called(_gathered(clause, name, field), field.examples)
        yield f"| {spoken} | {kind} | {_default(field)} | {field.description} |"
    if clause in shape.OPEN_KEYS and not any(c is clause for c, _name in shape.GATHERED):
        yield f"| `{shape.OPEN_KEYS[clause][0]}` | text | | a word of your own and what it means |"
    yield ""
    yield f"```yaml\n{SNIPPETS[clause.__name__].strip()}\n```"
    yield ""


def _gathered(clause: type[Clause], name: str, field: FieldInfo) -> Any:
    """The type of a field; for one that gathers keys, of the value of each."""
    annotation = shape.type_of(field)
    gathers = (clause, name) in shape.GATHERED
    return get_args(shape.bare(annotation))[1] if gathers else annotation


def title(clause: type[Clause]) -> str:
    """The heading of a clause."""
    return TITLES.get(clause.__name__, clause.__name__)


def _called(annotation: Any, examples: list[Any] | None = None) -> str:
    """What a value of a type is, in words."""
    if unit := shape.unit(annotation):
        like = examples[0] if examples else shape.example(annotation)
        return f"{unit}: `{like}`" if like else unit
    if shape.alternatives(annotation) == shape.alternatives(Condition):
        return "[condition](#condition-all)"
    kind = shape.bare(annotation)
    if shape.is_clause(kind):
        heading = title(kind)
        anchor = heading.lower().replace(":", "").replace(" ", "-")
        return f"[{heading}](#{anchor})"
    if get_origin(kind) is Literal:
        return " or ".join(f"`{word}`" for word in get_args(kind))
    if get_origin(kind) is dict:
        return f"names, each with: {_called(get_args(kind)[1])}"
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        inner = _called(item)
        if isinstance(item, type) and issubclass(item, Dated):
            return f"{item.__name__.removeprefix('Dated').lower()}, or list of: {inner}"
        return f"{inner}, or a list" if shape.reads_single(annotation) else f"list of: {inner}"
    parts = shape.alternatives(annotation)
    return " or ".join(_called(part) for part in parts) if len(parts) > 1 else "text"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default()
    if isinstance(value, bool):
        return f"`{'yes' if value else 'no'}`"
    if isinstance(value, Fraction):
        return f"`{rate_text(value)}`"
    if isinstance(value, (str, int, Decimal)):
        return f"`{value}`"
    return f"`[{', '.join(value)}]`" if isinstance(value, tuple) and value else ""


_HEAD = """# The agreement

An agreement is one text in YAML that both sides can read and sign. `leadpact new` writes a first
one, `leadpact check` names what is wrong or missing, `leadpact explain` says each clause in a
sentence, `leadpact schema` prints a JSON Schema by which editors check while one writes.

- Keys are written with spaces (`valid from`); underscores and capitals don't matter. A key that
  isn't listed here is refused, with the one that was probably meant.
- Every value is read as text and typed by its clause: `NO`, `17:30`, `010` and `2.50` stay as they
  are written. Anchors, aliases, tags, merge keys and directives are refused.
- A mark such as `…` or `___` is a blank; an agreement with blanks is a draft and judges nothing.
- How promises are judged is told in [judging.md](judging.md), what facts there are in
  [facts.md](facts.md), how working time runs in [clock.md](clock.md).

## How values are written

| unit | written like | note |
|---|---|---|
| rate | `34%`, `0.34`, `1/3` | from 0 to 1; exact |
| percentage | `150%` | may pass 100% |
| amount | `500000`, `500,000`, `128.50` | zero or more, in the agreement's currency |
| number, points, whole number | `20`, `-10` | exact |
| length of time | `4 working hours`, `90 minutes`, `14 days`, `2 working days`, `8 weeks` | hours elapse; working hours run on a calendar; days end at the same local time |
| time, day and night | `36 hours`, `30 days` | no working time here |
| date, days | `2026-01-31`, `2026-02-02/2026-02-13` | a range includes both ends |
| period | `day`, `week`, `month`, `quarter`, `year` | also `daily`, `monthly` … |
| yes or no | `yes`, `no` | also `true`, `false` |
| hours of a day | `09:00-12:30`, `22:00-06:00`, `always`, `closed` | past midnight where the end is earlier |
| days of the week | `mon`, `mon-fri`, `sun-thu`, `sat, sun` | |

A **name** of the trade (a stage, a fact, a channel, a lead type, a promise) is compared without case
and with underscores as spaces. Names under `after`, `do` and `unless` are kinds of fact, else stages,
else what leads do (`demo requested`). People, teams and calendars are taken as they are written.

A **condition** says which leads a clause is about: fields and their tests (`{industry: [retail,
food]}`, `{employees: {at least: 50}}`; `fit` and `interest` are scores), `all`, `any`, `not`, or
`{did: demo requested, within: 30 days}`.
"""
