"""The columns that an export may have: what of a firm stands in each, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import quote

from portal.register.catalogue import Catalogue, Named
from portal.register.marks import MET, NOT_MET, is_met
from portal.register.validity import counts
from portal.workspace.export_firms import Editions, Firm
from portal.workspace.sheets import Cell

SEPARATOR = "; "


@dataclass(frozen=True)
class Labels:
    """What cells are written with. `words`: the few texts that are not the catalogue's, translated when it was asked.

    `codes` are the criteria asked for, `weights` those of the nice ones; `origin` is the portal's public address.
    """

    catalogue: Catalogue
    lang: str
    origin: str
    words: Mapping[str, str]
    editions: Editions
    codes: tuple[str, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()

    def name(self, code: str | None, names: Mapping[str, Named]) -> str:
        """The label of a code; itself where the catalogue does not know it."""
        named = names.get(code or "")
        return named.name(self.lang) if named else code or ""

    def names(self, codes: Iterable[str], names: Mapping[str, Named]) -> str:
        """Several."""
        return SEPARATOR.join(self.name(code, names) for code in codes)

    def text(self, zh: str, en: str) -> str:
        """The one in the language, else the other one."""
        return (en or zh) if self.lang == "en" else (zh or en)

    @cached_property
    def levels(self) -> Mapping[tuple[str, str | None], str]:
        """What each level is called, with its scheme."""
        found: dict[tuple[str, str | None], str] = {}
        for scheme in self.catalogue.schemes.values():
            short = (scheme.short_en if self.lang == "en" else scheme.short_zh) or scheme.name(self.lang)
            found[scheme.code, None] = short
            found |= {(scheme.code, level.code): f"{short} {level.name(self.lang)}" for level in scheme.levels}
        return found


def highest(firm: Firm, catalogue: Catalogue) -> list[Any]:
    """Of each scheme the certificate of the highest level, of these the one that ends last; schemes in their order."""
    best: dict[str, Any] = {}
    for one in firm.certificates:
        if counts(one, catalogue):
            held = best.get(one.scheme)
            if held is None or _height(one, catalogue) > _height(held, catalogue):
                best[one.scheme] = one
    return sorted(best.values(), key=lambda one: catalogue.scheme_order[one.scheme])


def _height(one: Any, catalogue: Catalogue) -> tuple[int, date]:
    return catalogue.ranks[one.scheme, one.level], one.expires_on or date.max


def _place(firm: Firm, labels: Labels) -> Cell:
    """As on a card: the first production site, else where it is registered."""
    sites = [site["region"] for site in firm.says.sites if site.get("region")]
    path = labels.catalogue.region_path(sites[0] if sites else firm.row.region or "")
    return " ".join(labels.name(code, labels.catalogue.regions) for code in path)


def _status(firm: Firm, labels: Labels) -> Cell:
    if firm.row.withdrawn_at is not None:
        return labels.words["withdrawn"]
    return labels.name(firm.row.status, labels.catalogue.statuses)


def _products(firm: Firm, labels: Labels) -> Cell:
    zh, en = firm.says.products_zh, firm.says.products_en
    return SEPARATOR.join((en or zh) if labels.lang == "en" else (zh or en))


def _levels(firm: Firm, labels: Labels) -> Cell:
    return SEPARATOR.join(labels.levels[one.scheme, one.level] for one in highest(firm, labels.catalogue))


def _valid_until(firm: Firm, labels: Labels) -> Cell:
    """The end of each level, as the levels stand; a dash for one without an end."""
    held = highest(firm, labels.catalogue)
    return SEPARATOR.join(one.expires_on.isoformat() if one.expires_on else "–" for one in held)


def _numbers(firm: Firm, labels: Labels) -> Cell:
    return SEPARATOR.join(one.number or "–" for one in highest(firm, labels.catalogue))


def _tiers(firm: Firm, labels: Labels) -> Cell:
    return labels.names(dict.fromkeys(one.tier for one in firm.tiers), labels.catalogue.tiers)


def _edition(firm: Firm, labels: Labels) -> Cell:
    if firm.rank is None:
        return None
    edition = labels.editions.by_id[firm.rank.edition_id]
    title = labels.text(edition.title_zh, edition.title_en)
    return title or f"{labels.name(edition.sector, labels.catalogue.sectors)} {edition.period}"


def _published(firm: Firm, labels: Labels) -> Cell:
    if firm.rank is None:
        return None
    return labels.words["official" if labels.editions.by_id[firm.rank.edition_id].official else "computed"]


def _peers(firm: Firm, labels: Labels) -> Cell:
    return labels.editions.by_id[firm.rank.edition_id].peers if firm.rank else None


def _score(firm: Firm, _labels: Labels) -> Cell:
    return firm.rank.score / 1000 if firm.rank and firm.rank.score is not None else None


def _risks(firm: Firm, labels: Labels) -> Cell:
    """Those answered yes; a kind that was not checked is none that was denied."""
    kinds = labels.catalogue.risk_kinds
    found = [labels.name(code, kinds) for code in kinds if firm.row.risks.get(code, {}).get("answer") == "yes"]
    if any(code not in firm.row.risks for code in kinds):
        return SEPARATOR.join([*found, labels.words["unchecked"]])
    return SEPARATOR.join(found) or labels.words["no_risk"]


def _met(firm: Firm, labels: Labels) -> Cell:
    return SEPARATOR.join(code for code in labels.codes if is_met(firm.marks, code))


def _missing(firm: Firm, labels: Labels) -> Cell:
    return SEPARATOR.join(code for code in labels.codes if not is_met(firm.marks, code))


def _fit(firm: Firm, labels: Labels) -> Cell:
    return sum(weight for code, weight in labels.weights if is_met(firm.marks, code)) if labels.weights else None


def _each(name: str) -> Callable[[Firm, Labels], Cell]:
    """That of every source, in the same order in each column."""

    def cell(firm: Firm, _labels: Labels) -> Cell:
        values = [getattr(source, name) for source in firm.sources]
        return SEPARATOR.join(str(value) if value else "–" for value in values)

    return cell


COLUMNS: Mapping[str, Callable[[Firm, Labels], Cell]] = {
    "scheme": lambda firm, _labels: firm.row.scheme,
    "number": lambda firm, _labels: firm.row.number,
    "name_zh": lambda firm, _labels: firm.row.name_zh,
    "name_en": lambda firm, _labels: firm.row.name_en,
    "status": _status,
    "sector": lambda firm, labels: labels.name(firm.row.sector, labels.catalogue.sectors),
    "industries": lambda firm, labels: labels.names(firm.row.industries, labels.catalogue.industries),
    "products": _products,
    "processes": lambda firm, labels: labels.names(
        (one["code"] for one in firm.says.processes), labels.catalogue.processes
    ),
    "place": _place,
    "address": lambda firm, _labels: firm.row.address,
    "size": lambda firm, labels: labels.name(firm.row.size, labels.catalogue.sizes),
    "established_on": lambda firm, _labels: firm.row.established_on,
    "levels": _levels,
    "valid_until": _valid_until,
    "certificates": _numbers,
    "tiers": _tiers,
    "edition": _edition,
    "published": _published,
    "position": lambda firm, _labels: firm.rank.position if firm.rank else None,
    "peers": _peers,
    "grade": lambda firm, _labels: firm.rank.grade if firm.rank else None,
    "score": _score,
    "criteria_met": lambda firm, _labels: firm.marks.count(MET) if firm.marks else None,
    "criteria_assessed": lambda firm, _labels: firm.marks.count(MET) + firm.marks.count(NOT_MET) or None,
    "met": _met,
    "missing": _missing,
    "fit": _fit,
    "risks": _risks,
    "website": lambda firm, _labels: firm.says.website,
    "issuing_body": _each("issuing_body"),
    "document_number": _each("document_number"),
    "issued_on": _each("issued_on"),
    "link": _each("link"),
    "self_declared": lambda firm, _labels: SEPARATOR.join(firm.says.self_declared),
    "url": lambda firm, labels: f"{labels.origin}/suppliers/{firm.row.scheme}/{quote(firm.row.number, safe='/')}",
}
"""Code → cell. Headings are the pages' (`portal.buyers.export_words`)."""

RANKS = frozenset({"edition", "published", "position", "peers", "grade", "score"})
"""Columns of a ranking."""

ASKED = frozenset({"met", "missing", "fit"})
"""Columns that say something only where criteria were asked for."""
