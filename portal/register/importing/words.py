"""From the words of a list to the codes of the catalogue: 保证级, "Assurance" and assurance are one level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from portal.register.catalogue import Catalogue, Named
from portal.register.facts import CertificateState, Result
from portal.register.importing.cleaning import folded
from portal.register.importing.problems import CellError
from portal.register.importing.targets import Kind
from portal.register.registration import CHECKS

_Code = TypeVar("_Code", bound=str)

BASES = {
    "self": ("自评", "自我评价", "自我声明", "self-assessed"),
    "second_party": ("二方", "第二方", "二方评价", "second party"),
    "third_party": ("三方", "第三方", "三方评价", "third party"),
}
STATES = {
    CertificateState.VALID: ("有效", "有效期内", "valid"),
    CertificateState.SUSPENDED: ("暂停",),
    CertificateState.REVOKED: ("撤销",),
    CertificateState.GIVEN_UP: ("注销", "given up"),
}
ACHIEVEMENTS = {
    "in_use": ("在用", "已应用", "应用"),
    "on_offer": ("可提供", "可转化", "成果供给"),
    "wanted": ("需求", "技术需求"),
}
RESULTS = {
    Result.MET: ("符合", "达标", "满足", "是", "有", "yes", "y", "√", "✓", "1"),
    Result.NOT_MET: ("不符合", "未达标", "不满足", "否", "没有", "no", "n", "×", "✗", "0"),
    Result.NOT_APPLICABLE: ("不适用", "not applicable", "n/a", "na"),
}
YES_NO = {"yes": ("是", "y", "true", "1", "有", "√"), "no": ("否", "n", "false", "0", "没有", "未列入", "×")}
NOT_ASSESSED = frozenset(map(folded, ("", "-", "—", "——", "未评价", "未评", "not assessed", "not_assessed")))
"""Cells that record no result; "/" is not among them, it may as well mean "not applicable"."""


class Words:
    """The words of one catalogue, by kind."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._tables: dict[Kind, dict[str, str]] = {
            Kind.REGISTER: {folded(code): code for code in CHECKS} | {folded("统一社会信用代码"): "CN-USCC"},
            Kind.SECTOR: _named(catalogue.sectors),
            Kind.SIZE: _named(catalogue.sizes) | {folded(word[:2]): code for code, word in _zh(catalogue.sizes)},
            Kind.STATUS: _named(catalogue.statuses),
            Kind.INDUSTRY: _named(catalogue.industries),
            Kind.PROCESS: _named(catalogue.processes),
            Kind.SCHEME: _schemes(catalogue),
            Kind.TIER: _named(catalogue.tiers),
            Kind.CRITERION: _named(catalogue.criteria),
            Kind.BASIS: _listed(BASES),
            Kind.STATE: _listed(STATES),
            Kind.ACHIEVEMENT: _listed(ACHIEVEMENTS),
            Kind.RESULT: _listed(RESULTS),
            Kind.YES_NO: _listed(YES_NO),
        }
        for code in catalogue.statuses:
            for part in catalogue.statuses[code].name_zh.split("/"):
                self._tables[Kind.STATUS].setdefault(folded(part), code)
        self._regions = _regions(catalogue)

    def code(self, kind: Kind, word: str) -> str:
        """The code a word of that kind stands for. Raises CellError."""
        found = self._tables[kind].get(folded(word))
        if not found:
            why = "means several things" if found == "" else f"unknown {kind.value}"
            raise CellError(f"{why}: the catalogue's codes and names are known")
        return found

    def level(self, scheme: str, word: str) -> str:
        """The level of a scheme that a word stands for. Raises CellError."""
        levels = self._catalogue.schemes[scheme].levels
        for level in levels:
            if folded(word) in {folded(level.code), folded(level.name_zh), folded(level.name_en)}:
                return level.code
        known = ", ".join(level.name_zh for level in levels)
        raise CellError(f"unknown level of {scheme} (known: {known})" if levels else f"{scheme} has no levels")

    def region(self, word: str) -> str:
        """A place by code (present or retired) or by a full name that only one place has. Raises CellError."""
        code = word.strip().upper()
        if code in self._catalogue.regions or code in self._catalogue.retired_regions:
            return self._catalogue.retired_regions.get(code, code)
        found = self._regions.get(folded(word))
        if found:
            return found
        raise CellError("several places are called so: give the code" if found == "" else "unknown place")


def _zh(names: Mapping[str, Named]) -> Iterable[tuple[str, str]]:
    return ((code, item.name_zh) for code, item in names.items())


def _put(table: dict[str, str], word: str, code: str) -> None:
    """A word that would mean two things means none: ""."""
    key = folded(word)
    if key and table.setdefault(key, code) != code:
        table[key] = ""


def _named(items: Mapping[str, Named]) -> dict[str, str]:
    table: dict[str, str] = {}
    for code, item in items.items():
        _put(table, item.name_zh, code)
        _put(table, item.name_en, code)
    table.update({folded(code): code for code in items})
    for quotes in ("“”", '""', "「」"):
        table.update({key.replace("“", quotes[0]).replace("”", quotes[1]): code for key, code in list(table.items())})
    return table


def _schemes(catalogue: Catalogue) -> dict[str, str]:
    table = _named(catalogue.schemes)
    for code, scheme in catalogue.schemes.items():
        for word in (scheme.short_zh, scheme.short_en):
            table.setdefault(folded(word), code)
    return table


def _regions(catalogue: Catalogue) -> dict[str, str]:
    """Names of places, alone and below the names of those above (江苏省苏州市)."""
    table: dict[str, str] = {}
    for code, region in catalogue.regions.items():
        path = [catalogue.regions[above] for above in catalogue.region_path(code)]
        chinese = {region.name_zh, "".join(above.name_zh for above in path)}
        for name in chinese | {region.name_en, f"{region.name_en}, {path[0].name_en}"}:
            _put(table, name, code)
    return table


def _listed(words: Mapping[_Code, Iterable[str]]) -> dict[str, str]:
    table = {folded(str(code)): str(code) for code in words}
    for code, known in words.items():
        table.update({folded(word): str(code) for word in known})
    return table
