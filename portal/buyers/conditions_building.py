"""The builder of sourcing conditions: what its form shows, and what search the form that comes back asks for.

The whole state is in the form: a hidden `asks`, the canonical query string it was made from, and what its fields say
otherwise. So searching among the criteria or pasting codes is a round trip that forgets nothing, without a script too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.buyers.conditions_reading import AskedCriterion, asked_criterion, filters
from portal.register.catalogue import Criterion
from portal.web.addresses import SAFE, bare, level_text, mode_text, nice_text, to_args
from portal.web.grammar import BY_NAME, MAX_WEIGHT
from portal.web.parameters import Search, parse
from portal.web.presenters.context import Context
from portal.web.presenters.criteria import matching
from portal.web.presenters.naming import Naming
from portal.web.screens import Chip, Choice
from portal.workspace.pasting import MUST, NICE, NOT, Pasted, pasted
from search.contract import LevelChoice, SearchQuery

FIELD = "c-"
"""Before the code of a criterion: the field that says what it is."""

NONE = "no"
CHOSEN = ""
"""Stands for a group: chosen criteria leave theirs."""

WEIGHTS = (1, 2, 3, 5, 10)
OWN_FIELDS = ("q", "sector", "level_min", "criteria", "criteria_mode", "criteria_not", "nice")
"""Parameters that the form has fields for; of all others it shows the values, each to be kept or not."""


@dataclass(frozen=True, slots=True)
class Row:
    """A criterion to choose; `choice` of `options`: must, not, no, or the weight of a nice-to-have."""

    criterion: AskedCriterion
    choice: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The criteria of a group that are not chosen, or those that are."""

    label: str
    rows: tuple[Row, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Block:
    """The groups of a sector, or of all firms."""

    label: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Builder:
    """What the form shows. `least`: how many of the musts are to be met, "" for all; `matching` of `total` criteria."""

    asks: str
    text: str
    sectors: tuple[Choice, ...]
    levels: tuple[tuple[str, str, tuple[Choice, ...]], ...]
    kept: tuple[Chip, ...]
    least: str
    find: str
    blocks: tuple[Block, ...]
    matching: int
    total: int
    musts: int
    nices: int
    excluded: int


def asks_of(search: Search) -> str:
    """What a search asks, as a canonical query string."""
    return urlencode(to_args(bare(search)), safe=SAFE)


def builder(search: Search, find: str, at: Context) -> Builder:
    """The form for a search, its criteria narrowed to those that hold the words of `find`."""
    query, naming = search.query, Naming(at)
    fitting, found = matching(find, query.sectors, at)
    shown = {criterion.code for criterion in found}
    choices = _choices(query)
    rows = [criterion for criterion in at.catalogue.criteria.values() if criterion.code in shown]
    if not find:  # those chosen of other sectors are not lost to sight
        rows = [known for known in at.catalogue.criteria.values() if known.code in shown or known.code in choices]
    return Builder(
        asks=asks_of(search),
        text=query.text,
        sectors=tuple(
            Choice(value=code, label=named.name(at.lang), selected=code in query.sectors)
            for code, named in at.catalogue.sectors.items()
        ),
        levels=tuple(_levels(query, naming)),
        kept=tuple(chip for chip in filters(search, naming) if chip.parameter not in OWN_FIELDS),
        least=_least(query),
        find=find,
        blocks=tuple(_blocks(rows, choices, at)),
        matching=len(found),
        total=len(fitting),
        musts=len(query.criteria),
        nices=len(query.nice),
        excluded=len(query.criteria_not),
    )


def _least(query: SearchQuery) -> str:
    mode = query.criteria_mode
    if mode == "all":
        return ""
    return "1" if mode == "any" else f"{mode[0]}-{mode[1]}" if isinstance(mode, tuple) else str(mode)


def _levels(query: SearchQuery, naming: Naming) -> Iterable[tuple[str, str, tuple[Choice, ...]]]:
    """Each scheme that has levels: its code, its name, and its levels, the highest first."""
    for code, scheme in naming.at.catalogue.schemes.items():
        if scheme.levels:
            offered = (LevelChoice(code, level.code) for level in reversed(scheme.levels))
            yield (
                code,
                scheme.name(naming.at.lang),
                tuple(
                    Choice(value=level_text(one), label=naming.least(one), selected=one in query.levels_min)
                    for one in offered
                ),
            )


def _choices(query: SearchQuery) -> dict[str, str]:
    """Code → what it is: must, not, or a weight. A must that is nice to have as well is a must."""
    found = {code: str(weight) for code, weight in query.nice}
    return found | dict.fromkeys(query.criteria_not, NOT) | dict.fromkeys(query.criteria, MUST)


def _blocks(criteria: Iterable[Criterion], choices: Mapping[str, str], at: Context) -> Iterable[Block]:
    """What is chosen first; then the others, those of all sectors before those of each."""
    groups: dict[tuple[str, str | None], list[Row]] = {}
    options = _options()
    for one in criteria:
        choice = choices.get(one.code, NONE)
        row = Row(asked_criterion(one.code, at), choice, options(choice))
        groups.setdefault((CHOSEN if choice != NONE else one.group, one.sector), []).append(row)
    chosen = [row for (group, _sector), rows in groups.items() if group == CHOSEN for row in rows]
    if chosen:
        chosen.sort(key=lambda row: (row.choice != MUST, row.choice == NOT, row.criterion.code))
        yield Block(_("Chosen"), (Group(_("Chosen criteria"), tuple(chosen), True),))
    for sector in (None, *at.catalogue.sectors):
        label = at.catalogue.sectors[sector].name(at.lang) if sector else _("For all sectors")
        found = (
            Group(named.name(at.lang), tuple(groups[code, sector]), False)
            for code, named in at.catalogue.groups.items()
            if (code, sector) in groups
        )
        if any(key[1] == sector and key[0] != CHOSEN for key in groups):
            yield Block(label, tuple(found))


def _options() -> Callable[[str], tuple[Choice, ...]]:
    """What a criterion can be; the words are looked up once."""
    words = {NONE: "—", MUST: _("must"), NOT: _("exclude")}
    nice = {str(weight): _("nice to have ×%(weight)s", weight=weight) for weight in WEIGHTS}
    made: dict[str, tuple[Choice, ...]] = {}

    def options(choice: str) -> tuple[Choice, ...]:
        if choice not in made:
            own = {} if choice in words or choice in nice else {choice: _("nice to have ×%(weight)s", weight=choice)}
            offered = {NONE: words[NONE], MUST: words[MUST], **nice, **own, NOT: words[NOT]}
            made[choice] = tuple(
                Choice(value=value, label=label, selected=value == choice) for value, label in offered.items()
            )
        return made[choice]

    return options


def posted(form: MultiDict[str, str], at: Context) -> Search:
    """The search that a form asks for. Raises ParameterError only for what the form cannot send."""
    before = parse(MultiDict(parse_qsl(form.get("asks", ""))), at.catalogue, at.editions)
    kept = set(form.getlist("keep"))
    args: MultiDict[str, str] = MultiDict()
    for name, text in to_args(bare(before)):
        if name in OWN_FIELDS:
            continue
        values = text.split(",") if BY_NAME[name].repeat else [text]
        for value in values:
            if name == "sort" or f"{name}:{value}" in kept:
                args.add(name, value)
    for name in ("q", "sector", "level_min"):
        args.setlist(name, form.getlist(name))
    choices = _choices(before.query)
    for code in at.catalogue.criteria:
        if chosen := form.get(FIELD + code, "").strip():
            choices[code] = chosen
    _add_criteria(args, choices, dict(before.query.nice), form.get("least", ""))
    return parse(args, at.catalogue, at.editions)


def with_codes(search: Search, text: str, usual: str, at: Context) -> tuple[Search, Pasted]:
    """The search with pasted codes, and what was made of those. What was asked of other criteria stays."""
    found = pasted(text, at.catalogue.criteria, usual if usual in (MUST, NICE) else MUST)
    choices = _choices(search.query)
    for code, (mark, weight) in found.chosen.items():
        choices[code] = str(weight) if mark == NICE else mark
    args = MultiDict(
        (name, value) for name, value in to_args(bare(search)) if not name.startswith(("criteria", "nice"))
    )
    _add_criteria(args, choices, {}, _least(search.query))
    return parse(args, at.catalogue, at.editions), found


def _add_criteria(
    args: MultiDict[str, str], choices: Mapping[str, str], nice_before: Mapping[str, int], least: str
) -> None:
    """The criteria as parameters. Musts that were nice to have as well stay so."""
    musts = tuple(code for code, choice in choices.items() if choice == MUST)
    nice = {code: nice_before[code] for code in musts if code in nice_before}
    nice |= {
        code: min(max(int(choice), 1), MAX_WEIGHT)
        for code, choice in choices.items()
        if choice.isascii() and choice.isdigit()
    }
    args.setlist("criteria", [*musts])
    args.setlist("criteria_not", [code for code, choice in choices.items() if choice == NOT])
    args.setlist("nice", [nice_text(*pair) for pair in nice.items()])
    if mode := _mode(least, musts):
        args["criteria_mode"] = mode


def _mode(least: str, musts: tuple[str, ...]) -> str | None:
    """How many of so many musts: a number that is too great shrinks; what is no number means all."""
    low, dash, high = least.strip().partition("-")
    if not (low.isascii() and low.isdigit() and (not dash or (high.isascii() and high.isdigit()))):
        return None
    first = max(int(low[:6]), 1)
    if dash:
        return mode_text(SearchQuery(criteria_mode=(first, max(first, int(high[:6])))), len(musts))
    return None if first >= len(musts) else str(first)
