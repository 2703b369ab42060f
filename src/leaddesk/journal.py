"""Journal: what the processes of the desk say of themselves, a JSON line each, without secrets."""

import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from pythonjsonlogger.json import JsonFormatter

from leaddesk.environment import Environment

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
"""A known value is hidden from so many characters on; shorter ones would hide ordinary words."""
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered, "" outside of one."""

_VALUE = r"""(?:\\?["'])?\s*[:=]\s*(?:b?\\?["'])?(?:(?:bearer|basic|token)\s+)?"""
_NAMES = (
    r"passwo?r?d|passwd|pwd|secret(?:[_ -]?key)?|secrets|token|api[_-]?key|access[_-]?key|"
    r"authorization|proxy-authorization|cookie|set-cookie|sessionid|csrfmiddlewaretoken|"
    r"x-csrftoken|signature|webhook-signature|credential|code_verifier|dsn"
)
_PATTERNS = (
    # Each keeps what stands before the secret.
    (re.compile(rf"(?i)((?:{_NAMES}){_VALUE})[^\s\"'\\&,;{{}}()\[\]]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(whsec_)[A-Za-z0-9+/=_-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(ld_)[A-Za-z0-9._-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(xox[a-z]-|xapp-)[A-Za-z0-9-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(hooks\.slack(?:-gov)?\.com)/[^\s\"'\\]+"), rf"\1/{HIDDEN}"),
    (re.compile(r"\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b"), HIDDEN),  # a recovery code
    (re.compile(r"(/sign-in/(?:link/)?)[A-Za-z0-9._~:=-]{16,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(/[ulo]/)[A-Za-z0-9_-]{16,}"), rf"\1{HIDDEN}"),  # the links of a mail
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s:/@\"'\\]*:)[^\s@\"'\\]+(?=@)"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\b(?:sid|csrf)=)[^\s;,\"'\\]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)([?&](?:t|key|code|state|sig|link)=)[^\s&\"'\\]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\$?argon2(?:id|i|d)\$[^\s\"'\\]+"), HIDDEN),
)


# Every secret that a pattern finds has one of these before it or in it; most lines have none.
_SIGN = re.compile(
    rf"(?i){_NAMES}|bearer|basic|whsec_|ld_|xox[a-z]-|xapp-|hooks\.slack|/sign-in/|/[ulo]/|://|(?:sid|csrf)=|"
    r"[?&](?:t|key|code|state|sig|link)=|argon2|[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-"
)


def redacted(text: str, known: tuple[str, ...] = ()) -> str:
    """A text without anything that looks like a secret, and without the known ones."""
    for secret in known:
        text = text.replace(secret, HIDDEN)
    if _SIGN.search(text) is None:
        return text
    for pattern, kept in _PATTERNS:
        text = pattern.sub(kept, text)
    return text


def secrets_of(environment: Environment) -> tuple[str, ...]:
    """The secrets that the settings hold, longest first."""
    password = urlsplit(environment.mail).password if "://" in environment.mail else ""
    found = {
        environment.secret_key,
        str(environment.database.get("PASSWORD") or ""),
        environment.metrics_token,
        unquote(password or ""),
    }
    found |= {value.replace("\\", "\\\\").replace('"', '\\"') for value in found}  # as JSON has it
    return tuple(sorted((one for one in found if len(one) >= SHORTEST_SECRET), key=len)[::-1])


class Lines(JsonFormatter):
    """Formats a record as one JSON line: at, level, logger, message, request, what was added."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        super().__init__("%(message)s", json_ensure_ascii=False)
        self.known = known

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Put the time, the level, the logger and the request before what the record says."""
        at = datetime.fromtimestamp(record.created, UTC)
        log_data["at"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        super().add_fields(log_data, record, message_dict)
        log_data["process"] = record.process
        log_data.pop("request", None)  # Django adds the whole request, which has no place in a log
        if name := request_id.get():
            log_data["request"] = name

    def format(self, record: logging.LogRecord) -> str:
        """The line; redacted as a whole, so that traces and values added are covered, too."""
        return redacted(super().format(record), self.known)


def logging_of(environment: Environment) -> dict[str, Any]:
    """Django's `LOGGING`: everything to stderr, a line each."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "leaddesk.journal.Lines", "known": secrets_of(environment)}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "leaddesk": {"level": "INFO"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # The desk tells of every request itself; a refused one is no warning.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }
