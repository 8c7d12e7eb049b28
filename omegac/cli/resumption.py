"""What is said about a run that goes on, or that can be gone on with."""

from __future__ import annotations

import click
from omega_runtime.ledger.file.journal import Journal

from omegac.cli.words import count


def announce(journal: Journal | None) -> None:
    """Say what there is to resume, before the program runs."""
    if journal is None:
        return
    waiting = journal.dropped
    if not waiting and not any(journal.in_flight):
        click.echo("omegac: there is no earlier run of this program to resume; it begins anew", err=True)
        return
    if journal.is_changed:
        click.echo(
            "omegac: the program has changed since that run; calls that are new or changed are paid for", err=True
        )
    calls, tokens = journal.in_flight
    if calls:
        click.echo(
            f"omegac: {count(calls, 'call')} had been sent and not answered when the run stopped, and may have been "
            f"billed: {tokens:,} tokens are set aside for that",
            err=True,
        )


def conclude(journal: Journal, status: int | None) -> None:
    """Say what was replayed, and how to go on when the program stopped early."""
    if journal.replayed or journal.dropped:
        counts = f"{journal.replayed:,} replayed, {journal.performed:,} run, {journal.dropped:,} dropped"
        click.echo(f"omegac: answers of run {journal.run}: {counts}", err=True)
    kept = journal.replayed + journal.performed
    if status and kept:
        click.echo("omegac: answers that were paid for are kept; --resume goes on from there", err=True)
