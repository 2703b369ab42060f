"""Written: an agreement back in its author's form, as plain values; what is usual is left out."""

from typing import Any

from leadpact.agreement.clause import Clause
from leadpact.agreement.conditions import Is
from leadpact.agreement.demand import QUALIFIES, Dated, Funnel, Qualification
from leadpact.agreement.model import Agreement


def written(agreement: Agreement) -> dict[str, Any]:
    """The agreement as dicts, lists and texts; loading them yields the same agreement.

    Keys stand in the order of the clause types, names in the order of the author.
    """
    dumped = agreement.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    form: dict[str, Any] = _form(agreement, dumped)
    return form


def _form(value: Any, dumped: Any) -> Any:
    if isinstance(value, Dated) and set(dumped) == {"value"}:
        return dumped["value"]
    if isinstance(value, Clause):
        return _clause(value, dumped)
    if isinstance(value, dict):
        return {key: _form(inside, dumped[key]) for key, inside in value.items()}
    if isinstance(value, tuple) and any(isinstance(inside, Clause) for inside in value):
        forms = [_form(inside, text) for inside, text in zip(value, dumped, strict=True)]
        return forms[0] if len(forms) == 1 and isinstance(forms[0], str) else forms
    return dumped


def _clause(clause: Clause, dumped: dict[str, Any]) -> dict[str, Any]:
    known = {
        str(field.alias): _form(getattr(clause, name), dumped[str(field.alias)])
        for name, field in type(clause).model_fields.items()
        if field.alias in dumped
    }
    form = {**known, **{key: text for key, text in dumped.items() if key not in known}}
    if isinstance(clause, Is):
        return dict(form["fields"])
    if isinstance(clause, Funnel):
        return {**form.pop("steps", {}), **form}
    if isinstance(clause, Qualification):
        rules = form.pop("qualifies", {})
        return {**form, **{f"{QUALIFIES}{stage}": rule for stage, rule in rules.items()}}
    return form
