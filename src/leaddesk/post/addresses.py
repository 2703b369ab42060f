"""Addresses: where a message may go; a URL -> the public addresses that it is pinned to.

A name is resolved once, every address that it has must be public, and the connection is made to
these addresses and no others, so that a name which changes its answer afterwards changes nothing.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from leadpact.problem import Problem

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]

# The IANA special-purpose registries, whole blocks, and not what `ipaddress` thinks of them:
# before Python 3.11.10 it takes parts of these for global.
_IPV4_SPECIAL = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # looks public, but is the host's own service in one large cloud
    )
)
_IPV6_UNICAST = IPv6Network("2000::/3")  # everything public lies in here
_IPV6_SPECIAL = tuple(
    IPv6Network(block)  # Teredo and its neighbours, documentation, 6to4
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_PORTS = {"http": 80, "https": 443}
_RESOLVE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Address:
    """A place to post to: the parts of its URL, and the addresses that may be connected to."""

    scheme: str
    host: str
    port: int
    target: str
    ips: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The ``Host`` header: the port only where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """An address that we never connect to."""

    why: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that has no address at the moment."""

    why: str


def url_problems(
    url: object, allow: Sequence[str] = (), resolve: Resolver | None = None, *, path: str = "url"
) -> list[Problem]:
    """What is wrong with a URL that somebody wants messages sent to.

    A name without an address is no problem here: it may get one before the first message.
    """
    remedy = _("Give the public https address of the receiver.")
    if not isinstance(url, str) or not url:
        return [Problem(path, 0, _("There is no address to send to."), remedy)]
    found = checked_address(url, allow, resolve)
    return [Problem(path, 0, found.why, remedy)] if isinstance(found, Forbidden) else []


def checked_address(
    url: str, allow: Sequence[str] = (), resolve: Resolver | None = None
) -> Address | Forbidden | Unresolved:
    """The address behind a URL, if every address of its host is public.

    `allow` lists host names, addresses and networks that the administrator lets through, also
    over plain http. `resolve` yields all addresses of a host, and raises OSError where it can't.
    """
    parts = _parts(url)
    if isinstance(parts, Forbidden):
        return parts
    scheme, host, port, target = parts
    named = host in {name.casefold() for name in allow} or _within(host, allow)
    if scheme != "https" and not named:
        return Forbidden(_("The address must begin with https://."))
    try:
        ips = tuple(dict.fromkeys(_addresses(host, port, resolve or resolved)))
    except (OSError, UnicodeError) as trouble:
        why = _("%(host)s has no address: %(trouble)s.")
        return Unresolved(why % {"host": host, "trouble": trouble})
    if not ips:
        return Unresolved(_("%(host)s has no address.") % {"host": host})
    for ip in ips:
        if not (named or is_public(ip) or _within(ip, allow)):
            why = _("%(host)s leads to %(ip)s, which is no public address.")
            return Forbidden(why % {"host": host, "ip": ip})
    return Address(scheme, host, port, target, ips)


def is_public(ip: str) -> bool:
    """Whether an address belongs to the open internet, by the IANA registries."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _IPV4_SPECIAL)
    if address.scope_id or address not in _IPV6_UNICAST:
        return False
    return not any(address in block for block in _IPV6_SPECIAL)


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system's resolver knows them, within five seconds."""
    found: list[str] = []
    trouble: list[Exception] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(answer[4][0]) for answer in answers)
        except (OSError, UnicodeError) as error:
            trouble.append(error)

    # The system's call takes no time-out, so it gets a thread that may be left behind.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_RESOLVE_SECONDS)
    if trouble:
        raise trouble[0]
    if thread.is_alive():
        raise TimeoutError(_("the name servers don't answer"))
    return found


def allow_problems(allow: Iterable[str]) -> list[Problem]:
    """What is wrong with the administrator's list of hosts and networks."""
    remedy = _("Write host names, addresses or networks such as 10.2.0.0/16.")
    return [
        Problem(entry, 0, _("This is no host, address or network."), remedy)
        for entry in allow
        if _network(entry) is None and not _HOST.fullmatch(entry)
    ]


_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.IGNORECASE)
# A last label that a resolver may read as a number: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMBER_LAST = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)$", re.IGNORECASE)
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")


def _parts(url: str) -> tuple[str, str, int, str] | Forbidden:
    if _NOT_IN_URL.search(url) or len(url) > 2000:
        return Forbidden(_("The address has blanks or signs that no web address has."))
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return Forbidden(_("The address can't be read."))
    if split.scheme not in _PORTS:
        return Forbidden(_("The address must begin with https://."))
    if "@" in split.netloc:
        return Forbidden(_("The address holds a user name or password."))
    if port == 0:
        return Forbidden(_("The address has no usable port."))
    host = _host(split.hostname or "")
    if isinstance(host, Forbidden):
        return host
    return split.scheme, host, port or _PORTS[split.scheme], _target(split)


def _host(name: str) -> str | Forbidden:
    """The host in ASCII lower case, without the dot of the root."""
    if _is_ip(name):
        return name
    try:
        host = name.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        return Forbidden(_("The address has no valid host name."))
    if _NUMBER_LAST.search(host) and not _is_ip(host):
        return Forbidden(_("%(host)s is no address in its usual form.") % {"host": host})
    return host


def _target(split: SplitResult) -> str:
    target = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return "".join(
        sign if sign.isascii() else "".join(f"%{byte:02X}" for byte in sign.encode())
        for sign in target
    )


def _addresses(host: str, port: int, resolve: Resolver) -> Sequence[str]:
    return [host] if _is_ip(host) else resolve(host, port)


def _within(ip: str, allow: Sequence[str]) -> bool:
    networks = [network for entry in allow if (network := _network(entry)) is not None]
    return _is_ip(ip) and any(ip_address(ip) in network for network in networks)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None
