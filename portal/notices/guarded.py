"""Requests to addresses that users gave: to public machines only, and never longer than they may take.

A name is looked up before it is kept and before each request, but what counts is whom the connection reached: its peer
is checked before a byte is sent, as a name may lead elsewhere the next time (notes/libraries.md, trap 11). Redirects
are not followed and proxies of the environment are not used, as either would lead past the check.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
WHOLE_SECONDS = 15.0
"""That a request may take from the first packet to the last header of the answer, however slowly they trickle."""

MAX_URL = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Fault(StrEnum):
    """Why an address is not taken."""

    NO_URL = "no_url"
    NOT_HTTPS = "not_https"
    UNKNOWN_HOST = "unknown_host"
    NOT_PUBLIC = "not_public"


class Refused(Exception):
    """The address is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Unanswered(Exception):
    """The request brought no answer; the text says why."""


class _PeerRefused(OSError):
    """The connection leads to a machine that is not public."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests through to public machines, and to those of the networks that are excepted."""

    excepted: tuple[Network, ...] = ()

    def check(self, url: str) -> None:
        """Whether the address may be kept, as its host is now. Raises Refused."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise Refused(Fault.NO_URL) from None
        odd = parts.username is not None or parts.fragment or not url.isascii() or not url.isprintable() or " " in url
        if parts.scheme not in {"https", "http"} or not host or odd or len(url) > MAX_URL:
            raise Refused(Fault.NO_URL)
        found = looked_up(host, port or (443 if parts.scheme == "https" else 80))
        if not all(self.lets(address) for address in found):
            raise Refused(Fault.NOT_PUBLIC)
        if parts.scheme == "http" and not all(self._is_excepted(address) for address in found):
            raise Refused(Fault.NOT_HTTPS)

    def lets(self, address: Address) -> bool:
        """Whether requests may go to this machine."""
        return self._is_excepted(address) or all(one.is_global and not one.is_multicast for one in _meant(address))

    def _is_excepted(self, address: Address) -> bool:
        return any(address in network for network in self.excepted)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send it; the status of the answer, whose body is left unread. Raises Refused, Unanswered."""
        self.check(url)
        with requests.Session() as session, _ending() as deadline:
            session.trust_env = False
            adapter = _Adapter(self, deadline)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            try:
                answer = session.post(
                    url,
                    data=body,
                    headers=dict(headers),
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    allow_redirects=False,
                    stream=True,
                )
            except (requests.RequestException, OSError, ValueError) as error:
                raise _told(error, deadline) from error
            with closing(answer):
                if deadline.passed:  # what was cut off half-way looks like the end of the headers
                    raise Unanswered("too_slow")
                return answer.status_code


def looked_up(host: str, port: int) -> list[Address]:
    """The addresses of a host. Raises Refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(Fault.UNKNOWN_HOST) from None
    return [_address(str(where[0])) for _family, _kind, _protocol, _name, where in found]


def _address(text: str) -> Address:
    """Without the zone of a link-local one."""
    return ipaddress.ip_address(text.partition("%")[0])


def _meant(address: Address) -> Iterator[Address]:
    """The address, and the one of version 4 that it leads to."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        yield from (one for one in inner if one is not None)


def _told(error: Exception, deadline: _Deadline) -> Exception:
    """What to raise for what went wrong, in words that say nothing of the inside of this machine's network."""
    cause: BaseException | None = error
    seen: list[BaseException] = []
    while cause is not None and cause not in seen:
        if isinstance(cause, _PeerRefused):
            return Refused(Fault.NOT_PUBLIC)
        seen.append(cause)
        reason = cause.args[0] if cause.args and isinstance(cause.args[0], Exception) else None
        cause = cause.__cause__ or cause.__context__ or getattr(reason, "reason", None) or reason
    if deadline.passed:
        return Unanswered("too_slow")
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (requests.exceptions.SSLError, "tls"),
        (requests.exceptions.ConnectTimeout, "too_slow"),
        (requests.exceptions.Timeout, "too_slow"),
        (requests.exceptions.ConnectionError, "no_connection"),
    )
    return Unanswered(next((text for kind, text in kinds if isinstance(error, kind)), "no_answer"))


class _Deadline:
    """Ends what is under way when the time is over, by shutting its sockets."""

    def __init__(self) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def watch(self, connected: socket.socket) -> None:
        """A copy of the descriptor stays with us: TLS takes the socket itself over."""
        with self._lock:
            self._sockets.append(connected.dup())

    def end(self) -> None:
        """Time is over."""
        with self._lock:
            self.passed = True
            for watched in self._sockets:
                with suppress(OSError):
                    watched.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """All is done."""
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()


@contextmanager
def _ending() -> Iterator[_Deadline]:
    deadline = _Deadline()
    timer = threading.Timer(WHOLE_SECONDS, deadline.end)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()
        deadline.close()


class _Guarded:
    """Of the connections: whom they reached is checked before anything is said."""

    guard: Guard
    deadline: _Deadline

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]
        if not self.guard.lets(_address(str(connected.getpeername()[0]))):
            connected.close()
            raise _PeerRefused("the host leads to a machine that is not public")
        self.deadline.watch(connected)
        return connected


class _Adapter(HTTPAdapter):
    """Sends by guarded connections only."""

    def __init__(self, guard: Guard, deadline: _Deadline) -> None:
        bound: dict[str, Any] = {"guard": guard, "deadline": deadline}
        self._plain = type("GuardedHTTP", (_Guarded, HTTPConnection), bound)
        self._secure = type("GuardedHTTPS", (_Guarded, HTTPSConnection), bound)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *given: Any, **stated: Any) -> None:
        """See HTTPAdapter."""
        self.poolmanager = PoolManager(*given[:1], **stated)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("GuardedPool", (HTTPConnectionPool,), {"ConnectionCls": self._plain}),
            "https": type("GuardedSecurePool", (HTTPSConnectionPool,), {"ConnectionCls": self._secure}),
        }
