"""Running a compiled program under the options that `run` and `eval` share."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import omega_runtime
from omega_runtime import settings
from omega_runtime.calls.context import current
from omega_runtime.chapter.monitoring import complete_program
from omega_runtime.control.deep import deep
from omega_runtime.ledger.errors import Deferred, LedgerFileError
from omega_runtime.visible import visible_lines
from omega_runtime.world.arguments import set_command_line

from omegac.cli.books import Books, open_books
from omegac.cli.failures import (
    BUDGET_EXCEEDED,
    INTERRUPTED,
    PROGRAM_ERROR,
    TERMINATED,
    UNDER_WAY,
    fail,
    say,
    show_error,
)
from omegac.cli.given import alerts, allowed
from omegac.cli.observing import observed, write_files
from omegac.cli.project_limits import with_project
from omegac.cli.terminal import protect_terminal
from omegac.modules import Modules, Program, Unavailable
from omegac.modules.finding import absolute
from omegac.modules.linking import check_names, link
from omegac.modules.loading import in_order

if TYPE_CHECKING:
    from omega_runtime.calls.watching import Watch

    from omegac.cli.amounts import Limit


def limits(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Limit]:
    """The limits as keywords of `omega_runtime.budget`: tokens, dollars or both."""
    if not values:
        return {}
    from omegac.cli.amounts import parse_limit

    limits: dict[str, Limit] = {}
    for value in values:
        try:
            unit, amount = parse_limit(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
        if unit in limits:
            raise click.BadParameter(f"there are two limits in {unit}")
        limits[unit] = amount
    return limits


_SESSION_OPTIONS = (
    click.option(
        "--budget",
        metavar="N|$N",
        multiple=True,
        callback=limits,
        help="Limit what the whole run may cost: tokens (10000, 10k) or US dollars ('$0.50'), or one of each; "
        "with --ledger also per minute, hour, day, week, month or year (10k/hour, '$5/day').",
    ),
    click.option("--timezone", metavar="NAME", help="Where days begin, such as Europe/Berlin (UTC)."),
    click.option(
        "--ledger",
        metavar="FILE",
        help="Keep the account in a ledger file, or on a server (postgresql://…), for all runs and processes.",
    ),
    click.option("--account", metavar="NAME", help="The account in the ledger file (default)."),
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
        help="The most time for a call to the model, with all attempts (600).",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(min=1),
        help="How many calls of a concurrent map go on at once (8); 1: one after the other.",
    ),
    click.option("--verbose", is_flag=True, help="Say on standard error when a call is tried again, and why."),
    click.option("--stream", is_flag=True, help="Show answers on standard error as they come."),
    click.option(
        "--allow",
        metavar="LIST",
        multiple=True,
        callback=allowed,
        help="What the program may do: write, shell, read (any file) or read=DIR, env or env=NAME, terminal, "
        "python or python=MODULE.",
    ),
    click.option(
        "--report",
        metavar="[=FILE]",
        is_flag=False,
        flag_value="-",
        help="End with what was spent: a table on stderr, or in FILE: a page (.html), or JSON with each call.",
    ),
    click.option(
        "--alert",
        "alerts",
        metavar="SHARE=WHAT",
        multiple=True,
        callback=alerts,
        help="When so much of the budget is spent (80%), run a command once, or post JSON to a URL.",
    ),
    click.option("--report-prompts", is_flag=True, help="Tell in FILE what the model was asked, too."),
    click.option(
        "--profile",
        metavar="FILE",
        help="Write the tokens by call stack to FILE, for speedscope.app.",
    ),
)


_PROGRAM_OPTIONS = (
    click.option(
        "--resume",
        is_flag=True,
        help="Go on with the program's last run: what was paid for is not asked again.",
    ),
    click.option("--no-journal", is_flag=True, help="Keep no answers, in the ledger file or for --resume."),
    click.option(
        "--plan",
        is_flag=True,
        help="Run nothing: print what the run may spend, with its arguments and files as they are.",
    ),
)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that run a program."""
    for option in reversed((*_SESSION_OPTIONS, *_PROGRAM_OPTIONS)):
        command = option(command)
    return command


