"""The ledger files that this process has open: each once, closed at its end, and safe from forks."""

from __future__ import annotations

import atexit
import os
from _thread import allocate_lock

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.shared import LEASE
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.locks import identity

_ledgers: dict[tuple[int, int] | None, FileLedger] = {}
_opening = allocate_lock()


def file_ledger(path: str | os.PathLike[str], lease: float = LEASE) -> FileLedger:
    """The ledger of a file, which is opened once in each process; made when there is no such file.

    `lease` is how many seconds its holds outlast this process.
    Raises LedgerFileError for a file that cannot be used.
    """
    try:
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
    except FileNotFoundError:
        raise LedgerFileError(f'cannot use the ledger file "{path!s}": the current folder is gone') from None
    with _opening:
        known = _ledgers.get(identity(name))
        if known is None or known.is_closed:
            known = FileLedger(name, lease=lease)
            _ledgers[known.identity] = known
        return known


_paused: list[FileLedger] = []


def _before_fork() -> None:
    _opening.acquire()
    for ledger in _ledgers.values():
        ledger.pause()
        _paused.append(ledger)


def _after_fork() -> None:
    while _paused:
        _paused.pop().resume()
    _opening.release()


def _after_fork_in_child() -> None:
    for ledger in _paused:
        ledger.forked()
    _after_fork()


def _close_all() -> None:
    for ledger in list(_ledgers.values()):
        ledger.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)
atexit.register(_close_all)
