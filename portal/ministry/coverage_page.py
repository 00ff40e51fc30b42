"""The coverage page: targets, the map, and the table of two dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext as _
from markupsafe import Markup

from portal.coverage.axes import Dimension, Meet
from portal.coverage.snapshots import Past, days, narrowable, narrowed, on_or_before
from portal.ministry.coverage_asked import PATH, Asked, Measure
from portal.ministry.coverage_known import known_targets
from portal.ministry.coverage_places import TileView, tiles
from portal.ministry.coverage_table import LOOKUP, Says, counted, counts, per_cent, since, table_view
from portal.ministry.coverage_targets import TargetView, target_views
from portal.ministry.coverage_words import depth_words, dimension_words, measure_words, meet_words
from portal.register.catalogue import Named
from portal.services import services
from portal.web.addresses import Addresses, to_args
from portal.web.parameters import Search
from portal.web.presenters.chips import chips
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from portal.web.screens import Chip, Hidden
from portal.web.templating import render_template
from portal.web.tree import Struct

_SELECTED = {"sector": "sectors", "region": "regions", "tier": "tiers", "size": "sizes"}
"""Filters that the form offers one value of; several of one stay as they are."""


class Choice(Struct, frozen=True, kw_only=True):
    """A field of the form: its values with their labels, and the one chosen."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]
    chosen: str


class CoveragePage(Struct, frozen=True, kw_only=True):
    """All of it. `hidden`: filters that the form does not show; `stock_url`, `year_url`: all there are, new ones.

    `folded`: what is folded up says something.
    """

    targets: tuple[TargetView, ...]
    tiles: tuple[TileView, ...]
    table: Markup
    total: int
    rows: str
    columns: str
    measure: str
    target: str
    gained: bool
    since: date | None
    until: date | None
    stock_url: str
    year_url: str
    swap_url: str
    chips: tuple[Chip, ...]
    clear_url: str
    choices: tuple[Choice, ...]
    filters: tuple[Choice, ...]
    dates: tuple[tuple[str, str, str], ...]
    against: str
    hidden: tuple[Hidden, ...]
    files_query: str
    search_url: str
    data_version: int
    valid_on: date
    notices: tuple[str, ...]
    folded: bool


def past_of(asked: Asked, at: Context) -> Past | None:
    """The table as it was on the day that is compared with, or the last one before; None where that was not kept.

    Snapshots hold tables of two dimensions, so of filters they know those on the table's own.
    """
    if asked.measure is not Measure.CHANGE or not _kept(asked, at):
        return None
    before = asked.against or at.today - timedelta(days=1)
    past = on_or_before(at.session, before, asked.rows.dimension, asked.columns.dimension)
    return narrowed(past, asked.query, asked.rows, asked.columns) if past else None


def _kept(asked: Asked, at: Context) -> bool:
    usual = (asked.rows.depth, asked.rows.meet) == (1, Meet.ANY)
    return usual and narrowable(asked.query, asked.rows, asked.columns, at.catalogue)


def saying(asked: Asked, past: Past | None) -> Says:
    """What the table's cells say."""
    if asked.measure is Measure.PERCENT and asked.target:
        return per_cent(asked.target, asked)
    return since(past) if past else counts()


def table_html(asked: Asked, at: Context) -> Markup:
    """The table as `ministry/_heat.html` shows it; kept while nothing changes: thousands of links take their time.

    Raises EngineUnavailable.
    """
    shared = services()
    past = past_of(asked, at)
    question = (
        at.lang,
        at.data_version,
        at.today,
        known_targets(at).stamp,
        asked.search,
        *asked.own(),
        past and past.day,
    )
    return shared.kept_tables.answer(question, lambda: _table_html(asked, past, at))


def _table_html(asked: Asked, past: Past | None, at: Context) -> Markup:
    return Markup(  # noqa: S704  (a template escapes what it is given)
        render_template(
            "ministry/_heat.html",
            table=table_view(asked, counted(asked, at), saying(asked, past), at),
            rows=dimension_words()[asked.rows.dimension],
            columns=dimension_words()[asked.columns.dimension],
            grouped=Dimension.GROUP in (asked.rows.dimension, asked.columns.dimension),
            files_query=Addresses(asked.search, PATH, asked.own()).of().partition("?")[2],
        )
    )


