"""The rules of `omegac check`, one module for each theme."""

from __future__ import annotations

from omegac.check.rules import bounds, coverage, dead, handling, limits, thresholds, waste
from omegac.check.rules.registry import CHECKS
from omegac.check.rules.table import RULES

__all__ = ["CHECKS", "RULES", "bounds", "coverage", "dead", "handling", "limits", "thresholds", "waste"]
