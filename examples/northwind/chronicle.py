"""Chronicle: the facts as they are told, each with when it happened and when it became known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desks import DESKS, WARSAW


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
    fact: dict


@dataclass
class Chronicle:
    """Everything that was told, in the order of telling."""

    told: list[Told] = field(default_factory=list)

    def tell(self, lead, moment, kind, *, late=None, **fields):
        """Add a fact about a lead. `late` is how much later (a timedelta) it became known."""
        moment = moment.replace(microsecond=0)
        speaker = DESKS.get(fields.get("by") or fields.get("owner"))
        zone = speaker.zone if speaker else WARSAW
        fact = {"lead": lead.key, "occurred_at": moment.astimezone(zone).isoformat(), "kind": kind}
        fact |= {name: value for name, value in fields.items() if value is not None}
        recorded = moment + (late or timedelta(0))
        if late:
            fact["recorded_at"] = recorded.astimezone(zone).isoformat()
        fact |= {"system": "crm", "source_id": f"c-{len(self.told) + 1:05d}"}
        self.told.append(Told(moment, recorded, fact))
        return fact
