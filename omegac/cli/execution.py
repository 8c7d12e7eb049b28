"""Running a compiled program under the options that `run` and `eval` share."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

import click
import omega_runtime
from omega_runtime.control.deep import deep
from omega_runtime.lib.system import set_command_line

from omegac.cli.failures import (
    BUDGET_EXCEEDED,
    INTERRUPTED,
    PROGRAM_ERROR,
    TERMINATED,
    fail,
    show_error,
)
from omegac.pipeline import Compiled

_ALLOWED = ("shell", "write")


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that run a program."""
    for option in reversed(
        [
            click.option(
                "--budget",
                metavar="TOKENS",
                callback=_budget,
                help="Limit what the whole run may cost, in tokens.",
            ),
            click.option("--model", metavar="NAME", help="The model that answers: claude-…, or offline."),
            click.option(
                "--timeout",
                metavar="SECONDS",
                type=click.FloatRange(min=0, min_open=True),
                help="How long to wait for each answer of the model (600).",
            ),
            click.option(
                "--allow",
                metavar="LIST",
                callback=_allow,
                help="What the program may do besides reading files: write, shell.",
            ),
            click.option(
                "--report",
                metavar="[=FILE]",
                is_flag=False,
                flag_value="-",
                help="End with what was spent: a table on stderr, or JSON in FILE.",
            ),
        ]
    ):
        command = option(command)
    return command


def _budget(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    digits = value.replace("_", "")
    if value.startswith("$"):
        raise click.BadParameter("limits in US dollars are not supported yet; give a number of tokens")
    if not digits.isdecimal():
        raise click.BadParameter(f"{value!r} is not a number of tokens")
    return int(digits)


def _allow(_: click.Context, __: click.Parameter, value: str | None) -> frozenset[str]:
    wanted = frozenset(part.strip() for part in (value or "").split(",") if part.strip())
    unknown = sorted(wanted - set(_ALLOWED))
    if unknown:
        raise click.BadParameter(f"there is no {unknown[0]!r}; it takes {' and '.join(_ALLOWED)}")
    return wanted


class OptionalReport(click.Command):
    """A command whose `--report` takes its value after `=` only, so that it may stand before a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        options = ["--report=-" if arg == "--report" else arg for arg in args[:end]]
        return super().parse_args(ctx, options + args[end:])


def execute(
    compiled: Compiled,
    arguments: list[str],
    *,
    budget: int | None,
    model: str | None,
    timeout: float | None,
    allow: frozenset[str],
    report: str | None,
) -> dict[str, Any]:
    """Run a program and give its global names. Ends the process when the program fails."""
    module = ModuleType("__main__")
    module.__file__ = compiled.source.name
    set_command_line(arguments)
    _configure(model, timeout, allow)
    signal.signal(signal.SIGTERM, _terminate)
    scope: AbstractContextManager[Any] = nullcontext()
    if budget is not None:
        scope = omega_runtime.budget(tokens=budget, name="run")
    status: int | None = None
    try:
        with scope:
            deep(exec, compiled.code(), module.__dict__)
    except SystemExit as error:
        status = _exit_status(error)
    except omega_runtime.BudgetExceeded as error:
        show_error(error, compiled.source)
        status = BUDGET_EXCEEDED
    except KeyboardInterrupt as error:
        click.echo("omegac: interrupted", err=True)
        status = TERMINATED if isinstance(error, _Terminated) else INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        show_error(error, compiled.source)
        status = PROGRAM_ERROR
    sys.stdout.flush()
    if report is not None:
        _write_report(report, budget)
    if status is not None:
        raise SystemExit(status)
    return module.__dict__


class _Terminated(KeyboardInterrupt):
    """SIGTERM: the program ends as on Ctrl-C, so that its calls are accounted for."""


def _terminate(*_: object) -> None:
    raise _Terminated


def _exit_status(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return int(error.code or 0)
    click.echo(str(error.code), err=True)
    return PROGRAM_ERROR


def _configure(model: str | None, timeout: float | None, allow: frozenset[str]) -> None:
    """Settle the model and the permissions before anything runs, so that a wrong name costs nothing."""
    omega_runtime.configure(allow=allow)
    if timeout is not None:
        omega_runtime.configure(timeout=timeout)
    if model is None:
        return
    from omega_runtime.models.choose import choose

    omega_runtime.configure(model=model)
    try:
        choose(model)
    except omega_runtime.OmegaError as error:
        fail(str(error))


def _write_report(target: str, limit: int | None) -> None:
    from omegac.cli.report import show_report, write_report

    data = omega_runtime.report()
    if target == "-":
        show_report(data, limit)
        return
    try:
        write_report(data, target)
    except OSError as error:
        fail(f"cannot write the report to {target}: {error.strerror}", PROGRAM_ERROR)
