"""What two commits' times say."""

from __future__ import annotations

import pytest

from benchmarks import instructions
from benchmarks.compare import verdict
from benchmarks.measure import Spread


@pytest.mark.parametrize(
    ("low", "median", "high", "expected"),
    [
        (1.05, 1.1, 1.2, "slower"),
        (0.8, 0.9, 0.95, "faster"),
        (0.98, 1.1, 1.2, ""),
        (1.01, 1.015, 1.02, ""),
        (0.9, 0.95, 1.0, ""),
    ],
)
def test_three_of_four_rounds_must_agree(low: float, median: float, high: float, expected: str) -> None:
    assert verdict(Spread(median, low, high)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(100_000, 100_501, "more"), (100_000, 99_499, "fewer"), (100_000, 100_400, "")]
)
def test_counts_of_instructions_differ_by_little_when_they_are_the_same(before: int, after: int, expected: str) -> None:
    assert instructions.verdict(before, after) == expected
