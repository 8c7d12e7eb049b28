"""A walk over a program that runs nothing: what each expression may be, and what it may spend.

Calls of known procedures are followed with what is known of their arguments. Procedures that call themselves are
followed call by call as long as what they are given decides where they end; others are left to `recursion`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from omegac import core
from omegac.analyse.cost import algebra
from omegac.analyse.cost.amounts import (
    FREE,
    Again,
    Amount,
    Cost,
    Way,
    Ways,
    cost_of,
    interrupted,
    may_spend,
    merged,
    tested,
    then,
    unknown,
)
from omegac.analyse.cost.arithmetic import negated
from omegac.analyse.cost.asking import Assumptions, asking, embedding
from omegac.analyse.cost.calling import CALLING
from omegac.analyse.cost.changes import Changes
from omegac.analyse.cost.library import result_of
from omegac.analyse.cost.recursion import Unsolved, calling_themselves, result_again, solved
from omegac.analyse.cost.scopes import Scope
from omegac.analyse.cost.sized import SIZES
from omegac.analyse.cost.sizes import (
    UNSPECIFIED,
    Anything,
    Cause,
    Closure,
    Datum,
    Either,
    Escape,
    Given,
    Items,
    Library,
    Number,
    Pair,
    Sequence,
    Size,
    Text,
    Values,
    Vector,
    given,
    known_items,
    size_of_datum,
    truth,
    whole_number,
)
from omegac.analyse.facts import Facts
from omegac.analyse.resumptions import is_general
from omegac.core import Lambda, Node, Variable
from omegac.library import library
from omegac.operations import EMBEDDING, is_model_call

UNROLLED_MAX = 300
"""Calls of one procedure inside each other that are followed one by one."""
DEPTH_MAX = 20_000
"""Levels of nodes, calls included; about ten frames of Python each."""
WORK_MAX = 200_000
"""Nodes that are looked at for one program."""


class Evaluator:
    """Walks the procedures of one program."""

    def __init__(self, facts: Facts, program: core.Program, assumptions: Assumptions) -> None:
        self.facts = facts
        self.assumptions = assumptions
        self.changes = Changes.of(program)
        self.recursive = calling_themselves(program, facts)
        self.toplevel = Scope()
        self.sites: dict[int, core.Effect] = {}
        self.least_outputs: dict[int, int] = {}
        self.branches: dict[core.If, tuple[Cost, Cost]] = {}
        self.active: list[Lambda] = []
        self.unrolled: dict[Lambda, int] = {}
        self.several: set[Lambda] = set()
        self.marks: list[object] = []  # of the continuations that lead out of what is being looked at
        self.handled: list[Mapping[str, tuple[core.Clause, Scope]]] = []
        self.uncertain = self.certain_from = 0  # branches around that may be taken or not
        self.depth = 0
        self.work = 0

    def start_over(self) -> None:
        """Forget what was found on the way; what is known of the top-level variables stays."""
        self.sites.clear()
        self.least_outputs.clear()
        self.branches.clear()
        self.work = 0

    def cause(self, reason: str, node: Node) -> Cause:
        """A reason that something at a node isn't known."""
        return Cause(reason, node.span)

    def ways(self, node: Node, scope: Scope) -> Ways:
        """All ways through a node."""
        self.work += 1
        self.depth += 1
        try:
            if self.work > WORK_MAX or self.depth > DEPTH_MAX:
                cause = self.cause("the program is too large to follow", node)
                return (Way(Anything(cause), unknown(cause)),)
            return self._ways(node, scope)
        finally:
            self.depth -= 1

    def _ways(self, node: Node, scope: Scope) -> Ways:
        match node:
            case core.Constant(value=value):
                return (Way(self.changes.made(size_of_datum(value))),)
            case core.Reference():
                return (Way(self._value_of(node, scope)),)
            case core.Builtin(name=name):
                return (Way(Library(name)),)
            case core.Lambda():
                return (Way(Closure(node, scope)),)
            case core.If():
                return self._conditional(node, scope)
            case core.Sequence(items=items):
                return self._sequence(items, scope)
            case core.Let():
                return self._let(node, scope)
            case core.Letrec():
                return self._letrec(node, scope)
            case core.Assignment(value=value):
                return then(self.ways(value, scope), lambda _: (Way(UNSPECIFIED),))
            case core.Call():
                return self._call(node, scope)
            case core.Effect():
                return self._effect(node, scope)
            case core.Guard():
                return self._guard(node, scope)
            case core.Handle():
                return self._handle(node, scope)
            case core.Reraise():
                return (Way(Anything(), end="error"),)
            case core.Inline():
                return self._item(node, scope)
        return (Way(Anything(self.cause("what this gives isn't followed", node))),)

    def _item(self, node: core.Inline, scope: Scope) -> Ways:
        """Parts of multiple values; anything else that is inlined comes after this analysis."""

        def part(operands: tuple[Size, ...]) -> Ways:
            if node.operation == "item" and isinstance(operands[0], Items):
                index = whole_number(operands[1])
                if index is not None and index < len(operands[0].items):
                    return (Way(operands[0].items[index]),)
            return (Way(Anything()),)

        return self.operands(node.operands, scope, part)

    def _value_of(self, node: core.Reference, scope: Scope) -> Size:
        variable = node.variable
        if variable in self.facts.assigned:
            return Anything(self.cause(f"{variable.name} is assigned", node))
        found = scope.find(variable)
        if found is not None:
            return found
        value = self.facts.values.get(variable)
        if isinstance(value, Lambda) and variable in self.facts.toplevel:
            return Closure(value, self.toplevel)
        return Anything(self.cause(f"the value of {variable.name} isn't known", node))

    def operands(self, nodes: tuple[Node, ...], scope: Scope, following: Callable[[tuple[Size, ...]], Ways]) -> Ways:
        """All ways through operands from left to right, and what follows with their values."""

        def after(rest: tuple[Node, ...], values: tuple[Size, ...]) -> Ways:
            if not rest:
                return following(values)
            return then(self.ways(rest[0], scope), lambda value: after(rest[1:], (*values, value)))

        return after(nodes, ())

    def _sequence(self, items: tuple[Node, ...], scope: Scope) -> Ways:
        ways = self.ways(items[0], scope)
        for item in items[1:]:
            ways = then(ways, lambda _, item=item: self.ways(item, scope))  # type: ignore[misc]
        return ways

    def _let(self, node: core.Let, scope: Scope) -> Ways:
        variables = tuple(variable for variable, _ in node.bindings)

        def body(values: tuple[Size, ...]) -> Ways:
            return self.ways(node.body, Scope(scope, dict(zip(variables, values, strict=True))))

        return self.operands(tuple(value for _, value in node.bindings), scope, body)

    def _letrec(self, node: core.Letrec, scope: Scope) -> Ways:
        inner = Scope(scope)
        for variable, value in node.bindings:
            if isinstance(value, Lambda):
                inner.bind(variable, Closure(value, inner))
        ways: Ways = (Way(UNSPECIFIED),)
        for variable, value in node.bindings:
            if not isinstance(value, Lambda):

                def bound(size: Size, variable: Variable = variable) -> Ways:
                    inner.bind(variable, size)
                    return (Way(UNSPECIFIED),)

                ways = then(ways, lambda _, v=value, b=bound: then(self.ways(v, inner), b))  # type: ignore[misc]
        return then(ways, lambda _: self.ways(node.body, inner))

    def _conditional(self, node: core.If, scope: Scope) -> Ways:
        def branch(test: Size) -> Ways:
            known = truth(test)
            if known is not None:
                return self.ways(node.then if known else node.otherwise, scope)
            self.uncertain += 1
            try:
                holds = tested(self.ways(node.then, scope), test)
                fails = tested(self.ways(node.otherwise, scope), negated(test))
            finally:
                self.uncertain -= 1
            self._note_branches(node, holds, fails)
            return merged(holds + fails)

        return then(self.ways(node.test, scope), branch)

    def _note_branches(self, node: core.If, holds: Ways, fails: Ways) -> None:
        if not any(way.again for way in (*holds, *fails)):
            self.branches[node] = (cost_of(holds), cost_of(fails))

    def _call(self, node: core.Call, scope: Scope) -> Ways:
        def called(values: tuple[Size, ...]) -> Ways:
            return self.call(values[0], values[1:], node)

        return self.operands((node.operator, *node.operands), scope, called)

    def call(self, callee: Size, arguments: tuple[Size, ...], node: Node) -> Ways:
        """All ways through a call of a value."""
        match callee:
            case Closure():
                return self._call_closure(callee, arguments, node)
            case Library(name=name, arguments=earlier):
                seen = tuple(self.changes.seen(each, name) for each in (*earlier, *arguments))
                ways = self._call_library(name, seen, node)
                return tuple(attrs.evolve(way, value=self.changes.made(way.value)) for way in ways)
            case Escape(mark=mark):
                return self._escaped(mark, arguments, node)
            case Either(choices=choices):
                return merged(tuple(way for each in choices for way in self.call(each, arguments, node)))
            case Given(path=path):
                return self._call_given(path)
            case Anything(cause=cause):
                cause = cause or self.cause("it isn't known which procedure is called", node)
                return (Way(Anything(cause), unknown(cause)),)
        return (Way(Anything(), end="error"),)  # no procedure

    def _escaped(self, mark: object, arguments: tuple[Size, ...], node: Node) -> Ways:
        """A call of a continuation, which leads out of what is being looked at, or else goes on there once more."""
        if mark not in self.marks:
            cause = self.cause("a continuation is entered again here", node)
            return (Way(Anything(cause), unknown(cause)),)
        value = arguments[0] if len(arguments) == 1 else Values(arguments)
        return (Way(value, end=mark),)

    def _call_given(self, path: str) -> Ways:
        """A procedure that the caller gives costs what it costs: that is a size, too."""
        amount = Amount(*(algebra.size(f"{resource}({path})") for resource in ("calls", "input", "output")))
        amount = attrs.evolve(amount, tokens=algebra.size(f"tokens({path})"), dollars=algebra.size(f"dollars({path})"))
        return (Way(given(f"{path}()", is_any=True), Cost(Amount(), amount)),)

    def _call_library(self, name: str, arguments: tuple[Size, ...], node: Node) -> Ways:
        special = CALLING.get(name)
        if special is not None:
            return special(self, arguments, node)
        primitive = library()[name]
        cause = self.cause(f"what {name} gives isn't followed", node)
        if "infer" in primitive.row:
            cause = self.cause(f"how often {name} calls the model isn't known", node)
            return (Way(Anything(cause), unknown(cause)),)
        result = result_of(name, arguments, cause)
        handed = arguments if name not in SIZES else [arguments[i] for i in primitive.calls if i < len(arguments)]
        for each in handed:
            if self._may_spend(each, cause, node):
                cause = self.cause(f"how often {name} calls its procedure isn't known", node)
                return (Way(Anything(cause), unknown(cause)),)
        return (Way(result),)

    def _may_spend(self, size: Size, cause: Cause, node: Node) -> bool:
        """Whether somebody who gets a value may spend something by calling it, or what is in it."""
        match size:
            case Closure():
                return may_spend(self.call(size, self._unknown_arguments(size, cause), node))
            case Library(name=name):
                return "infer" in library()[name].row or bool(library()[name].calls)
            case Items(items=parts) | Values(items=parts) | Either(choices=parts):
                return any(self._may_spend(each, cause, node) for each in parts)
            case Vector(contents=contents):
                return self._may_spend(contents, cause, node)
            case Pair(car=car, cdr=cdr):
                return self._may_spend(car, cause, node) or self._may_spend(cdr, cause, node)
            case Sequence(element=element):
                return self._may_spend(element, cause, node)
        return False

    def _unknown_arguments(self, callee: Size, cause: Cause) -> tuple[Size, ...]:
        count = len(callee.procedure.parameters) if isinstance(callee, Closure) else 1
        return tuple(Anything(cause) for _ in range(count))

    def _call_closure(self, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
        procedure = callee.procedure
        if procedure in self.active:
            several = Anything(self.cause("what several calls of itself give isn't followed", node))
            result = several if procedure in self.several else result_again(procedure)
            return (Way(result, again=(Again(callee, arguments),)),)
        if procedure not in self.recursive:
            return self.inside(callee, arguments, node)
        try:
            return self._unroll(callee, arguments, node)
        except _Undecided:
            if self.unrolled.get(procedure):
                raise
        try:
            return solved(self, callee, arguments, node)
        except Unsolved as error:
            cause = Cause(error.reason, procedure.span)
            return (Way(Anything(cause), self._unknown_if_spending(callee, cause)),)

    def _unknown_if_spending(self, callee: Closure, cause: Cause) -> Cost:
        """The cost of a recursion without a known end: nothing, when one activation spends nothing."""
        self.active.append(callee.procedure)
        try:
            parameters = self._unknown_arguments(callee, cause)
            ways = self.inside(callee, parameters, callee.procedure)
        finally:
            self.active.pop()
        others = any(each.procedure.procedure is not callee.procedure for way in ways for each in way.again)
        return unknown(cause) if others or not cost_of(ways).is_free else FREE

    def _unroll(self, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
        """The ways through a procedure that calls itself, each call by itself. Raises _Undecided."""
        procedure = callee.procedure
        depth = self.unrolled.get(procedure, 0)
        if depth > UNROLLED_MAX or (depth and self.uncertain > self.certain_from):
            raise _Undecided
        if depth == 0 and not any(_is_definite(each) for each in arguments):
            raise _Undecided
        before, certain_from = self.work, self.certain_from
        self.unrolled[procedure] = depth + 1
        if depth == 0:
            self.certain_from = self.uncertain
        try:
            ways = self.inside(callee, arguments, node)
        finally:
            self.unrolled[procedure], self.certain_from = depth, certain_from
        if depth == 0 and self.work - before > WORK_MAX // 4:
            self.work = before
            raise _Undecided
        return ways

    def inside(self, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
        """The ways through a procedure's body, with its parameters bound."""
        procedure = callee.procedure
        required = len(procedure.parameters)
        if len(arguments) < required or (len(arguments) > required and procedure.rest is None):
            return (Way(Anything(self.cause("the number of arguments is wrong", node)), end="error"),)
        scope = Scope(callee.scope, dict(zip(procedure.parameters, arguments, strict=False)))
        if procedure.rest is not None:
            scope.bind(procedure.rest, known_items(arguments[required:]))
        return self.ways(procedure.body, scope)

    def _effect(self, node: core.Effect, scope: Scope) -> Ways:
        names = tuple(name for name, _ in node.options)

        def performed(values: tuple[Size, ...]) -> Ways:
            count = len(node.operands)
            values = tuple(self.changes.seen(each, node.operation) for each in values)
            operands, options = values[:count], dict(zip(names, values[count:], strict=True))
            return self._performed(node, operands, options)

        return self.operands((*node.operands, *(value for _, value in node.options)), scope, performed)

    def _performed(self, node: core.Effect, operands: tuple[Size, ...], options: dict[str, Size]) -> Ways:
        for i in range(len(self.handled) - 1, -1, -1):
            if node.operation in self.handled[i]:
                return self._handled(i, node, operands)
        if is_model_call(node.operation):
            return self._model_call(node, operands[0], options)
        if node.operation == "file.read.op":
            return (Way(self._file(operands)),)
        if node.operation.startswith("amb."):
            cause = self.cause("how often control comes back to a choice isn't known", node)
            return (Way(Anything(cause), unknown(cause)),)
        return (Way(Anything(self.cause(f"what {node.operation} gives isn't known", node))),)

    def _file(self, operands: tuple[Size, ...]) -> Size:
        path = operands[0] if operands else Anything()
        if isinstance(path, Datum) and isinstance(path.value, str):
            known = self.assumptions.file_size(path.value)
            if known is not None:
                length = algebra.number(known)
                return Text(length, length)
        return given("file", is_any=True)

    def _handled(self, index: int, node: core.Effect, operands: tuple[Size, ...]) -> Ways:
        clause, scope = self.handled[index][node.operation]
        if is_general(clause):
            cause = self.cause(f"the handler for {node.operation} may go on from here more than once", node)
            return (Way(Anything(cause), unknown(cause)),)
        before, self.handled = self.handled, self.handled[:index]
        mark = object()
        self.marks.append(mark)
        try:
            ways = self.call(Closure(clause.procedure, scope), (*operands, Escape(mark)), node)
        finally:
            self.handled = before
            self.marks.remove(mark)
        resumed = [attrs.evolve(way, end=None) for way in ways if way.end is mark]
        leaving = [attrs.evolve(way, end="handle") for way in ways if way.end is None]
        others = [way for way in ways if way.end is not mark and way.end is not None]
        return merged((*resumed, *leaving, *others))

    def _model_call(self, node: core.Effect, prompt: Size, options: dict[str, Size]) -> Ways:
        ask = embedding if node.operation == EMBEDDING else asking
        asked = ask(self.assumptions, node, prompt, options)
        self.sites[id(node)] = node
        self.least_outputs[id(node)] = min(asked.least_output, self.least_outputs.get(id(node), asked.least_output))
        return (Way(asked.answer, asked.cost),)

    def _guard(self, node: core.Guard, scope: Scope) -> Ways:
        body = self.ways(node.body, scope)
        scope = Scope(scope, {node.variable: Anything(self.cause("an error", node))})
        handler = self.ways(node.handler, scope)
        normal = tuple(way for way in body if way.end != "error")
        return merged(normal + interrupted(body, handler))

    def _handle(self, node: core.Handle, scope: Scope) -> Ways:
        clauses = {clause.operation: (clause, scope) for clause in node.clauses}
        self.handled.append(clauses)
        try:
            ways = self.inside(Closure(node.body, scope), (), node)
        finally:
            self.handled.pop()
        leaving = tuple(attrs.evolve(way, end=None) for way in ways if way.end == "handle")
        ways = tuple(way for way in ways if way.end != "handle")
        if node.returned is not None:
            procedure = Closure(node.returned, scope)
            ways = then(ways, lambda value: self.call(procedure, (value,), node))
        ways = merged(ways + leaving)
        if node.final is None:
            return ways
        final = cost_of(self.call(Closure(node.final, scope), (), node))
        return tuple(attrs.evolve(way, cost=way.cost + final) for way in ways)


class _Undecided(Exception):
    """What a procedure is given doesn't decide where its recursion ends."""


def _is_definite(size: Size) -> bool:
    """Whether a value is known well enough to follow a recursion over it."""
    match size:
        case Number():
            return size.exact is not None and algebra.constant(size.exact) is not None
        case Items():
            return True
    return False


def run_toplevel(evaluator: Evaluator, program: core.Program) -> Ways:
    """The ways through all items of a program; what they define is bound in the evaluator's top-level scope."""
    ways: Ways = (Way(UNSPECIFIED),)
    for item in program.items:
        ways = then(ways, lambda _, item=item: _item_ways(evaluator, item))  # type: ignore[misc]
    return ways


def _item_ways(evaluator: Evaluator, item: core.Item) -> Ways:
    if not isinstance(item, core.Define):
        assert not isinstance(item, core.Companion)
        return evaluator.ways(item, evaluator.toplevel)

    def bound(size: Size) -> Ways:
        if item.variable not in evaluator.facts.assigned:
            evaluator.toplevel.bind(item.variable, size)
        return (Way(UNSPECIFIED),)

    return then(evaluator.ways(item.value, evaluator.toplevel), bound)
