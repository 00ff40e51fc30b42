"""Buyers of one organisation and of another, and firms, in the transaction that is rolled back.

`kept` makes what the workspace's functions are given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions
from portal.models import Organisation, OrganisationState, Role, Shortlist, ShortlistEntry, User
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.workspace import shortlists
from portal.workspace.buyer import Buyer
from portal.workspace.entries import Hand
from portal.workspace.facts import Reader
from search import SearchEngine
from tests.factories import certificate_facts, record, supplier_key
from tests.portal.alerting import Desk
from tests.portal.indexing import write as enter

TODAY = date(2026, 6, 1)
START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@dataclass
class Keeping:
    """Buyers at their lists; each act is a second later than the last one."""

    session: Session
    catalogue: Catalogue
    wang: Buyer
    li: Buyer
    other: Buyer
    seconds: count[int] = field(default_factory=count)

    def now(self) -> datetime:
        return START + timedelta(seconds=next(self.seconds))

    def make(self, name: str = "轴承", buyer: Buyer | None = None, *, shared: bool = True) -> Shortlist:
        return shortlists.create(self.session, buyer or self.wang, self.now(), name=name, shared=shared)

    def hand(self, shortlist: Shortlist, buyer: Buyer | None = None) -> Hand:
        return Hand(self.session, buyer or self.wang, shortlist, self.now())

    def reader(self, today: date = TODAY) -> Reader:
        return Reader(self.session, self.catalogue, today)

    def entries(self, shortlist: Shortlist) -> list[ShortlistEntry]:
        self.session.flush()
        of_list = select(ShortlistEntry).where(ShortlistEntry.shortlist_id == shortlist.id)
        return list(self.session.scalars(of_list.order_by(ShortlistEntry.supplier_id)))


@pytest.fixture
def firms(writer: Writer) -> list[str]:
    """Keys of five firms, each with a certificate at level 保证级."""
    writer.write([record(number) for number in range(1, 6)])
    return [supplier_key(number) for number in range(1, 6)]


@pytest.fixture
def kept(session: Session, catalogue: Catalogue, firms: list[str]) -> Keeping:
    def buyer(organisation: Organisation, name: str) -> Buyer:
        user = User(
            organisation_id=organisation.id, sign_in=f"{name}@example.com", name=name, role=Role.BUYER, language="zh"
        )
        session.add(user)
        session.flush()
        return Buyer(user.id, organisation.id)

    mine, theirs = (
        Organisation(kind="buyer", name=name, state=OrganisationState.APPROVED) for name in ("甲集团", "乙集团")
    )
    session.add_all([mine, theirs])
    session.flush()
    return Keeping(session, catalogue, buyer(mine, "wang"), buyer(mine, "li"), buyer(theirs, "zhao"))


@pytest.fixture
def write(writer: Writer) -> Callable[..., None]:
    """`write(1, level="excellence")`: the first firm's certificate says that from now on."""

    def again(number: int, **stated: object) -> None:
        held = certificate_facts(f"Q-{number}-0", **stated)
        writer.write([SupplierRecord(supplier=record(number).supplier, certificates=(held,))])

    return again


@pytest.fixture
def desk(sessions: Sessions, engine: SearchEngine, catalogue: Catalogue) -> Desk:
    """Three firms at 保证级, in the index."""
    made = Desk(sessions, engine, catalogue)
    enter(sessions, catalogue, *(record(number) for number in (1, 2, 3)))
    made.build()
    return made
