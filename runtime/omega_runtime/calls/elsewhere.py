"""Budgets that are open elsewhere: in another context of this process, or in the process that started it."""

from __future__ import annotations

import os
from _weakref import ref

from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _weakref import ReferenceType

    from omega_runtime.places import Site

VARIABLE = "OMEGAC_BUDGET_OPEN"
"""The environment variable by which child processes hear whether a budget was open when they were started."""

started_within = os.environ.get(VARIABLE) == "1"
"""Whether the process that started this one had a budget open."""

open_scopes: set[ReferenceType[object]] = set()
"""The budgets that are open in this process, in whatever context; one that was lost without an end is none."""

_told = "1" if started_within else "0"
_is_warned = False


def announce(scope: object) -> None:
    """Note that a scope begins."""
    open_scopes.add(ref(scope, _forget))
    _tell()


def withdraw(scope: object) -> None:
    """Note that a scope ends."""
    open_scopes.discard(ref(scope))
    _tell()


def _forget(reference: ReferenceType[object]) -> None:
    open_scopes.discard(reference)
    _tell()


def _tell() -> None:
    """Bring the environment up to date, without a lock, as this may run anywhere: who writes looks again."""
    global _told
    while True:
        now = "1" if open_scopes or started_within else "0"
        if now == _told:
            return
        # Written first for the first budget; later another value of one length takes the place of this one, which
        # leaves the environment where C code may be reading it.
        _told = os.environ[VARIABLE] = now


def check_budgeted(site: Site, mode: str, depth: int = 4) -> None:
    """Raise OmegaError, or warn, about a call outside every budget while one is open elsewhere.

    Probably a thread, a task or a process that has lost its budget; `mode` is the setting `unbudgeted`, which decides.
    The warning is about the code so many frames out.
    """
    global _is_warned
    if mode == "allow":
        return
    if open_scopes:
        message = (
            f"{site}: a call to a model outside every budget, while this process has one open elsewhere; pay from that "
            'one with "with account:", where account is what "with budget(...) as account" gave, start threads with '
            'omega_runtime.Executor, which takes the budget along, or say "with omega_runtime.budget():" where no '
            "limit is meant to hold"
        )
    else:
        message = (
            f"{site}: a call to a model outside every budget, in a process that was started while its parent had one "
            "open; open the parent's here too, from a ledger file (budget(ledger=FILE, name=NAME), or omegac run "
            '--ledger FILE), or say "with omega_runtime.budget():" or configure(unbudgeted="allow") where no limit is '
            "meant to hold"
        )
    if mode == "error":
        raise OmegaError(message)
    if not _is_warned:
        _is_warned = True
        import warnings

        warnings.warn(message, RuntimeWarning, stacklevel=depth)
