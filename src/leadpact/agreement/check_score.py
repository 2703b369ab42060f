"""Checks of scoring: conditions ask for what there is, caps and grades can bind, nothing is in vain."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from leadpact.agreement.conditions import All, Any_, Bounds, Condition, Did, Is, Not
from leadpact.agreement.demand import FitRule, InterestRule, Qualification
from leadpact.agreement.findings import MOST, Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.names import KIND_NAMES, behaviours
from leadpact.facts import CREATED, KINDS, PERSONAL, key
from leadpact.problem import Path, did_you_mean, meant
from leadpact.units import DAY, Misread, number
from leadpact.words import _

SCORES = ("fit", "interest")
KNOWN = frozenset(
    {*SCORES, "lead type", "chance", "grade", *(field.name for field in KINDS[CREATED].fields)}
)
"""Fields that need nobody to tell them."""


def faults(agreement: Agreement) -> Iterator[Finding]:
    """What a score can't be made of."""
    yield from _fields(agreement)
    if agreement.qualification is not None:
        clause = agreement.qualification
        yield from _rules(clause)
        yield from _groups(clause)
        yield from _grades(clause)
        yield from _hysteresis(clause)
    yield from _at_once(agreement)


def conditions(agreement: Agreement) -> Iterator[tuple[Path, Condition]]:
    """Every condition of an agreement, with its path."""
    stated: list[tuple[Path, Condition | None]] = [(("applies to",), agreement.applies_to)]
    if clause := agreement.qualification:
        path: Path = ("qualification",)
        stated += [((*path, "fit", n, "when"), rule.when) for n, rule in enumerate(clause.fit)]
        rules = clause.qualifies.items()
        stated += [((*path, f"qualifies as {stage}"), rule) for stage, rule in rules]
        stated.append(((*path, "disqualifies"), clause.disqualifies))
    if agreement.handoff and (route := agreement.handoff.route):
        for place, territory in enumerate(route.territories):
            stated.append((("handoff", "route", "territories", place, "when"), territory.when))
    tracks = agreement.nurture.items()
    stated += [(("nurture", name, "enter when"), track.enter_when) for name, track in tracks]
    for name, (side, promise) in agreement.promised().items():
        stated.append((("promises", side, name, "for"), promise.for_))
    for path, condition in stated:
        if condition is not None:
            yield path, condition


def tests(path: Path, condition: Condition) -> Iterator[tuple[Path, str, Bounds | tuple[str, ...]]]:
    """Every field that a condition asks for, with its path and test."""
    if isinstance(condition, Is):
        for name, test in condition.fields.items():
            yield (*path, name), name, test
    elif isinstance(condition, Not):
        yield from tests((*path, "not"), condition.not_)
    elif not isinstance(condition, Did):
        parts = condition.all if isinstance(condition, All) else condition.any
        word = "any" if isinstance(condition, Any_) else "all"
        for place, part in enumerate(parts):
            yield from tests((*path, word, place), part)


def _fields(agreement: Agreement) -> Iterator[Finding]:
    asked = [found for stated in conditions(agreement) for found in tests(*stated)]
    uses = Counter(name for _path, name, _test in asked)
    for path, name, test in asked:
        if name in SCORES:
            yield from _score(path, name, test)
        elif name in KNOWN:
            continue
        elif key(name) in PERSONAL:
            said = _("'{name}' is personal data, which a log never keeps.").format(name=name)
            yield Finding(path, said, _("Ask for an attribute, such as `free mail: yes`."))
        elif near := _slip(name, uses):
            said = _("Nothing tells '{name}' of a lead.").format(name=name)
            yield Finding(path, said, _("Did you mean '{near}'?").format(near=near))


def _score(path: Path, name: str, test: Bounds | tuple[str, ...]) -> Iterator[Finding]:
    """A score is a number, and no rule of fit asks for one: that would be a circle."""
    if path[:2] == ("qualification", "fit"):
        said = _("A rule of fit asks for {name}, which comes of such rules.").format(name=name)
        yield Finding(path, said, _("Ask for it under `qualifies as …`."))
    words = test.in_ or () if isinstance(test, Bounds) else test
    for word in words:
        try:
            number(word)
        except Misread:
            said = _("{name} is a number, never '{word}'.").format(name=name, word=word)
            yield Finding(path, said, _("Write `at least:` or `at most:`."))


