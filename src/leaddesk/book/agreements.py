"""Agreements: versions are proposed, signed, put in force or withdrawn.

A version's text never changes once it is proposed; the signatures are given over the hash of what
it says.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, roster, rules
from leaddesk.book.access import Actor
from leaddesk.book.models import AgreementVersion, Signature
from leaddesk.book.readings import reading_of
from leaddesk.book.refusal import Absent, Forbidden, Refused, refused
from leaddesk.book.registers import created
from leadpact.agreement.amend import hash_of
from leadpact.agreement.calendars import sentences
from leadpact.agreement.check import check
from leadpact.agreement.load import load
from leadpact.agreement.model import Agreement
from leadpact.agreement.references import ORDER
from leadpact.clock.zones import CalendarError
from leadpact.problem import Problem
from leadpact.program import Program

State = AgreementVersion.State
_MOST_NUMBER = 1_000_000


class Checked(NamedTuple):
    """What the engine says of a text: `problems` keep it from being used, `remarks` don't."""

    agreement: Agreement | None
    problems: list[Problem]
    remarks: list[Problem]


class Due(NamedTuple):
    """A signature that is still to be given; `is_next` where it may be given now."""

    side: str
    person: str
    is_next: bool


def checked(text: str) -> Checked:
    """A text as the engine reads it; nothing is stored."""
    reading = reading_of(text)
    if reading.agreement is None or reading.problems:
        return Checked(None, reading.problems, [])
    return Checked(reading.agreement, [], check(reading.agreement, reading.lines))


def misfits(workspace: int, agreement: Agreement) -> list[Problem]:
    """What keeps a text that can be read from being proposed as the next version here."""
    problems = [*_unfit_number(agreement)]
    try:
        _must_follow(workspace, agreement)
        _must_be_free(workspace, agreement)
    except Refused as refusal:
        problems += refusal.problems
    return problems


def propose(actor: Actor, text: str, now: int) -> AgreementVersion:
    """A new version of the agreement, for signing. Raises `Refused`, `Forbidden`."""
    actor.must("propose agreement")
    agreement = _read(text)
    problems = [*_unfit_number(agreement)]
    if problems:
        raise Refused(problems)

    def store() -> AgreementVersion:
        workspace = actor.workspace_id
        database.lock(workspace, ["agreement"])
        _must_follow(workspace, agreement)
        _must_be_free(workspace, agreement)
        version: AgreementVersion = created(
            AgreementVersion,
            str(agreement.version),
            workspace_id=workspace,
            name=agreement.agreement[:200],
            number=agreement.version,
            valid_from=agreement.valid_from,
            text=text,
            hash=hash_of(agreement),
            proposed_by=actor.person,
            proposed_at=now,
        )
        _note(actor, "proposed agreement", version, now)
        return version

    return database.in_transaction(store)


def version_of(workspace: int, number: int) -> AgreementVersion:
    """The version with this number that wasn't withdrawn. Raises `Absent`."""
    rows = AgreementVersion.objects.of(workspace).exclude(state=State.WITHDRAWN)
    version = rows.filter(number=number).first() if 0 < number < _MOST_NUMBER else None
    if version is None:
        raise Absent(f"agreement version {number}")
    return version


def signatures(version: AgreementVersion) -> list[Signature]:
    """The signatures of a version, the oldest first."""
    rows = Signature.objects.of(version.workspace_id).filter(version=version)
    return list(rows.order_by("signed_at", "id"))


def signatures_due(version: AgreementVersion) -> list[Due]:
    """The signatures that a version still needs, in the order in which it names them."""
    agreement = _read(version.text)
    given = {(one.side, one.person) for one in signatures(version) if one.hash == version.hash}
    wanted = [
        (side, person)
        for side, people in agreement.to_be_signed_by.items()
        if side != ORDER
        for person in people
    ]
    left = [place for place in dict.fromkeys(wanted) if place not in given]
    in_order = is_in_order(agreement)
    return [Due(*place, not in_order or n == 0) for n, place in enumerate(left)]


def is_in_order(agreement: Agreement) -> bool:
    """Whether those who sign do so in the order in which the agreement names them."""
    order = agreement.to_be_signed_by.get(ORDER, ("any",))
    return any(word.strip().casefold() == "as listed" for word in order)


def sign(actor: Actor, number: int, side: str, seen_hash: str, now: int) -> Signature:
    """Sign a proposed version for a side, over the hash of what the signer saw.

    People sign for themselves. Raises `Refused`, `Forbidden` (also for a token), `Absent`.
    """
    actor.must("sign agreement")

    def give() -> Signature:
        workspace = actor.workspace_id
        database.lock(workspace, ["agreement"])
        version = version_of(workspace, number)
        _must_be_signable(version, actor.person, side, seen_hash)
        signature: Signature = created(
            Signature,
            actor.person,
            workspace_id=workspace,
            version=version,
            side=side,
            person=actor.person,
            hash=version.hash,
            signed_at=now,
        )
        _note(actor, "signed agreement", version, now, side=side)
        return signature

    return database.in_transaction(give)


