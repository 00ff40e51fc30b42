"""How the text of a parameter becomes a value, by its kind; each refuses what it does not know with ParameterError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from portal.indexing.documents import FLAGS
from portal.models import Edition
from portal.register.catalogue import Catalogue
from portal.web.grammar import BY_NAME, MAX_TEXT, MAX_WEIGHT, Kind, Parameter
from portal.web.i18n import Lang, known
from search.contract import LevelChoice, Sort

_DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_GRADE = re.compile(r"[^\s|,:]{1,10}")
_NUMBER = re.compile(r"[0-9]{1,6}")
MAX_GRADES = 20
UNREADABLE = "\ufffd"
"""Stands for a text of control characters alone: nothing in it can be searched for, and the reader is told."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ParameterError(Exception):
    """A value that is unknown or contradicts another; `message` is in the reader's language. 400."""

    def __init__(self, parameter: str, value: str, message: str) -> None:
        super().__init__(f"{parameter}={value[:200]}: {message}")
        self.parameter = parameter
        self.value = value
        self.message = message


@dataclass
class Values:
    """The texts given by parameter name, and what they are checked against. `cut` is set when the text was too long."""

    given: Mapping[str, tuple[str, ...]]
    catalogue: Catalogue
    editions: Mapping[str, Edition]
    cut: bool = False


def read(parameter: Parameter, values: Values) -> Any:
    """The value of a parameter that was given. Raises ParameterError."""
    return _READERS[parameter.type](parameter, values.given[parameter.name], values)


def _unknown(parameter: Parameter, value: str) -> ParameterError:
    return ParameterError(
        parameter.name,
        value,
        _("“%(value)s” is not a value of %(name)s.", value=value[:60], name=parameter.name),
    )


def _text(parameter: Parameter, texts: tuple[str, ...], values: Values) -> Any:
    if parameter.name == "grade":
        return _grades(parameter, texts, values)
    text = " ".join(_CONTROL.sub(" ", texts[0]).split()) or UNREADABLE
    if len(text) > MAX_TEXT:
        values.cut = True
        text = text[:MAX_TEXT].rstrip()
    return text


def _grades(parameter: Parameter, texts: tuple[str, ...], values: Values) -> tuple[str, ...]:
    """Those of the catalogue's methods; an official list may have its own, which only the list knows."""
    known = {grade for method in values.catalogue.methods.values() for grade, _best in method.grades}
    official = any(edition.official for edition in values.editions.values())
    for place, text in enumerate(texts):
        # Every address on the page repeats them: without a bound, a long list would make a page of many megabytes.
        if place == MAX_GRADES or (text not in known and not (official and _GRADE.fullmatch(text))):
            raise _unknown(parameter, text)
    return tuple(sorted(texts))


def _code(parameter: Parameter, texts: tuple[str, ...], values: Values) -> Any:
    if parameter.of == "editions":
        if texts[0] not in values.editions:
            raise _unknown(parameter, texts[0])
        return texts[0]
    if parameter.of == "regions":
        texts = tuple(values.catalogue.retired_regions.get(text, text) for text in texts)
    known = FLAGS if parameter.of == "flags" else getattr(values.catalogue, parameter.of)
    for text in texts:
        if text not in known:
            raise _unknown(parameter, text)
    return narrowed(parameter.of, texts, values.catalogue)


