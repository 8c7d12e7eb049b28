"""How many calls a second a ledger file keeps the books of, for one process and for four that share it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Spread, spread

SECONDS = 1.0
THREADS = 4

# Calls for so many seconds, from the moment that is given; prints how many. A model that answers at once.
_WORKER = """
import sys, threading, time
from contextvars import copy_context
import omega_runtime
from omega_runtime.calls import Site, infer
site = Site("bench.omega", 1, 1, "infer.op", "ask", 1)
path, start, seconds, threads = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
made = []
def work():
    count = 0
    while time.time() < start + seconds:
        infer(site, "Say nothing.", max_tokens=10)
        count += 1
    made.append(count)
with omega_runtime.use_model(lambda prompt: omega_runtime.Reply("", 3, 2)):
    with omega_runtime.budget(10**12, ledger=path, name="bench"):
        with omega_runtime.budget(10**12), omega_runtime.budget(10**12):
            time.sleep(max(0, start - time.time()))
            workers = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(threads)]
            [each.start() for each in workers]
            [each.join() for each in workers]
print(sum(made))
"""


def calls_per_second(processes: int, threads: int, rounds: int) -> Spread:
    """Calls a second of all processes together, each reserving and settling on three nested accounts."""
    return spread([_measure(processes, threads) for _ in range(rounds)])


def _measure(processes: int, threads: int) -> float:
    import time

    with TemporaryDirectory() as folder:
        start = time.time() + 1.0 + 0.3 * processes
        arguments = [str(Path(folder) / "bench.ledger"), str(start), str(SECONDS), str(threads)]
        workers = [
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _WORKER, *arguments], stdout=subprocess.PIPE, text=True
            )
            for _ in range(processes)
        ]
        outputs = [each.communicate(timeout=120)[0] for each in workers]
    return sum(map(int, outputs)) / SECONDS
