"""What commands do that handle many thousands of firms."""

from __future__ import annotations

import ctypes
import gc

YOUNG = 50_000
"""New objects before cycles are looked for; Python's 700 cost a rebuild a quarter of its time."""

ARENAS = 2
_M_ARENA_MAX = -8  # of malloc.h


def expect_many_objects() -> None:
    """Leave what is loaded (catalogue, words, readings) out of the search for cycles, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)


def share_memory() -> None:
    """Let threads started from now on share few arenas of the allocator, where it is glibc's.

    It would give each thread its own, and what one has freed there no other could use: a fifth of the worker's memory.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
