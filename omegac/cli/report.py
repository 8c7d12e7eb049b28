"""What a run spent, as a table or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from omegac.files import write_atomically


def show_report(data: dict[str, Any], limit: int | None) -> None:
    """Print the totals and the spending of each site to stderr."""
    console = Console(stderr=True, highlight=False)
    totals = data["totals"]
    spent = next(account["spent"] for account in data["accounts"])
    of_limit = f" of {limit:,}" if limit is not None else ""
    console.print(f"spent {spent:,}{of_limit} tokens in {_count(totals['calls'], 'call')}", style="bold")
    held = data["accounts"][0]["held"]
    if held:
        console.print(f"{held:,} tokens more are held by calls that had not ended")
    if data["sites"]:
        console.print(_sites(data["sites"]))
    for name, text in (
        ("unknown", "may have been billed and count in full"),
        ("voided", "failed and cost nothing"),
        ("truncated", "ran into the end of its budget or of max-tokens"),
        ("overruns", "cost more than was held"),
    ):
        if totals.get(name):
            console.print(f"{_count(totals[name], 'call')} {text}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sites(sites: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("site", "procedure", "model"):
        table.add_column(column, overflow="fold")
    for column in ("calls", "input", "output"):
        table.add_column(column, justify="right")
    for site in sites:
        place = f"{site['file']}:{site['line']}:{site['column']}"
        figures = (site["calls"], site["input_tokens"], site["output_tokens"])
        table.add_row(place, site["procedure"], site["model"], *(f"{figure:,}" for figure in figures))
    return table


def write_report(data: dict[str, Any], path: str) -> None:
    """Write the whole report as JSON, dollars as texts, which keep every digit. Raises OSError."""
    write_atomically(Path(path), json.dumps(data, indent=2, default=str) + "\n")
