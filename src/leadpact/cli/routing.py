"""Routing: the command that gives leads out, and says who gets which and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadpact.cli import files
from leadpact.cli.inputs import agreements_of, moment_of, now_of, once, text_of
from leadpact.cli.output import patience, refuse, say, say_json, tell
from leadpact.cli.tables import table, wrapped
from leadpact.problem import Problem
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.agreement.model import Agreement
    from leadpact.route import Decision, Rota, Turn
    from leadpact.route.summary import Summary
    from leadpact.tables.rows import Rows

MOST_SHOWN = 20


def route(
    agreement: str,
    leads: str,
    *,
    people: str | None,
    after: str | None,
    at: str | None,
    output: str | None,
    as_json: bool,
) -> None:
    """Give the leads of a table out: a summary and the first leads, all as JSON or into a file."""
    from leadpact.agreement.amend import in_force_at
    from leadpact.route.summary import summed

    once(agreement, leads, people, after)
    files.output(output, files.TABLES, (agreement, leads, people, after))
    versions = agreements_of(agreement)
    zone = versions[-1].zone
    given = moment_of(at, zone, "--at")
    now = now_of(None, zone) if given is None else given
    rota, wants = _drawn(in_force_at(versions, now) or versions[0], leads, people, after, now)
    with patience(_("Giving out {n:,} leads …").format(n=len(wants))):
        decisions = rota.decide(wants)
    summary = summed(rota, decisions)
    if output is not None:
        _write(decisions, rota, output)
    if as_json:
        say_json(_told(rota, decisions, summary, rows=output is None))
    elif output != "-":
        _say(rota, decisions, summary)


def _drawn(
    agreement: "Agreement", leads: str, people: str | None, after: str | None, now: int
) -> tuple["Rota", Sequence[Any]]:
    """The rota by which leads are given out, and the leads; problems of all tables end the command."""
    from leadpact.route import given

    problems: list[Problem] = []
    listed = None if people is None else _rows(people, problems)
    wanted = _rows(leads, problems)
    turns = {} if after is None else _turns(after, problems)
    changed, reps, wrong = given.people(agreement, listed)
    problems += _of_file(people or "", wrong)
    if wanted is None or (people is not None and listed is None):
        refuse(problems)
    zone = agreement.zone
    found, wrong = given.leads(changed, wanted, now, lambda text: _moment(text, zone))
    problems += _of_file(leads, wrong)
    if problems:
        refuse(problems)
    return given.rota_of(changed, reps, now, turns, found.accounts), found.wants


def _rows(path: str, problems: list[Problem]) -> "Rows | None":
    import sys

    from leadpact.tables.rows import read_rows

    with patience(_("Reading {path} …").format(path=path)):
        rows, wrong = read_rows(sys.stdin.buffer.read() if path == "-" else path)
    problems += _of_file(path, wrong)
    return rows


def _of_file(path: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems with the file in which they are: several are read."""
    for one in problems:
        yield one._replace(path=f"{path}: {one.path}" if one.path else path)


def _moment(text: str, zone: str) -> int:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from leadpact.clock import to_micros
    from leadpact.units import Misread

    try:
        moment = datetime.fromisoformat(text)
        if not 1970 < moment.year <= 2199:
            raise ValueError(text)
    except ValueError:
        said = _("'{text}' is not an instant.").format(text=text[:60])
        raise Misread(said, _("Write date and time, such as 2026-03-31T18:00+02:00.")) from None
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def _turns(path: str, problems: list[Problem]) -> "dict[str, dict[str, Turn]]":
    """The turns that an earlier run told."""
    import json

    from leadpact.route.given import turns_read

    try:
        told = json.loads(text_of(path))
        found = turns_read(told["turns"])
    except (ValueError, RecursionError, KeyError, TypeError):
        found = None
    if found is None:
        said = _("There are no turns in it.")
        remedy = _("Name what this command printed with --json.")
        problems.append(Problem(path, 0, said, remedy))
    return found or {}


def _told(
    rota: "Rota", decisions: Sequence["Decision"], summary: "Summary", *, rows: bool
) -> dict[str, Any]:
    from leadpact.clock import to_datetime
    from leadpact.figure import exact_text
    from leadpact.route.given import turns_told

    zone = rota.agreement.zone
    return {
        "at": to_datetime(rota.now, zone).isoformat(),
        "version": rota.agreement.version,
        "by": rota.route.by,
        "leads": [_row(one, zone) for one in decisions] if rows else [],
        "people": [
            {
                "person": part.name,
                "leads": part.leads,
                "share": None if part.share is None else exact_text(part.share),
                "by_weight": exact_text(part.due),
                "full": [*part.full],
                "why": part.why or None,
                "until": _instant(part.until, zone),
            }
            for part in summary.parts
        ],
        "given": summary.given,
        "waiting": [
            {"why": [*one.why], "leads": one.leads, "retry_at": _instant(one.retry_at, zone)}
            for one in summary.waiting
        ],
        "turns": turns_told(rota),
    }


