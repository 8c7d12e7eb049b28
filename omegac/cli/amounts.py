"""Amounts as people type them after `--budget`: tokens or US dollars, and what a shell may make of them."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

from omega_runtime.ledger.limits import UNITS
from omega_runtime.money import dollar_text, money

_TOKENS = re.compile(r"(\d{1,3}(?:,\d{3})+|[0-9][0-9_]*)(\.\d+)?\s*([kKmM]?)(?:\s*tokens?)?", re.ASCII)
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_FRACTION = re.compile(r"\d*\.\d+")
# What shells make of $0.50: $0 is the shell's own name. $1.50 becomes .50, $5 nothing at all.
_SHELL_NAME = re.compile(r"\S*sh(\.\d+)?")
_MONEY = re.compile(r"(?:USD|US\$|\$)?\s*([0-9.,_]+)\s*(?:USD|US\$|\$|dollars?)?", re.IGNORECASE)


# A limit as `omega_runtime.budget` takes it: an amount, or a text such as "10000/hour".
Limit = int | Decimal | str


def parse_limit(value: str) -> tuple[str, Limit]:
    """A limit as its unit and its amount: ("tokens", 10000), ("dollars", Decimal("0.50")) or ("tokens", "10000/hour").

    Raises ValueError, which says what it should have been.
    """
    text, slash, period = (part.strip() for part in value.partition("/"))
    unit, amount = _parse_amount(text, value)
    if not slash:
        return unit, amount
    if period not in UNITS:
        raise ValueError(f"{value!r} is no limit; a limit is per {', '.join(UNITS[:-1])} or {UNITS[-1]}")
    return unit, f"{amount}/{period}"


def limit_text(unit: str, limit: Limit) -> str:
    """How a limit is typed."""
    if isinstance(limit, Decimal):
        return dollar_text(limit)
    return f"${limit}" if unit == "dollars" else str(limit)


def _parse_amount(text: str, value: str) -> tuple[str, int | Decimal]:
    found = _TOKENS.fullmatch(text)
    if text.startswith("$"):
        with suppress(ValueError):
            return "dollars", money(text)
    elif found:
        tokens = Decimal(found[1].replace(",", "") + (found[2] or "")) * _FACTORS[found[3].lower()]
        if not found[2] or (found[3] and tokens == int(tokens)):
            return "tokens", int(tokens)
    raise ValueError(f"{value!r} {_mistake(text)}")


def _mistake(text: str) -> str:
    """What is wrong with it."""
    if not text or _SHELL_NAME.fullmatch(text):
        return "is no limit; an amount of US dollars needs quotes, as in '$0.50', because of the shell"
    if text.startswith("-"):
        return "is below 0"
    if _FRACTION.fullmatch(text):
        return f"is no whole number of tokens; did you mean '${money(text)}'? The quotes keep the shell from the $"
    dollars = _MONEY.fullmatch(text)
    if dollars and dollars[1] != text and not text.startswith("$"):
        with suppress(ValueError):
            return f"is no limit; did you mean '${money(dollars[1])}'?"
    return "is neither a whole number of tokens (10000, 10k) nor an amount of US dollars ('$0.50')"
