"""Alerts: what is done once when so much of a budget is spent."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable

from omega_runtime.ledger.account import Account

from omegac.cli.failures import say

# What is still being told when the run ends gets so many seconds.
_PATIENCE = 10.0


class Alerts:
    """Called when a call has ended; tells of shares of the budget that are spent, each once, in threads of its own."""

    def __init__(self, alerts: tuple[tuple[float, str], ...], account: Account) -> None:
        self._waiting = sorted(alerts)
        self._account = account
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Callable[[], None]:
        return self._look

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _look(self) -> None:
        with self._lock:
            share, figures = _spent(self._account)
            while self._waiting and share >= self._waiting[0][0]:
                _, what = self._waiting.pop(0)
                thread = threading.Thread(target=_tell, args=(what, figures), name="omega alert", daemon=True)
                self._threads.append(thread)
                thread.start()


def _spent(account: Account) -> tuple[float, dict[str, str]]:
    """The largest share of a limit that is spent, and the figures to tell."""
    money = account.dollars
    shares = [
        float(spent) / float(limit)
        for spent, limit in ((account.spent, account.limit), (money.spent, money.limit))
        if limit and spent is not None
    ]
    figures = {"account": account.name, "share": f"{max(shares, default=0):.4f}", "tokens": str(account.spent)}
    more = {"token_limit": account.limit, "dollars": money.spent, "dollar_limit": money.limit}
    return max(shares, default=0.0), {**figures, **{key: str(each) for key, each in more.items() if each is not None}}


def _tell(what: str, figures: dict[str, str]) -> None:
    """Post the figures to a URL, or run a command with them in its environment; a failure is said, and no more."""
    try:
        if what.startswith(("http://", "https://")):
            import httpx2

            httpx2.post(what, json=figures, timeout=_PATIENCE).raise_for_status()
            return
        more = {f"OMEGA_{name.upper()}": each for name, each in figures.items()}
        environment = {**os.environ, **more}
        # Its output is no part of the program's.
        out = sys.stderr.fileno()
        done = subprocess.run(shlex.split(what), env=environment, stdin=subprocess.DEVNULL, stdout=out, check=False)  # noqa: S603
        if done.returncode:
            say(f"the alert {what} ended with status {done.returncode}")
    except FileNotFoundError as error:
        say(f"the alert {what} failed: there is no command {error.filename}; what a shell does needs sh -c '…'")
    except Exception as error:
        say(f"the alert {what} failed: {error}")
