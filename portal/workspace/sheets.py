"""Cells of tables for spreadsheets: none runs as a formula, whoever wrote it (`portal.workspace.export_files`)."""

from __future__ import annotations

from datetime import date

Cell = str | int | float | date | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a program take a text for a formula, when it stands in front; in full width too."""

MAX_CELL = 32_767
"""Characters that Excel takes in a cell."""


def harmless(cell: Cell) -> str | int | float:
    """The cell, a text that would run behind an apostrophe; days as ISO texts, nothing as an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str):
        return cell if isinstance(cell, int | float) else cell.isoformat()
    text = cell[: MAX_CELL - 1]
    return f"'{text}" if text.startswith(FORMULA) else text
