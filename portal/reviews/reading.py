"""Cases as lists: the queue of staff, and what an organisation asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from portal.models import CaseKind, CaseStage, CaseState, ReviewCase, ReviewStep, Supplier
from portal.register.catalogue import Catalogue
from portal.register.territory import WHOLE, Territory
from portal.reviews.cases import PENDING
from portal.reviews.stages import Stages


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which cases: `owner` a user's, `unowned` nobody's; `within` narrows further; `supplier_id` those of one firm."""

    kind: CaseKind | None = None
    state: CaseState | None = CaseState.OPEN
    stage: CaseStage | None = None
    owner: int | None = None
    unowned: bool = False
    within: Territory = WHOLE
    supplier_id: int | None = None

    def conditions(self, catalogue: Catalogue) -> list[ColumnElement[bool]]:
        """Of `ReviewCase` joined with `Supplier`."""
        equal = {
            ReviewCase.kind: self.kind,
            ReviewCase.state: self.state,
            ReviewCase.stage: self.stage,
            ReviewCase.owner_id: self.owner,
            ReviewCase.supplier_id: self.supplier_id,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.unowned:
            found.append(ReviewCase.owner_id.is_(None))
        return [*found, self.within.condition(catalogue)]


@dataclass(frozen=True, slots=True)
class Queue:
    """The cases of a territory."""

    session: Session
    catalogue: Catalogue
    stages: Stages
    territory: Territory

    def count(self, asked: Asked) -> int:
        """How many."""
        return self.session.scalar(self._found(asked, select(func.count(ReviewCase.id)))) or 0

    def page(self, asked: Asked, limit: int, offset: int = 0) -> list[tuple[ReviewCase, Supplier]]:
        """Those that wait longest first, each with its firm."""
        both: Select[*tuple[Any, ...]] = select(ReviewCase, Supplier)
        found = self._found(asked, both).order_by(ReviewCase.since, ReviewCase.id)
        return [(case, firm) for case, firm in self.session.execute(found.limit(limit).offset(offset))]

    def waiting(self, user_id: int) -> int:
        """How many wait for this person: open, at a stage where they decide, and nobody else's."""
        return self.session.scalar(self._waiting(select(func.count(ReviewCase.id)), user_id)) or 0

    def following(self, user_id: int, kind: str) -> int | None:
        """The case that waits longest for this person, of that kind if there is one."""
        first = (ReviewCase.kind != kind, ReviewCase.since, ReviewCase.id)
        wanted = self._waiting(select(ReviewCase.id), user_id).order_by(*first).limit(1)
        return self.session.scalars(wanted).one_or_none()

    def _waiting(self, selected: Select[*tuple[Any, ...]], user_id: int) -> Select[*tuple[Any, ...]]:
        mine = or_(ReviewCase.owner_id.is_(None), ReviewCase.owner_id == user_id)
        decides = self.stages.condition(self.territory, self.catalogue)
        return self._found(Asked(), selected).where(mine, decides)

    def _found(self, asked: Asked, selected: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        joined = selected.join_from(ReviewCase, Supplier, Supplier.id == ReviewCase.supplier_id)
        return joined.where(self.territory.condition(self.catalogue), *asked.conditions(self.catalogue))


def steps_of(session: Session, case_id: int) -> Sequence[ReviewStep]:
    """What was done to a case, first things first."""
    mine = select(ReviewStep).where(ReviewStep.case_id == case_id)
    return session.scalars(mine.order_by(ReviewStep.id)).all()


def asked_by(session: Session, organisation_id: int, kind: CaseKind) -> Sequence[ReviewCase]:
    """What an organisation asked, newest first."""
    mine = select(ReviewCase).where(ReviewCase.organisation_id == organisation_id, ReviewCase.kind == kind)
    return session.scalars(mine.order_by(ReviewCase.id.desc())).all()


def pending(session: Session, kind: CaseKind, supplier_id: int) -> Sequence[ReviewCase]:
    """The cases of a firm that are not settled, oldest first."""
    of_firm = (ReviewCase.kind == kind, ReviewCase.supplier_id == supplier_id, ReviewCase.state.in_(PENDING))
    return session.scalars(select(ReviewCase).where(*of_firm).order_by(ReviewCase.id)).all()
