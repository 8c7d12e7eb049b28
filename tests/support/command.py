"""Runs the omegac command as a user would."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Where runs without a ledger file keep their answers: never in the state folder of who runs the tests.
_STATE = tempfile.TemporaryDirectory(prefix="omegac-state-")
atexit.register(_STATE.cleanup)


def environment(**given: str) -> dict[str, str]:
    """The variables that a command sees; those with a key for a model are left out unless given."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ANTHROPIC_")}
    return {
        **inherited,
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "200",
        "XDG_CACHE_HOME": _STATE.name,
        "XDG_STATE_HOME": _STATE.name,
        **given,
    }


def omegac(
    *arguments: str | Path, cwd: Path | None = None, input: str | None = None, **given: str
) -> subprocess.CompletedProcess[str]:
    """The finished command, with a text as its standard input and more variables in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "omegac", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(**given),
        input=input,
        timeout=120,
        check=False,
    )
