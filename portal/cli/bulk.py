"""What commands do that handle many thousands of firms."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""New objects before cycles are looked for; Python's 700 cost a rebuild a quarter of its time."""


def expect_many_objects() -> None:
    """Leave what is loaded (catalogue, words, readings) out of the search for cycles, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
