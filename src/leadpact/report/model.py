"""The report: everything that was measured at one moment, for both sides, as one value."""

from dataclasses import dataclass
from typing import Any, Literal

from leadpact.measure import (
    Acceptance,
    Budget,
    Compliance,
    Cost,
    Count,
    Course,
    Deals,
    Delivery,
    Effort,
    Measured,
    Misses,
    Mix,
    Pause,
    Rate,
    Revenue,
    Rung,
    Speed,
    Step,
)
from leadpact.measure.periods import stamp

State = Literal["met", "missed", "on pace", "behind", "ahead", "undecided", "no target"]


@dataclass(frozen=True, slots=True)
class Source:
    """One version of the agreement that judged."""

    version: int
    valid_from: str
    hash: str


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about: the agreement, the moment (µs UTC), the log."""

    agreement: str
    sources: tuple[Source, ...]
    as_of: int
    zone: str
    currency: str
    leads: int
    facts: int
    goal: str | None
    owner: str | None

    def to_json(self) -> dict[str, Any]:
        """The head of the report in its JSON form."""
        return {
            "agreement": self.agreement,
            "versions": [
                {"version": s.version, "valid_from": s.valid_from, "hash": s.hash}
                for s in self.sources
            ],
            "as_of": stamp(self.as_of, self.zone),
            "zone": self.zone,
            "currency": self.currency,
            "leads": self.leads,
            "facts": self.facts,
            "goal": self.goal,
            "owner": self.owner,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """How one commitment stands: what is owed in a sentence, how much was reached, against what."""

    side: str
    promise: str
    kind: Literal["response", "volume", "ratio"]
    owed: str
    shown: str
    target: str
    state: State
    note: str

    def to_json(self) -> dict[str, Any]:
        """The score in its JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan asks of the running month at one stage, beside what came."""

    stage: str
    planned: int
    actual: int

    def to_json(self) -> dict[str, Any]:
        """The line in its JSON form."""
        return {"stage": self.stage, "planned": self.planned, "actual": self.actual}


@dataclass(frozen=True, slots=True)
class Report:
    """A report as of one moment. Every figure carries how it was counted."""

    about: About
    scores: tuple[Score, ...]
    kpis: tuple[tuple[str, tuple[str, ...]], ...]
    compliance: tuple[Compliance, ...]
    deliveries: tuple[Delivery, ...]
    rates: tuple[Rate, ...]
    courses: tuple[Course, ...]
    budgets: tuple[Budget, ...]
    misses: Misses
    pauses: tuple[Pause, ...]
    speeds: tuple[Speed, ...]
    speeds_by_rep: tuple[Speed, ...]
    ladder: tuple[Rung, ...]
    effort: Effort
    efforts: tuple[Effort, ...]
    counts: tuple[Count, ...]
    steps: tuple[Step, ...]
    acceptance: Acceptance
    deals: Deals
    revenues: tuple[Revenue, ...]
    mix: tuple[Mix, ...]
    costs: tuple[Cost, ...]
    visits: Measured | None
    month: str | None
    planned: tuple[Planned, ...]
    notes: tuple[tuple[str, int], ...]

    def to_json(self) -> dict[str, Any]:
        """The report in its JSON form; shares, money and other numbers as exact decimal texts."""
        zone = self.about.zone
        return {
            "about": self.about.to_json(),
            "headlines": [{"name": name, "shown": shown} for name, shown in self.headlines],
            "findings": self.findings,
            "scorecard": [score.to_json() for score in self.scores],
            "kpis": {side: list(words) for side, words in self.kpis},
            "revenue": _json(self.revenues),
            "deliveries": _json(self.deliveries),
            "rates": _json(self.rates),
            "courses": _json(self.courses),
            "plan": {"month": self.month, "stages": _json(self.planned)},
            "compliance": _json(self.compliance),
            "budgets": _json(self.budgets),
            "misses": self.misses.to_json(zone),
            "pauses": [pause.to_json(zone) for pause in self.pauses],
            "speed": _json(self.speeds),
            "speed_by_rep": _json(self.speeds_by_rep),
            "ladder": _json(self.ladder),
            "effort": self.effort.to_json(),
            "effort_by_rep": _json(self.efforts),
            "funnel": {
                "stages": [count._asdict() for count in self.counts],
                "steps": _json(self.steps),
            },
            "acceptance": self.acceptance.to_json(),
            "deals": self.deals.to_json(),
            "mix": _json(self.mix),
            "costs": _json(self.costs),
            "visits": None if self.visits is None else self.visits.to_json(),
            "notes": dict(self.notes),
            "definitions": self.definitions,
        }

    @property
    def headlines(self) -> list[tuple[str, str]]:
        """The figures that come first, by name, as they are shown."""
        from leadpact.report.scorecard import headlines

        return headlines(self)

    @property
    def findings(self) -> dict[str, list[str]]:
        """What each section finds, in sentences."""
        from leadpact.report.sections import sections

        return {section.key: list(section.findings) for section in sections(self)}

    @property
    def definitions(self) -> dict[str, str]:
        """What the figures mean, by their key."""
        from leadpact.measure.definitions import DEFINITIONS

        return {key: said() for key, said in DEFINITIONS.items()}


def _json(items: tuple[Any, ...]) -> list[Any]:
    return [item.to_json() for item in items]
