"""The files that a folder on the command line stands for."""

from __future__ import annotations

from pathlib import Path

from omegac.cli.failures import fail


def omega_files(folder: Path) -> list[Path]:
    """All .omega files in a folder and below it, sorted. Ends the command when there is none."""
    found = sorted(folder.rglob("*.omega"))
    if not found:
        fail(f"there is no .omega file in {folder}")
    return found
