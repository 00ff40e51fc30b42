"""What tests of alerts share: a desk with a register, an index and buyers, on which changes come in and alerts look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.indexing import leases
from portal.indexing.draining import drain_step
from portal.indexing.rebuild import Rebuild
from portal.indexing.sessions import Sessions, writing
from portal.models import (
    Alert,
    AlertChannel,
    AlertDelivery,
    AlertDigest,
    Cadence,
    ChangeNote,
    Conditions,
    Message,
    Organisation,
    OrganisationState,
    Role,
    Shortlist,
    ShortlistEntry,
    Supplier,
    User,
)
from portal.notices import Notice
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.workspace import alerts, conditions
from portal.workspace.alert_running import Letter, run_due
from portal.workspace.alerts import Watched, Way
from portal.workspace.buyer import Buyer
from portal.workspace.conditions import Draft, Hand, Member
from portal.workspace.digests import Kind, Told, loaded
from search import LevelChoice, SearchEngine, SearchQuery
from tests.factories import certificate_facts, key_only
from tests.portal.indexing import TODAY, withdraw, write

START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in China: an hour after alerts have looked."""

MAIL = Way(Cadence.DAILY, AlertChannel.MAIL)
WEEKLY = Way(Cadence.WEEKLY, AlertChannel.MAIL)
ASSURED = SearchQuery(levels_min=(LevelChoice("quality_capability", "assurance"),))
DAY = timedelta(days=1)


def letter_of(letter: Letter) -> Notice:
    """A mail that says what it was made of."""
    counts = " ".join(f"{kind}={count}" for kind, count in letter.counts.items())
    return Notice(subject=letter.name, body=f"{letter.language} {counts}", sms="")


@dataclass
class Desk:
    """`write`, `withdraw`: the register changes and the index learns of it. `look`: the alerts that are due look."""

    sessions: Sessions
    engine: SearchEngine
    catalogue: Catalogue
    buyers: dict[str, Buyer] = field(default_factory=dict)

    def build(self) -> None:
        Rebuild(self.sessions, self.engine, self.catalogue, on=TODAY).run()

    def drain(self) -> None:
        assert leases.acquire(self.sessions, leases.DRAIN, "desk")
        while drain_step(self.sessions, self.engine, self.catalogue, on=TODAY, holder="desk"):
            pass
        leases.release(self.sessions, leases.DRAIN, "desk")

    def write(self, *records: SupplierRecord) -> None:
        write(self.sessions, self.catalogue, *records)
        self.drain()

    def withdraw(self, key: str) -> None:
        withdraw(self.sessions, self.catalogue, key)
        self.drain()

    def buyer(self, name: str = "wang", organisation: str = "甲集团", *, language: str = "zh") -> Buyer:
        if name not in self.buyers:
            with writing(self.sessions) as session:
                of = session.scalars(select(Organisation).where(Organisation.name == organisation)).one_or_none()
                if of is None:
                    of = Organisation(kind="buyer", name=organisation, state=OrganisationState.APPROVED)
                    session.add(of)
                    session.flush()
                user = User(
                    organisation_id=of.id,
                    sign_in=f"{name}@example.com",
                    name=name,
                    role=Role.BUYER,
                    language=language,
                )
                session.add(user)
                session.flush()
                self.buyers[name] = Buyer(user.id, of.id)
        return self.buyers[name]

    def conditions(self, query: SearchQuery, buyer: Buyer | None = None, address: str = "", shared: bool = True) -> int:
        who = buyer or self.buyer()
        with writing(self.sessions) as session:
            draft = Draft("轴承", "", address, query)
            return conditions.keep(session, self._hand(who), draft, shared=shared).id

    def edit(self, kept: int, query: SearchQuery, name: str = "轴承") -> None:
        with writing(self.sessions) as session:
            row = session.get_one(Conditions, kept)
            conditions.change(session, row, row.version, Draft(name, "", "", query), self._hand(self.buyer()))

    @staticmethod
    def _hand(buyer: Buyer) -> Hand:
        return Hand(Member(buyer.organisation_id, buyer.id), START)

    def shortlist(self, *keys: str) -> int:
        who = self.buyer()
        with writing(self.sessions) as session:
            made = Shortlist(organisation_id=who.organisation_id, owner_id=who.id, name="候选", shared=True)
            session.add(made)
            session.flush()
            self._put(session, made.id, keys)
            return made.id

    def put(self, shortlist: int, *keys: str) -> None:
        with writing(self.sessions) as session:
            self._put(session, shortlist, keys)

    def take(self, shortlist: int, key: str) -> None:
        with writing(self.sessions) as session:
            entry = select(ShortlistEntry).where(
                ShortlistEntry.shortlist_id == shortlist, ShortlistEntry.supplier_id == self._id(session, key)
            )
            session.delete(session.scalars(entry).one())

    def _put(self, session: Session, shortlist: int, keys: tuple[str, ...]) -> None:
        for key in keys:
            session.add(
                ShortlistEntry(shortlist_id=shortlist, supplier_id=self._id(session, key), added_by_id=self.buyer().id)
            )

    @staticmethod
    def _id(session: Session, key: str) -> int:
        scheme, _, number = key.partition("/")
        return session.scalars(select(Supplier.id).where(Supplier.scheme == scheme, Supplier.number == number)).one()

    def alert(self, watched: Watched, buyer: Buyer | None = None, at: datetime = START, way: Way = MAIL) -> int:
        with writing(self.sessions) as session:
            return alerts.create(session, buyer or self.buyer(), watched, way, at).id

    def watch(self, query: SearchQuery, buyer: Buyer | None = None, way: Way = MAIL, at: datetime = START) -> int:
        """An alert of conditions that ask this."""
        return self.alert(Watched(conditions_id=self.conditions(query, buyer)), buyer, at, way)

    def look(self, at: datetime = START + DAY) -> int:
        return run_due(self.sessions, self.catalogue, letter_of, at)

    def row(self, alert: int) -> Alert:
        with self.sessions() as session:
            return session.get_one(Alert, alert)

    def digests(self, alert: int) -> list[AlertDigest]:
        with self.sessions() as session:
            wanted = select(AlertDigest).where(AlertDigest.alert_id == alert).order_by(AlertDigest.id)
            return list(session.scalars(wanted))

    def deliveries(self, alert: int) -> list[AlertDelivery]:
        with self.sessions() as session:
            wanted = select(AlertDelivery).where(AlertDelivery.alert_id == alert).order_by(AlertDelivery.id)
            return list(session.scalars(wanted))

    def messages(self) -> list[Message]:
        with self.sessions() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def told(self, alert: int) -> list[list[Told]]:
        """The firms of each digest, the oldest first."""
        return [loaded(digest.content) for digest in self.digests(alert)]

    def said(self, alert: int) -> list[set[tuple[str, str]]]:
        """(kind, key) of each digest's firms."""
        return [{(one.kind.value, one.key) for one in told} for told in self.told(alert)]


ENTERED, LEFT, CHANGED = Kind.ENTERED.value, Kind.LEFT.value, Kind.CHANGED.value


def level(number: int, code: str) -> SupplierRecord:
    """The firm's certificate says that level from now on."""
    held = certificate_facts(f"Q-{number}-0", level=code)
    return SupplierRecord(supplier=key_only(number), certificates=(held,))


def notes(desk: Desk) -> int:
    """How many wait for some alert to look."""
    with desk.sessions() as session:
        return session.scalar(select(func.count(ChangeNote.id))) or 0
