"""`omegac check --cost`: the bounds of files, compared with another revision or with the most that is wanted."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import attrs
import click
import omega_runtime
from omega_runtime.control.deep import deep

from omegac.analyse.cost import algebra
from omegac.analyse.cost.bounds import Bounds, Sizes, bounds_of
from omegac.cli.amounts import Limit
from omegac.cli.costs import changed_text, cost_data, cost_text
from omegac.cli.failures import fail, load_failed, say
from omegac.cli.plan import assumptions
from omegac.errors import OmegaSyntaxError
from omegac.modules import surroundings_of
from omegac.pipeline import analysed, decode_source, read_source
from omegac.source import Source


@attrs.frozen
class CostOptions:
    """What is asked about costs: sizes that are assumed, the model, a revision to compare with, and limits of a run."""

    sizes: Sizes
    model: str | None
    revision: str | None
    most: dict[str, Limit]


def print_costs(paths: list[Path], format_name: str, options: CostOptions) -> bool:
    """Print the bounds of files, or what changed in them; whether each run keeps to the limits."""
    if options.model is not None:
        try:
            omega_runtime.configure(model=options.model)
        except omega_runtime.OmegaError as error:
            fail(str(error))
    known = {path: _bounds(_source(path), options) for path in paths}
    if options.revision is not None:
        before = {path: _bounds_at(options.revision, path, options) for path in paths}
        texts = [changed_text(before[path], known[path], str(path)) for path in paths]
        click.echo("\n".join(text for text in texts if text) or "no bound has changed\n", nl=False)
    elif format_name == "json":
        data = [cost_data(bounds, str(path)) for path, bounds in known.items()]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(cost_text(bounds, str(path)) for path, bounds in known.items()), nl=False)
    kept = [_keeps_to(bounds, options.most, path) for path, bounds in known.items()]
    return False not in kept


def _source(path: Path) -> Source:
    try:
        return read_source(path)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(str(path), error)


def _bounds(source: Source, options: CostOptions) -> Bounds:
    try:
        unit = analysed(source, surroundings_of(source))
    except OmegaSyntaxError as error:
        load_failed(source.name, error)
    bounds: Bounds = deep(bounds_of, unit.program, unit.facts, assumptions(is_priced=options.model is not None))
    return bounds.with_sizes(options.sizes)


def _bounds_at(revision: str, path: Path, options: CostOptions) -> Bounds | None:
    """The bounds of a file in another revision; None when it wasn't there."""
    git = ["git", "-C", str(path.resolve().parent)]
    try:
        known = subprocess.run(  # noqa: S603
            [*git, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"],
            capture_output=True,
            check=False,
        )
        if known.returncode:
            fail(f"git knows no revision {revision} in {path.resolve().parent}")
        commit = known.stdout.decode().strip()
        found = subprocess.run([*git, "show", f"{commit}:./{path.name}"], capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        fail(f"--diff needs git: {error.strerror}")
    if found.returncode:
        return None
    return _bounds(decode_source(f"{path} in {revision}", found.stdout), options)


def _keeps_to(bounds: Bounds, most: dict[str, Any], path: Path) -> bool:
    """Whether a run surely spends no more than is wanted; what doesn't is said."""
    keeps = True
    for unit, limit in most.items():
        formula = getattr(bounds.run.high, unit)
        value = algebra.constant(formula)
        if value is None or value > limit:
            keeps = False
            shown = f"{value:,.6g}" if value is not None and value != float("inf") else algebra.text(formula)
            say(f"{path}: a run may take {shown} {unit}, more than {limit:,}")
    return keeps
