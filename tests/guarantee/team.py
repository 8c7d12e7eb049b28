"""Several processes that spend from one ledger file at the same time, one of which may be killed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import attrs

from benchmarks.guarantee import compiled, prompts_of, served
from tests.support.counting_server import Billed, CountingServer

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
PROCESSES = 4
CALLS_EACH = 16
LEASE = 1.0
SECONDS = 60.0


@attrs.frozen
class Team:
    """What the server billed, and what each process that lived said of its calls; `lost` are the victim's prompts."""

    bill: list[Billed]
    answers: dict[str, str]
    refusals: dict[str, tuple[int, int]]
    failures: dict[str, str]
    lost: frozenset[str]
    seconds: float

    @property
    def available_at_refusal(self) -> int:
        """What was left when a call was refused first."""
        return max(available for _, available in self.refusals.values())


def spend_together(folder: Path, ledger: Path, seed: int, failing: float, is_killing: bool) -> Team:
    """Run the processes until all have ended; with `is_killing`, end one of them at a moment given by the seed."""
    (folder / "guarantee_program.py").write_text(compiled().text(), encoding="utf-8")
    prompts = [prompts_of(seed, CALLS_EACH, f"Text of process {number}") for number in range(PROCESSES)]
    with served(seed, failing) as server:
        workers = [_start(folder, ledger) for _ in prompts]
        try:
            for worker in workers:
                assert _line(worker) == "ready"
            begun = time.perf_counter()
            for worker, own in zip(workers, prompts, strict=True):
                _tell(worker, own)
            victim = _kill_one(server, workers, prompts, seed) if is_killing else None
            ended = [json.loads(_line(each)) for each in workers if each is not victim]
            seconds = time.perf_counter() - begun
        finally:
            for worker in workers:
                worker.kill()
                worker.communicate()
        # What the victim had sent is billed also when nobody waits for the answer any more.
        _wait_for(lambda: len(server.bill) + server.failed_messages == len(server.arrived))
    lost = frozenset(prompts[workers.index(victim)]) if victim else frozenset()
    return Team(server.bill, *(_merged(ended, name) for name in ("answers", "refusals", "failures")), lost, seconds)
