"""Chronicle: the facts as they are told, each with when it happened and when it became known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leaddesk.sample.desks import WARSAW
from leaddesk.sample.season import Season


@dataclass
class Lead:
    """A lead with what the simulation knows of it; `pull` is how promising it is, `system` where it
    came from."""

    key: str
    type: str
    stream: str
    company: str
    country: str
    pull: float
    owner: str = ""
    again: bool = False
    system: str = "crm"


@dataclass
class Told:
    """One fact: when it happened, when it became known, what it says; and whether the desk is to act
    on it at that very moment."""

    occurred: datetime
    recorded: datetime
    fact: dict[str, Any]
    turns: bool = False


@dataclass
class Chronicle:
    """Everything that was told of a season, in the order of telling; its facts are numbered by a name."""

    season: Season
    told: list[Told] = field(default_factory=list)
    name: str = "c"

    def tell(
        self,
        lead: Lead,
        moment: datetime,
        kind: str,
        *,
        late: timedelta | None = None,
        turns: bool = False,
        **fields: Any,
    ) -> dict[str, Any]:
        """Add a fact about a lead. `late` is how much later it became known; `turns`: the desk acts on it."""
        moment = moment.replace(microsecond=0)
        speaker = self.season.desks.get(fields.get("by") or fields.get("owner") or "")
        zone = speaker.zone if speaker else WARSAW
        fact = {"lead": lead.key, "occurred_at": moment.astimezone(zone).isoformat(), "kind": kind}
        fact |= {name: value for name, value in fields.items() if value is not None}
        recorded = moment + (late or timedelta(0))
        if late:
            fact["recorded_at"] = recorded.astimezone(zone).isoformat()
        system = lead.system if kind == "created" else "crm"
        fact |= {"system": system, "source_id": f"{self.name}-{len(self.told) + 1:05d}"}
        self.told.append(Told(moment, recorded, fact, turns))
        return fact
