"""What is said about a run that goes on, or that can be gone on with."""

from __future__ import annotations

from omega_runtime.ledger.file.journal import Journal

from omegac.cli.failures import say
from omegac.cli.words import count


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


def conclude(journal: Journal, status: int | None) -> None:
    """Say what was replayed, and how to go on when the program stopped early."""
    if journal.replayed or journal.dropped:
        counts = f"{journal.replayed:,} replayed, {journal.performed:,} run, {journal.dropped:,} dropped"
        say(f"answers of run {journal.run}: {counts}")
    kept = journal.replayed + journal.performed
    if status and kept:
        say("answers that were paid for are kept; --resume goes on from there")
