"""Versions: where each version of the agreement stands, and which one judges today."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from leaddesk.book.agreements import version_of
from leaddesk.book.models import AgreementVersion, Signature
from leaddesk.book.readings import reading_of
from leaddesk.book.refusal import Absent
from leadpact.agreement.model import Agreement

State = AgreementVersion.State
MOST_SHOWN = 200
"""Of a long history the last so many versions are shown."""


class Standing(NamedTuple):
    """Where a version stands, and how many signatures it has of how many.

    `word` is proposed, partly signed, signed, in force, to come, replaced, over or withdrawn.
    """

    row: AgreementVersion
    word: str
    given: int
    wanted: int


def named(workspace: int, name: str) -> AgreementVersion:
    """The version of a name: its number, or number and id where it was withdrawn. Raises `Absent`."""
    number, dash, place = name.partition("-")
    if not _is_count(number) or (dash and not _is_count(place)):
        raise Absent("agreement version")
    if not dash:
        return version_of(workspace, int(number))
    rows = AgreementVersion.objects.of(workspace).filter(number=int(number), pk=int(place))
    found: AgreementVersion | None = rows.first()
    if found is None:
        raise Absent("agreement version")
    return found


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def name_of(row: AgreementVersion) -> str:
    """The name by which `named` finds a version."""
    return f"{row.number}-{row.pk}" if row.state == State.WITHDRAWN else str(row.number)


def standings(workspace: int, today: date) -> list[Standing]:
    """Every version with where it stands on a day, the newest first."""
    rows = list(AgreementVersion.objects.of(workspace).order_by("-number", "-id")[:MOST_SHOWN])
    given: dict[int, set[tuple[str, str]]] = {}
    for one in Signature.objects.of(workspace).filter(version__in=[row.pk for row in rows]):
        given.setdefault(one.version_id, set()).add((one.side, one.person))
    judging = _judging(rows, today)
    return [_standing(row, given.get(row.pk, set()), judging, today) for row in rows]


def _judging(rows: Sequence[AgreementVersion], today: date) -> AgreementVersion | None:
    begun = [row for row in rows if row.state == State.IN_FORCE and row.valid_from <= today]
    return max(begun, key=lambda row: (row.valid_from, row.number), default=None)


def _standing(
    row: AgreementVersion,
    given: set[tuple[str, str]],
    judging: AgreementVersion | None,
    today: date,
) -> Standing:
    agreement = reading_of(row.text).agreement
    wanted = {*wanted_of(agreement)} if agreement else set()
    signed, whole = len(given & wanted) if wanted else len(given), len(wanted)
    word = {
        State.WITHDRAWN: "withdrawn",
        State.PROPOSED: "signed" if signed >= whole else "partly signed" if signed else "proposed",
    }.get(row.state) or _in_force(row, agreement, judging, today)
    return Standing(row, word, signed, whole)


def _in_force(
    row: AgreementVersion,
    agreement: Agreement | None,
    judging: AgreementVersion | None,
    today: date,
) -> str:
    if row.valid_from > today:
        return "to come"
    if judging is not None and row.pk != judging.pk:
        return "replaced"
    is_over = agreement is not None and agreement.term is not None and agreement.term.to < today
    return "over" if is_over else "in force"


def wanted_of(agreement: Agreement) -> Sequence[tuple[str, str]]:
    """Who must sign a version for which side, as its text names them."""
    signers: Mapping[str, Sequence[str]] = agreement.to_be_signed_by
    return [(side, one) for side, people in signers.items() if side != "order" for one in people]


def current(found: Sequence[Standing]) -> Standing | None:
    """The version to read first: what judges, else what will, else what is proposed, else none."""
    by_word: dict[str, Standing] = {}
    for one in found:
        by_word[one.word] = one  # of several the oldest: the first to come
    wanted = ("in force", "over", "to come", "signed", "partly signed", "proposed")
    return next((by_word[word] for word in wanted if word in by_word), None)
