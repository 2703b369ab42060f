"""Merge preview: what becomes of what is owed for two leads, and of their tracks, once they are one."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from leaddesk.book import due, logbook
from leaddesk.book.acts import SYSTEM
from leaddesk.book.codec import Row
from leaddesk.book.models import Due
from leaddesk.book.rules import Rules, rules_of
from leadpact.facts import MERGED
from leadpact.judge import Judgement, judge
from leadpact.nurture import enrolments, inheritances

NOTHING_SENT = "nothing is sent"
"""Why no track goes on: the desk doesn't nurture."""


class Change(NamedTuple):
    """An obligation of one of two leads, and its verdict before and after they are merged; "" where
    it isn't owed."""

    lead: str
    promise: str
    pass_number: int
    rung: int
    before: str
    after: str
    due_at: int | None


class Nurture(NamedTuple):
    """The track that the lead that goes is in, and why the one that stays doesn't go on with it ("": it
    does; see `leadpact.nurture.inheritances`)."""

    track: str
    refused: str


def as_if_merged(workspace: int, gone: str, stays: str, now: int) -> tuple[Rules, Judgement]:
    """Two leads judged as if they were merged."""
    body = json.dumps({"into": stays})
    fact = Row(gone, "", MERGED, now, now, False, SYSTEM, "preview", body)
    rules = rules_of(workspace)
    circle = logbook.circle(workspace, {gone, stays}, lock=False)
    log = logbook.log_of(workspace, circle, rules.zone, [fact])
    return rules, judge(rules.program, log, now=now)


def nurture_of(rules: Rules, judgement: Judgement, gone: str, now: int) -> Nurture | None:
    """What becomes of the track that the lead that goes is in; None where it is in none."""
    known = enrolments(judgement.stories, resumed=rules.nurtures_since or 0)
    for one in inheritances(judgement.stories, known, now):
        lead = int(known.lead[one.enrolment])
        if judgement.log.keys[lead] == gone and int(known.left_at[one.enrolment]) == now:
            track = known.places[int(known.place[one.enrolment])].name
            return Nurture(track, one.refused if rules.nurtures_since else NOTHING_SENT)
    return None


def changes_of(workspace: int, gone: str, stays: str, judgement: Judgement) -> list[Change]:
    """What becomes of what is owed for two leads, by their judgement as if they were merged."""
    columns = due.due_columns(judgement.obligations)
    rows = (dict(zip(due.DUE_NAMES, row, strict=True)) for row in zip(*columns, strict=True))
    after = {_identity(row): row for row in rows if row["lead"] in {gone, stays}}
    stored = Due.objects.of(workspace).filter(lead__in=(gone, stays)).values(*due.DUE_NAMES)
    before = {_identity(row): row for row in stored}
    return [
        _change(before.get(identity), after.get(identity))
        for identity in sorted(before.keys() | after.keys())
    ]


def _identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in due.IDENTITY)


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Change:
    row = new or old or {}
    return Change(
        row["lead"],
        row["promise"],
        row["pass_number"],
        row["rung"],
        old["verdict"] if old else "",
        new["verdict"] if new else "",
        row["due_at"],
    )
