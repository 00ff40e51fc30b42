"""Places as people write them in a form: "浙江省 宁波市", "Ningbo, Zhejiang" or a code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from portal.register.catalogue import Catalogue, Region

OFFERED = frozenset({"province", "prefecture"})
"""The kinds of places that forms offer; counties can be typed."""


class PlaceNames:
    """Names of the catalogue's places and back; made once a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        found: dict[str, set[str]] = {}
        for region in catalogue.regions.values():
            for name in self._names(region):
                found.setdefault(_folded(name), set()).add(region.code)
        self._codes = {name: codes.pop() for name, codes in found.items() if len(codes) == 1}
        self.offered = tuple(code for code, region in catalogue.regions.items() if region.kind in OFFERED)

    def label(self, code: str, lang: str) -> str:
        """The place with those it lies in, topmost first; the code itself where the catalogue does not know it."""
        path = self._catalogue.region_path(code)
        return self._joined(path, lang) if path else code

    def code(self, typed: str) -> str | None:
        """The place that is meant; None where it is unknown, or several are called so."""
        if typed in self._catalogue.regions:
            return typed
        return self._codes.get(_folded(typed))

    def _names(self, region: Region) -> Iterator[str]:
        yield from (region.name_zh, region.name_en)
        path = self._catalogue.region_path(region.code)
        yield from (self._joined(path, "zh"), self._joined(path, "en"), self._joined(path[::-1], "en"))

    def _joined(self, path: tuple[str, ...], lang: str) -> str:
        return " ".join(self._catalogue.regions[code].name(lang) for code in path)


_made: dict[str, PlaceNames] = {}


def place_names(catalogue: Catalogue) -> PlaceNames:
    """The names of a catalogue, made when they are first asked for."""
    if catalogue.fingerprint not in _made:
        _made[catalogue.fingerprint] = PlaceNames(catalogue)
    return _made[catalogue.fingerprint]


def _folded(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in text if sign.isalnum())
