"""A process that makes calls until its budget is used up, and says on stdout what each was billed.

Its argument is JSON: path, limit, name, lease, calls, threads, seed, and `stop_at`: the number of the call in which
it says "calling" and waits for a line on stdin. With `waits` it waits for one at first, when it has said "open".
"""

from __future__ import annotations

import contextvars
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from omega_runtime import BudgetExceeded, Reply, budget, configure
from omega_runtime.calls import infer
from omega_runtime.models.provider import Provider
from omega_runtime.models.request import Request
from omega_runtime.places import Site

SITE = Site("worker.omega", 1, 2, "infer.op", "main", 1)


class Answering(Provider):
    """A provider that bills what a function says, and keeps to the limits of its requests."""

    name = default_model = "answering"

    def __init__(self, complete: Callable[..., Reply]) -> None:
        self.complete = complete  # type: ignore[method-assign]

    def bound(self, request: Request) -> int:
        return 6


def main(options: dict[str, Any]) -> None:
    chance = random.Random(options.get("seed", 0))
    lock = threading.Lock()
    calls = 0

    def say(*words: object) -> None:
        # One write, so that a line is there whole or not at all.
        sys.stdout.write(" ".join(map(str, words)) + "\n")
        sys.stdout.flush()

    def answer(request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        nonlocal calls
        with lock:
            calls += 1
            number = calls
            tokens = chance.randint(1, max_tokens)
        if number == options.get("stop_at"):
            say("calling")
            sys.stdin.readline()
        time.sleep(options.get("latency", 0.004))
        say("billed", tokens + 5)
        return Reply("answer", 5, tokens)

    def work() -> None:
        for _ in range(options.get("calls", 1_000_000)):
            try:
                infer(SITE, "prompt", max_tokens=50)
            except BudgetExceeded:
                return

    configure(lease=options.get("lease", 60), provider=Answering(answer))
    with budget(tokens=options["limit"], ledger=options["path"], name=options.get("name", "job")):
        say("open")
        if options.get("waits"):
            sys.stdin.readline()
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(work,))
            for _ in range(options.get("threads", 1))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    say("done")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
