"""Steps of dry runs: the leads are scored, some at a time; then all are given out, the best first."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.db import InterfaceError, OperationalError

from leaddesk.book import database, dry_runs, moment
from leaddesk.book.dry_runs import Superseded
from leaddesk.book.lists import GRADES
from leaddesk.book.models import DryRun, DryRunFate, DryRunLead, Lead
from leaddesk.book.rota import agreement_of, owners_of, rota_of
from leaddesk.book.rules import Rules, rules_of
from leaddesk.book.trials import wanted_for
from leadpact.route import Decision, Rota, Want
from leadpact.route.pools import asked
from leadpact.route.summary import Summary, reasons_of, summed

AT_ONCE = 500
_GIVEN_AT_ONCE = 2_000
_ROW = ("workspace", "run", "number", "lead", "rank", "since", "interest", "want")
State = DryRun.State
_journal = logging.getLogger(__name__)


class _Interrupted(Exception):
    """The time is over: another one begins the step anew."""


def work(run: DryRun, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Go on with a dry run that the caller holds, for so many seconds; then let it go.

    Giving out isn't broken off but where `is_over`: it would begin anew. What only a defect explains
    ends the dry run; trouble with the database is the caller's.
    """
    until = time.monotonic() + seconds
    try:
        while run.state in dry_runs.JOBS:
            if time.monotonic() >= until or is_over():
                dry_runs.let_go(run)
                return
            if run.state == State.SCORING:
                _score(run)
            else:
                _give_out(run, is_over)
    except Superseded:
        run.refresh_from_db()
    except _Interrupted:
        dry_runs.let_go(run)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001  (a defect must end the dry run, and be told)
        _journal.exception("dry run %s failed", run.key)
        dry_runs.fail(run)


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


def _give_out(run: DryRun, is_over: Callable[[], bool]) -> None:
    """Give all leads out, the most important first, by a rota of the instant of the dry run."""
    DryRunFate.objects.of(run.workspace_id).filter(run=run).delete()
    rules = rules_of(run.workspace_id)
    rota = rota_of(run.workspace_id, rules, run.at)
    summary = summed(rota, _decided(run, rota, is_over))
    tally = run.tally | told(rota, summary)

    def end() -> None:
        DryRunLead.objects.of(run.workspace_id).filter(run=run).delete()
        dry_runs.go_on(run, moment.now(), state=State.DONE, done=run.total, tally=tally)

    database.in_transaction(end)


def _decided(run: DryRun, rota: Rota, is_over: Callable[[], bool]) -> Iterator[Decision]:
    """The decisions in their order, written as they are made."""
    rows = DryRunLead.objects.of(run.workspace_id).filter(run=run).exclude(want="")
    numbers = [
        *rows.order_by("rank", "since", "interest", "number").values_list("number", flat=True)
    ]
    for first in range(0, len(numbers), _GIVEN_AT_ONCE):
        if is_over():
            raise _Interrupted
        share = numbers[first : first + _GIVEN_AT_ONCE]
        wants = _wants(rows.filter(number__in=share))
        _know_owners(run, rota, wants)
        decisions = rota.decide(wants)
        _write(run, first, decisions)
        yield from decisions


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
    return {**empty, **run.tally}
