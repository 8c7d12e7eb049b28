"""The shapes of reports, for type checkers; at run time nothing of omegac needs them.

Figures are tokens, numbers of calls, or US dollars as `Decimal`, which is None where a price is not known; ends of
periods are texts as in ISO 8601.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict


class Counters(TypedDict):
    """What was counted; see `omega_runtime.ledger.statistics.Statistics`. `tokens` is all that counts as spent."""

    calls: int
    clamped: int
    downgraded: int
    hits: int
    input_tokens: int
    output_tokens: int
    overruns: int
    replayed: int
    truncated: int
    truncated_by_budget: int
    unknown: int
    unknown_tokens: int
    unpriced: int
    voided: int
    tokens: int
    dollars: Decimal | None


class Place(TypedDict):
    """Where a call stands in a program."""

    file: str
    line: int
    column: int


class SiteLine(Place, Counters):
    """What was counted at one site with one model."""

    operation: str
    procedure: str
    ordinal: int
    model: str


class PeriodColumns(TypedDict):
    """Over what an account counts, and until when; None for all time."""

    period: str | None
    period_end: str | None
    dollar_period: str | None
    dollar_period_end: str | None
    timezone: str | None


class AccountLine(PeriodColumns):
    """One account, or all `scopes` of one name that have ended; limits are None where there are none."""

    name: str
    limit: int | None
    spent: int
    held: int
    overrun: int
    dollar_limit: Decimal | None
    dollars_spent: Decimal | None
    dollars_held: Decimal | None
    dollars_overrun: Decimal | None
    scopes: int
    open: bool


class DowngradeLine(Place):
    """Calls at one site that went to another model than the one asked for."""

    asked: str
    used: str
    calls: int


class SubstitutionLine(TypedDict):
    """A model asked for that is not available, and the one used."""

    asked: str
    used: str


class DecisionLine(Place):
    """A call that waited, got less than it asked for (`clamp`), or was refused, by the limit of an account.

    `needed`, `left`, the `limit` and what was `granted` (0 for nothing) are in the `unit`: tokens or dollars.
    """

    kind: str
    procedure: str
    account: str
    unit: str
    needed: int | Decimal
    left: int | Decimal
    limit: int | Decimal
    granted: int | Decimal
    seconds: float


class Sums(TypedDict):
    """What was counted in all, at each site, in order of place, and for each model by its name."""

    totals: Counters
    sites: list[SiteLine]
    models: dict[str, Counters]


class Report(Sums):
    """What `omega_runtime.report()` gives; the account of all calls comes first."""

    accounts: list[AccountLine]
    downgrades: list[DowngradeLine]
    substitutions: list[SubstitutionLine]
    decisions: list[DecisionLine]
