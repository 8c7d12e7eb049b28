"""The reference for programs whose continuations are entered again: a machine that interprets resolved core."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omega_runtime.control.deep import deep

from omegac import core
from omegac.analyse.facts import Facts, facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.errors import Diagnostics
from omegac.expand import expand
from omegac.library import has_entry, library
from omegac.reader import read
from omegac.source import Source
from omegac.traverse import walk
from tests.support.machine.controls import CONTROLS, Control
from tests.support.machine.evaluate import Applicable, Closure, Machine, TooLong, Uncaught

if TYPE_CHECKING:
    from tests.support.machine.tracing import Tracer

__all__ = ["Prepared", "TooLong", "prepare"]

STEPS_MOST = 200_000


class Prepared:
    """A program that is ready to run, any number of times."""

    def __init__(self, program: core.Program, facts: Facts) -> None:
        self.program = program
        self.facts = facts

    def run(self, tracer: Tracer | None = None, steps_most: int = STEPS_MOST) -> Any:
        """The value of the last item. Raises what the program raises, and TooLong when it takes too many steps."""
        machine = Machine(steps_most, tracer)
        for name, step in CONTROLS.items():
            _replace(machine, name, Control(machine, name, step))
        for each in _library().definitions:
            assert isinstance(each.value, core.Lambda)
            closure = Closure(machine, each.value, {})
            machine.globals[each.variable] = [closure]
            _replace(machine, each.variable.name, closure)
        try:
            return deep(machine.run, self.program.items)
        except Uncaught as ending:
            raise ending.error from None


def prepare(source: Source) -> Prepared:
    """Read, expand and resolve a source.

    Raises OmegaSyntaxError with every error of it, and NotImplementedError for what the machine cannot do.
    """
    prepared: Prepared = deep(_prepare, source)
    return prepared


def _prepare(source: Source) -> Prepared:
    diagnostics = Diagnostics(source)
    program = resolve(expand(read(source, diagnostics), diagnostics).program, diagnostics)
    facts = facts_of(program)
    lint(program, facts, diagnostics)
    diagnostics.check()
    _check_known(program)
    return Prepared(program, facts)


def _check_known(program: core.Program) -> None:
    """Refuse library procedures that would call others, or change what is around, behind the machine's back."""
    known = {library()[name].function for name in CONTROLS.keys() | _library_names() if name in library()}
    for item in program.items:
        for node in walk(item):
            if isinstance(node, core.Builtin) and has_entry(node.name) and library()[node.name].function not in known:
                raise NotImplementedError(f"the machine does not know {node.name}")


def _replace(machine: Machine, name: str, procedure: Applicable) -> None:
    """Let a procedure stand for one of the library."""
    machine.controls[name] = procedure
    if name in library():
        machine.controls[library()[name].function] = procedure


def _library_names() -> set[str]:
    return {each.variable.name for each in _library().definitions}


@cache
def _library() -> core.Program:
    path = Path(__file__).parent / "library.omega"
    source = Source(path.name, path.read_text(encoding="utf-8"))
    diagnostics = Diagnostics(source)
    program = resolve(expand(read(source, diagnostics), diagnostics).program, diagnostics, is_own=True)
    diagnostics.check()
    return program
