"""Alerts paused, removed, limited; what they keep waiting, for whom they look, and when they look next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from portal.indexing.facts import data_version
from portal.indexing.sessions import writing
from portal.models import (
    Alert,
    Cadence,
    Conditions,
    DeliveryState,
    Organisation,
    OrganisationState,
    OwnList,
    OwnRow,
    RowState,
    Shortlist,
    Supplier,
    User,
)
from portal.workspace import alerts
from portal.workspace.alert_running import prune
from portal.workspace.alerts import Watched, next_due
from portal.workspace.buyer import Buyer, Refused
from portal.workspace.digests import MOST
from search import LevelChoice, SearchQuery
from tests.factories import (
    record,
    supplier_key,
)
from tests.portal.alerting import ASSURED, DAY, LEFT, START, WEEKLY, Desk, level, notes

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@on_sqlite
def test_pausing_keeps_nothing_and_going_on_begins_anew(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    with writing(desk.sessions) as session:
        alerts.pause(session.get_one(Alert, alert))
    desk.write(level(1, "inspection"))
    assert notes(desk) == 0
    assert desk.look() == 0
    with writing(desk.sessions) as session:
        alerts.resume(session, session.get_one(Alert, alert), START + DAY)
    desk.write(level(2, "inspection"))
    desk.look(START + 2 * DAY)
    assert desk.said(alert) == [{(LEFT, supplier_key(2))}]


@on_sqlite
def test_a_removed_alert_that_is_taken_back_has_missed_nothing(desk: Desk) -> None:
    alert = desk.watch(ASSURED)
    with writing(desk.sessions) as session:
        alerts.remove(session, desk.buyer(), session.get_one(Alert, alert), START)
    desk.write(level(1, "inspection"))
    assert desk.look() == 0
    prune(desk.sessions, START + timedelta(hours=1))
    with writing(desk.sessions) as session:
        session.get_one(Alert, alert).deleted_at = None
    desk.look()
    assert desk.said(alert) == [{(LEFT, supplier_key(1))}]


@on_sqlite
def test_notes_go_when_every_alert_has_looked(desk: Desk) -> None:
    desk.write(level(1, "inspection"))
    assert notes(desk) == 0, "nobody watches"
    desk.watch(ASSURED)
    desk.watch(ASSURED, way=WEEKLY)
    desk.write(level(1, "assurance"))
    desk.look()
    prune(desk.sessions, START + DAY)
    assert notes(desk) == 1, "the weekly one has not looked"
    desk.look(START + 7 * DAY)
    prune(desk.sessions, START + 7 * DAY)
    assert notes(desk) == 0


@on_sqlite
def test_one_s_own_suppliers_only(desk: Desk) -> None:
    who = desk.buyer()
    with writing(desk.sessions) as session:
        own = OwnList(organisation_id=who.organisation_id, owner_id=who.id, name="清单", checked_at=START)
        session.add(own)
        session.flush()
        firm = session.scalars(select(Supplier.id).where(Supplier.number == supplier_key(1).partition("/")[2])).one()
        found = {"line": 1, "state": RowState.MATCHED, "supplier_id": firm}
        session.add(OwnRow(own_list_id=own.id, organisation_id=who.organisation_id, **found))
    only, hide = (
        desk.alert(Watched(conditions_id=desk.conditions(ASSURED, address=f"mine={choice}")))
        for choice in ("only", "hide")
    )
    desk.write(level(1, "inspection"), level(2, "inspection"))
    desk.look()
    assert desk.said(only) == [{(LEFT, supplier_key(1))}]
    assert desk.said(hide) == [{(LEFT, supplier_key(2))}]


@on_sqlite
def test_many_firms_are_counted_and_some_are_kept(desk: Desk) -> None:
    alert = desk.watch(SearchQuery())
    desk.write(*(record(number) for number in range(100, 100 + MOST + 20)))
    desk.look()
    (digest,) = desk.digests(alert)
    assert (digest.entered, len(digest.content)) == (MOST + 20, MOST)


@on_sqlite
@pytest.mark.parametrize("why", ["deleted", "private", "disabled", "organisation"])
def test_what_its_maker_does_not_see_any_more_is_not_told(desk: Desk, why: str) -> None:
    colleague = desk.buyer("li")
    alert = desk.alert(Watched(conditions_id=desk.conditions(ASSURED)), colleague)
    desk.write(level(1, "inspection"))
    with writing(desk.sessions) as session:
        if why == "deleted":
            session.execute(update(Conditions).values(deleted_at=START))
        elif why == "private":
            session.execute(update(Conditions).values(shared=False))
        elif why == "disabled":
            session.execute(update(User).where(User.id == colleague.id).values(disabled_at=START))
        else:
            session.execute(update(Organisation).values(state=OrganisationState.DISABLED))
    assert desk.look() == 0
    assert desk.row(alert).trouble == "gone"
    assert desk.messages() == []
    with desk.sessions() as session:
        assert desk.row(alert).last_seq == data_version(session), "it keeps no notes waiting"


@on_sqlite
def test_conditions_that_the_catalogue_does_not_know_say_so(desk: Desk) -> None:
    alert = desk.watch(SearchQuery(levels=(LevelChoice("gone"),)))
    fine = desk.watch(ASSURED)
    desk.write(level(1, "inspection"))
    desk.look()
    assert desk.row(alert).trouble == "catalogue"
    assert desk.said(fine) == [{(LEFT, supplier_key(1))}]


def test_a_mail_is_written_with_the_digest_and_knows_its_delivery(desk: Desk) -> None:
    english = desk.buyer("smith", "乙集团", language="en")
    desk.watch(ASSURED)
    alert = desk.watch(ASSURED, english)
    desk.write(level(1, "inspection"))
    desk.look()
    assert [(one.recipient, one.subject, one.body) for one in desk.messages()] == [
        ("wang@example.com", "轴承", "zh entered=0 left=1 changed=0"),
        ("smith@example.com", "轴承", "en entered=0 left=1 changed=0"),
    ]
    (delivery,) = desk.deliveries(alert)
    assert delivery.state == DeliveryState.WAITING
    assert delivery.message_id == desk.messages()[1].id


@on_sqlite
def test_another_organisation_s_alerts_are_not_seen(desk: Desk) -> None:
    mine = desk.watch(ASSURED)
    private = desk.alert(Watched(conditions_id=desk.conditions(ASSURED, shared=False)))
    li, zhao = desk.buyer("li"), desk.buyer("zhao", "乙集团")
    with desk.sessions() as session:

        def seen(buyer: Buyer) -> set[int]:
            return {kept.alert.id for kept in alerts.listed(session, alerts.visible(buyer))}

        assert seen(desk.buyer()) == {mine, private}
        assert seen(li) == {mine}, "of shared conditions"
        assert seen(zhao) == set()


@on_sqlite
def test_an_organisation_has_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MAX_ALERTS", 1)
    desk.watch(ASSURED)
    with pytest.raises(Refused):
        desk.watch(ASSURED)
    desk.watch(ASSURED, desk.buyer("zhao", "乙集团"))


@on_sqlite
def test_a_list_deleted_for_good_takes_its_alerts_along(desk: Desk) -> None:
    alert = desk.alert(Watched(shortlist_id=desk.shortlist()))
    with writing(desk.sessions) as session:
        session.execute(delete(Shortlist))
    with desk.sessions() as session:
        assert session.get(Alert, alert) is None


@pytest.mark.parametrize(
    ("cadence", "after", "due"),
    [
        (Cadence.DAILY, datetime(2026, 6, 1, 7, 59, tzinfo=UTC), datetime(2026, 6, 2, 0, 0, tzinfo=UTC)),
        (Cadence.DAILY, datetime(2026, 5, 31, 23, 59, tzinfo=UTC), datetime(2026, 6, 1, 0, 0, tzinfo=UTC)),
        (Cadence.DAILY, datetime(2026, 6, 1, 0, 0, tzinfo=UTC), datetime(2026, 6, 2, 0, 0, tzinfo=UTC)),
        (Cadence.WEEKLY, datetime(2026, 6, 1, 0, 0, tzinfo=UTC), datetime(2026, 6, 8, 0, 0, tzinfo=UTC)),
        (Cadence.WEEKLY, datetime(2026, 6, 5, 12, 0, tzinfo=UTC), datetime(2026, 6, 8, 0, 0, tzinfo=UTC)),
        (Cadence.WEEKLY, datetime(2026, 5, 31, 23, 0, tzinfo=UTC), datetime(2026, 6, 1, 0, 0, tzinfo=UTC)),
    ],
)
def test_when_it_looks_next(cadence: Cadence, after: datetime, due: datetime) -> None:
    """08:00 in China is midnight UTC; 2026-06-01 is a Monday."""
    assert next_due(cadence, after) == due
