"""Where the account and the answers of a run are kept: in memory, in a ledger file, or in one of the state folder."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import omega_runtime
from omega_runtime.budgets.scope import Run, Scope, StoredScope
from omega_runtime.calls.elsewhere import withdraw
from omega_runtime.ledger.account import Account

from omegac.cli.failures import fail, say
from omegac.modules import Program

if TYPE_CHECKING:
    from omega_runtime.ledger.journal import Journal

    from omegac.cli.run_options import RunOptions


class Books(NamedTuple):
    """The scope of a whole run, which is open, and its account.

    `ledger` is the ledger file that was asked for, `own` the one that the run has to itself in the state folder;
    `program` names the program in both.
    """

    scope: AbstractContextManager[Any]
    account: Account
    program: str
    ledger: str | None
    own: Path | None

    @property
    def journal(self) -> Journal | None:
        """The answers of the run, if they are kept."""
        return self.scope.journal if isinstance(self.scope, StoredScope) else None

    @property
    def kept(self) -> int:
        """How many answers the journal has."""
        journal = self.journal
        return 0 if journal is None else journal.replayed + journal.performed + journal.dropped

    def earlier(self) -> int:
        """How many answers an earlier run of the program keeps, when this one has none: --resume goes on with that."""
        if self.journal is None or self.kept:
            return 0
        if self.own is None:
            return self.journal.earlier()
        from omegac.cli import state

        return state.answers(self.program)

    def put_away(self, is_finished: bool) -> None:
        """Remove a file of the run's own when nobody can go on with it."""
        if self.own is None or (self.kept and not is_finished):
            return
        from omegac.cli.state import remove

        self.account.ledger.close()  # type: ignore[attr-defined]
        remove(self.own)


def open_books(options: RunOptions, program: Program | None, name: str) -> Books:
    """Begin the scope of a run of the program of that name; a session, which keeps no answers, has no program.

    Ends the command when that can't be done.
    """
    own = _own_file(options, name) if _keeps_own(options, program) else None
    try:
        if own is not None:
            try:
                return _opened(options, program, name, own)
            except omega_runtime.OmegaError as error:
                if options.resume:
                    raise
                _not_kept(str(error))
        return _opened(options, program, name, None)
    except omega_runtime.OmegaError as error:
        fail(str(error))


def _opened(options: RunOptions, program: Program | None, name: str, own: Path | None) -> Books:
    scope = _scope(options, program, name, own)
    account = scope.__enter__()
    if isinstance(scope, Scope) and own is not None and not account.is_limited:
        # Nobody asked for a budget: processes that the program starts need not look for theirs.
        withdraw(scope)
    return Books(scope, account, name, options.ledger, own)


def _scope(options: RunOptions, program: Program | None, name: str, own: Path | None) -> AbstractContextManager[Any]:
    limits: dict[str, Any] = dict(options.budget)
    if options.ledger is None and own is None:
        if limits:
            return omega_runtime.budget(**limits, timezone=options.timezone, name="run", on_low=options.on_low)
        return nullcontext(omega_runtime.current_account())
    return omega_runtime.budget(
        **limits,
        timezone=options.timezone,
        ledger=own or options.ledger,
        name="run" if own else options.account or "default",
        # The limit of a run of its own is what --budget says, each time that it is gone on with.
        raise_limit=bool(limits) if own else options.raise_limit,
        on_low=options.on_low,
        run=None if program is None or options.no_journal else Run(name, program.digest, options.resume),
    )


def _keeps_own(options: RunOptions, program: Program | None) -> bool:
    """Whether the run has answers to keep that cost something, and no ledger file for them."""
    if options.ledger is not None:
        return False
    if program is not None and options.workers is not None and not options.no_journal:
        return True  # workers pay from a ledger that they share
    if program is not None and program.calls_models and not options.no_journal:
        from omega_runtime import settings
        from omega_runtime.models.choose import may_cost

        if may_cost(settings.active):
            return True
    if options.resume:
        fail("--resume needs --ledger FILE; without it, only answers that cost something are kept")
    return False


def _own_file(options: RunOptions, name: str) -> Path | None:
    """The file for the run: a new one, or with --resume that of the program's last unfinished run."""
    from omegac.cli import state

    try:
        if options.resume:
            found, process = state.latest_file(name)
            if process is not None:
                fail(
                    f"the last run of this program is still going on in process {process}; resume it once it has ended"
                )
            if found is not None:
                return found
        return state.new_file(name)
    except (OSError, RuntimeError) as error:
        why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        if options.resume:
            fail(f"the state folder, where answers are kept, cannot be used: {why}")
        _not_kept(f"the state folder cannot be used: {why}")
        return None


def _not_kept(why: str) -> None:
    say(f"answers are not kept, so this run cannot be resumed: {why} (--no-journal drops this notice)")
