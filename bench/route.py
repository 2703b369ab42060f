"""Routing: ten thousand leads given out one after the other to fifty people, each with its reasons."""

from bench import Row
from bench.yardstick import best
from leadpact.agreement.load import load
from leadpact.agreement.roster import NOBODY
from leadpact.program import Program
from leadpact.route import Rota, Tally, Want, reps

LEADS, PEOPLE, BAR = 10_000, 50, 5_000  # leads a second
NOW = 1_773_306_000_000_000  # 2026-03-12 10:00 in Warsaw
TEXT = """\
leadpact: 1
agreement: fifty people
version: 1
valid from: 2026-01-01
zone: Europe/Warsaw
between: {{marketing: [mia], sales: [{names}]}}
people: {{{people}}}
handoff:
  when: mql
  route: {{by: weight, respect: [hours, leave, caps], at most: 250 per month, caps: [240 per day]}}
"""


def rows() -> list[Row]:
    """How many leads a second find their owner."""
    names = [f"p{n}" for n in range(PEOPLE)]
    people = ", ".join(f"{name}: {{weight: {n % 4 + 1}}}" for n, name in enumerate(names))
    agreement, problems = load(TEXT.format(names=", ".join(names), people=people))
    if agreement is None:
        raise ValueError(problems)
    wants = [Want(f"L-{n}", NOW) for n in range(LEADS)]
    seconds = best(lambda: _given_out(Program((agreement,)), wants), 3)
    rate = LEADS / seconds
    what = f"route: {LEADS:,} leads to {PEOPLE} people, explained"
    return [Row(what, f"{rate:,.0f} leads/s", f"≥ {BAR:,} leads/s", rate >= BAR)]


def _given_out(program: Program, wants: list[Want]) -> list[str]:
    agreement = program.versions[0].agreement
    people = reps(agreement, lambda name: program.calendars[program.dial(0, name)], NOBODY, {})
    return [one.text() for one in Rota(agreement, people, NOW, Tally()).decide(wants)]
