"""What the page /firm/why shows: a search's conditions one by one, common searches, and a form for one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from flask import url_for

from portal.company.reasons import Firm, next_levels, reasons
from portal.company.why import Why, appears, conditions, explain, without
from portal.indexing.documents import DocumentMaker
from portal.indexing.firms import read_firms
from portal.models import Supplier
from portal.services import services
from portal.suppliers.why_words import Advice, Words
from portal.usage import reading
from portal.web.addresses import address, bare
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from search.contract import EngineUnavailable, LevelChoice, SearchEngine, SearchQuery, Tombstone
from search.matching import Collection

LOOKUP = "/suppliers"
COMMON_LEVELS = (2, 3)
"""Ranks of the levels that common searches ask for."""

COMMON_TOP = 10
COMMON = 10
"""Searches shown at most."""

ASKED_MOST = 4
"""Of them by what buyers really ask."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A condition in words: met, or why not and what helps."""

    label: str
    value: str
    met: bool
    reasons: tuple[str, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class Common:
    """A search that many make: where it is looked at here, and whether the firm appears."""

    label: str
    url: str
    appears: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """A search before the firm. `total`: how many it finds, `fewer`: without what is not met; None: engine down."""

    summary: str
    appears: bool
    conditions: tuple[Shown, ...]
    search_url: str
    fewer_url: str
    total: int | None
    fewer: int | None

    @property
    def unmet(self) -> tuple[Shown, ...]:
        """What keeps the firm out."""
        return tuple(one for one in self.conditions if not one.met)


def firm_facts(row: Supplier, at: Context) -> Firm | None:
    """What the index says of the firm, made anew; None for one that is withdrawn."""
    [rows] = read_firms(at.session, [row.id])
    document = DocumentMaker(at.catalogue, at.today).change(rows)
    return None if isinstance(document, Tombstone) else Firm(rows, document, at.catalogue, at.today)


def verdict(search: Search, firm: Firm, among: Collection, at: Context, engine: Callable[[], SearchEngine]) -> Verdict:
    """The search's conditions one by one; `among`: the firm alone."""
    query = search.query
    [why] = explain(query, among, at.vocabulary)
    naming = Naming(at)
    left = replace(search, query=without(query, (one.condition for one in why.failed)))
    total, fewer = _totals([query, left.query], engine)
    return Verdict(
        summary=Words(naming).said(conditions(query, at.vocabulary)),
        appears=why.appears,
        conditions=tuple(_shown(why, firm, Words(naming))),
        search_url=address(search, LOOKUP),
        fewer_url=address(left, LOOKUP),
        total=total,
        fewer=fewer,
    )


def _shown(why: Why, firm: Firm, words: Words) -> Iterator[Shown]:
    for judged in why.conditions:
        found = reasons(judged, firm)
        helps = tuple(dict.fromkeys(help_ for reason in found for help_ in reason.help))
        yield Shown(
            label=words.label(judged.condition),
            value=words.value(judged.condition),
            met=judged.met,
            reasons=tuple(words.reason(reason, judged.condition) for reason in found),
            advice=tuple(words.advice(helps)),
        )


def _totals(queries: list[SearchQuery], engine: Callable[[], SearchEngine]) -> list[int] | list[None]:
    try:
        return engine().counts(queries)
    except EngineUnavailable:
        return [None] * len(queries)


def common_searches(firm: Firm, among: Collection, at: Context) -> tuple[Common, ...]:
    """What buyers of the firm's sector ask most, and commonly ask by the catalogue, with whether it appears."""
    queries = list(dict.fromkeys((*_asked(firm, at), *_common(firm))))[:COMMON]
    words, path = Words(Naming(at)), url_for("suppliers.why")
    answers = appears(queries, among, at.vocabulary)
    made = []
    for query, there in zip(queries, answers, strict=True):
        said = words.said(conditions(query, at.vocabulary))
        made.append(Common(said, address(bare(Search(query=query)), path), there))
    return tuple(made)


def _asked(firm: Firm, at: Context) -> tuple[SearchQuery, ...]:
    """By the log of searches, of what may be told."""
    if not services().settings.search_log:
        return ()
    sector = firm.document.sector
    question = ("popular", sector, *reading.version(at.session, at.today))
    return services().kept.answer(
        question, lambda: reading.popular(reading.logged(at.session, at.today), sector, ASKED_MOST)
    )


def _common(firm: Firm) -> Iterator[SearchQuery]:
    document, catalogue = firm.document, firm.catalogue
    certified = SearchQuery(has=("certificate",), sectors=(document.sector,))
    yield certified
    for path in document.regions[:1]:
        yield replace(certified, regions=path[:1])
    for path in document.industries[:1]:
        yield replace(certified, sectors=(), industries=path[-1:])
    for product in document.products[:1]:
        yield replace(certified, sectors=(), text=product)
    scheme = next((scheme for scheme in catalogue.schemes.values() if scheme.levels), None)
    for level in scheme.levels if scheme else ():
        if scheme and level.rank in COMMON_LEVELS:
            yield replace(certified, levels_min=(LevelChoice(scheme.code, level.code),))
    yield replace(certified, top=COMMON_TOP)
    yield replace(certified, lacks=("risk",))


def ahead(firm: Firm, at: Context) -> tuple[Advice, ...]:
    """The next levels, and what they take."""
    words = Words(Naming(at))
    return tuple(advice for _choice, help_ in next_levels(firm) for advice in words.advice((help_,)))
