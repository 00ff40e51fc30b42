"""What a kind of case brings along: what its approval does, and how staff see it.

The table of kinds is `portal.company.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy.orm import Session

from portal.identity.log import Act
from portal.models import CaseState, ReviewCase
from portal.notices import texts
from portal.register.catalogue import Catalogue

Translate = Callable[[str], str]
Words = Callable[[Translate], str]
"""Says something in a language: `lambda _: _("Correction")`."""


class Refused(Exception):
    """What was asked cannot be done, for a reason to be shown; nothing was changed."""

    def __init__(self, words: Words) -> None:
        super().__init__(words(str))
        self._words = words

    def said(self, language: str) -> str:
        """The reason in that language."""
        return self._words(texts(language))


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of what is asked: how it is in the register now, and how it would be.

    `before` None: there is nothing to compare it with (a claim's words, a reason).
    """

    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file that came with a case: `key` in its address, what it was called, where it lies."""

    key: str
    name: str
    path: PurePath
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Glass:
    """What someone looks at a case with: `data_dir` is where files lie below."""

    session: Session
    catalogue: Catalogue
    language: str
    data_dir: PurePath

    def __call__(self, text: str) -> str:
        """The text in the language of who looks; call it `_`."""
        return texts(self.language)(text)


def _no_files(_case: ReviewCase, _glass: Glass) -> tuple[CaseFile, ...]:
    return ()


def _nothing(_act: Act, _case: ReviewCase, _state: CaseState) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of case.

    `approve(act, case, comment, catalogue)` does what was asked, in the transaction that decides; it gives what the
    log's entry says besides ({field: [before, after]}), or None when it left its own entry (the writer of official
    facts does), which then is the decision's. Raises Refused, which leaves the case as it was.
    `settled(act, case, state)`: told when the case was returned, refused or withdrawn, in the same transaction.
    `bulk`: whether many may be approved at once without looking at each.
    `path(case)`: where on the portal whoever asked sees it. `differences`, `files`: what staff look at.
    """

    label: Words
    approve: Callable[[Act, ReviewCase, str, Catalogue], Mapping[str, Any] | None]
    differences: Callable[[ReviewCase, Glass], tuple[Difference, ...]]
    path: Callable[[ReviewCase], str]
    files: Callable[[ReviewCase, Glass], tuple[CaseFile, ...]] = _no_files
    settled: Callable[[Act, ReviewCase, CaseState], None] = _nothing
    bulk: bool = False
