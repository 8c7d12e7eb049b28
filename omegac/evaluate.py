"""eval and its environments: what programs import that compile code while they run.

Evaluated code is a program of its own. It obeys the permissions, budgets and handlers around it; its effects are
booked, and its errors shown, where the program evaluates it.
"""

from __future__ import annotations

import linecache
import sys
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from hy.models import Symbol as Identifier
from omega_runtime.control.deep import deep
from omega_runtime.lib.arguments import ABSENT, elements
from omega_runtime.lib.registry import primitive
from omega_runtime.places.frames import frame_place
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.symbols import Keyword, Symbol

from omegac.core import External
from omegac.errors import Diagnostics, Malformed, OmegaSyntaxError
from omegac.expand.environment import Macro, Toplevel
from omegac.expand.exchange import Exchange, Symbols
from omegac.expand.fuel import Fuel
from omegac.expand.surroundings import Surroundings
from omegac.interface import VARIABLE, Interface
from omegac.pipeline.evaluation import compiled_forms, globals_of, new_scope
from omegac.pipeline.namespaces import Evaluation, Namespace
from omegac.source import Source, Span
from omegac.transform.situate import attribute_of

if TYPE_CHECKING:
    from omega_runtime.values import Value

# Where a program's globals hold the environment that `(interaction-environment)` is.
SESSION = "__omega_session__"
_ROW = "infer io state control"


class Evaluator:
    """An environment to evaluate in; what is defined there stays there. `outer` is what it was made from."""

    __slots__ = ("_namespace", "_outer", "_scope", "_symbols")

    def __init__(self, outer: Evaluator | None = None) -> None:
        self._scope: Toplevel = new_scope(outer._scope if outer else None)
        self._namespace = Namespace()
        self._outer: object = outer
        self._symbols = Symbols(self._scope)

    def __repr__(self) -> str:
        return "#<environment>"

    @classmethod
    def of_program(cls, names: dict[str, Any]) -> Evaluator:
        """One that sees what a program defines, given its globals."""
        session = cls()
        program = session._outer = Namespace(names)
        interface = Interface.of(names[VARIABLE]) if VARIABLE in names else Interface({})
        for name, binding in interface.bindings(program.module, _lost).items():
            session._scope.bind(Identifier(name, from_parser=True), binding)
            if isinstance(binding, External) and binding.name:
                program.spellings[binding.name] = name
        return session

    def define(self, name: Symbol, value: Value) -> None:
        """Bind a variable, as a definition would."""
        attribute = attribute_of(name.name)
        setattr(self._namespace, attribute, value)
        self._scope.imported.pop(name.name, None)
        identifier = Identifier(name.name, from_parser=True)
        self._scope.bind(identifier, External(self._namespace.module, attribute, is_live=True))

    def evaluate(self, form: Value, procedure: str) -> Value:
        """The value of a form, for a procedure. Raises OmegaError when it doesn't compile, and what it raises."""
        return deep(self._evaluated, form, procedure, *_caller())

    def _evaluated(self, datum: Value, procedure: str, source: Source, line: int, column: int) -> Value:
        use = Identifier(procedure, from_parser=True)
        use.span = Span(line, column, line, column)
        fuel = Fuel(Diagnostics(source))
        try:
            fuel.use(procedure, use)
            form = Exchange(use, self._symbols, fuel, "the data").form(datum)
            evaluation = Evaluation(self._scope, self._namespace.module)
            unit = compiled_forms(source, (form,), Surroundings(), evaluation)
        except OmegaSyntaxError as error:
            first = error.diagnostics[0]
            raise OmegaError(_told(procedure, first.message, first.help)) from None
        except Malformed as error:
            raise OmegaError(_told(procedure, error.diagnostic.message, error.diagnostic.help)) from None
        code, names = globals_of(unit)
        exec(code, names)  # noqa: S102 - that is what eval means; the code does no more than the program may
        return names.get("__result__")


def _told(procedure: str, message: str, help: str | None) -> str:
    return f"{procedure}: {message}" + (f"; {help}" if help else "")


def _lost(name: str) -> Macro:
    """A macro of the program, which isn't there any more when it runs."""

    def transform(form: Any, _: Any, __: Any) -> Any:
        mend = "define it in the code that is evaluated, too"
        raise Malformed(f"{name} is a macro of the program, which only its own text can use", Span.of(form), mend)

    return Macro(name, transform)


def _caller() -> tuple[Source, int, int]:
    """The place in a program that called a procedure of this module: source, line and column."""
    frame = _program_frame()
    place = frame_place(TracebackType(None, frame, frame.f_lasti, frame.f_lineno)) if frame else None
    if frame is None or place is None:
        return Source("eval", ""), 1, 1
    file, line, column = place
    return Source(file, "".join(linecache.getlines(file, frame.f_globals))), line, column


def _program_frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and "__omega_source__" not in frame.f_globals:
        frame = frame.f_back
    return frame


@primitive("interaction-environment", row="state")
def interaction_environment() -> Evaluator:
    """The environment that `eval` uses by itself; it sees what the program defines at its top level."""
    frame = _program_frame()
    names: dict[str, Any] = frame.f_globals if frame else {}
    if SESSION not in names:
        names[SESSION] = Evaluator.of_program(names)
    session: Evaluator = names[SESSION]
    return session


@primitive("eval", row=_ROW)
def eval_(form: Value, environment: Value = ABSENT) -> Value:
    """The value of a form; without an environment in that of `interaction-environment`."""
    if environment is ABSENT:
        return interaction_environment().evaluate(form, "eval")
    return _evaluator("eval", 2, environment).evaluate(form, "eval")


@primitive("environment", row=_ROW)
def environment_(*libraries: Value) -> Evaluator:
    """A new environment with libraries imported, given as in `import`."""
    made = Evaluator()
    made.evaluate(Pair(Symbol("import"), list_from(list(libraries))), "environment")
    return made


@primitive("make-evaluator", row="state")
def make_evaluator(*options: Value) -> Evaluator:
    """A new environment with the library; `:extend` gives it the variables of a list of pairs of name and value."""
    if options and options[0] is not Keyword("extend"):
        raise wrong_type("make-evaluator", 1, "the keyword :extend", options[0])
    if len(options) not in (0, 2):
        raise OmegaError("make-evaluator: :extend needs one list of pairs of name and value")
    return _extended("make-evaluator", Evaluator(), options[1] if options else NIL)


@primitive("eval-in", row=_ROW)
def eval_in(evaluator: Value, form: Value) -> Value:
    """The value of a form in an environment."""
    return _evaluator("eval-in", 1, evaluator).evaluate(form, "eval-in")


@primitive("extend-evaluator", row="state")
def extend_evaluator(evaluator: Value, variables: Value) -> Evaluator:
    """A new environment with all that another one has, and the variables of a list of pairs of name and value."""
    return _extended("extend-evaluator", Evaluator(_evaluator("extend-evaluator", 1, evaluator)), variables)


def _extended(procedure: str, evaluator: Evaluator, variables: Value) -> Evaluator:
    for each in elements(procedure, 2, variables):
        if not isinstance(each, Pair) or type(each.car) is not Symbol:
            raise wrong_type(procedure, 2, "a list of pairs of name and value", variables)
        evaluator.define(each.car, each.cdr)
    return evaluator


def _evaluator(procedure: str, position: int, value: Value) -> Evaluator:
    if not isinstance(value, Evaluator):
        raise wrong_type(procedure, position, "an environment", value)
    return value
