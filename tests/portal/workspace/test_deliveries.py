"""Digests reach webhooks: signed, by one id however often they are tried, and given up in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from portal.indexing.sessions import Sessions, writing
from portal.models import (
    Alert,
    AlertChannel,
    AlertDelivery,
    Cadence,
    DeliveryState,
    Message,
    now,
)
from portal.notices import Channels, courier, deliver_due
from portal.notices.guarded import Guard
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.workspace import deliveries
from portal.workspace.alerts import Way
from portal.workspace.deliveries import MOST_ATTEMPTS, Dispatcher, again
from search import SearchEngine, SearchQuery
from tests.factories import key_only, record, supplier_key
from tests.portal.alerting import Desk
from tests.portal.indexing import until, write
from tests.portal.receiving import LOOPBACK, Receiver, receiving

GUARD = Guard((ip_network(LOOPBACK),))
PORTAL = "https://portal.example"
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def desk(sessions: Sessions, engine: SearchEngine, catalogue: Catalogue) -> Desk:
    made = Desk(sessions, engine, catalogue)
    write(sessions, catalogue, record(1))
    made.build()
    return made


@pytest.fixture
def alert(desk: Desk, receiver: Receiver) -> Alert:
    """An alert with a digest that waits to be sent."""
    made = desk.watch(SearchQuery(), way=Way(Cadence.DAILY, AlertChannel.WEBHOOK, receiver.url))
    desk.write(SupplierRecord(supplier=key_only(1, region="310115")))
    assert desk.look(now() + timedelta(days=2)) == 1
    make_due(desk)
    return desk.row(made)


def make_due(desk: Desk) -> None:
    """As if the wait were over."""
    with writing(desk.sessions) as session:
        session.execute(update(AlertDelivery).values(due_at=now() - timedelta(seconds=1)))


def send(desk: Desk, guard: Guard = GUARD) -> int:
    return deliveries.deliver_due(desk.sessions, guard, PORTAL)


def only(desk: Desk, alert: Alert) -> AlertDelivery:
    (delivery,) = desk.deliveries(alert.id)
    return delivery


def test_it_arrives_signed_with_what_changed(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    assert send(desk) == 1
    (came,) = receiver.received
    delivery = only(desk, alert)
    assert came.signed_by(alert.secret)
    assert not came.signed_by("another secret")
    assert came.headers["X-Xunyuan-Delivery"] == came.json["id"] == delivery.uid
    assert came.json["event"] == "alert.digest"
    assert came.json["alert"]["name"] == "轴承"
    assert came.json["alert"]["url"] == f"{PORTAL}/alerts/{alert.id}"
    assert came.json["counts"] == {"entered": 0, "left": 0, "changed": 1}
    assert came.json["complete"] is True
    (firm,) = came.json["changed"]
    assert (firm["id"], firm["url"]) == (supplier_key(1), f"{PORTAL}/suppliers/{supplier_key(1)}")
    (change,) = firm["changes"]
    assert (change["field"], change["before"], change["after"]) == ("region", "330206", "310115")
    assert (delivery.state, delivery.reason) == (DeliveryState.SENT, "")
    assert send(desk) == 0, "once"


@on_sqlite
def test_one_that_fails_is_tried_again_by_the_same_id(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    receiver.answers = [500]
    send(desk)
    first = only(desk, alert)
    assert (first.state, first.reason, first.attempts) == (DeliveryState.WAITING, "status 500", 1)
    assert send(desk) == 0, "not at once"
    make_due(desk)
    send(desk)
    assert only(desk, alert).state == DeliveryState.SENT
    assert [came.headers["X-Xunyuan-Delivery"] for came in receiver.received] == [first.uid] * 2
    assert receiver.received[0].body == receiver.received[1].body


@on_sqlite
def test_waits_grow_and_end_and_send_again_begins_anew(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    receiver.answers = [503] * MOST_ATTEMPTS
    waits = []
    for _attempt in range(MOST_ATTEMPTS):
        send(desk)
        row = only(desk, alert)
        assert row.due_at is not None
        waits.append(row.due_at - now())
        make_due(desk)
    assert waits[:-1] == sorted(waits[:-1])
    assert waits[-2] > 100 * waits[0]
    given_up = only(desk, alert)
    assert (given_up.state, given_up.reason) == (DeliveryState.FAILED, "status 503")
    assert send(desk) == 0
    with writing(desk.sessions) as session:
        again(session.get_one(AlertDelivery, given_up.id), now())
    send(desk)
    assert only(desk, alert).state == DeliveryState.SENT
    assert {came.headers["X-Xunyuan-Delivery"] for came in receiver.received} == {given_up.uid}


@on_sqlite
@pytest.mark.parametrize(("answer", "reason"), [(302, "redirect"), (410, "status 410")])
def test_reasons(desk: Desk, alert: Alert, receiver: Receiver, answer: int, reason: str) -> None:
    receiver.answers = [answer]
    send(desk)
    assert only(desk, alert).reason == reason


@on_sqlite
def test_an_address_that_leads_inside_by_now_is_refused_when_sent(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    send(desk, Guard())
    assert only(desk, alert).reason == "not_public"
    assert receiver.connected == 0


@on_sqlite
def test_a_hanging_receiver_delays_no_other(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    receiver.answers = ["hang"]
    with writing(desk.sessions) as session:
        row = session.get_one(Alert, alert.id)
        deliveries.add_test(session, row, now() - timedelta(minutes=1))
    sending = threading.Thread(target=send, args=(desk,))
    sending.start()
    until(lambda: len(receiver.received) == 2)
    receiver.release.set()
    sending.join()
    states = [one.state for one in desk.deliveries(alert.id)]
    assert sorted(states) == [DeliveryState.SENT, DeliveryState.WAITING]


def test_two_workers_send_once(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    threads = [threading.Thread(target=send, args=(desk,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.received) == 1


@on_sqlite
def test_a_sender_that_died_is_taken_over_after_a_while(
    desk: Desk, alert: Alert, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deliveries, "_note", die)
    with pytest.raises(KeyboardInterrupt):
        send(desk)
    monkeypatch.undo()
    assert send(desk) == 0, "claimed"
    make_due(desk)
    assert send(desk) == 1
    assert len({came.headers["X-Xunyuan-Delivery"] for came in receiver.received}) == 1


@on_sqlite
def test_the_dispatcher_sends_what_comes(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    stop = threading.Event()
    thread = Dispatcher(desk.sessions, GUARD, PORTAL, stop).start()
    until(lambda: only(desk, alert).state == DeliveryState.SENT)
    stop.set()
    thread.join()


@on_sqlite
def test_a_removed_alert_sends_nothing(desk: Desk, alert: Alert, receiver: Receiver) -> None:
    with writing(desk.sessions) as session:
        session.get_one(Alert, alert.id).deleted_at = now()
    send(desk)
    assert receiver.connected == 0
    assert only(desk, alert).reason == "removed"


@pytest.fixture
def mail(desk: Desk, tmp_path: Path) -> Callable[[str], AlertDelivery]:
    """`mail(url)`: a digest by mail that the courier tries to send once; its delivery then."""
    made = desk.watch(SearchQuery())
    desk.write(SupplierRecord(supplier=key_only(1, region="310115")))
    desk.look(now() + timedelta(days=2))

    def deliver(url: str) -> AlertDelivery:
        with writing(desk.sessions) as session:
            session.execute(update(Message).values(due_at=now() - timedelta(seconds=1)))
        deliver_due(desk.sessions, Channels(url, "portal@example.org", ""))
        (delivery,) = desk.deliveries(made)
        return delivery

    return deliver


@on_sqlite
def test_a_mail_s_delivery_says_when_it_went(mail: Callable[[str], AlertDelivery], tmp_path: Path) -> None:
    delivery = mail(f"file://{tmp_path / 'mail'}")
    assert delivery.state == DeliveryState.SENT
    assert delivery.sent_at is not None


@on_sqlite
def test_a_mail_that_is_given_up_has_failed(
    mail: Callable[[str], AlertDelivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "MOST_ATTEMPTS", 2)
    assert mail("smtp://127.0.0.1:9").state == DeliveryState.WAITING
    failed = mail("smtp://127.0.0.1:9")
    assert (failed.state, failed.attempts) == (DeliveryState.FAILED, 2)
    assert "refused" in failed.reason
