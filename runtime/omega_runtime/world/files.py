"""Opening regular files, and nothing else, in a way that nobody can redirect meanwhile."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

# Bytes. Far beyond any prompt.
MOST_BYTES = 64_000_000


class Unsuitable(OSError):
    """What is at a path cannot be read or written by programs; `strerror` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(0, why)


def read_regular(real: str, most: int = MOST_BYTES) -> tuple[bytes, os.stat_result]:
    """The content of a regular file and its status; `real` is a real path, `most` its size in bytes at most.

    Raises OSError: `Unsuitable` for what is no regular file, or larger.
    """
    with os.fdopen(_open(real, os.O_RDONLY), "rb") as file:
        status = os.fstat(file.fileno())
        data = file.read(most + 1) if status.st_size <= most else b""
        if len(data) > most or status.st_size > most:
            raise Unsuitable(f"it is larger than {most / 1_000_000:g} MB; split it")
        if data and os.fstat(file.fileno()).st_size == 0:
            raise Unsuitable("it is no regular file: its content comes from the kernel")
        return data, status


def write_regular(real: str, data: bytes, append: bool = False) -> None:
    """Make `data` the content of a regular file, or its end; it may be new. `real` is a real path. Raises OSError."""
    with open_regular(real, append) as file:
        file.write(data)


def open_regular(real: str, append: bool = False) -> BinaryIO:
    """A regular file, which may be new, open for writing: behind its end, or emptied. Raises OSError."""
    descriptor = _open(real, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else 0))
    file = os.fdopen(descriptor, "ab" if append else "wb")
    if not append:
        file.truncate()
    return file


def _open(real: str, flags: int) -> int:
    """A descriptor of a regular file. Folder by folder without links, so that the path checked is the one opened."""
    folder = os.open("/", os.O_DIRECTORY | _LOOK)
    try:
        *folders, name = real.strip("/").split("/")
        for each in folders:
            inner = os.open(each, os.O_DIRECTORY | os.O_NOFOLLOW | _LOOK, dir_fd=folder)
            os.close(folder)
            folder = inner
        _check_regular(_status(name, folder))
        # Should it become a pipe or a device by now: opening one must neither wait nor do anything.
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, 0o666, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        _check_regular(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


# Passing through a folder needs no right to list it, where the system can say so.
_LOOK = getattr(os, "O_PATH", os.O_RDONLY)


def _status(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name or ".", dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _check_regular(status: os.stat_result | None) -> None:
    if status is None or stat.S_ISREG(status.st_mode):
        return
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFLNK: "a link"}
    raise Unsuitable(f"it is {kinds.get(stat.S_IFMT(status.st_mode), 'a device')}, no regular file")
