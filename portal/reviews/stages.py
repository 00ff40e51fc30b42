"""The stages that a case passes (县/市初审 → 省级审核 → 部级), and who decides at which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_

from portal.models import CaseKind, CaseStage, ReviewCase, Supplier
from portal.register.catalogue import Catalogue
from portal.register.territory import Territory

ORDER = tuple(CaseStage)
"""In which a case passes them."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The rules of this installation: which stages each kind passes (one that is not named: the ministry's alone).

    `ministry_everywhere`: whoever is limited to no region may decide at every stage, as where a province has no staff.
    """

    by_kind: Mapping[CaseKind, tuple[CaseStage, ...]]
    ministry_everywhere: bool = True

    def of(self, kind: str, firm: Supplier) -> tuple[CaseStage, ...]:
        """Those that a case of the firm passes. A firm of no recorded place belongs to the ministry alone."""
        own = (CaseStage.MINISTRY,)
        return own if firm.region is None else self.by_kind.get(CaseKind(kind), own)

    def following(self, kind: str, firm: Supplier, stage: str) -> CaseStage | None:
        """The stage after this one, which the setting need not name any more; None: it is the last."""
        later = ORDER[ORDER.index(CaseStage(stage)) + 1 :]
        return next((one for one in self.of(kind, firm) if one in later), None)

    def reach(self, stage: CaseStage, territory: Territory, catalogue: Catalogue) -> Territory | None:
        """The part of the register in which someone of that territory decides at the stage; None: none of it.

        Whoever is limited to counties or cities decides at the first stage, there; to provinces, at the province's and
        the first one; whoever is limited to no region decides at the ministry's stage, and with `ministry_everywhere`
        at every one. Sectors limit which firms, never which stage.
        """
        if not territory.regions:
            return territory if self.ministry_everywhere or stage is CaseStage.MINISTRY else None
        if stage is CaseStage.MINISTRY:
            return None
        regions = tuple(code for code in territory.regions if stage is CaseStage.LOCAL or _is_province(code, catalogue))
        return Territory(regions, territory.sectors) if regions else None

    def may_decide(self, stage: str, firm: Supplier, territory: Territory, catalogue: Catalogue) -> bool:
        """Whether someone of that territory decides on a case of the firm at that stage."""
        part = self.reach(CaseStage(stage), territory, catalogue)
        return part is not None and part.holds(firm, catalogue)

    def condition(self, territory: Territory, catalogue: Catalogue) -> ColumnElement[bool]:
        """The same for the database, of `ReviewCase` joined with `Supplier`."""
        parts = ((stage, self.reach(stage, territory, catalogue)) for stage in ORDER)
        found = [and_(ReviewCase.stage == stage, part.condition(catalogue)) for stage, part in parts if part]
        return or_(false(), *found)


def _is_province(code: str, catalogue: Catalogue) -> bool:
    region = catalogue.regions.get(code)
    return region is not None and region.kind == "province"
