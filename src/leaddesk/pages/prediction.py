"""Prediction: models of the chance to win: how well each foretold, what it looks at, and its use."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import foretelling, moment
from leaddesk.book.foretelling import State
from leaddesk.book.models import ScoreModel
from leaddesk.book.refusal import Refused
from leaddesk.pages import prediction_charts, toast
from leaddesk.pages.charts import Chart, file_of
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.prediction_words import missing, why_left_out
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent, span
from leadpact.learn import named, read_model
from leadpact.learn.drift import Shift
from leadpact.learn.model import LOGIT, Feature

MOST_SHOWN = 50
_MOST_VALUES = 3


class Value(NamedTuple):
    """A value of a feature: what it is, and by how much it changes the odds."""

    says: str
    times: str


class Looked(NamedTuple):
    """A feature that a model looks at: what speaks most for a lead, and most against it."""

    name: str
    for_it: list[Value]
    against: list[Value]


@require_safe
@signed_in
def prediction(request: Any) -> HttpResponse:
    """The models of the workspace; of one of them what it is worth."""
    return _page(request)


@require_POST
@signed_in
@answering
def train(request: Any) -> HttpResponse:
    """Ask for a new model."""
    row = foretelling.want(request.actor, moment.now())
    toast.say(request, _("The worker trains a model from the leads as they stand."))
    return HttpResponseRedirect(f"{reverse('prediction')}?model={row.number}")


@require_POST
@signed_in
@answering
def use(request: Any, number: int) -> HttpResponse:
    """Let leads that qualify from now on get their chance by a model."""
    try:
        foretelling.put_to_use(request.actor, number, moment.now())
    except Refused as refusal:
        return _page(request, refusal)
    toast.say(request, _("From now on, leads that qualify get their chance by this model."))
    return HttpResponseRedirect(reverse("prediction"))


@require_POST
@signed_in
@answering
def retire(request: Any, number: int) -> HttpResponse:
    """Use a model no longer."""
    foretelling.retire(request.actor, number, moment.now())
    toast.say(request, _("The model is used no longer. The chances that it gave stay."))
    return HttpResponseRedirect(reverse("prediction"))


def _page(request: Any, refusal: Refused | None = None) -> HttpResponse:
    rows = [*foretelling.models(request.actor)[:MOST_SHOWN]]
    row = _chosen(rows, request.GET.get("model", ""))
    charts: list[Chart | None] = [] if row is None else prediction_charts.charts(row)
    if (file := file_of(request, charts)) is not None:
        return file
    leads, won = foretelling.needed()
    problems = [] if refusal is None else refusal.problems
    context = {
        "rows": [(one, state_of(one)) for one in rows],
        "row": row,
        "told": None if row is None else _told(row),
        "charts": charts,
        "files": "" if row is None else f"model={row.number}",
        "is_waiting": any(one.state == State.WANTED for one in rows),
        "needed": {"leads": leads, "won": won},
        "may_train": request.actor.may("train models"),
        "errors": {"": [f"{one.problem} {one.remedy}" for one in problems]} if problems else {},
        "now": moment.now(),
    }
    return shown(request, "pages/prediction.html", context, status=422 if problems else 200)


def _chosen(rows: Sequence[ScoreModel], text: str) -> ScoreModel | None:
    """The model that is asked for; else the one in use, the latest trained one, the latest."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        for row in rows:
            if row.number == int(text):
                return row
    for state in (State.IN_USE, State.TRAINED):
        for row in rows:
            if row.state == state:
                return row
    return rows[0] if rows else None


def state_of(row: ScoreModel) -> tuple[str, str]:
    """Where a model stands, and how it is coloured."""
    return {
        State.WANTED: (_("being trained"), "warn"),
        State.TRAINED: (_("trained"), "quiet"),
        State.IN_USE: (_("in use"), "good"),
        State.RETIRED: (_("retired"), "quiet"),
        State.REFUSED: (_("refused"), "bad"),
    }[State(row.state)]


def _told(row: ScoreModel) -> dict[str, Any]:
    """What is said of one model."""
    return {
        "state": state_of(row),
        "refusal": [missing(one) for one in row.refusal],
        "grounds": row.grounds and _grounds(row.grounds),
        "left_out": [
            (leak["name"].replace("_", " "), why_left_out(leak))
            for leak in row.grounds.get("left out", [])
        ],
        "validation": row.validation and _validation(row.validation),
        "looks": _looks(row),
        "drift": _drift(row),
        "may_use": row.state in {State.TRAINED, State.RETIRED}
        and bool(row.validation.get("tells")),
        "tells_nothing": bool(row.validation) and not row.validation.get("tells"),
    }