def _row(one: "Decision", zone: str) -> dict[str, Any]:
    from leadpact.route.given import decimal

    told = one.to_json()
    passed = [
        {"person": name, "why": why, "until": _instant(until, zone), "limit": cap or None}
        for name, why, until, cap in told.get("passed", ())
    ]
    return {
        "lead": one.lead,
        "owner": one.owner,
        "rule": one.rule,
        "pool": one.pool,
        "territory": one.territory,
        "among": one.among,
        "next": one.runner_up or None,
        "owed": None if one.credit is None else decimal(one.credit),
        "minimum": one.least or None,
        "account_owner": one.account_owner or None,
        "limits": [{"limit": limit, "used": used} for limit, used in one.caps],
        "passed_over": passed,
        "more_passed_over": told.get("more_passed", 0),
        "retry_at": _instant(one.retry_at, zone),
    }


def _instant(at: int | None, zone: str) -> str | None:
    from leadpact.clock import to_datetime

    return None if at is None else to_datetime(at, zone).isoformat()


def _write(decisions: Sequence["Decision"], rota: "Rota", output: str) -> None:
    import pyarrow as pa

    from leadpact.log.writing import write_table
    from leadpact.route.spoken import said

    zone = rota.agreement.zone
    names = ("lead", "owner", "rule", "pool", "territory", "among", "next", "owed", "minimum")
    rows = [_row(one, zone) for one in decisions]
    columns: dict[str, Any] = {name: pa.array([row[name] for row in rows]) for name in names}
    columns["limits"] = pa.array(["; ".join(_limits(row)) for row in rows], pa.string())
    passed = ["; ".join(_passed(row)) for row in rows]
    columns["passed_over"] = pa.array(passed, pa.string())
    columns["retry_at"] = pa.array([row["retry_at"] for row in rows], pa.string())
    columns["why"] = pa.array([said(one, zone) for one in decisions], pa.string())
    files.write(output, lambda path: write_table(pa.table(columns), path))
    if output != "-":
        wrote = ngettext("Wrote {n:,} lead to {path}.", "Wrote {n:,} leads to {path}.", len(rows))
        tell(wrote.format(n=len(rows), path=output))


def _limits(row: Mapping[str, Any]) -> Iterator[str]:
    for one in row["limits"]:
        yield f"{one['used']} of {one['limit']}"


def _passed(row: Mapping[str, Any]) -> Iterator[str]:
    for one in row["passed_over"]:
        details = (one["why"], one["limit"], one["until"] and f"until {one['until']}")
        yield f"{one['person']} ({', '.join(filter(None, details))})"
    if row["more_passed_over"]:
        yield f"+{row['more_passed_over']}"


def _say(rota: "Rota", decisions: Sequence["Decision"], summary: "Summary") -> None:
    from leadpact.route.spoken import moment, reasons, said

    zone = rota.agreement.zone
    head = _("{name}, version {version}: leads given out at {at} ({zone}), by {way}")
    name, version = rota.agreement.agreement, rota.agreement.version
    at = moment(rota.now, zone)
    say(head.format(name=name, version=version, at=at, zone=zone, way=rota.route.by))
    say()
    heading = [_("person"), _("leads"), _("share"), _("by weight"), _("full"), _("now")]
    say(table(heading, [_part(part, zone) for part in summary.parts]))
    waiting = sum(one.leads for one in summary.waiting)
    if waiting:
        say()
        told = ngettext("{n:,} lead waits for an owner:", "{n:,} leads wait for an owner:", waiting)
        say(told.format(n=waiting))
    for one in summary.waiting:
        again = ""
        if one.retry_at is not None:
            again = _(", tried again from {at}").format(at=moment(one.retry_at, zone))
        say(wrapped(f"{one.leads:,}: {reasons(one.why)}{again}", first="- ", rest="  "))
    say()
    for one_lead in decisions[:MOST_SHOWN]:
        owner = one_lead.owner or _("nobody")
        say(wrapped(f"{one_lead.lead}: {owner}. {said(one_lead, zone)}", rest="  "))
    more = len(decisions) - MOST_SHOWN
    if more > 0:
        left = ngettext("… and {n:,} more lead.", "… and {n:,} more leads.", more)
        say(left.format(n=more))


def _part(part: Any, zone: str) -> list[object]:
    from leadpact.figure import number
    from leadpact.route.spoken import moment, reason

    now = reason(part.why) if part.why else ""
    if part.until is not None:
        now = _("{why} until {at}").format(why=now, at=moment(part.until, zone))
    share = "–" if part.share is None else f"{float(part.share):.1%}"
    return [part.name, part.leads, share, number(part.due), ", ".join(part.full), now]
