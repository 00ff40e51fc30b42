"""Requests to addresses that users gave reach public machines only, and end in time whatever the receiver does."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest

from portal.notices import guarded
from portal.notices.guarded import Fault, Guard, Refused, Unanswered
from tests.portal.receiving import LOOPBACK, Receiver, receiving

HERE = Guard((ip_network(LOOPBACK),))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:0001::",
        "64:ff9b::7f00:1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not Guard().lets(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_public_is_let(address: str) -> None:
    assert Guard().lets(ip_address(address))


def test_exceptions_are_just_those_networks() -> None:
    guard = Guard((ip_network("10.1.0.0/16"),))
    assert guard.lets(ip_address("10.1.2.3"))
    assert not guard.lets(ip_address("10.2.2.3"))


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://127.0.0.1/hook", Fault.NOT_PUBLIC),
        ("https://localhost/hook", Fault.NOT_PUBLIC),
        ("https://[::1]/hook", Fault.NOT_PUBLIC),
        ("https://[::ffff:10.0.0.1]/hook", Fault.NOT_PUBLIC),
        ("https://2130706433/hook", Fault.NOT_PUBLIC),
        ("https://0x7f.1/hook", Fault.NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data", Fault.NOT_PUBLIC),
        ("http://8.8.8.8/hook", Fault.NOT_HTTPS),
        ("ftp://8.8.8.8/hook", Fault.NO_URL),
        ("https://user:secret@8.8.8.8/hook", Fault.NO_URL),
        ("https://8.8.8.8/a b", Fault.NO_URL),
        ("https://8.8.8.8:port/", Fault.NO_URL),
        ("https://[8.8.8.8/", Fault.NO_URL),
        ("https:///hook", Fault.NO_URL),
        ("nothing", Fault.NO_URL),
        ("https://8.8.8.8/" + "x" * 500, Fault.NO_URL),
        ("https://nowhere.invalid/hook", Fault.UNKNOWN_HOST),
    ],
)
def test_addresses_that_are_not_kept(url: str, fault: Fault) -> None:
    with pytest.raises(Refused) as refused:
        Guard().check(url)
    assert refused.value.fault is fault


def test_an_address_that_is_kept() -> None:
    Guard().check("https://8.8.8.8/hook?key=1")
    HERE.check("http://127.0.0.1:8080/hook")


def test_what_is_sent_arrives(receiver: Receiver) -> None:
    assert HERE.post(receiver.url, b"{}", {"X-Id": "one"}) == 200
    (came,) = receiver.received
    assert (came.path, came.body, came.headers["X-Id"]) == ("/hook", b"{}", "one")


def test_nobody_is_connected_to_who_is_refused(receiver: Receiver) -> None:
    with pytest.raises(Refused):
        Guard().post(receiver.url.replace("http:", "https:"), b"{}", {})
    assert receiver.connected == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_elsewhere_when_it_counts(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """DNS rebinding: the look-up before says a public machine, the connection reaches this one."""
    guard = Guard((ip_network("93.184.216.0/24"),))
    monkeypatch.setattr(guarded, "looked_up", lambda _host, _port: [ipaddress.IPv4Address("93.184.216.34")])
    with pytest.raises(Refused) as refused:
        guard.post(receiver.url.replace("http:", f"{scheme}:").replace("127.0.0.1", "localhost"), b"{}", {})
    assert refused.value.fault is Fault.NOT_PUBLIC
    assert receiver.received == [], "nothing was said"


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    assert HERE.post(receiver.url, b"{}", {}) == 302
    assert len(receiver.received) == 1


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert HERE.post(receiver.url, b"{}", {}) == 200


@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_a_slow_receiver_holds_nobody(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(guarded, "WHOLE_SECONDS", 0.4)
    receiver.answers = [answer]
    started = time.monotonic()
    with pytest.raises(Unanswered, match="too_slow"):
        HERE.post(receiver.url, b"{}", {})
    assert time.monotonic() - started < guarded.READ_SECONDS


def test_one_that_says_nothing_to_tls_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "WHOLE_SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Unanswered, match="too_slow"):
            HERE.post(f"https://127.0.0.1:{port}/hook", b"{}", {})


def test_an_answer_without_an_end_is_not_read(receiver: Receiver) -> None:
    receiver.answers = ["huge"]
    assert HERE.post(receiver.url, b"{}", {}) == 200


def test_nobody_there() -> None:
    with pytest.raises(Unanswered, match="no_connection"):
        HERE.post("http://127.0.0.1:9/hook", b"{}", {})


def test_who_does_not_speak_tls(receiver: Receiver) -> None:
    with pytest.raises(Unanswered, match="tls"):
        HERE.post(receiver.url.replace("http:", "https:"), b"{}", {})
