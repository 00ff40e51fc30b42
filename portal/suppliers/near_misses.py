"""GET /firm/near-misses: searches that the firm missed by a single condition."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from portal.company.near_misses import NearMisses, Questions, near_misses
from portal.extensions import db
from portal.indexing.documents import documents
from portal.models import Supplier
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.usage import reading
from portal.usage.telling import LEAST_ORGANISATIONS, LEAST_SEARCHES, WINDOW_DAYS
from portal.web.addresses import Addresses, address, bare
from portal.web.parameters import Search
from portal.web.permissions import Permission, needs
from portal.web.presenters.chips import chips
from portal.web.presenters.context import Context, context
from portal.web.presenters.naming import Naming
from portal.web.templating import render_template
from portal.web.tree import Struct
from search.contract import SearchQuery, SupplierDocument
from search.fields import FieldTable


class MissedView(Struct, frozen=True, kw_only=True):
    """A condition: what it asks, in parts of (filter, value), and how many searches it cost.

    `url`: who meets it; `why_url`: why the firm does not, and what would help.
    """

    parts: tuple[tuple[str, str], ...]
    url: str
    why_url: str
    searches: int


class NearMissesPage(Struct, frozen=True, kw_only=True):
    """`kept`: whether searches are logged at all. `searches`: at least so many, of the conditions shown."""

    kept: bool
    missed: tuple[MissedView, ...] = ()
    searches: int = 0
    days: int = WINDOW_DAYS
    least_organisations: int = LEAST_ORGANISATIONS
    least_searches: int = LEAST_SEARCHES


@blueprint.get("/near-misses")
@needs(Permission.KEEP_PROFILE)
def missed_searches() -> str:
    """`suppliers/near_misses.html` with `firm`, `page`: NearMissesPage."""
    firm = own_firm(db.session())
    return render_template("suppliers/near_misses.html", firm=firm, page=missed_page(firm, context()))


def missed_page(firm: Supplier, at: Context) -> NearMissesPage:
    """What the page shows."""
    if not services().settings.search_log:
        return NearMissesPage(kept=False)
    found = _found(firm, at)
    naming = Naming(at)
    views = (
        MissedView(
            parts=tuple(_parts(one.condition, naming)),
            url=Addresses(Search(query=one.condition), "/suppliers").of(),
            why_url=address(bare(Search(query=one.condition)), url_for("suppliers.why")),
            searches=one.searches,
        )
        for one in found.missed
    )
    return NearMissesPage(kept=True, missed=tuple(views), searches=found.searches)


def _found(firm: Supplier, at: Context) -> NearMisses:
    [document] = documents(at.session, at.catalogue, [firm.id], at.today)
    if not isinstance(document, SupplierDocument):
        return NearMisses((), 0)  # withdrawn: no search finds it, whatever it asks
    table = FieldTable(at.vocabulary)
    question = ("near misses", *reading.version(at.session, at.today))
    made = services().kept.answer(question, lambda: Questions.of(reading.logged(at.session, at.today), table))
    return near_misses(made, document)


def _parts(condition: SearchQuery, naming: Naming) -> Iterator[tuple[str, str]]:
    """The filters of a condition, each with its values."""
    search = Search(query=condition)
    values: dict[str, list[str]] = {}
    for chip in chips(search, Addresses(search, ""), naming, folded=True):
        values.setdefault(chip.label, []).append(chip.value)
    yield from ((label, naming.separator.join(found)) for label, found in values.items())
