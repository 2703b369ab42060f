"""Rotas as tests speak of them: an agreement with a route, people, instants of Warsaw."""

from datetime import datetime
from zoneinfo import ZoneInfo

from leadpact.agreement.load import load
from leadpact.agreement.roster import NOBODY
from leadpact.program import Program
from leadpact.route import Rota, Tally, Want, reps

PEOPLE = {"ana": "{weight: 2}", "ben": "{}", "chai": "{}"}
ROUTE = "{by: weight}"


def at(text):
    """An instant of Warsaw as µs UTC."""
    return (
        round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Warsaw")).timestamp())
        * 1_000_000
    )


NOW = at("2026-03-12 10:00")


def agreed(route=ROUTE, people=None, more=""):
    """An agreement that routes like this among these people."""
    people = PEOPLE if people is None else people
    listed = "\n".join(f"  {name}: {text}" for name, text in people.items())
    text = f"""\
leadpact: 1
agreement: A route
version: 1
valid from: 2026-01-01
between: {{marketing: [mia], sales: [{", ".join(people)}]}}
zone: Europe/Warsaw
calendars:
  office: {{open: {{mon-fri: [09:00-17:00]}}}}
  night: {{open: {{mon-fri: [20:00-23:00]}}}}
people:
{listed}
handoff:
  when: mql
  route: {route}
{more}"""
    agreement, problems = load(text)
    assert problems == [], problems
    return agreement


def rota(agreement, now=NOW, tally=None, turns=None, accounts=None, known=None):
    """The rota of an agreement at an instant."""
    program = Program((agreement,))
    people = reps(
        agreement,
        lambda name: program.calendars[program.dial(0, name)],
        NOBODY,
        known or {},
    )
    return Rota(
        agreement,
        people,
        now,
        tally or Tally(),
        {} if turns is None else turns,
        {} if accounts is None else accounts,
    )


def leads(count, prefix="L", when=NOW, **fields):
    """So many leads that want an owner."""
    return [Want(f"{prefix}-{n:05}", when, **fields) for n in range(count)]


def owners(decisions):
    """Who got which lead, in the order in which they were given out."""
    return [one.owner for one in decisions]
