"""The provenance row of what is being written: found if it is there, made when the first fact needs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.models import Provenance, table_of
from portal.register.facts import ProvenanceFacts
from portal.register.state import Firm

PENDING = -1
"""Stands for the id of a source that has no row yet: none is made for facts that are all there already."""

_IDENTITY = ("issuing_body", "document_number", "batch", "issued_on", "link")


class Source:
    """The document facts come from, or none."""

    def __init__(self, facts: ProvenanceFacts | None) -> None:
        self._facts = facts

    def find(self, session: Session) -> int | None:
        """The row's id, PENDING when it is not there yet, None when no source is named."""
        if self._facts is None:
            return None
        table = table_of(Provenance)
        values = {name: getattr(self._facts, name) for name in _IDENTITY}
        same = [table.c[name].is_(None) if value is None else table.c[name] == value for name, value in values.items()]
        found = session.scalar(select(table.c.id).where(*same))
        return PENDING if found is None else found

    def ensure(self, session: Session) -> int | None:
        """The row's id, made if it is not there; None when no source is named."""
        found = self.find(session)
        if found != PENDING:
            return found
        facts = self._facts
        values: dict[str, Any] = {name: getattr(facts, name) for name in (*_IDENTITY, "title")}
        table = table_of(Provenance)
        try:
            with session.begin_nested():
                made: int | None = session.scalar(insert(table).values(values).returning(table.c.id))
                return made
        except IntegrityError:  # another writer made it meanwhile
            return self.find(session)

    def settle(self, session: Session, firms: Iterable[Firm]) -> None:
        """Put the id in place of PENDING in everything that is to be written."""
        identity = self.ensure(session)
        for firm in firms:
            for row in (firm.supplier, *(row for _, _, row in firm.dirty_children())):
                if row.values["provenance_id"] == PENDING:
                    row.values["provenance_id"] = identity