def session_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that run input after input, which nobody goes on with."""
    for option in reversed(_SESSION_OPTIONS):
        command = option(command)
    return command


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


class RunOptions(NamedTuple):
    """What the options shared by `run` and `eval` say."""

    budget: dict[str, Limit]
    timezone: str | None
    ledger: str | None
    account: str | None
    raise_limit: bool
    on_low: str | None
    model: str | None
    timeout: float | None
    jobs: int | None
    verbose: bool
    stream: bool
    allow: frozenset[str]
    report: str | None
    alerts: tuple[tuple[float, str], ...] = ()
    report_prompts: bool = False
    profile: str | None = None
    resume: bool = False
    no_journal: bool = True
    plan: bool = False
    batch: bool = False
    workers: str | None = None
    worker_count: int | None = None

    def check(self) -> None:
        """End the command when options contradict each other."""
        for option, is_given in (
            ("--account", self.account is not None),
            ("--batch", self.batch),
            ("--raise-limit", self.raise_limit and not self.resume),
        ):
            if is_given and self.ledger is None:
                fail(f"{option} needs --ledger FILE")
        has_period = any(isinstance(limit, str) for limit in self.budget.values())
        if has_period and self.ledger is None:
            say("each run has a limit per period of its own; --ledger FILE keeps one for all")
        if self.timezone is not None:
            from omega_runtime.ledger.calendar import zone

            if not has_period and (self.budget or self.ledger is None):
                fail("--timezone needs a limit per period: --budget 10000/hour")
            try:
                zone(self.timezone)
            except omega_runtime.OmegaError as error:
                fail(str(error))
        if self.on_low and not self.budget and self.ledger is None:
            fail("--on-low needs a limit: --budget N")
        for what, file in (("report", self.report), ("profile", self.profile)):
            folder = Path(file or "").parent
            if file in (None, "-"):
                continue
            if not file or Path(file).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
                fail(f"the {what} cannot be written to {file}; give a file in a folder that is there")
        if self.alerts and not self.budget and self.ledger is None:
            fail("--alert needs a limit: --budget N")
        if self.report_prompts and self.report in (None, "-"):
            fail("--report-prompts needs a file to tell them in: --report=FILE")
        if self.resume and self.no_journal:
            fail("--resume needs the journal that --no-journal leaves out")
        if self.raise_limit and not self.budget:
            fail("--raise-limit needs the new limit: --budget N")
        if self.batch and (self.no_journal or self.stream or self.plan):
            fail("--batch excludes --no-journal, --stream and --plan")
        if self.worker_count is not None and self.workers is None:
            fail("--worker-count needs --workers ray")
        if self.workers is not None and (self.alerts or self.batch or self.on_low or self.profile):
            fail("--workers excludes --alert, --batch, --on-low and --profile, which hear of calls in one process only")


def execute(program: Program, modules: Modules, name: str, arguments: list[str], options: RunOptions) -> dict[str, Any]:
    """Run a program and give its global names; `modules` has what it imports. Ends the process when it fails.

    `name` is that under which its answers are kept, and found again by --resume.
    """
    module = ModuleType("__main__")
    module.__file__ = program.name
    module.__dict__["__loader__"] = _Text(program.text)
    set_command_line(arguments)
    options = with_project(options, Path(program.name).parent)
    options.check()
    if "terminal" not in options.allow:
        protect_terminal()
    folder = Path(absolute(program.name)).parent
    configure(options, Path(program.name).parent)
    _check_modules(program, folder)
    if options.plan:
        from omegac.cli.plan import show_plan

        show_plan(program, arguments, options.budget)
        raise SystemExit(0)
    if options.budget and not options.resume and options.on_low is None and not options.batch:
        from omegac.cli.plan import refuse_too_small

        refuse_too_small(program, arguments, options.budget)
    take_signals()
    books = open_books(options, program, name)
    if options.resume:
        from omegac.cli.resumption import announce

        announce(books.journal)
    if options.batch or options.ledger:
        from omegac.cli.batching import open_batch

        open_batch(books, options.batch)
    with observed(options, books.account) as watch:
        status = _run_within(books, program, modules, module, options)
    sys.stdout.flush()
    batch = None if books.journal is None else books.journal.batch
    if options.resume or status is not None:
        from omegac.cli.resumption import conclude

        is_left = batch is not None and batch.is_left
        conclude(books, status, is_told=is_left or status == BUDGET_EXCEEDED)
    if batch is not None:
        from omegac.cli.batching import send_or_drop

        status = send_or_drop(batch, status, options.ledger or "")
    report_run(options, books, watch)
    books.put_away(is_finished=not status)
    if status is not None:
        raise SystemExit(status)
    return module.__dict__


def _check_modules(program: Program, folder: Path) -> None:
    """End the command when Python would take a module of the program for another one.

    Who may use Python finds the Python modules beside the program, behind all others.
    """
    try:
        check_names(in_order(program.requires))
    except Unavailable as error:
        fail(f"{error}; {error.help}")
    find_python_in(folder)


def find_python_in(folder: Path) -> None:
    """Let Python find modules in a folder, behind all others, where the program may use Python."""
    if any(each.startswith("python") for each in settings.active.allow):
        sys.path.append(str(folder))


def _run_within(
    books: Books, program: Program, modules: Modules, module: ModuleType, options: RunOptions
) -> int | None:
    """Run the program and leave the scope; the exit status when it failed."""
    try:
        with ExitStack() as stack:
            stack.push(books.scope)
            if options.workers is not None:
                _enter_workers(stack, options.workers, options.worker_count)
            deep(_run, program, modules, module.__dict__)
    except SystemExit as error:
        return exit_status(error)
    except Deferred:
        assert books.journal is not None
        books.journal.batch.is_left = True
        return UNDER_WAY
    except omega_runtime.BudgetExceeded as error:
        from omegac.cli.resumption import refuse

        refuse(error, program.name, books, options.budget)
        return BUDGET_EXCEEDED
    except KeyboardInterrupt:
        say("interrupted")
        return TERMINATED if _is_terminated else INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        show_error(error, program.name)
        if books.own is not None and isinstance(error, LedgerFileError):
            say("that file is the run's own, where its answers are kept; --no-journal runs without it")
        return PROGRAM_ERROR
    return None


def _enter_workers(stack: ExitStack, where: str, number: int | None) -> None:
    """Start the workers of the run before anything costs something. Ends the command when that can't be done."""
    from omega_runtime.remote.team import COUNT

    try:
        stack.enter_context(omega_runtime.workers(where, number or COUNT))
    except omega_runtime.OmegaError as error:
        fail(str(error))


