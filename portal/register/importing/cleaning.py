"""From what people type into cells to plain values: texts, dates, numbers, registration numbers.

Every function takes a cell as read (text, or what a workbook holds: numbers, dates, booleans) and either returns a
value or raises CellError with the reason. Nothing here knows the catalogue.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from portal.register.importing.problems import CellError

Cell = str | int | float | bool | date | datetime | timedelta | None
"""A cell as a file gives it."""

MAX_CELL = 20_000
"""Characters of a cell; a longer one is a quotation mark that was never closed, or no cell at all."""

EARLIEST, LATEST = 1800, 2200
"""Years that a date may have; others are slips of the pen (0204, 20244)."""

EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's serial days (1900 system), as from 1 March 1900 on, when its false leap day is behind."""

_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_DATE = re.compile(
    r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*日?"
    r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?%?")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))


def _narrow() -> dict[int, str]:
    """Full-width letters and digits, other wide spaces and the radicals that PDF copies hold → their plain form.

    Punctuation stays as it is: a firm's registered name has full-width brackets.
    """
    wide = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
    radicals = [*range(0x2F00, 0x2FD6), *range(0x2E80, 0x2EF4)]
    return {code: unicodedata.normalize("NFKC", chr(code)) for code in wide + radicals}


_NARROW = _narrow()


def shown(cell: Cell) -> str:
    """A cell as text for a report: what one sees in the file."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return str(cell)


def text(cell: Cell) -> str:
    """The cell as one line of text: spaces joined, invisible signs gone, full-width letters and digits narrowed.

    Raises CellError for a cell that is far too long or holds half a character.
    """
    found = cell if isinstance(cell, str) else shown(cell)
    if len(found) > MAX_CELL:
        raise CellError(f"the cell has {len(found)} characters (at most {MAX_CELL}): a quotation mark not closed?")
    if not found.isascii():
        if _SURROGATE.search(found):
            raise CellError("the cell holds half a character")
        found = unicodedata.normalize("NFC", found).translate(_NARROW)
    if not found.isprintable() or "  " in found:
        found = _SPACES.sub(" ", _INVISIBLE.sub("", found))
    return found.strip()


def folded(value: str) -> str:
    """A word as it is compared: NFKC, case folded, without spaces and dashes."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().translate(_DASHES).replace("-", "").split())


def registration(cell: Cell) -> str:
    """A registration number in capitals without spaces, dashes and a leading apostrophe.

    Raises CellError for a number cell beyond 15 digits: Excel has lost the others for good.
    """
    if isinstance(cell, bool | date | timedelta):
        raise CellError("a registration number as text, not a date or yes/no")
    if isinstance(cell, int | float):
        if abs(cell) >= 1e15 or not float(cell).is_integer():
            raise CellError("stored as a number, its digits beyond the 15th are lost: enter it as text")
        return str(int(cell))
    found = unicodedata.normalize("NFKC", text(cell)).translate(_DASHES).lstrip("'`’‘")
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", found):
        raise CellError("a number that a table program has rounded: enter it as text")
    return found.replace(" ", "").replace("-", "").upper()


def day(cell: Cell, formats: Sequence[str] = ()) -> date:
    """A calendar day: 2024-03-05, 2024年3月5日, 2024/3/5, 2024.3.5, 20240305, a workbook's date, an Excel serial day.

    `formats` (strptime) are tried first. Raises CellError; also for a month without a day, which is never guessed.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, bool | timedelta):
        raise CellError("not a date")
    if isinstance(cell, int | float) and 20_000 <= cell < 100_000:
        return _plausible(EXCEL_EPOCH + timedelta(days=int(cell)))
    return _day_of_text(unicodedata.normalize("NFKC", text(cell)).translate(_DASHES), tuple(formats))


@lru_cache(maxsize=20_000)
def _day_of_text(found: str, formats: tuple[str, ...]) -> date:
    for form in formats:
        try:
            return _plausible(datetime.strptime(found, form).date())  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    if matched := _DATE.fullmatch(found) or _COMPACT.fullmatch(found):
        try:
            return _plausible(date(int(matched[1]), int(matched[2]), int(matched[3])))
        except ValueError as error:
            raise CellError(f"no such day: {error}") from None
    if _SERIAL.fullmatch(found) and float(found) >= 20_000:
        return _plausible(EXCEL_EPOCH + timedelta(days=int(float(found))))
    raise CellError("not a date like 2024-03-05, 2024年3月5日 or 20240305")


def _plausible(found: date) -> date:
    if not EARLIEST <= found.year <= LATEST:
        raise CellError(f"the year {found.year} is not plausible")
    return found


def number(cell: Cell) -> float:
    """A finite number: 98.5, 1,234, 95% (the figure before the sign), full-width digits. Raises CellError."""
    if isinstance(cell, bool | date | timedelta):
        raise CellError("not a number")
    if isinstance(cell, int | float):
        found = float(cell)
    else:
        plain = unicodedata.normalize("NFKC", text(cell)).translate(_DASHES).replace(" ", "")
        if len(plain) > 40 or not _NUMBER.fullmatch(plain):
            raise CellError("not a number")
        found = float(plain.rstrip("%").replace(",", ""))
    if not abs(found) <= 1e15:
        raise CellError("not a number of a possible size")
    return found


def whole(cell: Cell) -> int:
    """A whole number. Raises CellError."""
    found = number(cell)
    if not found.is_integer():
        raise CellError("not a whole number")
    return int(found)
