"""Files that are either written whole or not at all; devices and pipes, which can only be written to."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that no reader ever sees half of it.

    It gets the permissions of the file that it replaces, or those that any new file gets. A link stays one, and the
    file that it leads to is written. A device or a pipe is written to. Raises OSError; then nothing is left behind.
    """
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    mode = _mode(path)
    # The system applies the umask by itself; to ask for it is to change it, for all threads.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            if mode is not None:
                temporary.chmod(mode)
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int | None:
    """The permissions of the file that is replaced; None when there is none."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return None
