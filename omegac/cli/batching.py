"""`omegac run --batch`: what becomes of the calls that a run has left for its batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omega_runtime.ledger.sqlite.batches import Batch, Held
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.money import dollar_text, dollars
from omega_runtime.values.errors import OmegaError
from omega_runtime.visible import visible

from omegac.cli.failures import INTERRUPTED, PROGRAM_ERROR, UNDER_WAY, fail, say
from omegac.cli.invocation import another_command, command_again
from omegac.cli.words import count

if TYPE_CHECKING:
    from omegac.cli.books import Books


def open_batch(books: Books, takes_all: bool) -> None:
    """Have all calls of a run go into a batch, or those that the program defers, where answers can be kept.

    Ends the command where they can't, and all are to go.
    """
    journal, ledger = books.journal, books.account.ledger
    if journal is None or not isinstance(ledger, FileLedger):
        if takes_all:
            fail("--batch needs a ledger file in which answers can be kept")
    elif takes_all:
        journal.batch = Batch(ledger, journal.run)
    else:
        run = journal.run
        journal.open_batch = lambda: Batch(ledger, run, takes_all=False)


def send_or_drop(batch: Batch, status: int | None, ledger: str) -> int | None:
    """Send the batch of a run that has left calls for it; after anything else nothing is sent.

    `ledger` is the file as it was typed. Gives the exit status.
    """
    held = batch.held()
    if not batch.is_left:
        batch.drop()
        if held.calls:
            say(f"nothing was sent: {count(held.calls, 'call')} in the batch {_are(held)} free again")
        return status
    from omega_runtime.calls.batches import submit

    try:
        name = submit(batch)
    except OmegaError as error:
        say(str(error))
        if not batch.held().calls:
            return PROGRAM_ERROR
        name = None
    except KeyboardInterrupt:
        say("interrupted")
        if not batch.held().calls:
            return INTERRUPTED
        name = None
    _tell(held, name, ledger)
    return UNDER_WAY


def _are(held: Held) -> str:
    return "is" if held.calls == 1 else "are"


def _tell(held: Held, name: str | None, ledger: str) -> None:
    """Say what is at the provider, what it may cost, and what to do next."""
    money = f" and {dollar_text(dollars(held.picodollars))}" if held.is_priced else ""
    where = f"batch {name}" if name else "a batch that may be at the provider"
    say(f"{count(held.calls, 'call')} {_are(held)} in {where}, and may cost up to {held.tokens:,} tokens{money}")
    collect = another_command("ledger", "collect", ledger)
    say(
        "answers come within 24 hours; then collect them, and go on with the run:\n"
        f"    {visible(collect)}\n    {visible(command_again('--resume'))}"
    )
