"""News of watched firms, and certificates that end soon: what is told, in which order, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.models import OwnList, OwnRow, RowState, Shortlist, Supplier
from portal.register.facts import CertificateFacts, CertificateState, SupplierRecord
from portal.register.writer import Writer
from portal.workspace import entries, watched
from portal.workspace.buyer import Buyer
from portal.workspace.changes import What
from portal.workspace.expiring import Expiring, expiring
from portal.workspace.facts import stored
from portal.workspace.watched import Kind, Watch, watch
from tests.factories import certificate_facts, credit_code, edition_facts, ranking_facts, record, supplier_key
from tests.portal.workspace.conftest import START, TODAY, Keeping

Write = Callable[..., None]


@pytest.fixture
def listed(kept: Keeping, firms: list[str]) -> Shortlist:
    made = kept.make()
    entries.add(kept.hand(made), firms[:3], kept.reader())
    return made


def own(kept: Keeping, *numbers: int, checked: bool = True) -> OwnList:
    """A list of Wang's organisation that holds these firms."""
    made = OwnList(
        organisation_id=kept.wang.organisation_id,
        owner_id=kept.wang.id,
        name="台账",
        checked_at=START if checked else None,
    )
    kept.session.add(made)
    kept.session.flush()
    codes = [credit_code(number) for number in numbers]
    ids = kept.session.scalars(select(Supplier.id).where(Supplier.number.in_(codes))).all()
    for line, (firm, facts) in enumerate(kept.reader().facts(ids).items(), start=1):
        kept.session.add(
            OwnRow(
                own_list_id=made.id,
                organisation_id=made.organisation_id,
                line=line,
                state=RowState.MATCHED,
                supplier_id=firm,
                facts=stored(facts),
            )
        )
    kept.session.flush()
    return made


def quiet(kept: Keeping) -> None:
    """Let the firms have been written long ago."""
    kept.session.execute(update(Supplier).values(updated_at=START - timedelta(days=30)))


def seen(
    kept: Keeping, buyer: Buyer | None = None, today: date = TODAY, published: dict[str, date] | None = None
) -> Watch:
    kept.session.flush()
    kept.session.expire_all()
    return watch(kept.reader(today), buyer or kept.wang, published or {})


def ending(kept: Keeping, buyer: Buyer | None = None, **part: Any) -> Expiring:
    kept.session.flush()
    return expiring(kept.reader(), buyer or kept.wang, **{"limit": 20, **part})


def test_nothing_is_told_of_what_has_not_changed(kept: Keeping, listed: Shortlist) -> None:
    own(kept, 4)
    assert seen(kept) == Watch((), {}, cut=False)
    quiet(kept)
    assert seen(kept) == Watch((), {}, cut=False)


def test_a_firm_is_told_once_with_every_list_that_holds_it(kept: Keeping, listed: Shortlist, write: Write) -> None:
    other = kept.make("备选")
    entries.add(kept.hand(other), [supplier_key(1)], kept.reader())
    held = own(kept, 1, 4)
    write(1, level="inspection")
    write(4, level="excellence")
    found = seen(kept)
    first, second = found.news
    assert (first.key, second.key) == (supplier_key(1), supplier_key(4))  # the worse one first, of one day
    assert first.changes[0].what is What.LEVEL
    assert {(place.kind, place.id) for place in first.places} == {
        (Kind.SHORTLIST, listed.id),
        (Kind.SHORTLIST, other.id),
        (Kind.OWN, held.id),
    }
    assert found.changed == {listed.id: 1, other.id: 1}


def test_what_was_taken_note_of_is_no_news(kept: Keeping, listed: Shortlist, write: Write) -> None:
    write(1, level="inspection")
    assert len(seen(kept).news) == 1
    entries.take_note(kept.hand(listed), [entry.id for entry in kept.entries(listed)], kept.reader())
    assert seen(kept).news == ()


