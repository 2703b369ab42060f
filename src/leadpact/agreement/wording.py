"""Wording: names, lists, numbers and conditions of an agreement as parts of a sentence."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from leadpact.agreement.clause import rate_text
from leadpact.agreement.conditions import All, Any_, Bounds, Condition, Did, Is, Not
from leadpact.agreement.demand import Dated
from leadpact.agreement.model import Agreement
from leadpact.problem import Path
from leadpact.words import _, ngettext


class Said(NamedTuple):
    """A sentence about the clause at a path."""

    path: Path
    text: str


def happens(name: str, agreement: Agreement, subject: str) -> str:
    """A fact, stage or engagement as a clause of a sentence: ``a lead is handed over``."""
    facts = _facts()
    if name in facts:
        return facts[name].format(it=subject)
    if name in agreement.stages:
        return _("{it} becomes {stage}").format(it=subject, stage=name)
    return _("'{what}' happens").format(what=name)


def _facts() -> dict[str, str]:
    return {
        "created": _("{it} arises"),
        "described": _("something becomes known about {it}"),
        "engaged": _("{it} shows interest"),
        "replied": _("{it} replies"),
        "scored": _("{it} is scored"),
        "moved": _("{it} changes its stage"),
        "handed over": _("{it} is handed over"),
        "accepted": _("sales accepts {it}"),
        "rejected": _("sales rejects {it}"),
        "assigned": _("{it} gets an owner"),
        "attempted": _("somebody tries to reach {it}"),
        "returned": _("{it} goes back to marketing"),
        "disqualified": _("{it} turns out to be no lead"),
        "converted": _("{it} becomes a deal"),
        "won": _("{it} is won"),
        "lost": _("{it} is lost"),
        "suppressed": _("{it} must not be contacted any more"),
        "merged": _("{it} is merged into another lead"),
        "paused": _("{it} is paused"),
        "resumed": _("{it} is taken up again"),
        "enrolled": _("{it} is enrolled for nurture"),
        "ruled": _("a verdict on {it} is announced"),
        "waived": _("a promise about {it} is waived"),
        "disputed": _("a verdict on {it} is contested"),
        "corrected": _("a fact about {it} is taken back"),
    }


def either(words: Iterable[str]) -> str:
    """``a, b or c``"""
    return _joined(list(words), _("{some} or {last}"))


def both(words: Iterable[str]) -> str:
    """``a, b and c``"""
    return _joined(list(words), _("{some} and {last}"))


def _joined(words: Sequence[str], template: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return template.format(some=", ".join(words[:-1]), last=words[-1])


def share(value: Fraction) -> str:
    """A rate as people write it."""
    return rate_text(value)


def number(value: Decimal) -> str:
    """A number with its thousands parted."""
    return f"{value:,f}"


def each(period: str) -> str:
    """``each month``"""
    return {
        "day": _("each day"),
        "week": _("each week"),
        "month": _("each month"),
        "quarter": _("each quarter"),
        "year": _("each year"),
    }[period]


def days_off(first: date, last: date) -> str:
    """A range of days."""
    if first == last:
        return _("on {day}").format(day=first)
    return _("from {first} to {last}").format(first=first, last=last)


def series(values: Sequence[Dated], unit: str = "") -> str:
    """A value, or several with the days from which they hold and where they come from."""
    return _(", then ").join(_dated(value, unit) for value in values)


def _dated(value: Dated, unit: str) -> str:
    text = f"{value.value} {unit}".strip()
    if value.from_:
        text = _("{value} from {day}").format(value=text, day=value.from_)
    return f"{text} ({value.source})" if value.source else text


def condition(rule: Condition) -> str:
    """A condition as a clause of a sentence about a lead."""
    if isinstance(rule, Is):
        return both(_test(field, test) for field, test in rule.fields.items())
    if isinstance(rule, Did):
        return _did(rule)
    if isinstance(rule, Not):
        return _("it is not so that {condition}").format(condition=condition(rule.not_))
    if isinstance(rule, All):
        return both(_part(part) for part in rule.all)
    return either(_part(part) for part in rule.any)


def _part(rule: Condition) -> str:
    """A part of a longer condition, in brackets where it has parts of its own."""
    parts: tuple[Condition, ...] = ()
    if isinstance(rule, All):
        parts = rule.all
    elif isinstance(rule, Any_):
        parts = rule.any
    return f"({condition(rule)})" if len(parts) > 1 else condition(rule)


def _test(field: str, test: Bounds | tuple[str, ...]) -> str:
    if not isinstance(test, Bounds):
        return _("{field} is {words}").format(field=field, words=either(test))
    said: list[str] = []
    if test.at_least is not None:
        said.append(_("at least {least}").format(least=number(test.at_least)))
    if test.at_most is not None:
        said.append(_("at most {most}").format(most=number(test.at_most)))
    if test.in_ is not None:
        said.append(either(test.in_))
    return _("{field} is {words}").format(field=field, words=both(said))


def _did(rule: Did) -> str:
    said = _("'{what}' happened").format(what=rule.did)
    if rule.times > 1:
        said = ngettext(
            "'{what}' happened at least {n} time",
            "'{what}' happened at least {n} times",
            rule.times,
        ).format(what=rule.did, n=rule.times)
    if rule.within:
        said = _("{what} within the last {span}").format(what=said, span=rule.within)
    return said


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
