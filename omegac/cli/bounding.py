"""`omegac check --cost`: the bounds of files, compared with another revision or with the most that is wanted."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import attrs
import click
import omega_runtime
from omega_runtime.control.deep import deep

from omegac.analyse.cost.bounds import Bounds, bounds_of
from omegac.check.configuration import Configuration
from omegac.cli.changes import CHANGED, changes_of
from omegac.cli.costs import cost_data, cost_text
from omegac.cli.failures import fail, load_failed
from omegac.cli.gate import Gate, gate_for, keeps_to
from omegac.cli.plan import assumptions
from omegac.errors import OmegaSyntaxError
from omegac.modules import surroundings_of
from omegac.pipeline import analysed, decode_source, read_source
from omegac.source import Source


@attrs.frozen
class CostOptions:
    """What is asked about costs: how they are printed, a revision to compare with, and what is asked of runs."""

    format_name: str
    revision: str | None
    given: Gate
    configuration: Configuration


def print_costs(paths: list[Path], options: CostOptions) -> bool:
    """Print the bounds of files, or what changed in them; whether each run keeps to its limits."""
    gates = {path: gate_for(path, options.configuration, options.given) for path in paths}
    found = {path: _bounds(_source(path), gate.model, gate.is_priced) for path, gate in gates.items()}
    known = {path: bounds.with_sizes(options.given.sizes) for path, bounds in found.items()}
    if options.revision is not None:
        before = {path: _bounds_at(options.revision, path, gate, options) for path, gate in gates.items()}
        changed = [changes_of(before[path], known[path], str(path)) for path in paths]
        click.echo(CHANGED[options.format_name](changed), nl=False)
    elif options.format_name == "json":
        data = [cost_data(bounds, str(path)) for path, bounds in known.items()]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(cost_text(bounds, str(path)) for path, bounds in known.items()), nl=False)
    kept = [keeps_to(bounds, gates[path], path) for path, bounds in found.items()]
    return False not in kept


def keep_to_gates(paths: list[Path], configuration: Configuration) -> bool:
    """Whether the runs of files that have limits surely keep to them; what doesn't is said."""
    kept = []
    for path in paths:
        gate = gate_for(path, configuration, Gate())
        if gate.most:
            kept.append(keeps_to(_bounds(_source(path), gate.model, gate.is_priced), gate, path))
    return False not in kept


def _source(path: Path) -> Source:
    try:
        return read_source(path)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(str(path), error)


def _bounds(source: Source, model: str | None, is_priced: bool = False) -> Bounds:
    """The bounds of a program; those in dollars are known when a model answers, or is_priced."""
    try:
        unit = analysed(source, surroundings_of(source))
        with omega_runtime.configure(**({} if model is None else {"model": model})):
            assumed = assumptions(is_priced=is_priced or model is not None)
            bounds: Bounds = deep(bounds_of, unit.program, unit.facts, assumed)
    except OmegaSyntaxError as error:
        load_failed(source.name, error)
    except omega_runtime.OmegaError as error:
        fail(str(error))
    return bounds


def _bounds_at(revision: str, path: Path, gate: Gate, options: CostOptions) -> Bounds | None:
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
    source = decode_source(f"{path} in {revision}", found.stdout)
    return _bounds(source, gate.model, gate.is_priced).with_sizes(options.given.sizes)
