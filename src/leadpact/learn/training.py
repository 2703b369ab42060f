"""Training: weights from earlier leads, calibration from the next, validation by the latest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.learn import leaks
from leadpact.learn.cases import Cases, cases, heard, qualified
from leadpact.learn.features import POINTS, Bins, Kind, Seen, binned, candidates
from leadpact.learn.leaks import LeftOut
from leadpact.learn.model import CHANCE, LOGIT, Calibration, Feature, Model, Span
from leadpact.learn.rules import with_points
from leadpact.learn.validation import Validation, validated
from leadpact.log import Log
from leadpact.words import _

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.int16]

FEWEST_LEADS, FEWEST_WON, FEWEST_LOST = 1_000, 200, 200
"""So many leads with a known outcome a model is learned from at least."""
FEWEST_LATER = 30
"""So many won and so many not won the later leads need for calibration, and for validation."""
EARLIER, MIDDLE = 0.6, 0.8
"""Weights come from the first 60 % of the leads by time, calibration from the next 20 %, validation
from the last 20 %."""
ISOTONIC_FROM = 1_000
"""With fewer leads a sigmoid of two parameters calibrates, which needs less."""
_STRENGTHS = (0.01, 0.1, 1.0)


class Shortfall(NamedTuple):
    """Why nothing is learned: what is missing (`leads`, `won`, `lost`, `later`, `features`,
    `library`; or it `failed`), how many there are, how many are needed."""

    what: str
    found: int
    needed: int

    def sentence(self) -> str:
        """The reason in words."""
        texts = {
            "leads": _(
                "{found:,} leads have a known outcome; at least {needed:,} are needed, {missing:,}"
                " more."
            ),
            "won": _("{found:,} leads were won; at least {needed:,} are needed, {missing:,} more."),
            "lost": _(
                "{found:,} leads were not won; at least {needed:,} are needed, {missing:,} more."
            ),
            "later": _(
                "Of the later leads, by which a model is checked, only {found:,} were won, or not"
                " won; at least {needed:,} are needed."
            ),
            "features": _("Nothing is known of the leads before the handoff that could tell."),
            "failed": _("Training failed; the log of the worker says why."),
            "library": _(
                "Learning needs scikit-learn, which isn't installed: install leadpact[learn]."
            ),
        }
        return texts[self.what].format(
            found=self.found, needed=self.needed, missing=self.needed - self.found
        )


@dataclass(frozen=True)
class Grounds:
    """What was looked at: cases, those of them won, leads left out by reason, attributes left out."""

    leads: int
    won: int
    immature: int
    never_qualified: int
    otherwise: int
    matures_in: int
    left_out: tuple[LeftOut, ...]

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            "leads": self.leads,
            "won": self.won,
            "immature": self.immature,
            "never qualified": self.never_qualified,
            "ended otherwise": self.otherwise,
            "matures in": self.matures_in,
            "left out": [leak._asdict() for leak in self.left_out],
        }


@dataclass(frozen=True)
class Learned:
    """What came of training: the model and its validation, or why there is none."""

    grounds: Grounds
    model: Model | None = None
    validation: Validation | None = None
    missing: tuple[Shortfall, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            "model": None if self.model is None else self.model.to_json(),
            "validation": None if self.validation is None else self.validation.to_json(),
            "grounds": self.grounds.to_json(),
            "missing": [one._asdict() for one in self.missing],
        }


def learn(versions: Sequence[Agreement], log: Log, *, now: int) -> Learned:
    """A model of the chance to win, learned from the first passes of a log that ended by `now` (µs).

    Without scikit-learn (extra `learn`), or with too few leads, it says what is missing.
    """
    log = log.as_of(now)
    found = cases(versions, log, now)
    missing = _missing(found)
    if missing:
        return Learned(_grounds(found, ()), missing=missing)
    seen = Seen(log, qualified(versions, log), heard(versions, log), versions[-1].zone)
    early, middle, late = _parts(found)
    features, left_out = _features(seen, candidates(seen), found, early)
    without = tuple(leak.name for leak in left_out if leak.kind == "field" and leak.why != "own")
    seen = with_points(versions, seen, without)
    if seen.ruled is not None:
        more, told = _features(seen, POINTS, found, early)
        features, left_out = [*features, *more], (*left_out, *told)
    grounds = _grounds(found, left_out)
    if not features:
        return Learned(grounds, missing=(Shortfall("features", 0, 1),))
    model = _model(versions[-1].zone, features, without, found, early, middle)
    points = None if seen.ruled is None else (seen.ruled.fit + seen.ruled.interest)[late.lead]
    sums = model.sums(seen, late.lead)
    chances = model.calibration.chance(sums)
    base = float(found.won[: len(found) - len(late)].mean())
    return Learned(grounds, model, validated(late.at, late.won, sums, chances, base, points))


def _grounds(found: Cases, left_out: tuple[LeftOut, ...]) -> Grounds:
    return Grounds(
        len(found),
        int(found.won.sum()),
        found.immature,
        found.never_qualified,
        found.otherwise,
        found.matures_in,
        left_out,
    )


def _missing(found: Cases) -> tuple[Shortfall, ...]:
    from importlib.util import find_spec

    won = int(found.won.sum())
    counts = (
        Shortfall("leads", len(found), FEWEST_LEADS),
        Shortfall("won", won, FEWEST_WON),
        Shortfall("lost", len(found) - won, FEWEST_LOST),
    )
    missing = [one for one in counts if one.found < one.needed]
    if not missing:
        late = [part.won for part in _parts(found)[1:]]
        least = min(min(int(part.sum()), int((~part).sum())) for part in late)
        if least < FEWEST_LATER:
            missing.append(Shortfall("later", least, FEWEST_LATER))
    if find_spec("sklearn") is None:
        missing.append(Shortfall("library", 0, 1))
    return tuple(missing)


def _parts(found: Cases) -> tuple[Cases, Cases, Cases]:
    first, second = int(EARLIER * len(found)), int(MIDDLE * len(found))
    return found.part(0, first), found.part(first, second), found.part(second, len(found))


def _features(
    seen: Seen, wanted: Iterable[tuple[Kind, str]], found: Cases, early: Cases
) -> tuple[list[tuple[Bins, Places]], tuple[LeftOut, ...]]:
    """What may be learned from, each with the bins of all cases; and what is left out."""
    good: list[tuple[Bins, Places]] = []
    bad: list[LeftOut] = []
    for kind, name in wanted:
        leak = leaks.late(seen, found, name) if kind == "field" else None
        if leak is None:
            bins = binned(seen, kind, name, early.lead)
            if bins is None:
                leak = leaks.own(seen, found, name) if kind == "field" else None
            else:
                places = bins.of(seen, found.lead)
                leak = leaks.telling(bins, places, found.won)
                if leak is None and len(np.unique(places[: len(early)])) > 1:
                    good.append((bins, places))
        if leak is not None:
            bad.append(leak)
    return good, tuple(bad)


def _model(
    zone: str,
    features: list[tuple[Bins, Places]],
    without: tuple[str, ...],
    found: Cases,
    early: Cases,
    middle: Cases,
) -> Model:
    first, second = len(early), len(early) + len(middle)
    matrix = _one_hot(features)
    best: tuple[float, float, Floats] | None = None
    for strength in _STRENGTHS:
        base, weights = _fitted(matrix[:first], early.won, strength)
        loss = _loss(matrix[first:second] @ weights + base, middle.won)
        if best is None or loss < best[0]:
            best = (loss, base, weights)
    if best is None:
        raise AssertionError
    base, told = _centred(best[1], best[2], features, first)
    sums = np.full(second - first, base, np.int64)
    for feature, (_bins, places) in zip(told, features, strict=True):
        sums += np.array(feature.weights, np.int64)[places[first:second]]
    return Model(
        form=1,
        zone=zone,
        base=base,
        features=tuple(told),
        without=without,
        calibration=_calibrated(sums, middle.won),
        trained=_span(early),
        calibrated=_span(middle),
        matures_in=found.matures_in,
    )


def _span(part: Cases) -> Span:
    return Span(
        first=int(part.at[0]), last=int(part.at[-1]), leads=len(part), won=int(part.won.sum())
    )


def _one_hot(features: list[tuple[Bins, Places]]) -> Any:
    """A column for each bin of each feature."""
    from scipy.sparse import csr_matrix

    starts = np.cumsum([0, *(bins.count for bins, _places in features)])
    columns = np.stack(
        [places + start for (_b, places), start in zip(features, starts[:-1], strict=True)], axis=1
    )
    count, width = columns.shape
    return csr_matrix(
        (np.ones(count * width), columns.ravel(), np.arange(0, count * width + 1, width)),
        shape=(count, int(starts[-1])),
    )


def _fitted(matrix: Any, won: Bools, strength: float) -> tuple[float, Floats]:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # so that sums have one order on every machine
        fitted = LogisticRegression(C=strength, max_iter=1_000, tol=1e-6).fit(matrix, won)
    return float(fitted.intercept_[0]), fitted.coef_[0]


def _loss(logits: Floats, won: Bools) -> float:
    return float(np.logaddexp(0.0, np.where(won, -logits, logits)).mean())


def _centred(
    base: float, weights: Floats, features: list[tuple[Bins, Places]], first: int
) -> tuple[int, list[Feature]]:
    """The weights as whole numbers; of each feature they average to nothing over the leads that were
    learned from, so that a weight says how a lead differs from the others."""
    told, start = [], 0
    for bins, places in features:
        own = weights[start : start + bins.count]
        start += bins.count
        counts = np.bincount(places[:first], minlength=bins.count)
        middle = float((own * counts).sum() / counts.sum())
        base += middle
        whole = np.round((own - middle) * LOGIT).astype(np.int64)
        whole[counts == 0] = 0
        told.append(
            Feature(
                kind=bins.kind,
                name=bins.name,
                words=bins.words,
                cuts=bins.cuts,
                weights=tuple(whole.tolist()),
                leads=tuple(counts.tolist()),
            )
        )
    return round(base * LOGIT), told


def _calibrated(sums: Ints, won: Bools) -> Calibration:
    if len(sums) >= ISOTONIC_FROM:
        x, y = _isotonic(sums, won)
        by = "isotonic"
    else:
        x, y = _sigmoid(sums, won)
        by = "sigmoid"
    chances = np.clip(np.round(np.maximum.accumulate(y) * CHANCE), 1, CHANCE - 1).astype(np.int64)
    return Calibration.model_validate(
        {"by": by, "sums": tuple(x.tolist()), "chances": tuple(chances.tolist())}
    )


def _isotonic(sums: Ints, won: Bools) -> tuple[Ints, Floats]:
    """The rising steps that fit best; a step says what it would if one average lead more were in it,
    so that no chance is none or certain."""
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(sums, kind="stable")
    x, hits = sums[order], won[order].astype(float)
    steps = IsotonicRegression(y_min=0.0, y_max=1.0).fit(x, hits).predict(x)
    begins = np.flatnonzero(np.insert(np.diff(steps) > 0, 0, True))
    ends = np.append(begins[1:], len(x))
    sizes = ends - begins
    share = (np.add.reduceat(hits, begins) + hits.mean()) / (sizes + 1)
    middles = (x[begins] + x[ends - 1]) // 2
    middles, first = np.unique(middles, return_index=True)
    return middles, share[first]


def _sigmoid(sums: Ints, won: Bools) -> tuple[Ints, Floats]:
    """Platt's line through the logits, told at a hundred points."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e3).fit((sums / LOGIT)[:, None], won)
    slope = max(float(fitted.coef_[0][0]), 1e-6)
    x = np.unique(np.linspace(sums.min() - LOGIT, sums.max() + LOGIT, 101).astype(np.int64))
    return x, 1 / (1 + np.exp(-(slope * x / LOGIT + float(fitted.intercept_[0]))))
