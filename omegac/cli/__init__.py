"""The command line. One module per subcommand; each is imported when it is used."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from typing import Any

import click

from omegac import __version__

_COMMANDS = {
    "check": "check",
    "compile": "compile_",
    "doctest": "doctest",
    "eval": "eval_",
    "fmt": "fmt",
    "init": "init",
    "ledger": "ledger",
    "lsp": "lsp",
    "repl": "repl",
    "models": "models",
    "run": "run",
    "serve": "serve",
    "stubs": "stubs",
}


# New objects before the garbage collector looks at them, and how often it does before it looks at older ones. Programs
# and the compiler make many objects, few of which refer to each other in a circle.
COLLECTOR_THRESHOLDS = (50_000, 20, 100)


class _Commands(click.Group):
    """Finds a subcommand in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"omegac.cli.{_COMMANDS[cmd_name]}").command
        # What was imported stays to the end of the process.
        gc.freeze()
        gc.set_threshold(*COLLECTOR_THRESHOLDS)
        if cmd_name != "compile":  # nearly all that its passes make is in use, or freed by its count
            gc.enable()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name; of another name, which one may be meant."""
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            from omegac.errors import suggestion

            near = suggestion(args[0], _COMMANDS)
            ctx.fail(f"No such command '{args[0]}'; {near or 'omegac --help tells them all'}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what its errors quote cannot act upon the terminal."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            from omega_runtime.visible import visible_lines

            vars(error).update(message=visible_lines(error.message))
            raise
        except KeyboardInterrupt:
            from omegac.cli.failures import INTERRUPTED, fail

            fail("interrupted", INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # click ends the command in silence
                raise
            from omegac.cli.failures import fail

            if error.filename is None and error.errno == errno.ENOENT:
                fail("the current folder is no longer there; cd to one that is")
            fail(f"{error.filename or 'standard output'}: {error.strerror or error}")


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="omegac")
def cli() -> None:
    """Compile and run Omega Lisp, with token budgets for language-model calls compiled in."""


def main() -> None:
    """The `omegac` command."""
    _open_streams()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    gc.disable()
    atexit.register(gc.freeze)  # at its end Python would look once more at all there is
    cli(complete_var="_OMEGAC_COMPLETE")


def _open_streams() -> None:
    """Open what the shell closed (`<&-`, `>&-`): nothing to read, and nowhere to write."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
