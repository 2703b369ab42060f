"""Explain, scoring: caps, grades, colleagues and what must happen before a lead counts again."""

from collections.abc import Iterator

from leadpact.agreement.check_score import tests
from leadpact.agreement.demand import Qualification
from leadpact.agreement.model import Agreement
from leadpact.agreement.wording import Said, both, sentence, share
from leadpact.words import _, ngettext


def scoring(agreement: Agreement) -> Iterator[Said]:
    """The clauses of scoring beside the rules themselves."""
    clause = agreement.qualification
    if clause is not None:
        yield from _caps(clause)
        yield from _account(clause)
        yield from _grades(clause)
        yield from _hysteresis(clause)


def _caps(clause: Qualification) -> Iterator[Said]:
    for name, most in clause.caps.items():
        path = ("qualification", "caps", name)
        if name in ("fit", "interest"):
            said = ngettext(
                "{name} is at most {most} point in all.",
                "{name} is at most {most} points in all.",
                abs(most),
            )
        else:
            said = ngettext(
                "The rules of the group {name}{rules} give at most {most} point together.",
                "The rules of the group {name}{rules} give at most {most} points together.",
                abs(most),
            )
        text = said.format(name=name, most=most, rules=_members(clause, name))
        yield Said(path, sentence(text))


def _members(clause: Qualification, name: str) -> str:
    """What the rules of a group ask for, in brackets."""
    asked = [rule.did for rule in clause.interest if rule.group == name]
    for place, rule in enumerate(clause.fit):
        if rule.group == name:
            asked += [field for _path, field, _test in tests((place,), rule.when)]
    return f" ({both(dict.fromkeys(asked))})" if asked else ""


def _account(clause: Qualification) -> Iterator[Said]:
    if account := clause.account:
        said = _("{share} of the points of colleagues at the same company count for a lead too.")
        if account.at_most is not None:
            said = _(
                "{share} of the points of colleagues at the same company count for a lead too, "
                "at most {most} in all."
            )
        yield Said(
            ("qualification", "account"),
            said.format(share=share(account.share), most=account.at_most),
        )


def _grades(clause: Qualification) -> Iterator[Said]:
    if grid := clause.grades:
        said = _(
            "The grade has a letter for fit (A from {a}, B from {b} points, else C) and a digit for "
            "interest (1 from {one}, 2 from {two} points, else 3): A1 is the best."
        )
        points = dict(zip(("a", "b", "one", "two"), (*grid.fit, *grid.interest), strict=True))
        yield Said(("qualification", "grades"), said.format(**points))


def _hysteresis(clause: Qualification) -> Iterator[Said]:
    if clause.hysteresis:
        said = ngettext(
            "A lead that has qualified qualifies anew only after it has fallen {n} point below the rule.",
            "A lead that has qualified qualifies anew only after it has fallen {n} points below the rule.",
            clause.hysteresis,
        )
        yield Said(("qualification", "hysteresis"), said.format(n=clause.hysteresis))
