"""E-mail over SMTP.

Settings: `host`, `port`, `security` (``starttls``, ``tls`` or ``none``), `user`, `sender`,
`sender_name`, `reply_to`, and `domain`, which ends each Message-ID (the sender's own if absent).
Secret: `password`. The server is the administrator's, so it may stand on the inside.

Without a `host` the mail leaves by the server of the installation and from its sender.
"""

import hashlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import (
    Address,
    HeaderRegistry,
    UniqueSingleAddressHeader,
    UniqueUnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import cache
from typing import Any

import httpx
from django.utils.translation import gettext as _

from leaddesk.post.exchange import Reach, printable
from leaddesk.post.message import Message, Outcome, Refused, Retry, Sent
from leadpact.problem import Problem, did_you_mean

_SECURITY = {"starttls": 587, "tls": 465, "none": 25}
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f-\x9f]{1,64}@([\w-]{1,63}\.)*[\w-]{1,63}")
_HOST = re.compile(r"[\w.:-]{1,253}")
_DOMAIN = re.compile(r"([\w-]{1,63}\.)*[\w-]{1,63}")
_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# A mail is several short exchanges, each of which a server that looks for spam may hold back.
_EXCHANGES = 6
_SETTINGS = frozenset(
    {"host", "port", "security", "user", "sender", "sender_name", "reply_to", "domain"}
)
_SIGN_IN_MISSING = {530, 534, 535, 538}
_NO_ADDRESS = re.compile(r"5\.(?:1\.(?![78]\b)\d{1,3}|2\.1)\b")  # 5.1.7 and 5.1.8 are of the sender


