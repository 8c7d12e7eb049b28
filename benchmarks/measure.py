"""Measuring side by side: what disturbs one contender disturbs the others as well, and ratios stay true."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

import attrs


@attrs.frozen
class Spread:
    """Median and quartiles of a measurement."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 1 if self.median < 1000 else 0
        return f"{self.median:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


def spread(values: list[float]) -> Spread:
    """The median and the quartiles of at least two values."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def ratios(values: list[float], reference: list[float]) -> Spread:
    """How one contender's times compare with the reference's, round by round."""
    return spread([value / base for value, base in zip(values, reference, strict=True)])


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of processor time for each run and round. Each round starts with another contender."""
    names = list(runs)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            gc.collect()
            start = time.process_time()
            runs[name]()
            seconds[name].append(time.process_time() - start)
    return seconds
