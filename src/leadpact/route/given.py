"""Given: people and leads as tables tell them, to be given out by an agreement.

A table of people goes before the text of the agreement: only they get leads, and what a cell leaves
open is as the agreement says. Everything that is wrong with a table is told at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from leadpact.agreement.handoff import Handoff, Route
from leadpact.agreement.model import Agreement
from leadpact.agreement.roster import working
from leadpact.problem import Problem, did_you_mean, meant
from leadpact.route.choosing import Rota
from leadpact.route.credit import LEAD, Turn
from leadpact.route.deciding import Want
from leadpact.route.given_people import COLUMNS, Given, agreed, person
from leadpact.route.limits import OPEN, Tally
from leadpact.route.pools import asked
from leadpact.tables.rows import Rows
from leadpact.units import Misread, count, number
from leadpact.words import _

_Value = TypeVar("_Value")
_LEAD = ("lead", "key", "id")
_PERIODS = ("day", "week", "month", "quarter", "year", OPEN)


@dataclass
class Leads:
    """Leads that want an owner, and who already has accounts of theirs."""

    wants: list[Want] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)


def people(agreement: Agreement, rows: Rows | None) -> tuple[Agreement, list[Given], list[Problem]]:
    """The people of a table (without one those of the agreement), and the agreement with the
    territories that the table tells."""
    if rows is None:
        return agreement, agreed(agreement), []
    problems = [*_misspelt(rows)]
    if "name" not in rows.columns:
        said = _("There is no column `name`.")
        return agreement, [], [*problems, Problem("name", 0, said, _("Name the people in it."))]
    found: dict[str, Given] = {}
    desks = working(agreement)
    for place, line in enumerate(rows.lines):
        cells = {name: column[place] for name, column in rows.columns.items() if column[place]}
        one, wrong = person(agreement, desks, {k: v for k, v in cells.items() if v}, line)
        problems += wrong
        if one is not None and one.rep.name in found:
            said = _("'{name}' stands twice.").format(name=one.rep.name)
            problems.append(Problem("name", line, said, _("Leave one of the rows out.")))
        elif one is not None:
            found[one.rep.name] = one
    return _with_territories(agreement, found.values()), [*found.values()], problems


def _misspelt(rows: Rows) -> Iterable[Problem]:
    """Columns whose names are nearly those that are known here."""
    for name in rows.columns:
        if name not in COLUMNS and (near := meant(name, COLUMNS)) and near not in rows.columns:
            said = _("The column '{name}' is not known here.").format(name=name)
            yield Problem(name, 0, said, did_you_mean(name, COLUMNS))


def _with_territories(agreement: Agreement, people: Iterable[Given]) -> Agreement:
    """The agreement with the territories of these people before its own."""
    territories = [one.territory for one in people if one.territory is not None]
    if not territories:
        return agreement
    joined: list[tuple[object, list[str]]] = []
    for territory in territories:
        same = next((names for when, names in joined if when == territory.when), None)
        if same is None:
            joined.append((territory.when, [*territory.to]))
        else:
            same += territory.to
    handoff = agreement.handoff or Handoff(when="handed over")
    route = handoff.route or Route()
    own = tuple(
        territories[0].model_copy(update={"when": when, "to": tuple(names)})
        for when, names in joined
    )
    changed = route.model_copy(update={"territories": (*own, *route.territories)})
    return agreement.model_copy(update={"handoff": handoff.model_copy(update={"route": changed})})


def leads(
    agreement: Agreement, rows: Rows, now: int, moment: Callable[[str], int]
) -> tuple[Leads, list[Problem]]:
    """The leads of a table; `moment` reads an instant, raising `Misread`."""
    named = next((name for name in _LEAD if name in rows.columns), None)
    if named is None:
        said = _("There is no column `lead`.")
        return Leads(), [Problem("lead", 0, said, _("Write the key of each lead in it."))]
    route = agreement.handoff.route if agreement.handoff else None
    told = {name: rows.column(*_spelt(name)) for name in sorted(asked(route or Route()))}
    reader = _Cells(rows)
    since = reader.read(("since", "at"), moment, now)
    interest = reader.read(("interest",), _hundredths, 0)
    accounts, owners = rows.column("account"), rows.column("account owner")
    grades, refused = rows.column("grade"), rows.column("not to")
    found, seen = Leads(), set[str]()
    for place, key in enumerate(rows.columns[named]):
        if key is None or key in seen:
            reader.wrong(named, place, *_no_key(key))
            continue
        seen.add(key)
        account, owner = accounts[place] or "", owners[place]
        if account and owner:
            found.accounts.setdefault(account, owner)
        known = {name: value for name, column in told.items() if (value := column[place])}
        found.wants.append(
            Want(
                *(key, since[place], account, known, _names(refused[place]), interest[place]),
                (grades[place] or "").upper(),
            )
        )
    return found, reader.problems


def _no_key(key: str | None) -> tuple[str, str]:
    if key is None:
        return _("The lead has no key."), _("Write one.")
    return _("'{name}' stands twice.").format(name=key), _("Leave one of the rows out.")


def _spelt(name: str) -> tuple[str, ...]:
    """The names that a column of an attribute may have."""
    plain = name.replace("_", " ").casefold()
    return (
        (plain, "lead type")
        if plain == "type"
        else (plain, "type" if plain == "lead type" else plain)
    )


def _names(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(";") if part.strip())


def _hundredths(text: str) -> int:
    return int(number(text) * 100)


class _Cells:
    """Cells of a table as they are read, and what is wrong with them."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.problems = rows, list[Problem]()

    def read(
        self, names: tuple[str, ...], reader: Callable[[str], _Value], usual: _Value
    ) -> list[_Value]:
        """A column, with something else where there is nothing."""
        name = next((one for one in names if one in self.rows.columns), None)
        if name is None:
            return [usual] * len(self.rows)
        kept: dict[str, _Value] = {}
        found: list[_Value] = []
        for place, text in enumerate(self.rows.columns[name]):
            if text is not None and text not in kept:
                try:
                    kept[text] = reader(text)
                except Misread as misread:
                    self.wrong(name, place, misread.problem, misread.remedy)
                    kept[text] = usual
            found.append(usual if text is None else kept[text])
        return found

    def wrong(self, name: str, place: int, problem: str, remedy: str) -> None:
        self.problems.append(Problem(name, self.rows.lines[place], problem, remedy))


