"""A form's fields read into a content. Whatever is wrong is named by its field, and what was typed is kept as it was.

Fields are called `group-place-column` (`products-0-zh`), `group-place-remove` takes an item away, and `group-audience`
says who sees a group. Fields that are not there are empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from portal.identity.names import is_phone, normalised
from portal.profiles.cleaning import clean_line, clean_text
from portal.profiles.content import ACHIEVEMENTS, GROUPS, SOURCINGS, Column, Content, Group, Kind, items_of
from portal.profiles.places import place_names
from portal.register.catalogue import Catalogue

BUYERS = "buyers"
"""What `group-audience` says where only signed-in buyers are to see a group."""

MOST_READ = 200
"""Items of a list beyond this place are not even kept for the form: no page offers so many."""

_FIELD = re.compile(r"([a-z]+)-([0-9]{1,4})-([a-z_]+)")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./\-]{4,30}(?: ?(?:转|ext\.?) ?[0-9]{1,6})?")
_DIGITS = re.compile(r"[0-9]{1,7}")
_YEARS = (1900, 2100)
_MOST_DAYS = 730

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field is refused: a code, and the bound that it breaks."""

    code: str
    bound: int = 0


@dataclass(slots=True)
class Typed:
    """What a form holds: the items of each group, each column as typed, and the groups kept for buyers."""

    items: dict[str, list[Values]] = field(default_factory=dict)
    buyers_only: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Read:
    """What became of a form: the content (of what is right), and what is wrong by the name of the field."""

    typed: Typed
    content: Content
    faults: dict[str, Fault]


def typed_of(fields: Iterable[tuple[str, str]]) -> Typed:
    """What was typed, in the form's order, without items taken away or left empty."""
    given = dict(fields)
    found: dict[str, dict[int, Values]] = {name: {} for name in GROUPS}
    for name, value in given.items():
        matched = _FIELD.fullmatch(name)
        if matched and matched[1] in GROUPS and int(matched[2]) < MOST_READ:
            found[matched[1]].setdefault(int(matched[2]), {})[matched[3]] = value
    typed = Typed(buyers_only={name for name in GROUPS if given.get(f"{name}-audience") == BUYERS})
    for name, group in GROUPS.items():
        ordered = [found[name][place] for place in sorted(found[name])]
        kept = [item for item in ordered if "remove" not in item and _says(item, group)]
        typed.items[name] = kept if group.many else kept[:1]
    return typed


def typed_content(content: Content, catalogue: Catalogue, lang: str) -> Typed:
    """A content as a form shows it."""
    typed = Typed(buyers_only=set(content.buyers_only))
    for name, group in GROUPS.items():
        typed.items[name] = [
            {column.name: _shown(getattr(item, column.name), column, catalogue, lang) for column in group.columns}
            for item in items_of(content, group)
        ]
    return typed


def read(typed: Typed, catalogue: Catalogue) -> Read:
    """The content that was typed. What is refused is left out of it, so it must not be kept while there are faults."""
    reader = _Reader(catalogue)
    parts: dict[str, Any] = {}
    for name, group in GROUPS.items():
        items = [reader.item(group, place, values) for place, values in enumerate(typed.items.get(name, ()))]
        if group.many and len(items) > group.many:
            reader.faults[name] = Fault("items", group.many)
        parts[name] = tuple(items) if group.many else next(iter(items), group.item())
    only = tuple(name for name in GROUPS if name in typed.buyers_only)
    return Read(typed, Content(**parts, buyers_only=only), reader.faults)


def _says(item: Mapping[str, str], group: Group) -> bool:
    """Whether an item says more than what its selects begin with."""
    return any(
        (text := item.get(column.name, "").strip()) and text != column.default
        for column in group.columns
        if column.kind not in {Kind.SOURCING, Kind.ACHIEVEMENT}
    )


