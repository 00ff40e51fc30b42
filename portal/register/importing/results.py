"""Results of criteria as lists give them: words, figures against the catalogue's thresholds, or both."""

from __future__ import annotations

from typing import Any

from portal.register.catalogue import Criterion, EvidenceKind
from portal.register.facts import CriterionResult, Result
from portal.register.importing.cleaning import Cell, folded, number, shown, text
from portal.register.importing.problems import CellError
from portal.register.importing.targets import Kind
from portal.register.importing.words import NOT_ASSESSED, Words


def judged(criterion: Criterion, value: float) -> Result:
    """Whether a figure meets a NUMBER criterion."""
    if criterion.at_least is not None and value < criterion.at_least:
        return Result.NOT_MET
    if criterion.at_most is not None and value > criterion.at_most:
        return Result.NOT_MET
    return Result.MET


def one_result(criterion: Criterion, cell: Any, words: Words) -> CriterionResult | None:
    """A criterion's result from one cell: a word, a figure, or an object with result, value, evidence.

    None where nothing was assessed. Raises CellError.
    """
    if isinstance(cell, dict):
        unknown = sorted(set(cell) - {"result", "value", "evidence"})
        if unknown:
            raise CellError(f"unknown keys {', '.join(unknown)}")
        return stated_result(criterion, cell.get("result"), cell.get("value"), cell.get("evidence"), words)
    if isinstance(cell, list):
        raise CellError("a list where a result is expected")
    if _unassessed(cell):
        return None
    if criterion.evidence is EvidenceKind.NUMBER and not isinstance(cell, bool):
        try:
            return stated_result(criterion, None, number(cell), None, words)
        except CellError:
            pass  # perhaps a word: not applicable
    return stated_result(criterion, cell, None, None, words)


def stated_result(
    criterion: Criterion, result: Cell, value: Cell, evidence: Cell, words: Words
) -> CriterionResult | None:
    """A criterion's result from separate cells; a figure alone is judged by the catalogue's threshold.

    None where neither a result nor a figure is given. Raises CellError, also where a figure contradicts the result.
    """
    figure: float | str | None = None
    if not _unassessed(value):
        figure = number(value) if criterion.evidence is EvidenceKind.NUMBER else text(value)
    stated = None if _unassessed(result) else _word(result, words)
    if isinstance(figure, float):
        found = judged(criterion, figure)
        if stated not in {None, found}:
            raise CellError(f"{stated}, but {figure:g} {criterion.unit} means {found} by the catalogue's threshold")
        stated = found
    if stated is None:
        if figure is not None or not _unassessed(evidence):
            raise CellError("a value or evidence without a result")
        return None
    return CriterionResult(result=stated, value=figure, evidence=text(evidence))


def _unassessed(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and folded(cell) in NOT_ASSESSED)


def _word(cell: Cell, words: Words) -> Result:
    if isinstance(cell, bool):
        return Result.MET if cell else Result.NOT_MET
    return Result(words.code(Kind.RESULT, shown(cell)))
