"""Model: weights for the bins of features, and what a sum of them means as a chance. No code in it.

All are whole numbers: weights and sums in ten-thousandths of a logit, chances in millionths. So a
chance is the same everywhere, and the reasons for it sum exactly to what it is read from.
"""

from collections.abc import Mapping
from hashlib import blake2b
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from leadpact.clock.zones import zone_named
from leadpact.learn.features import FIXED, UNKNOWN, Bins, Kind, Seen
from leadpact.problem import Problem
from leadpact.words import _

Ints = NDArray[np.int64]

LOGIT, CHANCE = 10_000, 1_000_000
"""The parts that one logit, and certainty, are told in."""
MOST_READ = 2_000_000
"""Bytes of a model that may be read."""

_Weight = Annotated[int, Field(ge=-(10**7), le=10**7)]
_Instant = Annotated[int, Field(ge=0, lt=2**62)]
_Count = Annotated[int, Field(ge=0, le=10**12)]
_Text = Annotated[str, Field(max_length=10_000)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True
    )


class Feature(_Part):
    """One feature: its bins with the weight of each, and how many leads it was learned from."""

    kind: Kind
    name: _Text = ""
    words: tuple[_Text, ...] = Field(default=(), max_length=100)
    cuts: tuple[Annotated[int, Field(ge=UNKNOWN, lt=2**62)], ...] = Field(
        default=(), max_length=100
    )
    weights: tuple[_Weight, ...] = Field(max_length=200)
    leads: tuple[_Count, ...] = Field(max_length=200)

    @model_validator(mode="after")
    def _fits(self) -> "Feature":
        if self.words and (self.cuts or self.kind not in {"field", "type"}):
            raise ValueError("a feature has words or cuts, not both")
        if self.cuts != FIXED.get(self.kind, self.cuts):
            raise ValueError(f"a feature of kind {self.kind} is cut in another way")
        if len(set(self.words)) < len(self.words):
            raise ValueError("words are told twice")
        if any(low >= high for low, high in pairwise(self.cuts)):
            raise ValueError("cuts don't rise")
        if not len(self.weights) == len(self.leads) == self.bins.count:
            raise ValueError(f"{self.bins.count} bins need as many weights and leads")
        return self

    @property
    def bins(self) -> Bins:
        """How its values fall into bins."""
        return Bins(self.kind, self.name, self.words, self.cuts)


class Calibration(_Part):
    """What a sum of weights means: a rising line through these points."""

    by: Literal["isotonic", "sigmoid"]
    sums: tuple[Annotated[int, Field(ge=-(10**9), le=10**9)], ...] = Field(
        min_length=1, max_length=10_000
    )
    chances: tuple[Annotated[int, Field(gt=0, lt=CHANCE)], ...] = Field(
        min_length=1, max_length=10_000
    )

    @model_validator(mode="after")
    def _rises(self) -> "Calibration":
        if len(self.sums) != len(self.chances):
            raise ValueError("each sum needs its chance")
        if any(low >= high for low, high in pairwise(self.sums)):
            raise ValueError("sums don't rise")
        if any(low > high for low, high in pairwise(self.chances)):
            raise ValueError("chances fall")
        return self

    def chance(self, sums: Ints) -> Ints:
        """The chance (millionths) of each sum."""
        x, y = np.array(self.sums, np.int64), np.array(self.chances, np.int64)
        place = np.clip(np.searchsorted(x, sums, "right"), 1, max(len(x) - 1, 1))
        if len(x) == 1:
            return np.full(len(sums), y[0], np.int64)
        low, high = place - 1, place
        inside = np.clip(sums, x[low], x[high])
        chances: Ints = y[low] + (y[high] - y[low]) * (inside - x[low]) // (x[high] - x[low])
        return chances


class Span(_Part):
    """The leads of one part of the log: from when to when they qualified (µs), and how they ended."""

    first: _Instant
    last: _Instant
    leads: _Count
    won: _Count


class Model(_Part):
    """A chance to win: `base` plus the weight of each feature's bin, read off the calibration.

    The rules are asked without the attributes `without`, which leak. Learned from the leads `trained`, calibrated on those that came after; `matures_in` is the age
    (µs) from which an outcome counted.
    """

    form: Literal[1] = Field(alias="leadpact model")
    zone: Annotated[str, Field(max_length=100)]
    base: Annotated[int, Field(ge=-(10**9), le=10**9)]
    features: tuple[Feature, ...] = Field(max_length=200)
    without: tuple[_Text, ...] = Field(default=(), max_length=1000)
    calibration: Calibration
    trained: Span
    calibrated: Span
    matures_in: _Instant

    @model_validator(mode="after")
    def _is_somewhere(self) -> "Model":
        zone_named(self.zone)  # raises the error of a value
        return self

    @property
    def name(self) -> str:
        """A short name that no other model has."""
        return blake2b(self.model_dump_json(by_alias=True).encode(), digest_size=6).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The model in its JSON form."""
        return self.model_dump(mode="json", by_alias=True)

    @property
    def asks_rules(self) -> bool:
        """Whether it looks at the scores of the rules."""
        return any(feature.kind in {"fit", "interest"} for feature in self.features)

    def sums(self, seen: Seen, lead: Ints | None = None) -> Ints:
        """The sum of weights of each lead, or of some, at its moment."""
        count = len(seen.log.leads) if lead is None else len(lead)
        total = np.full(count, self.base, np.int64)
        for feature in self.features:
            total += np.array(feature.weights, np.int64)[feature.bins.of(seen, lead)]
        return total


def read_model(source: bytes | str | Mapping[str, Any]) -> tuple[Model | None, list[Problem]]:
    """The model in a JSON text (or in its JSON form), and everything that is wrong with it."""
    if isinstance(source, Mapping):
        import json

        source = json.dumps(source)
    if len(source) > MOST_READ:
        said = _("The model is larger than {most:,} bytes.").format(most=MOST_READ)
        return None, [Problem("", 0, said, _("Train it anew with `leadpact learn`."))]
    try:
        return Model.model_validate_json(source), []
    except ValidationError as wrong:
        return None, [_problem(error) for error in wrong.errors(include_url=False)[:50]]


def _problem(error: Any) -> Problem:
    path = ".".join(str(step + 1 if isinstance(step, int) else step) for step in error["loc"])
    text = str(error["msg"]).removeprefix("Value error, ")
    return Problem(path, 0, f"{text}.", _("Train it anew with `leadpact learn`."))
