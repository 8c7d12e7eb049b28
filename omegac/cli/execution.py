"""Running a compiled program under the options that `run` and `eval` share."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import attrs
import click
import omega_runtime
from omega_runtime.budgets.monitoring import complete_program
from omega_runtime.budgets.scope import Run
from omega_runtime.control.deep import deep
from omega_runtime.effects.context import current
from omega_runtime.ledger.account import Account
from omega_runtime.lib.system import set_command_line
from omega_runtime.visible import visible_lines
from omega_runtime.world.permissions import permission

from omegac.cli.amounts import parse_limit
from omegac.cli.failures import (
    BUDGET_EXCEEDED,
    INTERRUPTED,
    PROGRAM_ERROR,
    TERMINATED,
    fail,
    say,
    show_error,
)
from omegac.cli.resumption import announce, conclude
from omegac.pipeline import Compiled
from omegac.source import Source


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that run a program."""
    for option in reversed(
        [
            click.option(
                "--budget",
                metavar="N|$N",
                multiple=True,
                callback=_budget,
                help="Limit what the whole run may cost: tokens (10000, 10k) or US dollars ('$0.50'), or one of each.",
            ),
            click.option(
                "--ledger",
                metavar="FILE",
                help="Keep the account in a ledger file, where its limit covers all runs and processes.",
            ),
            click.option("--account", metavar="NAME", help="The account in the ledger file (default)."),
            click.option(
                "--resume",
                is_flag=True,
                help="Go on with the program's last run in the ledger file: what it has paid for is not asked again.",
            ),
            click.option("--no-journal", is_flag=True, help="Keep no answers in the ledger file."),
            click.option(
                "--on-low",
                type=click.Choice(["degrade"]),
                help="When the budget runs low: cached answers, shorter prompts and lower models.",
            ),
            click.option("--raise-limit", is_flag=True, help="Replace the account's stored limit by --budget."),
            click.option(
                "--model",
                metavar="NAME",
                help="The model of calls that name none; offline answers all.",
            ),
            click.option(
                "--timeout",
                metavar="SECONDS",
                type=click.FloatRange(min=0, min_open=True),
                help="How long to wait for each answer of the model (600).",
            ),
            click.option(
                "--allow",
                metavar="LIST",
                multiple=True,
                callback=_allow,
                help="What the program may do: write, shell, read (any file) or read=DIR, env or env=NAME.",
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


def _budget(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, int | Decimal]:
    """The limits as keywords of `omega_runtime.budget`: tokens, dollars or both."""
    limits: dict[str, int | Decimal] = {}
    for value in values:
        try:
            unit, amount = parse_limit(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
        if unit in limits:
            raise click.BadParameter(f"there are two limits in {unit}")
        limits[unit] = amount
    return limits


def _allow(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    wanted = [part.strip() for value in values for part in value.split(",")]
    try:
        return frozenset(permission(part) for part in wanted if part)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


class ProgramCommand(click.Command):
    """A command whose `--report` takes its value after `=` only, so that it may stand before a file.

    An option that it doesn't know isn't handed to the program: a misspelt --budget would be no limit at all.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        options = ["--report=-" if arg == "--report" else arg for arg in args[:end]]
        try:
            return super().parse_args(ctx, options + args[end:])
        except click.NoSuchOption as error:
            example = f"{ctx.command_path} FILE -- {error.option_name}"
            mend = f"What is meant for the program stands last, behind --, as in: {example}"
            raise click.UsageError(f"{error.format_message()} {mend}", ctx) from None


@attrs.frozen
class RunOptions:
    """What the options shared by `run` and `eval` say."""

    budget: dict[str, int | Decimal]
    ledger: str | None
    account: str | None
    raise_limit: bool
    resume: bool
    no_journal: bool
    on_low: str | None
    model: str | None
    timeout: float | None
    allow: frozenset[str]
    report: str | None

    def check(self) -> None:
        """End the command when options contradict each other."""
        for option, is_given in (
            ("--account", self.account is not None),
            ("--raise-limit", self.raise_limit),
            ("--resume", self.resume),
            ("--no-journal", self.no_journal),
        ):
            if is_given and self.ledger is None:
                fail(f"{option} needs --ledger FILE")
        if self.on_low and not self.budget and self.ledger is None:
            fail("--on-low needs a limit: --budget N")
        if self.report not in (None, "-"):
            folder = Path(self.report).absolute().parent
            if Path(self.report).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
                fail(f"the report cannot be written to {self.report}; give a file in a folder that is there")
        if self.resume and self.no_journal:
            fail("--resume needs the journal that --no-journal leaves out")
        if self.raise_limit and not self.budget:
            fail("--raise-limit needs the new limit: --budget N")

    def scope(self, source: Source) -> AbstractContextManager[Any]:
        """The budget of the whole run; without any, nothing."""
        limits: dict[str, Any] = dict(self.budget)
        if self.ledger is not None:
            digest = sha256(source.text.encode(errors="surrogatepass")).hexdigest()
            run = None if self.no_journal else Run(str(Path(source.name).resolve()), digest, self.resume)
            return omega_runtime.budget(
                **limits,
                ledger=self.ledger,
                name=self.account or "default",
                raise_limit=self.raise_limit,
                on_low=self.on_low,
                run=run,
            )
        if limits:
            return omega_runtime.budget(**limits, name="run", on_low=self.on_low)
        return nullcontext(omega_runtime.current_account())


def execute(compiled: Compiled, arguments: list[str], options: RunOptions) -> dict[str, Any]:
    """Run a program and give its global names. Ends the process when the program fails."""
    module = ModuleType("__main__")
    module.__file__ = compiled.source.name
    set_command_line(arguments)
    options.check()
    _configure(options, Path(compiled.source.name).absolute().parent)
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)
    warnings.showwarning = _show_warning
    scope = options.scope(compiled.source)
    try:
        account = scope.__enter__()
    except omega_runtime.OmegaError as error:
        fail(str(error))
    journal = getattr(scope, "journal", None)
    if options.resume:
        announce(journal)
    status = _run_within(scope, compiled, module)
    sys.stdout.flush()
    if journal is not None and (options.resume or status is not None):
        conclude(journal, status)
    if options.report is not None:
        _write_report(options.report, account)
    if status is not None:
        raise SystemExit(status)
    return module.__dict__


def _run_within(scope: AbstractContextManager[Any], compiled: Compiled, module: ModuleType) -> int | None:
    """Run the program and leave the scope; the exit status when it failed."""
    try:
        with ExitStack() as stack:
            stack.push(scope)
            deep(_run, compiled.code(), module.__dict__)
    except SystemExit as error:
        return _exit_status(error)
    except omega_runtime.BudgetExceeded as error:
        show_error(error, compiled.source)
        return BUDGET_EXCEEDED
    except KeyboardInterrupt:
        say("interrupted")
        return TERMINATED if _is_terminated else INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        show_error(error, compiled.source)
        return PROGRAM_ERROR
    return None


def _run(code: CodeType, names: dict[str, Any]) -> None:
    """Run a program, and then what it has left for its end."""
    policy = current.get().policy
    try:
        exec(code, names)  # noqa: S102 - compiled from the user's own program
    except BaseException:
        complete_program(policy, quiet=True)
        raise
    complete_program(policy)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Warnings of the runtime as messages, without the lines of Python that they come from."""
    say(f"warning: {message}")


_is_terminated = False


def _terminate(*_: object) -> None:
    """On SIGTERM and SIGHUP the program ends as on Ctrl-C, so that its calls are accounted for."""
    global _is_terminated
    _is_terminated = True
    raise KeyboardInterrupt


def _exit_status(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return int(error.code or 0)
    click.echo(visible_lines(str(error.code)), err=True)
    return PROGRAM_ERROR


def _configure(options: RunOptions, folder: Path) -> None:
    """Settle the settings, the model and the permissions before anything runs, so that a mistake costs nothing."""
    try:
        omega_runtime.configure_from(folder)
    except omega_runtime.OmegaError as error:
        fail(str(error))
    omega_runtime.configure(allow=options.allow)
    if options.timeout is not None:
        omega_runtime.configure(timeout=options.timeout)
    if options.model is None:
        return
    from omega_runtime.models.choose import choose

    omega_runtime.configure(model=options.model)
    try:
        choose(options.model)
    except omega_runtime.OmegaError as error:
        fail(str(error))


def _write_report(target: str, account: Account) -> None:
    from omegac.cli.report import show_report, write_report

    data = omega_runtime.report(account.ledger)
    if target == "-":
        show_report(data, account)
        return
    try:
        write_report(data, target)
    except OSError as error:
        say(f"cannot write the report to {target}: {error.strerror}")
        show_report(data, account)
