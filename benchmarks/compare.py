"""`python -m benchmarks.compare REV [REV]`: which programs got slower or faster between two commits, beyond noise.

The second commit is the working tree where it isn't given. Both run side by side, the programs those of this tree, each
compiled by the compiler of its commit: whatever disturbs the one disturbs the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from benchmarks.measure import Spread, ratios
from benchmarks.programs import PROGRAMS
from benchmarks.trees import WORKING, Tree, tree_of

FOLDER = Path(__file__).parent / "programs"
# A difference that is smaller counts as none, however sure it is.
LEAST = 0.02

# What runs in the tree of a commit: a program for each line that it is sent, and the seconds that it took.
_WORKER = """
import gc, json, sys, time
from omega_runtime.control.deep import deep
from omegac.modules import compile_file
from benchmarks.contenders import silent_model
def work():
    runs = {}
    with silent_model():
        for line in sys.stdin:
            path, size = json.loads(line)
            if path not in runs:
                names = {"__name__": "program"}
                exec(compile_file(path).code(), names)
                runs[path] = names["run"]
                runs[path](size)
            gc.collect()
            start = time.process_time()
            runs[path](size)
            print(time.process_time() - start, flush=True)
deep(work)
"""


class Worker:
    """A process with the compiler and the run time of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _WORKER],
            cwd=tree.files,
            env=tree.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, name: str) -> float:
        """How long one run of a program takes. Raises ClickException when the program fails in this tree."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([str(FOLDER / f"{name}.omega"), PROGRAMS[name][1]]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise click.ClickException(f"{name} doesn't run in {self._process.args!r}")
        return float(answer)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def verdict(ratio: Spread) -> str:
    """What the ratio of the second commit's times to the first's says: three of four rounds must agree."""
    if ratio.low > 1 + LEAST:
        return "slower"
    return "faster" if ratio.high < 1 - LEAST else ""


@click.command()
@click.argument("before")
@click.argument("after", required=False)
@click.option("--rounds", default=11, show_default=True, type=click.IntRange(min=2), help="Runs of each program.")
@click.option("--program", "programs", multiple=True, type=click.Choice(list(PROGRAMS)), help="Only this one.")
def main(before: str, after: str | None, rounds: int, programs: tuple[str, ...]) -> None:
    """Say for each program how its time in AFTER compares with that in BEFORE; exit with 1 when one got slower."""
    with ExitStack() as stack:
        trees = (stack.enter_context(tree_of(before)), stack.enter_context(tree_of(after)) if after else WORKING)
        workers = [Worker(tree) for tree in trees]
        for worker in workers:
            stack.callback(worker.close)
        verdicts = []
        for name in programs or PROGRAMS:
            seconds: list[list[float]] = [[], []]
            for number in range(rounds):
                for side in (0, 1) if number % 2 else (1, 0):
                    seconds[side].append(workers[side].seconds(name))
            ratio = ratios(seconds[1], seconds[0])
            verdicts.append(verdict(ratio))
            click.echo(f"{name:12} {ratio}  {verdicts[-1]}")
    sys.exit("slower" in verdicts)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.compare")
