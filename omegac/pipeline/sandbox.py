"""Running the transformers of macros: at compile time, without effects, and for so many steps only.

A transformer may use the library where that touches nothing outside, macros, and what the file defines; of that it gets
values of its own, which the program never sees.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hy.models import Expression, Object, Symbol
from omega_runtime.diagnostics.blame import translated
from omega_runtime.values.errors import condition_text

from omegac.backend.build import call
from omegac.core import External, Variable
from omegac.errors import Diagnostic, Malformed, OmegaSyntaxError
from omegac.expand.environment import Macro, Toplevel, key_of
from omegac.expand.surroundings import Surroundings
from omegac.forms import Dotted, VectorForm
from omegac.library import arity_of
from omegac.pipeline.evaluation import compiled_forms, globals_of, new_scope
from omegac.pipeline.namespaces import Evaluation, Namespace
from omegac.source import Source, Span

STEPS_MAX = 1_000_000


class _Exhausted(BaseException):
    """There are no steps left; no guard sees it."""


class Sandbox:
    """What runs the transformers of one scope of a source."""

    def __init__(self, source: Source, home: Toplevel) -> None:
        self._source = source
        self._home = home
        self._namespace = Namespace()
        self._scope = new_scope()
        self._provided: set[object] = set()
        self._missing: dict[str, Diagnostic] = {}
        self._steps = STEPS_MAX

    def procedure(self, form: Object) -> Callable[..., Any]:
        """The procedure that an expression gives. Raises Malformed."""
        self._provide(form)
        value = self._run(form)
        if not callable(value):
            raise Malformed("a transformer must be a procedure", Span.of(form))
        procedure: Callable[..., Any] = value
        return procedure

    def call(self, procedure: Callable[..., Any], arguments: Sequence[Any], macro: str, use: Object) -> Any:
        """What a procedure gives for a use of a macro. Raises Malformed for an error, and when it takes too long."""
        if not arity_of(procedure).accepts(len(arguments)):
            raise Malformed(f"the macro {macro} takes {arity_of(procedure)}, but gets {len(arguments)}", Span.of(use))
        return self._checked(lambda: procedure(*arguments), f"the macro {macro}", use)

    def _checked(self, run: Callable[[], Any], what: str, place: Object) -> Any:
        try:
            with self._counted():
                return run()
        except _Exhausted:
            problem = f"the macros of this source take more than {STEPS_MAX:,} steps, here in {what}"
            raise Malformed(problem, Span.of(place), "a procedure that calls itself must come to an end") from None
        except Exception as error:
            problem = condition_text(translated(error))
            missing = self._missing.get(problem.removeprefix("unbound variable: "))
            if missing is not None:
                problem = f"{missing.message}, on line {missing.span.line}"
            raise Malformed(f"{what}: {problem}", Span.of(place)) from None

    def _provide(self, form: Object) -> None:
        """Make what the home scope has for the names in a form known here: macros, and what it defines."""
        for symbol in _symbols(form):
            key = key_of(symbol)
            if key in self._provided:
                continue
            self._provided.add(key)
            binding = self._home.bindings.get(key)
            if isinstance(binding, Macro):
                self._scope.bindings[key] = binding
            elif isinstance(binding, Variable | External) and key in self._home.definitions:
                definition = self._home.definitions[key]
                self._provide(definition)
                try:
                    self._run(definition)
                except Malformed as error:
                    # Whoever needs it will say so.
                    self._missing[str(symbol)] = error.diagnostic

    def _run(self, form: Object) -> Any:
        evaluation = Evaluation(self._scope, self._namespace.module, is_sandbox=True)
        try:
            unit = compiled_forms(self._source, (form,), Surroundings(), evaluation)
        except OmegaSyntaxError as error:
            first = error.diagnostics[0]
            raise Malformed(first.message, first.span, first.help) from None
        code, names = globals_of(unit, _with_steps)
        names[_STEP] = _step
        self._checked(lambda: exec(code, names), "what macros need", form)  # noqa: S102 - it touches nothing outside
        return names.get("__result__")

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count the steps of what runs inside: calls and lines."""

        def trace(*_: Any) -> Any:
            self._steps -= 1
            if self._steps < 0:
                raise _Exhausted
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)


# Python doesn't tell of the steps of a loop that has nothing in it; no program can write this name.
_STEP = "%step"


def _step() -> None:
    """A step of a loop."""


def _with_steps(tree: ast.Module) -> None:
    """Let each round of a loop be a step."""
    for node in ast.walk(tree):
        if isinstance(node, ast.While):
            node.body.insert(0, ast.copy_location(ast.Expr(call(_STEP)), node))
    ast.fix_missing_locations(tree)


def _symbols(form: Object) -> Iterator[Symbol]:
    if isinstance(form, Symbol):
        yield form
    elif isinstance(form, Expression | Dotted | VectorForm):
        for item in form:
            yield from _symbols(item)
