"""What a signed-in buyer keeps of the firms on a page: read beside the page, which is the same for everyone else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from portal.web.addresses import Addresses
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.tree import Struct
from portal.web.who import buyer_or_none
from portal.workspace import own_lists
from portal.workspace.shortlists import holding


class Kept(Struct, frozen=True, kw_only=True):
    """A list of the buyer that holds the firm."""

    name: str
    url: str


class Marks(Struct, frozen=True, kw_only=True):
    """`lists`: shortlists by firm. `mine`: the firms among the organisation's own suppliers."""

    lists: dict[str, tuple[Kept, ...]]
    mine: frozenset[str]


class MineFilter(Struct, frozen=True, kw_only=True):
    """The filter by own suppliers: what is chosen, and the addresses with each choice; `cut`: not all are regarded."""

    chosen: str
    urls: dict[str, str]
    any: bool
    cut: bool


def marks(keys: Sequence[str], at: Context) -> Marks | None:
    """The marks of these firms; None for whoever is not a buyer that is signed in."""
    buyer = buyer_or_none()
    if buyer is None:
        return None
    held = holding(at.session, buyer, keys)
    lists = {
        key: tuple(Kept(name=name, url=f"/shortlists/{identifier}") for identifier, name in found)
        for key, found in held.items()
    }
    return Marks(lists=lists, mine=own_lists.mine_among(at.session, buyer, keys))


def with_mine(search: Search, at: Context) -> tuple[Search, MineFilter | None]:
    """The search among or without the buyer's own suppliers, as it asks; as it was for everyone else."""
    buyer = buyer_or_none()
    if buyer is None:
        return search, None
    addresses = Addresses(search, "/suppliers")
    urls = {choice: addresses.of(mine=choice or None) for choice in ("", "only", "hide")}
    if not search.mine:
        some = own_lists.has_any(at.session, buyer)
        return search, MineFilter(chosen="", urls=urls, any=some, cut=False)
    mine = own_lists.mine(at.session, buyer)
    ids = {"ids": mine.keys} if search.mine == "only" else {"ids_not": mine.keys}
    heard = replace(search, query=replace(search.query, **ids), mine_heard=True)  # type: ignore[arg-type]
    return heard, MineFilter(chosen=search.mine, urls=urls, any=bool(mine.keys), cut=mine.cut)
