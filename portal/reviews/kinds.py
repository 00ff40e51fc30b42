"""What a kind of case brings along: what its approval does, and how staff see it.

The table of kinds is `portal.company.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
class Glass:
    """What someone looks at a case with."""

    session: Session
    catalogue: Catalogue
    language: str

    def __call__(self, text: str) -> str:
        """The text in the language of who looks; call it `_`."""
        return texts(self.language)(text)


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
    `path(case)`: where on the portal whoever asked sees it. `differences`: what staff look at, with the files
    of the case (portal.company.files).
    """

    label: Words
    approve: Callable[[Act, ReviewCase, str, Catalogue], Mapping[str, Any] | None]
    differences: Callable[[ReviewCase, Glass], tuple[Difference, ...]]
    path: Callable[[ReviewCase], str]
    settled: Callable[[Act, ReviewCase, CaseState], None] = _nothing
    bulk: bool = False
