"""What all tests share: no network but this machine's own, and the same examples on a build server."""

import ipaddress
import os
import socket

import pytest
from hypothesis import settings

from catalogues import compile_newer

compile_newer()

# A build server draws the same examples each time, so that it fails for a change and not by chance;
# everybody else draws new ones. No example fails for being slow on a busy machine.
settings.register_profile("server", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("server" if os.environ.get("CI") else "here")


def refuse_others(host):
    """Fail the test unless the host is this machine, said as a number or as `localhost`."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return
    try:
        own = ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        own = False
    if not own:
        pytest.fail(f"a test reached for {name}, and tests use no network", pytrace=True)


def kept_at_home(reach):
    """The method of a socket, refusing every address but this machine's."""

    def reach_if_own(this, *arguments):
        address = arguments[-1]
        if this.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
            refuse_others(address[0])
        return reach(this, *arguments)

    return reach_if_own


def resolve_if_own(host, *arguments, resolve=socket.getaddrinfo, **named):
    refuse_others(host)
    return resolve(host, *arguments, **named)


for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, kept_at_home(getattr(socket.socket, name)))
socket.getaddrinfo = resolve_if_own
