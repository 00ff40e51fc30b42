"""Addresses that stand on stored sourcing conditions: `conditions=ID` and what differs from them. Pure.

`/suppliers?conditions=12&sector=textiles&without=criteria:X01-05,q` asks what conditions 12 ask, for textiles too,
without the criterion X01-05 and without their text. A value of a list is added to those stored; of anything else it
takes the stored one's place. So 300 criteria are no address of 5,000 characters. `conditions=12.3` is their version 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from portal.web.grammar import BY_NAME

CONDITIONS = "conditions"
WITHOUT = "without"
NAMES = (CONDITIONS, WITHOUT)

_OPPOSITE = {"has": "lacks", "lacks": "has", "criteria": "criteria_not", "criteria_not": "criteria"}


@dataclass(frozen=True, slots=True)
class Stored:
    """What an address stands on. `key`: as in the address; `args`: what the conditions ask, by parameter.

    `stale`: parameters and values that they ask too, and that the catalogue does not know any more.
    """

    key: str
    id: int
    version: int
    name: str
    args: Mapping[str, str]
    newest: bool = True
    stale: tuple[tuple[str, str], ...] = ()


def merged(stored: Mapping[str, str], given: MultiDict[str, str]) -> MultiDict[str, str]:
    """What the stored parameters and the given ones ask together, as an address without conditions would ask it."""
    taken_out = {part for text in given.getlist(WITHOUT) for part in text.split(",")}
    result = MultiDict((name, text) for name, text in given.items(multi=True) if name not in NAMES)
    for name, text in stored.items():
        own = _values(name, ",".join(filter(None, given.getlist(name))))
        if name in taken_out or (own and not BY_NAME[name].repeat):
            continue
        against = {*own, *_values(_OPPOSITE.get(name, ""), ",".join(given.getlist(_OPPOSITE.get(name, ""))))}
        heads = {_head(name, value) for value in against}
        kept = [
            value
            for value in _values(name, text)
            if f"{name}:{value}" not in taken_out and _head(name, value) not in heads
        ]
        if kept:
            result.add(name, ",".join(kept))
    return result


def difference(name: str, text: str, stored: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """What of a parameter's text the address must say, and what `without` must take out of what is stored."""
    before, now = _values(name, stored.get(name, "")), _values(name, text)
    if name not in BY_NAME or not BY_NAME[name].repeat:
        return (text if before != now else ""), ((name,) if before and not now else ())
    if before and not now:
        return "", (name,)
    added = ",".join(value for value in now if value not in before)
    return added, tuple(f"{name}:{value}" for value in before if value not in now)


def _values(name: str, text: str) -> tuple[str, ...]:
    parts = text.split(",") if name in BY_NAME and BY_NAME[name].repeat else [text]
    return tuple(part for part in map(str.strip, parts) if part)


def _head(name: str, value: str) -> str:
    """What a value speaks of: a criterion has one weight, a scheme one least level."""
    return value.partition(":")[0] if name in ("nice", "level_min") else value