def _must_be_signable(version: AgreementVersion, person: str, side: str, seen_hash: str) -> None:
    if version.state != State.PROPOSED:
        said = _("This version is in force already.")
        raise refused("", said, _("Propose the next version."))
    if seen_hash != version.hash or hash_of(_read(version.text)) != version.hash:
        said = _("This isn't the text that you saw.")
        raise refused("hash", said, _("Read it again, and sign what it says now."))
    own = [due for due in signatures_due(version) if due.person == person and due.side == side]
    if not own:
        said = _("{person} has nothing to sign for {side}.").format(person=person, side=side[:40])
        raise refused("side", said, _("Those who still sign are named with the version."))
    if not own[0].is_next:
        said = _("Somebody else signs before {person}.").format(person=person)
        raise refused("side", said, _("Wait until they have signed."))


def put_in_force(actor: Actor, number: int, now: int) -> AgreementVersion:
    """Let a proposed version judge from its first day on.

    It follows the version before, and has every signature that its text asks for. Raises
    `Refused`, `Forbidden`, `Absent`.
    """
    actor.must("put in force")

    def put() -> AgreementVersion:
        workspace = actor.workspace_id
        database.lock(workspace, ["agreement"])
        version = version_of(workspace, number)
        if version.state != State.PROPOSED:
            said = _("This version is in force already.")
            raise refused("", said, _("Propose the next version."))
        _must_rule(version)
        version.state = State.IN_FORCE
        version.in_force_by, version.in_force_at = actor.person, now
        version.save(update_fields=["state", "in_force_by", "in_force_at"])
        rules.changed(workspace, every_lead=True)
        _note(actor, "put agreement in force", version, now, valid_from=str(version.valid_from))
        return version

    return database.in_transaction(put)


def _must_rule(version: AgreementVersion) -> None:
    agreement = _read(version.text)
    if hash_of(agreement) != version.hash:
        said = _("The text isn't the one that was proposed.")
        raise refused("hash", said, _("Withdraw it, and propose it again."))
    if due := signatures_due(version):
        names = ", ".join(f"{one.person} ({one.side})" for one in due)
        said = _("It isn't signed by {names}.").format(names=names)
        raise refused("signatures", said, _("Let them sign it first."))
    before = _must_follow(version.workspace_id, agreement)
    try:
        Program((*before, agreement), roster.told(version.workspace_id))
    except CalendarError as error:
        raise refused("calendars", *sentences(error)) from None


def withdraw(actor: Actor, number: int, now: int) -> AgreementVersion:
    """Take a proposal back; its signatures stay on file. Raises `Refused`, `Forbidden`, `Absent`."""
    actor.must("propose agreement")

    def take_back() -> AgreementVersion:
        database.lock(actor.workspace_id, ["agreement"])
        version = version_of(actor.workspace_id, number)
        if version.state != State.PROPOSED:
            said = _("What is in force can't be withdrawn.")
            raise refused("", said, _("Propose a version that replaces it."))
        if version.proposed_by != actor.person and not actor.may("put in force"):
            raise Forbidden("put in force")
        version.state = State.WITHDRAWN
        version.save(update_fields=["state"])
        _note(actor, "withdrew agreement", version, now)
        return version

    return database.in_transaction(take_back)


def _read(text: str) -> Agreement:
    agreement, problems = load(text)
    if agreement is None:
        raise Refused(problems)
    return agreement


def _unfit_number(agreement: Agreement) -> Iterator[Problem]:
    if agreement.version >= _MOST_NUMBER:
        said = _("The number of the version is too high.")
        yield Problem("version", 0, said, _("Count versions 1, 2, 3 and so on."))
    if len(agreement.agreement) > 200:
        said = _("The name is longer than {most} characters.").format(most=200)
        yield Problem("agreement", 0, said, _("Shorten it."))


def _must_follow(workspace: int, agreement: Agreement) -> tuple[Agreement, ...]:
    """The versions in force, which this one follows. Raises `Refused` where it doesn't."""
    before = rules.in_force(workspace)
    if not before:
        return before
    last, problems = before[-1], []
    if agreement.agreement != last.agreement:
        said = _("This is another agreement than '{name}', which is in force.")
        remedy = _("Keep its name; what changes is the version.")
        problems.append(Problem("agreement", 0, said.format(name=last.agreement), remedy))
    if agreement.version <= last.version:
        said = _("Version {number} is in force already, or a later one.")
        remedy = _("Number it {number} or higher.").format(number=last.version + 1)
        problems.append(Problem("version", 0, said.format(number=agreement.version), remedy))
    if agreement.valid_from <= last.valid_from:
        said = _("It would begin on {day}, no later than version {number}.")
        text = said.format(day=agreement.valid_from, number=last.version)
        problems.append(Problem("valid from", 0, text, _("Let it begin later.")))
    if problems:
        raise Refused(problems)
    return before


def _must_be_free(workspace: int, agreement: Agreement) -> None:
    taken = AgreementVersion.objects.of(workspace).filter(number=agreement.version)
    if taken.exclude(state=State.WITHDRAWN).exists():
        said = _("There is a version {number} already.").format(number=agreement.version)
        raise refused("version", said, _("Give it the next number, or withdraw the other one."))


def _note(actor: Actor, act: str, version: AgreementVersion, now: int, **detail: str) -> None:
    subject = f"agreement version {version.number}"
    note = actor.note(act, subject, hash=version.hash, **detail)
    audit.note(version.workspace_id, [note], now)
