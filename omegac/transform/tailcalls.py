"""Tail calls: self calls become loops, other calls that could grow the stack become TailCall.

Input: simplified core. Output: core with Loop, Jump and TailCall; a Lambda with a TailCall has `tail` set.

    (define (f a) … (f x) …)              => (define (f a) (Loop L (a) … (Jump L x) …))
    (let loop ((i 0)) … (loop x) …)       => (Loop L (i) (0) … (Jump L x) …)
    (g x) in tail position                => TailCall, when g is unknown, has `tail` itself,
                                             or may tail-call back to this procedure; also through
                                             apply, call/cc and call-with-values
A loop reuses its variables, so a procedure stays a procedure when one of its variables is kept by a closure
that may outlive an iteration: then its self call is a TailCall. A Jump may leave one inner loop, not more,
because Python's `break` does. Rejected: a trampoline around every call (7 times slower on fib).
"""

from __future__ import annotations

from collections import Counter
from graphlib import CycleError, TopologicalSorter

import attrs

from omegac import core
from omegac.analyse.facts import Facts, FreeVariables, bound_by, facts_of, free_variables, references
from omegac.core import Label, Lambda, Node, Program, Variable
from omegac.library import library
from omegac.traverse import children, rebuild, rebuild_program, tail_nodes, walk


def tail_calls(program: Program, facts: Facts) -> Program:
    """The pass."""
    program = rebuild_program(program, _Loops(facts, references(program)).convert)
    facts = facts_of(program)
    kept = _kept_by_closures(facts)
    program = attrs.evolve(program, items=tuple(_loop_in_definition(item, facts, kept) for item in program.items))
    return _mark(program, facts_of(program))


def replace_tails(node: Node, replacements: dict[Node, Node]) -> Node:
    """The body with some nodes in tail position replaced."""
    match node:
        case core.If():
            return attrs.evolve(
                node,
                then=replace_tails(node.then, replacements),
                otherwise=replace_tails(node.otherwise, replacements),
            )
        case core.Sequence():
            return attrs.evolve(node, items=(*node.items[:-1], replace_tails(node.items[-1], replacements)))
        case core.Let() | core.Letrec() | core.Loop():
            return attrs.evolve(node, body=replace_tails(node.body, replacements))
        case core.Guard():
            return attrs.evolve(node, handler=replace_tails(node.handler, replacements))
    return replacements.get(node, node)


def _calls_to(variable: Variable, node: Node) -> bool:
    return (
        isinstance(node, core.Call) and isinstance(node.operator, core.Reference) and node.operator.variable is variable
    )


class _Loops:
    """Converts local procedures, innermost first."""

    def __init__(self, facts: Facts, uses: Counter[Variable]) -> None:
        self.facts = facts
        self.uses = uses
        self.kept = _kept_by_closures(facts)

    def convert(self, node: Node) -> Node:
        converted = rebuild(node, self.convert)
        if not isinstance(converted, core.Letrec):
            return converted
        bindings = []
        for variable, value in converted.bindings:
            if isinstance(value, core.Lambda) and variable not in self.facts.assigned:
                if len(converted.bindings) == 1 and self._is_named_let(converted, variable, value):
                    return _named_loop(converted, variable, value)
                value = with_loop(variable, value, self.kept)
            bindings.append((variable, value))
        return attrs.evolve(converted, bindings=tuple(bindings))

    def _is_named_let(self, node: core.Letrec, variable: Variable, procedure: Lambda) -> bool:
        """Whether the procedure is only entered once, by the body, and otherwise jumped to."""
        if not _calls_to(variable, node.body) or not _can_loop(procedure, self.kept):
            return False
        if len(children(node.body)) - 1 != len(procedure.parameters):
            return False
        return self.uses[variable] == len(_self_calls(variable, procedure)) + 1


def _kept_by_closures(facts: Facts) -> frozenset[Variable]:
    """The variables that procedures which may outlive an iteration use from outside."""
    free = FreeVariables()
    kept: set[Variable] = set()
    for procedure in facts.escaping:
        kept |= free.of(procedure)
    return frozenset(kept)


def _own_variables(procedure: Lambda) -> set[Variable]:
    """The variables that live in the frame of a procedure."""
    own = set(procedure.parameters)
    pending: list[Node] = [procedure.body]
    while pending:
        node = pending.pop()
        if not isinstance(node, core.Lambda):
            own.update(bound_by(node))
            pending.extend(children(node))
    return own


def _self_calls(variable: Variable, procedure: Lambda) -> dict[Node, Node]:
    """The self tail calls that can be jumps, without their replacements."""
    return {
        node: node
        for node, depth in tail_nodes(procedure.body)
        if depth <= 1 and _calls_to(variable, node) and len(children(node)) - 1 == len(procedure.parameters)
    }


def _can_loop(procedure: Lambda, kept: frozenset[Variable]) -> bool:
    if procedure.rest is not None or _own_variables(procedure) & kept:
        return False
    return not any(isinstance(node, core.Letrec) and _may_be_early(node) for node in walk(procedure.body))


def _may_be_early(node: core.Letrec) -> bool:
    """Whether a value may refer to a variable before its definition; in a loop it would see the last round's."""
    values = dict(node.bindings)
    for i, (_, value) in enumerate(node.bindings):
        if isinstance(value, core.Lambda | core.Constant):
            continue
        reached: set[Variable] = set()
        pending: list[Node] = [value]
        while pending:
            for variable in free_variables(pending.pop()) - reached:
                reached.add(variable)
                if isinstance(values.get(variable), core.Lambda):
                    pending.append(values[variable])
        if any(variable in reached for variable, _ in node.bindings[i:]):
            return True
    return False


