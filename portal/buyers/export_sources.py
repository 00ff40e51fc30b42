"""What can be exported, as the worker needs it: a search, a shortlist, own suppliers, each with its filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.buyers.change_words import change_words
from portal.buyers.own_fit import View, shows
from portal.buyers.own_page import address, export_headings, export_rows
from portal.buyers.shortlist_labels import status_labels
from portal.buyers.shortlist_page import Line, Shown, entry_views, lines, matching
from portal.models import Conditions, OwnList, Shortlist
from portal.register.clock import CHINA
from portal.services import services
from portal.web.addresses import Addresses
from portal.web.parameters import Search
from portal.web.presenters.chips import chips
from portal.web.presenters.context import Context
from portal.web.presenters.labels import parameter_labels, sort_labels
from portal.web.presenters.marks import MineFilter
from portal.web.presenters.naming import Naming
from portal.workspace.conditions import stored_query
from portal.workspace.export_columns import ASKED

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """What is exported: called `title`, `said` in lines of (label, value), seen at the address `path`, so many rows.

    `payload`: what of the job's payload is its own; `columns` that say nothing of it are in `without`.
    """

    title: str
    said: Pairs
    path: str
    total: int
    payload: dict[str, Any]
    private: bool = False
    without: frozenset[str] = frozenset()


def of_search(search: Search, mine: MineFilter | None, at: Context) -> Source:
    """All hits of a search."""
    query, addresses = search.query, Addresses(search, "/suppliers")
    found = chips(search, addresses, Naming(at), folded=False)
    said = [(chip.label, chip.value) for chip in found]
    if query.text:
        said.insert(0, (parameter_labels()["q"], query.text))
    if search.stored:
        name = _("%(name)s, version %(version)s", name=search.stored.name, version=search.stored.version)
        said.insert(0, (_("Sourcing conditions"), name))
    if mine is not None and mine.cut:
        said.append((parameter_labels()["mine"], _("Of your own suppliers only the first 10,000 are regarded.")))
    if not said:
        said.append((_("Search"), _("all suppliers")))
    said.append((_("Sort by"), sort_labels()[query.sort]))
    return Source(
        title=(search.stored.name if search.stored else query.text) or _("Suppliers"),
        said=said,
        path=addresses.of(),
        total=services().engine().counts([query])[0],
        payload={"query": stored_query(query)},
        private=search.stored is not None and _private(search.stored.id, at),
        without=frozenset() if query.asked_criteria else ASKED,
    )


def _private(conditions_id: int, at: Context) -> bool:
    """Whether what names these conditions is for their owner alone."""
    kept = at.session.get(Conditions, conditions_id)
    return kept is not None and not kept.shared


def of_shortlist(shortlist: Shortlist, shown: Shown, reader_id: int, at: Context) -> Source:
    """The entries of a list that the filter lets through, with what the organisation keeps of them."""
    kept = matching(lines(shortlist, at), shown)
    said = [(_("Shortlist"), shortlist.name)]
    if shown.status:
        said.append((_("Status"), status_labels()[shown.status]))
    if shown.changed:
        said.append((_("Filters"), _("changed")))
    return Source(
        title=shortlist.name,
        said=said,
        path=f"/shortlists/{shortlist.id}?{shown.query()}".rstrip("?"),
        total=len(kept),
        payload={"rows": _entries(kept, reader_id, at), "extra": list(_entry_headings().items())},
        private=not shortlist.shared,
        without=ASKED,
    )


def _entry_headings() -> dict[str, str]:
    return {
        "entry_status": _("Status on the list"),
        "entry_reason": _("Reason"),
        "entry_status_by": _("Decided by"),
        "entry_status_at": _("Decided on"),
        "entry_added_by": _("Added by"),
        "entry_added_at": _("Added on"),
        "entry_changes": _("Changed since it was added"),
        "entry_notes": _("Notes"),
    }


def _entries(kept: Sequence[Line], reader_id: int, at: Context) -> list[Any]:
    labels = status_labels()
    return [
        (
            view.key,
            (
                labels[view.status],
                view.reason,
                view.status_by,
                view.status_at.astimezone(CHINA).date().isoformat() if view.status_at else None,
                view.added_by,
                view.added_at.astimezone(CHINA).date().isoformat(),
                "; ".join(change_words(change, at) for change in line.changes),
                "\n".join(f"{note.at.astimezone(CHINA):%Y-%m-%d} {note.author}: {note.text}" for note in view.notes),
            ),
        )
        for line, view in zip(kept, entry_views(kept, reader_id, at), strict=True)
    ]


def of_own_list(own: OwnList, view: View, at: Context) -> Source:
    """The rows of a list that the filter lets through: as handed in, then what was found."""
    rows = export_rows(own, view, at)
    said = [(_("Own suppliers"), own.name)]
    if view.show:
        said.append((_("Filters"), shows(view.chosen)[view.show]))
    if view.chosen:
        said.append((_("Sourcing conditions"), view.chosen.name))
    return Source(
        title=own.name,
        said=said,
        path=address(own, view),
        total=len(rows),
        payload={
            "rows": rows,
            "extra": export_headings(own, view, at),
            "extra_first": True,
            "asked": stored_query(view.query),
        },
        private=view.chosen is not None and _private(view.chosen.id, at),
        without=frozenset() if view.query.asked_criteria else ASKED,
    )
