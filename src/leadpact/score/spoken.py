"""Spoken: points and the factors of a score as people read them."""

from fractions import Fraction

from leadpact.agreement.model import Agreement
from leadpact.agreement.wording import condition
from leadpact.figure import number
from leadpact.score.conditions import HUNDREDTHS
from leadpact.score.result import Factor
from leadpact.score.rules import EMPTY
from leadpact.words import _, ngettext


def points_text(points: int, *, signed: bool = False) -> str:
    """Hundredths of a point in points: ``24.37``, or ``+24.37`` and ``−5`` with the sign."""
    text = number(Fraction(abs(points), HUNDREDTHS))
    if points < 0:
        return f"−{text}"
    return f"+{text}" if signed else text


def said(agreement: Agreement, factor: Factor) -> str:
    """What a factor is for, without its points."""
    clause = agreement.qualification or EMPTY
    if factor.kind == "rule" and factor.axis == "fit" and factor.rule is not None:
        return condition(clause.fit[factor.rule].when)
    if factor.kind == "rule":
        done = ngettext("'{what}' {n} time", "'{what}' {n} times", factor.times)
        return done.format(what=factor.name, n=factor.times)
    whole = _("cap of fit") if factor.axis == "fit" else _("cap of interest")
    words = {
        "rule cap": _("cap of '{what}'"),
        "group cap": _("cap of the group {what}"),
        "account": _("what colleagues at the company did"),
        "account cap": _("cap of what colleagues did"),
        "cap": whole,
        "by hand": _("given by hand by {what}") if factor.name else _("given by hand"),
    }
    text = words[factor.kind].format(what=factor.name)
    return f"{text}: {factor.why}" if factor.why else text
