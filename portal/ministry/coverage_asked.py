"""What a coverage page was asked: the grammar of the lookup for the filters, and a few parameters of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.coverage.axes import MAX_DEPTH, Axis, Dimension, Meet
from portal.coverage.demand import By, Kind
from portal.ministry.coverage_known import known_targets
from portal.register.catalogue import Target
from portal.web.parameters import ParameterError, Search, parse
from portal.web.presenters.context import Context
from search.contract import SearchQuery, Sort

PATH = "/ministry/coverage"
OWN = ("rows", "columns", "depth", "meet", "measure", "target", "against")
"""The page's own parameters, in the order of its addresses."""

_LOOKS = ("nice", "sort", "page", "per_page", "view", "panel", "mine")
"""Parameters of the lookup that say how results are looked at: here they say nothing."""

Choice = TypeVar("Choice", bound=StrEnum)


class Measure(StrEnum):
    """What the cells of the table say."""

    COUNT = "count"
    PERCENT = "percent"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Asked:
    """The two axes, what cells say, and the filters. `target`: of which cells are a per cent; `against`: since when."""

    rows: Axis
    columns: Axis
    measure: Measure
    target: Target | None
    against: date | None
    search: Search

    @property
    def query(self) -> SearchQuery:
        """The filters."""
        return self.search.query

    @property
    def gained(self) -> bool:
        """Whether firms count that were certified in some days only (新增), not all there are (存量)."""
        return self.query.certified_from is not None or self.query.certified_to is not None

    def own(self) -> list[tuple[str, str]]:
        """The page's own parameters, without those that are as usual."""
        deep = Dimension.INDUSTRY in (self.rows.dimension, self.columns.dimension)
        grouped = Dimension.GROUP in (self.rows.dimension, self.columns.dimension)
        pairs = [
            ("rows", self.rows.dimension.value),
            ("columns", self.columns.dimension.value),
            ("depth", str(self.rows.depth) if deep and self.rows.depth != 1 else ""),
            ("meet", self.rows.meet.value if grouped and self.rows.meet is not Meet.ANY else ""),
            ("measure", self.measure.value if self.measure is not Measure.COUNT else ""),
            ("target", self.target.code if self.target and self.measure is Measure.PERCENT else ""),
            ("against", self.against.isoformat() if self.against and self.measure is Measure.CHANGE else ""),
        ]
        return [(name, value) for name, value in pairs if value]


def asked(args: MultiDict[str, str], at: Context) -> Asked:
    """What the address asks for. Raises ParameterError (400)."""
    search = _filters(args, at)
    depth = _number(args, "depth")
    meet = _one(args, "meet", Meet, Meet.ANY)
    rows = Axis(_one(args, "rows", Dimension, Dimension.PROVINCE), depth, meet)
    usual = Dimension.LEVEL if rows.dimension is not Dimension.LEVEL else Dimension.PROVINCE
    columns = Axis(_one(args, "columns", Dimension, usual), depth, meet)
    if rows.dimension is columns.dimension:
        raise ParameterError("columns", columns.dimension, _("Rows and columns must be two different dimensions."))
    if Dimension.GROUP in (rows.dimension, columns.dimension) and search.query.criteria:
        message = _(
            "By criteria group nothing can be counted among firms chosen by criteria: let go of one of the two."
        )
        raise ParameterError("criteria", ",".join(search.query.criteria), message)
    measure = _one(args, "measure", Measure, Measure.COUNT)
    return Asked(rows, columns, measure, _target(args, at), _day(args, "against"), search)


def criteria_asked(args: MultiDict[str, str], at: Context) -> tuple[str, str]:
    """By what the rates of criteria are told, and the group of which all are shown. Raises ParameterError (400)."""
    by, group = _text(args, "by") or "sector", _text(args, "group")
    if by not in ("sector", "region"):
        raise _refused("by", by)
    if group and group not in at.catalogue.groups:
        raise _refused("group", group)
    return by, group


def demand_asked(args: MultiDict[str, str]) -> tuple[By, Kind | None]:
    """By what demand is told, and of which kind. Raises ParameterError (400)."""
    kind = _one(args, "kind", Kind, Kind.CRITERION) if _text(args, "kind") else None
    return _one(args, "by", By, By.SECTOR), kind


def parts_asked(args: MultiDict[str, str], known: Sequence[str]) -> tuple[str, ...]:
    """The parts of a report, in their order: all, where none is named. Raises ParameterError (400)."""
    named = [text.strip() for value in args.getlist("part") for text in value.split(",") if text.strip()]
    for text in named:
        if text not in known:
            raise _refused("part", text)
    return tuple(part for part in known if not named or part in named)


def _filters(args: MultiDict[str, str], at: Context) -> Search:
    kept = MultiDict((name, value) for name, value in args.items(multi=True) if name not in (*OWN, *_LOOKS, "part"))
    search = parse(kept, at.catalogue, at.editions)
    return replace(search, query=replace(search.query, sort=Sort.RELEVANCE))


def _text(args: MultiDict[str, str], name: str) -> str:
    return args.get(name, "").strip()


def _refused(name: str, text: str) -> ParameterError:
    return ParameterError(name, text, _("“%(value)s” is not a value of %(name)s.", value=text[:60], name=name))


def _one(args: MultiDict[str, str], name: str, kind: type[Choice], usual: Choice) -> Choice:
    text = _text(args, name)
    values: Iterable[Choice] = kind
    if not text:
        return usual
    for value in values:
        if value.value == text:
            return value
    raise _refused(name, text)


def _number(args: MultiDict[str, str], name: str) -> int:
    text = _text(args, name) or "1"
    if text not in map(str, range(1, MAX_DEPTH + 1)):
        raise _refused(name, text)
    return int(text)


def _day(args: MultiDict[str, str], name: str) -> date | None:
    text = _text(args, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refused(name, text) from None


def _target(args: MultiDict[str, str], at: Context) -> Target | None:
    """The target named, else the first that is still open."""
    code = _text(args, "target")
    if code and code not in known_targets(at).by_code:
        raise _refused("target", code)
    running = (target for target in known_targets(at).by_code.values() if target.due >= at.today)
    return known_targets(at).by_code[code] if code else next(running, None)
