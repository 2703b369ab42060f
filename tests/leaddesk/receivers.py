"""Receivers: real servers on this machine that keep what they get and answer as they are told."""

import contextlib
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("receiver.pem")  # for hooks.example.test, of no worth


@dataclass
class Request:
    line: str
    headers: Message
    body: bytes


@dataclass
class Receiver:
    port: int
    got: list[Request] = field(default_factory=list)


def trusting():
    """A context that believes the certificate of these receivers."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def serving():
    """A context that shows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def answer(status, body=b"", **headers):
    """The bytes of an HTTP answer; underscores of header names stand for hyphens."""
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def dripped(data, gap=0.05):
    """Yield `data` byte by byte, each within any single time-out."""
    for byte in data:
        yield bytes([byte])
        time.sleep(gap)


@contextlib.contextmanager
def receiver(play, *, host="127.0.0.1", port=0, tls=False):
    """An HTTP server; `play(request)` yields bytes, or pieces of them, to answer with."""

    class Handler(socketserver.StreamRequestHandler):
        def setup(self):
            if tls:
                self.request = serving().wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self):
            with contextlib.suppress(OSError):
                super().finish()
            self.request.close()

        def handle(self):
            line = self.rfile.readline().decode().strip()
            head = b"".join(iter(self.rfile.readline, b"\r\n"))
            headers = BytesParser().parsebytes(head)
            body = self.rfile.read(int(headers.get("Content-Length", 0)))
            request = Request(line, headers, body)
            here.got.append(request)
            said = play(request)
            for piece in [said] if isinstance(said, bytes) else said:
                self.wfile.write(piece)

    with listening(Handler, host, port) as opened:
        here = Receiver(opened)
        yield here


@contextlib.contextmanager
def listening(handler, host="127.0.0.1", port=0):
    """The port of a threaded server; what a client does to it stays quiet."""

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass

    with Server((host, port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
