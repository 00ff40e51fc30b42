"""The rows behind a page of cards: a handful of IN queries whatever the number of firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Date, bindparam, or_, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Certificate, Profile, Provenance, Ranking, Recognition, Supplier, table_of
from portal.profiles.visible import OWN, Own, own_of, with_own
from portal.register.sample.generator import PROVENANCE
from portal.register.showing import as_shown


class FirmRow(NamedTuple):
    """The columns of a supplier that a card shows or that a text may match; an entity would be made of all thirty."""

    id: int
    scheme: str
    number: str
    name_zh: str
    name_en: str
    former_names: list[Any]
    sector: str
    size: str | None
    status: str
    region: str | None
    description_zh: str
    description_en: str
    industries: list[Any]
    processes: list[Any]
    products_zh: list[Any]
    products_en: list[Any]
    sites: list[Any]
    self_declared: list[Any]
    profile_hidden_at: datetime | None

    @property
    def key(self) -> str:
        """As Supplier.key."""
        return f"{self.scheme}/{self.number}"


class CertificateRow(NamedTuple):
    """What a card needs of a certificate."""

    scheme: str
    level: str | None
    basis: str
    state: str
    issued_on: date
    expires_on: date | None
    scope: str


class RankRow(NamedTuple):
    """A firm's place in an edition, by the edition's id."""

    edition_id: int
    position: int
    score: int | None
    grade: str


@dataclass(slots=True)
class Firm:
    """A supplier with what a card shows of it, what it publicly says of itself among it.

    `marks`: the results; None: not asked for, or not assessed.
    """

    row: FirmRow
    fictional: bool = False
    certificates: list[CertificateRow] = field(default_factory=list)
    tiers: list[tuple[str, date]] = field(default_factory=list)
    ranks: list[RankRow] = field(default_factory=list)
    marks: str | None = None


def is_fictional(issuing_body: str | None) -> bool:
    """Whether facts of that body are the sample's inventions."""
    return issuing_body == PROVENANCE.issuing_body


@dataclass(frozen=True, slots=True)
class Wanted:
    """What else of firms is read: marks of `criteria`, places in these `editions`.

    `owns`: own words by the firm's id, in place of those that are published.
    """

    criteria: bool
    editions: tuple[int, ...]
    owns: Mapping[int, Own]


def read_firms(session: Session, keys: Sequence[str], today: date, wanted: Wanted) -> dict[str, Firm]:
    """The firms of these keys that are not withdrawn, with valid certificates, tiers in force, and what is wanted."""
    if not keys:
        return {}
    asked = [key.partition("/") for key in keys]
    given = {"schemes": sorted({scheme for scheme, _, _ in asked}), "numbers": [number for _, _, number in asked]}
    # The connection, not the session: columns need no bookkeeping of objects, which costs more than they do.
    connection = session.connection()
    firms: dict[int, Firm] = {}
    for body, *values in connection.execute(_FIRMS, given).all():
        row = FirmRow._make(values[len(OWN) :])
        own = wanted.owns.get(row.id) or own_of(*values[: len(OWN)])
        firms[row.id] = Firm(with_own(as_shown(row), own), fictional=is_fictional(body))
    if firms:
        ids = list(firms)
        _add_facts(connection, firms, {"ids": ids, "today": today})
        if wanted.editions:
            for supplier_id, *values in connection.execute(_RANKS, {"ids": ids, "editions": wanted.editions}).all():
                firms[supplier_id].ranks.append(RankRow._make(values))
        if wanted.criteria:
            for supplier_id, marks in connection.execute(_MARKS, {"ids": ids}).all():
                firms[supplier_id].marks = marks
    return {firm.row.key: firm for firm in firms.values()}


def _add_facts(connection: Connection, firms: dict[int, Firm], given: dict[str, Any]) -> None:
    for supplier_id, *values in connection.execute(_CERTIFICATES, given).all():
        firms[supplier_id].certificates.append(CertificateRow._make(values))
    for supplier_id, tier, expires_on in connection.execute(_TIERS, given).all():
        firms[supplier_id].tiers.append((tier, expires_on))


# Made once: putting a statement together costs as much as running it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TODAY: BindParameter[date] = bindparam("today", type_=Date)

_SUPPLIER, _PROVENANCE, _CERTIFICATE = table_of(Supplier).c, table_of(Provenance).c, table_of(Certificate).c
_RECOGNITION, _RANKING, _ASSESSMENT = table_of(Recognition).c, table_of(Ranking).c, table_of(Assessment).c

# With several schemes a firm may come along that has another one's number; whoever asks looks firms up by key.
_FIRMS = (
    select(_PROVENANCE.issuing_body, *OWN, *(_SUPPLIER[name] for name in FirmRow._fields))
    .select_from(table_of(Supplier).outerjoin(table_of(Provenance)).outerjoin(table_of(Profile)))
    .where(
        _SUPPLIER.scheme.in_(bindparam("schemes", expanding=True)),
        _SUPPLIER.number.in_(bindparam("numbers", expanding=True)),
        _SUPPLIER.withdrawn_at.is_(None),
    )
)
_CERTIFICATES = select(_CERTIFICATE.supplier_id, *(_CERTIFICATE[name] for name in CertificateRow._fields)).where(
    _CERTIFICATE.supplier_id.in_(_IDS),
    _CERTIFICATE.state == "valid",
    _CERTIFICATE.issued_on <= _TODAY,
    or_(_CERTIFICATE.expires_on.is_(None), _CERTIFICATE.expires_on >= _TODAY),
)
_TIERS = select(_RECOGNITION.supplier_id, _RECOGNITION.tier, _RECOGNITION.expires_on).where(
    _RECOGNITION.supplier_id.in_(_IDS), _RECOGNITION.recognised_on <= _TODAY, _RECOGNITION.expires_on >= _TODAY
)
_RANKS = select(_RANKING.supplier_id, *(_RANKING[name] for name in RankRow._fields)).where(
    _RANKING.supplier_id.in_(_IDS), _RANKING.edition_id.in_(bindparam("editions", expanding=True))
)
_MARKS = select(_ASSESSMENT.supplier_id, _ASSESSMENT.marks).where(
    _ASSESSMENT.supplier_id.in_(_IDS), _ASSESSMENT.current.is_(True)
)
