"""Drafts: deliveries before they are queued, and how they are, many at once and each once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leaddesk.book import database
from leaddesk.book.models import Channel, Delivery, Notice
from leadpact.rulings import key

PREFIX = "dlv_"
MOST_SHOWN = 25
"""So many notices a message carries; of the others it says how many there are."""
_COLUMNS = (
    *("workspace", "key", "channel", "kind", "to", "lead", "body", "state", "attempts"),
    *("cause_at", "created_at", "next_at", "fence", "reference", "why"),
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One message to one receiver (empty: whoever reads a channel), to be sent from `at` on.

    The same `marks` by the same channel to the same receiver are the same message, which is queued
    once. With `why` it is noted that nobody gets it, and for what reason.
    """

    channel: Channel
    marks: Sequence[str]
    kind: str
    to: str
    body: Mapping[str, Any]
    cause_at: int
    at: int
    lead: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        """What the receiver knows it by, however often it is sent."""
        return PREFIX + key([*self.marks, self.channel.key, self.to])[:40]


def queue(workspace: int, drafts: Sequence[Draft], now: int) -> None:
    """Queue drafts, in their order, that aren't queued yet."""
    state = Delivery.State
    rows = [
        (
            *(workspace, one.key, one.channel.pk, one.kind, one.to, one.lead),
            json.dumps(one.body, ensure_ascii=False),
            *(state.SKIPPED.value if one.why else state.PENDING.value, 0),
            *(one.cause_at, now, one.at, 0, "", one.why[:500]),
        )
        for one in drafts
    ]
    database.insert(Delivery, _COLUMNS, [*zip(*rows, strict=True)], unique=("workspace", "key"))


def of_notices(
    channel: Channel, to: str, notices: Sequence[Notice], at: int, why: str = ""
) -> Draft:
    """The draft that tells one receiver of some notices."""
    leads = {one.lead for one in notices}
    return Draft(
        channel=channel,
        marks=[one.key for one in notices],
        kind=notices[0].kind if len({one.kind for one in notices}) == 1 else "several",
        to=to,
        lead=leads.pop() if len(leads) == 1 else "",
        body=grouped([shown(one) for one in notices]),
        cause_at=min(one.cause_at for one in notices),
        at=at,
        why=why,
    )


def grouped(notices: Sequence[Mapping[str, Any]], more: int = 0) -> dict[str, Any]:
    """The body of a message about these notices, and so many `more`."""
    more += max(len(notices) - MOST_SHOWN, 0)
    return {"notices": [*notices[:MOST_SHOWN]], **({"more": more} if more else {})}


def shown(notice: Notice) -> dict[str, Any]:
    """A notice as a delivery carries it: its figures, when it was due, and when it was found."""
    told: dict[str, Any] = json.loads(notice.body)
    return told | {"cause_at": notice.cause_at, "found_at": notice.created_at}
