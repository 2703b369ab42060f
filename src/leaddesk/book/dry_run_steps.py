"""Steps of dry runs: the leads are scored, some at a time; then all are given out, the best first."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.db import InterfaceError, OperationalError

from leaddesk.book import database, dry_runs, leases, moment
from leaddesk.book.dry_runs import Superseded
from leaddesk.book.lists import GRADES
from leaddesk.book.models import DryRun, DryRunFate, DryRunLead, Lead
from leaddesk.book.rota import agreement_of, owners_of, rota_of
from leaddesk.book.rules import Rules, rules_of
from leaddesk.book.trials import wanted_for
from leadpact.route import Decision, Rota, Want
from leadpact.route.pools import asked
from leadpact.route.summary import Summary, Sums, reasons_of

AT_ONCE = 500
_GIVEN_AT_ONCE = 2_000
_ROW = ("workspace", "run", "number", "lead", "rank", "since", "interest", "want")
State = DryRun.State
_journal = logging.getLogger(__name__)


def work(run: DryRun, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Go on with a dry run that the caller holds, for so many seconds; then let it go."""
    steps = Steps(run)
    if steps.go_on(seconds, is_over):
        steps.let_go()


class Steps:
    """The steps of a dry run that the caller holds. Another one begins anew to give its leads out."""

    def __init__(self, run: DryRun) -> None:
        self.run = run
        self._giving: _Giving | None = None

    def go_on(self, seconds: float, is_over: Callable[[], bool] = lambda: False) -> bool:
        """Go on for so many seconds; whether it is still under way.

        What only a defect explains ends the dry run; trouble with the database is the caller's.
        """
        run, until = self.run, time.monotonic() + seconds
        try:
            while run.state in dry_runs.JOBS:
                if time.monotonic() >= until or is_over():
                    return True
                self._step()
        except Superseded:
            run.refresh_from_db()
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001  (a defect must end the dry run, and be told)
            _journal.exception("dry run %s failed", run.key)
            dry_runs.fail(run)
        return False

    def _step(self) -> None:
        if self.run.state == State.SCORING:
            _score(self.run)
            return
        if self._giving is None:
            self._giving = _Giving(self.run)
        self._giving.step()

    def let_go(self) -> None:
        """Let somebody else go on with it."""
        leases.let_go(self.run)


def _score(run: DryRun) -> None:
    """Score the next leads, or begin to give them out."""
    rows = DryRunLead.objects.of(run.workspace_id).filter(run=run, number__gt=run.done)
    share = [*rows.order_by("number")[:AT_ONCE]]
    if not share:
        dry_runs.go_on(run, moment.now(), state=State.GIVING, done=0)
        return
    rules = rules_of(run.workspace_id)
    leads = Lead.objects.of(run.workspace_id).filter(key__in=[row.lead for row in share])
    names = _asked(rules, run.at)
    wanted = wanted_for(run.workspace_id, rules, {lead.key: lead for lead in leads}, run.at)
    numbers = {row.lead: row.number for row in share}
    written = [_row(run, numbers[one.lead], one, names) for one in wanted]

    def keep() -> None:
        if written:
            database.insert(
                DryRunLead,
                _ROW,
                [*zip(*written, strict=True)],
                unique=("run", "number"),
                update=_ROW[4:],
            )
        dry_runs.go_on(run, moment.now(), done=share[-1].number)

    database.in_transaction(keep)


def _asked(rules: Rules, at: int) -> set[str]:
    """The attributes of leads by which the route of an instant chooses."""
    handoff = agreement_of(rules, at)[1].handoff
    return asked(handoff.route) if handoff and handoff.route else set()


def _row(run: DryRun, number: int, one: Any, names: set[str]) -> tuple[Any, ...]:
    rank = GRADES.index(one.grade) if one.grade in GRADES else len(GRADES)
    known = {name: value for name, value in one.known.items() if _is_asked(name, names)}
    want = [one.account, known, sorted(one.not_to), sorted(one.rather_not), one.grade]
    told = json.dumps(want, ensure_ascii=False, separators=(",", ":"))
    return (run.workspace_id, run.pk, number, one.lead, rank, one.at, -one.interest, told)


