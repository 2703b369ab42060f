"""Registers: the people of a workspace, their teams, leave and exceptions of calendars.

What changes when somebody works changes what is due: the leads that are open are judged again.
Entries of the audit log name the personal fields that changed, never what they hold.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from leaddesk.book import access, audit, database, roster, rules
from leaddesk.book.access import Actor
from leaddesk.book.fields import (
    Field,
    Unfit,
    plain_text,
    read_day,
    read_email,
    read_flag,
    read_language,
    read_one_of,
    read_text,
    read_time,
    read_zone,
    taken_fields,
)
from leaddesk.book.models import Calendar, Due, Leave, Person, Team
from leaddesk.book.refusal import Absent, Refused, refused, taken
from leaddesk.book.rights import ROLES
from leaddesk.book.wishes import THEMES
from leaddesk.tongue import CALENDARS, DIGITS
from leadpact.agreement.references import persons, teams
from leadpact.problem import Problem, did_you_mean
from leadpact.units import Misread

Result = TypeVar("Result")
Days = tuple[date, date]
PERSON = {
    "key": Field(read_text(100), is_needed=True),
    "name": Field(read_text(200), is_needed=True),
    "email": Field(read_email),
    "phone": Field(read_text(40)),
    "slack": Field(read_text(40)),
    "role": Field(read_one_of(ROLES), is_needed=True),
    "side": Field(read_text(40)),
    "team": Field(read_text(100)),
    "calendar": Field(read_text(100)),
    "manager": Field(read_text(100)),
    "zone": Field(read_zone),
    "language": Field(read_language),
    "dates": Field(read_one_of(CALENDARS)),
    "digits": Field(read_one_of(DIGITS)),
    "theme": Field(lambda value: read_one_of(THEMES)(value) or THEMES[0]),
    "single_keys": Field(read_flag),
    "quiet_from": Field(read_time),
    "quiet_to": Field(read_time),
    "digest_at": Field(read_time),
    "is_active": Field(read_flag),
}
TEAM = {
    "name": Field(read_text(200), is_needed=True),
    "calendar": Field(read_text(100)),
    "manager": Field(read_text(100)),
}
PERSONAL = frozenset({"name", "email", "phone", "slack"})
_WISHES = frozenset({"zone", "language", "dates", "digits", "theme", "single_keys"})
OWN = PERSONAL - {"email"} | _WISHES | {"quiet_from", "quiet_to", "digest_at"}
"""What people may change of themselves."""
_RULING = frozenset({"role", "team", "calendar", "manager", "is_active"})
_HOURS = frozenset({"team", "calendar"})


def _hours(value: Any) -> str:
    text: str = read_text(200)(value)
    try:
        spans = roster.hours_of(text)
    except Misread as error:
        raise Unfit(error.problem, error.remedy) from None
    return ", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in spans)


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes if minutes <= 1440 else minutes - 1440, 60)
    return f"{hours:02}:{rest:02}"


LEAVE = {
    "person": Field(read_text(100), is_needed=True),
    "first": Field(read_day, is_needed=True),
    "last": Field(read_day, is_needed=True),
    "note": Field(read_text(200)),
}
EXCEPTION = {
    "calendar": Field(read_text(100), is_needed=True),
    "day": Field(read_day, is_needed=True),
    "open": Field(_hours),
    "note": Field(read_text(200)),
}


def create_person(actor: Actor, given: Mapping[str, Any], now: int) -> Person:
    """Somebody new in the workspace. Raises `Refused`, `Forbidden`."""
    actor.must("manage people")
    values = taken_fields(PERSON, given, whole=True)

    def create() -> Person:
        workspace = actor.workspace_id
        _check_person(workspace, values, values["key"])
        person: Person = created(
            Person, values["key"], workspace_id=workspace, created_at=now, **values
        )
        _note(actor, "created person", f"person {person.key}", values, now)
        owed = Due.objects.of(workspace).filter(owner=person.key).exists()
        _ruled_by(workspace, f"people.{person.key}", every_lead=owed)
        return person

    return _changing(actor, create)


def change_person(actor: Actor, key: str, changes: Mapping[str, Any], now: int) -> Person:
    """Somebody with other fields; people may change some (`OWN`) of their own.

    Raises `Refused`, `Forbidden`, `Absent`.
    """
    if not (actor.person == key and actor.scopes is None and OWN.issuperset(changes)):
        actor.must("manage people")
    fields = {name: field for name, field in PERSON.items() if name != "key"}
    values = taken_fields(fields, changes, whole=False)

    def change() -> Person:
        workspace = actor.workspace_id
        person: Person = found(Person, workspace, "person", key=key)
        _check_person(workspace, values, key)
        changed = changed_fields(person, values)
        if not changed:
            return person
        person.save(update_fields=list(changed))
        _check_admins(workspace, changed)
        _note(actor, "changed person", f"person {key}", changed, now)
        if _RULING.intersection(changed):
            _ruled_by(workspace, f"people.{key}", every_lead=not _HOURS.isdisjoint(changed))
        return person

    person = _changing(actor, change)
    access.forget()
    return person


def deactivate_person(actor: Actor, key: str, now: int) -> Person:
    """Somebody who works here no longer: no sign-in, no tokens; their name and deeds stay."""
    return change_person(actor, key, {"is_active": False}, now)


def keep_team(actor: Actor, key: str, given: Mapping[str, Any], now: int) -> Team:
    """A team with these fields, made or changed. Raises `Refused`, `Forbidden`."""
    actor.must("manage people")
    key = taken_fields({"key": PERSON["key"]}, {"key": key}, whole=True)["key"]
    workspace = actor.workspace_id

    def keep() -> Team:
        team = Team.objects.of(workspace).filter(key=key).first()
        values = taken_fields(TEAM, given, whole=team is None)
        _must_be_known(Person, workspace, values, "manager")
        if team is None:
            team = created(Team, key, workspace_id=workspace, key=key, **values)
        elif values := changed_fields(team, values):
            team.save(update_fields=list(values))
        else:
            return team
        _note(actor, "kept team", f"team {key}", values, now)
        members = Person.objects.of(workspace).filter(team=key, calendar="")
        for member in [*members.values_list("key", flat=True)[:1]]:
            _must_fit(workspace, f"people.{member}", named="calendar")
        rules.changed(workspace, every_lead="calendar" in values)
        return team

    return _changing(actor, keep)


def remove_team(actor: Actor, key: str, now: int) -> None:
    """No such team any longer. Raises `Refused` while somebody is in it, `Absent`, `Forbidden`."""
    actor.must("manage people")

    def remove() -> None:
        team = found(Team, actor.workspace_id, "team", key=key)
        if Person.objects.of(actor.workspace_id).filter(team=key).exists():
            said = _("Somebody is in this team.")
            raise refused("key", said, _("Give its people another team first."))
        team.delete()
        _note(actor, "removed team", f"team {key}", {}, now)
        rules.changed(actor.workspace_id)

    _changing(actor, remove)


def add_leave(actor: Actor, given: Mapping[str, Any], now: int) -> Leave:
    """Days (`first` to `last`, both included) on which a `person` is off. Raises `Refused`."""
    actor.must("keep calendars")
    values = taken_fields(LEAVE, given, whole=True)
    if values["last"] < values["first"]:
        said = _("The leave ends before it begins.")
        raise refused("last", said, _("Write the last day, on or after the first."))

    def add() -> Leave:
        workspace, person = actor.workspace_id, values["person"]
        _must_be_somebody(workspace, person)
        rows = Leave.objects.of(workspace)
        if rows.filter(**{name: values[name] for name in ("person", "first", "last")}).exists():
            raise taken("first", f"{values['first']}/{values['last']}")
        leave: Leave = rows.create(workspace_id=workspace, **values)
        _note(actor, "added leave", f"person {person}", _without_note(values), now)
        _ruled_by(workspace, f"people.{person}", days=(leave.first, leave.last))
        return leave

    return _changing(actor, add)


def remove_leave(actor: Actor, person: str, first: Any, last: Any, now: int) -> None:
    """A leave that isn't taken. Raises `Absent`, `Forbidden`."""
    actor.must("keep calendars")
    span = {"person": person, "first": _day_or_absent(first), "last": _day_or_absent(last)}

    def remove() -> None:
        found(Leave, actor.workspace_id, "leave", **span).delete()
        _note(actor, "removed leave", f"person {person}", span, now)
        rules.changed(actor.workspace_id, days=(span["first"], span["last"]))

    _changing(actor, remove)


