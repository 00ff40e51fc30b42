"""Registration schemes: how a firm is identified, and which numbers are possible.

`CN-USCC` 统一社会信用代码 (GB 32100-2015, with its check digit), `US-UEI` (SAM.gov: 12 characters, no O or I, no 0 in
front), and `OSH` for lists without any registration number: a hash of name and address.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

USCC = "CN-USCC"
UEI = "US-UEI"
OSH = "OSH"

_UEI = re.compile(r"[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}")
_OSH = re.compile(r"[0-9a-f]{16}")
_SEPARATORS = re.compile(r"[\W_]+")


def number_problem(scheme: str, number: str) -> str:
    """What is wrong with a number of that registration scheme; "" if nothing, also for a scheme that is not known."""
    check = CHECKS.get(scheme)
    return "" if check is None else check(number)


def osh_number(name: str, address: str) -> str:
    """The number of a firm that has none: 16 hexadecimal digits of name and address, blind to case and punctuation."""
    parts = (_SEPARATORS.sub(" ", unicodedata.normalize("NFKC", part).casefold()).strip() for part in (name, address))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=4096)
def _uscc(number: str) -> str:
    try:
        return "" if uscc.validate(number) == number else "write it in capitals, without spaces or signs"
    except InvalidChecksum:
        return "the check digit is wrong"
    except ValidationError:
        return "not a unified social credit code (18 characters)"


def _uei(number: str) -> str:
    return "" if _UEI.fullmatch(number) else "not a UEI (12 capitals and digits, no O or I, no leading 0)"


def _osh(number: str) -> str:
    return "" if _OSH.fullmatch(number) else "not 16 hexadecimal digits in lower case"


CHECKS: Mapping[str, Callable[[str], str]] = {USCC: _uscc, UEI: _uei, OSH: _osh}
"""The schemes the register knows."""