def _is_asked(name: str, names: set[str]) -> bool:
    plain = name.replace("_", " ")
    return bool({name, plain, plain.casefold()} & names) or plain in {"type", "lead type"}


class _Giving:
    """All leads given out, some at a time, the most important first, by a rota of the instant of the
    dry run; their decisions are written as they are made."""

    def __init__(self, run: DryRun) -> None:
        self.run, self.done, self.sums = run, 0, Sums()
        dry_runs.empty(DryRunFate, run)  # those of whoever began before
        dry_runs.go_on(run, moment.now(), done=0)
        self.rota = rota_of(run.workspace_id, rules_of(run.workspace_id), run.at)
        self.rows = DryRunLead.objects.of(run.workspace_id).filter(run=run).exclude(want="")
        ordered = self.rows.order_by("rank", "since", "interest", "number")
        self.numbers = [*ordered.values_list("number", flat=True)]

    def step(self) -> None:
        """Give the next leads out, or end the dry run."""
        share = self.numbers[self.done : self.done + _GIVEN_AT_ONCE]
        if not share:
            self._end()
            return
        wants = _wants(self.rows.filter(number__in=share))
        _know_owners(self.run, self.rota, wants)
        decisions = self.rota.decide(wants)
        _write(self.run, self.done, decisions)
        self.sums.add(decisions)
        self.done += len(share)

    def _end(self) -> None:
        run = self.run
        tally = run.tally | told(self.rota, self.sums.of(self.rota))
        dry_runs.go_on(run, moment.now(), state=State.DONE, done=run.total, tally=tally)
        dry_runs.empty(DryRunLead, run)


def _wants(rows: Any) -> list[Want]:
    found = []
    names = ("lead", "since", "interest", "want")
    for lead, since, interest, text in rows.values_list(*names):
        account, known, not_to, rather_not, grade = json.loads(text)
        others = (frozenset(not_to), -interest, grade, frozenset(rather_not))
        found.append(Want(lead, since, account, known, *others))
    return found


def _know_owners(run: DryRun, rota: Rota, wants: Sequence[Want]) -> None:
    """Tell a rota who has the accounts of these leads, as far as it doesn't know yet."""
    if not rota.route.same_account:
        return
    fresh = {want.account for want in wants} - {"", *rota.accounts}
    for account, owner in owners_of(run.workspace_id, fresh).items():
        rota.accounts.setdefault(account, owner)


def _write(run: DryRun, before: int, decisions: Sequence[Decision]) -> None:
    names = ("workspace", "run", "number", "lead", "owner", "why", "route")
    rows = [
        (
            *(run.workspace_id, run.pk, number, one.lead, one.owner or ""),
            *("" if one.owner else ",".join(reasons_of(one))[:100], one.text()),
        )
        for number, one in enumerate(decisions, before + 1)
    ]

    def keep() -> None:
        database.insert(DryRunFate, names, [*zip(*rows, strict=True)])
        dry_runs.go_on(run, moment.now(), done=before + len(rows))

    database.in_transaction(keep)


def told(rota: Rota, summary: Summary) -> dict[str, Any]:
    """What leads came to, as plain values: shares and leads by weight as exact fractions."""
    return {
        "by": rota.route.by,
        "given": summary.given,
        "people": [
            {
                "person": part.name,
                "weight": f"{rota.named[part.name].weight.normalize():f}",
                "leads": part.leads,
                "share": _fraction(part.share),
                "by_weight": _fraction(part.due),
                "full": [*part.full],
                "why": part.why,
                "until": part.until,
            }
            for part in summary.parts
        ],
        "waiting": [
            {"why": [*one.why], "leads": one.leads, "retry_at": one.retry_at}
            for one in summary.waiting
        ],
    }


def _fraction(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def outcome(run: DryRun) -> Mapping[str, Any]:
    """What a dry run came to: as `told`, with what was left out."""
    empty = {"by": "", "given": 0, "people": [], "waiting": []}
    # One that was broken off before its leads were taken down has nothing else.
    none = {"unknown": [], "unknown_count": 0, "beyond": 0}
    return {**empty, **none, **run.tally}
