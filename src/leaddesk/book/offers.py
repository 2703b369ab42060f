"""Offers: what the steps of nurture tracks send, with a subject and a text in each language."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, merge_fields, rules
from leaddesk.book.access import Actor
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Offer
from leaddesk.book.refusal import Absent, Refused, Stale, refused
from leadpact.problem import Problem

MOST_OF_A_SUBJECT = 200
MOST_OF_A_TEXT = 20_000
MOST_LANGUAGES = 40
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff]")
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

Texts = Mapping[str, Mapping[str, str]]


class Place(NamedTuple):
    """A step of a track of the agreement that sends an offer (steps count from 1)."""

    track: str
    step: int
    stage: str


class Known(NamedTuple):
    """An offer that is written, or that a track names and nobody has written yet (None)."""

    key: str
    row: Offer | None
    places: Sequence[Place]


def every(actor: Actor) -> list[Known]:
    """All offers: those that tracks name, in their order, then the others. Raises `Forbidden`."""
    actor.must("read agreements")
    rows = {row.key: row for row in Offer.objects.of(actor.workspace_id).order_by("key")}
    named = places(actor.workspace_id)
    return [Known(key, rows.get(key), named.get(key, ())) for key in dict.fromkeys([*named, *rows])]


def one(actor: Actor, key: str) -> Known:
    """An offer that is written, or that a track names. Raises `Absent`, `Forbidden`."""
    actor.must("read agreements")
    row = Offer.objects.of(actor.workspace_id).filter(key=key).first()
    found = places(actor.workspace_id).get(key, ())
    if row is None and not found:
        raise Absent(f"offer {plain_text(key)}")
    return Known(key, row, found)


def places(workspace: int) -> dict[str, list[Place]]:
    """Where the tracks of the latest agreement send which offer."""
    versions = rules.rules_of(workspace).program.versions
    found: dict[str, list[Place]] = {}
    for name, track in versions[-1].agreement.nurture.items():
        for number, step in enumerate(track.steps, 1):
            found.setdefault(step.send, []).append(Place(name, number, step.stage))
    return found


def keep(actor: Actor, key: str, texts: Texts, now: int, version: int | None = None) -> Offer:
    """An offer with these texts by language, each `{"subject": …, "text": …}`.

    `version` is the one that the caller saw (0: none). Raises `Refused`, `Forbidden`, `Stale`.
    """
    actor.must("keep offers")
    kept = taken(key, texts)

    def store() -> Offer:
        rows = Offer.objects.of(actor.workspace_id)
        row: Offer | None = rows.select_for_update().filter(key=key).first()
        stands = row.version if row else 0
        if version is not None and version != stands:
            raise Stale(stands)
        if row is not None and row.texts == kept:
            return row
        if row is None:
            row = Offer(workspace_id=actor.workspace_id, key=key, version=0, changed_at=now)
        row.texts, row.version = kept, stands + 1
        row.changed_at, row.changed_by = now, actor.person
        row.save()
        note = actor.note("kept offer", f"offer {key}", languages=sorted(kept), version=row.version)
        audit.note(actor.workspace_id, [note], now)
        return row

    return database.in_transaction(store)


def remove(actor: Actor, key: str, now: int) -> None:
    """Throw away the texts of an offer. Raises `Absent`, `Forbidden`."""
    actor.must("keep offers")

    def take_out() -> None:
        gone, _rows = Offer.objects.of(actor.workspace_id).filter(key=key).delete()
        if not gone:
            raise Absent(f"offer {plain_text(key)}")
        note = actor.note("removed offer", f"offer {key}")
        audit.note(actor.workspace_id, [note], now)

    database.in_transaction(take_out)


def taken(key: str, texts: Texts) -> dict[str, dict[str, str]]:
    """Texts as they are stored. Raises `Refused` with all that is wrong with them."""
    if not key.strip() or len(key) > 200 or plain_text(key) != key[:60]:
        said = _("This is no name of an offer.")
        raise refused("key", said, _("Write the name that the track sends, on one line."))
    kept = {}
    for language, text in texts.items():
        subject = str(text.get("subject", "")).strip()
        if len(subject.splitlines()) < 2:
            subject = " ".join(subject.split())
        body = str(text.get("text", "")).replace("\r\n", "\n").replace("\r", "\n").strip()
        if subject or body:
            kept[str(language).strip().lower()] = {"subject": subject, "text": body}
    found = [*problems(kept)]
    if found:
        raise Refused(found)
    return kept


def problems(texts: Texts) -> Iterator[Problem]:
    """What is wrong with the texts of an offer; each path is the language and `subject` or `text`."""
    if not texts:
        yield Problem("", 0, _("There is no text."), _("Write a subject and a text."))
    if len(texts) > MOST_LANGUAGES:
        yield Problem("", 0, _("There are too many languages."), _("Leave out some."))
    for language, text in texts.items():
        if not _LANGUAGE.fullmatch(language):
            said = _("'%(code)s' is no code of a language.") % {"code": plain_text(language)}
            yield Problem("language", 0, said, _("Write it like en or pt-br."))
        yield from _of_subject(text["subject"], f"{language}.subject")
        yield from _of_text(text["text"], f"{language}.text", language)


def _of_subject(subject: str, path: str) -> Iterator[Problem]:
    if not subject:
        yield Problem(path, 0, _("The subject is empty."), _("Say what the mail is about."))
    if len(subject.splitlines()) > 1:
        said = _("A line break or control sign stands in the subject or address.")
        yield Problem(path, 0, said, _("Remove control characters and marks of direction."))
        return
    yield from _of_characters(subject, path, MOST_OF_A_SUBJECT)
    yield from merge_fields.problems(subject, path)
    if merge_fields.has(subject, "unsubscribe"):
        said = _("A link can't stand in a subject.")
        yield Problem(path, 0, said, _("Write {unsubscribe} into the text."))


def _of_text(text: str, path: str, language: str) -> Iterator[Problem]:
    if not text:
        yield Problem(path, 0, _("The text is empty."), _("Write what the mail says."))
        return
    yield from _of_characters(text, path, MOST_OF_A_TEXT)
    yield from merge_fields.problems(text, path)
    if not is_spoken(language) and not merge_fields.has(text, "unsubscribe"):
        said = _(
            "The text doesn't say how to unsubscribe, and the desk doesn't speak its language."
        )
        remedy = _("Write a sentence with {unsubscribe}, which becomes the link.")
        yield Problem(path, 0, said, remedy)


def _of_characters(text: str, path: str, most: int) -> Iterator[Problem]:
    if len(text) > most:
        said = _("It is longer than %(most)s characters.") % {"most": most}
        yield Problem(path, 0, said, _("Shorten it."))
    if _CONTROL.search(text) or _TURNING.search(text):
        said = _("It holds a character that can't be seen.")
        yield Problem(path, 0, said, _("Remove control characters and marks of direction."))


def is_spoken(language: str) -> bool:
    """Whether the desk itself has words in a language: those of the foot of a mail."""
    return spoken(language) is not None


def spoken(language: str) -> str | None:
    """The language of the desk that serves another one: its own, or that of which it is a kind."""
    known = {code for code, _name in settings.LANGUAGES}
    short = language.lower()
    return short if short in known else main if (main := short.partition("-")[0]) in known else None


def fitting(texts: Texts, *wanted: str) -> str | None:
    """The language to write to somebody in: the first wanted one that is written, else any that is."""
    for language in wanted:
        short = language.lower().replace("_", "-")
        for code in (short, short.partition("-")[0]):
            if code in texts:
                return code
        for code in sorted(texts):
            if short and code.partition("-")[0] == short.partition("-")[0]:
                return code
    return "en" if "en" in texts else min(texts, default=None)
