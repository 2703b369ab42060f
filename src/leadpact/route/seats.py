"""Seats: people as a rota sees them while it gives leads out: whether there is room, and when next."""

from dataclasses import dataclass, field

from leadpact.clock import DAY
from leadpact.route.deciding import Passed
from leadpact.route.limits import OPEN, CapUse, Tally, ends
from leadpact.route.people import Away, Rep, away, opening

HOUR = DAY // 24
"""A limit of open leads is looked at again after an hour: nobody can tell when a lead will end."""


@dataclass
class Seat:
    """Somebody who may be given leads, with what they have by now."""

    rep: Rep
    away: Away | None
    uses: list[CapUse]
    open: int
    owed: int
    today: int
    given: dict[str, int] = field(default_factory=dict)
    heeds_caps: bool = True

    def blocked(self) -> Passed | None:
        """Why they can't be given a lead now; None where they can."""
        if self.away is not None:
            return Passed(self.rep.name, self.away.why, self.away.until)
        return self.full()

    def full(self) -> Passed | None:
        """Which limit is full, where any is and limits bind: the last to begin anew."""
        full = [use for use in self.uses if use.is_full] if self.heeds_caps else []
        if not full:
            return None
        last = max(full, key=lambda use: use.until or 0)
        return Passed(self.rep.name, "full", last.until, last.text)

    def ready_at(self, now: int, *, by_hours: bool) -> int | None:
        """When they can next be given a lead, if they get none meanwhile; None where nobody can tell."""
        at = now
        for use in self.uses if self.heeds_caps else ():
            if use.is_full:
                at = max(at, now + HOUR if use.until is None else use.until)
        if self.away is not None:
            if self.away.until is None:
                return None
            at = max(at, self.away.until)
        return opening(self.rep.calendar, at) if by_hours or self.away is not None else at

    def take(self) -> bool:
        """Give them one more lead; whether that fills a limit."""
        for use in self.uses:
            use.used += 1
        self.open, self.owed, self.today = self.open + 1, self.owed + 1, self.today + 1
        for period in self.given:
            self.given[period] += 1
        return self.heeds_caps and any(use.is_full for use in self.uses)

    @property
    def told_caps(self) -> tuple[tuple[str, int], ...]:
        """Their limits with what is used of each."""
        return tuple((use.text, use.used) for use in self.uses)

    @property
    def fullest(self) -> int | None:
        """The share used of the limit that is fullest, in billionths; None without limits."""
        shares = [use.share for use in self.uses]
        return int(max(shares) * 10**9) if shares else None


def seated(rep: Rep, now: int, zone: str, respect: frozenset[str], tally: Tally) -> Seat:
    """Somebody with what they have at an instant."""
    uses = [
        CapUse(
            cap,
            tally.of(cap.period, rep.name),
            None if cap.period == OPEN else ends(cap.period, now, zone),
        )
        for cap in rep.caps
    ]
    given = {period: counts.get(rep.name, 0) for period, counts in tally.given.items()}
    return Seat(
        rep,
        away(rep, now, respect),
        uses,
        tally.open.get(rep.name, 0),
        tally.owed.get(rep.name, 0),
        given.get("day", 0),
        given,
        "caps" in respect,
    )
