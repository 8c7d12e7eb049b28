"""SQLite's locks on a ledger file, as the system tells of them; nothing here takes or gives up a lock."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Identity = tuple[int, int]

# Bytes that SQLite's file format gives to locks, as (offset, length). In the ledger file: of every open connection.
OPEN = (0x40000002, 510)
# In the file beside it that ends in "-shm": of who writes, and of every process that has it open.
WRITING = (120, 1)
SHARING = (128, 1)


def identity(path: str) -> Identity | None:
    """What tells a file from any other that has or gets the same path; None when there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


def descriptors() -> dict[Identity, int] | None:
    """This process's open files; None where the system does not list them.

    SQLite's own are among them. To open and close a file of our own would end all locks that this process has on it.
    """
    try:
        return dict(_open_files())
    except OSError:
        return None


def _open_files() -> Iterator[tuple[Identity, int]]:
    for name in os.listdir("/dev/fd"):  # noqa: PTH208
        try:
            status = os.fstat(int(name))
        except OSError:
            continue  # closed meanwhile
        yield (status.st_dev, status.st_ino), int(name)


def holder(descriptor: int | None, lock: tuple[int, int]) -> int | None:
    """The number of another process that has a lock there, 0 for one that cannot be seen from here, None for none."""
    if descriptor is None or sys.platform != "linux":
        return None
    import fcntl
    import struct

    # struct flock: type, whence, start, length, process
    layout = "hhqqi4x"
    asked = struct.pack(layout, fcntl.F_WRLCK, os.SEEK_SET, *lock, 0)
    try:
        kind, _, _, _, process = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    except OSError:
        return None
    return None if kind == fcntl.F_UNLCK else max(0, process)
