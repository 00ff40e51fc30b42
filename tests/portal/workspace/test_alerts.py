"""What an alert tells: who entered, who left, what changed since it looked last; nothing twice, nothing lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from portal.indexing import images, leases
from portal.indexing.draining import drain_step
from portal.indexing.sessions import writing
from portal.models import (
    Fact,
    FirmImage,
)
from portal.register.facts import CertificateState, SupplierRecord
from portal.workspace import alert_running, alert_windows
from portal.workspace.alert_running import Letter, run_due
from portal.workspace.alerts import Watched
from portal.workspace.changes import What
from portal.workspace.digests import Why, delivery_uid
from search import EngineUnavailable, SearchQuery
from search.contract import ApplyReport, Prepared, PreparedChange
from tests.factories import (
    assessment_facts,
    certificate_facts,
    key_only,
    record,
    supplier_facts,
    supplier_key,
)
from tests.portal.alerting import ASSURED, CHANGED, DAY, ENTERED, LEFT, START, WEEKLY, Desk, level, notes
from tests.portal.indexing import TODAY, Given, Meddling, withdraw, write

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_entered_left_and_changed(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    desk.write(level(1, "inspection"))
    desk.write(level(2, "excellence"), record(4))
    desk.write(record(5, certificates=0))
    assert desk.look() == 1
    (told,) = desk.told(alert)
    assert desk.said(alert) == [{(LEFT, supplier_key(1)), (CHANGED, supplier_key(2)), (ENTERED, supplier_key(4))}]
    by_key = {one.key: one for one in told}
    (fall,) = by_key[supplier_key(1)].changes
    assert (fall.what, fall.before, fall.after, fall.worse) == (What.LEVEL, "assurance", "inspection", True)
    (rise,) = by_key[supplier_key(2)].changes
    assert (rise.what, rise.before, rise.after, rise.worse) == (What.LEVEL, "assurance", "excellence", False)
    assert (by_key[supplier_key(4)].why, by_key[supplier_key(4)].changes) == (Why.NEW, ())
    assert by_key[supplier_key(4)].name_zh == "宁波第4轴承有限公司"


def test_a_withdrawn_firm_has_left_and_says_so(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    desk.withdraw(supplier_key(3))
    desk.look()
    ((told,),) = desk.told(alert)
    assert (told.kind, told.key, told.why) == (LEFT, supplier_key(3), Why.WITHDRAWN)


def test_a_certificate_that_is_suspended_says_how_it_ended(desk: Desk) -> None:
    alert = desk.watch(SearchQuery())
    held = certificate_facts("Q-1-0", state=CertificateState.SUSPENDED, state_on=date(2026, 1, 10))
    desk.write(SupplierRecord(supplier=key_only(1), certificates=(held,)))
    desk.look()
    ((told,),) = desk.told(alert)
    (end,) = told.changes
    assert (end.what, end.after, end.cause, end.on) == (What.LEVEL, None, "suspended", date(2026, 1, 10))


def test_a_certificate_that_had_ended_before_is_told_once(desk: Desk) -> None:
    ended = certificate_facts("Q-1-9", state=CertificateState.SUSPENDED, state_on=date(2026, 1, 10))
    desk.write(SupplierRecord(supplier=key_only(1), certificates=(certificate_facts("Q-1-9"),)))
    alert = desk.watch(SearchQuery())
    desk.write(SupplierRecord(supplier=key_only(1), certificates=(ended,)))
    desk.look()
    desk.write(SupplierRecord(supplier=key_only(1, size="small")))
    desk.look(START + 2 * DAY)
    whats = [[one.what for firm in told for one in firm.changes] for told in desk.told(alert)]
    assert whats == [[What.CERTIFICATE], [What.SIZE]]


def test_every_visible_fact_old_and_new(desk: Desk) -> None:
    desk.write(SupplierRecord(supplier=key_only(1), assessments=(assessment_facts(X01_04="met"),)))
    alert = desk.watch(SearchQuery())
    changed = supplier_facts(
        1,
        name_zh="宁波精密轴承有限公司",
        sector="electronics",
        industries=("3982",),
        region="310115",
        status="suspended",
        size="small",
        processes=(),
    )
    later = assessment_facts(date(2025, 9, 1), X01_04="not_met", X01_05="met")
    held = certificate_facts("Q-1-0", expires_on=date(2027, 4, 30))
    desk.write(SupplierRecord(supplier=changed, certificates=(held,), assessments=(later,)))
    desk.look()
    ((told,),) = desk.told(alert)
    said = [(one.what, one.before, one.after) for one in told.changes]
    assert said == [
        (What.STATUS, "active", "suspended"),
        (What.UNTIL, "2099-04-30", "2027-04-30"),
        (What.CRITERIA, "X01-04", None),
        (What.CRITERIA, None, "X01-05"),
        (What.NAME, "宁波第1轴承有限公司", "宁波精密轴承有限公司"),
        (What.SECTOR, "machinery", "electronics"),
        (What.INDUSTRY, "3451", "3982"),
        (What.REGION, "330206", "310115"),
        (What.SIZE, None, "small"),
    ]
    assert [one.worse for one in told.changes] == [True] * 3 + [False] * 6


def test_what_nobody_sees_is_no_change(desk: Desk) -> None:
    alert = desk.watch(SearchQuery())
    desk.write(SupplierRecord(supplier=key_only(1, phone="0574-1234567")))
    assert desk.look() == 0
    assert desk.digests(alert) == []
    assert desk.row(alert).since == START + DAY, "it has looked"


def test_there_and_back_again_is_no_change(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    desk.write(level(1, "inspection"))
    desk.write(level(1, "assurance"))
    assert desk.look() == 0
    assert desk.said(alert) == []


def test_windows_of_two_rhythms_are_exact(desk: Desk) -> None:
    daily, weekly = desk.watch(ASSURED), desk.watch(ASSURED, way=WEEKLY)
    for day, (number, code) in enumerate([(1, "inspection"), (2, "inspection"), (1, "assurance")], start=1):
        desk.write(level(number, code))
        desk.look(START + day * DAY)
    desk.look(START + 7 * DAY)
    assert desk.said(daily) == [{(LEFT, supplier_key(1))}, {(LEFT, supplier_key(2))}, {(ENTERED, supplier_key(1))}]
    assert desk.said(weekly) == [{(LEFT, supplier_key(2))}]
    (digest,) = desk.digests(weekly)
    assert (digest.from_seq, digest.to_seq) == (desk.digests(daily)[0].from_seq, desk.digests(daily)[-1].to_seq)


def test_each_window_begins_where_the_last_one_ended(desk: Desk) -> None:
    alert = desk.watch(SearchQuery())
    for day in (1, 2):
        desk.write(level(1, "inspection" if day == 1 else "assurance"))
        desk.look(START + day * DAY)
    first, second = desk.digests(alert)
    assert first.to_seq == second.from_seq
    assert desk.look(START + 3 * DAY) == 0, "nothing is told twice"


def test_an_alert_made_later_does_not_tell_what_was_before(desk: Desk) -> None:
    desk.watch(SearchQuery())
    desk.write(level(1, "inspection"))
    late = desk.watch(ASSURED)
    desk.write(level(2, "inspection"))
    desk.look()
    assert desk.said(late) == [{(LEFT, supplier_key(2))}]


def test_who_dies_between_index_and_settling_loses_nothing(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    write(desk.sessions, desk.catalogue, level(1, "inspection"))

    def apply_and_die(given: Given) -> ApplyReport | None:
        desk.engine.apply(Prepared(tuple(one for one in given if isinstance(one, PreparedChange)), {}))
        raise EngineUnavailable("died")

    assert leases.acquire(desk.sessions, leases.DRAIN, "dying")
    with pytest.raises(EngineUnavailable):
        drain_step(desk.sessions, Meddling(desk.engine, apply_and_die), desk.catalogue, on=TODAY, holder="dying")  # type: ignore[arg-type]
    leases.release(desk.sessions, leases.DRAIN, "dying")
    assert desk.look(START + timedelta(hours=1)) == 0
    desk.drain()
    desk.look()
    assert desk.said(alert) == [{(LEFT, supplier_key(1))}]


def test_whoever_dies_before_writing_looks_again_and_another_first_writes_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = desk.watch(ASSURED)
    desk.write(level(1, "inspection"))

    def die(letter: Letter) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_due(desk.sessions, desk.catalogue, die, START + DAY)  # type: ignore[arg-type]
    assert desk.digests(alert) == []
    real = alert_windows.results

    def overtaken(*given: object) -> object:
        monkeypatch.setattr(alert_running, "results", real)
        assert desk.look() == 1
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(alert_running, "results", overtaken)
    assert desk.look() == 0, "the other one was first"
    (delivery,) = desk.deliveries(alert)
    (digest,) = desk.digests(alert)
    assert delivery.uid == delivery_uid(desk.row(alert).uid, digest.from_seq, digest.to_seq)
    assert len(desk.messages()) == 1


def test_an_edit_begins_anew_and_a_new_name_does_not(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    kept = desk.row(alert).conditions_id
    assert kept
    desk.write(level(1, "inspection"))
    desk.edit(kept, ASSURED, name="保证级以上")
    desk.look()
    assert desk.said(alert) == [{(LEFT, supplier_key(1))}]
    desk.write(level(2, "inspection"))
    desk.edit(kept, SearchQuery())
    desk.write(level(3, "inspection"))
    desk.look(START + 2 * DAY)
    assert desk.said(alert)[1:] == [{(CHANGED, supplier_key(3))}], "neither firm 2 nor those found by the edit"


@on_sqlite
def test_another_catalogue_begins_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alert = desk.watch(ASSURED)
    desk.write(level(1, "inspection"))
    monkeypatch.setattr("portal.indexing.images._fingerprints", {desk.catalogue.fingerprint: "another"})
    write(desk.sessions, desk.catalogue, level(2, "inspection"))
    desk.build()
    assert notes(desk) == 0
    desk.look()
    assert desk.said(alert) == []
    desk.write(level(3, "inspection"))
    desk.look(START + 2 * DAY)
    assert desk.said(alert) == [{(LEFT, supplier_key(3))}]


def test_a_rebuild_notes_what_no_drain_has_seen(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    write(desk.sessions, desk.catalogue, level(1, "inspection"), record(4))
    withdraw(desk.sessions, desk.catalogue, supplier_key(2))
    desk.build()
    desk.look()
    expected = {(LEFT, supplier_key(1)), (LEFT, supplier_key(2)), (ENTERED, supplier_key(4))}
    assert desk.said(alert) == [expected]
    desk.build()
    assert desk.look(START + 2 * DAY) == 0, "once"


def test_firms_of_which_nothing_was_known_are_no_news(desk: Desk) -> None:
    """A register older than alerts has no images before its first rebuild."""
    with writing(desk.sessions) as session:
        session.execute(delete(FirmImage))
        session.execute(update(Fact).where(Fact.name == images.FACT).values(value=""))
    alert = desk.watch(ASSURED)
    desk.write(level(1, "excellence"))
    desk.build()
    desk.look()
    assert desk.said(alert) == []
    desk.write(level(2, "inspection"), record(4))
    desk.look(START + 2 * DAY)
    assert desk.said(alert) == [{(LEFT, supplier_key(2)), (ENTERED, supplier_key(4))}]


def test_a_shortlist_tells_of_its_firms_and_who_was_put_there(desk: Desk) -> None:
    kept = desk.shortlist(supplier_key(1), supplier_key(2))
    alert = desk.alert(Watched(shortlist_id=kept))
    desk.write(level(1, "inspection"), level(3, "inspection"))
    desk.look()
    assert desk.said(alert) == [{(CHANGED, supplier_key(1))}]
    desk.put(kept, supplier_key(3))
    desk.take(kept, supplier_key(1))
    desk.withdraw(supplier_key(2))
    desk.look(START + 2 * DAY)
    assert {(one.kind.value, one.key, one.why) for one in desk.told(alert)[1]} == {
        (ENTERED, supplier_key(3), Why.LISTED),
        (LEFT, supplier_key(1), Why.UNLISTED),
        (LEFT, supplier_key(2), Why.WITHDRAWN),
    }
    assert desk.look(START + 3 * DAY) == 0
