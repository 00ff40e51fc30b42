"""Cases as the queue shows them."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from portal.company.kinds import KINDS
from portal.identity.people import names_of
from portal.ministry.within import territory
from portal.models import CaseKind, CaseStage, CaseState, Organisation, ReviewCase, Supplier, now
from portal.register.clock import CHINA
from portal.web.presenters.context import Context
from portal.web.presenters.reviews import kind_labels, stage_labels, state_labels
from portal.web.reviewing import stages
from portal.web.tree import Name, Struct
from portal.web.users import signed_in


class CaseRow(Struct, frozen=True, kw_only=True):
    """A case in the queue. `ticks`: what its checkbox sends; "" for one that must be looked at by itself."""

    url: str
    kind: str
    name: Name
    number: str
    place: str
    asks: str
    state: str
    state_label: str
    stage: str
    days: int
    owner: str
    ticks: str


def case_rows(found: list[tuple[ReviewCase, Supplier]], at: Context) -> tuple[CaseRow, ...]:
    """In the order given, with two statements for the names of all."""
    names = names_of(at.session, (case.owner_id for case, _firm in found))
    asking = {case.organisation_id for case, _firm in found}
    wanted = select(Organisation.id, Organisation.name).where(Organisation.id.in_(asking))
    organisations = {row.id: row.name for row in at.session.execute(wanted)}
    return tuple(
        CaseRow(
            url=url_for("ministry.review", identifier=case.id),
            kind=kind_labels()[case.kind],
            name=Name(zh=firm.name_zh, en=firm.name_en),
            number=firm.number,
            place=place(firm, at),
            asks=organisations[case.organisation_id],
            state=case.state,
            state_label=state_labels()[CaseState(case.state)],
            stage=stage_labels()[CaseStage(case.stage)],
            days=age(case),
            owner=names.get(case.owner_id or 0, ""),
            ticks=_ticks(case, firm, at),
        )
        for case, firm in found
    )


def place(firm: Supplier, at: Context) -> str:
    """Where the firm is registered."""
    path = at.path(at.catalogue.region_path(firm.region or ""), at.catalogue.regions)
    return " · ".join(part.label for part in path) or "—"


def age(case: ReviewCase) -> int:
    """Days since the case came to its present stage and state, as calendars count them in China."""
    return (now().astimezone(CHINA).date() - case.since.astimezone(CHINA).date()).days


def _ticks(case: ReviewCase, firm: Supplier, at: Context) -> str:
    free = case.state == CaseState.OPEN and case.owner_id in {None, signed_in().id}
    may = free and KINDS[CaseKind(case.kind)].bulk
    return f"{case.id}.{case.version}" if may and decides(case, firm, at) else ""


def decides(case: ReviewCase, firm: Supplier, at: Context) -> bool:
    """Whether who is signed in decides at the case's stage."""
    return stages().may_decide(case.stage, firm, territory(), at.catalogue)
