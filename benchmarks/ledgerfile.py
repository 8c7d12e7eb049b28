"""How many calls a second a ledger file keeps the books of, for one process and for four that share it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Spread, spread

SECONDS = 1.0
THREADS = 4

# Says that it is ready, calls for so many seconds from when it is told to, and prints how many; answers come at once.
_WORKER = """
import sys, threading, time
from contextvars import copy_context
import omega_runtime
from omega_runtime.calls import Site, infer
site = Site("bench.omega", 1, 1, "infer.op", "ask", 1)
path, seconds, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
made = []
def work():
    count = 0
    while time.monotonic() < start + seconds:
        infer(site, "Say nothing.", max_tokens=10)
        count += 1
    made.append(count)
with omega_runtime.use_model(lambda prompt: omega_runtime.Reply("", 3, 2)):
    with omega_runtime.budget(10**12, ledger=path, name="bench"):
        with omega_runtime.budget(10**12), omega_runtime.budget(10**12):
            infer(site, "Say nothing.", max_tokens=10)
            print("ready", flush=True)
            sys.stdin.readline()
            start = time.monotonic()
            workers = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(threads)]
            [each.start() for each in workers]
            [each.join() for each in workers]
print(sum(made))
"""


def calls_per_second(processes: int, threads: int, rounds: int) -> Spread:
    """Calls a second of all processes together, each reserving and settling on three nested accounts."""
    return spread([_measure(processes, threads) for _ in range(rounds)])


def _measure(processes: int, threads: int) -> float:
    with TemporaryDirectory() as folder:
        return calls_on(str(Path(folder) / "bench.ledger"), processes, threads, SECONDS)


def calls_on(
    ledger: str, processes: int, threads: int, seconds: float, environment: Mapping[str, str] | None = None
) -> float:
    """Calls a second on the ledger at a path or URL."""
    command = [sys.executable, "-c", _WORKER, ledger, str(seconds), str(threads)]
    workers = [
        subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(processes)
    ]
    for each in workers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in workers:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    outputs = [each.communicate(timeout=120)[0] for each in workers]
    return sum(map(int, outputs)) / seconds
