"""The oracle: what must hold of a desk whatever was done to it. Each function tells what doesn't.

It looks at the database itself, and wherever it can, works out by another way what should be there.
"""

import json
import random
from collections import Counter
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import connection, models

from leaddesk.book import audit, codec, logbook, record, rules
from leaddesk.book.health import health
from leaddesk.book.models import (
    Attempt,
    Block,
    Delivery,
    Due,
    Entry,
    Fact,
    Lead,
    Leave,
    Mute,
    Notice,
    OfWorkspace,
    Person,
    Workspace,
)
from leaddesk.book.moment import SECOND
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.book.record import Submission, judgement_of
from leadpact.facts import RULED
from leadpact.rulings import SYSTEM
from tests.leaddesk.copies import copied, passing_copy
from tests.leadpact.reference.judge_slowly import judge_slowly
from tests.leadpact.reference.slow_clock import instant, moment

PATIENCE = 60 * SECOND
MOST_ATTEMPTS = 30
_IDENTITY = ("lead", "promise", "pass", "rung", "occurrence")


def faults(own, *, now, acknowledged=(), seed=1):
    """All that is wrong with a workspace at an instant at which nothing waits to be done."""
    return [
        *lost(own, acknowledged),
        *unheeded(own, now),
        *early(own),
        *unnoted(own),
        *judged_wrongly(own, now),
        *mistimed(own, now),
        *across_workspaces(),
        *unsound_deliveries(own),
        *unlike_its_log(own, now),
        *unlike_in_another_order(own, now, seed),
        *altered(own, now),
        *miscounted(own),
        *still_leased(now),
        *said_twice(own),
        *unwanted(own),
        *told_wrongly(now),
    ]


def lost(own, acknowledged):
    """Facts whose sender was told that they are taken, without exactly one row each."""
    stored = Counter(Fact.objects.of(own).values_list("source_id", flat=True))
    return [f"{one}: {stored[one]} facts" for one in sorted(acknowledged) if stored[one] != 1]


def unheeded(own, now):
    """Leads whose time has come, or whose rules have changed, and nobody looked at them."""
    late = Lead.objects.of(own).filter(wake_at__lte=now)
    count = Workspace.objects.values_list("rules", flat=True).get(pk=own.pk)
    old = Lead.objects.of(own).filter(rules__lt=count, is_settled=False)
    return [f"{one.key}: was to be looked at" for one in {*late, *old}]


def early(own):
    """Rulings before the due instant had passed, notices before their cause, messages before their
    time."""
    found = []
    for fact in Fact.objects.of(own).filter(kind=RULED, system=SYSTEM):
        body = json.loads(fact.body)
        if body["verdict"] == "broken" and fact.occurred_at <= _micros(body["due_at"]):
            found.append(f"{fact.lead}: {body['promise']} is ruled broken before it was")
    for one in Notice.objects.of(own):
        due = json.loads(one.body).get("due_at")
        if one.cause_at > one.created_at:
            found.append(f"{one.lead}: {one.kind} is heard before its cause")
        if one.kind == "broken" and due and one.created_at <= _micros(due):
            found.append(f"{one.lead}: is said to be broken before it was due")
    hasty = Delivery.objects.of(own).filter(done_at__lt=models.F("created_at"))
    return found + [f"{one.key}: was sent before it was asked for" for one in hasty]


def unnoted(own):
    """Facts that no audit entry of the same transaction tells of, or that one tells of twice."""
    facts = Fact.objects.of(own)
    mailed = models.Q(source_id__startswith="mail ") | models.Q(
        source_id__startswith="unsubscribed "
    )
    given = facts.filter(system=SYSTEM).exclude(mailed)
    told = Counter()
    for one in Entry.objects.of(own):
        detail = json.loads(one.detail)
        told[one.act] += detail.get("facts", detail.get("rulings", 1))
    counts = {
        "recorded facts": facts.count() - given.count(),
        "gave rulings": given.filter(kind=RULED).count(),
        **{act: given.filter(kind=kind).count() for kind, act in record._DONE.items()},
    }
    return [
        f"the audit log tells of {told[act]} ({act}), the log of {count}"
        for act, count in counts.items()
        if told[act] != count
    ]


def judged_wrongly(own, now):
    """Obligations that a slow reading of the facts, one at a time, finds otherwise."""
    versions = [_with_leave(own, one) for one in rules.in_force(own.pk)]
    zone = ZoneInfo(versions[-1].zone)
    facts = [_told(row, zone) for row in _rows(own) if row.kind != RULED and row.lead]
    slow = judge_slowly(versions, facts, moment(now))
    expected = {_slow(one) for one in slow.obligations}
    stored = {
        (
            *_of_row(one),
            one.version,
            one.owner,
            one.started_at,
            one.due_at,
            one.answered_at,
            one.verdict,
        )
        for one in Due.objects.of(own)
    }
    return [f"{one}: only in the index" for one in sorted(stored - expected, key=repr)] + [
        f"{one}: not in the index" for one in sorted(expected - stored, key=repr)
    ]


