"""`omegac run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from omegac.cli.execution import ProgramCommand, RunOptions, execute, model_options
from omegac.cli.programs import compiled_program
from omegac.pipeline import read_source


@click.command("run", cls=ProgramCommand)
@click.argument("file")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@model_options
def command(file: str, arguments: tuple[str, ...], **options: Any) -> None:
    """Compile FILE and run it with ARGUMENTS.

    Options stand before or after FILE; what follows -- goes to the program. Only the program writes to stdout.
    Exit status: 0 fine, 1 an error in the program, 2 bad source or usage, 3 budget exceeded.
    """
    run_options = RunOptions(**options)
    program, modules = compiled_program(lambda: read_source(file), file, run_options.allow)
    execute(program, modules, str(Path(file).resolve()), list(arguments), run_options)
