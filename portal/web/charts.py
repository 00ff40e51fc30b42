"""Small charts as pure geometry: figures in, SVG coordinates out; the partials in templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.web.tree import RankView

WIDTH, HEIGHT, MARGIN = 240, 56, 8


@dataclass(frozen=True, slots=True)
class Point:
    """A dot at (x, y) in SVG units, with what it says."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line through points, oldest first; `line` is the polyline's points attribute."""

    width: int
    height: int
    points: tuple[Point, ...]

    @property
    def line(self) -> str:
        """The points as "x,y x,y …"."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def rank_chart(rankings: Sequence[RankView]) -> LineChart | None:
    """Percentiles of rankings (newest first, as the sheet lists them), best at the top; None for fewer than two."""
    if len(rankings) < 2:
        return None
    step = (WIDTH - 2 * MARGIN) / (len(rankings) - 1)
    span = HEIGHT - 2 * MARGIN
    points = tuple(
        Point(
            round(MARGIN + step * at, 1),
            round(MARGIN + span * rank.percentile / 100, 1),
            f"{rank.label}: {rank.percentile} %",
        )
        for at, rank in enumerate(reversed(rankings))
    )
    return LineChart(WIDTH, HEIGHT, points)


def number_chart(numbers: Sequence[tuple[str, int]], most: int = 0) -> LineChart | None:
    """Numbers by their labels, oldest first, from 0 at the bottom to the largest or `most`; None for fewer than two."""
    if len(numbers) < 2:
        return None
    step = (WIDTH - 2 * MARGIN) / (len(numbers) - 1)
    top = max(most, *(number for _, number in numbers), 1)
    points = tuple(
        Point(
            round(MARGIN + step * at, 1),
            round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * number / top, 1),
            f"{label}: {number:,}",
        )
        for at, (label, number) in enumerate(numbers)
    )
    return LineChart(WIDTH, HEIGHT, points)
