"""A receiver of webhooks on this machine that fails, hangs, drips, redirects or never stops talking, as it is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = "127.0.0.0/8"


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came whole."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def signed_by(self, secret: str) -> bool:
        """As a receiver checks it, written from the description alone."""
        signed = f"{self.headers['X-Xunyuan-Timestamp']}.".encode() + self.body
        mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers["X-Xunyuan-Signature"], f"sha256={mac}")


@dataclass
class Receiver:
    """`answers`: what it does with the next requests, a status or hang, drip, huge; then 200."""

    url: str
    answers: list[int | str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connected: int = 0
    release: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def get_request(self) -> tuple[socket.socket, Any]:
        request, address = super().get_request()
        self.receiver.connected += 1
        return request, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The sender hung up, as it should."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.received.append(Received(self.path, dict(self.headers), body))
        answer = receiver.answers.pop(0) if receiver.answers else 200
        if isinstance(answer, int):
            self._answer(answer)
        else:
            getattr(self, f"_{answer}")(receiver)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang(self, receiver: Receiver) -> None:
        receiver.release.wait(60)

    def _drip(self, receiver: Receiver) -> None:
        """One header after the other, each in time, for ever."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not receiver.release.wait(0.05):
            self.wfile.write(b"X: y\r\n" if receiver.connected % 2 else b"X")
            self.wfile.flush()

    def _huge(self, receiver: Receiver) -> None:
        """An answer without an end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not receiver.release.is_set():
            self.wfile.write(b"x" * 65_536)

    def log_message(self, *_words: object) -> None:
        """Quiet."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    server = _Server(("127.0.0.1", 0), _Handler)
    receiver = server.receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
