"""What changed of a firm since it was put on a list, from the register as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from portal.models import Shortlist, Supplier
from portal.register.catalogue import Catalogue
from portal.register.facts import CertificateState, RiskFact, SupplierRecord
from portal.register.writer import Writer
from portal.workspace import entries
from portal.workspace.changes import Change, What, changes
from portal.workspace.facts import Facts, Place, loaded, stored
from tests.factories import (
    certificate_facts,
    credit_code,
    edition_facts,
    ranking_facts,
    record,
    supplier_facts,
    supplier_key,
)
from tests.portal.workspace.conftest import TODAY, Keeping

Write = Callable[..., None]
QUALITY = "quality_capability"


@pytest.fixture
def listed(kept: Keeping, firms: list[str]) -> Shortlist:
    made = kept.make()
    entries.add(kept.hand(made), firms, kept.reader())
    return made


def changed(kept: Keeping, shortlist: Shortlist, today: date = TODAY, place: int = 0) -> tuple[Change, ...]:
    kept.session.flush()
    kept.session.expire_all()
    entry = kept.entries(shortlist)[place]
    now = kept.reader(today).facts([entry.supplier_id])[entry.supplier_id]
    return changes(loaded(entry.facts), now, kept.catalogue)


def test_nothing_has_changed(kept: Keeping, listed: Shortlist) -> None:
    assert changed(kept, listed) == ()


def test_a_level_down_and_up(kept: Keeping, listed: Shortlist, write: Write) -> None:
    write(1, level="inspection")
    (down,) = changed(kept, listed)
    assert down == Change(what=What.LEVEL, subject=QUALITY, worse=True, before="assurance", after="inspection")
    write(1, level="excellence")
    (up,) = changed(kept, listed)
    assert up == Change(what=What.LEVEL, subject=QUALITY, worse=False, before="assurance", after="excellence")


@pytest.mark.parametrize("state", ["suspended", "revoked", "given_up"])
def test_a_certificate_that_ended_says_how_and_when(kept: Keeping, listed: Shortlist, write: Write, state: str) -> None:
    write(1, state=CertificateState(state), state_on=date(2026, 5, 20))
    expected = Change(
        what=What.LEVEL, worse=True, subject=QUALITY, before="assurance", cause=state, on=date(2026, 5, 20)
    )
    assert changed(kept, listed) == (expected,)


def test_a_certificate_runs_out_by_the_date_alone(kept: Keeping, firms: list[str], write: Write) -> None:
    write(1, expires_on=date(2026, 6, 30))
    made = kept.make()
    entries.add(kept.hand(made), firms[:1], kept.reader())
    assert changed(kept, made, date(2026, 6, 30)) == ()
    (found,) = changed(kept, made, date(2026, 7, 1))
    assert (found.what, found.cause, found.on) == (What.LEVEL, "expired", date(2026, 6, 30))


def test_a_renewal_is_no_news_but_a_suspension_beside_it_is(kept: Keeping, listed: Shortlist, writer: Writer) -> None:
    old = certificate_facts("Q-1-0", expires_on=date(2026, 6, 30))
    renewed = certificate_facts("Q-1-new")
    writer.write([SupplierRecord(supplier=supplier_facts(1), certificates=(old, renewed))])
    assert changed(kept, listed, date(2026, 8, 1)) == ()
    suspended = certificate_facts("Q-1-0", state=CertificateState.SUSPENDED, state_on=date(2026, 6, 2))
    writer.write([SupplierRecord(supplier=supplier_facts(1), certificates=(suspended,))])
    (found,) = changed(kept, listed)
    assert (found.what, found.after, found.on) == (What.CERTIFICATE, "suspended", date(2026, 6, 2))


def test_risks_and_registration(kept: Keeping, listed: Shortlist, writer: Writer) -> None:
    kind = next(iter(kept.catalogue.risk_kinds))
    risk = RiskFact(answer=True, source="示范平台", checked_on=date(2026, 5, 30))
    writer.write([SupplierRecord(supplier=supplier_facts(1, status="suspended", risks={kind: risk}))])
    found = changed(kept, listed)
    assert [(change.what, change.worse) for change in found] == [(What.RISK, True), (What.STATUS, True)]
    entries.take_note(kept.hand(listed), [kept.entries(listed)[0].id], kept.reader())
    assert changed(kept, listed) == ()
    cleared = RiskFact(answer=False, source="示范平台", checked_on=date(2026, 5, 31))
    writer.write([SupplierRecord(supplier=supplier_facts(1, status="active", risks={kind: cleared}))])
    assert [change.worse for change in changed(kept, listed)] == [False, False]


def test_a_rank_moves_with_a_new_edition(kept: Keeping, listed: Shortlist, writer: Writer) -> None:
    places = [ranking_facts(number, place) for place, number in enumerate((1, 2, 3, 4), start=1)]
    writer.publish_edition(edition_facts("machinery-2025"), places)
    (new,) = changed(kept, listed)
    assert (new.what, new.worse, new.before, new.after) == (What.RANK, False, None, "1/4")
    entries.take_note(kept.hand(listed), [entry.id for entry in kept.entries(listed)], kept.reader())
    moved = [ranking_facts(number, place) for place, number in enumerate((2, 1, 3), start=1)]
    writer.publish_edition(edition_facts("machinery-2026", period="2026", as_of=date(2026, 3, 1)), moved)
    (down,) = changed(kept, listed)
    assert (down.subject, down.worse, down.before, down.after) == ("machinery-2026", True, "1/4", "2/3")
    (up,) = changed(kept, listed, place=1)
    assert (up.worse, up.after) == (False, "1/3")
    (gone,) = changed(kept, listed, place=3)
    assert (gone.worse, gone.before, gone.after) == (True, "4/4", None)
    assert changed(kept, listed, place=4) == ()


def test_a_firm_that_is_gone_says_just_that(kept: Keeping, listed: Shortlist, writer: Writer, write: Write) -> None:
    write(1, level="inspection")
    writer.withdraw(supplier_key(1), reason="重复")
    assert changed(kept, listed) == (Change(what=What.GONE, worse=True, after="withdrawn"),)
    second, third = (
        kept.session.scalars(select(Supplier).where(Supplier.number == credit_code(n))).one() for n in (2, 3)
    )
    second.merged_into_id, second.withdrawn_at = third.id, kept.now()
    assert changed(kept, listed, place=1) == (Change(what=What.GONE, worse=True, after="merged"),)


def test_equal_shares_of_two_editions_are_no_move(catalogue: Catalogue) -> None:
    first = Facts(rank=Place(edition="a", position=1, peers=4))
    second = Facts(rank=Place(edition="b", position=2, peers=8))
    assert changes(first, second, catalogue) == ()


def test_facts_survive_the_database(kept: Keeping, listed: Shortlist) -> None:
    entry = kept.entries(listed)[0]
    facts = kept.reader().facts([entry.supplier_id])[entry.supplier_id]
    assert facts.levels == {QUALITY: "assurance"}
    assert loaded(stored(facts)) == facts


def test_a_list_of_any_size_takes_three_statements(kept: Keeping, listed: Shortlist, writer: Writer) -> None:
    writer.write([record(number) for number in range(10, 60)])
    ids = list(kept.session.scalars(select(Supplier.id)))
    asked: list[Any] = []
    engine = kept.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert len(kept.reader().facts(ids)) == 55
    assert len(asked) == 3
