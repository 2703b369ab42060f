"""Outlets: the channels of a workspace, as its administrators set them up.

Secrets go in and never come out; only the one that the desk makes itself is shown, once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from secrets import token_hex
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Channel
from leaddesk.book.refusal import Refused, Stale, refused
from leaddesk.book.registers import found
from leaddesk.post import planning
from leaddesk.post.channels import channels
from leaddesk.post.channels.webhook import fresh_secret
from leaddesk.post.installation import reach
from leaddesk.post.wording import TYPES
from leadpact.problem import Problem, did_you_mean

MOST_BYTES = 10_000
EVENTS = tuple(kind for kind in TYPES if kind not in {"digest", "test", "several"})
"""Kinds of notice that a channel can be confined to."""
_PLAIN = ("name", "settings", "events", "is_active")


def create_channel(actor: Actor, given: Mapping[str, Any], now: int) -> tuple[Channel, str | None]:
    """A new channel, and the secret that was made for it. Raises `Refused`, `Forbidden`."""
    actor.must("manage channels")
    secrets = {name: value for name, value in given["secrets"].items() if value}
    made = fresh_secret() if given["kind"] == "webhook" and not secrets.get("secret") else None
    if made:
        secrets["secret"] = made
    _check(given["kind"], given["settings"], secrets, given["events"])
    channel = Channel(
        workspace_id=actor.workspace_id,
        key=f"chn_{token_hex(8)}",
        kind=given["kind"],
        name=given["name"],
        settings=given["settings"],
        secrets=secrets,
        events=given["events"],
        created_at=now,
    )

    def create() -> None:
        channel.save()
        _note(actor, "created channel", channel, now, kind=channel.kind)

    database.in_transaction(create)
    return channel, made


def change_channel(
    actor: Actor, key: str, changes: Mapping[str, Any], now: int, version: int | None = None
) -> Channel:
    """A channel with other settings; `version` is the one that the caller saw.

    Raises `Refused`, `Forbidden`, `Absent`, `Stale`.
    """
    actor.must("manage channels")

    def change() -> Channel:
        channel: Channel = found(Channel, actor.workspace_id, "channel", key=key)
        if version is not None and channel.version != version:
            raise Stale(channel.version)
        values = {name: changes[name] for name in _PLAIN if changes.get(name) is not None}
        if given := changes.get("secrets"):
            kept = channel.secrets | given
            values["secrets"] = {name: value for name, value in kept.items() if value}
        if values.get("is_active"):
            values["off_because"] = ""
        secrets = values.get("secrets", channel.secrets)
        given = values.get("settings", channel.settings)
        _check(channel.kind, given, secrets, values.get("events", channel.events))
        return _rewritten(actor, channel, values, now)

    return database.in_transaction(change)


def rotate_secret(actor: Actor, key: str, now: int) -> tuple[Channel, str]:
    """A webhook with a new secret, which signs beside the one before. Raises `Refused`, `Absent`."""
    actor.must("manage channels")
    fresh = fresh_secret()

    def rotate() -> Channel:
        channel: Channel = found(Channel, actor.workspace_id, "channel", key=key)
        if channel.kind != "webhook":
            said = _("Only webhooks sign what they send.")
            raise refused("", said, _("Change the secret with the settings of the channel."))
        secrets = {"secret": fresh, "previous": channel.secrets.get("secret", "")}
        return _rewritten(actor, channel, {"secrets": secrets}, now)

    return database.in_transaction(rotate), fresh


def try_channel(actor: Actor, key: str, now: int) -> str:
    """A test message by a channel, through the outbox; the key of its delivery. Raises `Absent`."""
    actor.must("manage channels")

    def queue() -> str:
        channel = found(Channel, actor.workspace_id, "channel", key=key)
        delivery = planning.trial(actor.workspace_id, channel, actor.person, now)
        _note(actor, "tried channel", channel, now, delivery=delivery)
        return delivery

    return database.in_transaction(queue)


def _rewritten(actor: Actor, channel: Channel, values: Mapping[str, Any], now: int) -> Channel:
    rows = Channel.objects.of(actor.workspace_id).filter(pk=channel.pk, version=channel.version)
    if not rows.update(**values, version=F("version") + 1):
        raise Stale(channel.version + 1)
    _note(actor, "changed channel", channel, now, fields=sorted(values))
    changed: Channel = found(Channel, actor.workspace_id, "channel", key=channel.key)
    return changed


def _check(
    kind: str, given: Mapping[str, Any], secrets: Mapping[str, str], events: Sequence[str]
) -> None:
    if len(str(given)) + len(str(secrets)) > MOST_BYTES:
        said = _("The settings are longer than %(most)s characters.") % {"most": MOST_BYTES}
        raise refused("settings", said, _("Leave out what the channel doesn't know."))
    way = channels(reach())[kind]
    problems = [
        *way.problems(given, secrets),
        *_unknown("settings", given, way.settings),
        *_unknown("secrets", secrets, way.secrets),
        *_unknown("events", events, EVENTS),
    ]
    if problems:
        raise Refused(problems)


def _unknown(path: str, given: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
    """What nobody would ever read, which is mostly a slip of the pen."""
    for name in given:
        if name not in known:
            said = _("The channel knows no '%(name)s'.") % {"name": plain_text(name)}
            yield Problem(path, 0, said, did_you_mean(name, known))


def _note(actor: Actor, act: str, channel: Channel, now: int, **detail: Any) -> None:
    note = actor.note(act, f"channel {channel.key}", **detail)
    audit.note(channel.workspace_id, [note], now)
