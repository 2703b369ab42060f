"""Check: is an agreement complete, two-sided, and can it be kept at all?"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from leadpact.agreement import check_follow_up, components, findings, windows
from leadpact.agreement.clause import rate_text
from leadpact.agreement.findings import Finding
from leadpact.agreement.load import Reading, read
from leadpact.agreement.mistakes import unfilled
from leadpact.agreement.model import Agreement
from leadpact.agreement.places import Places
from leadpact.agreement.promises import Response
from leadpact.agreement.written import written
from leadpact.problem import Path, Problem
from leadpact.words import _


def examine(text: str | bytes) -> Reading:
    """A text with all its problems: those that keep it from being read, and those of `check`."""
    reading = read(text)
    if reading.agreement is None or reading.problems:
        return reading
    found = check(reading.agreement, reading.lines)
    return reading._replace(problems=found)


def check(agreement: Agreement, lines: Mapping[Path, int]) -> list[Problem]:
    """What is missing, one-sided or impossible in an agreement that can be read, by line."""
    found = [
        *components.missing(agreement),
        *windows.closed(agreement),
        *check_follow_up.contradictions(agreement),
        *_sums(agreement),
        *unfilled(written(agreement)),
    ]
    return findings.problems(found, Places(lines))


def notes(agreement: Agreement, lines: Mapping[Path, int] | None = None) -> list[Problem]:
    """What an author may want to know and need not mend, in the form of problems."""
    found = [*_proposed_holidays(agreement), *_targets(agreement), *_sides(agreement)]
    return findings.problems(found, Places(lines or {}))


def _sums(agreement: Agreement) -> Iterator[Finding]:
    streams = agreement.goal.streams if agreement.goal else {}
    if streams:
        total = sum((stream.share for stream in streams.values()), Fraction(0))
        yield from _sum(("goal", "streams"), _("The streams"), total)
    tables = {("funnel",): agreement.funnel} | {
        ("funnel by stream", stream): types for stream, types in agreement.funnel_by_stream.items()
    }
    for path, types in tables.items():
        shares = [funnel.share for funnel in types.values()]
        given = [share for share in shares if share is not None]
        if given and len(given) < len(shares):
            bare = [name for name, funnel in types.items() if funnel.share is None]
            said = _("Some lead types have a share of the quota, these have none: {names}.")
            yield Finding(
                path,
                said.format(names=", ".join(bare)),
                _("Give each a share, or none (each then carries the whole quota alone)."),
            )
        elif given:
            yield from _sum(path, _("The shares of the lead types"), sum(given, Fraction(0)))


def _sum(path: Path, what: str, total: Fraction) -> Iterator[Finding]:
    if total != 1:
        said = _("{what} sum to {total}, not to 100%.").format(what=what, total=rate_text(total))
        yield Finding(path, said, _("Change the shares until they sum to 100%."))


def _proposed_holidays(agreement: Agreement) -> Iterator[Finding]:
    from leadpact.agreement.calendars import calendar_of, proposed

    first = agreement.term.from_ if agreement.term else agreement.valid_from
    last = agreement.term.to if agreement.term else first.replace(month=12, day=31)
    for name, clause in agreement.calendars.items():
        if clause.holidays.country is None:
            continue
        week = calendar_of(clause, agreement.zone).week
        lacking = [
            f"{day} ({feast})"
            for year in range(first.year, min(last.year, first.year + 4) + 1)
            for day, feast in proposed(
                clause.holidays.country, year, clause.holidays.region
            ).items()
            if first <= day <= last and week[day.weekday()] and day not in clause.holidays.dates
        ]
        if lacking:
            said = _("Public holidays of {country} on which this calendar is open: {days}.")
            yield Finding(
                ("calendars", name, "holidays"),
                said.format(country=clause.holidays.country, days=", ".join(lacking)),
                _("Add those on which nobody works to `dates`."),
            )


def _targets(agreement: Agreement) -> Iterator[Finding]:
    for side, promises in agreement.promises.items():
        for name, promise in promises.items():
            if isinstance(promise, Response) and promise.target is None:
                said = _("No target is agreed: each single miss counts.")
                yield Finding(
                    ("promises", side, name), said, _("Write `target: 95%` to allow for some.")
                )


def _sides(agreement: Agreement) -> Iterator[Finding]:
    for side in agreement.between:
        if not agreement.promises.get(side):
            said = _("{side} promises nothing.").format(side=side)
            yield Finding(("between", side), said, _("Give it a promise, if it owes anything."))
    for side in agreement.promises:
        if agreement.to_be_signed_by and side not in agreement.to_be_signed_by:
            said = _("{side} promises something and does not sign.").format(side=side)
            yield Finding(("to be signed by",), said, _("Name somebody who signs for it."))
