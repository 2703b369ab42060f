"""The crew: who can take a lead at a moment, and who has the least to do."""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from django.db.models import Count

from leaddesk.book import database
from leaddesk.book.models import Due, Person, Role
from leaddesk.book.rules import Rules
from leadpact.clock import Calendar, Clock, day_start, local_day, to_datetime
from leadpact.facts import ASSIGNED, HANDED_OVER

_TAKES_LEADS = {Role.REP.value, Role.MARKETER.value}


class Crew:
    """The people of a workspace at an instant, by the register and by the agreement in force.

    Whoever is registered counts as the register says; others are known by the agreement alone.
    """

    def __init__(self, workspace: int, rules: Rules, now: int) -> None:
        self.workspace, self.now, self.program = workspace, now, rules.program
        in_force = [n for n, v in enumerate(rules.program.versions) if v.begins <= now]
        self.version = in_force[-1] if in_force else 0
        self.agreement = rules.program.versions[self.version].agreement
        self.registered = {
            person.key: person
            for person in Person.objects.of(workspace).only(
                "key", "role", "side", "team", "is_active"
            )
        }
        self.present = sorted(name for name in self._able() if self._is_present(name))
        self.at_work = {name for name in self.present if _clock(self._calendar(name)).is_open(now)}
        self.load = self._load()

    def next(self, owner: str, promise: str, had: Collection[str]) -> str | None:
        """Who takes a lead from its owner: of the same team, else of the same side; None for nobody.

        Whoever is at work now goes before others, then who owes least, then who was given least
        today. They count as having one more from then on.
        """
        free = [name for name in self.present if name != owner and name not in had]
        team, side = self._team(owner), self._side(owner) or self._side_of(promise)
        mates = [name for name in free if team and self._team(name) == team]
        pool = mates or [name for name in free if self._side(name) == side]
        if not pool:
            return None
        pool = [name for name in pool if name in self.at_work] or pool
        chosen = min(pool, key=lambda name: (*self.load[name], name))
        owed, given = self.load[chosen]
        self.load[chosen] = owed + 1, given + 1
        return chosen

    def _able(self) -> Iterator[str]:
        """Everybody who takes leads at all."""
        named = {
            *self.agreement.people,
            *(n for side in self.agreement.between.values() for n in side),
        }
        for name in named | self.registered.keys():
            person = self.registered.get(name)
            takes = person is None or (
                person.is_active and (person.role in _TAKES_LEADS or name in self.agreement.people)
            )
            if takes and self._weight(name) > 0:
                yield name

    def _weight(self, name: str) -> object:
        for people in (self.program.roster.people, self.agreement.people):
            if name in people:
                return people[name].weight
        return 1

    def _team(self, name: str) -> str:
        told = self.registered.get(name) or self.agreement.people.get(name)
        return (told.team or "") if told else ""

    def _side(self, name: str) -> str:
        if (person := self.registered.get(name)) and person.side:
            return str(person.side)
        sides = self.agreement.between.items()
        return next((side for side, people in sides if name in people), "")

    def _side_of(self, promise: str) -> str:
        return next((row.side for row in self.program.rows if row.promise == promise), "")

    def _calendar(self, name: str) -> Calendar:
        return self.program.calendars[self.program.dial(self.version, name)]

    def _is_present(self, name: str) -> bool:
        calendar = self._calendar(name)
        return calendar.away(to_datetime(self.now, calendar.zone).date()) is None

    def _load(self) -> dict[str, tuple[int, int]]:
        owed = dict(
            Due.objects.of(self.workspace)
            .filter(verdict="open", owner__in=self.present)
            .values_list("owner")
            .annotate(Count("id"))
        )
        given = self._given_today()
        return {name: (owed.get(name, 0), given.get(name, 0)) for name in self.present}

    def _given_today(self) -> Mapping[str, int]:
        """How many leads each holds that were handed over or assigned today."""
        zone = self.agreement.zone
        morning = day_start(local_day(self.now, zone), zone)
        of_owners, owners = database.among("l.owner", self.present)
        sql = f"""
            SELECT l.owner, COUNT(*) FROM book_lead l
            WHERE l.workspace_id = %s AND {of_owners} AND l.changed_at >= %s AND EXISTS (
              SELECT 1 FROM book_fact f WHERE f.workspace_id = l.workspace_id AND f.lead = l.key
              AND f.kind IN ({HANDED_OVER}, {ASSIGNED}) AND f.occurred_at >= %s)
            GROUP BY l.owner"""
        return dict(database.rows(sql, [self.workspace, *owners, morning, morning]))


@lru_cache(maxsize=256)
def _clock(calendar: Calendar) -> Clock:
    return Clock(calendar)
