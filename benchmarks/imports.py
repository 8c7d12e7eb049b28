"""How long the import of a compiled module takes, in a new process and with its bytecode cached."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.contenders import FOLDER
from benchmarks.measure import Spread, spread
from benchmarks.trees import cache_in
from omegac.modules import compile_file

# The module that stands for each kind; "" is an empty one.
KINDS = {"an empty module": "", "a module without effects": "trees", "a module with effects": "effects"}
_PROGRAM = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def import_times(rounds: int) -> dict[str, Spread]:
    """Milliseconds for the import of each of KINDS, measured in turn."""
    milliseconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        modules = {kind: _module(Path(folder), i, name) for i, (kind, name) in enumerate(KINDS.items())}
        for module in modules.values():
            _import_seconds(folder, module)  # writes the bytecode
        for _ in range(rounds):
            for kind, module in modules.items():
                milliseconds[kind].append(_import_seconds(folder, module) * 1000)
    return {kind: spread(values) for kind, values in milliseconds.items()}


def _module(folder: Path, number: int, name: str) -> str:
    text = compile_file(FOLDER / f"{name}.omega").text() if name else ""
    module = f"imported_{number}"
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    return module


def _import_seconds(folder: str, module: str) -> float:
    command = [sys.executable, "-c", _PROGRAM.format(module)]
    environment = {**os.environ, **cache_in(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)
