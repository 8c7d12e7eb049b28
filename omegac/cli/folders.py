"""The files that a folder on the command line stands for."""

from __future__ import annotations

from pathlib import Path

from omegac.cli.failures import fail
from omegac.modules.finding import SUFFIXES


def omega_files(folder: Path) -> list[Path]:
    """All .omega files in a folder and below it, sorted. Ends the command when there is none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    if not found:
        fail(f"there is no .omega file in {folder}")
    return found
