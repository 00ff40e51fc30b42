"""The calendar day by which the register reckons: China time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had no summer time since 1991; a fixed offset needs no zone files."""


def today_china() -> date:
    """Today's date in China, where certificates begin and end at midnight."""
    return datetime.now(CHINA).date()
