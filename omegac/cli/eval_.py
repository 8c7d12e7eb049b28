"""`omegac eval`."""

from __future__ import annotations

from typing import Any

import click
from omega_runtime.control.deep import deep
from omega_runtime.values.printing import write_text

from omegac.cli.execution import execute
from omegac.cli.options import model_options
from omegac.cli.programs import compiled_program, name_of_text
from omegac.cli.run_options import RunOptions
from omegac.source import Source


@click.command("eval")
@click.argument("expression")
@model_options
def command(expression: str, **options: Any) -> None:
    """Evaluate EXPRESSION and print its value in write form."""
    run_options = RunOptions(**options)
    source = Source("<eval>", expression)
    program, modules = compiled_program(
        lambda modules: modules.program(source, result=True), "<eval>", run_options.allow
    )
    names = execute(program, modules, name_of_text("eval", expression), [], run_options)
    value = names.get("__result__")
    if value is not None:
        click.echo(deep(write_text, value))
