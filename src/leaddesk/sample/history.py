"""History: what became known of a sample up to now, told step by step.

While the CRM alone hands over, a step is a day. Where the desk runs by itself, it looks whenever a
lead does something that it acts on, when somebody comes to work for whom a lead waits, and every eight
hours at what has come due. Nobody hears of what is told so, and no worker looks at it meanwhile.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date
from heapq import heapify, heappop
from itertools import count

from django.db.models import QuerySet

from leaddesk.book import codec, database, moment
from leaddesk.book.models import Fact, Handoff, Lead, Notice, Workspace
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.book.record import Submission, record
from leaddesk.sample import northwind
from leaddesk.sample.answering import Handed, answers
from leaddesk.sample.chronicle import Told
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.posting import Item, posted
from leaddesk.sample.registering import register
from leaddesk.sample.visiting import SITE
from leadpact.clock import to_datetime, to_micros
from leadpact.facts import HANDED_OVER
from leadpact.rulings import SYSTEM as DESK

SYSTEM = "northwind"
_SYSTEMS = (SYSTEM, SITE)
_STEP = 8 * 60 * MINUTE
_AT_ONCE = 25 * MINUTE
"""What leads do within so long is looked at together."""
_OPENING = 3 * SECOND
_MORNING = 9
_HELD = 55 * SECOND
_RENEWED = 40
_BREATH = 0.01
"""Seconds for others to write in, where there is one writer at a time."""
_ACTOR = "sample"


class History:
    """What is to be told of one sample up to an instant."""

    def __init__(self, own: Workspace, now: int) -> None:
        self.own, self.now = own, now
        self.day = northwind.day_of(own.created_at)
        self.season = northwind.season(self.day)
        known = to_datetime(now).astimezone(UTC)
        self.leads = northwind.leads(self.day, known)
        self.heard = self._last_heard()
        self.since = self.heard
        if self.since is None:
            self.since = own.created_at - round(northwind.HISTORY.total_seconds() * 1_000_000)
        self.is_past = now - self.since > DAY
        self.answered: set[str] = set()
        self.days: set[date] = set()
        self.order = count()
        self.pending: list[tuple[int, int, Told]] = []
        self.told = 0
        self._await(northwind.told(self.day, known))
        self._hear_desk()

    def tell(self, progress: Callable[[int, int], None] | None) -> int:
        """Record it; how many facts that were."""
        if not self.is_past:
            return self._live()
        for number, until in enumerate(self._steps()):
            if not Workspace.objects.filter(pk=self.own.pk).exists():
                break  # somebody has just removed it
            if number % _RENEWED == 0:
                self._hold(Lead.objects.of(self.own).filter(wake_at__lte=self.now))
            database.in_transaction(lambda until=until: self._step(*until))  # type: ignore[misc]
            time.sleep(_BREATH)
            if progress is not None:
                progress(self.told, self.told + len(self.pending))
        Lead.objects.of(self.own).exclude(lease_until=None).update(lease_until=None)
        return self.told

    def _live(self) -> int:
        """What happened since it was told last, of which everybody hears."""
        if self._is_due(self.now):
            self._record(self._due(self.now), self.now, announce=True)
        if items := posted(self.own, self.now):
            self._submit(items, self.now, announce=True, system=DESK)
        return self.told

    def _steps(self) -> Iterator[tuple[int, bool]]:
        """The instants up to which the facts are recorded one after the other, and whether each is the
        end of a step."""
        at = self.since or 0
        while at < self.now:
            by_desk = self.season.is_by_desk(to_datetime(at))
            begins = self.now if self.season.by_desk is None else to_micros(self.season.by_desk)
            mark = min(at + _STEP if by_desk else min(at + DAY, begins), self.now)
            while by_desk and (turn := self._next_turn(at, mark)) is not None:
                yield turn, False
                at = turn
            yield mark, True
            at = mark

    def _next_turn(self, at: int, mark: int) -> int | None:
        """When the desk next acts at once, before the end of a step."""
        turns = [heard for heard, _place, one in self.pending if one.turns and at < heard < mark]
        waiting = Handoff.objects.of(self.own).filter(state="waiting", retry_at__lt=mark - _OPENING)
        opens = waiting.filter(retry_at__gt=at).order_by("retry_at").values_list("retry_at")[:1]
        turns += [heard + _OPENING for (heard,) in opens]
        if not turns:
            return None
        first = min(turns)
        return max(heard for heard in turns if heard <= first + _AT_ONCE)

    def _step(self, until: int, is_end: bool) -> None:
        announce = self.season.is_by_desk(to_datetime(until))
        self._record(self._due(until), until, announce=announce, wake=True)
        if announce:
            if is_end and (items := posted(self.own, until)):
                self._submit(items, until, announce=True, system=DESK)
            # It is over: whoever had to hear of it has.
            Notice.objects.of(self.own).filter(posted_at=None).update(posted_at=until)
            self._hear_desk()
        self._hold(Lead.objects.of(self.own).filter(lease_until=None, wake_at__lte=self.now))

    def _hold(self, leads: QuerySet[Lead]) -> None:
        """Keep workers from looking at leads whose story isn't told to its end."""
        leads.update(lease_until=moment.now() + _HELD)

    def _is_due(self, until: int) -> bool:
        return bool(self.pending) and self.pending[0][0] <= until

    def _due(self, until: int) -> list[Told]:
        found = []
        while self._is_due(until):
            found.append(heappop(self.pending)[2])
        self.told += len(found)
        return found

    def _record(
        self, share: Sequence[Told], until: int, *, announce: bool, wake: bool = False
    ) -> None:
        register(self.own, share)
        items = []
        for one in share:
            system = SITE if one.fact["system"] == SITE else SYSTEM
            items.append(one.fact | {"system": system, "recorded_at": one.recorded.isoformat()})
        self._submit(items, until, announce=announce, wake=wake)

    def _submit(
        self,
        items: Sequence[Item],
        until: int,
        *,
        announce: bool,
        wake: bool = False,
        system: str = SYSTEM,
    ) -> None:
        zone = self.own.zone
        found = codec.incoming(items, zone=zone, now=until, system=system, history=True)
        if found.problems:
            raise ValueError(found.problems)
        due = Lead.objects.of(self.own).filter(wake_at__lte=until).values_list("key", flat=True)
        again = dict.fromkeys(due) if wake else {}
        submission = Submission(
            self.own.pk, found.rows, again=again, actor=_ACTOR, announce=announce
        )
        record([submission], now=until)

    def _last_heard(self) -> int | None:
        stored = Fact.objects.of(self.own).filter(system__in=_SYSTEMS).order_by("-id")
        found: int | None = stored.values_list("recorded_at", flat=True).first()
        return found

    def _hear_desk(self) -> None:
        """Let Northwind answer what the desk handed over by now."""
        rows = Fact.objects.of(self.own).filter(system=DESK, kind=HANDED_OVER)
        fresh = [
            one
            for one in rows.order_by("occurred_at", "id")
            if one.source_id not in self.answered and one.lead in self.leads
        ]
        found: list[Told] = []
        for one in fresh:
            self.answered.add(one.source_id)
            found += answers(self.season, self._handed(one))
        self._await([told for told in found if to_micros(told.recorded) <= self.now])

    def _handed(self, one: Fact) -> Handed:
        lead, at = self.leads[one.lead], to_datetime(one.occurred_at).astimezone(UTC)
        local = at.astimezone(WARSAW)
        is_first = local.hour >= _MORNING and local.date() not in self.days
        if is_first:
            self.days.add(local.date())
        told = json.loads(one.body)
        earlier = Fact.objects.of(self.own).filter(lead=one.lead, kind=HANDED_OVER)
        again = earlier.filter(occurred_at__lt=one.occurred_at).exists()
        return Handed(lead, at, told["owner"], one.source_id, again, is_first)

    def _await(self, told: Sequence[Told]) -> None:
        """Let facts be told that aren't in the book yet; a day is looked over again, in case somebody
        stopped midway."""
        since = 0 if self.heard is None else self.heard - DAY
        recent = [one for one in told if to_micros(one.recorded) >= since]
        ids: set[str] = set()
        if self.heard is not None:
            stored = Fact.objects.of(self.own).filter(
                system__in=_SYSTEMS, source_id__in=[one.fact["source_id"] for one in recent]
            )
            ids = {*stored.values_list("source_id", flat=True)}
        self.pending += [
            (to_micros(one.recorded), next(self.order), one)
            for one in recent
            if one.fact["source_id"] not in ids
        ]
        heapify(self.pending)
