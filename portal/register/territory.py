"""The part of the register that staff are limited to: places and sectors. One rule for every action and every list.

A firm is where it is registered (属地): its production sites may lie under several authorities, its registration under
one. Firms of which no place is recorded belong to those alone who are limited to no place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, true

from portal.models import Supplier, User
from portal.register.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Territory:
    """Codes of regions, each with what lies in it, and of sectors; none of a kind: not limited by it."""

    regions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether it is less than the whole register."""
        return bool(self.regions or self.sectors)

    def holds(self, firm: Supplier, catalogue: Catalogue) -> bool:
        """Whether the firm is in it."""
        return self.rule(catalogue)(firm.region, firm.sector)

    def rule(self, catalogue: Catalogue) -> Callable[[str | None, str | None], bool]:
        """Whether a firm of that region and sector is in it; for very many firms."""
        places = _places(catalogue, self.regions)

        def holds(region: str | None, sector: str | None) -> bool:
            return (not self.regions or region in places) and (not self.sectors or sector in self.sectors)

        return holds

    def condition(self, catalogue: Catalogue, firm: type[Supplier] = Supplier) -> ColumnElement[bool]:
        """The same for the database, of `Supplier` or an alias of it."""
        conditions: list[ColumnElement[bool]] = [true()]
        if self.regions:
            conditions.append(firm.region.in_(sorted(_places(catalogue, self.regions))))
        if self.sectors:
            conditions.append(firm.sector.in_(self.sectors))
        return and_(*conditions)


WHOLE = Territory()


def territory_of(user: User) -> Territory:
    """A user's."""
    return Territory(tuple(user.regions), tuple(user.sectors))


def _places(catalogue: Catalogue, regions: Iterable[str]) -> frozenset[str]:
    """The regions with all that lies in them, retired codes too."""
    wanted = list(regions)
    found: set[str] = set()
    while wanted:
        code = wanted.pop()
        found.add(code)
        wanted += (child.code for child in catalogue.region_children.get(code, ()))
    return frozenset(found | {old for old, new in catalogue.retired_regions.items() if new in found})
