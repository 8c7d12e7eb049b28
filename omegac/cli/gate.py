"""The most that a run may take: `--max-calls`, `--max-cost` and what [tool.omegac.check] says for a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs
import click

from omegac.analyse.cost import algebra
from omegac.analyse.cost.bounds import Bounds, Sizes
from omegac.check.configuration import TABLE, Budget, Configuration
from omegac.cli.amounts import Limit, limit_text, parse_limit
from omegac.cli.failures import say


@attrs.frozen
class Gate:
    """What is asked of a run: the `most` of each resource, sizes that are assumed, and the model that answers."""

    most: Mapping[str, Limit] = attrs.field(factory=dict)
    sizes: Sizes = attrs.field(factory=lambda: Sizes({}))
    model: str | None = None

    @property
    def is_priced(self) -> bool:
        """Whether dollars are asked for."""
        return self.model is not None or "dollars" in self.most


def most_of(max_calls: int | None, max_cost: Iterable[str]) -> dict[str, Limit]:
    """The limits of a run, by resource. Raises ValueError, which says what to write."""
    found: dict[str, Limit] = {} if max_calls is None else {"calls": max_calls}
    for value in max_cost:
        unit, limit = parse_limit(value)
        if isinstance(limit, str):
            amount, _, period = limit_text(unit, limit).partition("/")
            raise ValueError(f"a limit per {period} doesn't bound a single run; write {amount}")
        if unit in found:
            raise ValueError(f"there are two limits in {unit}")
        found[unit] = limit
    return found


def sizes_of(assumed: Iterable[str]) -> Sizes:
    """Sizes from options such as `docs=100,chars=4000`. Raises ValueError."""
    return Sizes.of(part.strip() for each in assumed for part in each.split(",") if part.strip())


def gate_for(path: Path, configuration: Configuration, given: Gate) -> Gate:
    """What is asked of a file's runs: what is given as options stands before what the configuration says."""
    budget = configuration.budget_for(path)
    try:
        gate = _gate_of(budget)
    except ValueError as error:
        raise click.UsageError(f"{configuration.folder / 'pyproject.toml'}: {TABLE}: {error}") from None
    return Gate(
        given.most or gate.most,
        given.sizes if given.sizes.is_given else gate.sizes,
        given.model or gate.model,
    )


def _gate_of(budget: Budget) -> Gate:
    try:
        most = most_of(budget.max_calls, budget.max_cost)
    except ValueError as error:
        raise ValueError(f"max-cost: {error}") from None
    try:
        sizes = Sizes.of(f"{name}={size}" for name, size in budget.assume.items())
    except ValueError as error:
        raise ValueError(f"assume: {error}") from None
    return Gate(most, sizes, budget.model)


def keeps_to(bounds: Bounds, gate: Gate, path: Path) -> bool:
    """Whether a run surely takes no more than is wanted; what doesn't is said."""
    keeps = True
    run = bounds.run.with_sizes(gate.sizes)
    for unit, limit in gate.most.items():
        formula = getattr(run.high, unit)
        value = algebra.constant(formula)
        if value is None or value > limit:  # type: ignore[operator]
            keeps = False
            shown = f"{value:,.6g}" if value is not None and value != float("inf") else algebra.text(formula)
            hint = "" if value is not None else "; assume sizes to have a number"
            dollar, name = (
                ("$", "") if unit == "dollars" else ("", f" {unit if value != 1 else unit.removesuffix('s')}")
            )
            say(f"{path}: a run may take {dollar}{shown}{name}, more than {dollar}{limit:,}{hint}")
    return keeps
