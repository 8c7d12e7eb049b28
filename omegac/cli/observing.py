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

    from omegac.cli.execution import RunOptions


@contextmanager
def observed(options: RunOptions, account: Account) -> Iterator[Watch | None]:
    """Watch the calls of a run where something asks for them: a file to write, or somebody at a terminal."""
    is_progress_shown = sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
    if options.report in (None, "-") and options.profile is None and not is_progress_shown:
        yield None
        return
    from omega_runtime.calls.watching import Watch, watching

    with ExitStack() as stack:
        watch = stack.enter_context(watching(Watch(options.report_prompts)))
        if is_progress_shown:
            from omegac.cli.progress import Progress

            stack.enter_context(Progress(watch, account))
        yield watch


def write_files(options: RunOptions, account: Account, watch: Watch) -> None:
    """Write the report and the profile that were asked for."""
    import json

    import omega_runtime

    from omegac.cli.report import write_report
    from omegac.cli.reports.calls import as_data
    from omegac.cli.reports.page import page
    from omegac.cli.reports.speedscope import profile
    from omegac.files import write_atomically

    try:
        if options.report not in (None, "-"):
            file = options.report
            data = omega_runtime.report(account.ledger)
            if Path(file).suffix.lower() in (".html", ".htm"):
                write_atomically(Path(file), page(data, account, watch))
            else:
                write_report(data, file, [as_data(call) for call in watch.calls])
        if options.profile is not None:
            file = options.profile
            write_atomically(Path(file), json.dumps(profile(watch.calls)) + "\n")
    except OSError as error:
        say(f"cannot write {file}: {error.strerror}")