def rota_of(
    agreement: Agreement,
    people: Iterable[Given],
    now: int,
    turns: Mapping[str, Mapping[str, Turn]],
    accounts: Mapping[str, str],
) -> Rota:
    """Everybody with what the table says that they have, to give leads out at an instant."""
    listed = [*people]
    given = {
        period: {one.rep.name: count for one in listed if (count := one.has.get(period, 0))}
        for period in _PERIODS
    }
    held = given.pop(OPEN)
    kept = {pool: dict(told) for pool, told in turns.items()}
    reps = [one.rep for one in listed]
    return Rota(agreement, reps, now, Tally(given, held), kept, dict(accounts))


def turns_told(rota: Rota) -> dict[str, dict[str, dict[str, int | str]]]:
    """The turns of a rota in a form that `turns_read` reads again: what each is owed, in leads."""
    return {
        pool: {
            name: {"owed": decimal(turn.credit), "given": turn.given}
            for name, turn in sorted(told.items())
        }
        for pool, told in sorted(rota.turns.items())
    }


def turns_read(told: object) -> dict[str, dict[str, Turn]] | None:
    """What `turns_told` told; None for what it can't have told."""
    found: dict[str, dict[str, Turn]] = {}
    if not isinstance(told, dict):
        return None
    for pool, people in told.items():
        if not isinstance(people, dict):
            return None
        for name, turn in people.items():
            try:
                credit = int(number(str(turn["owed"])) * LEAD)
                found.setdefault(pool, {})[name] = Turn(credit, count(str(turn["given"])))
            except (Misread, KeyError, TypeError):
                return None
    return found


def decimal(credit: int) -> str:
    """What somebody is owed, in leads, as an exact decimal text."""
    whole, part = divmod(abs(credit), LEAD)
    return f"{'-' if credit < 0 else ''}{whole}.{part:06}"
