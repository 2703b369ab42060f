"""Facts: the closed union of what can happen to a lead, told in the past tense.

The index of a kind in `KINDS` is its code in a log's `kind` column. A kind has at most one
subject (a word: what, which stage, by which channel), one person and one amount; all other fields
stand beside them. Names of kinds may be written with spaces or hyphens for underscores.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Literal

FORM: Final = 1
"""The version of the JSON form that is written; older forms are brought up by `upcast`."""

Role = Literal["subject", "person", "amount", "field"]


class Type(Enum):
    """How the value of a field is read."""

    WORD = "word"  # case and underscores don't matter
    TEXT = "text"  # verbatim, without spaces around it
    PERSON = "person"
    MONEY = "money"  # a number with at most 4 decimals
    SECONDS = "seconds"  # whole or decimal seconds
    YES_NO = "yes or no"
    INSTANT = "instant"


@dataclass(frozen=True)
class Field:
    """One field of a kind: its name, how it is read, what it means, other names it goes by."""

    name: str
    type: Type
    meaning: str
    role: Role = "field"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of fact. An `open` kind keeps any further field as an attribute of the lead."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    open: bool = False

    def of(self, role: Role) -> Field | None:
        """The field that plays `role`: its subject, its person, its amount."""
        return next((field for field in self.fields if field.role == role), None)


def _subject(name: str, meaning: str) -> Field:
    return Field(name, Type.WORD, meaning, "subject")


def _by(meaning: str = "who did it") -> Field:
    return Field("by", Type.PERSON, meaning, "person")


def _word(name: str, meaning: str) -> Field:
    return Field(name, Type.WORD, meaning)


def _text(name: str, meaning: str) -> Field:
    return Field(name, Type.TEXT, meaning)


def _yes_no(name: str, meaning: str) -> Field:
    return Field(name, Type.YES_NO, meaning)


def _amount(meaning: str) -> Field:
    return Field("amount", Type.MONEY, meaning, "amount")


_OWNER = Field("owner", Type.PERSON, "who owns the lead from now on", "person", ("to",))
_ROUTE = _text("route", "how the owner was found, as JSON")
_GIVEN_BY = Field("by", Type.PERSON, "who or what gave it")

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "created",
        "The lead arose. Any further field is kept as an attribute of the lead.",
        (
            _subject("type", "how it arose: website form, outbound, demo, chat …"),
            _word("stream", "the revenue stream it belongs to"),
            _text("source", "where it came from"),
            _text("campaign", "the campaign that brought it"),
            _text("medium", "the medium of the campaign"),
            _word("segment", "the segment of the market"),
            _text("account", "the company it belongs to"),
        ),
        open=True,
    ),
    Kind(
        "described",
        "An attribute became known or changed. Any field is kept, except personal data.",
        (),
        open=True,
    ),
    Kind(
        "engaged",
        "The person did something that shows interest.",
        (
            _subject("what", "what was done: demo requested, guide downloaded …"),
            _text("source", "where it came from"),
            _text("campaign", "the campaign that brought it"),
            _word("channel", "by which channel"),
        ),
    ),
    Kind("replied", "The person answered.", (_subject("channel", "by which channel"),)),
    Kind(
        "scored",
        "A score was given.",
        (
            _text("fit", "points for fit"),
            _text("interest", "points for interest"),
            _word("grade", "the grade"),
            _text("model", "the rules or the model that gave it, or `by hand`"),
            _text("chance", "the chance to be won, from 0 to 1"),
            _text("factors", "what it is the sum of, as JSON"),
        ),
    ),
    Kind(
        "moved",
        "The lead entered a stage.",
        (_subject("to", "the stage"), _by(), _amount("the value of the deal, once known")),
    ),
    Kind(
        "handed_over",
        "Marketing handed the lead to sales.",
        (
            _OWNER,
            _GIVEN_BY,
            _text("missing", "fields that the packet lacks, separated by commas"),
            _text("packet", "what was handed over, as JSON"),
            _text(
                "trigger",
                "what handed it over: a stage, what the lead did, or a colleague's interest",
            ),
            _ROUTE,
        ),
    ),
    Kind(
        "accepted",
        "Sales accepted the lead.",
        (_by(), _yes_no("silent", "by saying nothing until the time was over")),
    ),
    Kind(
        "rejected",
        "Sales refused the lead.",
        (_subject("reason", "one of the agreed reasons"), _by()),
    ),
    Kind("assigned", "The lead got an owner, or another one.", (_OWNER, _GIVEN_BY, _ROUTE)),
    Kind(
        "attempted",
        "Someone tried to reach the person.",
        (
            _subject("channel", "by which channel"),
            _by(),
            Field("seconds", Type.SECONDS, "how long it lasted", "amount", ("duration",)),
            _word("outcome", "reached, no answer, bounced, wrong number, failed …"),
            _yes_no("human", "made by a human; yes unless said"),
            _word("direction", "outbound unless said; inbound"),
        ),
    ),
    Kind(
        "returned",
        "Sales gave the lead back for nurture.",
        (
            _subject("to", "the nurture track"),
            _word("reason", "why"),
            _by(),
            Field("not_before", Type.INSTANT, "not to be handed over again before this"),
        ),
    ),
    Kind("disqualified", "The lead turned out to be none.", (_subject("reason", "why"), _by())),
    Kind("converted", "A deal was opened.", (_amount("the value of the deal"), _by())),
    Kind("won", "The deal was won.", (_amount("the value of the deal"), _by())),
    Kind("lost", "The deal was lost.", (_subject("reason", "why"), _by())),
    Kind(
        "suppressed",
        "The person must not be contacted: opt-out, objection, legal hold.",
        (_subject("reason", "why"),),
    ),
    Kind(
        "merged",
        "The lead is a duplicate and lives on in another.",
        (_text("into", "the key of the lead that survives"),),
    ),
    Kind("paused", "Clocks stand still.", (_subject("reason", "why"), _by())),
    Kind("resumed", "Clocks run again.", (_by(),)),
    Kind(
        "enrolled",
        "The lead entered a nurture track, got a step of it, or left it.",
        (
            _subject("track", "the track"),
            _by(),
            _text("step", "the step that was sent"),
            _yes_no("left", "the lead left the track"),
            _text("done", "how many steps are over already, where it goes on with a track"),
            Field("since", Type.INSTANT, "since when it waits for the next step then"),
        ),
    ),
    Kind(
        "ruled",
        "A verdict was announced.",
        (
            _subject("promise", "the promise"),
            _text("rung", "the rung of a ladder"),
            _text("occurrence", "which occurrence within the pass, from 1"),
            _text("pass", "the pass, from 1"),
            _word("verdict", "open, kept, broken, excused, waived, undeterminable"),
            Field("started_at", Type.INSTANT, "when the promise began"),
            Field("due_at", Type.INSTANT, "when it was due"),
            Field("answered_at", Type.INSTANT, "when it was answered"),
            _text("version", "the version of the agreement that judged"),
        ),
    ),
    Kind(
        "waived",
        "A manager let one promise go.",
        (
            _subject("promise", "the promise"),
            _by(),
            _text("why", "the reason, printed in the report"),
            _text("rung", "the rung of a ladder"),
            _text("occurrence", "which occurrence within the pass"),
            _text("pass", "the pass"),
        ),
    ),
    Kind(
        "disputed",
        "Someone contests a verdict, or a dispute was settled.",
        (
            _subject("promise", "the promise"),
            _by(),
            _text("why", "the reason"),
            _word("outcome", "how the dispute ended"),
        ),
    ),
    Kind(
        "corrected",
        "An earlier fact of this lead was wrong and is taken back.",
        (_text("fact", "the source_id of the fact"), _by(), _text("why", "the reason")),
    ),
)
"""All kinds of fact; there are at most 25, and adding one is a reviewed event."""

ENVELOPE: Final[tuple[Field, ...]] = (
    Field("lead", Type.TEXT, "the key of the lead; or `account`, for all leads of an account"),
    Field("kind", Type.WORD, "one of the kinds below"),
    Field("occurred_at", Type.INSTANT, "when it happened: an instant, or a date without a time"),
    Field("recorded_at", Type.INSTANT, "when it became known; unless said, when it happened"),
    Field("system", Type.TEXT, "who told it (also `source`, where the kind has no such field)"),
    Field("source_id", Type.TEXT, "its identity there; unless said, equal facts are one fact"),
    Field("date_only", Type.YES_NO, "occurred_at is the first instant of a day of unknown time"),
    Field("form", Type.TEXT, "the version of this form; 1 unless said"),
)
"""The fields that every fact has, beside those of its kind."""

COMMON: Final[tuple[Field, ...]] = (
    Field("by", Type.PERSON, "who did it"),
    _word("reason", "why, as a word"),
    _text("why", "why, in a sentence"),
    _text("note", "anything worth keeping"),
)
"""Fields that every kind may carry where it has no field of that name itself."""

PERSONAL: Final = frozenset(
    {
        *("address", "postal_address", "street", "birthday", "date_of_birth"),
        *("mail", "email", "e_mail", "email_address"),
        *("name", "first_name", "full_name", "last_name", "surname"),
        *("mobile", "phone", "phone_number", "telephone"),
    }
)
"""Attributes that are personal data: a log never keeps them, so that erasing a person can't spoil it."""

