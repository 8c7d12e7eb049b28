"""Findings for people: place, message, source line, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence

from omegac.check.findings import Checked


def text(checked: Sequence[Checked]) -> str:
    """The findings one after another."""
    return "".join(f"{finding.render(each.source)}\n" for each in checked for finding in each.findings)
