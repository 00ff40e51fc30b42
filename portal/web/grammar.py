"""The table of parameters that pages and API share (README, Design): parsing, OpenAPI and its documentation read it.

Descriptions are English, for the API's document; labels that visitors see are in `presenters/labels.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.web.i18n import LANGUAGES
from search.contract import MAX_PER_PAGE, Sort

MAX_TEXT = 500
"""Longer texts are cut here, and a notice says so; the engine takes 32 words in any case (rule 23)."""

MAX_WEIGHT = 100
PER_PAGE = 20
VIEWS = ("list", "table")
MINE = ("only", "hide")
PANELS = ("criteria",)


class Kind(StrEnum):
    """The type of a parameter's values."""

    TEXT = "text"
    CODE = "code"
    LEVEL = "level"
    WEIGHTED = "weighted"
    DATE = "date"
    INTEGER = "integer"
    CHOICE = "choice"
    MODE = "mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter. `repeat`: it may come several times or hold a comma list; values are a set then.

    `of` names the part of the catalogue that holds its codes ("sectors", "criteria", …; "flags" and "editions" are not
    in the catalogue); `field` is the field of SearchQuery it fills ("" for those of the page alone). `values`: all that
    are possible; `minimum`, `maximum`: of an integer. `page_only`: an HTML page's, not the API's.
    """

    name: str
    type: Kind
    repeat: bool = False
    description: str
    field: str = ""
    of: str = ""
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: str = ""
    example: str = ""
    page_only: bool = False


def _codes(name: str, of: str, description: str, example: str, field: str = "") -> Parameter:
    return Parameter(
        name=name, type=Kind.CODE, repeat=True, description=description, of=of, example=example, field=field or of
    )


def _day(name: str, description: str) -> Parameter:
    return Parameter(name=name, type=Kind.DATE, description=description, field=name, example="2027-06-30")


_ABOUT_LEVELS = " With level or level_min it speaks of that same certificate."

TABLE: tuple[Parameter, ...] = (
    Parameter(
        name="q",
        type=Kind.TEXT,
        field="text",
        example="轴承",
        description="Text: product, process, firm or code, in Chinese, English or pinyin. All words must match; "
        'a phrase in "double quotes", -word excludes, OR between alternatives.',
    ),
    _codes("sector", "sectors", "Main sector, any of these.", "machinery"),
    _codes("industry", "industries", "GB/T 4754-2017 code, any of these; includes what lies under it.", "3451"),
    _codes("process", "processes", "Manufacturing process, any of these.", "forging"),
    _codes("tier", "tiers", "Tier in force, any of these.", "little_giant"),
    _codes("size", "sizes", "Size class, any of these.", "small"),
    _codes("status", "statuses", "Registration status, any of these.", "active"),
    Parameter(
        name="level",
        type=Kind.LEVEL,
        repeat=True,
        field="levels",
        example="quality_capability:assurance",
        description="scheme: a valid certificate of it; scheme:level: the highest valid level is that. Any of these.",
    ),
    Parameter(
        name="level_min",
        type=Kind.LEVEL,
        repeat=True,
        field="levels_min",
        example="quality_capability:assurance",
        description="scheme:level: that level or higher; several schemes: all of them.",
    ),
    _codes("criteria", "criteria", "Criteria to be met; criteria_mode says how many of them.", "X01-05"),
    Parameter(
        name="criteria_mode",
        type=Kind.MODE,
        field="criteria_mode",
        default="all",
        example="2",
        description="all (default), any, or a number: at least so many of `criteria`; 28-29: at least 28 "
        "and at most 29, fewer than are named (near misses).",
    ),
    _codes("criteria_not", "criteria", "Criteria not recorded as met.", "X09-01", field="criteria_not"),
    Parameter(
        name="nice",
        type=Kind.WEIGHTED,
        repeat=True,
        field="nice",
        example="X03-07:2",
        description="Criteria nice to have: code, or code:weight (1 to 100; default 1). Results are ordered by fit.",
    ),
    _codes(
        "region",
        "regions",
        "GB/T 2260 code (or US-XX, or a country code), any of these; a province includes its places. "
        "By production site, else registered place. A place replaces the province it lies in.",
        "330200",
    ),
    Parameter(
        name="edition",
        type=Kind.CODE,
        field="edition",
        of="editions",
        description="Ranking edition that grade, top and sort=rank speak of; "
        "default: the current one of a firm's sector. Alone: firms ranked in it.",
    ),
    Parameter(
        name="grade", type=Kind.TEXT, repeat=True, field="grades", example="A", description="Grade in the edition."
    ),
    Parameter(
        name="top",
        type=Kind.INTEGER,
        field="top",
        minimum=1,
        maximum=100,
        example="10",
        description="Among the best x per cent of the edition.",
    ),
    _day("valid_through", "The latest certificate ends on this day or later." + _ABOUT_LEVELS),
    _day("expires_before", "The latest certificate ends before this day." + _ABOUT_LEVELS),
    _day("certified_from", "Certified since this day or later (earliest start)." + _ABOUT_LEVELS),
    _day("certified_to", "Certified since this day or earlier (earliest start)." + _ABOUT_LEVELS),
    _day("assessed_since", "The current assessment is of this day or later."),
    _codes("has", "flags", "Must hold; all of these.", "certificate", field="has"),
    _codes("lacks", "flags", "Must not hold; all of these.", "risk", field="lacks"),
    Parameter(
        name="mine",
        type=Kind.CHOICE,
        values=MINE,
        description="Only firms on the signed-in buyer's lists of own suppliers, or none of them.",
        page_only=True,
    ),
    Parameter(
        name="sort",
        type=Kind.CHOICE,
        field="sort",
        values=tuple(sort.value for sort in Sort),
        description="Order; default: fit with nice, else relevance (without text: newest first).",
    ),
    Parameter(name="page", type=Kind.INTEGER, field="page", minimum=1, default="1", description="Page, from 1."),
    Parameter(
        name="per_page",
        type=Kind.INTEGER,
        field="per_page",
        minimum=1,
        maximum=MAX_PER_PAGE,
        default=str(PER_PAGE),
        description="Results a page; page times per_page may not pass 10,000.",
    ),
    Parameter(name="lang", type=Kind.CHOICE, values=LANGUAGES, description="Language of labels and messages."),
    Parameter(
        name="view", type=Kind.CHOICE, values=VIEWS, default="list", description="Cards or a table.", page_only=True
    ),
    Parameter(
        name="panel",
        type=Kind.CHOICE,
        repeat=True,
        values=PANELS,
        description="Facets that are counted only when they are open.",
        page_only=True,
    ),
)
"""In the order of canonical addresses."""

BY_NAME: Mapping[str, Parameter] = {parameter.name: parameter for parameter in TABLE}

DATES = ("valid_through", "expires_before", "certified_from", "certified_to", "assessed_since")
"""The parameters that are days."""
