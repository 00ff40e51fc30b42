"""What a line of notes says: that somebody searched by some conditions, or that firms appeared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from search.contract import SearchQuery

_UNUSED = frozenset({"text", "ids", "ids_not", "sort", "page", "per_page", "facets"})
"""Of a query: words and firms, which could say who asked, and how results are looked at."""

_USUAL = {"has": ("certificate",)}
"""What links to the suppliers carry anyway: nobody searched for that."""

_DEFAULTS = SearchQuery()


class How(StrEnum):
    """How a firm appeared to a buyer: the columns of `models.Appearance`."""

    SHOWN = "shown"
    OPENED = "opened"
    SHORTLISTED = "shortlisted"
    EXPORTED = "exported"


class Searched(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """A search: on a day, by the organisation of a pseudonym, with these conditions and (`whole`) nothing else."""

    day: date
    organisation: str
    query: dict[str, Any]
    whole: bool


class Appeared(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """Firms, by their keys, appeared in the week that begins on a Monday."""

    week: date
    how: How
    keys: list[str]


Note = Searched | Appeared

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Note] = msgspec.json.Decoder(Note)


def conditions(query: SearchQuery) -> dict[str, Any] | None:
    """What a query asks, as it is kept: fields that are not as usual; None where it asks nothing of the kind."""
    asked = {
        field.name: value
        for field in fields(query)
        if field.name not in _UNUSED and (value := getattr(query, field.name)) != getattr(_DEFAULTS, field.name)
    }
    if not asked or asked == _USUAL:
        return None
    if query.nice:
        asked["nice"] = [(code, 1) for code, _weight in query.nice]
    built: dict[str, Any] = msgspec.to_builtins(asked)
    return built


def is_whole(query: SearchQuery) -> bool:
    """Whether the query asks nothing but its conditions: neither for words nor among certain firms."""
    return not query.text and query.ids is None and not query.ids_not


def query_of(kept: dict[str, Any]) -> SearchQuery:
    """The query again. Codes that left the catalogue since are in it all the same."""
    return msgspec.convert(kept, SearchQuery)


def monday(day: date) -> date:
    """The first day of its ISO week."""
    return day - timedelta(days=day.weekday())


def written(notes: Sequence[Note]) -> bytes:
    """The lines of notes."""
    return b"\n".join(map(_encoder.encode, notes))


def read(lines: Iterable[bytes]) -> Iterator[Note | None]:
    """The notes of lines; None for a line that says nothing (cut off by a full disk)."""
    for line in lines:
        if line.strip():
            try:
                yield _decoder.decode(line)
            except msgspec.MsgspecError:
                yield None
