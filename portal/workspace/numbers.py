"""Registration numbers as people's lists hold them: with spaces, in full width, read by a scanner, or cut."""

from __future__ import annotations

import re

from portal.register.importing.cleaning import registration
from portal.register.importing.problems import CellError
from portal.register.registration import UEI, USCC, number_problem

_MISREAD = str.maketrans("OIZS", "0125")
"""Letters that a credit code never has, and the digits that a scanner takes for them."""

_CODE = re.compile(r"[0-9A-Z]{18}")
_SCHEME = re.compile(r"^[A-Z]{2}-?(?:USCC|UEI)/")


def clean_number(cell: str) -> str:
    """The number in a cell in its one form; "" for none. A scheme in front ("CN-USCC/…") is left out."""
    try:
        found = registration(cell)
    except CellError:
        return ""
    found = _SCHEME.sub("", found)[:64]
    if _CODE.fullmatch(found) and number_problem(USCC, found):
        mended = found.translate(_MISREAD)
        return found if number_problem(USCC, mended) else mended
    return found


def looks_like_number(cell: str) -> bool:
    """Whether a cell holds a number of a scheme the register knows, or one of that form with a slip in it."""
    found = clean_number(cell)
    return bool(_CODE.fullmatch(found) and sum(sign.isdigit() for sign in found) >= 8) or (
        not number_problem(UEI, found) and any(sign.isdigit() for sign in found)
    )
