"""The columns of one file: found by their headings, and a row's cells read into values by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.register.catalogue import Catalogue
from portal.register.facts import CriterionResult
from portal.register.importing.cells import CellReader, criterion_code
from portal.register.importing.cleaning import folded, shown, text
from portal.register.importing.mapping import Column, Constant, Mapping
from portal.register.importing.places import Places
from portal.register.importing.problems import CellError, CellProblem, ImportFileError
from portal.register.importing.reading import Row
from portal.register.importing.results import one_result
from portal.register.importing.targets import NEEDED
from portal.register.importing.words import Words
from portal.register.registration import osh_number


class Columns:
    """Reads rows by a mapping. Raises ImportFileError when the file lacks columns, naming each.

    `heading_of`, `place_of`: the file's heading for each field that a column fills, and its place. `unused`: headings
    that nothing reads.
    """

    def __init__(self, mapping: Mapping, catalogue: Catalogue, headings: Sequence[str], words: Words) -> None:
        self.mapping, self.catalogue, self.headings = mapping, catalogue, tuple(headings)
        self._words = words
        self._places = Places(catalogue) if mapping.place else None
        self._index = _index(headings)
        self._readers = self._match_columns()
        self._criteria = self._criterion_columns() if mapping.criteria_columns else []
        self._constants = self._fixed(mapping.constants)
        self._defaults = self._fixed(mapping.defaults)
        self.heading_of = {reader.field: reader.heading for reader in reversed(self._readers)}
        self.place_of = {reader.field: reader.place for reader in reversed(self._readers)}
        self.heading_of |= {f"assessment.{code}": heading for _, heading, code in self._criteria}
        self._needed = ("supplier.scheme", *NEEDED[mapping.kind])
        used = {reader.place for reader in self._readers} | {place for place, _, _ in self._criteria}
        self.unused = tuple(name for place, name in enumerate(headings) if name and place not in used)

    def _match_columns(self) -> list[CellReader]:
        readers, missing = [], []
        for column in self.mapping.column:
            heading = next((name for name in column.headings if folded(name) in self._index), None)
            if heading is not None:
                place = self._index[folded(heading)]
                if place < 0:
                    raise ImportFileError(f"the file has the column {heading!r} twice")
                readers.append(CellReader(column, self.headings[place], place, self.mapping, self._words))
            elif column.required:
                missing.append(" / ".join(column.headings))
        if missing:
            there = ", ".join(self.headings)
            raise ImportFileError(f"the file lacks the column {'; '.join(missing)} (it has: {there})")
        self._check_risks(readers)
        return readers

    def _check_risks(self, readers: Sequence[CellReader]) -> None:
        known = {"source", "checked_on", *self.catalogue.risk_kinds}
        for reader in readers:
            group, _, kind = reader.field.partition(".")
            if group == "risk" and kind not in known:
                raise ImportFileError(f"{self.mapping.name}: the catalogue has no kind of risk {kind!r}")

    def _criterion_columns(self) -> list[tuple[int, str, str]]:
        found = []
        for place, heading in enumerate(self.headings):
            code = criterion_code(heading, self.catalogue)
            if code is not None:
                found.append((place, heading, code))
        codes = [code for _, _, code in found]
        if len(set(codes)) < len(codes):
            twice = sorted({code for code in codes if codes.count(code) > 1})
            raise ImportFileError(f"the file has columns twice: {', '.join(twice)}")
        return found

    def _fixed(self, constants: dict[str, Constant]) -> dict[str, Any]:
        values = {}
        for field, constant in constants.items():
            reader = CellReader(Column(heading=field, field=field), field, -1, self.mapping, self._words)
            try:
                values[field] = reader.read(self.mapping.constant(constant))
            except CellError as error:
                raise ImportFileError(f"{self.mapping.name}: {field} = {constant!r}: {error}") from None
        return values

    def values(self, row: Row) -> tuple[dict[str, Any], list[CellProblem]]:
        """The row's values by field, constants and defaults among them, and what is wrong with its cells."""
        values: dict[str, Any] = dict(self._constants)
        problems: list[CellProblem] = []
        for reader in self._readers:
            cell = row.cells[reader.place]
            try:
                value = reader.read(cell)
                if value is None and reader.column.required:
                    raise CellError("is missing")
            except CellError as error:
                problems.append(CellProblem(reader.heading, _excerpt(cell), str(error)))
                continue
            if value is not None:
                values.setdefault(reader.field, value)
        for field, value in self._defaults.items():
            values.setdefault(field, value)
        if not problems:
            self._complete(values, row, problems)
        return values, problems

    def _complete(self, values: dict[str, Any], row: Row, problems: list[CellProblem]) -> None:
        """What is derived: the number of firms without one, the region, the sector, a level's code."""
        if self.mapping.number:
            name, address = ([*map(text, self._cells(row, self.mapping.number.hash_of)), ""])[:2]
            values["supplier.number"] = osh_number(name, address)
        if code := values.pop("supplier.sector_by_naics", None):
            values.setdefault("supplier.sector", self.catalogue.sector_of_naics(code))
        try:
            if self.mapping.place and (region := self._region(row)):
                values.setdefault("supplier.region", region)
        except CellError as error:
            country = self.mapping.place.country if self.mapping.place else ""
            problems.append(CellProblem(country, shown(next(iter(self._cells(row, [country])), "")), str(error)))
        missing = [field for field in self._needed if values.get(field) is None]
        problems += [CellProblem(self.heading_of.get(field, field), "", "is missing") for field in missing]

    def _cells(self, row: Row, names: Sequence[str]) -> list[Any]:
        places = [self._index.get(folded(name), -1) for name in names]
        return [row.cells[place] for place in places if place >= 0]

    def _region(self, row: Row) -> str | None:
        table, places = self.mapping.place, self._places
        if table is None or places is None:
            return None
        word = next(iter(map(text, self._cells(row, [table.country]))), "CN")
        listed = {folded(name): code for name, code in table.countries.items()}
        country = listed.get(folded(word)) or places.country(word)
        if country is None:
            raise CellError("not a country: unknown, or the columns are shifted")
        if country != "CN":
            return country
        return places.in_china(map(text, self._cells(row, table.address)))

    def results(self, row: Row, problems: list[CellProblem]) -> dict[str, CriterionResult]:
        """What the columns of criteria hold; wrong cells are added to `problems`."""
        results: dict[str, CriterionResult] = {}
        for place, heading, code in self._criteria:
            cell = row.cells[place]
            if cell is None or cell == "":
                continue
            try:
                found = one_result(self.catalogue.criteria[code], cell, self._words)
            except CellError as error:
                problems.append(CellProblem(heading, _excerpt(cell), str(error)))
                continue
            if found is not None:
                results[code] = found
        return results


def _index(headings: Sequence[str]) -> dict[str, int]:
    """Headings to places; -1 for one that stands twice."""
    index: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = folded(heading)
        index[key] = -1 if key in index else place
    return index


def _excerpt(cell: Any) -> str:
    found = shown(cell) if not isinstance(cell, list | dict) else str(cell)
    return found if len(found) <= 80 else f"{found[:77]}..."