class _Text:
    """Where the lines of a program are for who shows them; its file may be another one by then."""

    def __init__(self, text: str) -> None:
        self.text = text

    def get_source(self, _: str) -> str:
        """The program."""
        return self.text


def _run(program: Program, modules: Modules, names: dict[str, Any]) -> None:
    """Run a program, and then what it has left for its end."""
    policy = current.get().policy
    try:
        link(program.requires, modules)
        # What there is by now stays to the end; the collector need not look at it each time.
        gc.freeze()
        exec(program.code, names)  # noqa: S102 - compiled from the user's own program
    except Deferred:
        raise  # the program has not come to its end
    except BaseException:
        complete_program(policy, quiet=True)
        raise
    complete_program(policy)


def take_signals() -> None:
    """From here on the program ends in an orderly way when it is told to, and its warnings are messages."""
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)
    warnings.showwarning = _show_warning


def is_terminated() -> bool:
    """Whether the program was told to end, and not just interrupted."""
    return _is_terminated


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Warnings of the runtime as messages, without the lines of Python that they come from."""
    say(f"warning: {message}")


_is_terminated = False


def _terminate(*_: object) -> None:
    """On SIGTERM and SIGHUP the program ends as on Ctrl-C, so that its calls are accounted for."""
    global _is_terminated
    _is_terminated = True
    raise KeyboardInterrupt


def exit_status(error: SystemExit) -> int:
    """What a program that exits ends with; a text instead of a number is shown, and counts as an error."""
    if error.code is None or isinstance(error.code, int):
        return int(error.code or 0)
    click.echo(visible_lines(str(error.code)), err=True)
    return PROGRAM_ERROR


def configure(options: RunOptions, folder: Path) -> None:
    """Settle the settings, the model and the permissions before anything runs, so that a mistake costs nothing."""
    given = {"allow": options.allow, "timeout": options.timeout, "jobs": options.jobs, "model": options.model}
    given["stream"] = options.stream or None
    try:
        omega_runtime.configure_from(folder)
        omega_runtime.configure(**{name: value for name, value in given.items() if value is not None})
        if options.model is not None:
            from omega_runtime.models.choose import choose

            choose(settings.active, options.model)
    except omega_runtime.OmegaError as error:
        fail(str(error))


def report_run(options: RunOptions, books: Books, watch: Watch | None) -> None:
    """Print or write what a run has spent, as --report and --profile say."""
    is_written = watch is None or write_files(options, books.account, watch)
    if options.report is None or (options.report != "-" and is_written):
        return
    from omegac.cli.report import show_report

    whole = None
    if books.ledger is not None:
        whole = f'all runs on account "{books.account.name}" have spent'
    elif books.own is not None and options.resume:
        whole = "the run, with what it goes on with, has spent"
    elif books.account.periods is not None:
        whole = "the run has spent"
    show_report(omega_runtime.report(books.account.ledger), books.account, whole)