def _with_leave(own, agreement):
    """The agreement, saying itself what the register says of leave."""
    people = dict(agreement.people)
    for one in Leave.objects.of(own):
        if (person := people.get(one.person)) is not None:
            leave = (*person.leave, (one.first, one.last))
            people[one.person] = person.model_copy(update={"leave": leave})
    return agreement.model_copy(update={"people": people})


def _told(row, zone):
    """A fact as the slow reading takes it: words, and a date alone where the time is unknown."""
    fact = {
        name: str(value) if isinstance(value, int) else value
        for name, value in codec.fact_of(row).items()
    }
    for name in ("occurred_at", "recorded_at"):
        fact[name] = fact[name].replace("Z", "+00:00")
    if fact.pop("date_only", None):
        fact["occurred_at"] = moment(row.occurred_at).astimezone(zone).date().isoformat()
    return fact


def _of_row(one):
    return one.lead, one.promise, one.pass_number, one.rung, one.occurrence


def _slow(one):
    at = (one[name] for name in ("started_at", "due_at", "answered_at"))
    rung = -1 if one["rung"] is None else one["rung"]
    identity = (one["lead"], one["promise"], one["pass"], rung, one["occurrence"])
    judged = (None if moment is None else instant(moment) for moment in at)
    return (*identity, one["version"], one["owner"] or "", *judged, one["verdict"])


def mistimed(own, now):
    """Obligations whose legs don't follow each other, or don't add up to their working time."""
    keys = [*Lead.objects.of(own).values_list("key", flat=True)]
    found = []
    for row in judgement_of(own.pk, keys, now=now)[1].obligations.rows():
        legs = row["legs"]
        if row["working_seconds"] is None or not legs:
            continue
        whole = all(one["to"] == after["from"] for one, after in pairwise(legs))
        if not whole or legs[0]["from"] != row["started_at"]:
            found.append(f"{row['lead']}: the legs of {row['promise']} have gaps")
        if sum(leg["working_seconds"] for leg in legs) != row["working_seconds"]:
            found.append(f"{row['lead']}: the legs of {row['promise']} don't add up")
    return found


def across_workspaces():
    """Rows that point to a row of another workspace."""
    found = []
    for model in apps.get_app_config("book").get_models():
        if not issubclass(model, OfWorkspace):
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey) or field.name == "workspace":
                continue
            if issubclass(field.related_model, OfWorkspace):
                strange = model.across.exclude(**{f"{field.name}__isnull": True}).exclude(
                    workspace=models.F(f"{field.name}__workspace")
                )
                name = model._meta.object_name
                found += [f"{name} {one.pk}: its {field.name} is another's" for one in strange]
    return found


def unsound_deliveries(own):
    """Messages in a state that they can't have come to, or whose attempts weren't counted."""
    found = []
    tries = Counter(Attempt.objects.of(own).values_list("delivery_id", flat=True))
    for one in Delivery.objects.of(own):
        state = Delivery.State(one.state)
        wrong = {
            "done without an instant": (state == Delivery.State.DONE) != (one.done_at is not None),
            "leased without an end": state == Delivery.State.LEASED and one.lease_until is None,
            "done without an attempt": state == Delivery.State.DONE and not tries[one.pk],
            "more attempts than counted": tries[one.pk] > one.attempts,
            "too many attempts": one.attempts > MOST_ATTEMPTS,
        }
        found += [f"{one.key}: {what}" for what, holds in wrong.items() if holds]
    unposted = Notice.objects.of(own).filter(posted_at__gt=models.F("created_at"))
    return found + [f"{one.key}: posted with no instant" for one in unposted if not one.posted_at]


def unlike_its_log(own, now):
    """What an empty desk that is told the log would hold otherwise."""
    with passing_copy(own) as copy:
        rows = _rows(own)
        logbook.append(copy.pk, rows, [""] * len(rows))
        copied(Notice, own, copy)
        rebuild(copy.pk, now)
        found = []
        if digest(copy.pk) != digest(own.pk):
            found.append("the index rows are not what the log says")
        if (further := Fact.objects.of(copy).count() - len(rows)) != 0:
            found.append(f"{further} rulings or reassignments were never given")
        if further := Notice.objects.of(copy).count() - Notice.objects.of(own).count():
            found.append(f"{further} notices were never queued")
    return found


