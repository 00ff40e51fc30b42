"""Passwords: argon2id, long ones allowed, the commonest refused, and those made of the user's own names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 1000

LEET = str.maketrans("013457@$!8", "oieastasib")
ROWS = ("0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyzabcdef", "qwertyuiopasdfghjklzxcvbnm")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


class PasswordProblem(StrEnum):
    """Why a new password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    OWN_NAME = "own_name"


def password_problem(password: str, own_names: Iterable[str] = ()) -> PasswordProblem | None:
    """What is wrong with a new password. `own_names`: the user's name, sign-in name and organisation."""
    text = _folded(password)
    if len(text) < SHORTEST:
        return PasswordProblem.TOO_SHORT
    if len(password) > LONGEST:
        return PasswordProblem.TOO_LONG
    text = text.casefold()
    if _is_common(text):
        return PasswordProblem.COMMON
    if any(len(_NOT_LETTERS.sub("", text.replace(name, ""))) < 4 for name in _parts(own_names) if name in text):
        return PasswordProblem.OWN_NAME
    return None


def _folded(password: str) -> str:
    """One way of writing what keyboards write in two (NFKC, as RFC 8265 and NIST have it)."""
    return unicodedata.normalize("NFKC", password)


def _is_common(text: str) -> bool:
    """Whether it is a repetition, a run over the keyboard, or words of the list with digits and signs around."""
    if len(set(text)) < 5 or any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5)):
        return True
    if any(text in row or text[::-1] in row for row in ROWS):
        return True
    spellings = (text, text.translate(LEET), text.rstrip("0123456789!@#$%^&*.?-_ ").translate(LEET))
    return any(_only_words(_NOT_LETTERS.sub("", spelling)) for spelling in spellings)


def _only_words(letters: str) -> bool:
    """Whether at most three letters are left when a word of the list, also a doubled one, is taken out."""
    if len(letters) < 4:  # digits and signs
        return True
    size = len(letters)
    pieces = (letters[start:end] for start in range(size) for end in range(start + 3, min(size, start + 16) + 1))
    longest = max((piece for piece in pieces if piece in common_words()), key=len, default="")
    return bool(longest) and len(letters.replace(longest, "")) <= 3


@cache
def common_words() -> frozenset[str]:
    """The list that is part of the portal."""
    lines = files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _parts(names: Iterable[str]) -> set[str]:
    """Names and their words of three characters and more (two where they are Chinese)."""
    whole = [_folded(name).casefold() for name in names]
    words = {*whole, *(part for name in whole for part in re.split(r"[\W_]+", name))}
    return {word for word in words if len(word) >= (3 if word.isascii() else 2)}


class Passwords:
    """Hashing and checking, with one choice of argon2id's costs (tests take cheap ones)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # OWASP's costs: 19 MiB and two passes, 8 threads at once are 152 MiB
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    def hash(self, password: str) -> str:
        """What is kept in the database."""
        return self._hasher.hash(_folded(password))

    def verify(self, kept: str, password: str) -> bool:
        """Whether it is the password; with nothing kept (nobody has that name) it takes as long and is False."""
        if len(password) > LONGEST:
            return False
        try:
            self._hasher.verify(kept or _decoy(self._hasher), _folded(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed with other costs than are used now."""
        return self._hasher.check_needs_rehash(kept)


@lru_cache(maxsize=4)
def _decoy(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody's password")
