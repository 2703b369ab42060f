"""Drift: whether recent leads are still like those that a model was learned from, and whether its
chances still come true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from leadpact.agreement.model import Agreement
from leadpact.clock.zones import DAY
from leadpact.learn.cases import cases, heard, qualified
from leadpact.learn.features import Seen
from leadpact.learn.model import CHANCE, Feature, Model
from leadpact.learn.rules import with_points
from leadpact.learn.validation import Area, area, wilson
from leadpact.log import Log
from leadpact.words import _

RECENT = 90 * DAY
"""Leads that qualified within so long are compared with those that were learned from."""
FEWEST_RECENT = 200
"""With fewer recent leads nothing is said of any feature."""
FEWEST_MATURE, FEWEST_WINS = 200, 30
"""With fewer mature leads, or wins that were foretold, nothing is said of the chances."""
WATCH, SHIFTED = 0.1, 0.25
"""A population stability index of so much is worth a look, or has shifted."""


class Shift(NamedTuple):
    """One feature: its population stability index, what chance alone stays below in 99 of 100 cases,
    and whether it is `steady`, to `watch`, or has `shifted`."""

    kind: str
    name: str
    psi: float
    by_chance: float
    state: str


@dataclass(frozen=True)
class Truth:
    """Mature leads since the model was learned: how many, how many were won, the share that was
    foretold, the share that was won with its interval, and the AUC."""

    leads: int
    won: int
    foretold: float
    low: float
    high: float
    auc: Area | None

    @property
    def holds(self) -> bool:
        """Whether what was foretold lies within the interval of what came."""
        return self.low <= self.foretold <= self.high

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            **{k: getattr(self, k) for k in ("leads", "won", "foretold", "low", "high")},
            "auc": None if self.auc is None else self.auc.to_json(),
            "holds": self.holds,
        }


@dataclass(frozen=True)
class Drift:
    """How many leads are recent and the shifts of features (none below the minimum), and how the
    chances came true (None below the minimum)."""

    recent: int
    mature: int
    shifts: tuple[Shift, ...]
    truth: Truth | None

    @property
    def state(self) -> str:
        """What to do: `retrain`, `watch`, `steady`, or `too few` leads to say anything."""
        if (self.truth is not None and not self.truth.holds) or self._any("shifted"):
            return "retrain"
        if not self.shifts and self.truth is None:
            return "too few"
        return "watch" if self._any("watch") else "steady"

    def _any(self, state: str) -> bool:
        return any(shift.state == state for shift in self.shifts)

    def sentence(self) -> str:
        """What to do, in words."""
        texts = {
            "retrain": _(
                "Train it anew: recent leads are no longer like those it was learned from."
            ),
            "watch": _("Keep an eye on it: some of what is known of recent leads has changed."),
            "steady": _("Recent leads are like those it was learned from."),
            "too few": _(
                "Too few recent leads to say: {recent:,} of at least {needed:,} qualified within 90"
                " days."
            ),
        }
        return texts[self.state].format(recent=self.recent, needed=FEWEST_RECENT)

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            "state": self.state,
            "recent": self.recent,
            "mature": self.mature,
            "shifts": [shift._asdict() for shift in self.shifts],
            "truth": None if self.truth is None else self.truth.to_json(),
        }


def drift(model: Model, versions: Sequence[Agreement], log: Log, *, now: int) -> Drift:
    """How leads have changed since a model was learned, as the log stands at `now` (µs)."""
    log = log.as_of(now)
    at = qualified(versions, log)
    seen = Seen(log, at, heard(versions, log), model.zone)
    if model.asks_rules:
        seen = with_points(versions, seen, model.without)
    recent = np.flatnonzero((at > max(now - RECENT, model.trained.last)) & (at <= now))
    shifts: tuple[Shift, ...] = ()
    if len(recent) >= FEWEST_RECENT:
        found = [
            _shift(f, np.bincount(f.bins.of(seen, recent), minlength=f.bins.count))
            for f in model.features
        ]
        shifts = tuple(sorted(found, key=lambda shift: (-shift.psi, shift.kind, shift.name)))
    later = cases(versions, log, now)
    chosen = later.at > model.calibrated.last
    return Drift(
        len(recent),
        int(chosen.sum()),
        shifts,
        _truth(model, seen, later.lead[chosen], later.won[chosen]),
    )


def _shift(feature: Feature, counts: "np.ndarray[Any, np.dtype[np.int64]]") -> Shift:
    """The population stability index: how far the shares of the bins moved."""
    from scipy.special import chdtri

    before = np.array(feature.leads, float)
    used = (before + counts) > 0
    before, now = before[used] + 0.5, counts[used] + 0.5
    expected, actual = before / before.sum(), now / now.sum()
    index = float(((actual - expected) * np.log(actual / expected)).sum())
    freedom = max(int(used.sum()) - 1, 1)
    by_chance = float(chdtri(freedom, 0.01) * (1 / before.sum() + 1 / now.sum()))
    state = "steady"
    if index > by_chance and index >= WATCH:
        state = "shifted" if index >= SHIFTED else "watch"
    return Shift(feature.kind, feature.name, round(index, 4), round(by_chance, 4), state)


def _truth(model: Model, seen: Seen, lead: Any, won: Any) -> Truth | None:
    """How the chances of mature leads came true; the interval is that of the wins that could have come."""
    count, wins = len(lead), int(won.sum())
    if count < FEWEST_MATURE:
        return None
    sums = model.sums(seen, lead)
    share = model.calibration.chance(sums) / CHANCE
    if float(share.sum()) < FEWEST_WINS:
        return None
    low, high = wilson(wins, count)
    auc = area(sums, won) if min(wins, count - wins) >= FEWEST_WINS else None
    return Truth(count, wins, round(float(share.mean()), 6), low, high, auc)
