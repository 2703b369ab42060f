"""Channels: the ways that a message can take. A new one is a file here and a line in the list."""

from collections.abc import Mapping
from typing import Any, Protocol

from leaddesk.post.channels.email import Email
from leaddesk.post.channels.slack import Slack
from leaddesk.post.channels.webhook import Webhook
from leaddesk.post.exchange import Reach
from leaddesk.post.message import Message, Outcome
from leadpact.problem import Problem


class Channel(Protocol):
    """One way to send; what the far side does is an outcome, never an exception."""

    @property
    def name(self) -> str:
        """The word by which settings choose this channel."""
        ...

    @property
    def settings(self) -> frozenset[str]:
        """The names of its settings."""
        ...

    @property
    def secrets(self) -> frozenset[str]:
        """The names of its secrets."""
        ...

    def problems(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> list[Problem]:
        """All that is wrong with the settings, before they are saved; secrets too, if given."""
        ...

    def send(
        self, message: Message, settings: Mapping[str, Any], secrets: Mapping[str, str], now: int
    ) -> Outcome:
        """What came of one attempt at `now` (µs UTC)."""
        ...


_CHANNELS = (
    Email,
    Slack,
    Webhook,
)


def channels(reach: Reach) -> dict[str, Channel]:
    """Every channel by its name, each confined to what the server may reach."""
    opened: list[Channel] = [channel(reach) for channel in _CHANNELS]
    return {channel.name: channel for channel in opened}
