"""Documents for the index, made from the register: public facts only, as of a day in China.

To them comes what the firm publicly says of itself (portal.profiles.visible).

A certificate counts while it is valid, on a basis that its scheme counts, from its first day to the end of its last.
Recognitions likewise. A firm's place is where it produces, else where it is registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from portal.indexing.firms import FirmRows, read_firms
from portal.indexing.flags import FLAGS
from portal.indexing.images import Image
from portal.indexing.sorting import sort_key
from portal.indexing.vocabulary import vocabulary
from portal.profiles.content import NOTHING
from portal.profiles.visible import Stated, official_only, stated, texts
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.facts import CertificateState
from portal.register.marks import met_codes
from portal.register.showing import achievements_shown, as_shown
from portal.register.validity import counts, state_on
from search.contract import Change, HeldCertificate, Standing, SupplierDocument, Tombstone

__all__ = ["FLAGS", "DocumentMaker", "documents", "vocabulary"]


def documents(
    session: Session, catalogue: Catalogue, supplier_ids: Iterable[int], on: date | None = None
) -> list[Change]:
    """The documents of those firms that exist, tombstones for withdrawn ones; `on` defaults to today in China."""
    maker = DocumentMaker(catalogue, on or today_china())
    return [maker.change(firm) for firm in read_firms(session, supplier_ids)]


class DocumentMaker:
    """Makes documents as of a day. Codes that the catalogue does not know (any more) are left out."""

    def __init__(self, catalogue: Catalogue, on: date) -> None:
        self._catalogue = catalogue
        self._on = on
        self._names = lru_cache(maxsize=None)(self._names_of)

    def change(self, firm: FirmRows) -> Change:
        """The firm's document, or its tombstone if it is withdrawn. `firm` is left as what of it is shown."""
        firm.achievements = achievements_shown(firm.supplier, firm.achievements)
        row = firm.supplier = as_shown(firm.supplier)
        key = f"{row.scheme}/{row.number}"
        if row.withdrawn_at is not None:
            return Tombstone(key, row.index_version)
        says = stated(row, firm.own)
        held = self._held(firm)
        tiers = self._tiers(firm)
        industries = self._paths(row.industries, self._catalogue.industry_path)
        regions = self._regions(says, row.region)
        processes = self._known([item["code"] for item in says.processes], self._catalogue.processes)
        assessed = firm.assessments[0] if firm.assessments else None
        return SupplierDocument(
            id=key,
            version=row.index_version,
            names=_texts(row.name_zh, row.name_en, *(item["name"] for item in row.former_names)),
            codes=_texts(
                row.number,
                *(other.number for other in firm.merged),
                *(certificate.number for certificate in firm.certificates),
            ),
            products=_texts(*dict.fromkeys((*says.products_zh, *says.products_en))),
            texts=tuple(self._texts(firm, says, (industries, regions, processes))),
            sort_name=sort_key(row.name_zh or row.name_en),
            sector=row.sector,
            industries=industries,
            processes=processes,
            tiers=tiers,
            size=row.size if row.size in self._catalogue.sizes else None,
            status=row.status if row.status in self._catalogue.statuses else None,
            regions=regions,
            certificates=held,
            criteria_met=() if assessed is None else self._met(assessed.marks),
            assessed_on=None if assessed is None else assessed.assessed_on,
            standings=tuple(_standings(firm)),
            flags=tuple(code for code, holds in self._flags(firm, says, (held, tiers, regions)).items() if holds),
            listed=max(0, int(row.listed_at.timestamp())),
        )

    def image(self, firm: FirmRows, document: SupplierDocument) -> Image:
        """The firm with its document, to be kept until it changes."""
        row = firm.supplier
        return Image(
            document=document,
            name_zh=row.name_zh,
            name_en=row.name_en,
            risks=tuple(sorted(kind for kind, risk in row.risks.items() if risk["answer"] == "yes")),
            certificates={
                f"{held.scheme}/{held.key}": (
                    (state := state_on(held, self._on)),
                    held.expires_on if state == "expired" else held.state_on,
                )
                for held in sorted(firm.certificates, key=attrgetter("scheme", "key"))
                if counts(held, self._catalogue)
            },
        )

    def _held(self, firm: FirmRows) -> tuple[HeldCertificate, ...]:
        return tuple(
            HeldCertificate(row.scheme, row.level, row.issued_on, row.expires_on)
            for row in firm.certificates
            if row.state == CertificateState.VALID
            and self._runs(row.issued_on, row.expires_on)
            and counts(row, self._catalogue)
        )

    def _runs(self, first: date, last: date | None) -> bool:
        return first <= self._on and (last is None or self._on <= last)

    def _tiers(self, firm: FirmRows) -> tuple[str, ...]:
        running = [row.tier for row in firm.recognitions if self._runs(row.recognised_on, row.expires_on)]
        return self._known(running, self._catalogue.tiers)

    def _regions(self, says: Stated, registered: str | None) -> tuple[tuple[str, ...], ...]:
        sites = [site["region"] for site in says.sites if site.get("region")]
        return self._paths(sites or ([registered] if registered else []), self._catalogue.region_path)

    def _met(self, marks: str) -> tuple[str, ...]:
        known = self._catalogue.criteria
        return tuple([code for code in met_codes(marks) if code in known])

    def _texts(self, firm: FirmRows, says: Stated, paths: tuple[Any, Any, Iterable[str]]) -> Iterator[str]:
        """What else a firm is found by: what it says of itself, scopes, and names of its industries and places."""
        industries, regions, processes = paths
        yield from _texts(says.description_zh, says.description_en)
        yield from texts(firm.own.said) if firm.own else ()
        yield from _texts(*dict.fromkeys(c.scope for c in firm.certificates if c.state == CertificateState.VALID))
        for achievement in official_only(firm.achievements, firm.own):
            yield from _texts(achievement.title_zh, achievement.title_en)
        for kind, codes in (
            ("industries", (path[-1] for path in industries)),
            ("processes", processes),
            ("regions", dict.fromkeys(code for path in regions for code in path)),
        ):
            for code in codes:
                yield from self._names(kind, code)

    def _names_of(self, kind: str, code: str) -> tuple[str, ...]:
        named = getattr(self._catalogue, kind)[code]
        return _texts(named.name_zh, named.name_en)

    def _flags(self, firm: FirmRows, says: Stated, found: tuple[object, object, object]) -> dict[str, bool]:
        """Whether each flag of FLAGS holds."""
        row = firm.supplier
        held, tiers, regions = found
        said = firm.own.said if firm.own else NOTHING
        kinds = {one.kind for one in (*official_only(firm.achievements, firm.own), *said.achievements)}
        risks = row.risks
        own = ("description_zh", "description_en", "products_zh", "products_en")
        return {
            "certificate": bool(held),
            "recognition": bool(tiers),
            "assessment": bool(firm.assessments),
            "ranking": bool(firm.rankings),
            "achievement": bool(kinds - {"wanted"}),
            "demand": "wanted" in kinds,
            "products": bool(says.products_zh or says.products_en),
            "industry": bool(row.industries),
            "process": bool(says.processes),
            "region": bool(regions),
            "size": bool(row.size),
            "profile": said != NOTHING or any(name in says.self_declared and getattr(says, name) for name in own),
            "website": bool(says.website),
            "name_en": bool(row.name_en),
            "risk": any(risk["answer"] == "yes" for risk in risks.values()),
            "risk_checked": all(kind in risks for kind in self._catalogue.risk_kinds),
        }

    @staticmethod
    def _known(codes: Iterable[str], known: Any) -> tuple[str, ...]:
        return tuple(code for code in dict.fromkeys(codes) if code in known)

    @staticmethod
    def _paths(codes: Iterable[str], path: Any) -> tuple[tuple[str, ...], ...]:
        return tuple(found for code in dict.fromkeys(codes) if (found := path(code)))


def _standings(firm: FirmRows) -> Iterator[Standing]:
    for row in firm.rankings:
        current = row.current and row.sector == firm.supplier.sector
        yield Standing(row.code, row.position, row.peers, row.grade, current)


def _texts(*values: str) -> tuple[str, ...]:
    return tuple(value for value in values if value)
