"""Receivers: the persons whom a notice means, by the name that the agreement gives them."""

from django.db.models import QuerySet

from leaddesk.book.models import Person, Role, Team
from leaddesk.book.rules import rules_of

_LEADS = {"marketing": Role.MARKETING_LEAD}


def receivers(workspace: int, to: str, owner: str) -> list[str]:
    """The keys of the active persons meant by `to`, of a lead that belongs to `owner`.

    `to` is empty (the owner), the key of a person, "manager", a side of the agreement, a team or a
    role. Where nobody is meant who works here, it is for the admins.
    """
    people = Person.objects.of(workspace).filter(is_active=True)
    found = people.filter(key=to or owner)
    if to == "manager" and not found:
        found = _managers(workspace, people, owner)
    if to and not found:
        found = people.filter(role=to) | people.filter(team=to) | people.filter(side=to)
    if to and not found:
        found = people.filter(key__in=_of_side(workspace, to))
    return sorted((found or people.filter(role=Role.ADMIN)).values_list("key", flat=True))


def _managers(workspace: int, people: QuerySet[Person], owner: str) -> QuerySet[Person]:
    """The manager of a person, else of their team, else those who lead their side."""
    person = Person.objects.of(workspace).filter(key=owner).first()
    if person is None:
        return people.filter(role=Role.SALES_LEAD)
    team = Team.objects.of(workspace).filter(key=person.team).first()
    for manager in (person.manager, team.manager if team else ""):
        if manager and manager != owner and (found := people.filter(key=manager)):
            return found
    return people.filter(role=_LEADS.get(person.side, Role.SALES_LEAD))


def _of_side(workspace: int, side: str) -> tuple[str, ...]:
    agreement = rules_of(workspace).program.versions[-1].agreement
    return tuple(agreement.between.get(side, ()))