def test_the_newest_is_told_first(kept: Keeping, listed: Shortlist, write: Write) -> None:
    write(1, expires_on=TODAY + timedelta(days=10))
    write(2, expires_on=TODAY + timedelta(days=20))
    entries.take_note(kept.hand(listed), [entry.id for entry in kept.entries(listed)], kept.reader())
    quiet(kept)
    assert seen(kept, today=TODAY + timedelta(days=10)).news == ()  # its last day
    found = seen(kept, today=TODAY + timedelta(days=30)).news
    assert [(one.key, one.on) for one in found] == [
        (supplier_key(2), TODAY + timedelta(days=20)),
        (supplier_key(1), TODAY + timedelta(days=10)),
    ]


def test_a_new_edition_is_news_of_the_day_it_came_out(kept: Keeping, listed: Shortlist, writer: Writer) -> None:
    writer.publish_edition(edition_facts(), [ranking_facts(2, 1), ranking_facts(1, 2)])
    quiet(kept)
    found = seen(kept, published={"machinery-2025": TODAY + timedelta(days=3)}).news
    assert [(one.key, one.on) for one in found] == [
        (supplier_key(1), TODAY + timedelta(days=3)),
        (supplier_key(2), TODAY + timedelta(days=3)),
    ]


def test_a_withdrawn_firm_is_news(kept: Keeping, listed: Shortlist, writer: Writer) -> None:
    writer.withdraw(supplier_key(1), reason="重复")
    (one,) = seen(kept).news
    assert one.changes[0].what is What.GONE


def test_a_list_that_was_never_checked_tells_nothing(kept: Keeping, write: Write) -> None:
    own(kept, 1, checked=False)
    write(1, level="inspection")
    assert seen(kept).news == ()


def test_the_bound_says_so(kept: Keeping, listed: Shortlist, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "MOST", 2)
    for number in (1, 2, 3):
        write(number, level="inspection")
    found = seen(kept)
    assert (len(found.news), found.cut) == (2, True)


def test_nobody_hears_of_another_s_lists(kept: Keeping, write: Write) -> None:
    private = kept.make("私", shared=False)
    entries.add(kept.hand(private), [supplier_key(1)], kept.reader())
    write(1, level="inspection", expires_on=TODAY + timedelta(days=10))
    assert len(seen(kept).news) == 1
    assert ending(kept).total == 1
    for stranger in (kept.li, kept.other):
        assert seen(kept, stranger) == Watch((), {}, cut=False)
        assert ending(kept, stranger) == Expiring((), 0)
    own(kept, 1)
    assert ending(kept, kept.li).total == 1
    assert ending(kept, kept.other) == Expiring((), 0)


def test_certificates_that_end_soon_by_their_day(kept: Keeping, listed: Shortlist, write: Write) -> None:
    own(kept, 1, 4)
    for number, days in ((1, 90), (2, 0), (3, 91), (4, 5), (5, 5)):
        write(number, expires_on=TODAY + timedelta(days=days))
    found = ending(kept)
    assert [row.number for row in found.rows] == [credit_code(number) for number in (2, 4, 1)]
    assert found.total == 3
    assert [row.number for row in ending(kept, limit=1, offset=1).rows] == [credit_code(4)]


def test_what_was_renewed_suspended_or_does_not_count_is_left_out(
    kept: Keeping, listed: Shortlist, writer: Writer
) -> None:
    soon = TODAY + timedelta(days=10)

    def hold(number: int, *certificates: CertificateFacts) -> None:
        writer.write([SupplierRecord(supplier=record(number).supplier, certificates=certificates)])

    hold(1, certificate_facts("Q-1-0", expires_on=soon), certificate_facts("renewed", expires_on=date(2030, 1, 1)))
    hold(2, certificate_facts("Q-2-0", expires_on=soon, state=CertificateState.SUSPENDED, state_on=TODAY))
    hold(3, certificate_facts("I-3", scheme="gbt19001", level=None, expires_on=soon, basis="self"))
    assert ending(kept).total == 0
    hold(3, certificate_facts("I-3", scheme="gbt19001", level=None, expires_on=soon, basis="third_party"))
    assert ending(kept).total == 1
