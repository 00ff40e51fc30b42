"""Documents and queries made at random from few values, so that they meet often. Hypothesis drives the queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from search import (
    Change,
    FacetName,
    FacetRequest,
    HeldCertificate,
    LevelChoice,
    SearchQuery,
    Sort,
    Standing,
    SupplierDocument,
    Tombstone,
    Vocabulary,
)

VOCABULARY = Vocabulary(
    schemes={
        "ISO/9001 (zh)": (),
        "quality": ("经验级", "检验级", "保证级"),
        "green": ("one", "two"),
        "CCC": (),
    },
    synonyms=(("轴承", "bearing"), ("齿轮", "gear", "cogwheel")),
    company_forms=("有限公司", "股份有限公司", "Co., Ltd", "Ltd"),
    fingerprint="tests",
)
TODAY = date(2026, 3, 1)

SECTORS = ("electronics", "textiles", "steel", "other")
INDUSTRIES = (
    ("34",),
    ("34", "345"),
    ("34", "345", "3451"),
    ("34", "348", "3481"),
    ("17", "171"),
    ("17", "178", "1781"),
)
REGIONS = (("31", "310115"), ("31",), ("44", "441900"), ("44", "440300"), ("US", "US-CA"))
PROCESSES = ("casting", "forging", "SMT", "热处理")
TIERS = ("little giant", "innovative")
SIZES = ("small", "medium", "micro")
STATUSES = ("active", "suspended")
CRITERIA = tuple(f"X{number:02d}" for number in range(12))
EDITIONS = ("steel-2024", "steel 2025", "tex.2025")
GRADES = ("A", "B", "AAA|x")
FLAGS = ("certificate", "website", "risk")
NAMES = (
    "东莞精密轴承有限公司",
    "苏州齿轮股份有限公司",
    "長沙軸承廠",
    "Acme Gear Co., Ltd",
    "ＡＢＣ机床",
    "重庆长城阀门",
)
PRODUCTS = ("深沟球轴承", "ball bearing", "齿轮箱", "M8 螺栓", "A型机床", "不锈钢阀门")
TEXTS = ("轴承的设计和制造", "design of gears", "热处理加工", "")
WORDS = (
    "轴承",
    "bearing",
    "齿轮",
    "机床",
    "阀门",
    "长沙",
    "zhoucheng",
    "acme",
    "M8",
    "钢",
    "有限公司",
    "设计",
    "没有的",
)


def _some(random: Random, values: tuple[str, ...], most: int = 3) -> tuple[str, ...]:
    return tuple(random.sample(values, random.randint(0, min(most, len(values)))))


def _certificate(random: Random) -> HeldCertificate:
    scheme = random.choice(("quality", *VOCABULARY.schemes))
    level = random.choice([None, *VOCABULARY.schemes[scheme], *VOCABULARY.schemes[scheme]])
    since = TODAY - timedelta(days=random.randint(0, 8))
    end = TODAY + timedelta(days=random.randint(0, 8))
    return HeldCertificate(scheme, level, since, random.choice((None, end, end, end)))


def _standings(random: Random) -> tuple[Standing, ...]:
    editions = _some(random, EDITIONS)
    places = [(random.randint(1, peers), peers) for peers in (random.choice((7, 1000)) for _ in editions)]
    current = random.randrange(-1, 3)
    return tuple(
        Standing(edition, position, peers, random.choice(GRADES), at == current)
        for at, (edition, (position, peers)) in enumerate(zip(editions, places, strict=True))
    )


def make_document(random: Random, number: int, version: int = 1) -> SupplierDocument:
    """A document; the same generator state makes the same one."""
    key = f"CN-USCC/{number:018d}"
    return SupplierDocument(
        id=key,
        version=version,
        names=tuple(random.sample(NAMES, random.randint(1, 2))),
        codes=(key.split("/")[1], f"GB-{number % 50:04d}/X"),
        products=_some(random, PRODUCTS),
        texts=tuple(filter(None, _some(random, TEXTS, 2))),
        sort_name=random.choice(("", "a", "ab", "a b", "Ab", "中", "é", "z" * 3)),
        sector=random.choice(SECTORS),
        industries=tuple(random.sample(INDUSTRIES, random.randint(0, 3))),
        processes=_some(random, PROCESSES),
        tiers=_some(random, TIERS),
        size=random.choice((None, *SIZES)),
        status=random.choice((None, *STATUSES)),
        regions=tuple(random.sample(REGIONS, random.randint(0, 2))),
        certificates=tuple(_certificate(random) for _ in range(random.randint(0, 4))),
        criteria_met=_some(random, CRITERIA, 9),
        assessed_on=random.choice((None, TODAY - timedelta(days=random.randint(0, 5)))),
        standings=_standings(random),
        flags=_some(random, FLAGS),
        listed=random.choice((0, 3, 20_000, 1_770_000_000)),
    )


def make_changes(seed: int, size: int) -> list[Change]:
    """A history: documents, newer and older versions of some of them, and withdrawals."""
    random = Random(seed)
    changes: list[Change] = [make_document(random, number, 5) for number in range(size)]
    for number in random.sample(range(size), size // 4):
        version = random.choice((4, 5, 6, 7))
        changes.append(make_document(random, number, version))
        if random.random() < 0.5:
            changes.append(Tombstone(changes[-1].id, random.choice((5, 6, 7, 8))))
    return changes


def subset(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


def choices(most: int) -> st.SearchStrategy[tuple[LevelChoice, ...]]:
    every = [LevelChoice(scheme, level) for scheme, own in VOCABULARY.schemes.items() for level in (None, *own)]
    return st.lists(st.sampled_from(every), unique=True, min_size=1, max_size=most).map(tuple)


def days() -> st.SearchStrategy[date | None]:
    return st.none() | st.integers(-9, 9).map(lambda offset: TODAY + timedelta(days=offset))


def texts() -> st.SearchStrategy[str]:
    """Words, also with the operators."""
    word = st.sampled_from(WORDS)
    words = st.lists(
        st.one_of(word, word.map('"{}"'.format), word.map("-{}".format), st.just("OR"), st.just("GB-0007/X")),
        max_size=3,
    ).map(" ".join)
    return word | words


CODES = (
    *(code for path in INDUSTRIES for code in path),
    "99",
)
PLACES = (*(code for path in REGIONS for code in path), "99")
ALL_VALUES: dict[FacetName, tuple[str, ...]] = {
    "sector": (*SECTORS, "none such"),
    "process": PROCESSES,
    "tier": TIERS,
    "size": SIZES,
    "status": STATUSES,
    "criteria": CRITERIA,
    "flag": FLAGS,
    "edition": EDITIONS,
    "grade": GRADES,
    "level": ("quality", "quality:检验级", "CCC", "green:two"),
}


@st.composite
def facets(draw: st.DrawFn) -> FacetRequest:
    name: FacetName = draw(st.sampled_from((*ALL_VALUES, "industry", "region")))
    deep = {"industry": 3, "region": 2}.get(name)
    values = ALL_VALUES.get(name, ())
    return FacetRequest(
        name,
        size=draw(st.sampled_from((1, 2, 50))),
        depth=draw(st.integers(1, deep)) if deep else 1,
        values=draw(subset(values, 3)) if values else (),
        keep=draw(subset(values)) if values else (),
    )


CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "text": texts(),
    "sectors": subset((*SECTORS, "none such"), 3),
    "industries": subset(CODES),
    "processes": subset(PROCESSES),
    "tiers": subset(TIERS),
    "sizes": subset(SIZES),
    "statuses": subset(STATUSES),
    "regions": subset(PLACES),
    "levels": choices(3),
    "levels_min": choices(2),
    "edition": st.sampled_from(EDITIONS),
    "grades": subset(GRADES),
    "top": st.sampled_from((1, 15, 43, 100)),
    "assessed_since": days(),
}


SUBTLE = (
    (),
    ("levels", "dates"),
    ("levels_min", "dates"),
    ("dates",),
    ("edition", "grades"),
    ("grades", "top"),
    ("criteria",),
)
"""Conditions that speak of each other, and so are drawn together."""

FACETS_OF = {
    ("levels", "dates"): (FacetRequest("level"),),
    ("levels_min", "dates"): (FacetRequest("level"),),
    ("dates",): (FacetRequest("level", values=("quality:检验级", "CCC"), keep=("green",)),),
    ("edition", "grades"): (FacetRequest("edition"), FacetRequest("grade")),
    ("grades", "top"): (FacetRequest("grade", size=1), FacetRequest("edition")),
    ("criteria",): (FacetRequest("criteria"), FacetRequest("criteria", size=2, values=("X01", "X02", "X03"))),
}
"""What is counted in an own way under them."""


@st.composite
def queries(draw: st.DrawFn) -> SearchQuery:
    """A query without contradictions and with few conditions: with many at once nothing is ever found."""
    subtle = draw(st.sampled_from(SUBTLE))
    active = {*subtle, *draw(st.sets(st.sampled_from((*CONDITIONS, "dates", "flags", "criteria")), max_size=2))}
    nice = draw(st.dictionaries(st.sampled_from(CRITERIA), st.integers(1, 3), max_size=4))
    query = SearchQuery(
        nice=tuple(nice.items()),
        sort=draw(st.sampled_from(Sort)),
        page=draw(st.integers(1, 3)),
        per_page=draw(st.sampled_from((1, 7, 100))),
        facets=(*FACETS_OF.get(subtle, ()), *draw(st.lists(facets(), max_size=3))),
        **{name: draw(condition) for name, condition in CONDITIONS.items() if name in active},
    )
    for name, add in (("dates", _with_dates), ("flags", _with_flags), ("criteria", _with_criteria)):
        query = add(draw, query) if name in active else query
    return query


def _with_dates(draw: st.DrawFn, query: SearchQuery) -> SearchQuery:
    through, before, start, end = (draw(days()) for _ in range(4))
    return replace(
        query,
        valid_through=through,
        expires_before=None if through and before and through >= before else before,
        certified_from=start,
        certified_to=None if start and end and start > end else end,
    )


def _with_flags(draw: st.DrawFn, query: SearchQuery) -> SearchQuery:
    has = draw(subset(FLAGS))
    return replace(query, has=has, lacks=tuple(flag for flag in draw(subset(FLAGS)) if flag not in has))


def _with_criteria(draw: st.DrawFn, query: SearchQuery) -> SearchQuery:
    asked = draw(subset(CRITERIA, 8))
    mode: Any = draw(st.sampled_from(("all", "any")) | st.integers(1, len(asked))) if asked else "all"
    if isinstance(mode, int) and mode < len(asked) and draw(st.booleans()):
        mode = (mode, draw(st.integers(mode, len(asked) - 1)))
    unwanted = tuple(code for code in draw(subset(CRITERIA)) if code not in asked)
    return replace(query, criteria=asked, criteria_mode=mode, criteria_not=unwanted)
