"""Acts: what people do with a lead. Each records facts, and says by what it can be taken back.

Whoever acts has seen the lead as it stood at some fact. If a colleague has recorded the same since
then, it isn't added twice; anything else goes through. A form that is sent twice counts once.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leaddesk.book import database, deciding, follow_up, queries
from leaddesk.book.asked import Asked, Done, corrected, facts_of, same_of
from leaddesk.book.choices import choices, open_promises, receivers
from leaddesk.book.codec import row_of
from leaddesk.book.commit import LOCKED_FOR
from leaddesk.book.deciding import BY_HAND, RELEASED
from leaddesk.book.fields import plain_text
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import Lead, Note
from leaddesk.book.moment import DAY
from leaddesk.book.narrowing import is_narrowed
from leaddesk.book.path import legal
from leaddesk.book.record import Submission, record
from leaddesk.book.refusal import Absent, Refused, refused
from leaddesk.book.saying import amount_of, length_of, note_of, one_of, points_of, reason_of
from leadpact import facts
from leadpact.clock import to_datetime

SYSTEM = "desk"
"""The system of facts that people record on the pages of the desk."""
SCORE_KEYS = "score-"
"""How the source ids of scores begin that people set on the desk, so that they can be found."""
_LONGEST_PAUSE = 366 * DAY
_LONGEST_REST = 3 * 366 * DAY


def attempt(
    asked: Asked, *, channel: str, outcome: str, seconds: str = "", anyway: bool = False
) -> Done:
    """Somebody tried to reach the person, or (outcome "replied") they answered.

    Raises `Refused`, `Forbidden`, `Absent`, as all acts do; and `Asks` where it was too much by the
    guard of the agreement, unless one goes on `anyway`.
    """
    offered = choices(asked.actor.workspace_id, asked.now)
    channel = one_of("channel", channel, offered.channels)
    outcome = one_of("outcome", outcome, offered.outcomes)
    if outcome == "replied":
        return recorded(asked, "replied", channel=channel)
    said = {"channel": channel, "outcome": outcome, "seconds": length_of(seconds)}

    def fit(_lead: Lead) -> None:
        follow_up.asked_twice(asked, channel, anyway=anyway)

    return recorded(asked, "attempted", fit, **said)


def meet(asked: Asked) -> Done:
    """The person booked a meeting."""
    return recorded(asked, "engaged", what="meeting booked")


def pause(asked: Asked, *, reason: str, until: int | None = None) -> Done:
    """The clocks of a lead stand still, for an agreed reason, until an instant where one is named."""
    reasons = choices(asked.actor.workspace_id, asked.now).pauses
    if until is not None and not asked.now < until <= asked.now + _LONGEST_PAUSE:
        said = _("This is no instant within a year from now.")
        raise refused("until", said, _("Choose a later day, or none."))

    def fit(lead: Lead) -> None:
        if lead.is_paused:
            raise refused("", _("The clocks of this lead stand still already."), _("Resume first."))

    def then(own: str) -> list[str]:
        return [] if until is None else [_resumed_later(asked, own, until)]

    return recorded(asked, "paused", fit, then, reason=one_of("reason", reason, reasons))


def resume(asked: Asked) -> Done:
    """The clocks of a lead run again; an end that was set for the pause is taken back."""

    def fit(lead: Lead) -> None:
        if not lead.is_paused:
            raise refused("", _("The clocks of this lead aren't paused."), _("Reload the page."))

    def then(_own: str) -> list[str]:
        coming = facts_of(asked).filter(kind=facts.RESUMED, occurred_at__gt=asked.now)
        for source_id in [*coming.values_list("source_id", flat=True)]:
            _taken_back(asked, source_id, "resumed")
        return []

    return recorded(asked, "resumed", fit, then)


def waive(asked: Asked, *, promise: int, why: str) -> Done:
    """A leading role lets an obligation (by the id of its row) of a lead go, and says why."""
    asked.actor.must("waive promises")
    reason = reason_of("why", why)
    open_ = {one.pk: one for one in open_promises(queries.lead(asked.actor, asked.lead))}
    if promise not in open_:
        said = _("This promise isn't open any more.")
        raise refused("promise", said, _("Reload the page and choose another one."))
    row = open_[promise]
    rung = {} if row.rung < 0 else {"rung": row.rung}
    which = {"occurrence": row.occurrence, "pass": row.pass_number, **rung}
    return recorded(asked, "waived", promise=row.promise, why=reason, **which)


def reassign(asked: Asked, *, owner: str, why: str) -> Done:
    """A leading role gives a lead to another owner, and says why."""
    asked.actor.must("reassign leads")
    reason = reason_of("why", why)
    one_of("owner", owner, [one.key for one in receivers(asked.actor.workspace_id)])

    def fit(lead: Lead) -> None:
        if lead.owner == owner:
            raise refused("owner", _("The lead is theirs already."), _("Choose somebody else."))

    return recorded(asked, "assigned", fit, owner=owner, why=reason)


def accept(asked: Asked) -> Done:
    """Sales accepts a lead that is offered to it."""
    return recorded(asked, "accepted", deciding.for_sales(asked.actor, legal(asked, "accepted")))


def reject(asked: Asked, *, reason: str) -> Done:
    """Sales refuses a lead that is offered to it, in time and for an agreed reason."""
    agreed = choices(asked.actor.workspace_id, asked.now).rejections
    said = one_of("reason", reason, agreed)
    fit = legal(asked, "rejected", names_agreed_reason=True)
    return recorded(asked, "rejected", deciding.for_sales(asked.actor, fit), reason=said)


def give_back(asked: Asked, *, track: str, reason: str = "", until: int | None = None) -> Done:
    """Sales gives a lead back for nurture, into a track: tried in vain as often as agreed, or for a
    reason; not to be offered again before `until`, where that is named."""
    offered = choices(asked.actor.workspace_id, asked.now)
    to, why = one_of("track", track, offered.tracks), reason_of("reason", reason, needed=False)
    if offered.returns:
        why = one_of("reason", why, offered.returns)
    if until is not None and not asked.now < until <= asked.now + _LONGEST_REST:
        said = _("This is no instant within three years from now.")
        raise refused("until", said, _("Choose a later day, or none."))
    before = None if until is None else to_datetime(until).isoformat()
    fit = legal(asked, "returned", names_track=True, names_reason=bool(why))
    said = {"to": to, "reason": why or None, "not_before": before}
    return recorded(asked, "returned", deciding.for_sales(asked.actor, fit), **said)


def disqualify(asked: Asked, *, reason: str) -> Done:
    """A lead turned out to be none."""
    reasons = choices(asked.actor.workspace_id, asked.now).disqualifications
    return recorded(asked, "disqualified", reason=one_of("reason", reason, reasons))


def move(asked: Asked, *, to: str) -> Done:
    """A lead entered a stage."""
    stages = choices(asked.actor.workspace_id, asked.now).stages
    return recorded(asked, "moved", to=one_of("to", to, stages))


def convert(asked: Asked, *, amount: str = "") -> Done:
    """A deal was opened."""
    return recorded(asked, "converted", amount=amount_of(amount))


def win(asked: Asked, *, amount: str = "") -> Done:
    """The deal was won."""
    return recorded(asked, "won", amount=amount_of(amount))


def lose(asked: Asked, *, reason: str) -> Done:
    """The deal was lost."""
    reasons = choices(asked.actor.workspace_id, asked.now).losses
    return recorded(asked, "lost", reason=one_of("reason", reason, reasons))


def suppress(asked: Asked, *, reason: str) -> Done:
    """The person must not be contacted."""
    reasons = choices(asked.actor.workspace_id, asked.now).suppressions
    return recorded(asked, "suppressed", reason=one_of("reason", reason, reasons))


def override(asked: Asked, *, fit: str = "", interest: str = "", why: str) -> Done:
    """Somebody sets the score of a lead by hand, on one axis or both, and says why.

    It stands for what the rules give until it is released, or overridden again.
    """
    asked.actor.must("override scores")
    points = {"fit": points_of("fit", fit), "interest": points_of("interest", interest)}
    if points == {"fit": None, "interest": None}:
        said = _("There is no score.")
        raise refused("fit", said, _("Write points for fit, for interest, or for both."))
    return recorded(asked, "scored", model=BY_HAND, why=reason_of("why", why), **points)


def release(asked: Asked, *, why: str = "") -> Done:
    """The score of a lead is again what the rules give."""
    asked.actor.must("override scores")
    reason = reason_of("why", why, needed=False) or None
    axes = {"fit": RELEASED, "interest": RELEASED}
    return recorded(asked, "scored", model=BY_HAND, why=reason, **axes)


def jot(asked: Asked) -> Done:
    """Somebody writes a note about a lead; no clock minds it."""
    asked.actor.must("record facts")
    text = note_of(asked.note)
    if not text:
        raise refused("note", _("There is no text."), _("Write what is worth keeping."))
    lead = queries.lead(asked.actor, asked.lead)

    def write() -> Done:
        database.lock(asked.actor.workspace_id, [lead.key])
        _keep_note(asked, key_of(asked, "note").replace("act-", "note-", 1), text)
        return Done("new")

    return database.in_transaction(write)


def take_back(asked: Asked, source_ids: Sequence[str], why: str = "") -> Done:
    """Take facts of a lead back: each stays in the log, and counts no longer.

    What was taken back before is "known". Raises `Refused` where it is no fact of people's. One's own
    acts can be taken back when the lead is out of sight because of them.
    """
    asked.actor.must("record facts")
    if not _are_own(asked, source_ids):
        queries.lead(asked.actor, asked.lead)
    reason = reason_of("why", why, needed=False)

    def write() -> Done:
        database.lock(asked.actor.workspace_id, [asked.lead])
        taken = [_taken_back(asked, one, reason) for one in dict.fromkeys(source_ids)]
        return Done("new" if "new" in taken else "known")

    with database.waiting(LOCKED_FOR):
        return database.in_transaction(write)


def recorded(
    asked: Asked,
    kind: str,
    suits: Callable[[Lead], None] | None = None,
    then: Callable[[str], list[str]] | None = None,
    **fields: Any,
) -> Done:
    """Record a fact of the lead; `suits` refuses what doesn't fit it, `then` does what follows.

    Both run once it is sure that the fact is new, `then` with its source id.
    """
    asked.actor.must("record facts")
    text = note_of(asked.note)
    said = {name: value for name, value in fields.items() if value is not None}

    def write() -> Done:
        database.lock(asked.actor.workspace_id, [asked.lead])
        own = key_of(asked, kind)
        if facts_of(asked).filter(system=SYSTEM, source_id=own).exists():
            return Done("known", (own,))
        lead = queries.lead(asked.actor, asked.lead)
        if (same := same_of(asked, kind, said)) is not None:
            return Done("equal", same=same)
        _may_act_on(lead)
        if suits is not None:
            suits(lead)
        _hand_in(asked, kind, own, said)
        if text:
            _keep_note(asked, own, text)
        return Done("new", (own, *(then(own) if then else ())))

    with database.waiting(LOCKED_FOR):
        return database.in_transaction(write)


def key_of(asked: Asked, kind: str) -> str:
    """The source id of what a person does once: the same for the same press of the same key."""
    told = json.dumps([asked.actor.person, asked.lead, kind, asked.token])
    digest = blake2b(told.encode(errors="replace"), digest_size=16).hexdigest()
    return f"{SCORE_KEYS if kind == 'scored' else 'act-'}{digest}"


def _may_act_on(lead: Lead) -> None:
    if lead.standing == "merged":
        said = _("This lead was merged into {into}.").format(into=plain_text(lead.into))
        raise refused("", said, _("Do it there."))


def _hand_in(asked: Asked, kind: str, own: str, fields: Mapping[str, Any]) -> None:
    actor = asked.actor
    item = {
        **_envelope(asked, kind, own, asked.now if asked.at is None else asked.at),
        **fields,
        "by": actor.person,
    }
    taken = take(
        [
            Handed(
                actor.workspace_id,
                [item],
                SYSTEM,
                actor.person,
                request=actor.request,
                narrowed=actor if is_narrowed(actor) else None,
            )
        ],
        now=asked.now,
    )[0]
    if taken.hidden:
        raise Absent(f"lead {plain_text(asked.lead)}")
    if taken.outcomes != ["new"]:
        raise Refused(taken.problems.get(0, []))


def _envelope(asked: Asked, kind: str, own: str, at: int) -> dict[str, str]:
    return {
        "lead": asked.lead,
        "kind": kind,
        "occurred_at": to_datetime(at).isoformat(),
        "system": SYSTEM,
        "source_id": own,
    }


def _resumed_later(asked: Asked, own: str, until: int) -> str:
    """Let the clocks run again at an instant to come; the source id of that."""
    key = f"{own}-end"
    fact = {**_envelope(asked, "resumed", key, until), "by": asked.actor.person}
    _store(asked, fact)
    return key


def _store(asked: Asked, fact: Mapping[str, Any]) -> None:
    actor = asked.actor
    rows = [row_of(fact, asked.now)]
    record([Submission(actor.workspace_id, rows, actor=actor.person, request=actor.request)],
           now=asked.now)  # fmt: skip


def _taken_back(asked: Asked, source_id: str, why: str) -> str:
    """Take one fact back; "new", or "known" where it was taken back before."""
    by_people = ~Q(system="leadpact") | Q(kind=facts.RETURNED)
    found = facts_of(asked).filter(by_people, source_id=source_id).first()
    if found is None or found.kind in {facts.RULED, facts.CORRECTED}:
        said = _("There is no such fact of this lead that can be taken back.")
        raise refused("fact", said, _("Reload the page and choose one from the timeline."))
    if source_id in corrected(facts_of(asked)):
        return "known"
    guard, own = (
        deciding.GUARDED.get(found.kind),
        json.loads(found.body).get("by") == asked.actor.person,
    )
    if guard and not own:
        asked.actor.must(guard)
    if found.kind in deciding.SPOKEN and not own:
        deciding.must_decide(asked.actor, queries.lead(asked.actor, asked.lead))
    told = {"fact": source_id, "by": asked.actor.person} | ({"why": why} if why else {})
    key = f"back-{blake2b(source_id.encode(), digest_size=16).hexdigest()}"
    _store(asked, {**_envelope(asked, "corrected", key, asked.now), **told})
    return "new"


def _are_own(asked: Asked, source_ids: Sequence[str]) -> bool:
    """Whether the desk has all these facts from this very person."""
    rows = facts_of(asked).filter(system=SYSTEM, source_id__in=[*source_ids])
    found = {
        source_id
        for source_id, body in rows.values_list("source_id", "body")
        if json.loads(body).get("by") == asked.actor.person
    }
    return bool(found) and found == {*source_ids}


def _keep_note(asked: Asked, fact: str, text: str) -> None:
    """Keep a note beside the log; a form that comes again keeps it once."""
    Note.objects.of(asked.actor.workspace_id).get_or_create(
        lead=asked.lead,
        fact=fact,
        person=asked.actor.person,
        defaults={
            "workspace_id": asked.actor.workspace_id,
            "text": text,
            "created_at": asked.now,
        },
    )
