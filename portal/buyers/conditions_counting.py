"""What conditions find now. With the engine down there are no numbers, and the pages stand all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.services import services
from portal.web.addresses import Addresses
from portal.web.presenters.naming import Naming
from portal.web.presenters.near import count_musts, near_url
from portal.web.screens import Relaxation
from search.contract import EngineUnavailable, SearchQuery


@dataclass(frozen=True, slots=True)
class Counted:
    """How many firms are found, and how many are one or two musts short (None: fewer than two are asked).

    `musts`: what each must costs, the costliest first; `most`: the greatest of those numbers.
    """

    total: int
    near: int | None
    near_url: str
    musts: tuple[Relaxation, ...]
    most: int


def totals(queries: Sequence[SearchQuery]) -> list[int] | None:
    """The total of each, from one request; None while the engine does not answer."""
    try:
        return services().engine().counts(queries) if queries else []
    except EngineUnavailable:
        return None


def counted(query: SearchQuery, addresses: Addresses, naming: Naming) -> Counted | None:
    """Everything that is counted of one search; None while the engine does not answer."""
    try:
        found = count_musts(query, services().engine())
    except EngineUnavailable:
        return None
    musts = [
        Relaxation(
            label=code,
            value=naming.criterion(code),
            more=without - found.total,
            url=addresses.criteria(query, must=(other for other in query.criteria if other != code)),
        )
        for code, without in found.without.items()
    ]
    musts.sort(key=lambda one: (-one.more, one.label))
    return Counted(
        total=found.total,
        near=found.near,
        near_url="" if found.near is None else near_url(query, addresses),
        musts=tuple(musts),
        most=max((one.more for one in musts), default=0),
    )
