"""What is said about a run that goes on, or that can be gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.urls import shown
from omega_runtime.visible import visible

from omegac.cli.amounts import Limit, limit_text
from omegac.cli.books import Books
from omegac.cli.failures import say
from omegac.cli.invocation import command_again
from omegac.cli.refusal import raised, show_refusal
from omegac.cli.words import count

if TYPE_CHECKING:
    from omega_runtime.ledger.journal import Journal

_LAST_DIGIT = 9


def announce(journal: Journal | None) -> None:
    """Say what there is to resume, before the program runs."""
    if journal is None:
        return
    waiting = journal.dropped
    if not waiting and not any(journal.in_flight):
        say("there is no earlier run of this program to resume; it begins anew")
        return
    if journal.is_changed:
        say("the program has changed since that run; calls that are new or changed are paid for")
    calls, tokens = journal.in_flight
    if calls:
        say(
            f"{count(calls, 'call')} had been sent and not answered when the run stopped, and may have been "
            f"billed: {tokens:,} tokens are set aside for that"
        )


def conclude(books: Books, status: int | None, is_told: bool) -> None:
    """Say what was replayed and, unless that is told, how to go on when the program stopped early."""
    journal = books.journal
    if journal is None:
        return
    if journal.replayed or (journal.dropped and not status):
        counts = f"{journal.replayed:,} replayed, {journal.performed:,} run, {journal.dropped:,} dropped"
        say(f"answers of run {journal.run}: {counts}")
    kept = "" if is_told or not status else _kept(books)
    if kept:
        say(f"{kept}; go on with\n{_command('--resume')}")


def refuse(error: BudgetExceeded, file: str, books: Books, budget: Mapping[str, Limit]) -> None:
    """Report a refused call, with what to type to go on."""
    name, kept = error.account, _kept(books)
    less = "a shorter prompt, or a smaller max-tokens: in the calls before it"
    if name != books.account.name or error.limit is None:
        mends = [f"give that budget more in the program, or ask for less: {less}"]
        if kept:
            mends.append(f"{kept}; then go on with\n{_command('--resume')}")
        show_refusal(error, file, f'the budget "{name}" in the program', _until(error) + mends)
        return
    mends = _mends(_more(error, books, budget), kept, books, f"or ask for less: {less}")
    whose = f'account "{name}" in {shown(books.ledger)}' if books.ledger else "--budget"
    show_refusal(error, file, whose, _until(error) + _quotes(error, budget) + mends)


def _mends(more: list[str], kept: str, books: Books, less: str) -> list[str]:
    """What to do when the run's own budget refuses."""
    if kept and (books.kept or books.own is None):
        return [f"{kept}; go on with\n{_command(*more, '--resume')}", less]
    mends = [f"give it more:\n{_command(*more)}", less]
    if kept:
        # That run has a file, and so a limit, of its own.
        mends.append(f"{kept}; go on with that one instead:\n{_command('--resume')}")
    return mends


def _quotes(error: BudgetExceeded, budget: Mapping[str, Limit]) -> list[str]:
    """What a limit that no call fits may come from: a shell takes $1 and the like for names, of which it has none."""
    limit = error.limit
    if "tokens" not in budget or not isinstance(limit, int) or limit > _LAST_DIGIT:
        return []
    return [f"if US dollars were meant, quote them, as in --budget '$1{limit}': of $1{limit} a shell makes {limit}"]


def _until(error: BudgetExceeded) -> list[str]:
    """When waiting helps."""
    if error.next_period is None:
        return []
    from omega_runtime.ledger.calendar import moment_text

    return [f"wait until {moment_text(error.next_period)}, when the limit is whole again"]


def _more(error: BudgetExceeded, books: Books, budget: Mapping[str, Limit]) -> list[str]:
    """Options that give the run more, and keep what else it was given."""
    unit = "dollars" if isinstance(error.limit, Decimal) else "tokens"
    options = ["--budget", raised(error) or ""]
    for other, limit in budget.items():
        if other != unit:
            options += ["--budget", limit_text(other, limit)]
    if books.ledger is not None:
        options.append("--raise-limit")
    return options


def _kept(books: Books) -> str:
    """Which answers a resumption would go on with; empty when there are none."""
    number = books.kept or books.earlier()
    if not number:
        return ""
    was, is_ = ("was", "is") if number == 1 else ("were", "are")
    return f"{count(number, 'answer')} {f'that {was} paid for' if books.kept else 'of an earlier run'} {is_} kept"


def _command(*options: str) -> str:
    return f"    {visible(command_again(*options))}"
