"""How close `parallel-map` on Ray comes to what its workers could do at best.

`python -m benchmarks.workers` needs Ray: `pip install 'omegac[ray]'`. Each call takes 50 ms and no processor.
"""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import ModuleType
from typing import Any

import click
import omega_runtime
from omega_runtime.values.pairs import list_from

from benchmarks.sleeping import SECONDS, sleep, sleeping_model

_PROGRAM = """
(define (ask number) (effect infer.op (number->string number)))
(define (everything procedure data) (parallel-map procedure data))
"""


def _program() -> dict[str, Any]:
    from omegac.pipeline import compile_source
    from omegac.source import Source

    module = ModuleType("program")
    exec(compile_source(Source("program.omega", _PROGRAM)).code(), vars(module))  # noqa: S102
    return vars(module)


@click.command()
@click.option("--calls", default=2_000, show_default=True)
@click.option("--workers", default=4, show_default=True)
@click.option("--jobs", default=8, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--ledger", help="The URL of a server; a file otherwise.")
def command(calls: int, workers: int, jobs: int, rounds: int, ledger: str | None) -> None:
    """Seconds for so many calls, beside those of waiting alone: without a model, and with budgets and a journal."""
    program, numbers = _program(), list_from(range(calls))
    ideal = math.ceil(calls / (workers * jobs)) * SECONDS
    with TemporaryDirectory() as folder, omega_runtime.use_model(sleeping_model):
        where = ledger or str(Path(folder) / "bench.ledger")
        with omega_runtime.budget(tokens=10**9, ledger=where, name="bench", run="bench"):
            begun = perf_counter()
            with omega_runtime.workers("ray", workers, jobs=jobs):
                click.echo(f"{workers} workers x {jobs}: up after {perf_counter() - begun:.1f} s; ideal {ideal:.2f} s")
                for name, procedure in (("no model", sleep), ("calls to a model", program["ask"])):
                    for _ in range(rounds):
                        begun = perf_counter()
                        program["everything"](procedure, numbers)
                        seconds = perf_counter() - begun
                        click.echo(f"{name:16}: {seconds:.2f} s, {seconds / ideal:.2f} of ideal")


if __name__ == "__main__":
    command(prog_name="python -m benchmarks.workers")
