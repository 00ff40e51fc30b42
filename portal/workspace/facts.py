"""What is public of a firm on a day, small enough to be kept beside it: status, levels, certificates, risks, rank.

For many firms with a handful of statements, from the database alone: it is the truth, an index may lag behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from portal.indexing.images import Image
from portal.models import Certificate, Edition, Ranking, Supplier
from portal.register.catalogue import Catalogue
from portal.register.loading import chunks
from portal.register.validity import counts, state_on

Rows = list[Row[*tuple[Any, ...]]]

ENDED = ("expired", "suspended", "revoked", "given_up")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the current edition of the firm's own sector."""

    edition: str
    position: int
    peers: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A firm's facts. `levels`: scheme → highest valid level ("" in a scheme without levels); `until`: its latest end.

    `certificates`: "scheme/key" → (state, the day it came to that) of those that count; `risks`: kinds answered yes.
    `gone`: "", "withdrawn" or "merged".
    """

    status: str = "unknown"
    gone: str = ""
    levels: dict[str, str] = msgspec.field(default_factory=dict)
    until: dict[str, date | None] = msgspec.field(default_factory=dict)
    certificates: dict[str, tuple[str, date | None]] = msgspec.field(default_factory=dict)
    risks: tuple[str, ...] = ()
    rank: Place | None = None


def stored(facts: Facts) -> dict[str, Any]:
    """For a JSON column."""
    kept: dict[str, Any] = msgspec.to_builtins(that_can_end(facts))
    return kept


def that_can_end(facts: Facts) -> Facts:
    """Without the certificates that are not valid: of those before, only the others can end."""
    valid = {key: found for key, found in facts.certificates.items() if found[0] == "valid"}
    return msgspec.structs.replace(facts, certificates=valid)


def loaded(kept: Mapping[str, Any]) -> Facts:
    """From a JSON column."""
    return msgspec.convert(kept, Facts)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads facts as of a day."""

    session: Session
    catalogue: Catalogue
    today: date

    def facts(self, ids: Iterable[int]) -> dict[int, Facts]:
        """The facts of those firms that exist, by id."""
        found: dict[int, Facts] = {}
        for some in chunks(ids):
            found |= self._some(some)
        return found

    def _some(self, ids: list[int]) -> dict[int, Facts]:
        certificates = self._by_firm(select(*_CERTIFICATE).where(Certificate.supplier_id.in_(ids)))
        ranks = self._by_firm(_ranks(ids))
        firms = self.session.execute(select(*_SUPPLIER).where(Supplier.id.in_(ids)))
        return {row.id: self._of(row, certificates.get(row.id, []), ranks.get(row.id, [])) for row in firms}

    def _by_firm(self, wanted: Select[*tuple[Any, ...]]) -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for row in self.session.execute(wanted):
            found.setdefault(row.supplier_id, []).append(row)
        return found

    def _of(self, firm: Any, certificates: Rows, ranks: Rows) -> Facts:
        counted = [row for row in certificates if counts(row, self.catalogue)]
        gone = "merged" if firm.merged_into_id else "withdrawn" if firm.withdrawn_at else ""
        place = next(iter(ranks), None)
        valid = [Held(row.scheme, row.level, row.expires_on) for row in counted if state_on(row, self.today) == "valid"]
        levels, until = best(valid, self.catalogue)
        return Facts(
            status=firm.status,
            gone=gone,
            levels=levels,
            until=until,
            certificates={f"{row.scheme}/{row.key}": self._state(row) for row in counted},
            risks=tuple(sorted(kind for kind, risk in firm.risks.items() if risk["answer"] == "yes")),
            rank=Place(edition=place.code, position=place.position, peers=place.peers) if place else None,
        )

    def _state(self, row: Any) -> tuple[str, date | None]:
        state = state_on(row, self.today)
        return state, row.expires_on if state == "expired" else row.state_on


class Held(NamedTuple):
    """A certificate that is valid and counts."""

    scheme: str
    level: str | None
    until: date | None


def best(valid: Iterable[Held], catalogue: Catalogue) -> tuple[dict[str, str], dict[str, date | None]]:
    """The highest level of each scheme, and its latest end; None: no end."""
    by_rank = sorted(valid, key=lambda held: level_rank(catalogue, held.scheme, held.level))
    levels = {held.scheme: held.level or "" for held in by_rank}
    ends: dict[str, list[date | None]] = {}
    for held in by_rank:
        if (held.level or "") == levels[held.scheme]:
            ends.setdefault(held.scheme, []).append(held.until)
    return levels, {scheme: None if None in found else max(found) for scheme, found in ends.items()}  # type: ignore[type-var]


def of_image(image: Image, catalogue: Catalogue) -> Facts:
    """The facts of a firm as it was when it came into the index."""
    document = image.document
    levels, until = best((Held(each.scheme, each.level, each.until) for each in document.certificates), catalogue)
    place = next((standing for standing in document.standings if standing.current), None)
    return Facts(
        status=document.status or "unknown",
        levels=levels,
        until=until,
        certificates=image.certificates,
        risks=image.risks,
        rank=Place(edition=place.edition, position=place.position, peers=place.peers) if place else None,
    )


def level_rank(catalogue: Catalogue, scheme: str, level: str | None) -> int:
    """How high a level is: 0 without a certificate or in a scheme without levels; unknown ones too."""
    known = catalogue.schemes.get(scheme)
    return next((one.rank for one in known.levels if one.code == level), 0) if known else 0


_SUPPLIER = (Supplier.id, Supplier.status, Supplier.risks, Supplier.withdrawn_at, Supplier.merged_into_id)
_CERTIFICATE = (
    Certificate.supplier_id,
    Certificate.scheme,
    Certificate.key,
    Certificate.level,
    Certificate.basis,
    Certificate.state,
    Certificate.state_on,
    Certificate.issued_on,
    Certificate.expires_on,
)


def _ranks(ids: list[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(Ranking.supplier_id, Edition.code, Ranking.position, Edition.peers)
        .join(Edition, Edition.id == Ranking.edition_id)
        .join(Supplier, Supplier.id == Ranking.supplier_id)
        .where(Ranking.supplier_id.in_(ids), Edition.current.is_(True), Edition.sector == Supplier.sector)
    )