def narrowed(of: str, codes: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The codes, sorted, without those that another one lies under (rule 13: a place replaces its province)."""
    path = {"industries": catalogue.industry_path, "regions": catalogue.region_path}.get(of)
    distinct = set(codes)
    if path is None:
        return tuple(sorted(distinct))
    above = {code for chosen in distinct for code in path(chosen)[:-1]}
    return tuple(sorted(distinct - above))


def _levels(parameter: Parameter, texts: tuple[str, ...], values: Values) -> tuple[LevelChoice, ...]:
    choices = {_level(parameter, text, values.catalogue) for text in texts}
    # A level of a scheme replaces "any certificate of the scheme", as a place replaces its province.
    narrower = {choice.scheme for choice in choices if choice.level is not None}
    kept = (choice for choice in choices if choice.level is not None or choice.scheme not in narrower)
    return tuple(sorted(kept, key=lambda choice: (choice.scheme, choice.level or "")))


def _level(parameter: Parameter, text: str, catalogue: Catalogue) -> LevelChoice:
    code, colon, level = text.partition(":")
    scheme = catalogue.schemes.get(code)
    if scheme is None or (colon and level not in {known.code for known in scheme.levels}):
        raise _unknown(parameter, text)
    if parameter.name == "level_min" and not colon:
        raise ParameterError(parameter.name, text, _("level_min needs a level: scheme:level."))
    return LevelChoice(code, level if colon else None)


def _weighted(parameter: Parameter, texts: tuple[str, ...], values: Values) -> tuple[tuple[str, int], ...]:
    weights: dict[str, int] = {}
    for text in texts:
        code, colon, number = text.partition(":")
        weight = int(number) if _NUMBER.fullmatch(number) else 0 if colon else 1
        if code not in values.catalogue.criteria or not 1 <= weight <= MAX_WEIGHT:
            raise _unknown(parameter, text)
        if weights.setdefault(code, weight) != weight:
            raise ParameterError(parameter.name, text, _("%(code)s has two weights.", code=code))
    return tuple(sorted(weights.items()))


def _day(parameter: Parameter, texts: tuple[str, ...], _values: Values) -> date:
    try:
        # fromisoformat alone would also take 20270630 and week dates.
        if _DAY.fullmatch(texts[0]):
            return date.fromisoformat(texts[0])
    except ValueError:
        pass
    raise ParameterError(
        parameter.name,
        texts[0],
        _("%(name)s must be a day such as 2027-06-30, between 1900 and 2199.", name=parameter.name),
    )


def _integer(parameter: Parameter, texts: tuple[str, ...], _values: Values) -> int:
    number = int(texts[0]) if _NUMBER.fullmatch(texts[0]) else -1
    low, high = parameter.minimum or 0, parameter.maximum
    if number >= low and (high is None or number <= high):
        return number
    if high is None:
        raise ParameterError(
            parameter.name, texts[0], _("%(name)s must be a number from %(low)s.", name=parameter.name, low=low)
        )
    raise ParameterError(
        parameter.name,
        texts[0],
        _("%(name)s must be a number from %(low)s to %(high)s.", name=parameter.name, low=low, high=high),
    )


def language_named(text: str) -> Lang:
    """The language of a `lang` parameter: zh, en, or a variety of them such as zh-CN. Raises ParameterError."""
    if language := known(text):
        return language
    raise _unknown(BY_NAME["lang"], text)


def _choice(parameter: Parameter, texts: tuple[str, ...], _values: Values) -> Any:
    if parameter.name == "lang":
        return language_named(texts[0])
    for text in texts:
        if text not in parameter.values:
            raise _unknown(parameter, text)
    if parameter.repeat:
        return tuple(sorted(texts))
    return Sort(texts[0]) if parameter.name == "sort" else texts[0]


def _mode(parameter: Parameter, texts: tuple[str, ...], _values: Values) -> Any:
    text = texts[0]
    if text in ("all", "any"):
        return text
    least, dash, most = text.partition("-")
    if _NUMBER.fullmatch(least) and int(least) >= 1 and not dash:
        return int(text)
    if _NUMBER.fullmatch(least) and _NUMBER.fullmatch(most) and 1 <= int(least) <= int(most):
        return int(least), int(most)
    raise _unknown(parameter, text)


_READERS: Mapping[Kind, Callable[[Parameter, tuple[str, ...], Values], Any]] = {
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.LEVEL: _levels,
    Kind.WEIGHTED: _weighted,
    Kind.DATE: _day,
    Kind.INTEGER: _integer,
    Kind.CHOICE: _choice,
    Kind.MODE: _mode,
}
