"""Headings: under which one a clause of an agreement stands when it is shown."""

from leadpact.words import _


def heading(path: str) -> str:
    """The heading of the clause at a path in the author's words."""
    first, *rest = path.split(".")
    if first == "promises" and rest:
        return _("Promises of {side}").format(side=rest[0])
    return _headings().get(first, _("The agreement"))


def _headings() -> dict[str, str]:
    return {
        "between": _("Parties"),
        "teams": _("Parties"),
        "people": _("Parties"),
        "calendars": _("Calendars and term"),
        "term": _("Calendars and term"),
        "goal": _("Goal"),
        "definitions": _("Definitions"),
        "qualification": _("Qualification"),
        "funnel": _("Funnel"),
        "funnel by stream": _("Funnel"),
        "improve": _("Funnel"),
        "handoff": _("Hand-off"),
        "nurture": _("Nurture"),
        "promises": _("Promises"),
        "pauses": _("Living with it"),
        "kpis": _("Figures and commitments"),
        "commitments": _("Figures and commitments"),
        "rhythm": _("Living with it"),
        "cases": _("Worked examples"),
        "lessons": _("Living with it"),
        "to be signed by": _("Signatures"),
    }
