"""A search answered: the ResultPage that pages and API share, and the Screen that only HTML needs."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _

from portal.web.addresses import Addresses, bare, to_args
from portal.web.grammar import VIEWS
from portal.web.parameters import Search, default_sort
from portal.web.presenters import facets
from portal.web.presenters.cards import Asked, cards
from portal.web.presenters.chips import chips
from portal.web.presenters.chosen import criteria_open
from portal.web.presenters.context import Context
from portal.web.presenters.direct import Direct, find_direct
from portal.web.presenters.forms import Forms
from portal.web.presenters.labels import sort_labels
from portal.web.presenters.naming import Naming
from portal.web.presenters.near import near_misses
from portal.web.presenters.paging import page_links
from portal.web.presenters.relaxing import FEW, relaxations
from portal.web.screens import Hidden, Screen, SortChoice
from portal.web.tree import Coded, NoticeView, ResultPage
from search.contract import Notice, SearchEngine, SearchPage, SearchQuery, Sort
from search.text import parse_text

MAX_MODES = 20
MAX_SHOWN = 60
LONG = 2_000
"""Characters of an address, from where on its page shows fewer links that repeat it."""


def result_page(search: Search, path: str, at: Context, engine: SearchEngine, *, full: bool = True) -> ResultPage:
    """The page of results, its facets and cards, with addresses on `path`. Raises EngineUnavailable, QueryError.

    `full`: every card says rank and criteria; else only when they were asked for (two queries less).
    """
    query = search.query
    found = engine.search(replace(query, facets=facets.requests(search, at)))
    asked = Asked(query, {hit.id: hit.fit for hit in found.hits}, full)
    addresses = Addresses(search, path)
    return ResultPage(
        total=found.total,
        items=cards([hit.id for hit in found.hits], at, asked),
        facets=facets.views(search, found, path, at),
        page=query.page,
        pages=found.pages,
        per_page=query.per_page,
        data_version=at.data_version,
        valid_on=at.today,
        notices=_notices(search, found, at),
        next=addresses.of(page=str(query.page + 1)) if query.page < found.pages else None,
        previous=_page_url(addresses, min(query.page - 1, found.pages)) if query.page > 1 and found.pages else None,
    )


def screen(search: Search, page: ResultPage, path: str, at: Context, engine: SearchEngine) -> Screen:
    """What the HTML page needs beside it. Asks the engine again only for few or no hits. Raises EngineUnavailable."""
    query = search.query
    addresses, naming = Addresses(search, path), Naming(at)
    forms = Forms(query, naming)
    # On stored conditions an address names only what differs from them, so it stays short.
    active = chips(search, addresses, naming, folded=search.stored is None)
    asked = Asked(query)
    direct = find_direct(search, page, at) if query.text else Direct()
    better = engine.did_you_mean(replace(query, facets=(), page=1)) if query.text and not page.total else None
    past_end = 0 < page.pages < page.page
    searched = _searched(query, at)
    return Screen(
        text=query.text,
        text_searched=searched,
        past_end=past_end,
        brief=len(addresses.of()) > LONG,
        last_page_url=_page_url(addresses, page.pages) if past_end else None,
        chips=active,
        clear_url=_clear_url(search, path),
        sorts=_sorts(search, addresses, searched),
        pages=page_links(page.page, page.pages, lambda number: _page_url(addresses, number)),
        hidden=tuple(Hidden(name=name, value=value) for name, value in to_args(search) if name != "page"),
        relaxations=relaxations(query, page.total, addresses, naming, engine) if active and page.total < FEW else (),
        did_you_mean=(better, addresses.of(q=better)) if better else None,
        view=search.view,
        view_urls={view: addresses.of(view=view if view != VIEWS[0] else None) for view in VIEWS},
        asks_rank=asked.rank,
        asks_criteria=asked.criteria,
        direct=direct.item,
        number_searched=direct.number,
        registers=direct.registers,
        withdrawn_url=direct.withdrawn_url,
        modes=_modes(search, addresses, naming),
        criteria_url=Addresses(search, "/criteria").of(),
        criteria_open_url=None if criteria_open(search) else addresses.of(panel="criteria"),
        asked=tuple(Coded(code=code, label=at.coded(code, at.catalogue.criteria).label) for code in asked.codes),
        level_min_choices=forms.levels(),
        editions=forms.editions(),
        top=query.top,
        dates=forms.dates(),
        near=near_misses(query, page.total, addresses, at, engine),
        stored=search.stored,
        stored_changed=search.stored is not None and dict(to_args(bare(search))) != search.stored.args,
        keep_url=Addresses(search, "/conditions/new").of(),
        export_url=Addresses(search, "/exports/new").of(),
    )


def _searched(query: SearchQuery, at: Context) -> bool:
    """Whether the text holds anything that can be searched for; a sign alone, such as “-” or “😀”, is nothing."""
    return parse_text(query.text, at.vocabulary).node is not None


def _notices(search: Search, found: SearchPage, at: Context) -> tuple[NoticeView, ...]:
    notices = []
    text = search.query.text
    if text and not _searched(search.query, at):
        message = _(
            "Nothing in “%(text)s” can be searched for; the other conditions alone were used.", text=text[:MAX_SHOWN]
        )
        notices.append(NoticeView(code="nothing_searchable", message=message))
    if search.ignored:
        names = ", ".join(search.ignored)
        notices.append(
            NoticeView(code="ignored", message=_("Unknown parameters were ignored: %(names)s.", names=names))
        )
    if search.mine and not search.mine_heard:
        message = _("“mine” was ignored: it needs a buyer who is signed in, on these pages.")
        notices.append(NoticeView(code="mine_ignored", message=message))
    if search.cut:
        notices.append(
            NoticeView(code="text_cut", message=_("The text was too long; only its beginning was searched."))
        )
    if Notice.WORDS_LEFT_OUT in found.notices:
        notices.append(
            NoticeView(
                code=Notice.WORDS_LEFT_OUT, message=_("The text has too many words; the last ones were left out.")
            )
        )
    if Notice.COMPANY_FORMS_IGNORED in found.notices:
        notices.append(
            NoticeView(code=Notice.COMPANY_FORMS_IGNORED, message=_("Words such as “Co., Ltd” were not searched for."))
        )
    if search.query.page > max(found.pages, 1):
        notices.append(NoticeView(code="past_the_end", message=_("This page lies past the end of the results.")))
    return tuple(notices)


def _clear_url(search: Search, path: str) -> str:
    """The text and the way of looking stay; every filter goes."""
    query = search.query
    query = type(query)(text=query.text, per_page=query.per_page)
    kept = replace(search, query=query, panel=(), stored=None, mine=None)
    return Addresses(kept, path).of()


def _sorts(search: Search, addresses: Addresses, searched: bool) -> tuple[SortChoice, ...]:
    """The orders that make sense for the search; without a text to search, relevance is newest first."""
    query = search.query
    effective = Sort.NEWEST if query.sort is Sort.RELEVANCE and not searched else query.sort
    default = default_sort(query.nice)
    choices = []
    for value, label in sort_labels().items():
        if (value == Sort.RELEVANCE and not searched) or (value == Sort.FIT and not query.nice and effective != value):
            continue
        url = addresses.of(sort=None if value == default else value)
        choices.append(SortChoice(value=value, label=label, selected=value == effective, url=url))
    return tuple(choices)


def _page_url(addresses: Addresses, number: int) -> str:
    return addresses.of(page=str(number) if number > 1 else None)


def _modes(search: Search, addresses: Addresses, naming: Naming) -> tuple[SortChoice, ...]:
    """ALL, ANY and at least N of the criteria asked, when there are two or more."""
    query = search.query
    count = len(query.criteria)
    if count < 2:
        return ()
    modes = ["all", "any", *(str(number) for number in range(2, min(count, MAX_MODES)))]
    return tuple(
        SortChoice(
            value=mode,
            label=naming.mode(replace(query, criteria_mode=int(mode) if mode.isdigit() else mode)),  # type: ignore[arg-type]
            selected=str(query.criteria_mode) == mode,
            url=addresses.of(criteria_mode=None if mode == "all" else mode),
        )
        for mode in modes
    )
