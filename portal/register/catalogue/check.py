"""Does the catalogue agree with itself? Every inconsistency by file and line (`flask catalogue check`).

How many criteria, sectors or levels there are is the authority's affair and no matter for a check.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from portal.register.catalogue.coverage import check_targets, check_units
from portal.register.catalogue.draft import Draft, read_draft
from portal.register.catalogue.guiding import check_guidance
from portal.register.catalogue.model import Catalogue, Criterion, EvidenceKind, RankingMethod, Region
from portal.register.catalogue.reading import Problem, Row

DIMENSIONS = ("quality", "standards", "brand")
VERIFIED = ("yes", "number_only", "no")
# What may stand directly above a place of each kind; None: nothing.
ABOVE: Mapping[str, tuple[str | None, ...]] = {
    "country": (None,),
    "province": (None,),
    "prefecture": ("province",),
    "county": ("prefecture", "province"),
    "state": ("country",),
}


def check_catalogue(directory: Path) -> list[Problem]:
    """Everything wrong with the catalogue in `directory`, by file and line; empty if it can be used."""
    return examine(directory)[1]


def examine(directory: Path) -> tuple[Catalogue, list[Problem]]:
    """The catalogue as far as it could be read, and everything wrong with it."""
    draft = read_draft(directory)
    catalogue = draft.catalogue()
    check_sectors(draft)
    check_industries(draft, catalogue)
    check_tiers(draft)
    check_regions(draft)
    check_retired(draft)
    for row, group in draft.groups.pairs():
        _one_of(row, "dimension", group.dimension, DIMENSIONS)
    for row, criterion in draft.criteria.pairs():
        check_criterion(row, criterion, draft)
        check_reference(row, criterion)
        check_threshold(row, criterion)
    check_words(draft)
    for row, method in draft.methods.pairs():
        check_method(row, method, draft)
    check_units(draft.units, catalogue)
    check_targets(draft.targets, catalogue)
    draft.problems.extend(check_guidance(draft.guidance, catalogue))
    return catalogue, sorted(set(draft.problems))


def check_sectors(draft: Draft) -> None:
    """Each prefix belongs to one sector; "other" is there to take the rest; processes name known sectors."""
    taken: dict[tuple[str, str], str] = {}
    for row, sector in draft.sectors.pairs():
        prefixes = [("gbt4754", prefix) for prefix in sector.gbt4754] + [("naics", prefix) for prefix in sector.naics]
        for column, prefix in prefixes:
            first = taken.setdefault((column, prefix), sector.code)
            if not prefix.isdecimal():
                row.complain(f"{column} {prefix!r} is not a code prefix")
            elif first != sector.code:
                row.complain(f"{column} {prefix!r} is already under sector {first!r}")
    _check_sectors_named(draft)


def _check_sectors_named(draft: Draft) -> None:
    if draft.sectors.rows and "other" not in draft.sectors.items:
        draft.problems.append(Problem("sectors.csv", 1, "there is no sector 'other' for what falls under no other"))
    for row, process in draft.processes.pairs():
        for code in process.sectors:
            _known(row, "sectors", code, draft.sectors.items)


def check_industries(draft: Draft, catalogue: Catalogue) -> None:
    """Codes of two to four digits, each under another but for the top ones, in the sector their prefix says."""
    for row, industry in draft.industries.pairs():
        if not (industry.code.isdecimal() and 2 <= len(industry.code) <= 4):
            row.complain(f"code {industry.code!r} is not a GB/T 4754 code of 2 to 4 digits")
        elif industry.parent is None and len(industry.code) > 2:
            row.complain(f"no industry above {industry.code!r}")
        if _known(row, "sector", industry.sector, draft.sectors.items):
            expected = catalogue.sector_of_industry(industry.code)
            if industry.sector != expected:
                row.complain(
                    f"sector {industry.sector!r}, but by sectors.csv {industry.code!r} falls under {expected!r}"
                )


def check_tiers(draft: Draft) -> None:
    """Ranks rise, recognitions last."""
    below = 0
    for row, tier in draft.tiers.pairs():
        if tier.rank <= below:
            row.complain(f"rank {tier.rank} does not rise (the one before has {below})")
        if tier.years < 1:
            row.complain("years must be at least 1")
        below = tier.rank


def check_regions(draft: Draft) -> None:
    """Kinds and parents fit, and going up from any place ends at the top."""
    regions = draft.regions.items
    for row, region in draft.regions.pairs():
        if not _one_of(row, "kind", region.kind, tuple(ABOVE)):
            continue
        if region.parent is not None and not _known(row, "parent", region.parent, regions):
            continue
        if _in_circle(region, regions):
            row.complain(f"parent {region.parent!r} leads back to {region.code!r}")
        elif (kind := regions[region.parent].kind if region.parent else None) not in ABOVE[region.kind]:
            row.complain(f"a {region.kind} cannot lie under {f'a {kind}' if kind else 'nothing'}")


def _in_circle(region: Region, regions: Mapping[str, Region]) -> bool:
    seen: set[str] = set()
    at: Region | None = region
    while at is not None and at.parent is not None and at.code not in seen:
        seen.add(at.code)
        at = regions.get(at.parent)
        if at is not None and at.code == region.code:
            return True
    return False


def check_retired(draft: Draft) -> None:
    """A retired code is no present place, its successor is one."""
    for row, successor in draft.retired_regions.pairs():
        code = row.optional("code")
        if code in draft.regions.items:
            row.complain(f"code {code!r} is a present place, at regions.csv:{draft.regions.rows[code].line}")
        if successor:
            _known(row, "successor", successor, draft.regions.items)


def check_criterion(row: Row, criterion: Criterion, draft: Draft) -> None:
    """Group, sector and industries are known and fit each other."""
    _known(row, "group", criterion.group, draft.groups.items)
    if criterion.sector is not None:
        _known(row, "sector", criterion.sector, draft.sectors.items)
    for code in criterion.industries:
        if not _known(row, "industries", code, draft.industries.items) or criterion.sector is None:
            continue
        sector = draft.industries.items[code].sector
        if sector != criterion.sector:
            row.complain(f"industries {code!r} falls under sector {sector!r}, not {criterion.sector!r}")


def check_reference(row: Row, criterion: Criterion) -> None:
    """Whether the reference was looked up is one of three, and there is one if it was."""
    _one_of(row, "verified", criterion.verified, VERIFIED)
    if criterion.verified != "no" and not criterion.reference:
        row.complain("without a reference, verified must be no")


def check_threshold(row: Row, criterion: Criterion) -> None:
    """A number has a unit and one threshold, other evidence has neither."""
    thresholds = (criterion.at_least, criterion.at_most)
    if criterion.evidence is EvidenceKind.NUMBER:
        if thresholds.count(None) != 1:
            row.complain("a number needs at_least or at_most, and one of them only")
        if not criterion.unit:
            row.complain("a number needs a unit")
    elif criterion.unit or criterion.unit_en or thresholds.count(None) != 2:
        row.complain(f"only a number has a unit and a threshold, not {criterion.evidence}")


def check_words(draft: Draft) -> None:
    """A synonym joins two words or more; no word stands in two rows; no company form twice."""
    first: dict[str, int] = {}
    for row, synonym in draft.synonyms:
        words = {_folded(word): word for word in synonym.words}
        if len(words) < 2:
            row.complain("a synonym needs two different words")
        for folded, word in words.items():
            if first.setdefault(folded, row.line) != row.line:
                row.complain(f"word {word!r} is already at line {first[folded]}")
    first.clear()
    for row, word in draft.company_forms:
        if first.setdefault(_folded(word), row.line) != row.line:
            row.complain(f"word {word!r} is already at line {first[_folded(word)]}")


def check_method(row: Row, method: RankingMethod, draft: Draft) -> None:
    """Weights of known groups add up to 100; the least share is a share; grades rise."""
    for group, weight in method.weights.items():
        _known(row, f"weights.{group}", group, draft.groups.items)
        if weight < 0:
            row.complain(f"weights.{group} is below 0", f"weights.{group}")
    if method.weights and sum(method.weights.values()) != 100:
        row.complain(f"weights add up to {sum(method.weights.values())}, not 100", "weights")
    if not 0 <= method.minimum_assessed <= 1:
        row.complain("minimum_assessed must be between 0 and 1", "minimum_assessed")
    check_grades(row, method)


def check_grades(row: Row, method: RankingMethod) -> None:
    """Each grade stands once and reaches further down than the one before; the last takes all."""
    below = 0
    for at, (name, bound) in enumerate(method.grades):
        if bound <= below:
            row.complain(f"best_percent {bound} of grade {name!r} does not rise", f"grade.{at}")
        if name in [earlier for earlier, _ in method.grades[:at]]:
            row.complain(f"grade {name!r} stands twice", f"grade.{at}")
        below = bound
    if method.grades and below != 100:
        row.complain("the last grade must reach 100 per cent", f"grade.{len(method.grades) - 1}")


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _known(row: Row, column: str, code: str, among: Mapping[str, object]) -> bool:
    if code and code not in among:
        row.complain(f"{column} {code!r} is unknown", column)
    return code in among


def _one_of(row: Row, column: str, value: str, among: Iterable[str]) -> bool:
    if value and value not in among:
        row.complain(f"{column} {value!r} is not one of {', '.join(among)}", column)
    return value in among
