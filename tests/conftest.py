"""Settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from omega_runtime.calls.context import OUTSIDE, current

# What runs each time tries the same examples each time; `HYPOTHESIS_PROFILE=default` looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(autouse=True)
def nothing_stays_switched_on() -> Iterator[None]:
    """A test that leaves a budget open, or a mode on, would change those that follow it in the same process."""
    yield
    assert current.get() is OUTSIDE
    assert not OUTSIDE.policy.is_active
