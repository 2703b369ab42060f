"""By itself: what an admin lets the desk do without anybody's word, and what that would come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, rules
from leaddesk.book.access import Actor
from leaddesk.book.choices import in_force
from leaddesk.book.fields import Unfit, plain_text, read_email, read_text
from leaddesk.book.models import Fact, Handoff, Lead, Mailing, Workspace
from leaddesk.book.refusal import Refused
from leadpact.facts import CREATED
from leadpact.problem import Problem

_MOST_SYSTEMS = 50
_MOST_TIMES = 100


@dataclass(frozen=True)
class Wanted:
    """What the desk is to do by itself: hand over leads, but those of some systems; nurture them, in
    whose name and with which postal address in each mail."""

    hands_over: bool
    but: Sequence[str]
    nurtures: bool
    mail_from: str
    postal_address: str


@dataclass(frozen=True)
class Outlook:
    """What there is to be done: leads in the funnel, those that wait, and which clauses are agreed."""

    open: int
    waiting: int
    has_handoff: bool
    has_route: bool
    tracks: int
    systems: Sequence[str]


def outlook(workspace: int, now: int) -> Outlook:
    """What running by itself would work on."""
    agreed = in_force(workspace, now)
    leads = Lead.objects.of(workspace)
    return Outlook(
        leads.filter(standing="open").count(),
        Handoff.objects.of(workspace).filter(state="waiting").count(),
        agreed.handoff is not None,
        agreed.handoff is not None and agreed.handoff.route is not None,
        len(agreed.nurture),
        systems(workspace),
    )


def systems(workspace: int) -> list[str]:
    """The systems that leads came from."""
    rows = Fact.objects.of(workspace).filter(kind=CREATED)
    return [*rows.values_list("system", flat=True).distinct().order_by("system")[:_MOST_SYSTEMS]]


def choose(actor: Actor, given: Mapping[str, Any], now: int) -> Workspace:
    """The workspace that runs as chosen from now on; what has happened before starts nothing.

    Raises `Refused`, `Forbidden`.
    """
    actor.must("run by itself")
    wanted = _read(actor.workspace_id, given, now)

    def store() -> Workspace:
        database.lock_all(actor.workspace_id)
        own = Workspace.objects.get(pk=actor.workspace_id)
        fresh = {
            "hands_over_since": _since(wanted.hands_over, own.hands_over_since, now),
            "hands_over_but": sorted(wanted.but),
            "nurtures_since": _since(wanted.nurtures, own.nurtures_since, now),
            "nurtured": _times(own, now) if not wanted.nurtures else own.nurtured,
            "mail_from": wanted.mail_from,
            "postal_address": wanted.postal_address,
        }
        changed = {name: value for name, value in fresh.items() if getattr(own, name) != value}
        if changed:
            Workspace.objects.filter(pk=own.pk).update(**changed)
            if fresh["hands_over_since"] is None:  # nobody looks at what waits any more
                Handoff.objects.of(own.pk).filter(state="waiting").delete()
            if own.nurtures_since is None and wanted.nurtures:
                _wait_anew(own.pk)
            rules.changed(own.pk, every_lead=True)
            noted = actor.note("chose what runs by itself", f"workspace {own.slug}", **changed)
            audit.note(own.pk, [noted], now)
        own.refresh_from_db()
        return own

    return database.in_transaction(store)


def _since(is_on: bool, before: int | None, now: int) -> int | None:
    if not is_on:
        return None
    return now if before is None else before


def _times(own: Workspace, now: int) -> list[list[int]]:
    """The times in which the desk nurtured, with the one that ends now."""
    if own.nurtures_since is None:
        return list(own.nurtured)
    return [*own.nurtured, [own.nurtures_since, now]][-_MOST_TIMES:]


def _wait_anew(workspace: int) -> None:
    """Forget the mails that waited while nothing was sent: their steps wait anew from now on."""
    waiting = Mailing.objects.of(workspace).filter(state=Mailing.State.WAITING)
    waiting.filter(tries=0).delete()


def _read(workspace: int, given: Mapping[str, Any], now: int) -> Wanted:
    problems: list[Problem] = []
    agreed = in_force(workspace, now)
    hands_over, nurtures = bool(given.get("hands_over")), bool(given.get("nurtures"))
    if hands_over and agreed.handoff is None:
        said = _("The agreement in force says nothing of handoffs.")
        problems.append(Problem("hands_over", 0, said, _("Add `handoff` to it first.")))
    if nurtures and not agreed.nurture:
        said = _("The agreement in force has no nurture track.")
        problems.append(Problem("nurtures", 0, said, _("Add `nurture` to it first.")))
    texts = {
        name: _text(name, given, most, problems)
        for name, most in (("mail_from", 300), ("postal_address", 500))
    }
    problems += _unfit_sender(texts["mail_from"])
    if nurtures and not texts["mail_from"]:
        said = _("Mails need somebody in whose name they go out.")
        problems.append(Problem("mail_from", 0, said, _("Write a name and an address.")))
    if nurtures and not texts["postal_address"]:
        said = _("The law of many countries wants a postal address in such mails.")
        problems.append(Problem("postal_address", 0, said, _("Write yours, in one line.")))
    but, strange = _systems(given.get("hands_over_but", ()))
    problems += strange
    if problems:
        raise Refused(problems)
    return Wanted(hands_over, but, nurtures, texts["mail_from"], texts["postal_address"])


def _text(name: str, given: Mapping[str, Any], most: int, problems: list[Problem]) -> str:
    try:
        found: str = read_text(most)(str(given.get(name) or ""))
    except Unfit as error:
        problems.append(Problem(name, 0, *error.args))
        return ""
    return found


def _unfit_sender(text: str) -> list[Problem]:
    """What is wrong with the sender of mails, written like ``Mia <mia@example.org>``."""
    if not text:
        return []
    _name, address = parseaddr(text)
    try:
        if read_email(address):
            return []
    except Unfit:
        pass
    said = _("'{text}' is no sender of mails.").format(text=plain_text(text))
    return [Problem("mail_from", 0, said, _("Write it like Mia Novak <mia@example.org>."))]


def _systems(told: Any) -> tuple[list[str], list[Problem]]:
    listed = [told] if isinstance(told, str) else [*told]
    found = []
    for one in listed[:_MOST_SYSTEMS]:
        try:
            if name := read_text(100)(str(one)):
                found.append(name)
        except Unfit as error:
            return [], [Problem("hands_over_but", 0, *error.args)]
    return [*dict.fromkeys(found)], []