def _slip(name: str, uses: Mapping[str, int]) -> str | None:
    """The field that was surely meant: one that is always there, or that is used more often."""
    near = [known for known in sorted(KNOWN) if _one_off(name, known)]
    if len(name) > 4:
        earlier = True
        for other, times in islice(uses.items(), MOST):
            earlier &= other != name
            more = times > uses[name] or (times == uses[name] and earlier)
            if more and other not in KNOWN and _one_off(name, other):
                near.append(other)
    return near[0] if near else None


def _one_off(one: str, other: str) -> bool:
    """Whether a slip of one key parts two words: one letter too many, another or swapped.

    Words of which the end counts on (`need 1`, `need 2`) differ on purpose; so may short ones.
    """
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 2:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return not (one + other)[-1].isdigit()
    a, b = one[start:], other[start:]
    if len(a) != len(b):
        return (a[1:] == b or b[1:] == a) and not (a[0] + b[0]).isdigit()
    swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    letters = not (a[0].isdigit() or b[0].isdigit())
    return swapped or (a[1:] == b[1:] and letters and len(one) > 5)


def _rules(clause: Qualification) -> Iterator[Finding]:
    for place, rule in enumerate(clause.interest):
        path: Path = ("qualification", "interest", place)
        if (half := rule.halves_after) is not None and not (half.micros or half.days * DAY):
            said = _("Points that fade by half in no time are none.")
            yield Finding((*path, "halves after"), said, _("Write a time above zero."))
        if rule.at_most and (rule.at_most < 0) != (rule.points < 0):
            said = _("Points of {points} never reach {most}.")
            yield Finding(
                (*path, "at most"),
                said.format(points=f"{rule.points:+}", most=f"{rule.at_most:+}"),
                _("Give both the same sign."),
            )
    account = clause.account
    if account is not None and account.at_most is not None and account.at_most < 0:
        said = _("The interest of colleagues can't be at most {most}.")
        path = ("qualification", "account", "at most")
        yield Finding(path, said.format(most=account.at_most), _("Write zero or more."))


def _groups(clause: Qualification) -> Iterator[Finding]:
    groups = {"fit": _named(clause.fit), "interest": _named(clause.interest)}
    known = list(dict.fromkeys(name for found in groups.values() for name in found))
    for name in clause.caps:
        if name not in known and name not in SCORES:
            said = _("No rule is in the group '{name}'.").format(name=name)
            words = [*known, *SCORES]
            remedy = did_you_mean(name, words if meant(name, words) or not known else known)
            yield Finding(("qualification", "caps", name), said, remedy)
    for axis, found in groups.items():
        for name, place in found.items():
            path = ("qualification", axis, place, "group")
            if name in SCORES:
                said = _("'{name}' is no group: it is the whole of {name}.").format(name=name)
                yield Finding(path, said, _("Give the group another name."))
            elif axis == "interest" and name in groups["fit"]:
                said = _("The group '{name}' holds rules of fit and of interest.").format(name=name)
                yield Finding(path, said, _("Give each of the two a group of its own."))


def _named(rules: Iterable[FitRule | InterestRule]) -> dict[str, int]:
    """The groups of some rules, each with its first rule."""
    found: dict[str, int] = {}
    for place, rule in enumerate(rules):
        if rule.group is not None:
            found.setdefault(rule.group, place)
    return found


def _grades(clause: Qualification) -> Iterator[Finding]:
    for axis in SCORES if clause.grades else ():
        first, second = getattr(clause.grades, axis)
        if first <= second:
            said = _("The grades of {axis} don't descend: {first}, then {second}.")
            yield Finding(
                ("qualification", "grades", axis),
                said.format(axis=axis, first=first, second=second),
                _("Write the higher one first, such as [40, 20]."),
            )


def _hysteresis(clause: Qualification) -> Iterator[Finding]:
    if clause.hysteresis and not any(
        name in SCORES and isinstance(test, Bounds)
        for stage, rule in clause.qualifies.items()
        for _path, name, test in tests((stage,), rule)
    ):
        said = _("Nobody qualifies by points, so that there is nothing to fall below.")
        remedy = _("Ask for `fit` or `interest` under `qualifies as …`, or leave it out.")
        yield Finding(("qualification", "hysteresis"), said, remedy)


def _at_once(agreement: Agreement) -> Iterator[Finding]:
    heard = behaviours(agreement)
    for place, act in enumerate(agreement.handoff.at_once if agreement.handoff else ()):
        if act not in heard and act not in KIND_NAMES:
            said = _("Leads don't do '{act}' anywhere in this agreement.").format(act=act)
            remedy = did_you_mean(act, heard) if heard else ""
            remedy = remedy or _("Give points for it, or define it under `definitions`.")
            yield Finding(("handoff", "at once", place), said, remedy)
