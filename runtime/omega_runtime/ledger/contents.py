"""What a stored ledger says, as plain data."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from omega_runtime.ledger.calendar import moment
from omega_runtime.ledger.report_types import AccountLine, Place, Sums
from omega_runtime.ledger.statistics import dollars_or_none


class PeriodLine(TypedDict):
    """A period of an account in which calls were held; `start` and `end` are texts as in ISO 8601."""

    account: str
    unit: str
    start: str
    end: str
    spent: int
    overrun: int
    dollars_spent: Decimal | None
    dollars_overrun: Decimal | None


class CallLine(Place):
    """A call; `lease` are the seconds until its hold counts as spent unless its process renews it.

    `program` is that of the run it belongs to, if it keeps answers; `machine` is empty in files, which have one only.
    `age` are the seconds since it was held.
    """

    account: str
    model: str
    program: str | None
    machine: str
    process: int
    age: float
    held: int
    dollars_held: Decimal | None
    spent: int
    dollars_spent: Decimal | None
    lease: float


class Booking(TypedDict):
    """What was booked for a model on a day, in UTC: of settled calls, and apart what may have been billed besides.

    Dollars are None where a price is not known.
    """

    day: str
    model: str
    input_tokens: int
    output_tokens: int
    dollars: Decimal | None
    unknown_tokens: int
    unknown_dollars: Decimal | None


SECONDS = {"hour": 3600, "day": 86_400}
"""The units that spending is told by."""


class SpendingLine(TypedDict):
    """What the calls that were held in an hour or a day, in UTC, have cost; `start` is a text as in ISO 8601."""

    start: str
    calls: int
    tokens: int
    dollars: Decimal | None


class BatchLine(TypedDict):
    """A batch with calls to collect: those that are held, with what they may cost.

    `submitted` is when it was sent, as in ISO 8601, None before that; `id` is None while the provider's is not known.
    """

    id: str | None
    program: str
    calls: int
    held: int
    dollars_held: Decimal | None
    submitted: str | None


class TreeLine(AccountLine):
    """An account in the tree of all, or the ended scopes of one name in one place; `depth` is 0 for the root.

    `start` and `dollar_start` are the beginnings of the current periods, as `period_end` is their end.
    """

    depth: int
    named: bool
    start: str | None
    dollar_start: str | None


class Overview(TypedDict):
    """What a stored ledger says of now, at `time` (seconds since 1970) by its own clock; see `overview`."""

    time: float
    accounts: list[TreeLine]
    holds: list[CallLine]
    hours: list[SpendingLine]
    days: list[SpendingLine]


class Contents(Sums):
    """What a stored ledger says, over all runs and processes; periods are listed with the oldest first."""

    accounts: list[AccountLine]
    periods: list[PeriodLine]
    holds: list[CallLine]
    batches: list[BatchLine]
    overruns: list[CallLine]


def booking(
    day: str,
    model: str,
    input_tokens: float,
    output_tokens: float,
    picodollars: int,
    is_priced: int,
    unknown_tokens: int,
    unknown_picodollars: int,
) -> Booking:
    """What was booked for a model on a day, with its figures."""
    return {
        "day": day,
        "model": model,
        "input_tokens": int(input_tokens),
        "output_tokens": int(output_tokens),
        "dollars": dollars_or_none(picodollars, not is_priced),
        "unknown_tokens": unknown_tokens,
        "unknown_dollars": dollars_or_none(unknown_picodollars, not is_priced),
    }


def spending_line(start: int, calls: int, tokens: int, picodollars: int, is_priced: int) -> SpendingLine:
    """A line for an hour or a day, with its figures."""
    return {
        "start": moment(start, "UTC").isoformat(),
        "calls": calls,
        "tokens": tokens,
        "dollars": dollars_or_none(picodollars, not is_priced),
    }


def period_line(
    account: str,
    unit: str,
    start: int,
    stop: int,
    timezone: str,
    spent: int,
    overrun: int,
    picodollars: int,
    overrun_picodollars: int,
    is_priced: int,
) -> PeriodLine:
    """A line for a period, with its figures."""
    return {
        "account": account,
        "unit": unit,
        "start": moment(start, timezone).isoformat(),
        "end": moment(stop, timezone).isoformat(),
        "spent": spent,
        "overrun": overrun,
        "dollars_spent": dollars_or_none(picodollars, not is_priced),
        "dollars_overrun": dollars_or_none(overrun_picodollars, 0),
    }


def call_line(
    account: str,
    file: str,
    line: int,
    column: int,
    model: str,
    tokens: int,
    picodollars: int,
    is_priced: bool,
    spent: int,
    spent_picodollars: int,
    state: str,
    lease_end: float,
    program: str | None,
    machine: str,
    pid: int,
    started: float,
    *,
    now: float,
) -> CallLine:
    """A line for a call, with what it holds and has spent."""
    return {
        "account": account,
        "file": file,
        "line": line,
        "column": column,
        "model": model,
        "program": program,
        "machine": machine.partition(" ")[0],
        "process": pid,
        "age": max(0.0, now - started),
        "held": tokens,
        "dollars_held": dollars_or_none(picodollars, not is_priced),
        "spent": spent,
        "dollars_spent": dollars_or_none(spent_picodollars, not is_priced),
        "lease": max(0.0, lease_end - now) if state == "held" else 0.0,
    }
