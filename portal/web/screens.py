"""What HTML pages show beside `portal.web.tree`, in the same frozen form; EditionView and Suggestion are the API's too.
Labels are in the page's language.
"""

from __future__ import annotations

from datetime import date, datetime

from portal.web.stored import Stored
from portal.web.tree import Coded, ResultItem, Source, Struct


class Chip(Struct, frozen=True, kw_only=True):
    """An active filter: its value as in addresses and in words, and the address without it.

    `count`: how many values it stands for.
    """

    parameter: str
    code: str
    label: str
    value: str
    url: str
    count: int = 1


class Relaxation(Struct, frozen=True, kw_only=True):
    """A filter or must criterion whose removal would bring `more` further firms."""

    label: str
    value: str
    more: int
    url: str


class NearMisses(Struct, frozen=True, kw_only=True):
    """Firms one or two musts short: how many, where they are listed, with few hits the first ones; `musts`: codes."""

    total: int
    url: str
    items: tuple[ResultItem, ...]
    musts: tuple[str, ...]


class SortChoice(Struct, frozen=True, kw_only=True):
    """An order to choose; `url` None for the present one."""

    value: str
    label: str
    selected: bool
    url: str


class PageLink(Struct, frozen=True, kw_only=True):
    """A page to go to; `url` None for a gap or the present page."""

    label: str
    url: str | None
    current: bool


class Hidden(Struct, frozen=True, kw_only=True):
    """A hidden form field that carries the state through a GET form."""

    name: str
    value: str


class Choice(Struct, frozen=True, kw_only=True):
    """An option of a select field."""

    value: str
    label: str
    selected: bool


class Screen(Struct, frozen=True, kw_only=True):
    """What the HTML result page needs beside the ResultPage.

    `direct`: the firm whose number or exact name was typed, when the filters exclude it. `modes`: ALL, ANY, at least N,
    when two criteria or more are asked. `criteria_url`: the page to choose criteria on; `criteria_open_url`: this page
    with the criteria facet counted, None when it is. `asked`: the criteria asked, musts first, with their labels.
    `withdrawn_url`: the firm whose number or name was typed was withdrawn, and that page says why.
    `text_searched`: the text holds something that can be searched for. `past_end`: the page lies past the last one, to
    which `last_page_url` leads. `brief`: the address is so long, and repeated in so many links, that values of facets
    beyond the first ones are left out.
    `near`: who is one or two musts short, when two are asked. `stored`: the sourcing conditions that the page stands
    on, `stored_changed`: something else is asked than they do. `keep_url`: where what is asked can be kept.
    `level_min_choices`, `editions`, `top`, `dates` (all five by name): what the filter forms show.
    """

    text: str
    text_searched: bool
    past_end: bool
    brief: bool
    last_page_url: str | None
    chips: tuple[Chip, ...]
    clear_url: str
    sorts: tuple[SortChoice, ...]
    pages: tuple[PageLink, ...]
    hidden: tuple[Hidden, ...]
    relaxations: tuple[Relaxation, ...]
    did_you_mean: tuple[str, str] | None
    view: str
    view_urls: dict[str, str]
    asks_rank: bool
    asks_criteria: bool
    direct: ResultItem | None
    number_searched: str | None
    registers: tuple[Source, ...]
    withdrawn_url: str | None
    modes: tuple[SortChoice, ...]
    criteria_url: str
    criteria_open_url: str | None
    asked: tuple[Coded, ...]
    level_min_choices: tuple[Choice, ...]
    editions: tuple[Choice, ...]
    top: int | None
    dates: dict[str, date | None]
    near: NearMisses | None
    stored: Stored | None
    stored_changed: bool
    keep_url: str
    export_url: str


class EditionView(Struct, frozen=True, kw_only=True):
    """A published ranking; `method` in words, `url` its page, `top_url` the result sorted by it."""

    code: str
    label: str
    sector: Coded
    industry: Coded | None
    period: str
    official: bool
    peers: int
    as_of: date
    published_at: datetime
    current: bool
    method: str
    method_version: str
    weights: tuple[tuple[str, int], ...]
    grades: tuple[tuple[str, int], ...]
    minimum_assessed: float | None
    source: Source | None
    url: str
    top_url: str


class SectorCard(Struct, frozen=True, kw_only=True):
    """A sector on the home page; `count` certified firms, None while the engine is down."""

    code: str
    label: str
    count: int | None
    url: str


class HomePage(Struct, frozen=True, kw_only=True):
    """The home page: firms listed and certified (None while the engine is down), sectors, newest editions."""

    available: bool
    total: int | None
    certified: int | None
    sectors: tuple[SectorCard, ...]
    editions: tuple[EditionView, ...]
    all_url: str
    valid_on: date


class CriterionChoice(Struct, frozen=True, kw_only=True):
    """A criterion to choose: `choice` is must, not, nice or "" (none); the addresses lead back to the same page."""

    code: str
    label: str
    group: str
    sector: str
    test: str
    reference: str
    verified: str
    choice: str
    must_url: str
    not_url: str
    nice_url: str


class CriteriaPicker(Struct, frozen=True, kw_only=True):
    """The page to choose criteria on: what was searched, the choices, and the way back to the result.

    `matching` of `total` criteria hold what was searched.
    """

    find: str
    choices: tuple[CriterionChoice, ...]
    chosen: tuple[CriterionChoice, ...]
    total: int
    matching: int
    hidden: tuple[Hidden, ...]
    back_url: str


class AboutPage(Struct, frozen=True, kw_only=True):
    """What the register holds and how it is computed; `notices`: label, address, last day of lists under notice."""

    catalogue_title: str
    catalogue_authority: str
    catalogue_version: str
    catalogue_as_of: date
    registers: tuple[Source, ...]
    notices: tuple[tuple[str, str, date], ...]
    editions: tuple[EditionView, ...]
    criteria: int
    criteria_verified: int
    data_version: int
    search_log: bool
    search_log_days: int


class Suggestion(Struct, frozen=True, kw_only=True):
    """A line below the search box: a firm, industry, process or product and where it leads; `note` says what it is."""

    kind: str
    label: str
    note: str
    url: str
