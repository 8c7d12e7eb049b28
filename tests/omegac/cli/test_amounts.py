"""What may be written after --budget, and what is said of the rest."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from omegac.cli.amounts import limit_text, parse_limit

AMOUNTS = {
    "10000": 10_000,
    "10_000": 10_000,
    "10,000": 10_000,
    "1,250,000": 1_250_000,
    "10k": 10_000,
    "10K": 10_000,
    "1.5k": 1_500,
    "1M": 1_000_000,
    "0.25m": 250_000,
    "10k tokens": 10_000,
    "0": 0,
    "$0.50": Decimal("0.50"),
    "$5": Decimal(5),
    "$1,000": Decimal(1000),
    " $2 ": Decimal(2),
}
PERIODS = {
    "10000/hour": ("tokens", "10000/hour"),
    "10k / month": ("tokens", "10000/month"),
    "$5/day": ("dollars", "5/day"),
    "$1,000.50/year": ("dollars", "1000.50/year"),
}


@pytest.mark.parametrize(("text", "amount"), AMOUNTS.items())
def test_amounts(text: str, amount: int | Decimal) -> None:
    unit = "tokens" if isinstance(amount, int) else "dollars"
    assert parse_limit(text) == (unit, amount)


@pytest.mark.parametrize(("text", "limit"), PERIODS.items())
def test_amounts_per_period(text: str, limit: tuple[str, str]) -> None:
    assert parse_limit(text) == limit
    assert parse_limit(limit_text(*limit)) == limit


MISTAKES = {
    "5/fortnight": "a limit is per minute, hour, day, week, month or year",
    "5/": "a limit is per minute",
    ".50/day": "did you mean '$0.50'?",
    "0.50": "did you mean '$0.50'?",
    ".50": "did you mean '$0.50'?",
    "1.5": "did you mean '$1.5'?",
    "": "needs quotes, as in '$0.50', because of the shell",
    "bash.50": "needs quotes, as in '$0.50', because of the shell",
    "-zsh.50": "needs quotes, as in '$0.50', because of the shell",
    "/bin/bash.50": "needs quotes, as in '$0.50', because of the shell",
    "0.5$": "did you mean '$0.5'?",
    "USD 5": "did you mean '$5'?",
    "5 usd": "did you mean '$5'?",
    "5 dollars": "did you mean '$5'?",
    "10,00": "is neither",
    "1.0001k": "is neither",
    "1e6": "is neither",
    "١٠": "is neither",
    "-5": "is below 0",
    "$-5": "is neither",
    "$0,50": "is neither",
    "$nan": "is neither",
    "$5k": "is neither",
    "many": "is neither a whole number of tokens (10000, 10k) nor an amount of US dollars ('$0.50')",
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.items())
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_limit(text)
