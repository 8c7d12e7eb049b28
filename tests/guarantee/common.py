"""What the tests of the guarantee share."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

# Shares of responses that fail.
HEALTHY, FAILING = 0.0, 0.2
# Of the budget, when a call is refused for the first time.
LEAST_USE = 0.95


def seeds(few: Iterable[int], many: Iterable[int]) -> list[object]:
    """Seeds of every run of the tests, and those for slow ones."""
    return [*few, *(pytest.param(seed, marks=pytest.mark.slow) for seed in many)]
