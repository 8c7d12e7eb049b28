"""The line that tells on a terminal how far a run is, while calls to models are under way; only on stderr."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO, cast

from omega_runtime.calls.watching import UNDER_WAY, Watch
from omega_runtime.concurrent.watching import MapUnderWay, watching_maps
from omega_runtime.ledger.account import Account
from omega_runtime.money import dollar_text, dollars
from rich.console import Console
from rich.text import Text

from omegac.cli.terminal import Errors, Output
from omegac.cli.words import count

# Seconds until it is first shown, and between its changes.
_PATIENCE, _PAUSE = 0.7, 0.2
_ERASE = "\r\x1b[K"


class Progress:
    """Shows the line from a thread of its own while it is open; what is written meanwhile takes its place."""

    def __init__(self, watch: Watch, account: Account) -> None:
        self._watch = watch
        self._account = account
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._plain = sys.stderr
        self._is_shown = False
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="omega progress", daemon=True)
        self._since: float | None = None
        self._watching = watching_maps()
        self._maps: list[MapUnderWay] = []

    def __enter__(self) -> Progress:
        if isinstance(sys.stdout, Output) and sys.stdout.isatty():
            sys.stdout.before_text = self.erase
        sys.stderr = cast(TextIO, Errors(self._plain, self.erase))
        self._maps = self._watching.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._watching.__exit__(None, None, None)
        if isinstance(sys.stdout, Output):
            sys.stdout.before_text = None
        sys.stderr = self._plain
        self.erase()

    def erase(self) -> None:
        """Take the line away."""
        with self._lock:
            if self._is_shown:
                self._is_shown = False
                self._plain.write(_ERASE)
                self._plain.flush()

    def _run(self) -> None:
        while not self._ended.wait(_PAUSE):
            if not self._watch.under_way():
                self._since = None
                self.erase()
                continue
            self._since = self._since or time.monotonic()
            if time.monotonic() - self._since > _PATIENCE:
                self._show()

    def _show(self) -> None:
        with self._lock:
            # Nothing is put into a line that the program has begun, nor where that can't be known.
            if sys.stdout.isatty() and not (isinstance(sys.stdout, Output) and sys.stdout.is_at_start):
                return
            width = self._console.width - 1
            line = Text(progress_text(self._watch, self._account, self._maps, width), no_wrap=True)
            line.truncate(width, overflow="ellipsis")
            self._plain.write(_ERASE + line.plain)
            self._plain.flush()
            self._is_shown = True


def progress_text(watch: Watch, account: Account, maps: list[MapUnderWay], width: int) -> str:
    """How far the run is: calls that have ended and those under way, what they cost, and how long it has taken.

    Of a concurrent map also how many of its items are done, and how long the rest will take. Where `width` columns are
    too few, parts that say less are left out.
    """
    calls = list(watch.calls)
    ended = [call for call in calls if call.outcome != UNDER_WAY]
    tokens = sum(call.tokens for call in ended)
    limit = account.limit
    money = sum(call.picodollars or 0 for call in ended)
    here = list(maps)
    left = [seconds for each in here if (seconds := each.seconds_left()) is not None]
    parts = {
        "items": f"{sum(each.done for each in here):,} of {sum(each.total for each in here):,} done" if here else "",
        "calls": f"{count(len(ended), 'call')} done, {watch.under_way():,} under way",
        "tokens": f"{tokens:,} tokens" if limit is None else f"{tokens:,} of {limit:,} tokens",
        "dollars": dollar_text(round(dollars(money), 4)) if money else "",
        "time": _minutes(watch.now),
        "left": f"about {_minutes(max(left))} left" if here and len(left) == len(here) else "",
    }
    for name in ("calls" if here else "", "time", "dollars", "tokens"):
        if len(_joined(parts)) <= width:
            break
        parts.pop(name, None)
    return _joined(parts)


def _joined(parts: dict[str, str]) -> str:
    return " · ".join(filter(None, parts.values()))


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
