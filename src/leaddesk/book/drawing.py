"""Drawing: which workspaces need a new report, and how often they may have one.

A report is drawn soon after something changed, but so seldom that it costs a twentieth of the time
at most; where several workers run, the one that began with a workspace keeps drawing it.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Q

from leaddesk.book import database, report
from leaddesk.book.models import Fact, StandingReport, Workspace
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.book.shelf import Shelf

SHARE = 20
"""Drawing takes one part of so many of the time."""
OLDEST = 10 * MINUTE
"""A report so old is drawn again, since time passed."""
LEASE = 2 * MINUTE
"""A worker that wasn't heard of for so long loses its workspaces to others."""
LOOK_BACK = 2_000
"""So many numbers of facts are looked at again: transactions don't end in order."""
_REST = 1.0
_PATIENCE = 30.0


@dataclass
class _Kept:
    """What a worker knows of a workspace: its log, the facts it saw, what it drew and when it may again."""

    shelf: Shelf
    seen: Any = None
    drawn: Any = None
    drawn_at: int = 0
    free_at: float = 0.0


@dataclass
class Drawer:
    """Draws the reports of all workspaces for one worker."""

    name: str
    kept: dict[int, _Kept] = field(default_factory=dict)
    last: int = 0

    def turn(self, now: int) -> float:
        """Draw what is due, one workspace a turn; in how many seconds to look again."""
        self._look()
        rules = dict(Workspace.objects.values_list("pk", "rules"))
        for gone in self.kept.keys() - rules.keys():
            del self.kept[gone]
        due = [
            (one.free_at, pk)
            for pk in rules
            if self._is_due(one := self.kept.setdefault(pk, _Kept(Shelf(pk))), rules[pk], now)
        ]
        for _free, workspace in sorted(due):
            if self._claim(workspace, now):
                self._draw(workspace, rules[workspace], now)
                return 0.0
            self.kept[workspace].free_at = time.monotonic() + LEASE / SECOND / 4
        return _REST

    def _look(self) -> None:
        """See which workspaces have facts that are new."""
        self.last = self.last or int(Fact.across.aggregate(last=Max("pk"))["last"] or 0)
        sql = """SELECT workspace_id, max(id), count(*) FROM book_fact WHERE id > %s
                 GROUP BY workspace_id"""
        for workspace, last, count in database.rows(sql, [self.last - LOOK_BACK]):
            if workspace in self.kept:
                self.kept[workspace].seen = (last, count)
            self.last = max(self.last, last)

    def _is_due(self, one: _Kept, rules: int, now: int) -> bool:
        if time.monotonic() < one.free_at:
            return False
        return one.drawn != (one.seen, rules) or not 0 <= now - one.drawn_at < OLDEST

    def _claim(self, workspace: int, now: int) -> bool:
        """Take a workspace that no other worker draws."""
        own = StandingReport.objects.of(workspace)
        own.get_or_create(workspace_id=workspace)
        free = own.filter(Q(lease_until__lt=now) | Q(worker=self.name))
        cost = own.values_list("cost", flat=True).get()
        until = now + LEASE + 2 * SHARE * cost
        return bool(free.update(worker=self.name, lease_until=until))

    def _draw(self, workspace: int, rules: int, now: int) -> None:
        one, seen = self.kept[workspace], self.kept[workspace].seen
        one.free_at = time.monotonic() + _PATIENCE  # where it fails, others come first
        cost = report.draw(workspace, one.shelf, now) / SECOND
        one.drawn, one.drawn_at = (seen, rules), now
        one.free_at = time.monotonic() + cost * (SHARE - 1)

    def end(self) -> None:
        """Let others draw."""
        StandingReport.across.filter(worker=self.name).update(lease_until=0)