def keep_exception(actor: Actor, given: Mapping[str, Any], now: int) -> Calendar:
    """Other hours (`open`, empty: closed) of a `calendar` on one `day`. Raises `Refused`."""
    actor.must("keep calendars")
    values = taken_fields(EXCEPTION, given, whole=True)
    key, workspace = values.pop("calendar"), actor.workspace_id

    def keep() -> Calendar:
        plain = {"open": "", "note": ""} | values
        exception: Calendar
        exception, _is_new = Calendar.objects.of(workspace).update_or_create(
            key=key,
            day=values["day"],
            defaults=plain,
            create_defaults=plain | {"workspace_id": workspace},
        )
        _note(actor, "kept exception", f"calendar {key}", _without_note(plain), now)
        _ruled_by(workspace, f"exceptions.{key}", days=(exception.day, exception.day))
        return exception

    return _changing(actor, keep)


def remove_exception(actor: Actor, calendar: str, day: Any, now: int) -> None:
    """The usual hours on that day again. Raises `Absent`, `Forbidden`."""
    actor.must("keep calendars")
    place = {"key": calendar, "day": _day_or_absent(day)}

    def remove() -> None:
        found(Calendar, actor.workspace_id, "exception", **place).delete()
        _note(actor, "removed exception", f"calendar {calendar}", {"day": place["day"]}, now)
        rules.changed(actor.workspace_id, days=(place["day"], place["day"]))

    _changing(actor, remove)


