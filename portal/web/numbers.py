"""Whole numbers in addresses and forms, which anyone can write."""

from __future__ import annotations

from flask import request

MOST_DIGITS = 9
"""An identifier or a version has no more, and every database takes it."""


def whole(text: str | None, digits: int = MOST_DIGITS) -> int | None:
    """The number of at most so many digits; None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else None


def asked_page(last: int | None = None) -> int:
    """The `?page=` of the address, from 1 to `last`; the first where it is no number."""
    page = max(1, whole(request.args.get("page"), 5) or 1)
    return page if last is None else min(page, last)
