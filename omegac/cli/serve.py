"""`omegac serve`."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack, suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import click
import omega_runtime

from omegac.cli.amounts import Limit, parse_limit
from omegac.cli.failures import fail, say
from omegac.cli.options import limits

if TYPE_CHECKING:
    from omega_runtime.ledger.account import Account

UPSTREAM = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com"}
KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}


def _accounts(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, dict[str, Limit]]:
    """NAME=LIMIT[,LIMIT] as the limits of each name."""
    accounts: dict[str, dict[str, Limit]] = {}
    for value in values:
        name, _separator, texts = value.partition("=")
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or name == "v1":
            raise click.BadParameter(f'"{value}" is no NAME=LIMIT; a name has letters, digits, - and _')
        try:
            accounts[name] = dict(parse_limit(text) for text in texts.split(",") if text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return accounts


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8787, show_default=True, type=click.IntRange(0, 65_535), help="The port; 0: any.")
@click.option(
    "--budget", metavar="N|$N", multiple=True, callback=limits, help="What all requests may cost, as for run."
)
@click.option("--timezone", metavar="NAME", help="Where days begin, such as Europe/Berlin (UTC).")
@click.option(
    "--account",
    "accounts",
    metavar="NAME=LIMIT",
    multiple=True,
    callback=_accounts,
    help="An account within that, for requests to /NAME/v1/… or with the key omega:NAME.",
)
@click.option("--ledger", metavar="FILE", help="Keep the accounts in a ledger file, or on a server (postgresql://…).")
@click.option("--anthropic-url", default=UPSTREAM["anthropic"], show_default=True, help="Where messages go.")
@click.option("--openai-url", default=UPSTREAM["openai"], show_default=True, help="Where completions go.")
def command(
    host: str,
    port: int,
    budget: dict[str, Any],
    timezone: str | None,
    accounts: dict[str, dict[str, Limit]],
    ledger: str | None,
    anthropic_url: str,
    openai_url: str,
) -> None:
    """Stand between programs and their providers, so that what they spend keeps to a budget.

    Programs are pointed here by ANTHROPIC_BASE_URL or OPENAI_BASE_URL, and need no change. Each request is held before
    it is sent on, and settled by what its answer says; one that no longer fits gets the provider's error for an empty
    account. Keys pass through and are stored nowhere. Ends with Ctrl-C.
    """
    try:
        from omega_runtime.clients.proxy import Proxy

        from omegac.cli.listening import is_loopback, listen
    except ImportError as error:
        fail(f"serve needs more packages ({error.name}); install them with: pip install 'omegac[serve]'")
    if not is_loopback(host):
        say(f"whoever reaches {host}:{port} can spend from these accounts; 127.0.0.1 keeps to this machine")
    keys = {protocol: os.environ.get(variable, "") for protocol, variable in KEYS.items()}
    upstream = {"anthropic": anthropic_url, "openai": openai_url}
    with ExitStack() as stack:
        try:
            omega_runtime.configure_from(".")
            name = "all" if ledger is None else "default"
            whole = omega_runtime.budget(**budget, ledger=ledger, name=name, timezone=timezone)
            account = stack.enter_context(whole)
            inner = {name: _opened(name, limits, account, ledger) for name, limits in accounts.items()}
        except omega_runtime.OmegaError as error:
            fail(str(error))
        if not any(each.is_limited for each in (account, *inner.values())):
            say("there is no limit, so requests are counted and none is refused; --budget N sets one")
        app = Proxy(account, inner, keys, upstream).application()
        # What is there by now stays to the end, and a full collection of it would hold up all requests.
        gc.freeze()
        with suppress(KeyboardInterrupt):
            listen(app, host, port, _variables)
        for each in (account, *inner.values()):
            say(f"{each.name}: {_spent(each)}")


def _variables(address: str) -> str:
    return f"listening; ANTHROPIC_BASE_URL={address} OPENAI_BASE_URL={address}/v1"


def _opened(name: str, limits: dict[str, Limit], outer: Account, ledger: str | None) -> Account:
    """An account beside others, which stays open as long as the process runs."""

    def enter() -> Account:
        # Neither is left before the process ends, as requests pay from them until then.
        outer.__enter__()
        return omega_runtime.budget(**limits, name=name, ledger=ledger).__enter__()  # type: ignore[arg-type]

    return copy_context().run(enter)


def _spent(account: Account) -> str:
    tokens = f"{account.spent:,} tokens spent"
    return tokens if account.limit is None else f"{tokens} of {account.limit:,}"
