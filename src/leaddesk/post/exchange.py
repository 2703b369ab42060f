"""Exchanges: one request to a checked address, within one time limit, and what its answer means.

The connection is made to the addresses that were checked, names and certificates stay those of
the URL; redirects, proxies and cookies don't exist here. The limit holds for the whole exchange,
however slowly the far side drips its bytes.
"""

import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import Any

import httpcore
import httpx
from django.utils.translation import gettext as _

from leaddesk.post.addresses import Address, Forbidden, Resolver, Unresolved, checked_address
from leaddesk.post.message import Gone, Outcome, Refused, Retry, Sent

_MOST_BYTES = 64 * 1024
_SHOWN = 500
_CHUNK = 64 * 1024
_DAY = 86_400
_TROUBLE = (OSError, httpcore.NetworkError, httpcore.ProtocolError)


@dataclass(frozen=True, slots=True)
class Reach:
    """What this server may reach: set by its administrator, never by a workspace.

    `allow` are hosts and networks let through although they aren't public, `seconds` the limit of
    one exchange, `trust` the certificates believed (the usual public ones if None), `mail` the
    server and sender of the installation for workspaces that name none.
    """

    allow: tuple[str, ...] = ()
    resolve: Resolver | None = None
    seconds: float = 10
    trust: ssl.SSLContext | None = None
    mail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the far side said: headers in lower case, the body up to its limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def shown(self) -> str:
        """The answer as the page of deliveries shows it: one short text without odd signs."""
        body = self.body[: 4 * _SHOWN].decode(errors="replace")
        return f"{self.status} {_phrase(self.status)} {printable(body)[:_SHOWN]}".strip()


def posted(
    url: str, body: bytes, headers: Mapping[str, str], reach: Reach, most: int = _MOST_BYTES
) -> Answer | Retry | Refused:
    """The answer to one POST of `body`; of the answer's own body at most `most` bytes are read."""
    return _asked("POST", url, body, headers, reach, most)


def fetched(
    url: str, headers: Mapping[str, str], reach: Reach, most: int = _MOST_BYTES
) -> Answer | Retry | Refused:
    """The answer to one GET, of whose body at most `most` bytes are read."""
    return _asked("GET", url, b"", headers, reach, most)


def _asked(
    method: str, url: str, body: bytes, headers: Mapping[str, str], reach: Reach, most: int
) -> Answer | Retry | Refused:
    deadline = _Deadline(reach.seconds)
    address = checked_address(url, reach.allow, reach.resolve)
    match address:
        case Forbidden(why):
            return Refused(why)
        case Unresolved(why):
            return Retry(why)
    try:
        trust = reach.trust or _public_trust()
        return _exchange(method, address, body, headers, trust, deadline, most)
    except TimeoutError:
        why = _("%(host)s didn't answer within %(seconds)s seconds.")
        said = why % {"host": address.host, "seconds": f"{reach.seconds:g}"}
        return Retry(said, is_silent=True)
    except _TROUBLE as trouble:
        why = _("The connection to %(host)s failed: %(trouble)s.")
        said = printable(str(trouble) or type(trouble).__name__)[:_SHOWN]
        return Retry(why % {"host": address.host, "trouble": said})


def outcome_of(answer: Answer, now: int) -> Outcome:
    """What a status means for the message, by the rules of Standard Webhooks.

    `now` (µs UTC) turns a date in ``Retry-After`` into seconds.
    """
    status = answer.status
    if 200 <= status < 300:
        return Sent(None, answer.shown)
    if 300 <= status < 400:
        return Refused(_("The receiver redirects, which we don't follow: %s") % answer.shown)
    if status == HTTPStatus.GONE:
        return Gone(_("The receiver wants no more messages: %s") % answer.shown)
    if status >= 500 or status in {408, 409, 425, 429}:
        why = _("The receiver asks to try later: %s") % answer.shown
        return Retry(why, after_seconds(answer.headers.get("retry-after", ""), now))
    return Refused(_("The receiver refused the message: %s") % answer.shown)


def after_seconds(text: str, now: int) -> int | None:
    """Seconds that a ``Retry-After`` asks for, at most a day; None where it can't be read."""
    if re.fullmatch("[0-9]{1,9}", text.strip()):
        return min(int(text), _DAY)
    with suppress(ValueError, TypeError, OverflowError):
        date = parsedate_to_datetime(text)
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        gap = aware - datetime.fromtimestamp(now // 1_000_000, UTC)
        return min(max(round(gap.total_seconds()), 0), _DAY)
    return None


def printable(text: str) -> str:
    """`text` without control signs, marks that turn its direction, and halves of characters."""
    return _UNPRINTABLE.sub(" ", text)


_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def _exchange(
    method: str,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    trust: ssl.SSLContext,
    deadline: "_Deadline",
    most: int,
) -> Answer:
    url = httpcore.URL(
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        target=address.target,
    )
    named = {"Host": address.authority, "User-Agent": "Leadpact", **headers}
    backend = _Pinned(address.ips, deadline)
    with (
        httpcore.ConnectionPool(trust, max_connections=1, network_backend=backend) as pool,
        pool.stream(method, url, headers=list(named.items()), content=body) as response,
    ):
        return Answer(
            response.status,
            {name.decode().lower(): value.decode("latin-1") for name, value in response.headers},
            _beginning(response.iter_stream(), most),
        )


def _beginning(pieces: Iterable[bytes], most: int) -> bytes:
    read = b""
    # The status has come, and says what happened; a body that breaks off doesn't undo it.
    with suppress(*_TROUBLE):
        for piece in pieces:
            read += piece
            if len(read) >= most:
                break
    return read[:most]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


@cache
def _public_trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; TimeoutError once there are none."""
        if (left := self._end - time.monotonic()) > 0:
            return left
        raise TimeoutError


class _Pinned(httpcore.NetworkBackend):
    """Connects to the checked addresses, whatever name it is asked for."""

    def __init__(self, ips: Sequence[str], deadline: _Deadline) -> None:
        self._ips = ips
        self._deadline = deadline

    def connect_tcp(self, host: str, port: int, *_args: Any, **_options: Any) -> "_Wire":  # noqa: ARG002 (the name was resolved before)
        trouble: OSError = TimeoutError()
        for place, ip in enumerate(self._ips):
            # One silent address mustn't use up the time of the others.
            share = self._deadline.left() / (len(self._ips) - place)
            try:
                return _Wire(socket.create_connection((ip, port), share), self._deadline)
            except OSError as error:
                trouble = error
        raise trouble


class _Wire(httpcore.NetworkStream):
    """A socket of which every single step ends by the deadline."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._socket = sock
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (the deadline holds)
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (the deadline holds)
        rest = memoryview(buffer)
        while rest:
            self._socket.settimeout(self._deadline.left())
            try:
                rest = rest[self._socket.send(rest[:_CHUNK]) :]
            except ConnectionError as error:  # the answer may have come before the whole question
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (the deadline holds)
    ) -> "_Wire":
        try:
            self._socket.settimeout(self._deadline.left())
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self._socket.close()
            raise
        return _Wire(secured, self._deadline)