CODES: Final[Mapping[str, int]] = {kind.name: code for code, kind in enumerate(KINDS)}

(
    CREATED,
    DESCRIBED,
    ENGAGED,
    REPLIED,
    SCORED,
    MOVED,
    HANDED_OVER,
    ACCEPTED,
    REJECTED,
    ASSIGNED,
    ATTEMPTED,
    RETURNED,
    DISQUALIFIED,
    CONVERTED,
    WON,
    LOST,
    SUPPRESSED,
    MERGED,
    PAUSED,
    RESUMED,
    ENROLLED,
    RULED,
    WAIVED,
    DISPUTED,
    CORRECTED,
) = range(len(KINDS))


def word(text: str) -> str:
    """A subject or another word as it is compared: folded, underscores and runs of space as one."""
    return " ".join(text.casefold().replace("_", " ").split())


def key(text: str) -> str:
    """The name of a kind or a field as it is compared: folded, joined by underscores."""
    return "_".join(text.casefold().replace("_", " ").replace("-", " ").split())


@lru_cache(maxsize=4096)
def field_of(kind: int, name: str) -> Field | None:
    """The field of a kind that goes by `name`; None where the kind knows no such field."""
    for field in KINDS[kind].fields:
        if name == field.name or name in field.aliases:
            return field
    for field in COMMON:
        if name == field.name:
            return field
    return Field(name, Type.TEXT, "an attribute of the lead") if KINDS[kind].open else None


