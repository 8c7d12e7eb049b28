"""`omegac eval`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import click
from omega_runtime.control.deep import deep
from omega_runtime.values.printing import write_text

from omegac.cli.execution import RunOptions, execute, model_options
from omegac.cli.failures import load_failed, show_findings
from omegac.errors import OmegaSyntaxError
from omegac.pipeline import compile_source
from omegac.source import Source


@click.command("eval")
@click.argument("expression")
@model_options
def command(expression: str, **options: Any) -> None:
    """Evaluate EXPRESSION and print its value in write form."""
    try:
        compiled = compile_source(Source("<eval>", expression), result=True)
    except OmegaSyntaxError as error:
        load_failed("<eval>", error)
    show_findings(compiled.source, compiled.warnings)
    # Ledger files hold no prompts, so that an expression is known by a hash of its text.
    program = f"eval {sha256(expression.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    names = execute(compiled, program, [], RunOptions(**options))
    value = names.get("__result__")
    if value is not None:
        click.echo(deep(write_text, value))
