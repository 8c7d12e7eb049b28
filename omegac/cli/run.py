"""`omegac run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from omegac.cli.execution import ProgramCommand, RunOptions, execute, model_options
from omegac.cli.failures import load_failed
from omegac.cli.programs import compiled_program, name_of_text
from omegac.errors import OmegaSyntaxError
from omegac.pipeline import decode_source, read_source
from omegac.source import Source


@click.command("run", cls=ProgramCommand)
@click.argument("file")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@model_options
def command(file: str, arguments: tuple[str, ...], **options: Any) -> None:
    """Compile FILE and run it with ARGUMENTS; - is a program on standard input.

    Options stand before or after FILE; what follows -- goes to the program. Only the program writes to stdout.
    Exit status: 0 fine, 1 an error in the program, 2 bad source or usage, 3 budget exceeded.
    """
    run_options = RunOptions(**options)
    if file == "-":
        source = _standard_input()
        program, modules = compiled_program(lambda: source, source.name, run_options.allow)
        execute(program, modules, name_of_text("run", source.text), list(arguments), run_options)
        return
    program, modules = compiled_program(lambda: read_source(file), file, run_options.allow)
    execute(program, modules, str(Path(file).resolve()), list(arguments), run_options)


def _standard_input() -> Source:
    try:
        return decode_source("<stdin>", sys.stdin.buffer.read())
    except OmegaSyntaxError as error:
        load_failed("<stdin>", error)
