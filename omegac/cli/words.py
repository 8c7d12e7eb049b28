"""Small pieces of text that several commands print."""

from __future__ import annotations

from omega_runtime.ledger.report_types import Place


def count(number: int, noun: str) -> str:
    """Such as "1 call" or "2,000 calls"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def per(period: str | None) -> str:
    """What stands behind a limit: such as "/hour", or nothing."""
    return f"/{period}" if period else ""


def place(row: Place) -> str:
    """The place of a site or call in a report, as file:line:column."""
    return f"{row['file']}:{row['line']}:{row['column']}"
