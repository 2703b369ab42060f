"""Load: requests over raw keep-alive sockets, cheap enough to share two cores with what it measures.

`closed` keeps so many connections busy; `open_loop` sends at a constant rate, whatever comes back,
and measures from the instant at which each request was to be sent.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Answers:
    """What came back: seconds of each answer, and how often each status (0: none at all)."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    lasted: float = 0.0

    def count(self, status, seconds):
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.seconds.append(seconds)

    @property
    def failed(self):
        return sum(many for status, many in self.statuses.items() if not 200 <= status < 300)

    @property
    def rate(self):
        return (len(self.seconds) - self.failed) / self.lasted

    def percentile(self, share):
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Connection(asyncio.Protocol):
    """One keep-alive connection; a request at a time."""

    def __init__(self):
        self.buffer, self.answer, self.transport = b"", None, None

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _error):
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_result((0, b""))

    def data_received(self, data):
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        if not blank or self.answer is None:
            return
        size = _size(head)
        ends = body.endswith(b"0\r\n\r\n") if size is None else len(body) >= size
        if ends:
            self.buffer = b""
            answer, self.answer = self.answer, None
            answer.set_result((int(head[9:12]), body))

    def send(self, request):
        """A future of the status and the body."""
        self.answer = asyncio.get_running_loop().create_future()
        if self.transport is None:
            self.answer.set_result((0, b""))
        else:
            self.transport.write(request)
        return self.answer


def _size(head):
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return None


def request(verb, path, token, body=b""):
    """The bytes of a request."""
    lines = (
        f"{verb} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
        *(("Content-Type: application/json",) if body else ()),
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def closed(port: int, requests: list[Iterator[bytes]], seconds: float) -> Answers:
    """Each iterator's requests over a connection of its own, one after the other, for a while."""

    async def run():
        found = Answers()
        began = perf_counter()
        stop = began + seconds
        await asyncio.gather(*(_busy(port, each, stop, found) for each in requests))
        found.lasted = perf_counter() - began
        return found

    return asyncio.run(run())


async def _busy(port, requests, stop, found):
    connection = await _connected(port)
    for each in requests:
        began = perf_counter()
        if began >= stop:
            break
        status, _body = await connection.send(each)
        while status == 429:  # a batch is charged by its facts; the desk asks for a second
            await asyncio.sleep(1)
            status, _body = await connection.send(each)
        found.count(status, perf_counter() - began)
        if connection.transport is None:
            connection = await _connected(port)
    if connection.transport is not None:
        connection.transport.close()


async def _connected(port):
    loop = asyncio.get_running_loop()
    _transport, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


def open_loop(
    port: int, kinds: dict[str, tuple[float, Callable[[int], bytes]]], seconds: float
) -> dict[str, Answers]:
    """Requests of each kind at its rate a second, each made by its number."""

    async def run():
        idle = [await _connected(port) for _connection in range(64)]
        found = {name: Answers() for name in kinds}
        began = perf_counter() + 0.2
        await asyncio.gather(
            *(
                _steady(port, idle, found[name], began, rate, make, seconds)
                for name, (rate, make) in kinds.items()
            )
        )
        for each in found.values():
            each.lasted = perf_counter() - began
        return found

    return asyncio.run(run())


async def _steady(port, idle, found, began, rate, make, seconds):
    running = []
    for number in range(round(rate * seconds)):
        at = began + number / rate
        if (wait := at - perf_counter()) > 0:
            await asyncio.sleep(wait)
        running.append(asyncio.ensure_future(_timed(port, idle, found, at, make(number))))
    await asyncio.gather(*running)


async def _timed(port, idle, found, at, sent):
    connection = idle.pop() if idle else await _connected(port)
    status, _body = await connection.send(sent)
    found.count(status, perf_counter() - at)
    if connection.transport is not None:
        idle.append(connection)
