"""Foretelling: the chance of each lead to be won, and the reasons, which sum exactly to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.learn.cases import NEVER, heard, qualified
from leadpact.learn.features import Seen
from leadpact.learn.model import CHANCE, Feature, Model
from leadpact.learn.rules import with_points
from leadpact.log import Log
from leadpact.words import _

Ints = NDArray[np.int64]


class Reason(NamedTuple):
    """What one feature adds to the sum (ten-thousandths of a logit), and what is known of it."""

    kind: str
    name: str
    says: str
    weight: int

    def sentence(self) -> str:
        """What it is about, in words."""
        return f"{named(self.kind, self.name)}: {self.says}"


def named(kind: str, name: str) -> str:
    """What a feature is called, in words."""
    texts = {
        "type": _("lead type"),
        "count": _("how often: {name}"),
        "since": _("how long ago: {name}"),
        "hour": _("hour of creation"),
        "weekday": _("weekday of creation"),
        "age": _("time from creation until it qualified"),
        "fit": _("fit by the rules"),
        "interest": _("interest by the rules"),
    }
    return texts.get(kind, "{name}").format(name=name.replace("_", " "))


@dataclass(frozen=True, eq=False)
class Foretold:
    """For each lead of a log: the moment that it was seen at (µs), its sum of weights, and its chance
    in millionths."""

    model: Model
    seen: Seen
    sums: Ints
    chances: Ints

    def share(self, lead: int) -> float:
        """The chance of a lead, from 0 to 1."""
        return int(self.chances[lead]) / CHANCE

    def reasons(self, lead: int) -> tuple[Reason, ...]:
        """What the chance of a lead is made of, what matters most first; with the model's base the
        weights sum exactly to its sum."""
        one = np.array([lead])
        found = [_reason(f, int(f.bins.of(self.seen, one)[0])) for f in self.model.features]
        return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.kind)))

    def to_json(self, lead: int, most: int = 5) -> dict[str, Any]:
        """A lead with its chance and the reasons that matter most."""
        return {
            "lead": self.seen.log.leads[lead].as_py(),
            "chance": self.share(lead),
            "reasons": [reason._asdict() for reason in self.reasons(lead)[:most]],
        }


def _reason(feature: Feature, place: int) -> Reason:
    return Reason(feature.kind, feature.name, feature.bins.says(place), feature.weights[place])


def foretold(
    model: Model, versions: Sequence[Agreement], log: Log, *, now: int, again: bool = False
) -> Foretold:
    """The chance of each lead, by what was known when it qualified or was handed over; of a lead
    that hasn't yet, by what is known at `now` (µs), and so of all with `again`. The log is taken as
    it stands at `now` (see `Log.as_of`).
    """
    at = np.full(len(log.leads), NEVER) if again else qualified(versions, log)
    told = np.full(len(log.leads), NEVER) if again else heard(versions, log)
    seen = Seen(log, np.minimum(at, now), np.where(at > now, NEVER, told), model.zone)
    if model.asks_rules:
        seen = with_points(versions, seen, model.without)
    sums = model.sums(seen)
    return Foretold(model, seen, sums, model.calibration.chance(sums))
