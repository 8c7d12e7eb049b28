"""`omegac run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from omegac.cli.execution import ProgramCommand, RunOptions, execute, model_options
from omegac.cli.failures import load_failed, show_findings
from omegac.errors import OmegaSyntaxError
from omegac.pipeline import compile_file


@click.command("run", cls=ProgramCommand)
@click.argument("file")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@model_options
def command(file: str, arguments: tuple[str, ...], **options: Any) -> None:
    """Compile FILE and run it with ARGUMENTS.

    Options stand before or after FILE; what follows -- goes to the program. Only the program writes to stdout.
    Exit status: 0 fine, 1 an error in the program, 2 bad source or usage, 3 budget exceeded.
    """
    try:
        compiled = compile_file(file)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(file, error)
    show_findings(compiled.source, compiled.warnings)
    execute(compiled, str(Path(file).resolve()), list(arguments), RunOptions(**options))
