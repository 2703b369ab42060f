"""Slack: a post by an incoming webhook, or by a bot a message that is edited in place.

Settings: `channel` (of the bot; a message's own receiver goes before it), and for other
installations `api` (https://slack.com/api) and `hooks` (https://hooks.slack.com/). Secrets:
`token` of a bot, or `webhook`, the address of an incoming webhook.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.post.addresses import url_problems
from leaddesk.post.exchange import Answer, Reach, outcome_of, posted, printable
from leaddesk.post.message import Gone, Message, Outcome, Refused, Retry, Sent
from leadpact.problem import Problem

_API = "https://slack.com/api"
_HOOKS = "https://hooks.slack.com/"
_MOST_ANSWER = 1024 * 1024  # the answer repeats the whole message
_MOST_TEXT = 30_000
_MOST_SECTION = 3000
_MOST_HEADER = 150
_MOST_BLOCKS = 50
_LATER = {
    "fatal_error",
    "internal_error",
    "ratelimited",
    "rate_limited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
_GONE = {"account_inactive", "token_revoked"}
_NO_LONGER_EDITABLE = {"cant_update_message", "edit_window_closed", "message_not_found"}
_HOOK_GONE = {"no_active_hooks", "no_service", "no_team", "team_disabled"}
_ADDRESS_ALONE = re.compile(r"https?://[^\s<>|]+")
_TOKEN = re.compile("[!-~]{1,500}")


@dataclass(frozen=True, slots=True)
class Slack:
    """One message a lead where a bot token is given, one post a message otherwise."""

    reach: Reach
    name: str = "slack"
    settings: frozenset[str] = frozenset({"channel", "api", "hooks"})
    secrets: frozenset[str] = frozenset({"token", "webhook"})

    def problems(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> list[Problem]:
        """Addresses that can't be posted to; secrets that are no token and no webhook."""
        reach, found = self.reach, []
        for path, usual in (("api", _API), ("hooks", _HOOKS)):
            if (url := settings.get(path, usual)) != usual:
                found += url_problems(url, reach.allow, reach.resolve, path=path)
        return found if secrets is None else found + _secret_problems(settings, secrets)

    def send(
        self, message: Message, settings: Mapping[str, Any], secrets: Mapping[str, str], now: int
    ) -> Outcome:
        """Edited where it was sent before and the bot can; posted otherwise."""
        if found := _secret_problems(settings, secrets):
            return Refused(str(found[0]))
        if not secrets.get("token"):
            return self._by_webhook(worded(message), secrets["webhook"], now)
        receiver = message.to or settings.get("channel")
        if not receiver:
            return Refused(_("No channel of Slack is named."))
        bot = _Bot(self.reach, str(settings.get("api", _API)).rstrip("/"), secrets["token"], now)
        return _edited(bot, message) or _first(bot, message, receiver)

    def _by_webhook(self, content: Mapping[str, Any], url: str, now: int) -> Outcome:
        answer = posted(url, json.dumps(content).encode(), _JSON, self.reach)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in {403, 404} and answer.body.decode(errors="replace") in _HOOK_GONE:
            return Gone(_("Slack no longer knows this webhook: %s") % answer.shown)
        return outcome_of(answer, now)


