"""The ledger files of runs that were given none: one for each unfinished run, in the user's state folder."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from omega_runtime.ledger.sqlite.runs import survey

from omegac.cli.folders import user_folder

MOST_SECONDS = 30 * 24 * 3600
"""Files that nobody has written for so long are removed."""

MOST_BYTES = 200_000_000
"""And of the others the oldest, while they are larger than this together."""

_PARTS = ("", "-wal", "-shm")


def state_folder() -> Path:
    """The folder. Raises OSError and RuntimeError when it can't be used."""
    return user_folder("XDG_STATE_HOME", ".local", "state")


def new_file(program: str) -> Path:
    """A path for a new run of a program, given as its path; old files make room first."""
    folder = state_folder()
    prune(folder)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(program).stem)[:40]
    return (
        folder / f"{stem}-{_key(program)}-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}-{os.urandom(3).hex()}.ledger"
    )


def latest_file(program: str) -> tuple[Path | None, int | None]:
    """The file of the latest run of a program that has ended without being finished and has answers.

    Also the process of a run that is going on, if there is one.
    """
    going_on = None
    for path in sorted(state_folder().glob(f"*-{_key(program)}-*.ledger"), key=_written, reverse=True):
        try:
            found = survey(str(path))
        except sqlite3.Error:
            continue
        if found.process is not None:
            going_on = going_on or found.process
        elif found.answers:
            return path, None
    return None, going_on


def answers(program: str) -> int:
    """How many answers the file has that `latest_file` gives."""
    with suppress(OSError, RuntimeError, sqlite3.Error):
        path, _ = latest_file(program)
        return survey(str(path)).answers if path is not None else 0
    return 0


def remove(path: Path) -> None:
    """Remove a ledger file that isn't open any more."""
    for part in reversed(_PARTS):
        with suppress(OSError):
            Path(f"{path}{part}").unlink()


def prune(folder: Path) -> None:
    """Remove files that are too old, and the oldest ones while there is too much; never one in use."""
    now = time.time()
    total = 0
    for path in sorted(folder.glob("*.ledger"), key=_written, reverse=True):
        total += sum(_size(Path(f"{path}{part}")) for part in _PARTS)
        is_old = _written(path) < now - MOST_SECONDS
        with suppress(sqlite3.Error):
            if (is_old or total > MOST_BYTES) and survey(str(path)).process is None:
                remove(path)


def _key(program: str) -> str:
    return sha256(os.fsencode(program)).hexdigest()[:16]


def _written(path: Path) -> float:
    """When a file was last written."""
    times = [0.0]
    for part in _PARTS[:2]:
        with suppress(OSError):
            times.append(Path(f"{path}{part}").stat().st_mtime)
    return max(times)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
