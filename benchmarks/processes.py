"""What whole processes take, beside those that do nothing: the command line the second time, compiling, and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from omega_runtime.acceleration import IS_ACCELERATED

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

_MEMORY = """(define (pairs count)
  (do ((left count (- left 1)) (kept '() (cons #t kept)))
      ((= left 0) kept)))

(define (ping rounds)
  (if (= rounds 0) #t (pong (- rounds 1))))

(define (pong rounds)
  (if (= rounds 0) #f (ping (- rounds 1))))
"""
_GROWING = {
    "1,000,000 pairs": ("memory.pairs({})", 1_000_000),
    "a tail loop of 10,000,000 rounds": ("memory.ping({})", 10_000_000),
}
# The most that was resident: what Linux says of the process itself, as `ru_maxrss` begins with what its parent had.
_MOST_RESIDENT = """
import memory, sys
kept = {call}
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


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


def memory_growth(rounds: int) -> dict[str, Spread]:
    """By how many megabytes (10^6 bytes) a process grows that makes pairs, or goes round a tail loop.

    Each is compared with a process of the same program that makes one pair, or goes round once. Empty but on Linux.
    """
    if not Path("/proc/self/status").exists():
        return {}
    kinds = {"with the accelerator": "", "pure Python": "1"} if IS_ACCELERATED else {"pure Python": "1"}
    found: dict[str, Spread] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = _written(folder, "memory", _MEMORY)
        _run(["-m", "omegac", "compile", str(source), "-o", str(source.with_suffix(".py"))], folder)
        for kind, is_pure in kinds.items():
            for what, (call, count) in _GROWING.items():
                grown = []
                for _ in range(rounds):
                    least, most = (_resident(call.format(number), folder, is_pure) for number in (1, count))
                    grown.append(round(most - least, 1) or 0.0)  # not -0.0
                found[f"{what}, {kind}"] = spread(grown)
    return found


def _resident(call: str, folder: str, is_pure: str) -> float:
    """Megabytes of a process that has made a call and keeps what it gave."""
    printed = _run(["-c", _MOST_RESIDENT.format(call=call)], folder, {"OMEGAC_PURE": is_pure})
    return int(printed) * 1024 / 1e6


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
    start = time.perf_counter()
    _run(arguments, folder)
    return time.perf_counter() - start


def _run(arguments: list[str], folder: str, more: dict[str, str] | None = None) -> bytes:
    """What a Python prints that runs in a folder, where it has its caches; with more in its environment."""
    around = {**os.environ, **cache_in(folder), "XDG_CACHE_HOME": folder, **(more or {})}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=around, capture_output=True, check=True).stdout  # noqa: S603
