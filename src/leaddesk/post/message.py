"""Messages: what a channel sends, and what may come of one attempt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notice, worded for one receiver.

    `key` is the same on every attempt, so that the receiver can see a repeat; `to` is the
    receiver in the channel's own terms (an e-mail address, a Slack channel or member; empty for
    webhooks). `headers` are further ones of a mail, or take the place of the usual ones. `type` and `at` (µs UTC) say what happened and when; `data` are its figures, ready
    for JSON. `lead` is the lead that it is about; `sent_before` is the `reference` of the message
    that this one replaces, where the channel can edit.
    """

    key: str
    type: str
    at: int
    to: str
    subject: str
    text: str
    html: str | None
    data: Mapping[str, Any]
    lead: str | None
    sent_before: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The far side took it; `reference` finds the message again, `answer` is what it said."""

    reference: str | None
    answer: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not taken now; try again, not before `after_seconds` where the far side named a time.

    `is_silent` where it didn't answer at all in its time: whoever waits for it waits long.
    """

    why: str
    after_seconds: int | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never going to be taken as it is; a person has to look. `is_of_address` where it is the address
    of the receiver that is none."""

    why: str
    is_of_address: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """The far side wants nothing more: the channel is switched off."""

    why: str


Outcome: TypeAlias = Sent | Retry | Refused | Gone
