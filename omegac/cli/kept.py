"""Where compiled programs are kept for the next run: in the user's cache folder.

What is kept is Python's byte code, which may do anything, while programs may do little. So it isn't looked for beside a
program, in a folder that may be somebody else's work.
"""

from __future__ import annotations

import os
from _blake2 import blake2b
from contextlib import suppress
from pathlib import Path
from sys import implementation

from omegac.cli.folders import user_folder
from omegac.modules.finding import real

_FOLDER = ("XDG_CACHE_HOME", ".cache")
_MOST = 500


def kept_file(path: str) -> str | None:
    """The file for the entry of a source; None where the folder can't be used."""
    try:
        folder = user_folder(*_FOLDER)
    except (OSError, RuntimeError):
        return None
    stem = blake2b(os.fsencode(real(path)), digest_size=16).hexdigest()
    return str(folder / f"{stem}.{implementation.cache_tag}.omegac")


def make_room() -> None:
    """Remove the entries that were written longest ago, where there are too many."""
    with suppress(OSError, RuntimeError):
        found = sorted(user_folder(*_FOLDER).glob("*.omegac"), key=_written, reverse=True)
        for path in found[_MOST:]:
            path.unlink(missing_ok=True)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
