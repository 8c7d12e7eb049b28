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

from benchmarks.guarantee import TOKENS, compiled, prompts_of, served, tokens_of
from tests.support import ROOT
from tests.support.counting_server import LATENCY, Billed, CountingServer
from tests.support.ledgers import eventually

WORKER = Path(__file__).with_name("worker.py")
# In the folder of a run.
PROCESSES = 4
CALLS_EACH = 16
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

    def __str__(self) -> str:
        use = 1 - self.available_at_refusal / TOKENS
        return (
            f"billed {tokens_of(self.bill):6,} tokens; use at first refusal {use:.1%}; {len(self.answers)} answers, "
            f"{len(self.refusals)} refused; {self.seconds:.2f} s"
        )

    @property
    def billed_to_the_living(self) -> dict[str, str]:
        """The answers that were billed to processes that could hear them, by prompt."""
        return {each.prompt: each.id for each in self.bill if each.prompt not in self.lost}

    @property
    def available_at_refusal(self) -> int:
        """What was left when a call was refused first."""
        return max(available for _, available in self.refusals.values())


def spend_together(
    folder: Path, ledger: str, seed: int, failing: float, lease: float, *, is_killing: bool = False
) -> Team:
    """Run the processes until all have ended; with `is_killing`, end one of them at a moment given by the seed."""
    (folder / "guarantee_program.py").write_text(compiled().text(), encoding="utf-8")
    prompts = [prompts_of(seed, CALLS_EACH, f"Text of process {number}") for number in range(PROCESSES)]
    with served(seed, failing) as server:
        workers = [_start(folder, ledger, lease) for _ in prompts]
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
        eventually(lambda: server.pending == 0)
    lost = frozenset(prompts[workers.index(victim)]) if victim else frozenset()
    answers, refusals, failures = (_merged(ended, name) for name in ("answers", "refusals", "failures"))
    return Team(server.bill, answers, refusals, failures, lost, seconds)


def _start(folder: Path, ledger: str, lease: float) -> subprocess.Popen[str]:
    """A process that imports the compiled program and then waits for its prompts."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), ledger, str(lease)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "runtime"), str(folder)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _line(worker: subprocess.Popen[str]) -> str:
    """The next line of its output."""
    assert worker.stdout is not None
    return worker.stdout.readline().rstrip("\n")


def _tell(worker: subprocess.Popen[str], prompts: list[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(prompts) + "\n")
    worker.stdin.flush()


def _kill_one(
    server: CountingServer, workers: list[subprocess.Popen[str]], prompts: list[list[str]], seed: int
) -> subprocess.Popen[str]:
    """SIGKILL to the process whose request arrives as the n-th of all, a moment later; both by chance."""
    chance = random.Random(f"kill {seed}")
    nth = chance.randint(1, 16)
    eventually(lambda: len(server.arrived) >= nth, SECONDS)
    asked = server.arrived[nth - 1]
    (victim,) = [worker for worker, own in zip(workers, prompts, strict=True) if asked in own]
    time.sleep(chance.uniform(0.0, 1.5 * LATENCY))
    victim.kill()
    victim.wait(SECONDS)
    return victim


def _merged(ended: list[dict[str, dict[str, Any]]], name: str) -> dict[str, Any]:
    return {prompt: value for each in ended for prompt, value in each[name].items()}
