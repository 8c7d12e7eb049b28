"""Core nodes to closures.

`tail` says whether a node's value is the value of the procedure's body that it stands in. Then a call gives a
TailCall for `procedures.call` to make, so that loops written as recursion don't grow the stack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from omega_runtime.calls import Site, effect, handle
from omega_runtime.calls.effects import OPERATIONS
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.lib.guards import guarded
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import unlist

from benchmarks.interpreter.calls import builtin_call, known_call
from benchmarks.interpreter.procedures import Code, Environment, Procedure, TailCall, Value
from benchmarks.interpreter.records import RECORD_OPERATIONS, record_class
from benchmarks.interpreter.scopes import UNDEFINED, Scope, cell_reference, checked_reference, local_reference, outward
from omegac import core
from omegac.core import Lambda, Node, Variable
from omegac.errors import CompilerBug
from omegac.library import library
from omegac.operations import is_model_call


class Closures:
    """Makes the closures of one program; `cells` hold the values of its top-level variables."""

    def __init__(self, file: str, toplevel: Sequence[Variable]) -> None:
        self.file = file
        self.cells: dict[Variable, list[Value]] = {variable: [UNDEFINED] for variable in toplevel}
        self._effects: Counter[str] = Counter()

    def code(self, node: Node, scope: Scope, tail: bool = False) -> Code:
        """The closure that evaluates a node."""
        match node:
            case core.Constant(value=value):
                return lambda _: value
            case core.Reference():
                return self._reference(node.variable, scope)
            case core.Builtin():
                function = library()[node.name].function
                return lambda _: function
            case core.RecordType(name=name, fields=fields):
                return lambda _: record_class(name, fields)
            case core.Assignment():
                return self._assignment(node, scope)
            case core.If():
                return self._if(node, scope, tail)
            case core.Lambda():
                return self._lambda(node, scope)
            case core.Call():
                return self._call(node, scope, tail)
            case core.Let():
                return self._let(node, scope, tail)
            case core.Letrec():
                return self._letrec(node, scope, tail)
            case core.Sequence():
                return self._sequence(node, scope, tail)
        return self._control(node, scope, tail)

    def _control(self, node: Node, scope: Scope, tail: bool) -> Code:
        match node:
            case core.Effect():
                return self._effect(node, scope)
            case core.Handle():
                return self._handle(node, scope)
            case core.Guard():
                return self._guard(node, scope, tail)
            case core.Reraise():
                return _reraise
            case core.Inline():
                return self._inline(node, scope)
        raise CompilerBug(f"{type(node).__name__} is no resolved core")

    def _codes(self, nodes: Sequence[Node], scope: Scope) -> list[Code]:
        return [self.code(node, scope) for node in nodes]

    def _reference(self, variable: Variable, scope: Scope) -> Code:
        found = scope.find(variable)
        if found is None:
            return cell_reference(self.cells[variable], variable.name)
        depth, index, checked = found
        if checked:
            return checked_reference(depth, index, variable.name)
        return local_reference(depth, index)

    def _assignment(self, node: core.Assignment, scope: Scope) -> Code:
        value = self.code(node.value, scope)
        found = scope.find(node.variable)
        if found is None:
            cell = self.cells[node.variable]

            def assign_cell(environment: Environment) -> None:
                cell[0] = value(environment)

            return assign_cell
        depth, index, _ = found

        def assign(environment: Environment) -> None:
            new = value(environment)
            outward(environment, depth)[index] = new

        return assign

    def _if(self, node: core.If, scope: Scope, tail: bool) -> Code:
        test = self.code(node.test, scope)
        then, otherwise = self.code(node.then, scope, tail), self.code(node.otherwise, scope, tail)
        return lambda environment: otherwise(environment) if test(environment) is False else then(environment)

    def _lambda(self, node: Lambda, scope: Scope) -> Code:
        rest = (node.rest,) if node.rest else ()
        procedure = "" if scope.procedure else node.name or ""
        body = self.code(node.body, Scope((*node.parameters, *rest), scope, procedure=procedure), tail=True)
        count, has_rest, name = len(node.parameters), bool(rest), node.name or "<lambda>"
        return lambda environment: Procedure(body, environment, count, has_rest, name)

    def _call(self, node: core.Call, scope: Scope, tail: bool) -> Code:
        operands = self._codes(node.operands, scope)
        if isinstance(node.operator, core.Builtin):
            if tail and node.operator.name == "apply":
                return _tail_apply(operands)
            return builtin_call(library()[node.operator.name].function, operands)
        operator = self.code(node.operator, scope)
        if tail:
            return lambda environment: TailCall(operator(environment), [code(environment) for code in operands])
        return known_call(operator, operands)

    def _let(self, node: core.Let, scope: Scope, tail: bool) -> Code:
        values = self._codes([value for _, value in node.bindings], scope)
        body = self.code(node.body, Scope([variable for variable, _ in node.bindings], scope), tail)
        if len(values) == 1:
            value = values[0]
            return lambda environment: body([environment, value(environment)])
        return lambda environment: body([environment, *[value(environment) for value in values]])

    def _letrec(self, node: core.Letrec, scope: Scope, tail: bool) -> Code:
        inner = Scope([variable for variable, _ in node.bindings], scope, checked=True)
        values = self._codes([value for _, value in node.bindings], inner)
        body = self.code(node.body, inner, tail)
        undefined = [UNDEFINED] * len(values)

        def letrec(environment: Environment) -> Value:
            environment = [environment, *undefined]
            for i, value in enumerate(values, 1):
                environment[i] = value(environment)
            return body(environment)

        return letrec

    def _sequence(self, node: core.Sequence, scope: Scope, tail: bool) -> Code:
        *first, last = node.items
        before, final = self._codes(first, scope), self.code(last, scope, tail)

        def sequence(environment: Environment) -> Value:
            for code in before:
                code(environment)
            return final(environment)

        return sequence

    def _inline(self, node: core.Inline, scope: Scope) -> Code:
        """The operations that the expander itself writes: those of records and of multiple values."""
        if node.operation not in RECORD_OPERATIONS:
            raise CompilerBug(f"{node.operation} is no operation of resolved core")
        return builtin_call(RECORD_OPERATIONS[node.operation], self._codes(node.operands, scope))

    def _effect(self, node: core.Effect, scope: Scope) -> Code:
        self._effects[scope.procedure] += 1
        place = (node.span.line, node.span.column)
        site = Site(self.file, *place, node.operation, scope.procedure, self._effects[scope.procedure])
        operands = self._codes(node.operands, scope)
        options = [(name.replace("-", "_"), self.code(value, scope)) for name, value in node.options]
        perform: Any = OPERATIONS[node.operation].perform if is_model_call(node.operation) else effect

        def performed(environment: Environment) -> Value:
            values = [code(environment) for code in operands]
            return perform(site, *values, **{name: code(environment) for name, code in options})

        return performed

    def _handle(self, node: core.Handle, scope: Scope) -> Code:
        body = self._lambda(node.body, scope)
        clauses = [(clause.operation, self._lambda(clause.procedure, scope)) for clause in node.clauses]
        return lambda environment: handle(
            body(environment), {operation: procedure(environment) for operation, procedure in clauses}
        )

    def _guard(self, node: core.Guard, scope: Scope, tail: bool) -> Code:
        body = self.code(node.body, scope)
        handler = self.code(node.handler, Scope([node.variable], scope), tail)

        def guard(environment: Environment) -> Value:
            try:
                with guarded():
                    return body(environment)
            except Exception as error:
                return handler([environment, condition(error)])

        return guard


def _reraise(_: Environment) -> Value:
    # Only the handler of a guard evaluates this, so there is an exception to raise again.
    raise


def _tail_apply(operands: Sequence[Code]) -> Code:
    """`apply` in tail position is a tail call of its procedure."""

    def tail_apply(environment: Environment) -> TailCall:
        callee, *arguments = [code(environment) for code in operands]
        if not callable(callee):
            raise wrong_type("apply", 1, "a procedure", callee)
        last = unlist(arguments[-1])
        if last is None:
            raise wrong_type("apply", len(operands), "a list", arguments[-1])
        return TailCall(callee, [*arguments[:-1], *last])

    return tail_apply
