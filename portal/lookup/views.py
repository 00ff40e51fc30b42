"""The lookup's pages: thin callers of the presenters. Each view's docstring names its template and what it is given.

Every template also has what `portal.web.jinja.page_context` gives; `marks` (portal.web.presenters.marks) is what a
signed-in buyer keeps of the firms shown, None for everyone else. Labels in the structs are already in the page's
language. All structs are those of `portal.web.tree`.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec
from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from portal.services import services
from portal.usage.notes import How
from portal.web.charts import rank_chart
from portal.web.counting import note_firms, note_search
from portal.web.errors import SupplierNotFound
from portal.web.kept import asked
from portal.web.permissions import Access, needs, require_known_language
from portal.web.presenters import compare as comparing
from portal.web.presenters import home as front
from portal.web.presenters import results, suggestions, supplier
from portal.web.presenters.about import about_page
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import context
from portal.web.presenters.criteria import criteria_picker
from portal.web.presenters.marks import marks, with_mine
from portal.web.presenters.own import is_own
from portal.web.remembering import remember
from portal.web.templating import render_template
from portal.web.who import audience
from search.contract import EngineUnavailable, SearchEngine

blueprint = Blueprint("lookup", __name__)
blueprint.before_request(require_known_language)


@blueprint.get("/")
@needs(Access.LOOKUP)
def home() -> str:
    """`lookup/home.html` with `home`: HomePage (total, certified, sectors and their counts, newest editions).

    With the engine down `home.available` is False, counts are None and the page still stands.
    """
    return render_template("lookup/home.html", home=front.home_page(context(), services().engine))


@blueprint.get("/suppliers")
@needs(Access.LOOKUP)
def suppliers() -> str:
    """`lookup/suppliers.html` with `page`: ResultPage, `screen`: Screen, `marks`, `mine`: MineFilter or none.

    The grammar is `web.parameters`; `?conditions=…`: on stored sourcing conditions (`web.kept`).
    Raises ParameterError (400) and EngineUnavailable (503), for the error handlers.
    """
    at = context()
    search, mine = with_mine(asked(request.args, at), at)
    engine = services().engine()
    page = results.result_page(search, request.path, at, engine, full=False)
    screen = results.screen(search, page, request.path, at, engine)
    shown = [item.id for item in (*page.items, *((screen.direct,) if screen.direct else ()))]
    if remember(search, page.total):
        note_search(search, shown)
    return render_template("lookup/suppliers.html", page=page, screen=screen, marks=marks(shown, at), mine=mine)


@blueprint.get("/suppliers/<scheme>/<path:number>")
@needs(Access.LOOKUP)
def sheet(scheme: str, number: str) -> ResponseReturnValue:
    """`lookup/supplier.html` with `sheet`: SupplierSheet, `similar`: tuple[ResultItem, ...], `chart`: LineChart|None,
    `own`: the firm is that of who is signed in, `firm_id`: for the forms of staff.

    Withdrawn: 410 and `lookup/withdrawn.html` with `name`, `supplier_id`, `reason`, `withdrawn_on`. Merged: 301 to the
    firm it went into; a number written otherwise (small letters): 301 too. Unknown: SupplierNotFound (404). Needs no
    engine; without one `similar` is empty.
    """
    at = context()
    found = supplier.find(f"{scheme}/{number}", at)
    if found is None:
        raise SupplierNotFound(f"{scheme}/{number}"[:100])
    if isinstance(found, supplier.Moved):
        return redirect(found.url, code=301)
    if isinstance(found, supplier.Withdrawn):
        return render_template("lookup/withdrawn.html", **found.as_context()), 410
    if found.key != f"{scheme}/{number}":  # written otherwise: one firm has one address
        return redirect(supplier_url(found.key), code=301)
    shown = supplier.sheet(found, at, audience())
    similar = supplier.similar(found, at, services().engine)
    note_firms(How.OPENED, [shown.id])
    return render_template(
        "lookup/supplier.html",
        sheet=shown,
        similar=similar,
        chart=rank_chart(shown.rankings),
        marks=marks([shown.id], at),
        firm_id=found.id,
        own=is_own(found.id, at),
    )


@blueprint.get("/compare")
@needs(Access.LOOKUP)
def compare() -> str:
    """`lookup/compare.html` with `comparison`: Comparison, `differences`: bool and `remove_urls`: one a supplier shown.

    `?id=…&id=…` (comma lists too; at most 5 are shown), `differences=1` hides what is the same.
    """
    at = context()
    comparison = comparing.comparison(request.args.getlist("id"), at)
    return render_template(
        "lookup/compare.html",
        comparison=comparison,
        differences=request.args.get("differences") == "1",
        remove_urls=comparing.remove_urls(comparison, request.args.get("differences") == "1"),
        marks=marks([sheet.id for sheet in comparison.suppliers], at),
    )


@blueprint.get("/criteria")
@needs(Access.LOOKUP)
def criteria() -> str:
    """`lookup/criteria.html` with `picker`: CriteriaPicker, a page to choose criteria on without JavaScript.

    `?find=…` searches the criteria; every other parameter is the state of the result one came from, carried along by
    `picker.hidden`. Each choice holds the addresses that ask for it, exclude it, make it nice to have, or let it go.
    """
    at = context()
    args = request.args.copy()
    find = (args.poplist("find") or [""])[0]
    search = asked(args, at)
    return render_template("lookup/criteria.html", picker=criteria_picker(search, find, at))


@blueprint.get("/about")
@needs(Access.LOOKUP)
def about() -> str:
    """`lookup/about.html` with `about`: AboutPage (registers held, ranking methods, every edition, the catalogue)."""
    return render_template("lookup/about.html", about=about_page(context()))


@blueprint.get("/suggest")
@needs(Access.LOOKUP)
def suggest() -> Response:
    """JSON for the search box: `[{"kind", "label", "note", "url"}, …]` for `?q=…`.

    Kinds are firm, industry, process and product. While the engine is down only words of the catalogue are suggested.
    """
    engine: SearchEngine | None = None
    with suppress(EngineUnavailable):
        engine = services().engine()
    found = suggestions.suggest(request.args.get("q", ""), context(), engine)
    return Response(msgspec.json.encode(found), content_type="application/json")
