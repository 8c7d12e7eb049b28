"""The limits that a project has for its runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import omega_runtime

from omegac.cli.failures import fail

if TYPE_CHECKING:
    from omegac.cli.run_options import RunOptions


def with_project(options: RunOptions, folder: Path) -> RunOptions:
    """The options with the limits that the project of a folder has for its runs, where none were given.

    Ends the command when these are no limits.
    """
    from omega_runtime.configuration import run_settings

    try:
        file, table = run_settings(folder)
    except FileNotFoundError:  # the current folder is gone, and any project with it
        return options
    except (omega_runtime.OmegaError, OSError) as error:
        fail(str(error))
    for name in table.keys() - {"budget", "on-low"}:
        fail(f"{file}: run has budget and on-low, and no {name}")
    if options.budget or options.ledger is not None or "budget" not in table:
        return options
    from omegac.cli.amounts import parse_limit

    wanted = table["budget"] if isinstance(table["budget"], list) else [table["budget"]]
    try:
        budget = dict(parse_limit(str(each)) for each in wanted)
    except ValueError as error:
        fail(f"{file}: run: budget: {error}")
    on_low = table.get("on-low")
    if on_low not in (None, "degrade"):
        fail(f'{file}: run: on-low must be "degrade", but is {on_low!r}')
    return options._replace(budget=budget, on_low=options.on_low or on_low)
