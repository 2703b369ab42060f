"""Rights: who may do what, in one table. Knows no database, so that the documentation reads it too."""

from collections.abc import Mapping
from typing import NamedTuple

ROLES = ("admin", "marketing lead", "sales lead", "marketer", "rep", "viewer", "auditor")
_ALL = frozenset(ROLES)
_LEADING = frozenset({"admin", "marketing lead", "sales lead"})
_WORKING = _LEADING | {"marketer", "rep"}
_ADMIN = frozenset({"admin"})


class Right(NamedTuple):
    """An act: the roles that may do it, and what it is."""

    roles: frozenset[str]
    meaning: str


def _(meaning: str) -> str:
    """A sentence that translators are to know of; whoever shows it translates it."""
    return meaning


RIGHTS: Mapping[str, Right] = {
    "see status": Right(_ALL, _("see how the desk runs")),
    "read leads": Right(
        _ALL,
        _(
            "see leads, their facts and what is due; a rep sees own and team's, and those they gave back"
        ),
    ),
    "read contacts": Right(
        _WORKING, _("see names, addresses and numbers of the people behind leads")
    ),
    "read people": Right(_ALL, _("see who works here, teams, leave and calendars")),
    "read agreements": Right(_ALL, _("see the agreement, its versions and signatures")),
    "read deliveries": Right(_LEADING | {"auditor"}, _("see what was sent to whom")),
    "read audit": Right(frozenset({"admin", "auditor"}), _("see who changed what")),
    "record facts": Right(_WORKING, _("say what happened to a lead")),
    "waive promises": Right(_LEADING, _("let a promise go for one lead, with a reason")),
    "reassign leads": Right(_LEADING, _("give a lead to another owner")),
    "override scores": Right(
        _LEADING | {"marketer"}, _("set the score of a lead by hand, with a reason")
    ),
    "contest rejections": Right(
        _LEADING | {"marketer"}, _("contest that sales rejected a lead, with a reason")
    ),
    "settle disputes": Right(_LEADING, _("decide who is right about a rejected lead")),
    "enrol leads": Right(_WORKING, _("put a lead into a nurture track, or take it out")),
    "keep offers": Right(
        frozenset({"admin", "marketing lead", "marketer"}), _("write what nurture tracks send")
    ),
    "keep suppressions": Right(
        _LEADING | {"marketer"}, _("say that an address must not be mailed")
    ),
    "train models": Right(_LEADING, _("train a model of the chance to win, and put it to use")),
    "run by itself": Right(
        _ADMIN, _("let the desk hand over leads and send nurture mails by itself")
    ),
    "record history": Right(_ADMIN, _("record what was heard before, with its times, in silence")),
    "keep contacts": Right(_WORKING, _("create and change companies and contacts")),
    "import leads": Right(_LEADING | {"marketer"}, _("take leads in from a file, and undo that")),
    "propose agreement": Right(_LEADING, _("propose a version of the agreement, or withdraw it")),
    "sign agreement": Right(
        _ALL - {"auditor"}, _("sign a version that names them; never by token")
    ),
    "put in force": Right(_ADMIN, _("let a signed version judge")),
    "keep calendars": Right(_LEADING, _("enter leave and exceptions of calendars")),
    "manage people": Right(_ADMIN, _("create and change people and teams, and give roles")),
    "manage channels": Right(_ADMIN, _("set up where messages go")),
    "mute notices": Right(_ALL, _("let themselves alone for a while")),
    "replay deliveries": Right(
        _ADMIN, _("send again what could not be sent, release what is held")
    ),
    "export": Right(_ADMIN, _("take out everything, contacts included")),
    "erase": Right(_ADMIN, _("erase the personal data of a contact")),
    "hold tokens": Right(_ALL, _("make and revoke tokens of their own")),
    "manage tokens": Right(_ADMIN, _("make and revoke tokens of anybody")),
}
"""Every act of the desk. What isn't in the list nobody may do."""

SCOPES: Mapping[str, frozenset[str]] = {
    "read": frozenset(act for act in RIGHTS if act.startswith(("read ", "see "))),
    "facts:write": frozenset(
        {
            *("record facts", "waive promises", "reassign leads", "override scores"),
            *("contest rejections", "settle disputes", "enrol leads"),
        }
    ),
    "nurture:write": frozenset({"keep offers", "keep suppressions"}),
    "history:write": frozenset({"record history"}),
    "contacts:write": frozenset({"keep contacts"}),
    "people:write": frozenset({"manage people", "keep calendars"}),
    "agreements:write": frozenset({"propose agreement", "put in force"}),
    "deliveries:write": frozenset({"manage channels", "mute notices", "replay deliveries"}),
    "export": frozenset({"export"}),
    "admin": frozenset(RIGHTS) - {"sign agreement"},
}
"""What a token may at most, by scope; its person must have the right as well."""

NARROWED = frozenset({"rep"})
"""Roles that see the leads of their own and of their team only."""


def may(role: str, act: str) -> bool:
    """Whether a role has a right. Raises `KeyError` for an act that isn't in the table."""
    return role in RIGHTS[act].roles


def within(scopes: frozenset[str], act: str) -> bool:
    """Whether one of these scopes covers an act."""
    return any(act in SCOPES[scope] for scope in scopes if scope in SCOPES)
