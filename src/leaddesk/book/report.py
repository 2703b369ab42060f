"""Report: the engine's report on a whole workspace, drawn by a worker and read by pages.

Pages never judge a workspace themselves: they show what was drawn last, and when. Only a small
workspace of which nothing was drawn yet is drawn at once.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from django.db.models import QuerySet

from leaddesk.book import database
from leaddesk.book.access import Actor, seen
from leaddesk.book.board import Board, Table, board_in, board_of, kind_of, parts_of
from leaddesk.book.counting import ALL, Figure, Key, figure
from leaddesk.book.models import Fact, Grounds, Lead, Person, StandingReport
from leaddesk.book.rights import NARROWED
from leaddesk.book.rules import Rules, rules_of
from leaddesk.book.shelf import Shelf
from leadpact.agreement.promises import Response
from leadpact.judge import judge
from leadpact.measure import Evidence, evidence
from leadpact.measure.nurture import nurture
from leadpact.plan import Plan, plan
from leadpact.program.columns import NEVER
from leadpact.report import report

MOST_AT_ONCE = 20_000
"""A workspace with fewer facts is drawn when somebody first asks; others wait for a worker."""
ROWS = 50
"""So many rows behind a figure are shown on a page."""
_MOST_KEPT = 8
_kept: OrderedDict[int, "Told"] = OrderedDict()
_plans: dict[int, tuple[int, Plan | None]] = {}
_guard = Lock()


@dataclass(frozen=True, eq=False)
class Told:
    """The report of a workspace as it was drawn: `body` is the engine's report in its JSON form,
    and ``promises`` in it what each promise owes; `board` is what its figures count."""

    workspace: int
    as_of: int
    rules: int
    facts: int
    cost: int
    body: Mapping[str, Any]
    board: Board
    counted: dict[Any, Any] = field(default_factory=dict, repr=False)
    _figures: dict[Key, Figure | None] = field(default_factory=dict, repr=False)

    @property
    def promises(self) -> Mapping[str, Any]:
        """What each promise owes: its side, kind and numbers; those in force at the time first."""
        found: Mapping[str, Any] = self.body["promises"]
        return found

    @property
    def zone(self) -> str:
        """The zone of days, weeks and months."""
        return self.board.zone

    def figure(self, key: Key | str) -> Figure | None:
        """The figure of a key; None where there is no such one."""
        named = Key.read(key) if isinstance(key, str) else key
        if named is None:
            return None
        if named not in self._figures:
            self._figures[named] = figure(self.board, self.promises, named)
        return self._figures[named]

    @cached_property
    def month(self) -> str:
        """The running month."""
        return str(self.body["now"]["month"])

    def live(self, promise: str) -> Figure | None:
        """The figure by which a promise stands: its running period, or the running month."""
        clause = self.promises.get(promise)
        if clause is None:
            return None
        if clause["kind"] == "response":
            return self.figure(Key("kept", promise, self.month))
        family = "delivered" if clause["kind"] == "volume" else "rate"
        return self.figure(Key(family, promise, clause["period"] or self.month))


class Row(NamedTuple):
    """A row behind a figure: a lead and what was counted of it; instants are µs UTC.

    `may_open` says whether the reader may see the lead.
    """

    lead: str
    part: str
    owner: str
    at: int | None
    due: int | None
    answered: int | None
    worked: int | None
    verdict: int | None
    promise: str
    may_open: bool


class Page(NamedTuple):
    """Some of the rows behind a figure, the latest first; `next` begins the page after it.

    `total` counts all rows of the part, `own` those of leads that the reader may see.
    """

    rows: list[Row]
    total: int
    own: int
    next: int | None


def standing(workspace: int, now: int) -> Told | None:
    """What was drawn last; a small workspace of which nothing was is drawn now. None: wait."""
    told = latest(workspace)
    if told is not None:
        return told
    facts = Fact.objects.of(workspace)
    if facts.values_list("pk")[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
        return None
    draw(workspace, Shelf(workspace), now)
    return latest(workspace)


def latest(workspace: int) -> Told | None:
    """What was drawn last; None where nothing was yet. One query where this process read it before."""
    for _again in range(3):
        as_of = _drawn(workspace).values_list("as_of", flat=True).first()
        if as_of is None:
            return None
        known = _kept.get(workspace)
        if known is not None and known.as_of == as_of:
            return known
        if (told := _read(workspace)) is not None:
            _keep(told)
            return told
    return None


def _drawn(workspace: int) -> QuerySet[Any]:
    return StandingReport.objects.of(workspace).exclude(body="")


def _read(workspace: int) -> Told | None:
    """The report and its board; None where another was drawn while they were read."""
    row = _drawn(workspace).first()
    grounds = [*Grounds.objects.of(workspace)]
    if row is None or not grounds or any(one.as_of != row.as_of for one in grounds):
        return None
    board = board_in({one.name: one.body for one in grounds})
    body = json.loads(row.body)
    return Told(workspace, row.as_of, row.rules, row.facts, row.cost, body, board)


def _keep(told: Told) -> None:
    with _guard:
        _kept[told.workspace] = told
        _kept.move_to_end(told.workspace)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)


def forget() -> None:
    """Read everything again: the database is another one now."""
    with _guard:
        _kept.clear()
        _plans.clear()


def draw(workspace: int, shelf: Shelf, now: int) -> int:
    """Draw the report of a workspace as it stands, and keep it; what that cost, in µs."""
    began = perf_counter()
    rules = rules_of(workspace)
    judgement = judge(rules.program, shelf.log(rules.zone), now=now)
    found = evidence(judgement)
    made = report(judgement, _plan(workspace, rules), found=found).to_json()
    for name in ("headlines", "findings", "definitions"):  # said in the reader's language instead
        made.pop(name)
    made["nurture"] = nurture(judgement).to_json(judgement.log.keys)
    body = json.dumps(made | _told(found), ensure_ascii=False, separators=(",", ":"))
    parts = parts_of(board_of(found))
    cost = round((perf_counter() - began) * 1_000_000)
    drawn = {
        "as_of": now,
        "rules": rules.count,
        "last_fact": shelf.last,
        "facts": len(shelf),
        "cost": cost,
        "body": body,
    }
    database.in_transaction(lambda: _store(workspace, drawn, parts))
    return cost


def _store(workspace: int, drawn: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
    StandingReport.objects.of(workspace).update_or_create(workspace_id=workspace, defaults=drawn)
    for name, body in parts.items():
        Grounds.objects.of(workspace).update_or_create(
            workspace_id=workspace,
            name=name,
            defaults={"as_of": drawn["as_of"], "body": body},
        )


def _plan(workspace: int, rules: Rules) -> Plan | None:
    """The plan of the agreement in force, where it has one; worked out once for each version."""
    count, found = _plans.get(workspace, (None, None))
    if count != rules.count:
        found = plan(rules.program.versions[-1].agreement)[0]
        _plans[workspace] = (rules.count, found)
    return found


def _told(found: Evidence) -> dict[str, Any]:
    """What pages need of the agreement beside the report: the promises, and the running periods."""
    from leadpact.measure.periods import periods

    version = found.program.versions.index(found.version)
    running = {
        unit: spans[-1].name if (spans := periods(found.program, version, unit, found.now)) else ""
        for unit in ("day", "week", "month", "quarter", "year")
    }
    begins = [(one.agreement.version, one.begins) for one in found.program.versions]
    promised: dict[str, Any] = {}
    for agreed in (*(v.agreement for v in found.program.versions), found.agreement):
        for name, (side, clause) in agreed.promised().items():
            promised.pop(name, None)
            promised[name] = _clause(side, clause, running) | {"versions": begins}
    in_force = found.agreement.promised()
    listed = {name: told for name, told in promised.items() if name in in_force}
    return {"promises": {**listed, **promised}, "now": running}


def _clause(side: str, clause: Any, running: Mapping[str, str]) -> dict[str, Any]:
    """What one promise owes, in plain values; lengths of time are µs."""
    told: dict[str, Any] = {"side": side, "kind": kind_of(clause), "period": ""}
    if isinstance(clause, Response):
        span = None if clause.ladder else clause.within
        return told | {
            "target": None if clause.target is None else str(clause.target),
            "is_ladder": bool(clause.ladder),
            "is_working": span is not None and span.unit.startswith("working"),
            "within": _length(span),
            "said": "" if span is None else str(span),
        }
    told |= {"period": running[clause.each], "each": clause.each}
    told["is_per_rep"] = clause.per is not None
    if told["kind"] == "ratio":
        bounds = {"at_least": clause.at_least, "at_most": clause.at_most}
        told |= {name: None if one is None else str(one) for name, one in bounds.items()}
    if told["kind"] == "volume":
        told |= {"deliver": clause.deliver, "is_value": clause.in_value}
    return told


def _length(span: Any) -> int | None:
    """A span of hours as µs; None for one of days, which has no fixed length."""
    if span is None or not span.unit.endswith("hours"):
        return None
    return int(span.micros)


def leads_behind(
    actor: Actor,
    told: Told,
    found: Figure,
    part: str = "counted",
    after: int = 0,
    rows: int = 0,
) -> Page:
    """The rows that a figure counts, a page at a time; a rep may open those of the own team only.

    `part` is ``counted``, ``hits``, ``rest`` or ``undecided``.
    """
    places = found.part(part)
    columns = told.board.tables[found.table]
    order = np.argsort(-_when(told.board, found.table, places), kind="stable")
    places = places[order]
    own = len(places)
    if actor.role in NARROWED:
        owners = _mates(actor, told.board)
        own = int(np.isin(_owners(told.board, found.table, places), owners).sum())
    size = rows or ROWS
    shown = places[after : after + size]
    leads = _lead_column(told.board, found.table)[shown]
    keys = told.board.keys(leads)
    visible = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=keys)
    open_ = set(visible.values_list("key", flat=True))
    listed = _rows(told, found, columns, shown, keys, open_)
    more = after + size < len(places)
    return Page(listed, len(places), own, after + size if more else None)


def _mates(actor: Actor, board: Board) -> list[int]:
    people = Person.objects.of(actor.workspace_id)
    team = people.filter(key=actor.person).exclude(team="").values("team")
    mates = {actor.person, *people.filter(team__in=team).values_list("key", flat=True)}
    return [board.code("person", key) for key in mates]


def _base(board: Board, table: str, places: Any) -> tuple[Table, Any]:
    """The table that has the instants of some rows, and their places in it."""
    if table == "legs":
        return board.tables["obligations"], board.tables["legs"]["row"][places]
    return board.tables[table], places


def _when(board: Board, table: str, places: Any) -> Any:
    columns, at = _base(board, table, places)
    return columns["start" if "start" in columns else "at"][at]


def _owners(board: Board, table: str, places: Any) -> Any:
    return board.tables[table]["owner"][places]


def _lead_column(board: Board, table: str) -> Any:
    if table == "legs":
        return board.tables["obligations"]["lead"][board.tables["legs"]["row"]]
    return board.tables[table]["lead"]


def _rows(
    told: Told, found: Figure, own: Table, places: Any, keys: list[str], open_: set[str]
) -> list[Row]:
    board = told.board
    columns, at = _base(board, found.table, places)
    hits, counted = {*found.part("hits").tolist()}, {*found.part("counted").tolist()}

    def instants(name: str) -> list[int | None]:
        if name not in columns:
            return [None] * len(at)
        return [None if one == NEVER else one for one in columns[name][at].tolist()]

    def words(kind: str, codes: Any) -> list[str]:
        listed = board.words[kind]
        return [listed[code] if code >= 0 else "" for code in codes.tolist()]

    promises = words("promise", columns["promise"][at]) if "promise" in columns else [""] * len(at)
    verdicts = own["verdict"][places].tolist() if "verdict" in own else [None] * len(at)
    parts = [
        "hits" if place in hits else "rest" if place in counted else "undecided"
        for place in places.tolist()
    ]
    owners = words("person", own["owner"][places])
    began = instants("start" if "start" in columns else "at")
    return [
        Row(key, part, owner, start, due, answered, worked, verdict, promise, key in open_)
        for key, part, owner, start, due, answered, worked, verdict, promise in zip(
            keys,
            parts,
            owners,
            began,
            instants("due"),
            instants("answered"),
            instants("worked"),
            verdicts,
            promises,
            strict=True,
        )
    ]


__all__ = [
    "ALL",
    "Figure",
    "Key",
    "Page",
    "Row",
    "Told",
    "draw",
    "forget",
    "latest",
    "leads_behind",
    "standing",
]
