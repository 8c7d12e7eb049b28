"""From a source to its value, by interpretation."""

from __future__ import annotations

from typing import Any

from omega_runtime.control.deep import deep

from benchmarks.interpreter.closures import Closures
from benchmarks.interpreter.procedures import Code, Value
from benchmarks.interpreter.scopes import UNDEFINED, Scope
from omegac import core
from omegac.analyse.facts import facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.errors import Diagnostics
from omegac.expand import expand
from omegac.reader import read
from omegac.source import Source
from omegac.traverse import value_of


class Interpreted:
    """A program that is ready to run; `run` it once."""

    def __init__(self, source: Source, program: core.Program) -> None:
        self._cells = {definition.variable: definition.variable.name for definition in program.definitions}
        self._closures = Closures(source.name, list(self._cells))
        self._items = [(self._cell(item), self._code(item)) for item in program.items]

    def _cell(self, item: core.Item) -> list[Value] | None:
        return self._closures.cells[item.variable] if isinstance(item, core.Define) else None

    def _code(self, item: core.Item) -> Code:
        node = value_of(item)
        return self._closures.code(node, Scope((), None, procedure=""))

    def run(self) -> dict[str, Any]:
        """Evaluate the program; its top-level values by their Omega names.

        The value of a last expression is there as `__result__`. Raises what the program raises.
        """
        result = deep(self._run)
        values = {name: self._closures.cells[variable][0] for variable, name in self._cells.items()}
        named = {name: value for name, value in values.items() if value is not UNDEFINED}
        return {**named, "__result__": result}

    def _run(self) -> Value:
        result = None
        for cell, code in self._items:
            result = code([])
            if cell is not None:
                cell[0], result = result, None
        return result


def prepare(source: Source) -> Interpreted:
    """Read, expand and resolve a source. Raises OmegaSyntaxError with every error of it."""
    prepared: Interpreted = deep(_prepare, source)
    return prepared


def _prepare(source: Source) -> Interpreted:
    diagnostics = Diagnostics(source)
    program = resolve(expand(read(source, diagnostics), diagnostics).program, diagnostics)
    lint(program, facts_of(program), diagnostics)
    diagnostics.check()
    return Interpreted(source, program)


def interpret(source: Source) -> dict[str, Any]:
    """The top-level values of a program, and its last expression's as `__result__`; see `Interpreted.run`."""
    return prepare(source).run()
