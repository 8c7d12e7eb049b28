"""The files that a folder on the command line stands for, and the user's own folders."""

from __future__ import annotations

import os
from pathlib import Path

from omegac.cli.failures import fail
from omegac.modules.finding import SUFFIXES


def user_folder(variable: str, *usual: str) -> Path:
    """Omegac's folder in the one that an environment variable names, made where it is missing, for its owner only.

    `usual` is where that is below the home folder. Raises OSError and RuntimeError when it can't be used.
    """
    base = os.environ.get(variable, "")
    root = Path(base) if os.path.isabs(base) else Path.home().joinpath(*usual)  # noqa: PTH117
    folder = root / "omegac"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise PermissionError(0, "it belongs to another user", str(folder))
    if status.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def omega_files(folder: Path) -> list[Path]:
    """All .omega files in a folder and below it, sorted. Ends the command when there is none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    if not found:
        fail(f"there is no .omega file in {folder}")
    return found
