"""What a program does on the machine, compared with the effect rows that the compiler gives to it.

An effect counts for each call and top-level item that is under way where it happens. What a handler does counts for
those around the handler, and not for the code that it answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from omega_runtime.lib.registry import Primitive
from omega_runtime.values.pairs import Pair
from omega_runtime.values.printing import write_text
from omega_runtime.values.promises import is_promise

from omegac import core
from omegac.analyse.effects import Effects, Row, effects_of
from omegac.analyse.facts import Facts, bound_by
from omegac.analyse.resumptions import CALL_CC
from omegac.core import Lambda, Variable
from omegac.library import library
from omegac.operations import kind_of
from omegac.traverse import children, walk
from tests.support.machine import frames
from tests.support.machine.evaluate import Applicable, Closure, Machine
from tests.support.machine.frames import Activation, Frame, Value

if TYPE_CHECKING:
    from tests.support.machine.controls import Continuation


class Tracer:
    """Notes the effects of one run: how many of each kind, and those that some row does not announce."""

    def __init__(self, program: core.Program, facts: Facts) -> None:
        self.effects: Effects = effects_of(program, facts)
        self.owners = {
            variable: procedure
            for procedure in self.effects.procedures
            for node in (procedure, *_own(procedure.body))
            for variable in bound_by(node)
        }
        self.resumptions = _resumptions(program)
        self.primitives: dict[int, Primitive] = {id(each.function): each for each in library().values()}
        self.happened: Counter[str] = Counter()
        self.unannounced: dict[str, str] = {}
        self.machine: Machine | None = None

    # What the machine tells.

    def began(self, machine: Machine) -> None:
        """A machine is about to run."""
        self.machine = machine

    def assigned(self, variable: Variable, k: Frame) -> None:
        """A variable was assigned; to the procedure itself that binds it, that is nothing."""
        here = next(each for each in frames.walk(k) if isinstance(each, Activation) and self.row(each) is not None)
        if not (isinstance(here.callee, Closure) and self.owners.get(variable) is here.callee.node):
            self.performed("state", k)

    def effect(self, operation: str, k: Frame) -> None:
        """An operation is performed."""
        self.performed(kind_of(operation), k)

    def called(self, procedure: Value, name: str | None, k: Frame) -> Frame:
        """A library procedure is called, of the machine's controls the one of that name; gives the call's frame."""
        activation = Activation(k, procedure)
        primitive = self.primitives.get(id(procedure)) if name is None else library().get(name)
        if primitive is not None and name not in CALL_CC:
            for kind in primitive.row:
                self.performed(kind, activation)
        return activation

    def entered(self, continuation: Continuation, k: Frame) -> None:
        """A continuation is entered; once its call/cc has returned, it was more than an escape."""
        if continuation.k not in frames.walk(k):
            assert self.machine is not None
            self.performed("control", Activation(continuation.k, self.machine.controls["call/cc"]))

    def shown(self, values: Sequence[Value]) -> list[str]:
        """How values look, to see whether they change."""
        return [write_text(each) for each in values]

    def changed(self, procedure: Value, before: Sequence[str], operands: Sequence[Value], k: Frame) -> None:
        """A procedure of Python was called; `before` are its operands as they were."""
        if before != self.shown(operands):
            self.performed("state", Activation(k, procedure))

    def touched(self, kind: str) -> None:
        """The world was touched, by what the machine is just doing."""
        assert self.machine is not None
        self.performed(kind, self.machine.here)

    # What must be announced.

    def performed(self, kind: str, k: Frame) -> None:
        """An effect happens: every row of what is under way must announce it."""
        self.happened[kind] += 1
        inside: list[Value] = []
        for activation in frames.find(k, Activation, frames.Outside):
            row = self.row(activation)
            if row is not None and kind not in row.kinds and not self.is_of_another(activation, row, inside):
                self.unannounced.setdefault(f"{kind} in {_named(activation.callee)}", str(row))
            inside.append(activation.callee)

    def row(self, activation: Activation) -> Row | None:
        """The row of a call of the program's, or of an item."""
        callee = activation.callee
        if isinstance(callee, Closure):
            return self.effects.procedures.get(callee.node)
        return None if isinstance(callee, Applicable) or callable(callee) else self.effects.items[callee]

    def is_of_another(self, activation: Activation, row: Row, inside: list[Value]) -> bool:
        """Whether an effect happens in a call of what a variable holds, whose row its caller, or its handle, has."""
        assert activation.environment is not None or not row.calls
        environment = activation.environment or {}
        visible = row.calls | (self.resumptions & environment.keys())
        values = [environment[variable][0] for variable in visible]
        # What a promise, or a stream, does is found where it's made.
        return any(isinstance(v, Pair) or is_promise(v) or any(v is callee for callee in inside) for v in values)


def _own(node: core.Node) -> Iterator[core.Node]:
    """A node and those in it, outside of procedures."""
    if not isinstance(node, Lambda):
        yield node
        for child in children(node):
            yield from _own(child)


def _resumptions(program: core.Program) -> set[Variable]:
    return {
        clause.procedure.parameters[-1]
        for item in program.items
        for node in walk(item)
        if isinstance(node, core.Handle)
        for clause in node.clauses
    }


def _named(callee: Value) -> str:
    if isinstance(callee, Closure):
        return f"{callee.__omega_name__} ({callee.node.span.line}:{callee.node.span.column})"
    return f"item ({callee.span.line}:{callee.span.column})"
