"""What the functions of the books give, as the rules of the ledger take it."""

from __future__ import annotations

from omega_runtime.ledger.statistics import Statistics
from omega_runtime.ledger.stored import AccountRow
from omega_runtime.places import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.statistics import Entry

    Standing = Mapping[str, Any]

# The largest number of a call: where nothing was held in a period yet.
OPEN = 2**63 - 1

_STORED = AccountRow._fields[:17]


def stored_row(standing: Standing) -> AccountRow:
    """An account with its figures of all time."""
    return AccountRow(*[standing[name] for name in _STORED])


def current_row(standing: Standing, now: float) -> AccountRow:
    """An account with the figures of its current periods, of those that count over all time as it is."""
    row = stored_row(standing)
    periods = row.periods
    if periods is None:
        return row
    if periods.tokens is not None:
        row = row._replace(**_token_figures(standing, periods, now))
    if periods.dollars is not None:
        row = row._replace(**_dollar_figures(standing, periods, now))
    return row


def _token_figures(standing: Standing, periods: Periods, now: float) -> dict[str, Any]:
    """Of the current period; clocks that are put back don't begin one anew."""
    if not _is_over(standing["token_stop"], now):
        names = ("spent_tokens", "committed_tokens", "overrun_tokens")
        figures = {name: standing[f"period_{name}"] for name in names}
        return {**figures, "stop": standing["token_stop"], "first_call": standing["token_first_call"]}
    figures = dict.fromkeys(("spent_tokens", "committed_tokens", "overrun_tokens"), 0)
    return {**figures, "stop": _span(periods.tokens, periods, now)[1], "first_call": OPEN}


def _dollar_figures(standing: Standing, periods: Periods, now: float) -> dict[str, Any]:
    names = ("spent_picodollars", "committed_picodollars", "overrun_picodollars")
    if not _is_over(standing["dollar_stop"], now):
        figures = {name: standing[f"period_{name}"] for name in (*names, "is_priced")}
        return {**figures, "dollar_stop": standing["dollar_stop"], "dollar_first_call": standing["dollar_first_call"]}
    stop = _span(periods.dollars, periods, now)[1]
    return {**dict.fromkeys(names, 0), "is_priced": True, "dollar_stop": stop, "dollar_first_call": OPEN}


def _is_over(stop: int | None, now: float) -> bool:
    return stop is None or now >= stop


def _span(unit: str | None, periods: Periods, now: float) -> tuple[int, int]:
    from omega_runtime.ledger.calendar import span

    assert unit is not None
    return span(unit, periods.timezone, now)


def new_spans(standings: Iterable[Standing], now: float) -> list[dict[str, Any]]:
    """The periods of these accounts that a call which is held now is the first of."""
    spans = []
    for standing in standings:
        periods = stored_row(standing).periods
        for unit in periods.units if periods is not None else ():
            assert periods is not None
            stop = standing["token_stop"] if unit == periods.tokens else standing["dollar_stop"]
            if _is_over(stop, now):
                start, stop = _span(unit, periods, now)
                spans.append({"account": standing["id"], "unit": unit, "start": start, "stop": stop})
    return spans


def entry(row: Sequence[Any]) -> Entry:
    """What was counted for a site and a model."""
    *place, model, counters = row
    return Site(*place), model, Statistics.stored(counters)
