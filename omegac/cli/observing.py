"""What is seen of a run while it goes on: for its report, its profile, and the line that tells how far it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omegac.cli.failures import say

if TYPE_CHECKING:
    from omega_runtime.calls.watching import Watch
    from omega_runtime.ledger.account import Account

    from omegac.cli.run_options import RunOptions


@contextmanager
def observed(options: RunOptions, account: Account) -> Iterator[Watch | None]:
    """Watch the calls of a run where something asks for them: a file to write, or somebody at a terminal."""
    is_progress_shown = sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
    is_asked_for = options.report not in (None, "-") or options.profile is not None or options.alerts or options.verbose
    if not is_asked_for and not is_progress_shown:
        yield None
        return
    from omega_runtime.calls.watching import Watch, watching

    with ExitStack() as stack:
        watch = stack.enter_context(watching(Watch(options.report_prompts)))
        if options.alerts:
            from omegac.cli.alerts import Alerts

            watch.listener = stack.enter_context(Alerts(options.alerts, account))
        if is_progress_shown:
            from omegac.cli.progress import Progress

            stack.enter_context(Progress(watch, account))
        if options.verbose:
            from omegac.cli.retries import say_retry

            watch.on_retry = say_retry
        yield watch


def write_files(options: RunOptions, account: Account, watch: Watch) -> bool:
    """Write the report and the profile that were asked for; whether the report could be."""
    import json

    from omegac.cli.reports.speedscope import profile

    if options.profile is not None:
        _write("profile", options.profile, json.dumps(profile(watch.calls)) + "\n")
    if options.report in (None, "-"):
        return True
    return _write("report", options.report, _report_text(options.report, account, watch))


def _report_text(file: str, account: Account, watch: Watch) -> str:
    """The report in the format that the name of its file says: a page, or else JSON."""
    import json

    import omega_runtime

    data = omega_runtime.report(account.ledger)
    if Path(file).suffix.lower() in (".html", ".htm"):
        from omegac.cli.reports.page import page

        return page(data, account, watch)
    from omegac.cli.reports.calls import as_data

    # Dollars are texts, which keep every digit.
    return json.dumps({**data, "calls": [as_data(call) for call in watch.calls]}, indent=2, default=str) + "\n"


def _write(what: str, file: str, text: str) -> bool:
    from omegac.files import write_atomically

    try:
        write_atomically(Path(file), text)
    except OSError as error:
        say(f"cannot write the {what} to {file}: {error.strerror}")
        return False
    return True
