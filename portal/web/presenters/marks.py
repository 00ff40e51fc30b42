"""What a signed-in buyer keeps of the firms on a page: read beside the page, which is the same for everyone else."""

from __future__ import annotations

from collections.abc import Sequence

from portal.web.presenters.context import Context
from portal.web.tree import Struct
from portal.web.who import buyer_or_none
from portal.workspace.shortlists import holding


class Kept(Struct, frozen=True, kw_only=True):
    """A list of the buyer that holds the firm."""

    name: str
    url: str


class Marks(Struct, frozen=True, kw_only=True):
    """`lists`: by firm. None of a page for everyone who keeps nothing."""

    lists: dict[str, tuple[Kept, ...]]


def marks(keys: Sequence[str], at: Context) -> Marks | None:
    """The marks of these firms; None for whoever is not a buyer that is signed in."""
    buyer = buyer_or_none()
    if buyer is None:
        return None
    held = holding(at.session, buyer, keys)
    return Marks(
        lists={
            key: tuple(Kept(name=name, url=f"/shortlists/{identifier}") for identifier, name in lists)
            for key, lists in held.items()
        }
    )
