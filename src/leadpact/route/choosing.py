"""Choosing: leads are given out one after the other, each to whoever is next."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nsmallest

from leadpact.agreement.handoff import Route
from leadpact.agreement.model import Agreement
from leadpact.clock import DAY
from leadpact.route.credit import LEAD, LOWEST, Turn, accrue, first_two, shares
from leadpact.route.deciding import Decision, Passed, Want
from leadpact.route.limits import Tally, begins, ends
from leadpact.route.people import Rep, away, clock
from leadpact.route.pools import Pool, Pools
from leadpact.route.seats import Seat, seated

USUAL = frozenset({"leave", "caps"})
"""What binds where an agreement doesn't say."""
WAITS = DAY
"""A lead of somebody's account waits for them so long at most, if they are merely not at work."""


@dataclass
class _Group:
    """The people of a pool: who could be given a lead now, and who could not; drawn up at a `fill`."""

    fill: int
    free: list[str]
    blocked: tuple[Passed, ...]
    gains: dict[str, int]


@dataclass
class Rota:
    """Who can be given leads at an instant, and what each is owed.

    `turns` are kept by pool (see `key`) from one time to the next, `accounts` have the owner of each;
    both are brought up to date with each lead that is given.
    """

    agreement: Agreement
    people: Sequence[Rep]
    now: int
    tally: Tally
    turns: dict[str, dict[str, Turn]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        handoff = self.agreement.handoff
        self.route = (handoff.route if handoff else None) or Route()
        self.respect = frozenset(self.route.respect) or USUAL
        self.pools = Pools(self.route, self.people, self.now)
        self.named = {rep.name: rep for rep in self.people}
        self._seats: dict[str, Seat] = {}
        self._groups: dict[str, _Group] = {}
        self._gains: dict[tuple[str, ...], dict[str, int]] = {}
        self._complete: dict[str, dict[str, Turn]] = {}
        self._fill = 0
        self._least = self._due_least()

    def key(self, pool: Pool) -> str:
        """The name under which the turns of a pool are kept: another way has turns of its own."""
        return f"{self.route.by}: {pool.name}"

    def seat(self, name: str) -> Seat:
        """Somebody of the people with what they have by now. Raises `KeyError` for a stranger."""
        if name not in self._seats:
            rep, zone = self.named[name], self.agreement.zone
            self._seats[name] = seated(rep, self.now, zone, self.respect, self.tally)
        return self._seats[name]

    def decide(self, wants: Iterable[Want]) -> list[Decision]:
        """Who gets each lead, the most important first, whatever order they come in."""
        decisions = []
        for want in sorted(wants, key=lambda want: want.order):
            decision = self._decide(want)
            if decision.owner is not None and want.account:
                self.accounts.setdefault(want.account, decision.owner)
            decisions.append(decision)
        return decisions

    def give_back(self, pool: Pool, rejected: Mapping[str, int]) -> None:
        """Credit people of a pool with what they have rejected in all, as far as they weren't yet."""
        turns = self._turns(pool)
        gains = self.shares_of([rep.name for rep in pool.members])
        for name in sorted(turns):
            turn, times = turns[name], rejected.get(name, 0)
            if (more := times - turn.rejected) and self.route.by == "weight":
                turn.credit += more * LEAD
                accrue(turns, {other: -more * gain for other, gain in gains.items()})
            elif more > 0 and self.route.by == "round robin":
                turn.credit = min(other.credit for other in turns.values()) - 1
            turn.rejected = times

    def _decide(self, want: Want) -> Decision:
        pool = self.pools.of(want.known)
        group = self._group(pool)
        told: list[Passed] = []
        owner = self._account_owner(want)
        if owner and (found := self._by_account(want, owner, pool, group, told)) is not None:
            return found
        free, passed = group.free, group.blocked
        if want.not_to:
            told += [Passed(name, "not to") for name in sorted(want.not_to & {*free})]
            free = [name for name in free if name not in want.not_to]
        if want.rather_not:
            free = [name for name in free if name not in want.rather_not] or free
        if told:
            known = {one.name for one in told}
            passed = (*told, *(one for one in passed if one.name not in known))
        if not free:
            return self._nobody(want, pool, passed)
        return self._in_turn(want, pool, group, free, passed)

    def _account_owner(self, want: Want) -> str:
        """Who has the account of a lead, where that counts; "" for nobody."""
        return self.accounts.get(want.account, "") if self.route.same_account else ""

    def _in_turn(
        self, want: Want, pool: Pool, group: _Group, free: list[str], passed: tuple[Passed, ...]
    ) -> Decision:
        behind = self._behind(free)
        gains = self.shares_of(self._behind(group.free)) if behind else group.gains
        turns = self._turns(pool)
        if self.route.by == "weight":
            accrue(turns, gains)
        first, runner_up = self._next(pool, behind or free, gains)
        credit = turns[first].credit if self.route.by == "weight" else None
        self._turn_taken(turns, first)
        seat = self._given(first)
        return Decision(
            want.lead,
            first,
            self.route.by,
            pool.name,
            pool.territory,
            len(behind or free),
            passed,
            runner_up,
            str(seat.rep.weight.normalize()) if self.route.by == "weight" else "",
            credit,
            seat.open - 1 if self.route.by == "capacity" else None,
            self.route.at_least or "" if behind else "",
            self._account_owner(want),
            seat.told_caps,
        )

    def _next(self, pool: Pool, names: Sequence[str], gains: Mapping[str, int]) -> tuple[str, str]:
        """Who of these people of a pool is next, and who would be after them ("" for nobody)."""
        turns = self._turns(pool)
        if self.route.by == "weight":
            return first_two(
                names, turns, gains if len(gains) == len(names) else self.shares_of(names)
            )
        if self.route.by == "round robin":
            places = {rep.name: place for place, rep in enumerate(pool.members)}
            two = nsmallest(2, names, key=lambda name: (turns[name].credit, places[name]))
        else:
            two = [seat.rep.name for seat in self._roomiest(names)]
        return two[0], two[1] if len(two) > 1 else ""

    def _roomiest(self, names: Sequence[str]) -> list[Seat]:
        """The two of these people who have most room."""
        seats = [self.seat(name) for name in names]
        if all(seat.uses for seat in seats):
            return nsmallest(2, seats, key=lambda seat: (seat.fullest, seat.open, seat.rep.name))
        return nsmallest(2, seats, key=lambda seat: (*_load(seat), seat.today, seat.rep.name))

    def _turn_taken(self, turns: dict[str, Turn], name: str) -> None:
        turn = turns[name]
        if self.route.by == "weight":
            turn.credit -= LEAD
        elif self.route.by == "round robin":
            turn.credit = max(other.credit for other in turns.values()) + 1
        turn.given += 1

    def _by_account(
        self, want: Want, owner: str, pool: Pool, group: _Group, told: list[Passed]
    ) -> Decision | None:
        """The lead goes to the owner of its account, or waits for them; None where others get it."""
        rep = self.named.get(owner)
        if rep is None or (never := rep.why_never(self.now)):
            told.append(Passed(owner, "gone" if rep is None else never))
            return None
        if owner in want.not_to | want.rather_not:
            told.append(Passed(owner, "not to"))
            return None
        if (why := self.seat(owner).blocked()) is not None:
            if why.why == "closed" and why.until is not None and why.until - self.now <= WAITS:
                return self._nobody(want, pool, (why,), rule="account")
            told.append(why)
            return None
        self._past_the_turn(pool, group, owner)
        seat = self._given(owner)
        return Decision(
            want.lead,
            owner,
            "account",
            pool.name,
            pool.territory,
            1,
            account_owner=owner,
            caps=seat.told_caps,
        )

    def _past_the_turn(self, pool: Pool, group: _Group, name: str) -> None:
        """A lead of their own account counts as a turn, unless it is one too many."""
        turns, gains = self._turns(pool), group.gains
        if name not in gains:
            return
        if self.route.by != "weight":
            self._turn_taken(turns, name)
        elif turns[name].credit + gains[name] - LEAD >= LOWEST:
            accrue(turns, gains)
            self._turn_taken(turns, name)

    def _nobody(
        self, want: Want, pool: Pool, passed: tuple[Passed, ...], rule: str = ""
    ) -> Decision:
        waited_for = [rep.name for rep in pool.members if rep.name not in want.not_to]
        if rule:
            waited_for = [one.name for one in passed]
        elif not pool.members:
            told = {one.name for one in passed}
            passed += tuple(
                Passed(name, "no weight") for name in pool.weightless if name not in told
            )
        by_hours = "hours" in self.respect
        times = [self.seat(name).ready_at(self.now, by_hours=by_hours) for name in waited_for]
        known = [at for at in times if at is not None and at > self.now]
        return Decision(
            want.lead,
            None,
            rule or self.route.by,
            pool.name,
            pool.territory,
            passed=passed,
            account_owner=self._account_owner(want),
            retry_at=min(known, default=None),
        )

    def relieved(self, lead: str, owner: str, had: Collection[str], side: str) -> Decision:
        """Who takes a lead from an owner who let it lie: of the same team, else of the same side.

        Whoever is at work now goes before others, then who owes least, then who was given least today.
        Working hours don't bind here: the lead is late already.
        """
        rep = self.named.get(owner)
        team, own = (rep.team, rep.side) if rep else ("", "")
        able = [one for one in self.people if not one.why_never(self.now) and one.name != owner]
        members = [one for one in able if team and one.team == team]
        name = f"team {team}"
        if not any(self._takes_over(one, had) for one in members):
            members, name = [one for one in able if one.side == (own or side)], own or side
        takers = [one for one in members if self._takes_over(one, had)]
        passed = tuple(self._refused(one, had) for one in members if one not in takers)
        ordered = sorted(takers, key=self._relief)
        if not ordered:
            return Decision(lead, None, "load", name, passed=passed)
        seat = self._given(ordered[0].name)
        return Decision(
            lead,
            seat.rep.name,
            "load",
            name,
            among=len(takers),
            passed=passed,
            runner_up=ordered[1].name if len(ordered) > 1 else "",
            load=seat.owed - 1,
            caps=seat.told_caps,
        )

    def _relief(self, rep: Rep) -> tuple[bool, int, int, str]:
        seat = self.seat(rep.name)
        return not clock(rep.calendar).is_open(self.now), seat.owed, seat.today, rep.name

    def _takes_over(self, rep: Rep, had: Collection[str]) -> bool:
        return rep.name not in had and self._hindered(rep) is None

    def _refused(self, rep: Rep, had: Collection[str]) -> Passed:
        return (None if rep.name in had else self._hindered(rep)) or Passed(rep.name, "had it")

    def _hindered(self, rep: Rep) -> Passed | None:
        """Why somebody can't take over: leave binds whatever the agreement says, hours never do."""
        seat = self.seat(rep.name)
        absent = away(rep, self.now, frozenset({"leave"}))
        if absent is not None:
            return Passed(rep.name, *absent)
        return seat.full()

    def _group(self, pool: Pool) -> _Group:
        """Who of a pool can be given a lead now; drawn up afresh when somebody has become full."""
        known = self._groups.get(pool.name)
        if known is None or known.fill != self._fill:
            told = [(rep.name, self.seat(rep.name).blocked()) for rep in pool.members]
            free = [name for name, why in told if why is None]
            blocked = tuple(why for _name, why in told if why is not None)
            gains = self.shares_of(free)
            known = self._groups[pool.name] = _Group(self._fill, free, blocked, gains)
        return known

    def _turns(self, pool: Pool) -> dict[str, Turn]:
        kept = self._complete.get(pool.name)
        if kept is None:
            kept = self.turns.setdefault(self.key(pool), {})
            for rep in pool.members:
                kept.setdefault(rep.name, Turn())
            self._complete[pool.name] = kept
        return kept

    def shares_of(self, names: Sequence[str]) -> dict[str, int]:
        """The share of each of these people of the next lead, in millionths."""
        wanted = tuple(names)
        if wanted not in self._gains:
            weights: dict[str, Decimal] = {name: self.named[name].weight for name in wanted}
            self._gains[wanted] = shares(weights) if weights else {}
        return self._gains[wanted]

    def _given(self, name: str) -> Seat:
        seat = self.seat(name)
        if seat.take():
            self._fill += 1
        return seat

    def _due_least(self) -> tuple[str, int] | None:
        """The period and the number of the minimum, once three quarters of the period are over."""
        least = self.route.least
        if least is None:
            return None
        begin = begins(least.period, self.now, self.agreement.zone)
        end = ends(least.period, self.now, self.agreement.zone)
        return (least.period, least.number) if 4 * (self.now - begin) >= 3 * (end - begin) else None

    def _behind(self, names: Sequence[str]) -> list[str]:
        """Those of them who lack the minimum, near the end of its period."""
        if self._least is None:
            return []
        period, number = self._least
        return [name for name in names if self.seat(name).given.get(period, 0) < number]


def _load(seat: Seat) -> tuple[Decimal, int]:
    """The open leads of somebody against their weight, with half a lead more."""
    return (2 * seat.open + 1) / seat.rep.weight, seat.open