def _with_jumps(label: Label, calls: dict[Node, Node], body: Node) -> Node:
    jumps: dict[Node, Node] = {
        call: core.Jump(label, call.operands, call.span) for call in calls if isinstance(call, core.Call)
    }
    return replace_tails(body, jumps)


def with_loop(variable: Variable, procedure: Lambda, kept: frozenset[Variable]) -> Lambda:
    """The procedure with its self tail calls as a loop over its parameters, where that's possible."""
    calls = _self_calls(variable, procedure)
    if not calls or not _can_loop(procedure, kept):
        return procedure
    label = Label(variable.name)
    initial = tuple(core.Reference(parameter, parameter.span) for parameter in procedure.parameters)
    body = _with_jumps(label, calls, procedure.body)
    loop = core.Loop(label, procedure.parameters, initial, body, procedure.span)
    return attrs.evolve(procedure, body=loop)


def _named_loop(node: core.Letrec, variable: Variable, procedure: Lambda) -> Node:
    label = Label(variable.name)
    calls = _self_calls(variable, procedure)
    initial = node.body.operands if isinstance(node.body, core.Call) else ()
    if not calls:
        bindings = tuple(zip(procedure.parameters, initial, strict=True))
        return core.Let(bindings, procedure.body, node.span) if bindings else procedure.body
    body = _with_jumps(label, calls, procedure.body)
    return core.Loop(label, procedure.parameters, initial, body, node.span)


def _loop_in_definition(item: core.Item, facts: Facts, kept: frozenset[Variable]) -> core.Item:
    if not isinstance(item, core.Define) or item.variable in facts.assigned:
        return item
    if not isinstance(item.value, core.Lambda):
        return item
    return attrs.evolve(item, value=with_loop(item.variable, item.value, kept))


def _mark(program: Program, facts: Facts) -> Program:
    """Turn the tail calls that could grow the stack into TailCalls, and mark the procedures that have some."""
    tails = _Tails(facts, program)

    def change(node: Node) -> Node:
        if not isinstance(node, core.Lambda):
            return rebuild(node, change)
        calls = tails.growing.get(node, {})
        body = replace_tails(node.body, calls) if calls else node.body
        return attrs.evolve(node, body=change(body), tail=bool(calls))

    return rebuild_program(program, change)


def called_last(call: core.Call) -> Node:
    """What a call enters as its last step: its operator, or the operand that apply and the like pass on to."""
    operator = call.operator
    last = library()[operator.name].last if isinstance(operator, core.Builtin) else None
    return operator if last is None else call.operands[last]


def _is_python(operator: Node) -> bool:
    """Whether what is called is surely Python's, which makes no tail calls."""
    if isinstance(operator, core.Inline):
        return operator.operation == "attribute"
    return isinstance(operator, core.Imported) and operator.external.is_python


class _Tails:
    """Decides which procedures need a `.tail` entry."""

    def __init__(self, facts: Facts, program: Program) -> None:
        self.facts = facts
        self.calls: dict[Lambda, list[tuple[core.Call, Lambda | None]]] = {}
        for item in program.items:
            for node in walk(item):
                if isinstance(node, core.Lambda):
                    self.calls[node] = self._tail_calls(node)
        self.component = _components({p: [c for _, c in calls if c] for p, calls in self.calls.items()})
        growing = self._growing()
        self.growing: dict[Lambda, dict[Node, Node]] = {
            procedure: {
                call: core.TailCall(call.operator, call.operands, call.span)
                for call, callee in self.calls[procedure]
                if callee in growing or self._grows(procedure, callee)
            }
            for procedure in growing
        }

    def _tail_calls(self, procedure: Lambda) -> list[tuple[core.Call, Lambda | None]]:
        """The tail calls that aren't certainly harmless, with the callee where it's known."""
        found = []
        for node, _ in tail_nodes(procedure.body):
            if not isinstance(node, core.Call):
                continue
            operator = called_last(node)
            if isinstance(operator, core.Builtin) and library()[operator.name].last is None:
                continue
            if isinstance(operator, core.Reference) and operator.variable in self.facts.resumptions:
                continue
            if _is_python(operator):
                continue
            found.append((node, self.facts.procedure(operator)))
        return found

    def _grows(self, procedure: Lambda, callee: Lambda | None) -> bool:
        """Whether a tail call may grow the stack by itself: of what isn't known, and around a cycle."""
        return callee is None or self.component[callee] == self.component[procedure]

    def _growing(self) -> set[Lambda]:
        """The least set of procedures with tail calls that grow the stack, or of other such procedures."""
        callers: dict[Lambda, list[Lambda]] = {}
        pending = []
        for procedure, calls in self.calls.items():
            for _, callee in calls:
                if callee is not None:
                    callers.setdefault(callee, []).append(procedure)
                if self._grows(procedure, callee):
                    pending.append(procedure)
        growing: set[Lambda] = set()
        while pending:
            procedure = pending.pop()
            if procedure not in growing:
                growing.add(procedure)
                pending += callers.get(procedure, ())
        return growing


def _components(graph: dict[Lambda, list[Lambda]]) -> dict[Lambda, int]:
    """A number for each procedure, the same for those that lead to each other."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        # Loading it takes longer than compiling most programs, in which nothing leads back.
        from networkx import DiGraph, strongly_connected_components

        components = strongly_connected_components(DiGraph(graph))
        return {procedure: number for number, component in enumerate(components) for procedure in component}
    return {procedure: number for number, procedure in enumerate(graph)}
