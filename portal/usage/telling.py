"""The one rule of what is told of searches: only what several organisations asked, never so that one can be seen.

A number is told from LEAST_ORGANISATIONS organisations and LEAST_SEARCHES searches on, and rounded down to a multiple
of STEP: the difference of two numbers, be it of two pages or of two days, then never says whether there were one, two,
three or four searches more. How many organisations there were is not told at all. Of today nothing is told yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

LEAST_ORGANISATIONS = 3
LEAST_SEARCHES = 5
STEP = 5
WINDOW_DAYS = 90
"""Of these many days, those that are over, searches are told."""


@dataclass(slots=True)
class Tally:
    """Searches, and by whose: "<kind or quarter>:<what tells organisations apart>"."""

    searches: int = 0
    organisations: set[str] = field(default_factory=set)

    def add(self, organisation: str, searches: int) -> None:
        """Count some more."""
        self.searches += searches
        self.organisations.add(organisation)

    def join(self, other: Tally) -> None:
        """Count those of another too, of other searches."""
        self.searches += other.searches
        self.organisations |= other.organisations

    @property
    def told(self) -> int | None:
        """The number that may be told: "at least so many"; None where nothing may."""
        if self.searches < LEAST_SEARCHES or _at_least(self.organisations) < LEAST_ORGANISATIONS:
            return None
        return rounded(self.searches)


def joined(tallies: Iterable[Tally]) -> Tally:
    """One of all these, whose searches are others."""
    made = Tally()
    for tally in tallies:
        made.join(tally)
    return made


def rounded(number: int) -> int:
    """Down to a multiple of STEP."""
    return number - number % STEP


def few(number: int) -> bool:
    """Whether it is too small to be told; 0 is too, as "none" and "one" are told apart otherwise."""
    return number < LEAST_SEARCHES


def _at_least(organisations: Iterable[str]) -> int:
    """How many there were at least: the pseudonyms of two quarters may stand for the same ones."""
    return max(Counter(name.partition(":")[0] for name in organisations).values(), default=0)
