"""Accounts that outlive a process, as every backend that stores them has them, and what is said of their limits."""

from __future__ import annotations

from typing import NamedTuple

from omega_runtime.ledger.limits import Limits
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.limits import Periods

ROOT = 1
"""The id of the account of all calls."""

# What the integers of the databases can hold.
MOST_TOKENS = 2**62


class AccountRow(NamedTuple):
    """One account as it is stored, over all time; see `omega_runtime.ledger.account.Figures`."""

    id: int
    name: str
    parent: int | None
    is_named: bool
    is_open: bool
    limit_tokens: int | None
    spent_tokens: int
    committed_tokens: int
    overrun_tokens: int
    limit_picodollars: int | None
    spent_picodollars: int
    committed_picodollars: int
    overrun_picodollars: int
    is_priced: bool
    period: str | None
    dollar_period: str | None
    timezone: str | None

    # Of a row with the figures of current periods instead of those of all time: their ends and their first calls.
    stop: int | None = None
    dollar_stop: int | None = None
    first_call: int = 0
    dollar_first_call: int = 0

    def have(self, hold: Hold[Any]) -> tuple[bool, bool]:
        """Whether a hold on the account is in these tokens, and in these dollars."""
        return hold.call >= self.first_call, hold.call >= self.dollar_first_call

    @property
    def periods(self) -> Periods | None:
        """Over what the account counts, if not over all time."""
        if self.timezone is None:
            return None
        from omega_runtime.ledger.limits import Periods

        return Periods(self.period, self.dollar_period, self.timezone)

    @property
    def limits(self) -> Limits:
        """What is stored of its limits."""
        return Limits(self.limit_tokens, self.limit_picodollars, self.periods)


def storable(text: str) -> str:
    """A name as databases take it: halves of characters, which file names may hold, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def check_size(limit: int | None) -> None:
    """Raise OmegaError for a limit that is too large to be stored."""
    if limit is not None and limit > MOST_TOKENS:
        raise OmegaError(f"budget: a limit in a ledger file is at most {MOST_TOKENS} tokens")


def misplaced(row: AccountRow, parent: AccountRow, wanted: AccountRow, around: Sequence[int]) -> OmegaError:
    """Why a named account, which is inside `parent`, cannot be opened inside `wanted`, whose chain is `around`."""
    if row.id in around:
        return OmegaError(f'the account "{row.name}" is open around this already, and counts every call made here')
    place = f'inside "{parent.name}"' if parent.id != ROOT else "inside no other account"
    return OmegaError(f'the account "{row.name}" was made {place}, and cannot be opened inside "{wanted.name}"')


def new_limits(row: AccountRow, wanted: Limits, raise_limit: bool) -> Limits | None:
    """The limits that replace those of a stored account; None when it has those asked for, None meaning the stored.

    Raises OmegaError for others, unless `raise_limit`.
    """
    limits = wanted.completed_by(row.limits)
    if limits == row.limits:
        return None
    if not raise_limit:
        raise OmegaError(
            f'the account "{row.name}" has another limit, {limit_text(row.limits)}; leave the limit '
            "out to use that one, or replace it with --raise-limit or budget(..., raise_limit=True)"
        )
    return limits


def check_not_too_low(before: AccountRow, changed: AccountRow, figures: AccountRow) -> None:
    """Raise OmegaError when limits were lowered below what is spent and held, by the figures with the new ones."""
    limits = changed.limits
    is_same = limits.periods == before.periods
    if _is_too_low(limits.tokens, before.limit_tokens if is_same else None, figures.committed_tokens) or _is_too_low(
        limits.picodollars, before.limit_picodollars if is_same else None, figures.committed_picodollars
    ):
        taken = limit_text(Limits(figures.committed_tokens, figures.committed_picodollars, limits.periods))
        raise OmegaError(f'the account "{before.name}" cannot be limited to less than what is spent and held: {taken}')


def _is_too_low(limit: int | None, before: int | None, committed: int) -> bool:
    return limit is not None and limit < committed and (before is None or limit < before)


def limit_text(limits: Limits) -> str:
    """Limits for people, such as "10,000 tokens/hour and $5.00/day (Europe/Berlin)"."""
    units = limits.periods or (None, None)
    per_tokens, per_dollars = (f"/{unit}" if unit else "" for unit in units[:2])
    parts = [] if limits.tokens is None else [f"{limits.tokens:,} tokens{per_tokens}"]
    if limits.picodollars is not None:
        from omega_runtime.money import dollar_text, dollars

        parts.append(f"{dollar_text(dollars(limits.picodollars))}{per_dollars}")
    return (" and ".join(parts) or "none") + (f" ({limits.periods.timezone})" if limits.periods else "")
