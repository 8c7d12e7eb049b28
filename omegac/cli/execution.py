"""Running a compiled program under the options that `run` and `eval` share."""

from __future__ import annotations

import gc
import signal
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

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
    show,
    show_error,
)
from omegac.cli.observing import observed, write_files
from omegac.cli.project_limits import with_project
from omegac.cli.run_options import RunOptions
from omegac.cli.terminal import protect_terminal
from omegac.modules import Modules, Program, Unavailable
from omegac.modules.finding import absolute
from omegac.modules.linking import check_names, link
from omegac.modules.loading import in_order

if TYPE_CHECKING:
    from omega_runtime.calls.watching import Watch


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
    show(visible_lines(str(error.code)))
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
