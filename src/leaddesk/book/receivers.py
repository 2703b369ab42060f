"""Receivers: the persons whom a notice means, by the name that the agreement gives them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from leaddesk.book.models import Person, Role, Team
from leaddesk.book.rules import rules_of
from leadpact.agreement.model import Agreement

_LEADS = {"marketing": Role.MARKETING_LEAD}


class Staff:
    """Everybody in a workspace at an instant, read once: so no notice costs a query of its own."""

    def __init__(self, workspace: int, now: int) -> None:
        self.workspace, self.now = workspace, now
        everybody = Person.objects.of(workspace)
        self.registered: Mapping[str, Person] = {one.key: one for one in everybody}
        self.active = {key: one for key, one in self.registered.items() if one.is_active}

    def meant(self, to: str, owner: str, side: str = "") -> list[str]:
        """The keys of the active persons meant by `to`, of a lead that belongs to `owner`.

        `to` is empty (the owner), the key of a person, "manager", a role, a team or a side of the
        agreement. For an owner who isn't here any longer it is their manager, and where nobody is
        meant who works here, who leads the `side` that owes it; at last the admins.
        """
        found = self._present([to or owner])
        if not found and to in {"", "manager"}:
            found = self._managers(owner, side)
        found = found or (self._group(to) if to else [])
        return sorted(found or self._leading(side) or self._of_role(Role.ADMIN))

    def in_line(self, key: str, side: str = "") -> Iterator[list[str]]:
        """Who stands above somebody, step by step, each once: manager after manager, whoever leads the
        `side`, at last the admins."""
        known, at = {key}, key
        while above := [one for one in self._managers(at, side) if one not in known]:
            yield above
            known, at = known | {*above}, above[0]
        for group in (self._leading(side), self._of_role(Role.ADMIN)):
            if above := [one for one in group if one not in known]:
                yield above
                known |= {*above}

    def _present(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if key in self.active]

    def _of_role(self, role: str) -> list[str]:
        return [key for key, one in self.active.items() if one.role == role]

    def _leading(self, side: str, but: str = "") -> list[str]:
        role = _LEADS.get(side, Role.SALES_LEAD)
        return [key for key in self._of_role(role) if key != but]

    def _managers(self, owner: str, side: str) -> list[str]:
        """The manager of a person, else of their team, else those who lead their side."""
        person = self.registered.get(owner)
        for manager in (person.manager if person else "", self._manager_of(self._team(owner))):
            if manager != owner and manager in self.active:
                return [manager]
        return self._leading((person.side if person else "") or side, but=owner)

    def _manager_of(self, team: str) -> str:
        return self._managers_of_teams.get(team, "")

    @cached_property
    def _managers_of_teams(self) -> dict[str, str]:
        return dict(Team.objects.of(self.workspace).values_list("key", "manager"))

    def _group(self, to: str) -> list[str]:
        """Who has this role, is in this team or on this side."""
        if found := self._of_role(to):
            return found
        of_team = [key for key in self.active if self._team(key) == to]
        named = self.agreement.between.get(to, ())
        return of_team or [
            key for key, one in self.active.items() if one.side == to or (key in named)
        ]

    def _team(self, key: str) -> str:
        """As the register says, else as the agreement does."""
        for people in (self.registered, self.agreement.people):
            if key in people and people[key].team:
                return str(people[key].team)
        return ""

    @cached_property
    def agreement(self) -> Agreement:
        """The version of the agreement that is in force."""
        versions = rules_of(self.workspace).program.versions
        begun = [one for one in versions if one.begins <= self.now]
        return (begun or versions)[-1].agreement
