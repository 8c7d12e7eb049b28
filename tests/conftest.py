"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# What runs each time tries the same examples each time; `HYPOTHESIS_PROFILE=default` looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
