"""The environment: every setting that an administrator can make, read once and typed."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SAMPLE_KEY = "change-me"
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
        "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;"
    ),
}
_MAIL = {"smtp+starttls": "starttls", "smtps": "tls", "smtp": "none"}


class Misconfigured(Exception):
    """A setting that can't be used; the message says which and how to mend it."""


@dataclass(frozen=True)
class Environment:
    """The settings of this process."""

    mode: str
    home: str
    url: str
    hosts: tuple[str, ...]
    secret_key: str
    database: Mapping[str, Any]
    behind_proxy: bool
    webhook_allow: tuple[str, ...]
    mail: str
    mail_from: str
    metrics_token: str


def read(variables: Mapping[str, str] = os.environ) -> Environment:
    """The settings that the variables make. Raises `Misconfigured`."""
    mode = variables.get("LEADDESK_MODE", "local")
    if mode not in {"local", "production"}:
        raise Misconfigured(f"LEADDESK_MODE is '{mode}'; write local or production.")
    home = Path(variables.get("LEADDESK_HOME", "leaddesk-data")).absolute()
    mail, mail_from = variables.get("LEADDESK_MAIL", ""), variables.get("LEADDESK_MAIL_FROM", "")
    mail_of(mail, mail_from)  # refused at the start, not when the first mail is due
    return Environment(
        mode=mode,
        home=str(home),
        url=variables.get("LEADDESK_URL", "http://127.0.0.1:8000").rstrip("/"),
        hosts=_listed(variables.get("LEADDESK_HOSTS", _local_hosts(mode))),
        secret_key=variables.get("LEADDESK_SECRET_KEY") or _kept_key(home, mode),
        database=database_of(variables.get("DATABASE_URL", ""), home),
        behind_proxy=variables.get("LEADDESK_BEHIND_PROXY", "no") in {"1", "yes", "true"},
        webhook_allow=_listed(variables.get("LEADDESK_WEBHOOK_ALLOW", "")),
        mail=mail,
        mail_from=mail_from,
        metrics_token=variables.get("LEADDESK_METRICS_TOKEN", ""),
    )


def database_of(url: str, home: Path) -> dict[str, Any]:
    """Django's settings for the database of a URL; SQLite in `home` where none is given."""
    parts = urlsplit(url)
    if not url or parts.scheme == "sqlite":
        path = unquote(parts.path) if url else str(home / "leaddesk.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": dict(SQLITE_OPTIONS),
            "TEST": {"NAME": None},
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise Misconfigured(
            "DATABASE_URL must begin with postgresql:// (or sqlite:///, with a path)."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "server_side_binding": True, **options},
    }


def mail_of(url: str, sender: str) -> dict[str, Any]:
    """Settings of the e-mail channel for ``smtp+starttls://user:password@host:587``; none without.

    ``smtps://`` encrypts from the start, ``smtp://`` not at all. Raises `Misconfigured`.
    """
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Misconfigured("LEADDESK_MAIL names no port that can be.") from None
    if parts.scheme not in _MAIL or not parts.hostname:
        raise Misconfigured(
            "LEADDESK_MAIL must look like smtp+starttls://user:password@mail.example.com:587"
            " (or smtps://, or smtp:// without encryption); write % signs and @ as %25 and %40."
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = sender or (user if "@" in user else "")
    if "@" not in sender:
        raise Misconfigured("LEADDESK_MAIL needs LEADDESK_MAIL_FROM, the address mails come from.")
    told = {"host": parts.hostname, "port": port, "user": user, "password": password}
    return {
        name: value
        for name, value in {**told, "security": _MAIL[parts.scheme], "sender": sender}.items()
        if value
    }


def _local_hosts(mode: str) -> str:
    return "" if mode == "production" else "localhost,127.0.0.1,[::1],testserver"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _kept_key(home: Path, mode: str) -> str:
    """The key that a local desk made for itself the first time; production must be given one."""
    if mode == "production":
        return ""
    path = home / "secret-key"
    try:
        if not path.exists():
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(50), "utf-8")
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text("utf-8")
    except OSError as error:
        raise Misconfigured(
            f"{home} can't be written ({error.strerror}); name another folder with LEADDESK_HOME."
        ) from None
