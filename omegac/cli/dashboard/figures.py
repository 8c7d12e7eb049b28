"""What the page shows, as JSON: an overview of a ledger with what is left, and what the end of each period will see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypedDict

from omega_runtime.ledger.contents import SECONDS, CallLine, Overview, SpendingLine, TreeLine
from omega_runtime.ledger.stores import overview
from omega_runtime.ledger.urls import shown

# How far back spending is shown, and how many rows of a table.
HOURS, DAYS = 48, 30
MOST_ROWS = 500

# Of a period that has just begun nothing is foretold.
LEAST_SHARE = 0.02

Amount = int | Decimal | None


class Purse(TypedDict):
    """The tokens or the dollars of an account; None is no limit, no period, or no known price.

    `expected` is what will be spent by the `end` of the period at the pace of it so far; `gone` is when the limit will
    be used up, if that is before the end. Times are texts as in ISO 8601.
    """

    limit: Amount
    spent: Amount
    held: Amount
    left: Amount
    period: str | None
    end: str | None
    expected: float | None
    gone: str | None


class AccountFigures(TypedDict):
    """One row of accounts; see `TreeLine`."""

    name: str
    depth: int
    named: bool
    open: bool
    scopes: int
    tokens: Purse
    dollars: Purse


class Figures(TypedDict):
    """All that the page shows. `more_accounts` and `more_holds` are how many rows are left out."""

    ledger: str
    time: str
    accounts: list[AccountFigures]
    more_accounts: int
    holds: list[CallLine]
    more_holds: int
    hours: list[SpendingLine]
    days: list[SpendingLine]


def figures_json(where: str, now: float) -> bytes:
    """The figures of a ledger as JSON; dollars are texts. Raises LedgerFileError."""
    since = {unit: now - now % SECONDS[unit] - (count - 1) * SECONDS[unit] for unit, count in _SHOWN.items()}
    return json.dumps(figures(overview(where, since), shown(where)), default=str).encode()


_SHOWN = {"hour": HOURS, "day": DAYS}


def figures(found: Overview, ledger: str) -> Figures:
    """The figures of an overview; the longest held calls come first."""
    holds = sorted(found["holds"], key=lambda hold: -hold["age"])
    return {
        "ledger": ledger,
        "time": _text(found["time"]),
        "accounts": [_account(line, found["time"]) for line in found["accounts"][:MOST_ROWS]],
        "more_accounts": max(0, len(found["accounts"]) - MOST_ROWS),
        "holds": holds[:MOST_ROWS],
        "more_holds": max(0, len(holds) - MOST_ROWS),
        "hours": _without_gaps(found["hours"], "hour", HOURS, found["time"]),
        "days": _without_gaps(found["days"], "day", DAYS, found["time"]),
    }


def _account(line: TreeLine, now: float) -> AccountFigures:
    tokens = _purse(line["limit"], line["spent"], line["held"])
    dollars = _purse(line["dollar_limit"], line["dollars_spent"], line["dollars_held"])
    _foretell(tokens, line["period"], line["start"], line["period_end"], now)
    _foretell(dollars, line["dollar_period"], line["dollar_start"], line["dollar_period_end"], now)
    return {
        "name": line["name"],
        "depth": line["depth"],
        "named": line["named"],
        "open": line["open"],
        "scopes": line["scopes"],
        "tokens": tokens,
        "dollars": dollars,
    }


def _purse(limit: Amount, spent: Amount, held: Amount) -> Purse:
    left = None if limit is None or spent is None or held is None else max(limit - spent - held, 0)
    return {
        "limit": limit,
        "spent": spent,
        "held": held,
        "left": left,
        "period": None,
        "end": None,
        "expected": None,
        "gone": None,
    }


def _foretell(purse: Purse, period: str | None, start: str | None, end: str | None, now: float) -> None:
    """Enter the period, and what it will have cost by its end."""
    if start is None or end is None:
        return
    purse["period"], purse["end"] = period, end
    began, ends = datetime.fromisoformat(start).timestamp(), datetime.fromisoformat(end).timestamp()
    share = (now - began) / (ends - began)
    if share < LEAST_SHARE or not purse["spent"]:
        return
    expected = purse["expected"] = float(purse["spent"]) / min(share, 1)
    if purse["limit"] is not None and expected > purse["limit"]:
        gone = began + (now - began) * float(purse["limit"]) / float(purse["spent"])
        purse["gone"] = _text(max(gone, now))


def _without_gaps(lines: Sequence[SpendingLine], unit: str, count: int, now: float) -> list[SpendingLine]:
    """The last hours or days up to now, also those in which nothing was spent."""
    by_start = {line["start"]: line for line in lines}
    last = int(now) // SECONDS[unit] * SECONDS[unit]
    starts = [_text(last - back * SECONDS[unit]) for back in reversed(range(count))]
    return [by_start.get(start, {"start": start, "calls": 0, "tokens": 0, "dollars": Decimal(0)}) for start in starts]


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
