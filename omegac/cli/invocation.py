"""The command as it was typed, and how it has to be typed to go on."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from omega_runtime.ledger.urls import without_passwords

# Options of a run that another one has instead, with whether they take a value.
_REPLACED = {"--budget": True, "--raise-limit": False, "--resume": False}


def command_again(*options: str, keep: Sequence[str] = ()) -> str:
    """What was typed, with these options for --budget, --raise-limit and --resume, quoted for a POSIX shell.

    Options in `keep` stay as they were; passwords in URLs are left out.
    """
    typed = sys.argv[1:]
    end = typed.index("--") if "--" in typed else len(typed)
    kept = _without(typed[:end], [option for option in _REPLACED if option not in keep])
    return shlex.join(map(without_passwords, [*_program(), *kept, *options, *typed[end:]]))


def another_command(*words: str) -> str:
    """Another command of omegac, called as this one was and quoted for a POSIX shell."""
    return shlex.join([*_program(), *words])


def _without(words: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        name, has_value, _ = word.partition("=")
        if name not in options:
            yield word
        elif _REPLACED[name] and not has_value:
            next(rest, None)


def _program() -> list[str]:
    """How omegac was called."""
    script = sys.argv[0]
    if os.path.basename(script) == "__main__.py":  # noqa: PTH119
        return [os.path.basename(sys.executable), "-m", "omegac"]  # noqa: PTH119
    found = shutil.which("omegac")
    return ["omegac"] if found and Path(found).resolve() == Path(script).resolve() else [script]
