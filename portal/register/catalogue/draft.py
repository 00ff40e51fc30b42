"""Read a catalogue directory whole: the catalogue as far as it can be made out, where each thing stands, and faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from portal.register.catalogue import coverage, guiding, records
from portal.register.catalogue.model import (
    Catalogue,
    Criterion,
    CriterionGroup,
    Industry,
    Named,
    Process,
    RankingMethod,
    Region,
    Scheme,
    Sector,
    Synonym,
    Target,
    Tier,
    Unit,
)
from portal.register.catalogue.reading import Folder, Problem, Row
from portal.register.catalogue.records import NAMES, Table, read_table

NOT_INDEXED = frozenset({"units.csv", "targets.toml", "guidance.csv"})
"""Files of which nothing is in the index: to state a goal rebuilds nothing."""

TITLE_KEYS = ("title_zh", "title_en", "authority", "version", "demonstration", "as_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A catalogue read but not yet checked against itself. `problems` are the faults of single rows."""

    head: Row
    sectors: Table[Sector]
    industries: Table[Industry]
    processes: Table[Process]
    schemes: Table[Scheme]
    tiers: Table[Tier]
    sizes: Table[Named]
    statuses: Table[Named]
    risk_kinds: Table[Named]
    regions: Table[Region]
    retired_regions: Table[str]
    groups: Table[CriterionGroup]
    criteria: Table[Criterion]
    synonyms: tuple[tuple[Row, Synonym], ...]
    company_forms: tuple[tuple[Row, str], ...]
    methods: Table[RankingMethod]
    units: Table[Unit]
    targets: Table[Target]
    guidance: tuple[tuple[Row, guiding.Guide], ...]
    fingerprint: str
    problems: list[Problem]

    def catalogue(self) -> Catalogue:
        """The catalogue; only to be used if nothing is wrong with it."""
        return Catalogue(
            title_zh=self.head.text("title_zh"),
            title_en=self.head.text("title_en"),
            authority=self.head.text("authority"),
            version=self.head.text("version"),
            demonstration=self.head.flag("demonstration"),
            as_of=self.head.day("as_of"),
            sectors=self.sectors.items,
            industries=self.industries.items,
            processes=self.processes.items,
            schemes=self.schemes.items,
            tiers=self.tiers.items,
            sizes=self.sizes.items,
            statuses=self.statuses.items,
            risk_kinds=self.risk_kinds.items,
            regions=self.regions.items,
            retired_regions=self.retired_regions.items,
            groups=self.groups.items,
            criteria=self.criteria.items,
            synonyms=tuple(synonym for _, synonym in self.synonyms),
            company_forms=tuple(word for _, word in self.company_forms),
            methods=self.methods.items,
            units=self.units.items,
            targets=self.targets.items,
            guidance=guiding.by_key(self.guidance),
            fingerprint=self.fingerprint,
        )


def read_draft(directory: Path) -> Draft:
    """Read every file of `directory`. Raises nothing: what is missing or broken is in `problems`."""
    folder = Folder(directory)
    tier_columns = (*NAMES, "rank", "years", "reference")
    return Draft(
        head=folder.document("catalogue.toml").head(TITLE_KEYS),
        sectors=read_table(folder, "sectors.csv", records.sector, (*NAMES, "gbt4754", "naics")),
        industries=_with_parents(read_table(folder, "industries.csv", records.industry, (*NAMES, "sector"))),
        processes=read_table(folder, "processes.csv", records.process, (*NAMES, "sectors")),
        schemes=records.read_schemes(folder),
        tiers=read_table(folder, "tiers.csv", records.tier, tier_columns),
        sizes=read_table(folder, "sizes.csv", records.named),
        statuses=read_table(folder, "statuses.csv", records.named),
        risk_kinds=read_table(folder, "risk_kinds.csv", records.named),
        regions=read_table(folder, "regions.csv", records.region, (*NAMES, "parent", "kind")),
        retired_regions=read_table(
            folder, "retired_regions.csv", records.retired_region, ("code", "name_zh", "successor")
        ),
        groups=read_table(folder, "groups.csv", records.group, (*NAMES, "dimension")),
        criteria=read_table(folder, "criteria.csv", records.criterion, records.CRITERION_COLUMNS),
        synonyms=tuple((row, records.synonym(row)) for row in folder.table("synonyms.csv", ("zh", "en"))),
        company_forms=tuple((row, row.text("word")) for row in folder.table("company_forms.csv", ("word",))),
        methods=records.read_methods(folder),
        units=read_table(folder, "units.csv", coverage.unit, coverage.UNIT_COLUMNS),
        targets=coverage.read_targets(folder),
        guidance=guiding.read_guidance(folder),
        fingerprint=fingerprint(directory),
        problems=folder.problems,
    )


def fingerprint(directory: Path) -> str:
    """SHA-256 in hex over the names and bytes of the files that the index is made by; if they change it is rebuilt."""
    digest = sha256()
    files = (path for path in directory.glob("*") if path.suffix in {".csv", ".toml"})
    for path in sorted(path for path in files if path.name not in NOT_INDEXED):
        data = path.read_bytes()
        # The length keeps "name + bytes" of one file from running into the next.
        digest.update(f"{path.name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _with_parents(industries: Table[Industry]) -> Table[Industry]:
    for code, item in industries.items.items():
        industries.items[code] = replace(item, parent=_parent(code, industries.items))
    return industries


def _parent(code: str, known: Mapping[str, Industry]) -> str | None:
    # Some groups of GB/T 4754 have one class only and no row of their own (3110 lies directly under 31).
    return next((code[:end] for end in range(len(code) - 1, 1, -1) if code[:end] in known), None)
