"""Answers kept while nothing has changed: a second view of a page asks the engine nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 96
"""Answers of a process. A table of all cities by level takes about 300 KB."""


class Kept:
    """The newest answers by their question, which names the data version and the day it was asked for."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, question: Hashable, make: Callable[[], T]) -> T:
        """The answer that is kept, else a new one, which is. What raises is asked again."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                kept: T = self._answers[question]
                return kept
        made = make()
        with self._lock:
            self._answers[question] = made
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return made
