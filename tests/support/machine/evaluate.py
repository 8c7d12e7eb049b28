"""A machine that interprets resolved core, a step at a time, with its continuation on the heap.

It is the reference for programs whose continuations are entered again, and shares nothing with how those are
compiled: there are no passes, no analyses and no Python stack, only the nodes and the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from omega_runtime.calls import Site, infer
from omega_runtime.calls.effects import OPERATIONS
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.lib.conditions import raisable
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import make_values
from omega_runtime.values.pairs import list_from
from omega_runtime.values.parameters import Parameter
from omega_runtime.values.printing import short_text

from benchmarks.interpreter.records import RECORD_OPERATIONS, record_class
from omegac import core
from omegac.core import Node, Variable
from omegac.library import arity_of, library
from tests.support.machine import frames
from tests.support.machine.frames import Frame, Root, State, Then, Value
from tests.support.machine.resumptions import resumes_last

if TYPE_CHECKING:
    from tests.support.machine.tracing import Tracer

Environment = dict[Variable, list[Value]]
Operands = Callable[[tuple[Value, ...], Frame], State]
"""Goes on with the values of operands."""
UNDEFINED = object()
CONDITION = Variable("condition", hidden=True)
GONE = (
    "this continuation was captured in a call that has returned to Python, or to a procedure that is not compiled to "
    "be entered again; it cannot be entered any more"
)
RETURNED = "the handler returned from an error that cannot be continued:"


class TooLong(BaseException):
    """A run took more steps than it may."""


class Leave(BaseException):
    """Ends a run within a call of Python; the run around travels on, from `here`."""

    def __init__(self, left: Root, target: Frame, arrived: Callable[[], State]) -> None:
        assert left.below is not None
        self.left, self.here, self.target, self.arrived = left, left.below, target, arrived


class Applicable:
    """Something that the machine calls in a way of its own, and Python by a run within the one under way."""

    machine: Machine
    __omega_name__: str

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        """The state that a call leads to."""
        raise NotImplementedError

    def __call__(self, *operands: Value) -> Value:
        root = Root(self.machine.here)
        return self.machine.work(self.machine.apply(self, operands, root), root)


class Closure(Applicable):
    """A procedure and its environment."""

    def __init__(self, machine: Machine, node: core.Lambda, environment: Environment) -> None:
        self.machine, self.node, self.environment = machine, node, environment
        self.__omega_name__ = node.name or "<lambda>"

    def takes(self, count: int) -> bool:
        """Whether a call with so many arguments fits."""
        least = len(self.node.parameters)
        return count == least or (count > least and self.node.rest is not None)

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        node, count = self.node, len(self.node.parameters)
        if not self.takes(len(operands)):
            raise OmegaError(f"{self.__omega_name__.strip('<>')}: wrong number of arguments")
        cells = {variable: [value] for variable, value in zip(node.parameters, operands, strict=False)}
        if node.rest is not None:
            cells[node.rest] = [list_from(operands[count:])]
        environment = {**self.environment, **cells}
        if self.machine.tracer is not None:
            k = frames.Activation(k, self, environment)
        return node.body, environment, k


class Machine:
    """Runs one program; `tracer`, when there is one, is told of effects."""

    def __init__(self, steps_most: int, tracer: Tracer | None = None) -> None:
        self.controls: dict[Any, Value] = {}  # by the library's name, and by its function, which may have several
        self.steps_left = steps_most
        self.tracer = tracer
        self.globals: Environment = {}
        self.here: Frame = Root(None)
        self.choices: list[Any] = []

    # Runs

    def run(self, items: Sequence[core.Item]) -> Value:
        """The value of the last item. Raises what the program raises, and TooLong."""
        for item in items:
            if isinstance(item, core.Define):
                self.globals[item.variable] = [UNDEFINED]
        if self.tracer is not None:
            self.tracer.began(self)
        root = Root(None)
        return self.work(self.item(tuple(items), 0, root), root)

    def item(self, items: tuple[core.Item, ...], i: int, root: Frame) -> State:
        """The state that evaluates a top-level item and those behind it."""
        item = items[i]

        def done(value: Value, root: Frame) -> State:
            if isinstance(item, core.Define):
                self.globals[item.variable][0], value = value, None
            return (None, value, root) if i + 1 == len(items) else self.item(items, i + 1, root)

        below: Frame = Then(root, done)
        if self.tracer is not None:
            below = frames.Activation(below, item)
        return item.value if isinstance(item, core.Define) else item, {}, below

    def work(self, state: State, root: Root) -> Value:
        """Take steps until the root gets a value."""
        try:
            while True:
                node, payload, k = state
                if node is None and k is root:
                    return payload
                self.steps_left -= 1
                if self.steps_left < 0:
                    raise TooLong
                try:
                    state = k.proceed(self, payload) if node is None else self.evaluate(node, payload, k)
                except Leave as leave:
                    if leave.left is root:
                        raise
                    state = self.travel(leave.here, leave.target, leave.arrived)
                except Exception as error:
                    state = self.fail(error, k)
        finally:
            root.is_over = True

    # Nodes

    def evaluate(self, node: Node, environment: Environment, k: Frame) -> State:
        """The state that a node leads to."""
        match node:
            case core.Constant():
                return None, node.value, k
            case core.Reference():
                return None, self.cell_value(node.variable, environment), k
            case core.Builtin():
                return None, self.builtin(node.name), k
            case core.Lambda():
                return None, Closure(self, node, environment), k
            case core.Assignment():

                def assign(value: Value, k: Frame) -> State:
                    return self.assign(node.variable, value, environment, k)

                return node.value, environment, Then(k, assign)
            case core.If():

                def choose(value: Value, k: Frame) -> State:
                    return node.otherwise if value is False else node.then, environment, k

                return node.test, environment, Then(k, choose)
            case core.Sequence():
                return self.sequence(node.items, environment, k)
            case core.Call():
                nodes = (node.operator, *node.operands)
                return self.operands(nodes, environment, k, lambda values, k: self.apply(values[0], values[1:], k))
            case core.Let():
                return self.let(node, environment, k)
            case core.Letrec():
                return self.letrec(node, environment, k)
        return self.evaluate_more(node, environment, k)

    def evaluate_more(self, node: Node, environment: Environment, k: Frame) -> State:
        """The state that a less common node leads to."""
        match node:
            case core.Inline():
                return self.operands(node.operands, environment, k, lambda values, k: self.inline(node, values, k))
            case core.RecordType():
                return None, record_class(node.name, node.fields), k
            case core.Effect():
                names = [name.replace("-", "_") for name, _ in node.options]
                count = len(node.operands)
                nodes = (*node.operands, *(value for _, value in node.options))

                def perform(values: tuple[Value, ...], k: Frame) -> State:
                    options = dict(zip(names, values[count:], strict=True))
                    return self.perform(node, values[:count], options, k)

                return self.operands(nodes, environment, k, perform)
            case core.Handle():
                return self.handle(node, environment, k)
            case core.Guard():

                def handle(seen: Value, k: Frame) -> State:
                    return node.handler, {**environment, node.variable: [seen], CONDITION: [seen]}, k

                return node.body, environment, frames.Guarded(k, handle)
            case core.Reraise():
                return self.signal(raisable(environment[CONDITION][0]), k)
        raise AssertionError(f"{type(node).__name__} is no resolved core")

    def operands(self, nodes: Sequence[Node], environment: Environment, k: Frame, then: Operands) -> State:
        """Evaluate nodes from left to right."""

        def from_(i: int, values: tuple[Value, ...], k: Frame) -> State:
            if i == len(nodes):
                return then(values, k)
            return nodes[i], environment, Then(k, lambda value, k: from_(i + 1, (*values, value), k))

        return from_(0, (), k)

    def sequence(self, items: Sequence[Node], environment: Environment, k: Frame) -> State:
        if len(items) == 1:
            return items[0], environment, k
        return items[0], environment, Then(k, lambda _, k: self.sequence(items[1:], environment, k))

    def let(self, node: core.Let, environment: Environment, k: Frame) -> State:
        variables = [variable for variable, _ in node.bindings]

        def bound(values: tuple[Value, ...], k: Frame) -> State:
            cells = {variable: [value] for variable, value in zip(variables, values, strict=True)}
            return node.body, {**environment, **cells}, k

        return self.operands([value for _, value in node.bindings], environment, k, bound)

    def letrec(self, node: core.Letrec, environment: Environment, k: Frame) -> State:
        inner = {**environment, **{variable: [UNDEFINED] for variable, _ in node.bindings}}

        def from_(i: int, k: Frame) -> State:
            if i == len(node.bindings):
                return node.body, inner, k
            variable, value = node.bindings[i]

            def bind(result: Value, k: Frame) -> State:
                inner[variable][0] = result
                return from_(i + 1, k)

            return value, inner, Then(k, bind)

        return from_(0, k)

    def cell_value(self, variable: Variable, environment: Environment) -> Value:
        cell = environment.get(variable) or self.globals[variable]
        if cell[0] is UNDEFINED:
            raise OmegaError(f"{variable.name} is used before it is defined")
        return cell[0]

    def assign(self, variable: Variable, value: Value, environment: Environment, k: Frame) -> State:
        if self.tracer is not None:
            self.tracer.assigned(variable, k)
        (environment.get(variable) or self.globals[variable])[0] = value
        return None, None, k

    def builtin(self, name: str) -> Value:
        function = library()[name].function
        return self.controls.get(name) or self.controls.get(function) or function

    def inline(self, node: core.Inline, values: tuple[Value, ...], k: Frame) -> State:
        if self.tracer is not None and node.operation.startswith("set-"):
            self.tracer.performed("state", k)
        return None, RECORD_OPERATIONS[node.operation](*values), k

    # Calls

    def apply(self, callee: Value, operands: Sequence[Value], k: Frame) -> State:
        """The state that a call leads to; errors of the call itself are the caller's."""
        try:
            if isinstance(callee, Applicable):
                return callee.enter(k, operands)
            if type(callee) is Parameter and not operands:
                return None, self.parameter(callee, k), k
            return None, self.call_python(callee, operands, k), k
        except Exception as error:
            return self.fail(error, k)

    def parameter(self, parameter: Parameter, k: Frame) -> Value:
        for frame in frames.walk(k):
            if isinstance(frame, frames.Parameterized) and parameter in frame.values:
                return frame.values[parameter]
        return parameter()

    def call_python(self, callee: Value, operands: Sequence[Value], k: Frame) -> Value:
        if not callable(callee):
            raise OmegaError(f"not a procedure: {short_text(callee)}")
        if not arity_of(callee).accepts(len(operands)):
            raise OmegaError(f"{getattr(callee, '__omega_name__', callee)}: wrong number of arguments")
        if self.tracer is None:
            return self.outside(k, callee, *operands)
        looks = self.tracer.shown(operands)
        value = self.outside(self.tracer.called(callee, None, k), callee, *operands)
        self.tracer.changed(callee, looks, operands, k)
        return value

    def outside(self, k: Frame, function: Callable[..., Value], *operands: Value, **options: Value) -> Value:
        """What Python does; when that calls the program, `k` is what is around."""
        before, self.here = self.here, k
        try:
            return function(*operands, **options)
        finally:
            self.here = before

    def travel(self, here: Frame, target: Frame, arrived: Callable[[], State]) -> State:
        """Leave the dynamic extents around one place, enter those around another, and go on."""
        inner, outer = frames.winds(here), frames.winds(target)
        leaving = [wind for wind in inner if wind not in outer]
        root = frames.root_of(here)
        if leaving and frames.root_of(leaving[0]) is root:
            wind = leaving[0]
            below = wind.below
            assert below is not None
            return self.apply(wind.after, (), Then(below, lambda _, below: self.travel(below, target, arrived)))
        if root not in frames.walk(target):
            assert not frames.root_of(target).is_over
            raise Leave(root, target, arrived)
        entering = [wind for wind in outer if wind not in inner]
        if not entering:
            return arrived()
        wind = entering[-1]
        if wind.before is None:
            return self.travel(wind, target, arrived)
        assert wind.below is not None
        return self.apply(wind.before, (), Then(wind.below, lambda _, __: self.travel(wind, target, arrived)))

    # Errors

    def scope(self, k: Frame) -> Frame | None:
        """The innermost guard or error handler."""
        kinds = frames.Guarded, frames.Handler
        return next((each for each in frames.find(k, Frame, frames.Outside) if isinstance(each, kinds)), None)

    def signal(self, error: BaseException, k: Frame, continuable: bool = False) -> State:
        """Offer an error to the innermost handler, where it happened; a guard, or nobody, gets it after unwinding."""
        scope = self.scope(k)
        if not isinstance(scope, frames.Handler):
            return self.fail(error, k)
        outer = frames.Outside(k, scope.mark)
        if continuable:
            return self.apply(scope.procedure, (condition(error),), outer)
        return self.apply(scope.procedure, (condition(error),), Then(outer, self.returned(error)))

    def returned(self, error: BaseException) -> Callable[[Value, Frame], State]:
        """What follows when a handler returns that must not."""
        return lambda _, k: self.signal(OmegaError(RETURNED, condition(error)), k)

    def fail(self, error: BaseException, k: Frame) -> State:
        """Unwind to the innermost guard or error handler."""
        scope = self.scope(k)
        seen = condition(error)
        if scope is None:

            def uncaught() -> State:
                raise Uncaught(error)

            last = [each for each in frames.walk(k) if isinstance(each, Root)][-1]
            return self.travel(k, last, uncaught)
        below = scope.below
        assert below is not None
        if isinstance(scope, frames.Handler):
            procedure = scope.procedure
            after = Then(below, self.returned(error))
            return self.travel(k, below, lambda: self.apply(procedure, (seen,), after))
        assert isinstance(scope, frames.Guarded)
        handle = scope.handle
        return self.travel(k, below, lambda: handle(seen, below))

    # Effects

    def handle(self, node: core.Handle, environment: Environment, k: Frame) -> State:
        if node.final is not None:
            k = frames.Wind(k, None, Closure(self, node.final, environment))
        clauses = {
            clause.operation: (Closure(self, clause.procedure, environment), resumes_last(clause.procedure))
            for clause in node.clauses
        }
        returned = None if node.returned is None else Closure(self, node.returned, environment)
        return self.apply(Closure(self, node.body, environment), (), frames.Handled(k, clauses, returned))

    def perform(self, node: core.Effect, operands: tuple[Value, ...], options: dict[str, Value], k: Frame) -> State:
        operation = node.operation
        if self.tracer is not None:
            self.tracer.effect(operation, k)
        found = next(
            (each for each in frames.find(k, frames.Handled, frames.Clause) if operation in each.clauses), None
        )
        if found is not None:
            return self.answer(operation, operands, found, k)
        if operation in ("amb.choose", "amb.fail"):
            return self.controls[operation].enter(k, operands)
        if operation not in OPERATIONS:
            raise OmegaError(f"no handler for effect {operation}; handle it with (handle … (on …))")
        site = Site("test.omega", node.span.line, node.span.column, operation, "", 1)
        kind: Any = infer if OPERATIONS[operation].kind == "infer" else OPERATIONS[operation].perform
        return None, self.outside(k, kind, site, *operands, **options), k

    def answer(self, operation: str, operands: tuple[Value, ...], found: frames.Handled, k: Frame) -> State:
        """Call a clause: where the effect is performed when it resumes last or never, else outside of the handle."""
        clause, is_last = found.clauses[operation]
        if len(clause.node.parameters) != len(operands) + 1:
            count = f"{len(operands)} operand{'' if len(operands) == 1 else 's'}"
            problem = f"the clause for {operation} doesn't take {count} and the resumption"
            error = OmegaError(f"handle: wrong number of arguments: {problem}")
            where = frames.Clause(k, found.mark) if is_last else frames.outside(k, found.mark)
            return self.travel(k, where, lambda: self.fail(error, where))
        if is_last:
            return self.apply(clause, (*operands, LastResumption(self)), frames.Clause(k, found.mark))
        below = found.below
        assert below is not None
        resumption = Resumption(self, frames.segment(k, found))
        return self.travel(k, below, lambda: self.apply(clause, (*operands, resumption), below))


class Uncaught(BaseException):
    """An error that nobody caught, once everything was left."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class LastResumption(Applicable):
    """What a clause gets that resumes last or never."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        (value,) = operands
        clause = next(each for each in frames.walk(k) if not isinstance(each, frames.Activation))
        assert isinstance(clause, frames.Clause)
        assert clause.below is not None
        return None, value, clause.below


class Resumption(Applicable):
    """What is left to do between an effect, or an abort, and what handles it."""

    __module__ = "omega_runtime.control"  # as which it is written

    def __init__(self, machine: Machine, kept: list[Frame]) -> None:
        self.machine, self.kept = machine, kept

    def __repr__(self) -> str:
        return "#<continuation>"

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        if not operands:
            raise OmegaError("a resumption takes the value to go on with")
        if any(isinstance(each, Root) for each in self.kept):
            raise OmegaError(GONE)
        if self.machine.tracer is not None:
            k = frames.Activation(k, self)
        target = frames.stacked(self.kept, k)
        return self.machine.travel(k, target, lambda: (None, make_values(*operands), target))
