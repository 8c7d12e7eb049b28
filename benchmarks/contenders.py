"""The ways to run a program: by hand in Python, compiled, in Hy, interpreted."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import hy
import omega_runtime
from hy.compiler import hy_compile

from benchmarks.interpreter import interpret
from benchmarks.ledger import LIMIT, Silent
from omegac.cli import COLLECTOR_THRESHOLDS
from omegac.modules import compile_file
from omegac.pipeline import read_source

FOLDER = Path(__file__).parent / "programs"
REFERENCE = "Python"
LITERAL = "literal"
INTERPRETER = "interpreter"

Run = Callable[[int], object]


def contenders(name: str) -> dict[str, Run]:
    """The `run` procedure of a program for each way; the hand-written Python comes first.

    The literal way is there where it differs from that.
    """
    literal = FOLDER / "literal" / f"{name}.py"
    others = {LITERAL: importlib.import_module(f"benchmarks.programs.literal.{name}").run} if literal.exists() else {}
    return {
        REFERENCE: importlib.import_module(f"benchmarks.programs.{name}").run,
        **others,
        "compiled": _under_omegac(compiled(name)["run"]),
        "Hy": _hy(name)["run"],
        INTERPRETER: _under_omegac(interpret(read_source(FOLDER / f"{name}.omega"))["run"]),
    }


def _under_omegac(run: Run) -> Run:
    """A run whose garbage is collected as often as `omegac run` has it collected."""

    def running(size: int) -> object:
        thresholds = gc.get_threshold()
        gc.set_threshold(*COLLECTOR_THRESHOLDS)
        try:
            return run(size)
        finally:
            gc.set_threshold(*thresholds)

    return running


def compiled(name: str) -> dict[str, Any]:
    """What a program defines, run as `omegac run` does it."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile_file(FOLDER / f"{name}.omega").code(), names)  # noqa: S102
    return names


def _hy(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.hy"
    module = ModuleType(name)
    tree = hy_compile(hy.read_many(path.read_text(encoding="utf-8"), str(path)), module)
    exec(compile(tree, str(path), "exec"), module.__dict__)  # noqa: S102
    return module.__dict__


@contextmanager
def silent_model() -> Iterator[None]:
    """Calls inside go to a model that answers at once, and count on three budgets, one inside the other."""
    with (
        omega_runtime.configure(provider=Silent()),
        omega_runtime.budget(LIMIT),
        omega_runtime.budget(LIMIT),
        omega_runtime.budget(LIMIT),
    ):
        yield
