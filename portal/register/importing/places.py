"""Which place an address is in, where that is certain: a guess would put a firm on another province's list.

Rules for addresses in China, in Chinese or in pinyin:

- A name counts as a whole word, and not where a road, town, village, park or bridge is called after it.
- Names of one syllable are not looked for.
- A name borne by several (Suzhou in Jiangsu, in Anhui and in Gansu) counts only beside a province that leaves one.
- A county stands for its prefecture, or its municipality; one outside the named province is taken for a village's name.
- Names that contradict each other leave the province, or nothing where they lie in several.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from pypinyin import lazy_pinyin

from portal.register.catalogue import Catalogue, Region
from portal.register.importing.cleaning import folded

CHINA = ("CN", "CHN", "China", "P.R. China", "PR China", "中国", "中华人民共和国")

ISO_OF_PROVINCES = {"TW": "710000", "HK": "810000", "MO": "820000", "Macau": "820000"}
"""Places with an ISO 3166 code of their own, which lists of sites write as countries."""

_AFTER = (
    r"(?! (?:(?:east|west|north|south|middle|central|zhong|dong|xi|nan|bei|no|\d+) )?"
    r"(?:rd|road|str|street|ave|avenue|highway|lu|jie|dadao|bridge|bay|town|village|community|park|zhen|cun|lake|plaza)\b)"
)
_ENDING = re.compile(
    r"(?: \(.*\)| (?:city|province|district|county|municipality|banner|prefecture|league|sar|autonomous region))+$"
)
_ZH_ENDING = re.compile(r"(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|地区|省|市|区|县|旗|盟)$")
_TOP = frozenset({"province", "prefecture"})


class Places:
    """Finds places of the catalogue; made once, it holds every name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._countries = _countries(catalogue)
        self._provinces: dict[str, str] = {}
        self._bearers: dict[str, set[str]] = {}
        self._prefectures: set[str] = set()
        patterns: set[str] = set()
        for region in catalogue.regions.values():
            for name, pattern in _names(region):
                patterns.add(pattern)
                if region.kind == "province":
                    self._provinces[name] = region.code
                else:
                    self._bearers.setdefault(name, set()).add(self._prefecture(region))
                if region.kind == "prefecture":
                    self._prefectures.add(name)
        ordered = sorted(patterns, key=len, reverse=True)
        latin, chinese = [p for p in ordered if p.isascii()], [p for p in ordered if not p.isascii()]
        self._latin = re.compile(rf"\b({'|'.join(latin) or '(?!)'})\b{_AFTER}")
        self._chinese = re.compile(rf"({'|'.join(chinese) or '(?!)'})(?![路街道镇乡村桥])")

    def country(self, word: str) -> str | None:
        """The code of a country by code or name in either language; "CN" for China; None if unknown."""
        return self._countries.get(folded(word))

    def in_china(self, addresses: Iterable[str]) -> str | None:
        """The prefecture, municipality or province that the addresses are in, None where that is not certain."""
        names = {name for address in addresses for name in self._found(address)}
        provinces = {self._provinces[name] for name in names if name in self._provinces}
        names -= self._provinces.keys()
        meant = self._meant(names & self._prefectures, provinces, strict=False)
        provinces = provinces or {self._province(code) for code in meant}
        meant |= self._meant(names - self._prefectures, provinces, strict=True)
        lies_in = {self._province(code) for code in meant} | provinces
        if len(lies_in) != 1:
            return None
        return meant.pop() if len(meant) == 1 else lies_in.pop()

    def _found(self, address: str) -> Iterable[str]:
        plain = unicodedata.normalize("NFKD", address).encode("ascii", "ignore").decode().casefold()
        for matched in self._latin.finditer(re.sub(r"[^a-z0-9]+", " ", plain.replace("'", ""))):
            yield matched[1].replace(" ", "")
        for matched in self._chinese.finditer(address):
            yield matched[1]

    def _meant(self, names: Iterable[str], provinces: set[str], *, strict: bool) -> set[str]:
        """What each name means: its only bearer, or its only one in the provinces; `strict`: never one outside them."""
        meant: set[str] = set()
        for name in names:
            bearers = self._bearers[name]
            if provinces and (strict or len(bearers) > 1):
                bearers = {code for code in bearers if self._province(code) in provinces}
            if len(bearers) == 1:
                meant |= bearers
        return meant

    def _province(self, code: str) -> str:
        return self._catalogue.region_path(code)[0]

    def _prefecture(self, region: Region) -> str:
        """A county's prefecture, or its municipality; one that lies directly under its province stands for itself."""
        above = region.parent or region.code
        if self._catalogue.regions[above].kind == "prefecture":
            return above
        in_municipality = region.kind == "county" and not region.code.startswith(("4290", "4690", "6590"))
        return above if in_municipality else region.code


def _names(region: Region) -> Iterable[tuple[str, str]]:
    """The names of a Chinese place and the pattern of each, spelled together or by syllables."""
    if region.kind not in {*_TOP, "county"}:
        return
    short = _ZH_ENDING.sub("", region.name_zh)
    if len(short) < 2:
        return
    yield region.name_zh, re.escape(region.name_zh)
    if region.kind in _TOP:
        yield short, re.escape(short)
    latin = unicodedata.normalize("NFKD", region.name_en).encode("ascii", "ignore").decode().casefold()
    latin = re.sub("[^a-z]", "", _ENDING.sub("", latin.replace("'", "")))
    if len(latin) < 4:
        return
    syllables = lazy_pinyin(short)
    spelled = region.kind in _TOP and "".join(syllables) == latin
    yield latin, " ?".join(syllables) if spelled else latin


def _countries(catalogue: Catalogue) -> Mapping[str, str]:
    names = dict.fromkeys(map(folded, CHINA), "CN")
    names |= {folded(code): place for code, place in ISO_OF_PROVINCES.items()}
    for region in catalogue.regions.values():
        if region.kind in {"country", "province"}:
            for word in (region.code, region.name_zh, region.name_en):
                names.setdefault(folded(word), region.code)
    return names
