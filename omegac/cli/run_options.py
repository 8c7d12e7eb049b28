"""What the options shared by the commands that run programs say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import omega_runtime

from omegac.cli.failures import fail, say

if TYPE_CHECKING:
    from omegac.cli.amounts import Limit


class RunOptions(NamedTuple):
    """What the options say; without any, a program is run like this."""

    budget: Mapping[str, Limit] = {}
    timezone: str | None = None
    ledger: str | None = None
    account: str | None = None
    raise_limit: bool = False
    on_low: str | None = None
    model: str | None = None
    timeout: float | None = None
    jobs: int | None = None
    verbose: bool = False
    stream: bool = False
    allow: frozenset[str] = frozenset()
    report: str | None = None
    alerts: tuple[tuple[float, str], ...] = ()
    report_prompts: bool = False
    profile: str | None = None
    resume: bool = False
    no_journal: bool = False
    plan: bool = False
    batch: bool = False
    workers: str | None = None
    worker_count: int | None = None

    def check(self) -> None:
        """End the command when options contradict each other."""
        for option, is_given in (
            ("--account", self.account is not None),
            ("--batch", self.batch),
            ("--raise-limit", self.raise_limit and not self.resume),
        ):
            if is_given and self.ledger is None:
                fail(f"{option} needs --ledger FILE")
        has_period = any(isinstance(limit, str) for limit in self.budget.values())
        if has_period and self.ledger is None:
            say("each run has a limit per period of its own; --ledger FILE keeps one for all")
        if self.timezone is not None:
            from omega_runtime.ledger.calendar import zone

            if not has_period and (self.budget or self.ledger is None):
                fail("--timezone needs a limit per period: --budget 10000/hour")
            try:
                zone(self.timezone)
            except omega_runtime.OmegaError as error:
                fail(str(error))
        if self.on_low and not self.budget and self.ledger is None:
            fail("--on-low needs a limit: --budget N")
        for what, file in (("report", self.report), ("profile", self.profile)):
            folder = Path(file or "").parent
            if file in (None, "-"):
                continue
            if not file or Path(file).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
                mend = "give a file in a folder that is there and that you may write to"
                fail(f'the {what} cannot be written to "{file}"; {mend}')
        if self.alerts and not self.budget and self.ledger is None:
            fail("--alert needs a limit: --budget N")
        if self.report_prompts and self.report in (None, "-"):
            fail("--report-prompts needs a file to tell them in: --report=FILE")
        if self.resume and self.no_journal:
            fail("--resume needs the journal that --no-journal leaves out")
        if self.raise_limit and not self.budget:
            fail("--raise-limit needs the new limit: --budget N")
        if self.batch and (self.no_journal or self.stream or self.plan):
            fail("--batch excludes --no-journal, --stream and --plan")
        if self.worker_count is not None and self.workers is None:
            fail("--worker-count needs --workers ray")
        if self.workers is not None and (self.alerts or self.batch or self.on_low or self.profile):
            fail("--workers excludes --alert, --batch, --on-low and --profile, which hear of calls in one process only")
