"""Merging: two leads of one person, or two rows of one company, become one; and are two again.

Of leads the fact `merged` says so: what was told of the one counts for the other from then on, and
what it owed is excused. Of contacts the fields are chosen one by one; what each register said before
is kept, to be restored. Facts that name the account of a merged company stay as they are: its row
leads on to the one that stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils.translation import gettext as _

from leaddesk.book import audit, contacts, database
from leaddesk.book.access import Actor, seen
from leaddesk.book.acts import SYSTEM
from leaddesk.book.fields import plain_text
from leaddesk.book.intake import Handed, take
from leaddesk.book.merge_preview import Change, Nurture, as_if_merged, changes_of, nurture_of
from leaddesk.book.models import Company, Contact, Lead, Merge
from leaddesk.book.narrowing import is_narrowed, others
from leaddesk.book.queries import lead as seen_lead
from leaddesk.book.refusal import Absent, Forbidden, Refused, refused
from leaddesk.book.registers import found
from leadpact.clock import to_datetime

OF_CONTACT = ("name", "email", "phone", "title", "company", "language", "zone")
OF_COMPANY = ("name", "domain", "country")
_GONE, _STAYS = "gone", "stays"


class Choice(NamedTuple):
    """A field of two contacts or companies: what each says, and which of both is proposed."""

    name: str
    gone: str
    stays: str
    proposed: str


@dataclass(frozen=True)
class Preview:
    """What comes of a merge: the choices to be made, what becomes of what is owed, and of the track."""

    gone: Any
    stays: Any
    choices: Sequence[Choice]
    changes: Sequence[Change] = ()
    moved: int = 0
    nurture: Nurture | None = None


def preview_of_leads(actor: Actor, gone: str, stays: str, now: int) -> Preview:
    """What comes of merging one lead into another. Raises `Refused`, `Absent`, `Forbidden`."""
    one, other = _pair(actor, gone, stays)
    people = _people(actor.workspace_id, gone, stays)
    fields = [(_told(people.get(gone)), _told(people.get(stays)))]
    choices = [_choice(name, old, new) for old, new in fields for name in OF_CONTACT]
    rules, judgement = as_if_merged(actor.workspace_id, gone, stays, now)
    changes = changes_of(actor.workspace_id, gone, stays, judgement)
    return Preview(one, other, choices, changes, nurture=nurture_of(rules, judgement, gone, now))


def _pair(actor: Actor, gone: str, stays: str) -> tuple[Lead, Lead]:
    """The two leads, if they can be merged."""
    actor.must("record facts")
    actor.must("keep contacts")
    one, other = seen_lead(actor, gone), seen_lead(actor, stays)
    if one.key == other.key:
        said = _("These are one lead already.")
        raise refused("stays", said, _("Choose another one."))
    for row in (one, other):
        if row.into:
            told = {"lead": plain_text(row.key), "into": plain_text(row.into)}
            said = _("The lead %(lead)s was merged into %(into)s before.") % told
            raise refused("stays", said, _("Merge the one that it lives on in."))
    return one, other


def _people(workspace: int, *leads: str) -> dict[str, Contact]:
    rows = Contact.objects.of(workspace).filter(lead__in=leads).select_related("company")
    return {row.lead: row for row in rows}


def _told(contact: Contact | None) -> dict[str, str]:
    """What a contact says, its company by its key."""
    if contact is None or contact.erased_at is not None:
        return dict.fromkeys(OF_CONTACT, "")
    told = {name: str(getattr(contact, name)) for name in OF_CONTACT if name != "company"}
    return told | {"company": contact.company.key if contact.company else ""}


def _choice(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Choice:
    proposed = _STAYS if new[name] or not old[name] else _GONE
    return Choice(name, old[name], new[name], proposed)


def merge_leads(
    actor: Actor, gone: str, stays: str, chosen: Mapping[str, str], now: int, token: str = ""
) -> Merge:
    """Merge one lead into another; `chosen` says of each field whose it is ("gone" or "stays").

    A form that is sent twice (with one `token`) merges once.
    Raises `Refused`, `Absent`, `Forbidden`.
    """

    def do() -> Merge:
        if known := _known(actor, token):
            return known
        database.lock(actor.workspace_id, {gone, stays})
        _pair(actor, gone, stays)
        key = token or token_hex(8)
        kept = _join_contacts(actor, gone, stays, chosen, now)
        _record(actor, gone, "merged", f"merge-{key}", {"into": stays}, now)
        return _kept(actor, key, gone, stays, kept, now)

    return database.in_transaction(do)


def _known(actor: Actor, token: str) -> Merge | None:
    rows = Merge.objects.of(actor.workspace_id).filter(key=token, person=actor.person)
    found: Merge | None = rows.first() if token else None
    return found


def _join_contacts(
    actor: Actor, gone: str, stays: str, chosen: Mapping[str, str], now: int
) -> dict[str, Any]:
    """Let the contact that stays have the chosen fields; what it said before, and says now."""
    people = _people(actor.workspace_id, gone, stays)
    old, new = _told(people.get(gone)), _told(people.get(stays))
    taken = {name: old[name] for name in OF_CONTACT if chosen.get(name) == _GONE}
    changed = {name: value for name, value in taken.items() if value != new[name]}
    if not changed:
        return {}
    if stays in people:
        contacts.change_contact(actor, stays, changed, now)
        return {"before": {name: new[name] for name in changed}, "after": changed}
    contacts.create_contact(actor, stays, changed, now)
    return {"before": None, "after": changed}


def _record(
    actor: Actor, lead: str, kind: str, source_id: str, fields: Mapping[str, Any], now: int
) -> None:
    """Record a fact of a lead. Raises `Absent` where the actor may not, `Refused`."""
    item = {"lead": lead, "kind": kind, "by": actor.person, "system": SYSTEM, **fields}
    item |= {"source_id": source_id, "occurred_at": to_datetime(now).isoformat()}
    narrowed = actor if is_narrowed(actor) else None
    handed = Handed(
        actor.workspace_id, [item], SYSTEM, actor.person, actor.request, narrowed=narrowed
    )
    taken = take([handed], now=now)[0]
    if taken.hidden:
        raise Absent(f"lead {plain_text(lead)}")
    if taken.outcomes[0] not in {"new", "known"}:
        raise Refused(taken.problems.get(0, []))


def _kept(
    actor: Actor,
    key: str,
    gone: str,
    stays: str,
    kept: Mapping[str, Any],
    now: int,
    *,
    is_of_companies: bool = False,
) -> Merge:
    merge = Merge(
        workspace_id=actor.workspace_id,
        key=key,
        person=actor.person,
        is_of_companies=is_of_companies,
        gone=gone,
        stays=stays,
        source_id="" if is_of_companies else f"merge-{key}",
        kept=kept,
        merged_at=now,
    )
    merge.save()
    what = "company" if is_of_companies else "lead"
    note = actor.note(f"merged {what}", f"{what} {gone}", into=stays)
    audit.note(actor.workspace_id, [note], now)
    return merge


def undo(actor: Actor, key: str, now: int) -> Merge:
    """Make two of them again. What was changed since stays changed.

    Whoever merged them may, and who leads. Raises `Absent`, `Forbidden`, `Refused`.
    """
    merge = merge_to_part(actor, key)
    back: Callable[[Actor, Merge, int], None] = (
        _part_companies if merge.is_of_companies else _part_leads
    )

    def do() -> Merge:
        own = Merge.objects.of(actor.workspace_id).filter(pk=merge.pk, undone_at=None)
        if own.update(undone_at=now):
            back(actor, merge, now)
            what = "company" if merge.is_of_companies else "lead"
            note = actor.note(f"parted {what}", f"{what} {merge.gone}", of=merge.stays)
            audit.note(actor.workspace_id, [note], now)
        merge.refresh_from_db()
        return merge

    return database.in_transaction(do)


def merge_to_part(actor: Actor, key: str) -> Merge:
    """A merge that somebody may undo. Raises `Absent`, `Forbidden`."""
    actor.must("keep contacts")
    merge: Merge = found(Merge, actor.workspace_id, "merge", key=key)
    if not may_part(actor, merge):
        raise Forbidden("keep contacts")
    return merge


def may_part(actor: Actor, merge: Merge) -> bool:
    """Whether somebody may undo a merge: their own, or anybody's for those who lead."""
    is_own = merge.person == actor.person
    return actor.may("keep contacts") and (is_own or actor.may("reassign leads"))


