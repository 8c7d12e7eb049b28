"""`omegac run`."""

from __future__ import annotations

import sys
from typing import Any

import click

from omegac.cli.execution import execute
from omegac.cli.options import ProgramCommand, model_options
from omegac.cli.programs import compiled_program, name_of_text
from omegac.cli.run_options import RunOptions
from omegac.cli.running import run_file
from omegac.modules import Modules, Program


@click.command("run", cls=ProgramCommand)
@click.argument("file")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@model_options
@click.option(
    "--batch",
    is_flag=True,
    help="Leave calls to the model for a batch, at half price; needs --ledger. See omegac ledger collect.",
)
@click.option(
    "--workers",
    metavar="WHERE",
    help="Have parallel-map make its calls in other processes: ray, on this machine, or ray://HOST:PORT, a cluster's.",
)
@click.option(
    "--worker-count",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many of these processes (4); each makes --jobs calls at once.",
)
def command(file: str, arguments: tuple[str, ...], **options: Any) -> None:
    """Compile FILE and run it with ARGUMENTS; - is a program on standard input.

    Options stand before or after FILE; what follows -- goes to the program. Only the program writes to stdout.
    Exit status: 0 fine, 1 an error in the program, 2 bad source or usage, 3 budget exceeded, 4 calls are in a batch.
    """
    run_options = RunOptions(**options)
    if file == "-":
        program, modules = compiled_program(_standard_input, "<stdin>", run_options.allow)
        execute(program, modules, name_of_text("run", program.text), list(arguments), run_options)
        return
    run_file(file, list(arguments), run_options)


def _standard_input(modules: Modules) -> Program:
    from omegac.pipeline import decode_source

    return modules.program(decode_source("<stdin>", sys.stdin.buffer.read()))
