"""Where a shared ledger is: in a file, given by its path, or on a PostgreSQL server, given by its URL."""

from __future__ import annotations

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.shared import LEASE
from omega_runtime.ledger.urls import is_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from omega_runtime.ledger.contents import Booking, Contents, Overview, SpendingLine
    from omega_runtime.ledger.shared import SharedLedger


def shared_ledger(where: str | os.PathLike[str], lease: float = LEASE) -> SharedLedger:
    """The ledger at this place, which is opened once in each process, and made where there is none.

    `lease` is how many seconds its holds outlast this process. Raises LedgerFileError for one that cannot be used.
    """
    if is_url(where):
        from omega_runtime.ledger.postgres.opened import server_ledger

        return server_ledger(str(where), lease)
    from omega_runtime.ledger.sqlite.opened import file_ledger

    return file_ledger(where, lease)


def contents(where: str | os.PathLike[str]) -> Contents:
    """The accounts, the open holds, the spending by site and by model, and the overruns of a stored ledger.

    Raises LedgerFileError.
    """
    if is_url(where):
        from omega_runtime.ledger.postgres import show as server

        return server.contents(str(where))
    from omega_runtime.ledger.sqlite import show as file

    return file.contents(where)


def bookings(where: str | os.PathLike[str]) -> list[Booking]:
    """What a stored ledger has booked, by day and model. Raises LedgerFileError."""
    if is_url(where):
        from omega_runtime.ledger.postgres import show as server

        return server.bookings(str(where))
    from omega_runtime.ledger.sqlite import show as file

    return file.bookings(where)


def spending(where: str | os.PathLike[str], unit: str) -> list[SpendingLine]:
    """What the calls of each hour or day, in UTC, have cost, oldest first. Raises LedgerFileError."""
    if is_url(where):
        from omega_runtime.ledger.postgres import overview as server

        return server.spending(str(where), unit)
    from omega_runtime.ledger.sqlite import overview as file

    return file.spending(where, unit)


def overview(where: str | os.PathLike[str], since: Mapping[str, float]) -> Overview:
    """The accounts as a tree, the calls under way, and what was spent since those moments, by hour and by day.

    Nothing is written, made or brought up to date, and on a server nothing is locked. `since` has seconds since 1970
    for "hour" and "day". Raises LedgerFileError.
    """
    if is_url(where):
        from omega_runtime.ledger.postgres import overview as server

        return server.overview(str(where), since)
    from omega_runtime.ledger.sqlite import overview as file

    return file.overview(where, since)


def reset(where: str | os.PathLike[str], names: Sequence[str] = ()) -> list[str]:
    """Take what was spent off these named accounts (all, for none), so that their whole limits are there again.

    Gives their names; the calls stay in the books. Raises LedgerFileError when there is no such account, and
    OmegaError, without changing anything, while one of them has calls under way.
    """
    if is_url(where):
        from omega_runtime.ledger.postgres import show as server

        return server.reset(str(where), names)
    from omega_runtime.ledger.sqlite import show as file

    return file.reset(where, names)


def permit(where: str, role: str, with_answers: bool, only_reading: bool = False) -> None:
    """Let a role of a server work with the ledger there; with answers, also resume runs; or let it only look.

    Raises LedgerFileError.
    """
    if not is_url(where):
        raise LedgerFileError(f'"{where}" is a file, which its owner alone may use; roles are those of a server')
    from omega_runtime.ledger.postgres import show as server

    server.permit(where, role, with_answers, only_reading)
