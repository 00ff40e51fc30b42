"""Own suppliers against sourcing conditions: which of a list's firms meet all, which criteria each lacks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.buyers.own_labels import show_labels
from portal.models import OwnList, OwnRow, RowState, Supplier
from portal.services import services
from portal.web.kept import asked, member_of
from portal.web.presenters.context import Context
from portal.web.stored import CONDITIONS
from portal.web.users import current_user
from portal.workspace.conditions import listed
from search.contract import EngineUnavailable, SearchQuery

FITS, UNFIT = "fits", "unfit"
"""Views of a list that only stand beside conditions."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The conditions that a list is held against. `key`: as in an address.

    `meeting`: the ids of the list's firms that meet all of them; None while the engine does not answer.
    """

    key: str
    id: int
    name: str
    query: SearchQuery
    meeting: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class View:
    """What of a list is looked at: the rows that `show` lets through, held against conditions or not."""

    show: str
    chosen: Chosen | None

    def args(self) -> dict[str, str]:
        """As parameters of an address."""
        named = {"show": self.show, CONDITIONS: self.chosen.key if self.chosen else ""}
        return {name: value for name, value in named.items() if value}

    @property
    def query(self) -> SearchQuery:
        """What the rows' firms are asked: nothing without conditions."""
        return self.chosen.query if self.chosen else SearchQuery()


def view_of(own: OwnList, at: Context) -> View:
    """What the request's address asks to see. Raises NotFound for conditions that are not the visitor's."""
    chosen = _chosen(own, request.args.get(CONDITIONS, "").strip(), at)
    show = request.args.get("show", "")
    offered = shows(chosen)
    return View(show if show in offered else "", chosen)


def shows(chosen: Chosen | None) -> dict[str, str]:
    """What can be looked at, labelled; what meets conditions only where the engine has said so."""
    labels = show_labels()
    if chosen is None or chosen.meeting is None:
        labels.pop(FITS)
        labels.pop(UNFIT)
    return labels


def choices(at: Context) -> list[tuple[str, str]]:
    """(key, name) of the conditions that the buyer can hold a list against."""
    user = current_user()
    kept = listed(at.session, member_of(user)) if user else []
    return [(str(one.conditions.id), one.newest.name) for one in kept]


def _chosen(own: OwnList, key: str, at: Context) -> Chosen | None:
    if not key:
        return None
    search = asked(MultiDict({CONDITIONS: key}), at)
    stored = search.stored
    assert stored is not None, "the address names it"  # noqa: S101
    meeting: frozenset[int] | None = None
    with suppress(EngineUnavailable):
        meeting = _meeting(own, search.query, at)
    return Chosen(stored.key, stored.id, stored.name, search.query, meeting)


def _meeting(own: OwnList, query: SearchQuery, at: Context) -> frozenset[int]:
    listed_firms: Sequence[tuple[int, str, str]] = at.session.execute(
        select(Supplier.id, Supplier.scheme, Supplier.number)
        .join(OwnRow, OwnRow.supplier_id == Supplier.id)
        .where(OwnRow.own_list_id == own.id, OwnRow.state == RowState.MATCHED, OwnRow.line >= own.first)
        .distinct()
    ).all()
    ids = {f"{scheme}/{number}": identifier for identifier, scheme, number in listed_firms}
    if not ids:
        return frozenset()
    wanted = replace(query, ids=tuple(ids), facets=())
    return frozenset(ids[key] for key in services().engine().scan(wanted) if key in ids)
