"""What a ledger has counted, as plain data."""

from __future__ import annotations

from omega_runtime.ledger.statistics import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.ledger.ledger import Ledger
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.values import Value


def report_of(ledger: Ledger) -> dict[str, Value]:
    """What was spent, by site, by model and by account.

    Keys: `totals` (counters), `sites` (a list in order of place: file, line, column, operation, procedure, ordinal,
    model, and counters), `models` (counters by name), `accounts` (a list: name, limit, spent, held, overrun, the same
    with dollar_ and dollars_ before, scopes, open, and of limits per period: period, period_end, dollar_period,
    dollar_period_end, timezone; the ends as ISO 8601), `downgrades` (a list: file, line, column, the model asked for,
    the one used, calls), `substitutions` (a list: the name asked for that is not available, the model used). The
    counters are those of `Statistics.as_dict`; figures are tokens, numbers of calls, or US dollars as `Decimal`, None
    where a price is not known.
    """
    ledger.reclaim()
    downgrades = [
        {"file": site.file, "line": site.line, "column": site.column, "asked": asked, "used": used, "calls": calls}
        for (site, asked, used), calls in list(ledger.downgrades.items())
    ]
    substitutions = [{"asked": asked, "used": used} for asked, used in list(ledger.substitutions.items())]
    return {
        **summed(ledger.entries()),
        "accounts": ledger.account_rows(),
        "downgrades": downgrades,
        "substitutions": substitutions,
    }


def summed(counted: Iterable[Entry]) -> dict[str, Value]:
    """The `totals`, `sites` and `models` of a report."""
    entries = list(counted)
    return {
        "totals": _sum([each for _, _, each in entries]),
        "sites": _sites(entries),
        "models": {
            model: _sum([each for _, name, each in entries if name == model])
            for model in sorted({model for _, model, _ in entries})
        },
    }


def _sum(statistics: list[Statistics]) -> dict[str, Value]:
    total = Statistics()
    for each in statistics:
        total.add(each)
    return total.as_dict()


def _sites(entries: list[Entry]) -> list[dict[str, Value]]:
    """Sites of equal place are one, also when their module was loaded twice."""
    by_place: dict[tuple[Value, ...], list[Statistics]] = {}
    for site, model, each in entries:
        place = (site.file, site.line, site.column, site.operation, site.procedure, site.ordinal, model)
        by_place.setdefault(place, []).append(each)
    names = ("file", "line", "column", "operation", "procedure", "ordinal", "model")
    return [{**dict(zip(names, place, strict=True)), **_sum(by_place[place])} for place in sorted(by_place)]