def _secret_problems(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> list[Problem]:
    if token := secrets.get("token"):
        if _TOKEN.fullmatch(token):
            return []
        remedy = _("Copy it again from the page of the Slack app.")
        return [Problem("token", 0, _("The token holds signs that no token has."), remedy)]
    hooks = str(settings.get("hooks", _HOOKS)).rstrip("/") + "/"
    if (secrets.get("webhook") or "").startswith(hooks):
        return []
    remedy = _("Give the token of a bot, or the address of an incoming webhook.")
    return [Problem("webhook", 0, _("There is no webhook of Slack."), remedy)]


def _edited(bot: "_Bot", message: Message) -> Outcome | None:
    """What came of the edit; None where nothing is there to edit, or it can't be any longer."""
    channel, colon, ts = (message.sent_before or "").partition(":")
    if not colon:
        return None
    said = bot.call("chat.update", {**worded(message), "channel": channel, "ts": ts})
    if isinstance(said, _Error):
        return None if said.word in _NO_LONGER_EDITABLE else said.outcome
    return said


def _first(bot: "_Bot", message: Message, receiver: str) -> Outcome:
    # Slack knows no repeat when it sees one; the key lets a reader of the channel know it.
    metadata = {"event_type": "leadpact_message", "event_payload": {"key": message.key}}
    content = {**worded(message), "channel": receiver, "metadata": metadata, "unfurl_links": False}
    said = bot.call("chat.postMessage", content)
    return said.outcome if isinstance(said, _Error) else said


_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class _Bot:
    reach: Reach
    api: str
    token: str
    now: int

    def call(self, method: str, content: Mapping[str, Any]) -> "Outcome | _Error":
        body = json.dumps(content).encode()
        headers = {**_JSON, "Authorization": f"Bearer {self.token}"}
        answer = posted(f"{self.api}/{method}", body, headers, self.reach, _MOST_ANSWER)
        if not isinstance(answer, Answer):
            return answer
        outcome = outcome_of(answer, self.now)
        return _said(answer, method) if isinstance(outcome, Sent) else outcome


@dataclass(frozen=True, slots=True)
class _Error:
    """What stands in ``error``, and what it means for the message."""

    word: str

    @property
    def outcome(self) -> Outcome:
        if self.word in _LATER:
            return Retry(_("Slack asks to try later: %s.") % self.word)
        if self.word in _GONE:
            return Gone(_("Slack no longer lets this bot write: %s.") % self.word)
        return Refused(_("Slack refused the message: %s.") % self.word)


def _said(answer: Answer, method: str) -> Outcome | _Error:
    """Slack answers 200 to nearly everything; what it means stands in ``ok`` and ``error``."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Retry(_("Slack's answer can't be read: %s") % answer.shown)
    if said.get("ok") is True:
        return Sent(f"{said.get('channel', '')}:{said.get('ts', '')}", f"{method}: ok")
    return _Error(printable(str(said.get("error", "")))[:100])


def worded(message: Message) -> dict[str, Any]:
    """A message as blocks, with its fallback text for notifications and screen readers."""
    subject = " ".join(printable(message.subject).split())
    text = printable(message.text).strip()
    blocks: list[dict[str, Any]] = []
    if subject:
        title = {"type": "plain_text", "text": _cut(subject, _MOST_HEADER), "emoji": False}
        blocks.append({"type": "header", "text": title})
    for section in sections(_cut(text, _MOST_TEXT)):
        # Verbatim: an "@channel" that somebody wrote into a form must call nobody.
        part = {"type": "mrkdwn", "text": section, "verbatim": True}
        blocks.append({"type": "section", "text": part})
    fallback = next(sections(f"{subject}\n{text}".strip()), "…")
    quiet = {"parse": "none", "link_names": False}
    return {"text": fallback, "blocks": blocks[:_MOST_BLOCKS], **quiet}


def sections(text: str) -> Iterator[str]:
    """`text`, escaped for Slack, in parts that fit into a section, whole lines where they fit."""
    part = ""
    for piece in _pieces(text):
        if _width(part) + _width(piece) > _MOST_SECTION:
            if part.strip():
                yield part
            part = ""
        part += piece
    if part.strip():
        yield part


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        escaped = "".join(map(_escaped, line))
        if _ADDRESS_ALONE.fullmatch(line.strip()):
            escaped = f"<{escaped.strip()}>\n"
        if _width(escaped) <= _MOST_SECTION:
            yield escaped
        else:
            yield from map(_escaped, line)


def _escaped(sign: str) -> str:
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(sign, sign)


def _width(text: str) -> int:
    """Length as Slack's own programs count it, in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> str:
    if _width(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 1)]
    return kept.decode("utf-16-le", errors="ignore") + "…"