def _shown(value: Any, column: Column, catalogue: Catalogue, lang: str) -> str:
    if column.kind is Kind.PLACE:
        return place_names(catalogue).label(value, lang) if value else ""
    return "" if value is None else str(value)


class _Reader:
    """Reads items and notes what is wrong with them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.faults: dict[str, Fault] = {}
        self._readers: Mapping[Kind, Callable[[str, Column], Any]] = {
            Kind.NUMBER: self._number,
            Kind.DAY: _day,
            Kind.URL: _url,
            Kind.PHONE: _phone,
            Kind.EMAIL: _email,
            Kind.PLACE: self._place,
            Kind.PROCESS: self._process,
            Kind.SOURCING: _one_of(SOURCINGS),
            Kind.ACHIEVEMENT: _one_of(ACHIEVEMENTS),
        }

    def item(self, group: Group, place: int, values: Mapping[str, str]) -> Any:
        """One item of a group."""
        found = {column.name: self._column(group, place, column, values) for column in group.columns}
        if group.needs and not any(found[name] for name in group.needs):
            self.faults.setdefault(f"{group.name}-{place}-{group.needs[0]}", Fault("missing"))
        if group.name == "certificates" and "" < found["expires_on"] < found["issued_on"]:
            self.faults[f"{group.name}-{place}-expires_on"] = Fault("order")
        return group.item(**found)

    def _column(self, group: Group, place: int, column: Column, values: Mapping[str, str]) -> Any:
        name = f"{group.name}-{place}-{column.name}"
        typed = values.get(column.name, "")
        empty = None if column.kind is Kind.NUMBER else column.default
        if len(typed) > 20 * column.most + 1000:  # not even worth cleaning
            self.faults[name] = Fault("long", column.most)
            return empty
        text = clean_text(typed) if column.kind is Kind.TEXT else clean_line(typed)
        if len(text) > column.most:
            self.faults[name] = Fault("long", column.most)
            return empty
        if not text:
            return empty
        try:
            return self._readers.get(column.kind, _as_it_is)(text, column)
        except _Refused as refused:
            self.faults[name] = refused.fault
            return empty

    def _number(self, text: str, column: Column) -> int:
        first, last = {"year": _YEARS, "lead_days": (0, _MOST_DAYS)}.get(column.name, (1, 10**6))
        if not (_DIGITS.fullmatch(text) and text.isascii()) or not first <= int(text) <= last:
            raise _Refused(Fault(f"number_{column.name}", last))
        return int(text)

    def _place(self, text: str, _column: Column) -> str:
        code = place_names(self.catalogue).code(text)
        if code is None:
            raise _Refused(Fault("place"))
        return code

    def _process(self, text: str, _column: Column) -> str:
        if text not in self.catalogue.processes:
            raise _Refused(Fault("choice"))
        return text


class _Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _as_it_is(text: str, _column: Column) -> str:
    return text


def _one_of(choices: tuple[str, ...]) -> Callable[[str, Column], str]:
    def chosen(text: str, _column: Column) -> str:
        if text not in choices:
            raise _Refused(Fault("choice"))
        return text

    return chosen


def _day(text: str, _column: Column) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _Refused(Fault("day")) from None


def _url(text: str, _column: Column) -> str:
    """With http(s), a host name that has a dot, and no name or password in it."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        parts.port  # noqa: B018  (reading it is the check)
    except ValueError:
        raise _Refused(Fault("url")) from None
    good = parts.scheme in {"http", "https"} and re.fullmatch(r"[^\s.]+(\.[^\s.]+)+", host)
    if not good or "@" in parts.netloc or re.search(r"[\s<>\"'\\]", text):
        raise _Refused(Fault("url"))
    return text


def _phone(text: str, _column: Column) -> str:
    if not _PHONE.fullmatch(text):
        raise _Refused(Fault("phone"))
    return text


def _email(text: str, _column: Column) -> str:
    address = normalised(text)
    if not address or is_phone(address):
        raise _Refused(Fault("email"))
    return address