def _changing(actor: Actor, work: Callable[[], Result]) -> Result:
    """What `work` yields; in one transaction, and nobody else changes these registers, or judges
    leads by them, meanwhile."""

    def alone() -> Result:
        database.lock_all(actor.workspace_id)
        return work()

    return database.in_transaction(alone)


def created(model: type[models.Model], key: str, /, **values: Any) -> Any:
    """A new row. Raises `Refused` where its key is there already."""
    try:
        with transaction.atomic():
            return model._default_manager.create(**values)  # noqa: SLF001
    except IntegrityError:
        raise taken("key", key) from None


def found(model: Any, workspace: int, what: str, /, **place: Any) -> Any:
    """The row of a workspace at this place. Raises `Absent`."""
    row = model.objects.of(workspace).filter(**place).first()
    if row is None:
        raise Absent(f"{what} {plain_text(' '.join(map(str, place.values())))}")
    return row


def changed_fields(row: models.Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from those of a row, which then has them."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return changed


def _check_person(workspace: int, values: Mapping[str, Any], key: str) -> None:
    _must_be_known(Person, workspace, values, "manager")
    if values.get("manager") == key:
        said = _("Nobody is their own manager.")
        raise refused("manager", said, _("Name somebody else, or leave it empty."))
    team = values.get("team")
    if team and not Team.objects.of(workspace).filter(key=team).exists():
        known = [name for version in rules.in_force(workspace) for name in teams(version)]
        if team not in known:
            known += Team.objects.of(workspace).values_list("key", flat=True)
            said = _("There is no team '{team}'.").format(team=plain_text(team))
            raise refused("team", said, did_you_mean(team, known) if known else _("Make it first."))


def _must_be_known(model: Any, workspace: int, values: Mapping[str, Any], name: str) -> None:
    key = values.get(name)
    if key and not model.objects.of(workspace).filter(key=key).exists():
        said = _("There is nobody with the key '{key}'.").format(key=plain_text(key))
        raise refused(name, said, _("Create them first, or leave it empty."))


def _must_be_somebody(workspace: int, key: str) -> None:
    """Whoever takes leave is in the register or in the agreement."""
    if Person.objects.of(workspace).filter(key=key).exists():
        return
    if not any(key in persons(version) for version in rules.in_force(workspace)):
        said = _("There is nobody with the key '{key}'.").format(key=plain_text(key))
        raise refused("person", said, _("Create them first."))


def _check_admins(workspace: int, changed: Mapping[str, Any]) -> None:
    if {"role", "is_active"}.isdisjoint(changed):
        return
    if not Person.objects.of(workspace).filter(role="admin", is_active=True).exists():
        said = _("Nobody would be left who may manage this workspace.")
        raise refused("role", said, _("Make somebody else a RevOps admin first."))


def _ruled_by(
    workspace: int, subject: str, *, every_lead: bool = False, days: Days | None = None
) -> None:
    """Let a changed part of the roster rule from now on. Raises `Refused` where it doesn't fit."""
    _must_fit(workspace, subject)
    rules.changed(workspace, every_lead=every_lead, days=days)


def _must_fit(workspace: int, subject: str, named: str = "") -> None:
    problems = roster.misfits(workspace, rules.in_force(workspace), subject)
    if problems:
        raise Refused(
            Problem(named or one.path.rpartition(".")[2], 0, one.problem, one.remedy)
            for one in problems
        )


def _day_or_absent(value: Any) -> Any:
    try:
        return read_day(value)
    except Unfit:
        raise Absent(f"day {plain_text(value)}") from None


def _without_note(values: Mapping[str, Any]) -> dict[str, Any]:
    """Why somebody is away is nobody's business but theirs."""
    return {name: value for name, value in values.items() if name not in {"note", "person"}}


def _note(actor: Actor, act: str, subject: str, values: Mapping[str, Any], now: int) -> None:
    plain = {
        name: value if isinstance(value, (str, bool)) else str(value)
        for name, value in values.items()
        if name not in PERSONAL and value not in {None, ""}
    }
    personal = sorted(PERSONAL.intersection(values))
    detail = plain | ({"fields": personal} if personal else {})
    audit.note(actor.workspace_id, [actor.note(act, subject, **detail)], now)
