"""Codes of sourcing records: 120 random bits, easy to read aloud, with a sign that gives a slip of typing away.

Five groups of five: XPQ3M-7RT9A-… The signs are Crockford's thirty-two: no I, L, O and U, and what looks like one of
the others is taken for it. The last sign is the check sign of ISO 7064's hybrid system over those thirty-two: it
differs for every single sign mistyped.
"""

from __future__ import annotations

import secrets
import unicodedata
from enum import StrEnum

from stdnum.iso7064 import mod_37_36

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 5
LENGTH = 25

_ALIKE = str.maketrans("ILO", "110")
_BETWEEN = frozenset("-_.·–—‐‑ \t\r\n")


class Slip(StrEnum):
    """Why a text is no code."""

    LENGTH = "length"
    SIGN = "sign"
    CHECK = "check"


class NoCode(ValueError):
    """The text cannot be a code: no record was ever given it. `sign`: the first one that no code has."""

    def __init__(self, slip: Slip, sign: str = "") -> None:
        super().__init__(slip.value)
        self.slip = slip
        self.sign = sign


def new_code(length: int = LENGTH) -> str:
    """A code that nobody guesses, without the hyphens between its groups."""
    body = "".join(secrets.choice(SIGNS) for _ in range(length - 1))
    return body + mod_37_36.calc_check_digit(body, alphabet=SIGNS)


def written(code: str) -> str:
    """As people read it: in groups."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read(text: str, length: int = LENGTH) -> str:
    """The code that someone typed, in capitals or not, with hyphens, spaces or nothing between. Raises NoCode."""
    folded = unicodedata.normalize("NFKC", text).upper()
    typed = "".join(sign for sign in folded if sign not in _BETWEEN).translate(_ALIKE)
    for sign in typed:
        if sign not in SIGNS:
            raise NoCode(Slip.SIGN, sign)
    if len(typed) != length:
        raise NoCode(Slip.LENGTH)
    if mod_37_36.calc_check_digit(typed[:-1], alphabet=SIGNS) != typed[-1]:
        raise NoCode(Slip.CHECK)
    return typed