def _grounds(told: Mapping[str, Any]) -> list[str]:
    """What was looked at, and which leads were left out, each with its count."""
    young = ngettext(
        "%(n)s lead was left out as too young: nearly all that win have won after %(age)s.",
        "%(n)s leads were left out as too young: nearly all that win have won after %(age)s.",
        told["immature"],
    )
    never = ngettext(
        "%(n)s lead was never handed over, and never qualified.",
        "%(n)s leads were never handed over, and never qualified.",
        told["never qualified"],
    )
    other = ngettext(
        "%(n)s lead was merged or suppressed.",
        "%(n)s leads were merged or suppressed.",
        told["ended otherwise"],
    )
    counts = (told["immature"], told["never qualified"], told["ended otherwise"])
    words = [{"n": number(n), "age": span(told["matures in"])} for n in counts]
    return [
        said % values
        for said, values, count in zip((young, never, other), words, counts, strict=True)
        if count
    ]


def _validation(told: Mapping[str, Any]) -> dict[str, Any]:
    rules = told["rules"]
    return {
        "leads": told["leads"],
        "won": told["won"],
        "first": told["first"],
        "last": told["last"],
        "auc": number(round(told["auc"]["value"], 3)),
        "auc_between": _between(told["auc"]),
        "brier": number(round(told["brier"], 4)),
        "brier_of_base": number(round(told["brier of base"], 4)),
        "rules": None if rules is None else number(round(rules["auc"]["value"], 3)),
        "rules_between": None if rules is None else _between(rules["auc"]),
        "compared": None if rules is None else _compared(rules["ahead"]),
    }


def _between(told: Mapping[str, float]) -> str:
    words = {name: number(round(told[name], 3)) for name in ("low", "high")}
    return _("between %(low)s and %(high)s in 95 of 100 cases") % words


def _compared(ahead: Mapping[str, float]) -> str:
    """Which of model and rules ranks the same leads better, if that can be told."""
    if ahead["low"] > 0:
        return _("The model ranks these leads better than the points of the rules.")
    if ahead["high"] < 0:
        return _("The points of the rules rank these leads better than the model.")
    return _("Which of the two ranks these leads better can't be told.")


def _looks(row: ScoreModel) -> list[Looked]:
    """What a model looks at, what matters most first."""
    model = read_model(row.body)[0] if row.body else None
    if model is None:
        return []
    features = sorted(model.features, key=lambda one: min(one.weights) - max(one.weights))
    return [_looked(feature) for feature in features]


def _looked(feature: Feature) -> Looked:
    found = sorted(
        (weight, place)
        for place, (weight, leads) in enumerate(zip(feature.weights, feature.leads, strict=True))
        if leads and weight
    )
    values = [(weight, Value(feature.bins.says(place), times(weight))) for weight, place in found]
    return Looked(
        named(feature.kind, feature.name),
        [value for weight, value in reversed(values) if weight > 0][:_MOST_VALUES],
        [value for weight, value in values if weight < 0][:_MOST_VALUES],
    )


def times(weight: int) -> str:
    """By how much a weight multiplies the odds."""
    return _("× %(n)s") % {"n": number(round(exp(weight / LOGIT), 2))}


def _drift(row: ScoreModel) -> dict[str, Any] | None:
    told = row.drift
    if not told:
        return None
    shifts = tuple(Shift(**one) for one in told["shifts"])
    truth = told["truth"]
    return {
        "state": told["state"],
        "says": _DRIFT[told["state"]]() % {"n": number(told["recent"])},
        "shifts": [
            (named(one.kind, one.name), number(one.psi), number(one.by_chance), one.state)
            for one in shifts
        ],
        "truth": truth and _truth(truth),
    }


_DRIFT = {
    "retrain": lambda: _(
        "Train a new one: recent leads are no longer like those it was learned from."
    ),
    "watch": lambda: _("Keep an eye on it: something about recent leads has changed."),
    "steady": lambda: _("Recent leads are like those it was learned from."),
    "too few": lambda: _(
        "Too few recent leads to say anything: %(n)s qualified within 90 days, 200 are needed."
    ),
}


def _truth(told: Mapping[str, Any]) -> str:
    said = _(
        "Of %(leads)s leads since then that are old enough, %(foretold)s should have been won and"
        " %(share)s were (%(low)s to %(high)s)."
    )
    return said % {
        "leads": number(told["leads"]),
        "foretold": percent(told["foretold"]),
        "share": percent(told["won"] / told["leads"]),
        "low": percent(told["low"]),
        "high": percent(told["high"]),
    }
