"""Season: the days that a telling covers, and what is special about some of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from leaddesk.sample.desks import BANGKOK, BANGKOK_HOURS, CHAT_HOURS, OFFICE, SATURDAY, WARSAW, Desk

_BUSY = (0.82, 0.97, 0.80)
_INCOMPLETE = (0.03, 0.075, 0.04)
_REJECTED = (0.07, 0.07, 0.10)


@dataclass(frozen=True)
class Season:
    """Days from `first` on, both countries' holidays, ben's leave, and the days of the storms.

    A storm's days map to how much slower everybody is; on its `floods` many more leads arise than
    usual. On `busy_end`, if there is one, they come in the afternoon, so that some are open still.

    From `by_desk` on, if there is such a moment, the desk itself scores what comes to the site, hands it
    over and nurtures it; before that, and for all others, the CRM says what happened. On the evenings
    of `webinars` shops of Thailand come all at once. The first lead that the desk hands over on a morning
    of `contested` is rejected, and marketing contests that, with this outcome (empty: still open). On
    the days of `met` comes somebody of whom marketing knows more than the rules.
    """

    first: date
    polish: frozenset[date]
    thai: frozenset[date]
    leave: frozenset[date]
    told_of_leave: date
    storm: Mapping[date, float]
    floods: frozenset[date]
    busy_end: date | None = None
    french: bool = False
    by_desk: datetime | None = None
    webinars: frozenset[date] = frozenset()
    met: frozenset[date] = frozenset()
    contested: Mapping[date, str] = field(default_factory=dict)

    def is_by_desk(self, moment: datetime) -> bool:
        """Whether the desk itself runs by then."""
        return self.by_desk is not None and moment >= self.by_desk

    @cached_property
    def desks(self) -> Mapping[str, Desk]:
        """The desk of each person who works with leads."""
        return {
            "ana": Desk(WARSAW, OFFICE, self.polish),
            "ben": Desk(WARSAW, OFFICE, self.polish | self.leave),
            "chai": Desk(BANGKOK, BANGKOK_HOURS, self.thai),
            "sam": Desk(WARSAW, OFFICE, self.polish),
        }

    @cached_property
    def chat_desk(self) -> Desk:
        """The desk that answers chats, whoever is on duty."""
        return Desk(WARSAW, CHAT_HOURS, self.polish, SATURDAY)

    def busy(self, day: date) -> float:
        """The share of the usual leads that arise in a month."""
        return _BUSY[self._month(day)]

    def incomplete(self, day: date) -> float:
        """The share of handovers from which something is missing."""
        return _INCOMPLETE[self._month(day)]

    def rejected(self, day: date) -> float:
        """The share of leads that sales gives back at once."""
        return _REJECTED[self._month(day)]

    def _month(self, day: date) -> int:
        passed = 12 * (day.year - self.first.year) + day.month - self.first.month
        return min(passed, len(_BUSY) - 1)
