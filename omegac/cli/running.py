"""Running the program in a file."""

from __future__ import annotations

from pathlib import Path

from omegac.cli import collect_seldom
from omegac.cli.ending import orderly
from omegac.cli.execution import execute
from omegac.cli.programs import compiled_program
from omegac.cli.run_options import RunOptions


def run_file(file: str, arguments: list[str], options: RunOptions) -> None:
    """Compile a file and run it with arguments. Ends the process when that fails."""
    program, modules = compiled_program(lambda modules: modules.program_in(file), file, options.allow)
    execute(program, modules, str(Path(file).resolve()), arguments, options)


def run_plainly(file: str, arguments: list[str]) -> None:
    """`omegac run FILE ARGUMENTS` without any option."""
    collect_seldom()
    with orderly():
        run_file(file, arguments, RunOptions())
