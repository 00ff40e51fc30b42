"""Timing of calls, and the table that the figures are printed as."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its target; `held` None means nothing was asked of it."""

    name: str
    value: str
    target: str = ""
    held: bool | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """Durations in ms."""

    samples: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """The 95th percentile (nearest rank)."""
        return sorted(self.samples)[max(0, -(-95 * len(self.samples) // 100) - 1)]


def timed(calls: Iterable[Callable[[], T]], warm: int = 5) -> tuple[Times, list[T]]:
    """Run each call once, the first `warm` uncounted; their times and answers."""
    samples: list[float] = []
    answers: list[T] = []
    for number, call in enumerate(calls):
        start = time.perf_counter()
        answer = call()
        elapsed = (time.perf_counter() - start) * 1000
        if number >= warm:
            samples.append(elapsed)
            answers.append(answer)
    return Times(tuple(samples)), answers


def figure(
    name: str,
    times: Times,
    hits: Sequence[int],
    *,
    p50: float | None = None,
    p95: float | None = None,
    remark: str = "",
) -> Figure:
    """A figure of `times` against the limits given, in ms, with the median number of hits."""
    targets = [f"{label} ≤ {limit:g} ms" for label, limit in (("p50", p50), ("p95", p95)) if limit is not None]
    held = (
        all(got <= limit for got, limit in ((times.p50, p50), (times.p95, p95)) if limit is not None)
        if targets
        else None
    )
    value = f"p50 {times.p50:.1f} ms, p95 {times.p95:.1f} ms, hits {int(statistics.median(hits)) if hits else 0:,}"
    return Figure(name, value, ", ".join(targets), held, remark)


def machine() -> str:
    """What was measured on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, Python {platform.python_version()}, {system}"


def print_table(title: str, figures: Iterable[Figure]) -> None:
    """The figures as a Markdown table, each as soon as it is measured; then what limits each that is missed."""
    print(f"\n## {title}\n\n| what | measured | to reach | |\n|---|---|---|---|", flush=True)
    missed: list[Figure] = []
    for one in figures:
        mark = {None: "", True: "held", False: "**missed**"}[one.held]
        print(f"| {one.name} | {one.value} | {one.target} | {mark} |", flush=True)
        if one.held is False and one.remark:
            missed.append(one)
    for one in missed:
        print(f"\n- {one.name}: {one.remark}")