def _part_leads(actor: Actor, merge: Merge, now: int) -> None:
    """Take the fact back, and give the contact that stayed what it said before."""
    actor.must("record facts")
    database.lock(actor.workspace_id, {merge.gone, merge.stays})
    seen_lead(actor, merge.gone)
    told = {"fact": merge.source_id}
    _record(actor, merge.gone, "corrected", f"{merge.source_id}:undone", told, now)
    if not merge.kept:
        return
    contact = _people(actor.workspace_id, merge.stays).get(merge.stays)
    if contact is None or contact.erased_at is not None:
        return
    stands = _told(contact)
    after = merge.kept["after"]
    before = merge.kept["before"] or dict.fromkeys(after, "")
    untouched = {name: before[name] for name in after if stands[name] == after[name]}
    contacts.change_contact(actor, merge.stays, untouched, now)


def merge_of(workspace: int, gone: str, *, is_of_companies: bool = False) -> Merge | None:
    """The merge by which a lead or a company went, where it stands."""
    rows = Merge.objects.of(workspace).filter(gone=gone, undone_at=None)
    found: Merge | None = rows.filter(is_of_companies=is_of_companies).order_by("-id").first()
    return found


def preview_of_companies(actor: Actor, gone: str, stays: str) -> Preview:
    """What comes of merging one company into another. Raises `Refused`, `Absent`, `Forbidden`."""
    one, other = _companies(actor, gone, stays)
    choices = [_choice(name, _of_company(one), _of_company(other)) for name in OF_COMPANY]
    moved = Contact.objects.of(actor.workspace_id).filter(company=one).count()
    return Preview(one, other, choices, moved=moved)


