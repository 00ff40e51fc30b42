"""Demand and supply: what buyers ask for, and how many firms meet it; the widest gap first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flask_babel import gettext as _

from portal.coverage.axes import NONE
from portal.coverage.demand import By, Kind, Want, kept_conditions, kept_version, supply_query, views
from portal.register.catalogue import Named
from portal.services import services
from portal.usage import reading
from portal.usage.telling import LEAST_ORGANISATIONS, LEAST_SEARCHES, WINDOW_DAYS
from portal.web.addresses import Addresses
from portal.web.i18n import once_a_language
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from portal.web.tree import Struct

MOST = 300
"""Lines counted: the most asked for."""

SHOWN = 100
"""On the page; the file has all that are counted."""


class DemandLine(Struct, frozen=True, kw_only=True):
    """What is asked for where. `searches`, `kept`: at least so many, None where it may not be told.

    `supply`: the total of the search at `url`. `per_firm`: asked for so often by firm; None where there is none.
    """

    kind: str
    code: str
    label: str
    place: str
    place_code: str
    searches: int | None
    kept: int | None
    supply: int
    per_firm: float | None
    url: str


class DemandPage(Struct, frozen=True, kw_only=True):
    """`log`: whether searches are logged at all; `hidden`: lines more in the file."""

    by: str
    kind: str
    lines: tuple[DemandLine, ...]
    hidden: int
    log: bool
    bys: Mapping[str, str]
    kinds: Mapping[str, str]
    days: int = WINDOW_DAYS
    least_organisations: int = LEAST_ORGANISATIONS
    least_searches: int = LEAST_SEARCHES


def demand_page(by: By, kind: Kind | None, at: Context) -> DemandPage:
    """The page. Raises EngineUnavailable."""
    lines = demand_lines(by, kind, at)
    return DemandPage(
        by=by.value,
        kind=kind.value if kind else "",
        lines=tuple(lines[:SHOWN]),
        hidden=max(0, len(lines) - SHOWN),
        log=services().settings.search_log,
        bys=by_words(),
        kinds=kind_words(),
    )


def demand_lines(by: By, kind: Kind | None, at: Context) -> list[DemandLine]:
    """The most asked for of a kind (None: of all), those that fewest firms meet for it first."""
    found = [want for want in _wants(by, at) if kind is None or want.item.kind is kind][:MOST]
    naming = Naming(at)
    lines = [_line(want, by, supply, naming, at) for want, supply in zip(found, _supplies(found, by, at), strict=True)]
    return sorted(lines, key=_gap)


def _wants(by: By, at: Context) -> list[Want]:
    """What may be told; worked out once a day, and again when conditions are kept or given up."""
    on = services().settings.search_log
    question = ("demand", on, *reading.version(at.session, at.today), *kept_version(at.session))

    def make() -> dict[By, list[Want]]:
        log = reading.logged(at.session, at.today) if on else []
        asked = [(one.query, one.tally) for one in log]
        return views(asked, kept_conditions(at.session, at.today), at.catalogue)

    return services().kept.answer(question, make)[by]


def _supplies(found: Sequence[Want], by: By, at: Context) -> list[int]:
    """How many firms meet each; kept while nothing changes. Raises EngineUnavailable."""
    queries = tuple(supply_query(want, by) for want in found)
    question = ("supply", at.data_version, at.today, queries)
    return services().kept.answer(question, lambda: services().engine().counts(queries) if queries else [])


def _line(want: Want, by: By, supply: int, naming: Naming, at: Context) -> DemandLine:
    code, label = _named(want, naming)
    return DemandLine(
        kind=want.item.kind.value,
        code=code,
        label=label,
        place=_place(want.place, by, at),
        place_code=want.place,
        searches=want.searches,
        kept=want.kept,
        supply=supply,
        per_firm=round(want.number / supply, 2) if supply else None,
        url=Addresses(Search(query=supply_query(want, by)), "/suppliers").of(),
    )


def _named(want: Want, naming: Naming) -> tuple[str, str]:
    query = want.item.query
    for code in query.criteria:
        return code, naming.criterion(code)
    for code in query.processes:
        return code, naming.code("process", code)
    [choice] = query.levels or query.levels_min
    code = choice.scheme if choice.level is None else f"{choice.scheme}:{choice.level}"
    return code, naming.level(choice) if query.levels else naming.least(choice)


def _place(code: str, by: By, at: Context) -> str:
    if by is By.ALL:
        return str(_("All"))
    if code == NONE:
        return str(_("No sector named") if by is By.SECTOR else _("No place named"))
    names: Mapping[str, Named] = at.catalogue.sectors if by is By.SECTOR else at.catalogue.regions
    return at.coded(code, names).label


def _gap(line: DemandLine) -> tuple[bool, float, int, str]:
    """What no firm meets first, then by how often it is asked for a firm."""
    number = (line.searches or 0) + (line.kept or 0)
    return line.per_firm is not None, -(line.per_firm or 0.0), -number, line.label


def demand_cells(at: Context) -> Iterator[tuple[str | int | float | None, ...]]:
    """All lines of all views, for files."""
    origin = services().settings.public_url
    words, bys = kind_words(), by_words()
    for by in By:
        for line in demand_lines(by, None, at):
            yield (
                *(words[line.kind], line.code, line.label, bys[by], line.place_code, line.place),
                *(line.searches, line.kept, line.supply, line.per_firm, origin + line.url),
            )


@once_a_language
def by_words() -> Mapping[str, str]:
    """By what it is told."""
    return {By.ALL: _("everywhere"), By.SECTOR: _("by sector"), By.REGION: _("by province")}


@once_a_language
def kind_words() -> Mapping[str, str]:
    """What is asked for."""
    return {Kind.CRITERION: _("Criterion"), Kind.LEVEL: _("Level"), Kind.PROCESS: _("Process")}
