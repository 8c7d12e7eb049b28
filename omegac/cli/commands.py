"""The commands of `omegac`. One module per subcommand; each is imported when it is used."""

from __future__ import annotations

from typing import Any

import click

from omegac import __version__
from omegac.cli import collect_seldom
from omegac.cli.ending import orderly

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


class _Commands(click.Group):
    """Finds a subcommand in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"omegac.cli.{_COMMANDS[cmd_name]}").command
        # Nearly all that the passes of `compile` make is in use, or freed by its count.
        collect_seldom(is_enabled=cmd_name != "compile")
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
            with orderly():
                return super().invoke(ctx)
        except click.ClickException as error:
            from omega_runtime.visible import visible_lines

            vars(error).update(message=visible_lines(error.message))
            raise


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="omegac")
def cli() -> None:
    """Compile and run Omega Lisp, with token budgets for language-model calls compiled in."""