@dataclass(frozen=True, slots=True)
class Email:
    """A mail with text and HTML whose Message-ID is the same on every attempt."""

    reach: Reach
    name: str = "email"
    settings: frozenset[str] = _SETTINGS
    secrets: frozenset[str] = frozenset({"password"})

    def problems(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> list[Problem]:
        """A server or sender that no mail can leave from."""
        settings, secrets = self._of_the_house(settings, secrets)
        found = []
        if not _HOST.fullmatch(str(settings.get("host", ""))):
            remedy = _("Give the name of your mail server.")
            found.append(Problem("host", 0, _("There is no mail server."), remedy))
        if settings.get("security", "starttls") not in _SECURITY:
            said = _("'%s' is no way to secure mail.") % settings["security"]
            found.append(
                Problem("security", 0, said, did_you_mean(str(settings["security"]), _SECURITY))
            )
        port = settings.get("port")
        if port is not None and (not isinstance(port, int) or not 0 < port < 65536):
            remedy = _("Write a number from 1 to 65535.")
            found.append(Problem("port", 0, _("'%s' is no port.") % port, remedy))
        found += _address_problems(settings)
        if settings.get("user") and settings.get("security") == "none":
            remedy = _("Use starttls or tls, or leave out the user.")
            found.append(Problem("security", 0, _("The password would go unencrypted."), remedy))
        if secrets is not None and settings.get("user") and not secrets.get("password"):
            remedy = _("Give the password, or leave out the user.")
            found.append(Problem("password", 0, _("The user has no password."), remedy))
        return found

    def send(
        self, message: Message, settings: Mapping[str, Any], secrets: Mapping[str, str], now: int
    ) -> Outcome:
        """Refused for good by the server with 5xx about this mail; anything else is tried again."""
        if found := self.problems(settings, secrets):
            return Refused(str(found[0]))
        settings, secrets = self._of_the_house(settings, secrets)
        mail = mailed(message, settings, now)
        if isinstance(mail, Refused):
            return mail
        try:
            return self._handed_over(mail, settings, secrets)
        except smtplib.SMTPResponseException as answer:
            # Greeting, encryption, sign-in: trouble of the server or the settings, which a person
            # mends, and not of this mail.
            return Retry(
                _("The mail server refused us: %s") % _said(answer.smtp_code, answer.smtp_error)
            )
        except smtplib.SMTPNotSupportedError as trouble:
            said = printable(str(trouble)).rstrip(".")
            return Retry(_("The mail server can't do what the settings ask for: %s.") % said)
        except (smtplib.SMTPException, OSError, UnicodeError) as trouble:
            said = printable(str(trouble) or type(trouble).__name__).rstrip(".")
            why = _("The mail server can't be reached: %s.") % said
            return Retry(why, is_silent=_is_silence(trouble))

    def _of_the_house(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str] | None
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """The settings completed by those of the installation where they name no server."""
        house = self.reach.mail
        if settings.get("host") or not house:
            return settings, secrets
        own = {name: settings[name] for name in ("sender_name", "reply_to") if name in settings}
        return own | house, {"password": house.get("password", "")}

    def _handed_over(
        self, mail: EmailMessage, settings: Mapping[str, Any], secrets: Mapping[str, str]
    ) -> Outcome:
        security = settings.get("security", "starttls")
        trust = self.reach.trust or _public_trust()
        server = _Server(
            host=settings["host"],
            port=settings.get("port") or _SECURITY[security],
            domain=domain(settings),
            seconds=self.reach.seconds,
            trust=trust if security == "tls" else None,
        )
        try:
            if security == "starttls":
                server.starttls(context=trust)
            if user := settings.get("user"):
                server.login(user, secrets["password"])
            outcome = _taken(server, mail)
            # What happens to the goodbye mustn't undo what was taken.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            return outcome
        finally:
            server.close()


def mailed(message: Message, settings: Mapping[str, Any], now: int) -> EmailMessage | Refused:
    """The mail; refused where a line break could smuggle in a header."""
    for value in (message.subject, message.to, *message.headers.values()):
        if _LINE_BREAK.search(value):
            return Refused(_("A line break or control sign stands in the subject or address."))
    if not _ADDRESS.fullmatch(message.to):
        return Refused(_("This is no e-mail address: %s") % printable(message.to)[:200])
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(settings["sender"], settings.get("sender_name", ""))
    mail["To"] = _address(message.to)
    if reply_to := settings.get("reply_to"):
        mail["Reply-To"] = _address(reply_to)
    mail["Subject"] = _in_header(message.subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(now // 1_000_000, UTC))
    mail["Message-ID"] = message.headers.get("Message-ID") or _id("message", message.key, settings)
    if message.lead is not None:  # all mails about a lead form one thread
        mail["References"] = _id("lead", message.lead, settings)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_in_body(message.text))
    if message.html is not None:
        mail.add_alternative(_in_body(message.html), subtype="html")
    for name, value in message.headers.items():  # after the body, which would take some for its own
        if name not in mail:
            mail[name] = value
    return mail


def domain(settings: Mapping[str, Any]) -> str:
    """The domain that ends each Message-ID and that we greet the server with."""
    name = settings.get("domain") or str(settings["sender"]).rpartition("@")[2]
    return str(name).encode("idna").decode()


def _taken(server: smtplib.SMTP, mail: EmailMessage) -> Outcome:
    sender, receiver = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
    wide = not (sender + receiver).isascii()
    server.ehlo_or_helo_if_needed()
    if wide and not server.has_extn("smtputf8"):
        return Refused(_("The mail server takes no such address: %s") % receiver)
    code, said = server.mail(sender, ["SMTPUTF8", "BODY=8BITMIME"] if wide else [])
    if code == 250:
        code, said = server.rcpt(receiver)
        if _is_no_address(code, said):
            why = _("The mail server knows no such address: %s") % _said(code, said)
            return Refused(why, is_of_address=True)
    if code in {250, 251}:
        code, said = server.data(mail.as_bytes(policy=_POLICY.clone(utf8=wide)))
    if code == 250:
        return Sent(mail["Message-ID"], _said(code, said))
    if code < 500 or code in _SIGN_IN_MISSING:
        return Retry(_("The mail server asks to try later: %s") % _said(code, said))
    return Refused(_("The mail server refused the message: %s") % _said(code, said))


def _is_no_address(code: int, said: bytes) -> bool:
    """Whether a server says of the receiver that there is no such one (RFC 3463: 5.1.x, 5.2.1).

    A bare 550 doesn't: it may be about us, or about what the server thinks of our mail.
    """
    detail = said.decode(errors="replace").strip()
    return code >= 500 and _NO_ADDRESS.match(detail) is not None


def _address_problems(settings: Mapping[str, Any]) -> list[Problem]:
    found = []
    remedy = _("Write it like sla@example.com.")
    for name in ("sender", "reply_to"):
        value = settings.get(name, "")
        if (value or name == "sender") and not _ADDRESS.fullmatch(str(value)):
            found.append(Problem(name, 0, _("This is no e-mail address."), remedy))
    if _LINE_BREAK.search(str(settings.get("sender_name", ""))):
        remedy = _("Write a name on one line.")
        found.append(Problem("sender_name", 0, _("The name holds a line break."), remedy))
    if (ending := settings.get("domain")) and not _DOMAIN.fullmatch(str(ending)):
        remedy = _("Write it like example.com.")
        found.append(Problem("domain", 0, _("This is no domain."), remedy))
    return found


def _address(spec: str, name: str = "") -> Address:
    local, _at, host = spec.rpartition("@")
    return Address(_in_header(name), local, host.encode("idna").decode())


def _id(kind: str, key: str, settings: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(f"{kind} {key}".encode(errors="replace")).hexdigest()
    return f"<{digest[:40]}@{domain(settings)}>"


def _in_header(text: str) -> str:
    """Without the marks that turn the direction of writing, which can disguise a sender."""
    return _DIRECTION.sub("", text).encode(errors="replace").decode()


def _in_body(text: str) -> str:
    return _CONTROL.sub("", text).encode(errors="replace").decode()


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {printable(text)[:500]}"


def _encoded(name: str, text: str, linesep: str) -> str:
    """`text` folded for a header, as encoded words (RFC 2047) where it isn't plain."""
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset, header_name=name).encode(linesep=linesep)


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


# The headers of the standard library lose blanks where they fold words that aren't ASCII, and
# decode what merely looks like an encoded word.
class _Subject(UniqueUnstructuredHeader):
    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        super().parse(value, kwds)
        kwds["decoded"] = value

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {_encoded(self.name, self, policy.linesep)}{policy.linesep}"


class _Bare(UniqueUnstructuredHeader):
    """A header of marks and links, which the standard library would encode where they are long."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _From(UniqueSingleAddressHeader):
    def fold(self, *, policy: Policy) -> str:
        if _is_plain(self.address.display_name):
            return super().fold(policy=policy)
        name = _encoded(self.name, self.address.display_name, policy.linesep)
        return f"{self.name}: {name} <{self.address.addr_spec}>{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_HEADERS.map_to_type("from", _From)
for _name in ("message-id", "list-unsubscribe", "list-unsubscribe-post"):
    _HEADERS.map_to_type(_name, _Bare)
# 8-bit bodies would need a server that says it takes them.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)


@cache
def _public_trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _is_silence(trouble: Exception) -> bool:
    """Whether time ran out, which smtplib tells as a connection that was closed."""
    return isinstance(trouble, TimeoutError) or isinstance(trouble.__context__, TimeoutError)


class _Server(smtplib.SMTP):
    """A connection that ends after six time-outs, however slowly the server drips its answers."""

    def __init__(
        self, *, host: str, port: int, domain: str, seconds: float, trust: ssl.SSLContext | None
    ) -> None:
        self._trust = trust
        self._twin: socket.socket | None = None
        self._watch = threading.Timer(_EXCHANGES * seconds, self._hang_up)
        self._watch.daemon = True
        try:
            # Our own name spares smtplib a search for the machine's, which may take long.
            super().__init__(host, port, local_hostname=domain, timeout=seconds)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection and of the watch over it."""
        self._watch.cancel()
        if self._twin is not None:
            self._twin.close()
        super().close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), timeout)
        self._twin = sock.dup()  # stays valid when TLS takes over the first
        self._watch.start()
        if self._trust is None:
            return sock
        try:
            return self._trust.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise

    def _hang_up(self) -> None:
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)