def _of_company(row: Company) -> dict[str, str]:
    return {name: str(getattr(row, name)) for name in OF_COMPANY}


def _companies(actor: Actor, gone: str, stays: str) -> tuple[Company, Company]:
    actor.must("keep contacts")
    one: Company = found(Company, actor.workspace_id, "company", key=gone)
    other: Company = found(Company, actor.workspace_id, "company", key=stays)
    if one.pk == other.pk:
        said = _("These are one company already.")
        raise refused("stays", said, _("Choose another one."))
    if one.into or other.into:
        said = _("One of them was merged before.")
        raise refused("stays", said, _("Merge the one that it lives on in."))
    if is_narrowed(actor):
        _must_see_leads(actor, one, other)
    return one, other


def _must_see_leads(actor: Actor, *companies: Company) -> None:
    """Raises `Forbidden` where a lead of some companies is beyond what this one sees."""
    people = Contact.objects.of(actor.workspace_id).filter(company__in=companies).values("lead")
    accounts = [company.key for company in companies]
    leads = Lead.objects.of(actor.workspace_id).filter(Q(account__in=accounts) | Q(key__in=people))
    if leads.exclude(pk__in=seen(actor, leads).values("pk")).exists():
        raise Forbidden("keep contacts")


def merge_companies(
    actor: Actor, gone: str, stays: str, chosen: Mapping[str, str], now: int, token: str = ""
) -> Merge:
    """Merge one company into another: its contacts move, and its key leads on. See `merge_leads`."""

    def do() -> Merge:
        if known := _known(actor, token):
            return known
        one, other = _companies(actor, gone, stays)
        old, new = _of_company(one), _of_company(other)
        taken = {name: old[name] for name in OF_COMPANY if chosen.get(name) == _GONE}
        changed = {name: value for name, value in taken.items() if value != new[name]}
        contacts.change_company(actor, stays, changed, now)
        rows = Contact.objects.of(actor.workspace_id).filter(company=one)
        moved = [*rows.order_by("lead").values_list("lead", flat=True)]
        rows.update(company=other, version=F("version") + 1)
        own = Company.objects.of(actor.workspace_id).filter(pk=one.pk)
        own.update(into=other.key, version=F("version") + 1)
        before = {name: new[name] for name in changed}
        kept = {"before": before, "after": changed, "moved": moved}
        key = token or token_hex(8)
        return _kept(actor, key, gone, stays, kept, now, is_of_companies=True)

    return database.in_transaction(do)


def _part_companies(actor: Actor, merge: Merge, now: int) -> None:
    """Give the company that went its contacts back, and the one that stayed its fields."""
    one: Company = found(Company, actor.workspace_id, "company", key=merge.gone)
    other: Company = found(Company, actor.workspace_id, "company", key=merge.stays)
    kept = merge.kept
    if other.into:
        said = _("The company that stays was merged into another one since.")
        raise refused("", said, _("Undo that merge first."))
    if is_narrowed(actor) and others(actor, kept["moved"]):
        raise Forbidden("keep contacts")
    stands = _of_company(other)
    back = {n: kept["before"][n] for n, value in kept["after"].items() if stands[n] == value}
    contacts.change_company(actor, merge.stays, back, now)
    Company.objects.of(actor.workspace_id).filter(pk=one.pk).update(
        into="", version=F("version") + 1
    )
    rows = Contact.objects.of(actor.workspace_id).filter(company=other, lead__in=kept["moved"])
    rows.update(company=one, version=F("version") + 1)
