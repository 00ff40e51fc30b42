"""Cutting a stream of changes into lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.contract import Change


def batches(changes: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """The changes in lists of at most `size`."""
    batch: list[Change] = []
    for change in changes:
        batch.append(change)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
