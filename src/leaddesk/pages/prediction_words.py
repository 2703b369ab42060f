"""Prediction in words: why a model was not trained, and why an attribute was left out of it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.tongue import number, percent


def missing(told: Mapping[str, Any]) -> str:
    """What a model lacked, with the minimum."""
    said = {
        "leads": _(
            "%(found)s leads have a known outcome; at least %(needed)s are needed, %(more)s more."
        ),
        "won": _("%(found)s leads were won; at least %(needed)s are needed, %(more)s more."),
        "lost": _("%(found)s leads were not won; at least %(needed)s are needed, %(more)s more."),
        "later": _(
            "Of the later leads, by which a model is checked, only %(found)s were won, or not won; at"
            " least %(needed)s are needed."
        ),
        "features": _("Nothing that could tell is known of the leads before the handoff."),
        "library": _("scikit-learn isn't installed on the server: ask for leadpact[learn]."),
        "failed": _("Training failed; the log of the worker says why."),
    }[told["what"]]
    found, needed = told["found"], told["needed"]
    more = max(needed - found, 0)
    return said % {"found": number(found), "needed": number(needed), "more": number(more)}


def why_left_out(told: Mapping[str, Any]) -> str:
    """Why an attribute was left out."""
    said = {
        "after": _(
            "Known only after the handoff for %(share)s of the %(leads)s leads that have it."
        ),
        "filled": _(
            "%(share)s of the %(leads)s leads that have it were won, unlike all others: it is filled in"
            " once the outcome is known."
        ),
        "blank": _(
            "Only %(share)s of the %(leads)s leads without it were won: it is filled in as the outcome"
            " becomes known."
        ),
        "value": _(
            "Only %(share)s of the %(leads)s leads with “%(value)s” were won: it is set once the"
            " outcome is known."
        ),
        "tells": _(
            "It alone tells who is won (AUC %(auc)s, %(leads)s leads): too good to have been known"
            " beforehand."
        ),
        "own": _("Nearly every one of its %(leads)s leads has a value of its own."),
    }[told["why"]]
    share = told["share"]
    return said % {
        "share": percent(share),
        "auc": number(round(share, 2)),
        "leads": number(told["leads"]),
        "value": told["value"],
    }
