"""Searches that a firm missed by a single condition, by that condition; told by the rule of `portal.usage.telling`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from portal.usage.reading import Logged
from portal.usage.telling import Tally, rounded
from search.contract import QueryError, SearchQuery, SupplierDocument
from search.fields import FieldTable
from search.nodes import Node
from search.single import Held, node_of, singles


@dataclass(frozen=True, slots=True)
class Questions:
    """The log made ready to be asked for one firm after the other: each different condition once.

    `asked`: of each search its conditions, as places in `conditions` and `nodes`, and its tally.
    """

    table: FieldTable
    conditions: tuple[SearchQuery, ...]
    nodes: tuple[Node, ...]
    asked: tuple[tuple[tuple[int, ...], Tally], ...]

    @classmethod
    def of(cls, log: list[Logged], table: FieldTable) -> Questions:
        """Those of searches that asked nothing beyond their conditions, and that the catalogue still knows."""
        places: dict[SearchQuery, int] = {}
        nodes: list[Node] = []
        asked: list[tuple[tuple[int, ...], Tally]] = []
        for query, whole, tally in log:
            if not whole:
                continue
            own = list(singles(query))
            try:
                for single in own:
                    if single not in places:
                        nodes.append(node_of(single, table))
                        places[single] = len(places)
            except QueryError:
                continue
            asked.append((tuple(places[single] for single in own), tally))
        return cls(table, tuple(places), tuple(nodes), tuple(asked))


@dataclass(frozen=True, slots=True)
class Missed:
    """A condition that alone kept the firm out of at least so many searches."""

    condition: SearchQuery
    searches: int


@dataclass(frozen=True, slots=True)
class NearMisses:
    """`missed`: the most searches first; `searches`: at least so many, of those conditions together.

    What may not be told by condition is in no number: the difference would tell it.
    """

    missed: tuple[Missed, ...]
    searches: int


def near_misses(questions: Questions, document: SupplierDocument) -> NearMisses:
    """What the firm of the document missed by one condition."""
    held = Held.of(document, questions.table)
    met = [held.meets(node) for node in questions.nodes]
    tallies: defaultdict[int, Tally] = defaultdict(Tally)
    for places, tally in questions.asked:
        unmet = [place for place in places if not met[place]]
        if len(unmet) == 1:
            tallies[unmet[0]].join(tally)
    told = {place: number for place, tally in tallies.items() if (number := tally.told) is not None}
    missed = [Missed(questions.conditions[place], number) for place, number in told.items()]
    missed.sort(key=lambda one: (-one.searches, repr(one.condition)))
    return NearMisses(tuple(missed), rounded(sum(tallies[place].searches for place in told)))