UPCASTS: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""For each form before `FORM`, what turns a fact of it into the next one."""


def upcast(fact: Mapping[str, Any], form: int) -> dict[str, Any]:
    """`fact`, written in an older `form`, in the present one; ValueError for a form to come."""
    if not 1 <= form <= FORM:
        raise ValueError(form)
    present = dict(fact)
    for older in range(form, FORM):
        present = UPCASTS[older](present)
    return present


def reference() -> str:
    """The reference of all facts, in Markdown (``docs/facts.md``)."""
    lines = [_HEAD, _table(ENVELOPE), "", "Any kind may also carry:", "", _table(COMMON), ""]
    lines += ["## Kinds", ""]
    for kind in KINDS:
        lines += [f"### {kind.name}", "", kind.meaning, ""]
        if kind.fields:
            lines += [_table(kind.fields), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(fields: tuple[Field, ...]) -> str:
    rows = [
        f"| `{field.name}`{_aliases(field)} | {field.type.value} | {field.meaning} |"
        for field in fields
    ]
    return "\n".join(["| field | is a | meaning |", "|---|---|---|", *rows])


def _aliases(field: Field) -> str:
    return "".join(f" or `{alias}`" for alias in field.aliases)


_HEAD = """# Facts

A log is a list of facts: what happened to which lead, and when. One fact is one line of JSON, or
one row of a CSV or Parquet file with the same names as columns:

```json
{"lead": "L-1", "occurred_at": "2026-03-13T12:00:00+01:00", "kind": "handed_over", "owner": "ana"}
{"lead": "L-1", "occurred_at": "2026-03-13 14:00", "kind": "attempted", "channel": "phone", "by": "ana"}
```

- An instant is written with its offset (`2026-03-13T12:00:00+01:00`, `2026-03-13 11:00Z`); without
  one it is local time in the zone of the agreement. A time that a clock shows twice is the first of
  the two, a time that a clock skips is moved past the gap; both are counted.
- A date without a time (`2026-03-13`) is a whole local day. It can't decide a promise of hours
  unless the whole day falls on one side of the due time.
- Words (stages, channels, reasons, types …) are compared without regard to case and underscores;
  keys of leads, people and accounts are taken as they stand.
- Two facts with the same `system` and `source_id` are one fact. Of two that differ, the one that was
  recorded first stands. Both cases are counted.
- A field that a kind doesn't know is ignored and counted, personal data (names, addresses, numbers)
  likewise. A kind that isn't in this list is refused.

Every fact has these fields; `lead`, `kind` and `occurred_at` are required:
"""
