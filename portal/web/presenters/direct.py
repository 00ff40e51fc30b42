"""The firm itself: a credit code, certificate number or exact name finds it, whatever the filters say.

A number that is in no register held here is answered with the registers and their dates: absence proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.models import Certificate, Provenance, Supplier
from portal.register.merging import heads
from portal.register.registration import CHECKS
from portal.web.parameters import Search
from portal.web.presenters.cards import Asked, cards, supplier_url
from portal.web.presenters.context import Context
from portal.web.tree import ResultItem, ResultPage, Source
from search.text import code_key

MAX_REGISTERS = 12
_NUMBER = re.compile(r"(?=(?:.*[0-9]){4})[0-9A-Z/]{6,64}")


@dataclass(frozen=True, slots=True)
class Direct:
    """What was found of the text as a name or number."""

    item: ResultItem | None = None
    number: str | None = None
    registers: tuple[Source, ...] = ()
    withdrawn_url: str | None = None


def find_direct(search: Search, page: ResultPage, at: Context) -> Direct:
    """The firm that the text names exactly, unless the first page shows it; else the registers, for a number."""
    query = search.query
    if query.page > 1:
        return Direct()
    named = at.session.execute(
        select(Supplier.id, Supplier.scheme, Supplier.number, Supplier.withdrawn_at, Supplier.merged_into_id)
        .where(names_exactly(query.text))
        .limit(5)
    ).all()
    if merged := [row.id for row in named if row.merged_into_id is not None]:  # the firm they went into is meant
        columns = (Supplier.id, Supplier.scheme, Supplier.number, Supplier.withdrawn_at, Supplier.merged_into_id)
        kept = select(*columns).where(Supplier.id.in_(set(heads(at.session, merged).values())))
        named = list({row.id: row for row in (*named, *at.session.execute(kept)) if row.id not in merged}.values())
    keys = [f"{row.scheme}/{row.number}" for row in named if row.withdrawn_at is None]
    shown = {item.id for item in page.items}
    if keys:
        missing = [key for key in keys if key not in shown]
        items = cards(missing[:1], at, Asked(query)) if len(missing) == len(keys) else ()
        return Direct(item=items[0] if items else None)
    if named:
        return Direct(withdrawn_url=supplier_url(f"{named[0].scheme}/{named[0].number}"))
    if page.total == 0 and looks_like_number(query.text):
        return Direct(number=query.text, registers=registers(at.session))
    return Direct()


def names_exactly(text: str) -> ColumnElement[bool]:
    """The condition for the firm of that number (with or without its scheme), certificate number or name."""
    key = code_key(text)
    scheme, slash, number = text.strip().partition("/")
    conditions = [Supplier.name_zh == text, Supplier.name_en == text]
    if slash:
        conditions.append(and_(Supplier.scheme == scheme.upper(), Supplier.number == number))
    if looks_like_number(text):
        # Numbers are kept as their register writes them: capitals, or (OSH) small letters. The schemes are named
        # because the index begins with them.
        spellings = list(dict.fromkeys((text, key, key.lower())))
        conditions.append(and_(Supplier.scheme.in_(list(CHECKS)), Supplier.number.in_(spellings)))
        held = select(Certificate.supplier_id).where(Certificate.number.in_(spellings))
        conditions.append(Supplier.id.in_(held))
    return or_(*conditions)


def looks_like_number(text: str) -> bool:
    """Whether a text is a number rather than words: letters and digits in one piece, four digits or more."""
    return bool(_NUMBER.fullmatch(code_key(text)))


def registers(session: Session) -> tuple[Source, ...]:
    """The registers held: their issuing bodies and titles with the newest date of each, newest first."""
    newest = func.max(Provenance.issued_on)
    rows = session.execute(
        select(Provenance.issuing_body, Provenance.title, newest)
        .group_by(Provenance.issuing_body, Provenance.title)
        .order_by(newest.desc(), Provenance.issuing_body)
        .limit(MAX_REGISTERS)
    ).all()
    return tuple(
        Source(issuing_body=body, title=title, document_number="", batch="", issued_on=day, link="")
        for body, title, day in rows
    )