def coverage_page(asked: Asked, at: Context) -> CoveragePage:
    """The page. Raises EngineUnavailable."""
    search, naming = asked.search, Naming(at)
    addresses = Addresses(search, PATH, asked.own())
    own = dict(asked.own())
    swapped = [*{**own, "rows": own["columns"], "columns": own["rows"]}.items()]
    year = date(at.today.year, 1, 1).isoformat()
    return CoveragePage(
        targets=target_views(search.lang, at),
        tiles=tiles(asked, at),
        table=table_html(asked, at),
        total=counted(asked, at).total,
        rows=dimension_words()[asked.rows.dimension],
        columns=dimension_words()[asked.columns.dimension],
        measure=asked.measure.value,
        target=asked.target.name(at.lang) if asked.target else "",
        gained=asked.gained,
        since=asked.query.certified_from,
        until=asked.query.certified_to,
        stock_url=addresses.of(certified_from=None, certified_to=None) + "#table",
        year_url=addresses.of(certified_from=year, certified_to=None) + "#table",
        swap_url=Addresses(search, PATH, swapped).of() + "#table",
        chips=chips(search, addresses, naming, folded=True),
        clear_url=Addresses(Search(query=type(search.query)(), lang=search.lang), PATH, asked.own()).of() + "#table",
        choices=_choices(asked, at),
        filters=_filters(asked, naming, at),
        dates=tuple(
            (name, naming.parameters[name], str(getattr(asked.query, name) or ""))
            for name in ("certified_from", "certified_to")
        ),
        against=asked.against.isoformat() if asked.against else "",
        hidden=_hidden(search),
        files_query=addresses.of().partition("?")[2],
        search_url=Addresses(search, LOOKUP).of(),
        data_version=at.data_version,
        valid_on=at.today,
        notices=(*_notices(search), *_no_past(asked, at)),
        folded=bool(search.query != type(search.query)() or len(asked.own()) > 2),
    )


def _choices(asked: Asked, at: Context) -> tuple[Choice, ...]:
    dimensions = tuple(dimension_words().items())
    targets = tuple((code, target.name(at.lang)) for code, target in known_targets(at).by_code.items())
    measures = tuple((code, word) for code, word in measure_words().items() if targets or code != Measure.PERCENT)
    made = [
        Choice(name="rows", label=_("Table rows"), values=dimensions, chosen=asked.rows.dimension),
        Choice(name="columns", label=_("Table columns"), values=dimensions, chosen=asked.columns.dimension),
        Choice(name="measure", label=_("Cells say"), values=measures, chosen=asked.measure),
        Choice(name="target", label=_("Target"), values=targets, chosen=asked.target.code if asked.target else ""),
        Choice(
            name="depth", label=_("Industries by"), values=tuple(depth_words().items()), chosen=str(asked.rows.depth)
        ),
        Choice(
            name="meet", label=_("A group counts where"), values=tuple(meet_words().items()), chosen=asked.rows.meet
        ),
    ]
    return tuple(choice for choice in made if choice.values)


def _filters(asked: Asked, naming: Naming, at: Context) -> tuple[Choice, ...]:
    known: Mapping[str, Mapping[str, Named]] = {
        "sector": at.catalogue.sectors,
        "region": {code: region for code, region in at.catalogue.regions.items() if region.kind == "province"},
        "tier": at.catalogue.tiers,
        "size": at.catalogue.sizes,
    }
    made = []
    for name, field in _SELECTED.items():
        chosen = getattr(asked.query, field)
        if len(chosen) > 1:
            continue
        values = {code: named.name(at.lang) for code, named in known[name].items()}
        values |= {code: naming.code(name, code) for code in chosen}
        made.append(
            Choice(
                name=name,
                label=naming.parameters[name],
                values=(("", _("all")), *values.items()),
                chosen=chosen[0] if chosen else "",
            )
        )
    return tuple(made)


def _hidden(search: Search) -> tuple[Hidden, ...]:
    """What the form carries along."""
    shown = {name for name, field in _SELECTED.items() if len(getattr(search.query, field)) <= 1}
    shown |= {"certified_from", "certified_to"}
    return tuple(Hidden(name=name, value=value) for name, value in to_args(search) if name not in shown)


def _no_past(asked: Asked, at: Context) -> tuple[str, ...]:
    """Why no change can be told, or since which day it is."""
    if asked.measure is not Measure.CHANGE:
        return ()
    past = past_of(asked, at)
    if past is not None:
        return (_("Changes are told since the snapshot of %(day)s.", day=past.day),)
    if not _kept(asked, at):
        return (
            _(
                "What these filters found on an earlier day was not kept, so numbers of firms are shown. Kept are"
                " tables of two dimensions, with filters on those two: make the filter a row or column, or clear it."
            ),
        )
    known = days(at.session)
    if known and known[0] < at.today:
        return (_("There is no snapshot of that day or before; the first is of %(day)s.", day=known[0]),)
    return (_("There is no snapshot yet of an earlier day: the worker takes one after each midnight."),)


def _notices(search: Search) -> tuple[str, ...]:
    return tuple(_("The parameter %(name)s is unknown and was left aside.", name=name) for name in search.ignored)
