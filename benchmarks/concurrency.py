"""`python -m benchmarks.concurrency`: how long a map of calls takes, against a Messages API that answers after 50 ms.

With N jobs, the calls of 200 documents take at best ceil(200 / N) times 50 ms; what a loop in Python takes is measured.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter
from unittest.mock import patch

import click
import omega_runtime
from omega_runtime.testing import fresh_ledger

from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.counting_server import LATENCY, CountingServer
from tests.support.quick_server import quick_server

PROGRAM = """
(define (ask document) (effect infer.op (list "Summary: " document) max-tokens: 60))
(define (ask-all documents) (map ask documents))
"""
DOCUMENTS = [f"Document {n} of the harbour office." for n in range(200)]
JOBS = (1, 8, 32)
AT_ONCE = 1_000
# How long the caller's loop sleeps between two looks at the clock, in seconds.
_NAP = 0.005


def seconds_of(names: dict[str, object], jobs: int, plain: bool = False) -> float:
    """How long all documents take, with so many jobs; or one by one in a loop of Python."""
    ask, ask_all = names["ask"], names["ask_all"]
    assert callable(ask)
    assert callable(ask_all)
    with fresh_ledger(), omega_runtime.configure(jobs=jobs), omega_runtime.budget(tokens=10_000_000):
        start = perf_counter()
        answers = [ask(each) for each in DOCUMENTS] if plain else list(ask_all(DOCUMENTS))
        seconds = perf_counter() - start
    assert len(answers) == len(DOCUMENTS)
    return seconds


def serve(connection: Connection) -> None:
    """A server that answers until it hears something; in a process of its own, so that it slows no calls down."""
    with CountingServer(1, output=(10, 20)) as server:
        connection.send(server.url)
        connection.recv()


@contextmanager
def server() -> Iterator[str]:
    """The address of such a server."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    yield here.recv()
    here.send("enough")
    process.join()


async def stalls_of(count: int) -> tuple[float, float]:
    """How long so many calls of `ask_async` take at once, and the longest time that the loop came late, in seconds."""
    latest = 0.0

    async def watch() -> None:
        nonlocal latest
        while True:
            start = perf_counter()
            await asyncio.sleep(_NAP)
            latest = max(latest, perf_counter() - start - _NAP)

    await omega_runtime.ask_async("The SDK is imported.")
    watching = asyncio.create_task(watch())
    async with omega_runtime.budget(tokens=10_000_000):
        calls = [omega_runtime.ask_async(f"call {n}") for n in range(count)]
        await asyncio.sleep(2 * _NAP)
        latest, start = 0.0, perf_counter()
        await asyncio.gather(*calls)
        seconds = perf_counter() - start
    watching.cancel()
    return seconds, latest


@click.command()
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Runs of each; the best counts."
)
def main(rounds: int) -> None:
    """Print the times as ratios."""
    names: dict[str, object] = {"__name__": "program"}
    exec(compile_source(Source("concurrency.omega", PROGRAM)).code(), names)  # noqa: S102 (the program above)
    with server() as url:
        address = {"ANTHROPIC_API_KEY": "none", "ANTHROPIC_BASE_URL": url}
        with patch.dict(os.environ, address), omega_runtime.configure(model="claude-sonnet-4-6"):
            seconds_of(names, max(JOBS))  # the SDK is imported, and connections are open
            loop = min(seconds_of(names, 1, plain=True) for _ in range(rounds))
            click.echo(f"a loop in Python: {loop:.2f} s for {len(DOCUMENTS)} calls of {LATENCY * 1000:.0f} ms")
            for jobs in JOBS:
                seconds = min(seconds_of(names, jobs) for _ in range(rounds))
                best = ceil(len(DOCUMENTS) / jobs) * LATENCY
                ratios = f"{seconds / best:.2f} of the best, {seconds / loop:.3f} of the loop"
                click.echo(f"--jobs {jobs:2}: {seconds:.2f} s, {ratios}")
    with (
        quick_server() as url,
        patch.dict(os.environ, {"ANTHROPIC_API_KEY": "none", "ANTHROPIC_BASE_URL": url}),
        omega_runtime.configure(model="claude-sonnet-4-6", max_tokens=50),
    ):
        runs = [asyncio.run(stalls_of(AT_ONCE)) for _ in range(2 * rounds)]
    late = ", ".join(f"{latest * 1000:.0f}" for _, latest in sorted(runs, key=lambda run: run[1]))
    click.echo(f"{AT_ONCE:,} calls of ask_async at once: {min(runs)[0]:.2f} s; the loop came late by at most {late} ms")


if __name__ == "__main__":
    main()
