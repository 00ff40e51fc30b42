"""What the page of sourcing conditions shows, and the requirement sheet that is printed from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.buyers.conditions_counting import Counted, counted
from portal.buyers.conditions_reading import Change, Described, changes, described
from portal.extensions import db
from portal.models import Conditions, ConditionsVersion, User
from portal.register.clock import CHINA
from portal.web.addresses import Addresses
from portal.web.kept import read_address, stored_search
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from portal.workspace.conditions import Signed, versions

SHEET_FILTERS = ("level", "level_min", "valid_through")
"""What of the filters a supplier must know of: the rest says how suppliers are looked for."""

SHOWN_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version: who made it, when, and what it changed; `first`: it is where they begin."""

    number: int
    at: datetime
    author: str
    restored: int | None
    changes: tuple[Change, ...]
    first: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions, and what the second says otherwise."""

    before: int
    after: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ConditionsPage:
    """A version of conditions. `counted` None while the engine does not answer; `versions`: the newest first.

    `numbers`: of all versions, to choose two from; `search_url`: what it asks in the search.
    """

    id: int
    name: str
    note: str
    owner: str
    mine: bool
    shared: bool
    number: int
    newest: int
    at: datetime
    author: str
    asks: Described
    counted: Counted | None
    versions: tuple[VersionLine, ...]
    numbers: tuple[int, ...]
    compared: Compared | None
    search_url: str


def conditions_page(
    row: Conditions, version: ConditionsVersion, compared: tuple[int | None, int | None], user_id: int, at: Context
) -> ConditionsPage:
    """The page of a version."""
    all_versions = versions(db.session(), row.id)
    by_number = {one.version.number: one for one in all_versions}
    reading = read_address(version.address, at)
    addresses = Addresses(stored_search(row, version, reading), "/suppliers")
    owner = db.session.get(User, row.owner_id)
    return ConditionsPage(
        id=row.id,
        name=version.name,
        note=version.note,
        owner=owner.name if owner else "",
        mine=row.owner_id == user_id,
        shared=row.shared,
        number=version.number,
        newest=row.version,
        at=version.at,
        author=by_number[version.number].author,
        asks=described(reading, at),
        counted=counted(reading.search.query, addresses, Naming(at)),
        versions=_lines(all_versions, at),
        numbers=tuple(by_number),
        compared=_compared(compared, by_number, at),
        search_url=addresses.of(),
    )


def _lines(found: Sequence[Signed], at: Context) -> tuple[VersionLine, ...]:
    """The newest versions, each against the one before it."""
    return tuple(
        VersionLine(
            number=one.version.number,
            at=one.version.at,
            author=one.author,
            restored=one.version.restored,
            changes=changes(before.version, one.version, at) if before else (),
            first=before is None,
        )
        for one, before in zip(found[:SHOWN_VERSIONS], [*found[1:], None], strict=False)
    )


def _compared(asked: tuple[int | None, int | None], found: dict[int, Signed], at: Context) -> Compared | None:
    before, after = asked
    if before is None or after is None or before == after or not {before, after} <= found.keys():
        return None
    return Compared(before, after, changes(found[before].version, found[after].version, at))


@dataclass(frozen=True, slots=True)
class RequirementSheet:
    """What suppliers are handed: no numbers of firms, weights or note, no filters that are the buyer's own affair."""

    id: int
    name: str
    number: int
    day: date
    asks: Described
    certification: tuple[tuple[str, str], ...]


def requirement_sheet(version: ConditionsVersion, at: Context) -> RequirementSheet:
    """The sheet of a version."""
    asks = described(read_address(version.address, at), at)
    return RequirementSheet(
        id=version.conditions_id,
        name=version.name,
        number=version.number,
        day=version.at.astimezone(CHINA).date(),
        asks=asks,
        certification=tuple((chip.label, chip.value) for chip in asks.filters if chip.parameter in SHEET_FILTERS),
    )
