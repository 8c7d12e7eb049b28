"""`omegac repl`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from omega_runtime.calls.context import current
from omega_runtime.chapter.monitoring import complete_program
from omega_runtime.world.arguments import set_command_line

from omegac import __version__
from omegac.cli.books import open_books
from omegac.cli.execution import configure, find_python_in, is_terminated, report_run, take_signals
from omegac.cli.failures import PROGRAM_ERROR, TERMINATED
from omegac.cli.observing import observed
from omegac.cli.options import ProgramCommand, session_options
from omegac.cli.project_limits import with_project
from omegac.cli.run_options import RunOptions
from omegac.cli.terminal import follow_lines, start_line

if TYPE_CHECKING:
    from omegac.cli.conversation import Conversation

PROMPT = "Ω> "
"""What a terminal shows in front of an input."""

MORE = "   "
"""What it shows in front of further lines of an input."""


@click.command("repl", cls=ProgramCommand)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@session_options
def command(files: tuple[str, ...], **options: Any) -> None:
    """Evaluate what is typed, input after input, once each FILE has been evaluated.

    Later inputs see what earlier ones define. On a terminal lines are edited, and Tab completes names; otherwise
    standard input is read as it comes. ,help tells the commands. Exit status: 0 fine, 1 when an input failed that
    was not typed.
    """
    run_options = RunOptions(**options, no_journal=True)
    run_options = with_project(run_options, Path())
    run_options.check()
    follow_lines(may_control="terminal" in run_options.allow)
    configure(run_options, Path())
    find_python_in(Path.cwd())
    take_signals()
    set_command_line([])
    # The session's modules take a moment to load, so mistakes on the command line are told before.
    from omegac.cli.conversation import Conversation

    books = open_books(run_options, None, "repl")
    status, watch = 0, None
    try:
        with ExitStack() as stack:
            stack.push(books.scope)
            watch = stack.enter_context(observed(run_options, books.account))
            conversation = Conversation(run_options, books.account)
            try:
                status = _converse(conversation, files)
            finally:
                conversation.close()
            complete_program(current.get().policy)
    except KeyboardInterrupt:
        status = TERMINATED if is_terminated() else 130
    start_line()
    report_run(run_options, books, watch)
    raise SystemExit(status)


def _converse(conversation: Conversation, files: tuple[str, ...]) -> int:
    """Hold the conversation, and give the exit status."""
    is_fine = True
    for file in files:
        is_fine = conversation.load(file) and is_fine
    is_typed = sys.stdin.isatty()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # an input that isn't UTF-8 fails as what it then is
    for text in _typed(conversation) if is_typed else _read(PROMPT, MORE, is_shown=False):
        is_fine = conversation.respond(text) and is_fine
        if conversation.status is not None:
            return conversation.status
    return 0 if is_fine or is_typed else PROGRAM_ERROR


def _typed(conversation: Conversation) -> Iterator[str]:
    """The inputs that somebody types; edited where the terminal can do that."""
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown", "") or not sys.stdout.isatty():
        return _read(PROMPT, MORE, is_shown=True)
    from omegac.cli.state import state_folder
    from omegac.repl.editing import edited

    history: Path | None = None
    with suppress(OSError):
        file = state_folder() / "repl-history"
        file.touch(mode=0o600)
        history = file
    click.echo(f"omegac {__version__}; ,help tells the commands, Ctrl-D ends the session.", err=True)
    return edited(conversation.session, history, PROMPT, MORE, conversation.completions)


def _read(prompt: str, more: str, *, is_shown: bool) -> Iterator[str]:
    """The inputs of standard input, each as soon as its last line is there."""
    from omegac.repl.session import is_complete

    lines = ""
    while True:
        if is_shown:
            print(more if lines else prompt, end="", flush=True)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            if not is_shown or is_terminated():
                raise
            lines = ""
            print()
            continue
        lines += line
        if not line or is_complete(lines):
            if lines.strip():
                yield lines
            lines = ""
        if not line:
            return
