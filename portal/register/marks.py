"""An assessment's results without values and evidence, as one short text: " X01-05= X01-06! X01-07~".

A page of cards asks of twenty firms how many criteria they meet, and whether these three. To decode twenty times up to
300 results for that was the longest part of reading a page; counting signs in a text is thirty times as fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MET, NOT_MET, NOT_APPLICABLE = "=", "!", "~"
_SIGNS = {"met": MET, "not_met": NOT_MET, "not_applicable": NOT_APPLICABLE}


def marks_of(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The marks of results as `Assessment.results` holds them."""
    return "".join(f" {code}{_SIGNS[result['result']]}" for code, result in results.items())


def met_codes(marks: str) -> list[str]:
    """The criteria that are met."""
    return [mark[:-1] for mark in marks.split() if mark[-1] == MET]


def is_met(marks: str, code: str) -> bool:
    """Whether the criterion is met."""
    return f" {code}{MET}" in marks
