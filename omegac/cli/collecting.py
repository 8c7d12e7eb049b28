"""`omegac ledger collect`: the answers of batches."""

from __future__ import annotations

import time
from pathlib import Path

import click
import omega_runtime
from omega_runtime.calls.batches import Collected, collect
from omega_runtime.ledger.sqlite.opened import file_ledger
from omega_runtime.ledger.urls import is_url
from omega_runtime.models.anthropic import anthropic_provider
from omega_runtime.models.openai import OpenAIProvider, openai_provider
from omega_runtime.models.provider import Provider
from omega_runtime.values.errors import OmegaError
from omega_runtime.visible import visible

from omegac.cli.failures import INTERRUPTED, PROGRAM_ERROR, UNDER_WAY, fail
from omegac.cli.words import count


@click.command("collect")
@click.argument("file")
@click.option("--wait", is_flag=True, help="Ask again until all batches have ended.")
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="With --wait, how long to wait in between.",
)
def collect_command(file: str, wait: bool, every: float) -> None:
    """Fetch the answers of the batches in a ledger FILE, and book what they cost.

    May be repeated at any time. Exit status: 0 all are collected, 1 something failed, 2 bad usage, 4 some calls are
    not answered yet.
    """
    if is_url(file):
        fail("batches are kept in ledger files only, and not on servers")
    if not Path(file).exists():
        fail(f'there is no ledger file "{file}"')
    try:
        omega_runtime.configure_from(".")
        status = _collect_all(file)
        while wait and status == UNDER_WAY:
            time.sleep(every)
            status = _collect_all(file)
    except OmegaError as error:
        fail(str(error), PROGRAM_ERROR)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    raise SystemExit(status)


def _collect_all(file: str) -> int:
    """Collect what has ended, and say so; the exit status."""
    status = 0
    found = False
    for each in collect(file_ledger(file), _provider):
        found = True
        click.echo(visible(f"{each.name}: {_outcome(each)}"))
        if each.is_failure:
            status = PROGRAM_ERROR
        elif each.waiting and not status:
            status = UNDER_WAY
    if not found:
        click.echo("there is no batch to collect")
    elif status == 0:
        click.echo("all batches are collected; go on with each run by adding --resume to its command")
    return status


def _provider(identity: str) -> Provider:
    """Who may have the batches of a provider of that identity."""
    return openai_provider("") if identity.startswith(f"{OpenAIProvider.name} ") else anthropic_provider()


def _outcome(each: Collected) -> str:
    parts = [
        f"{count(each.settled, 'answer')}" if each.settled else "",
        f"{count(each.voided, 'call')} failed and cost nothing" if each.voided else "",
        f"{count(each.unknown, 'call')} may have been billed" if each.unknown else "",
        f"{count(each.waiting, 'call')} under way" if each.waiting else "",
        each.why,
    ]
    return "; ".join(part for part in parts if part)