def unlike_in_another_order(own, now, seed):
    """Obligations that end otherwise when the same facts arrive in another order."""
    chance = random.Random(seed)
    rows = [row for row in _rows(own) if row.kind != RULED]
    chance.shuffle(rows)
    with passing_copy(own) as copy:
        while rows:
            size = chance.randint(1, 9)
            some, rows = rows[:size], rows[size:]
            record.record([Submission(copy.pk, some, announce=False)], now=now)
        before, after = (Counter(_obligations(one)) for one in (own, copy))
    return [f"{one}: is otherwise in another order" for one in before - after]


def _obligations(own):
    names = [f.attname for f in Due._meta.concrete_fields if f.name not in {"id", "workspace"}]
    return Due.objects.of(own).values_list(*names)


def altered(own, now):
    """What the chain of the audit log shows to be altered, once it is sealed."""
    while audit.seal(own.pk, now):
        pass
    unsealed = Entry.objects.of(own).filter(block__isnull=True).count()
    sealed = sum(Block.objects.of(own).values_list("entries", flat=True))
    whole = sealed == Entry.objects.of(own).count() and not unsealed
    return [*audit.faults(own.pk), *([] if whole else ["entries are sealed twice or never"])]


def miscounted(own):
    """Leads whose counts aren't those of their obligations."""
    open_, broken, due = Counter(), Counter(), {}
    for one in Due.objects.of(own):
        open_[one.lead] += one.verdict == "open"
        broken[one.lead] += one.verdict == "broken"
        if one.verdict == "open" and one.due_at is not None:
            due[one.lead] = min(due.get(one.lead, one.due_at), one.due_at)
    return [
        f"{one.key}: its counts are wrong"
        for one in Lead.objects.of(own)
        if (one.open, one.broken, one.due_at) != (open_[one.key], broken[one.key], due.get(one.key))
    ]


def still_leased(now):
    """What somebody still holds long after their lease ran out."""
    long_ago = now - PATIENCE
    leads = Lead.across.filter(lease_until__lt=long_ago, wake_at__lte=now)
    sending = Delivery.across.filter(state=Delivery.State.LEASED, lease_until__lt=long_ago)
    return [f"{one.key}: is still leased" for one in [*leads, *sending]]


def said_twice(own):
    """Obligations on which the same verdict was given twice in a row."""
    found, last = [], {}
    for fact in Fact.objects.of(own).filter(kind=RULED).order_by("recorded_at", "id"):
        body = json.loads(fact.body)
        key = (fact.lead, *(body.get(name) for name in _IDENTITY[1:]))
        if last.get(key) == body["verdict"]:
            found.append(f"{fact.lead}: {body['promise']} was ruled {body['verdict']} twice")
        last[key] = body["verdict"]
    return found


def repeated(keys, most):
    """Messages that came more often than once, where that is more than `most` repeats in all."""
    further = {key: times - 1 for key, times in Counter(keys).items() if times > 1}
    return [f"{key}: came {times} times more" for key, times in further.items()] * (
        sum(further.values()) > most
    )


def unwanted(own):
    """Messages that reached somebody who had asked for silence, or had left."""
    found = []
    mutes = [*Mute.objects.of(own)]
    left = {*Person.objects.of(own).filter(is_active=False).values_list("key", flat=True)}
    for one in Delivery.objects.of(own).filter(state="done").exclude(to=""):
        silent = any(
            mute.person == one.to and mute.kind in {"", one.kind} and one.done_at < mute.until
            for mute in mutes
        )
        if silent or one.to in left:
            found.append(f"{one.key}: {one.to} was told all the same")
    return found


def told_wrongly(now):
    """Figures of the status page that a count by hand finds otherwise."""
    told = health(now)
    unposted = [one.created_at for one in Notice.across.all() if one.posted_at is None]
    deliveries = [*Delivery.across.all()]
    unsent = [one.created_at for one in deliveries if one.state in {"pending", "leased"}]
    wakes = [one.wake_at for one in Lead.across.all() if one.wake_at and one.wake_at <= now]
    states = Counter(one.state for one in deliveries)
    expected = {
        "wakes": len(wakes),
        "oldest_wake_at": min(wakes, default=None),
        "unposted": len(unposted),
        "oldest_unposted_at": min(unposted, default=None),
        "unsent": len(unsent),
        "oldest_unsent_at": min(unsent, default=None),
        "dead": states["dead"],
        "held": states["held"],
    }
    return [
        f"{name} is told as {getattr(told, name)} and is {value}"
        for name, value in expected.items()
        if getattr(told, name) != value
    ]


def leaked(text, secrets):
    """Secrets that a text tells."""
    return [f"a secret of {len(secret)} characters is told" for secret in secrets if secret in text]


def _rows(own):
    sql = f"SELECT {logbook.COLUMNS} FROM book_fact WHERE workspace_id = %s ORDER BY id"
    with connection.cursor() as cursor:
        cursor.execute(sql, [own.pk])
        return [codec.Row._make(row) for row in cursor.fetchall()]


def _micros(text):
    return instant(datetime.fromisoformat(text))
