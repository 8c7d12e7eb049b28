"""`python -m benchmarks.instructions [REV]`: instructions that a few whole processes take, counted by valgrind.

Instructions are the same on a machine that is busy, so that small changes show; how long they take, they don't tell.
With a commit, its counts stand beside those of the working tree.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from benchmarks.trees import WORKING, Tree, cache_in, tree_of

FOLDER = Path(__file__).parent / "programs"
# A difference that is smaller comes from addresses, by which some tables are in another order.
LEAST = 0.005

_PROGRAM = "import sys; sys.path.insert(0, {folder!r}); import {name}; {around}{name}.run({size})"
_SILENT = "import omega_runtime, benchmarks.ledger as b; omega_runtime.configure(provider=b.Silent()); "
SIZES = {"fib": 17, "sort": 2_000, "strings": 5_000, "tables": 5_000, "effects": 20_000}
"""The programs that are counted, with sizes that keep them short."""

_COLLECTED = re.compile(r"Collected\s*:\s*(\d+)")


def codes(folder: Path) -> dict[str, str]:
    """What is counted, by name: Python's code, for which the folder has the compiled programs."""
    found = {
        "python": "pass",
        "import omega_runtime": "import omega_runtime.compiled",
        "import sort": f"import sys; sys.path.insert(0, {str(folder)!r}); import sort",
        "compile": _compiling("queens"),
    }
    for name, size in SIZES.items():
        around = (
            _SILENT + "\nwith omega_runtime.budget(b.LIMIT), omega_runtime.budget(b.LIMIT): "
            if name == "effects"
            else ""
        )
        found[name] = _PROGRAM.format(folder=str(folder), name=name, size=size, around=around)
    return found


def _compiling(name: str) -> str:
    return f"from omegac.modules import compile_file; compile_file({str(FOLDER / name)!r} + '.omega').text()"


def counts(tree: Tree) -> dict[str, int]:
    """How many instructions each of `codes` takes in a tree, without those that Python itself takes."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SIZES:
            source, target = FOLDER / f"{name}.omega", Path(folder) / f"{name}.py"
            text = f"import sys; from omegac.modules import compile_file; print(compile_file({str(source)!r}).text())"
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-c", text], cwd=tree.files, env=tree.environment, capture_output=True, check=True
            )
            target.write_bytes(done.stdout)
        environment = {**tree.environment, **cache_in(folder), "PYTHONHASHSEED": "0"}
        found = {name: _instructions(code, tree, environment) for name, code in codes(Path(folder)).items()}
    python = found.pop("python")
    return {name: count - python for name, count in found.items()}


def _instructions(code: str, tree: Tree, environment: dict[str, str]) -> int:
    """How many instructions a process takes, the second time, when all its bytecode is cached."""
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=tree.files, env=environment, check=True)  # noqa: S603
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run(  # noqa: S603
        [*valgrind, *command], cwd=tree.files, env=environment, capture_output=True, text=True, check=True
    )
    collected = _COLLECTED.search(done.stderr)
    if collected is None:
        raise click.ClickException(f"valgrind says nothing of instructions: {done.stderr[-500:]}")
    return int(collected[1])


def verdict(before: int, after: int) -> str:
    """What two counts say."""
    if after > before * (1 + LEAST):
        return "more"
    return "fewer" if after < before * (1 - LEAST) else ""


@click.command()
@click.argument("before", required=False)
def main(before: str | None) -> None:
    """Count the instructions of the working tree, beside those of BEFORE; exit with 1 when something takes more."""
    if shutil.which("valgrind") is None:
        raise click.ClickException("valgrind is not installed")
    with ExitStack() as stack:
        earlier = counts(stack.enter_context(tree_of(before))) if before else {}
    verdicts = []
    for name, count in counts(WORKING).items():
        line = f"{name:22} {count / 1e6:9.1f} million"
        if name in earlier:
            verdicts.append(verdict(earlier[name], count))
            line += f"  {earlier[name] / 1e6:9.1f} before  {count / earlier[name]:.3f}  {verdicts[-1]}"
        click.echo(line.rstrip())
    sys.exit("more" in verdicts)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.instructions")
