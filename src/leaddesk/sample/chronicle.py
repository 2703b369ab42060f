"""Chronicle: the facts as they are told, each with when it happened and when it became known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leaddesk.sample.desks import WARSAW
from leaddesk.sample.season import Season


@dataclass
class Lead:
    """A lead with what the simulation knows of it; `pull` is how promising it is."""

    key: str
    type: str
    stream: str
    company: str
    country: str
    pull: float
    owner: str = ""
    again: bool = False


@dataclass
class Told:
    """One fact: when it happened, when it became known, what it says."""

    occurred: datetime
    recorded: datetime
    fact: dict[str, Any]


@dataclass
class Chronicle:
    """Everything that was told of a season, in the order of telling."""

    season: Season
    told: list[Told] = field(default_factory=list)

    def tell(
        self,
        lead: Lead,
        moment: datetime,
        kind: str,
        *,
        late: timedelta | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Add a fact about a lead. `late` is how much later it became known."""
        moment = moment.replace(microsecond=0)
        speaker = self.season.desks.get(fields.get("by") or fields.get("owner") or "")
        zone = speaker.zone if speaker else WARSAW
        fact = {"lead": lead.key, "occurred_at": moment.astimezone(zone).isoformat(), "kind": kind}
        fact |= {name: value for name, value in fields.items() if value is not None}
        recorded = moment + (late or timedelta(0))
        if late:
            fact["recorded_at"] = recorded.astimezone(zone).isoformat()
        fact |= {"system": "crm", "source_id": f"c-{len(self.told) + 1:05d}"}
        self.told.append(Told(moment, recorded, fact))
        return fact
