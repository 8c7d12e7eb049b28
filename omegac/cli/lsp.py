"""`omegac lsp`."""

from __future__ import annotations

import sys

import click

from omegac.cli.failures import fail, say


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="What it does in any case; some editors add it.")
def command(stdio: bool) -> None:  # noqa: ARG001
    """Answer an editor on standard input and output, by the Language Server Protocol.

    Findings, what a name means and may cost, definitions, uses, other names, completion and layout. docs/EDITORS.md
    says how editors are set up. It needs the extra: pip install 'omegac[lsp]'.
    """
    try:
        from omegac.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        fail("the language server needs pygls: pip install 'omegac[lsp]'")
    if sys.stdin.isatty():
        say("waiting for an editor on standard input; Ctrl-C ends this")
    serve()
