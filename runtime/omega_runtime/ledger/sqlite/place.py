"""Where a ledger file is: everybody must reach the same books by it, and nobody else may have written them.

SQLite keeps the latest entries in a file beside, which it finds by the path. Two names of one file would have two of
those, and its limits would be spent twice.
"""

from __future__ import annotations

import os
import stat
from time import sleep

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.locks import OPEN, SHARING, descriptors, holder, identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.sqlite.locks import Identity

BESIDE = ("-wal", "-shm")

# Somebody who just opens or closes the file has one lock without the other for a moment.
LOOKS = 50
LOOK_EVERY = 0.02


class Place:
    """The path of a ledger file, and what was found there by the connection that was opened last."""

    __slots__ = ("_beside", "_real", "identity", "path")

    def __init__(self, path: str, known: Identity | None = None) -> None:
        self.path = path
        self.identity = known or identity(path)
        self._real = os.path.realpath(path)
        self._beside: tuple[Identity | None, Identity | None] | None = None

    def take_up(self) -> None:
        """Note what SQLite has open; a connection that has read something must be open.

        Raises LedgerFileError when that isn't what stands at the path, or when others have the file open elsewhere.
        """
        self._beside = log, shared = identity(self._real + BESIDE[0]), identity(self._real + BESIDE[1])
        self.check()
        for _ in range(LOOKS):
            ours = descriptors()
            if ours is None:
                return
            if self.identity not in ours or log not in ours or shared not in ours:
                raise _moved(self.path)
            other = holder(ours[self.identity], OPEN)
            if other is None or holder(ours[shared], SHARING) is not None:
                return
            sleep(LOOK_EVERY)
        raise LedgerFileError(
            f'the ledger file "{self.path}" is in use by process {other or "(of another container)"} under another '
            "name, or what was beside it was deleted; use the same path everywhere, or end that process first"
        )

    def let_go(self) -> None:
        """Forget what was beside the file; SQLite removes that with the last connection."""
        self._beside = None

    def check(self) -> None:
        """Raise LedgerFileError when the path no longer leads to what was opened, or is not the only one."""
        try:
            status = os.stat(self.path)  # noqa: PTH116
        except OSError:
            raise _moved(self.path) from None
        if (status.st_dev, status.st_ino) != self.identity:
            raise _moved(self.path)
        if status.st_nlink > 1:
            raise _linked(self.path, status.st_nlink)
        for end, known in zip(BESIDE, self._beside or (), strict=False):
            if known is None or identity(self._real + end) != known:
                raise LedgerFileError(
                    f'"{self._real}{end}", which belongs to the ledger file "{self.path}", was deleted or replaced '
                    "while it was in use; end all processes that use the file, and start again"
                )


def check_trust(path: str) -> None:
    """Raise LedgerFileError for a ledger file that others may have written to, or that has several names.

    A file that cannot be looked at is left to SQLite.
    """
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return
    real = os.path.realpath(path)
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        raise _linked(path, status.st_nlink)
    if _is_mounted(real):
        raise LedgerFileError(
            f'the ledger file "{path}" is mounted by itself, without what SQLite keeps beside it; mount its folder'
        )
    _check_owner(path, status)
    for end in (*BESIDE, "-journal"):
        try:
            beside = os.lstat(real + end)
        except OSError:
            continue
        _check_owner(real + end, beside)


def _check_owner(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise LedgerFileError(f'"{path}" is no regular file, and so not part of a ledger; give another path')
    if status.st_uid not in (os.geteuid(), 0):
        raise LedgerFileError(
            f'"{path}" belongs to another user ({status.st_uid}), who may have written anything to it; if you trust '
            "what it says, use a copy of your own (cp)"
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise LedgerFileError(
            f'others may write to "{path}"; make it yours alone (chmod 600) or, where the file system has no '
            "permissions, use another one"
        )


def _moved(path: str) -> LedgerFileError:
    return LedgerFileError(
        f'the ledger file "{path}" was moved, deleted or replaced while it was in use; bring it back, or '
        "start again with the file that is there now"
    )


def _linked(path: str, names: int) -> LedgerFileError:
    return LedgerFileError(
        f'the ledger file "{path}" has {names} names (hard links), and by each of them its limits would be spent '
        f"again; remove the others (find FOLDER -samefile FILE lists them), or use a copy (cp)"
    )


def _is_mounted(real: str) -> bool:
    """Whether a file is a mount point itself, as containers have it for single files."""
    try:
        with open("/proc/self/mountinfo", "rb") as mounts:  # noqa: PTH123
            points = [line.split()[4] for line in mounts]
    except (OSError, IndexError):
        return False
    return any(point.decode("unicode_escape").encode("latin-1") == os.fsencode(real) for point in points)
