"""What a ledger has counted, as plain data."""

from __future__ import annotations

from omega_runtime.ledger.statistics import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.ledger.ledger import Ledger
    from omega_runtime.ledger.report_types import Counters, DowngradeLine, Report, SiteLine, SubstitutionLine, Sums
    from omega_runtime.ledger.statistics import Entry


def report_of(ledger: Ledger) -> Report:
    """What was spent, by site, by model and by account.

    `omega_runtime.ledger.report_types` describes each key. Figures are tokens, numbers of calls, or US dollars as
    `Decimal`, None where a price is not known.
    """
    ledger.reclaim()
    downgrades: list[DowngradeLine] = [
        {"file": site.file, "line": site.line, "column": site.column, "asked": asked, "used": used, "calls": calls}
        for (site, asked, used), calls in list(ledger.downgrades.items())
    ]
    substitutions: list[SubstitutionLine] = [
        {"asked": asked, "used": used} for asked, used in list(ledger.substitutions.items())
    ]
    return {
        **summed(ledger.entries()),
        "accounts": ledger.account_lines(),
        "downgrades": downgrades,
        "substitutions": substitutions,
        "decisions": [each.line() for each in list(ledger.explanations)],
    }


def summed(counted: Iterable[Entry]) -> Sums:
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


def _sum(statistics: list[Statistics]) -> Counters:
    total = Statistics()
    for each in statistics:
        total.add(each)
    return total.as_dict()


def _sites(entries: list[Entry]) -> list[SiteLine]:
    """Sites of equal place are one, also when their module was loaded twice."""
    by_place: dict[tuple[str, int, int, str, str, int, str], list[Statistics]] = {}
    for site, model, each in entries:
        place = (site.file, site.line, site.column, site.operation, site.procedure, site.ordinal, model)
        by_place.setdefault(place, []).append(each)
    return [
        {
            "file": file,
            "line": line,
            "column": column,
            "operation": operation,
            "procedure": procedure,
            "ordinal": ordinal,
            "model": model,
            **_sum(counted),
        }
        for (file, line, column, operation, procedure, ordinal, model), counted in sorted(
            by_place.items(), key=lambda each: each[0]
        )
    ]
