"""`omegac ledger serve`."""

from __future__ import annotations

import time
from contextlib import suppress

import click
from omega_runtime.values.errors import OmegaError

from omegac.cli.failures import fail, say


@click.command("serve")
@click.argument("file")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8788, show_default=True, type=click.IntRange(0, 65_535), help="The port; 0: any.")
@click.option(
    "--name", "names", metavar="NAME", multiple=True, help="A name by which browsers come here; may be repeated."
)
def serve_command(file: str, host: str, port: int, names: tuple[str, ...]) -> None:
    """Show a ledger FILE, or that at a URL, as a page in the browser, which keeps itself up to date.

    Accounts with what is left of them, calls under way, spending over time, and a forecast for the end of each period.
    Nothing is written; a role that may only look (omegac ledger allow --read-only) is enough. Ends with Ctrl-C.
    """
    try:
        from omegac.cli.dashboard.app import application
        from omegac.cli.listening import is_loopback, listen
    except ImportError as error:
        fail(f"ledger serve needs more packages ({error.name}); install them with: pip install 'omegac[serve]'")
    from omegac.cli.dashboard.figures import figures_json

    try:
        figures_json(file, time.time())
    except OmegaError as error:
        fail(str(error))
    if not is_loopback(host):
        say(f"whoever reaches {host}:{port} can read this ledger; 127.0.0.1 keeps to this machine")
    app = application(lambda: figures_json(file, time.time()), (host, *names))
    with suppress(KeyboardInterrupt):
        listen(app, host, port, lambda address: f"open {address}/ in a browser; Ctrl-C ends this")
