"""How long whole processes take, beside a Python that does nothing: the command line the second time, and compiling."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Spread, spread
from benchmarks.trees import cache_in

_HELLO = '(display "hello")\n'
_DEFINITIONS = """(define (count-{number} items total)
  "Counts what is not zero."
  (cond ((null? items) total)
        ((= (car items) 0) (count-{number} (cdr items) total))
        (else (count-{number} (cdr items) (+ total 1)))))

(define (price-{number} tokens)
  (let ((dollars (* tokens 0.000003)))
    (if (> dollars 1) 1 dollars)))

"""
_LINES = len(_DEFINITIONS.splitlines())
SIZES = (2_000, 20_000)
"""How many lines are compiled."""


def start_up_times(rounds: int) -> dict[str, Spread]:
    """Milliseconds that processes take more than Python itself, bytecode and programs cached; measured in turn."""
    with tempfile.TemporaryDirectory() as folder:
        hello = _written(folder, "hello", _HELLO)
        compiled = Path(folder) / "hello.py"
        _seconds(["-m", "omegac", "compile", str(hello), "-o", str(compiled)], folder)
        commands = {
            "import omega_runtime": ["-c", "import omega_runtime"],
            "import of a compiled module": ["-c", "import hello"],
            "omegac run, the second time": ["-m", "omegac", "run", str(hello)],
        }
        milliseconds: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            bare = _seconds(["-c", "pass"], folder)
            for name, command in commands.items():
                taken = (_seconds(command, folder) - bare) * 1000
                if number:  # the first writes bytecode and the compiled program
                    milliseconds[name].append(taken)
    return {name: spread(values) for name, values in milliseconds.items()}


def lines_per_second(rounds: int) -> dict[str, Spread]:
    """How many lines of a generated source `omegac compile` compiles in a second of processor time, by its size."""
    found: dict[str, Spread] = {}
    with tempfile.TemporaryDirectory() as folder:
        least = _written(folder, "least", _HELLO)
        _compiling_seconds(least, folder)  # writes the bytecode
        for lines in SIZES:
            text = "".join(_DEFINITIONS.format(number=number) for number in range(lines // _LINES))
            source = _written(folder, f"lines_{lines}", text)
            rates = []
            for _ in range(rounds):
                start = _compiling_seconds(least, folder)
                rates.append(len(text.splitlines()) / (_compiling_seconds(source, folder) - start))
            found[f"{lines:,} lines"] = spread(rates)
    return found


def _written(folder: str, name: str, text: str) -> Path:
    path = Path(folder) / f"{name}.omega"
    path.write_text(text, encoding="utf-8")
    return path


def _compiling_seconds(source: Path, folder: str) -> float:
    """Seconds of processor time for a compilation to a new file."""
    target = source.with_suffix(".py")
    target.unlink(missing_ok=True)
    before = os.times()
    _seconds(["-m", "omegac", "compile", str(source), "-o", str(target)], folder)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _seconds(arguments: list[str], folder: str) -> float:
    cache = {**cache_in(folder), "XDG_CACHE_HOME": folder}
    command = [sys.executable, *arguments]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env={**os.environ, **cache}, capture_output=True, check=True)  # noqa: S603
    return time.perf_counter() - start
