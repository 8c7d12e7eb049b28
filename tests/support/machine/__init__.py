"""The reference for programs whose continuations are entered again: a machine that interprets resolved core."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from omega_runtime.control.deep import deep

from omegac import core
from omegac.analyse.facts import Facts, facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.errors import Diagnostics
from omegac.expand import expand
from omegac.reader import read
from omegac.source import Source
from tests.support.machine.controls import CONTROLS, Control
from tests.support.machine.evaluate import UNDEFINED, Closure, Machine, TooLong, Uncaught

__all__ = ["Prepared", "TooLong", "prepare"]

STEPS_MOST = 200_000


class Prepared:
    """A program that is ready to run, any number of times."""

    def __init__(self, program: core.Program, facts: Facts) -> None:
        self.program = program
        self.facts = facts

    def run(self, tracer: Any = None, steps_most: int = STEPS_MOST) -> Any:
        """The value of the last item. Raises what the program raises, and TooLong when it takes too many steps."""
        machine = Machine({}, steps_most, tracer)
        machine.controls.update({name: Control(machine, name, step) for name, step in CONTROLS.items()})
        definitions = _library().definitions
        machine.globals.update({each.variable: [UNDEFINED] for each in definitions})
        for each in definitions:
            assert isinstance(each.value, core.Lambda)
            closure = machine.globals[each.variable][0] = Closure(machine, each.value, {})
            machine.controls[each.variable.name] = closure
        try:
            return deep(machine.run, self.program.items)
        except Uncaught as ending:
            raise ending.error from None


def prepare(source: Source) -> Prepared:
    """Read, expand and resolve a source. Raises OmegaSyntaxError with every error of it."""
    diagnostics = Diagnostics(source)
    program = resolve(expand(read(source, diagnostics), diagnostics).program, diagnostics)
    facts = facts_of(program)
    lint(program, facts, diagnostics)
    diagnostics.check()
    return Prepared(program, facts)


@cache
def _library() -> core.Program:
    path = Path(__file__).parent / "library.omega"
    source = Source(path.name, path.read_text(encoding="utf-8"))
    diagnostics = Diagnostics(source)
    program = resolve(expand(read(source, diagnostics), diagnostics).program, diagnostics, is_own=True)
    diagnostics.check()
    return program
