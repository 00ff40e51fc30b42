"""Certificates that end soon among a buyer's firms: those on the shortlists they see, and their own suppliers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.models import Certificate, OwnList, OwnRow, RowState, Shortlist, ShortlistEntry, Supplier
from portal.register.catalogue import Catalogue
from portal.workspace import own_lists, shortlists
from portal.workspace.buyer import Buyer
from portal.workspace.facts import Reader


@dataclass(frozen=True, slots=True)
class Expiring:
    """A part of them, the first to end first: rows of certificates with their firms, and how many there are."""

    rows: tuple[Any, ...]
    total: int


def expiring(reader: Reader, buyer: Buyer, limit: int, offset: int = 0) -> Expiring:
    """Those that end within 90 days and have not been renewed. Two statements."""
    wanted = (
        select(
            Certificate.scheme.label("certificate"),
            Certificate.level,
            Certificate.expires_on,
            Supplier.scheme,
            Supplier.number,
            Supplier.name_zh,
            Supplier.name_en,
        )
        .join(Supplier, Supplier.id == Certificate.supplier_id)
        .where(*_soon(reader, buyer))
    )
    total = reader.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    page = wanted.order_by(Certificate.expires_on, Certificate.id).limit(limit).offset(offset)
    return Expiring(tuple(reader.session.execute(page)), total)


def _soon(reader: Reader, buyer: Buyer) -> tuple[ColumnElement[bool], ...]:
    return (
        *ending(reader.catalogue, reader.today, own_lists.soon(reader.today)),
        or_(Supplier.id.in_(_listed(buyer)), Supplier.id.in_(_own(buyer))),
    )


def ending(catalogue: Catalogue, today: date, last: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions for certificates, joined to their suppliers, that end by that day and have not been renewed."""
    return (
        _valid(Certificate, today),
        Certificate.expires_on.between(today, last),
        _counting(Certificate, catalogue),
        ~_renewed(catalogue, today),
        Supplier.withdrawn_at.is_(None),
    )


def _valid(certificate: Any, today: date) -> ColumnElement[bool]:
    return and_(certificate.state == "valid", certificate.issued_on <= today)


def _counting(certificate: Any, catalogue: Catalogue) -> ColumnElement[bool]:
    """As `portal.register.validity.counts`: on the word of someone whose word counts in the scheme."""
    schemes = catalogue.schemes.items()
    return or_(*(and_(certificate.scheme == code, certificate.basis.in_(known.bases)) for code, known in schemes))


def _renewed(catalogue: Catalogue, today: date) -> ColumnElement[bool]:
    """Whether the firm holds another one of the same scheme and level that counts and is valid for longer."""
    other = aliased(Certificate)
    return (
        select(other.id)
        .where(
            other.supplier_id == Certificate.supplier_id,
            other.scheme == Certificate.scheme,
            func.coalesce(other.level, "") == func.coalesce(Certificate.level, ""),
            _counting(other, catalogue),
            _valid(other, today),
            or_(other.expires_on.is_(None), other.expires_on > Certificate.expires_on),
        )
        .exists()
    )


def _listed(buyer: Buyer) -> Any:
    return (
        select(ShortlistEntry.supplier_id)
        .join(Shortlist, Shortlist.id == ShortlistEntry.shortlist_id)
        .where(shortlists.visible(buyer))
    )


def _own(buyer: Buyer) -> Any:
    return (
        select(OwnRow.supplier_id)
        .join(OwnList, OwnList.id == OwnRow.own_list_id)
        .where(own_lists.visible(buyer), OwnRow.state == RowState.MATCHED, OwnRow.supplier_id.is_not(None))
    )
