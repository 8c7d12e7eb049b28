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

from collections.abc import Callable
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

import attrs

from omegac import core
from omegac.analyse.facts import Facts, bound_by, facts_of, kept_by_closures, references
from omegac.analyse.occurrences import Occurrences
from omegac.core import Item, Label, Lambda, Node, Program, Variable
from omegac.library import library
from omegac.transform.hoist import hoisted
from omegac.traverse import Change, Somewhere, children, nodes_of, rebuild, rebuild_item, tail_nodes, with_items

_LOOPS_LEFT_MAX = 1


def tail_calls(program: Program, facts: Facts) -> Program:
    """The pass."""
    early = _early_letrecs(program)
    loops = _Loops(program, facts, early)
    converted = _rebuilt(program, loops.convert, lambda node: isinstance(node, core.Letrec))
    if converted is not program:
        loops = _Loops(converted, facts_of(converted), early)
    program = attrs.evolve(converted, items=tuple(map(loops.in_definition, converted.items)))
    return _mark(program, facts_of(program))


def _rebuilt(program: Program, change: Change, concerns: Callable[[Item], bool]) -> Program:
    """The program with a change applied to the items that have nodes which it concerns."""
    items = [rebuild_item(item, change) if any(map(concerns, nodes_of(item))) else item for item in program.items]
    return with_items(program, items)


def replace_tails(node: Node, replacements: dict[Node, Node], loops_max: int | None = None) -> Node:
    """The body with some nodes in tail position replaced; those inside more loops stay as they are."""

    def replaced(node: Node, loops_max: int | None = loops_max) -> Node:
        return replace_tails(node, replacements, loops_max)

    match node:
        case core.If():
            return attrs.evolve(node, then=replaced(node.then), otherwise=replaced(node.otherwise))
        case core.Sequence():
            return attrs.evolve(node, items=(*node.items[:-1], replaced(node.items[-1])))
        case core.Let() | core.Letrec():
            return attrs.evolve(node, body=replaced(node.body))
        case core.Loop():
            if loops_max == 0:
                return node
            return attrs.evolve(node, body=replaced(node.body, None if loops_max is None else loops_max - 1))
        case core.Guard():
            return attrs.evolve(node, handler=replaced(node.handler))
    return replacements.get(node, node)


def _calls_to(variable: Variable, node: Node) -> bool:
    return (
        isinstance(node, core.Call) and isinstance(node.operator, core.Reference) and node.operator.variable is variable
    )


class _Loops:
    """Converts procedures, the local ones innermost first; what is known of a node stays known."""

    def __init__(self, program: Program, facts: Facts, early: frozenset[Variable]) -> None:
        self.facts = facts
        self.uses = references(program)
        self._program = program
        self._early = early
        self._kept = kept_by_closures(program, facts)
        self._owns_kept = Somewhere(lambda node: not self._kept.isdisjoint(bound_by(node)), in_procedures=False)
        self._has_early = Somewhere(lambda node: isinstance(node, core.Letrec) and node.bindings[0][0] in early)

    def convert(self, node: Node) -> Node:
        """A node with loops in the place of its local procedures, where that's possible."""
        converted = rebuild(node, self.convert)
        if not isinstance(converted, core.Letrec):
            return converted
        bindings = []
        for variable, value in converted.bindings:
            if isinstance(value, core.Lambda) and variable not in self.facts.assigned:
                if len(converted.bindings) == 1 and self._is_named_let(converted, variable, value):
                    return self._named_loop(converted, variable, value)
                value = self._with_loop(variable, value)
            bindings.append((variable, value))
        return attrs.evolve(converted, bindings=tuple(bindings))

    def in_definition(self, item: core.Item) -> core.Item:
        """A top-level item whose procedure is a loop, where that's possible."""
        if not isinstance(item, core.Define) or item.variable in self.facts.assigned:
            return item
        if not isinstance(item.value, core.Lambda):
            return item
        procedure = self._with_loop(item.variable, item.value)
        return item if procedure is item.value else attrs.evolve(item, value=procedure)

    def _is_named_let(self, node: core.Letrec, variable: Variable, procedure: Lambda) -> bool:
        """Whether the procedure is only entered once, by the body, and otherwise jumped to."""
        if not _calls_to(variable, node.body) or not self._can_loop(procedure):
            return False
        if len(children(node.body)) - 1 != len(procedure.parameters):
            return False
        return self.uses[variable] == len(self._self_calls(variable, procedure, entries=1)) + 1

    def _self_calls(self, variable: Variable, procedure: Lambda, entries: int = 0) -> dict[Node, Node]:
        """The self tail calls that can be jumps, without their replacements; `entries` are calls from outside."""
        if self.uses[variable] == entries:
            return {}
        return {
            node: node
            for node, _ in tail_nodes(procedure.body, _LOOPS_LEFT_MAX)
            if _calls_to(variable, node) and len(children(node)) - 1 == len(procedure.parameters)
        }

    @cached_property
    def _late(self) -> frozenset[Variable]:
        """The variables that code may ask for before they have a value."""
        letrecs = [node for item in self._program.items for node in nodes_of(item) if isinstance(node, core.Letrec)]
        return self.facts.toplevel.union(variable for node in letrecs for variable, _ in node.bindings)

    def _can_loop(self, procedure: Lambda) -> bool:
        owns_kept = bool(self._kept) and self._owns_kept(procedure)
        return procedure.rest is None and not owns_kept and not (self._early and self._has_early(procedure))

    def _with_loop(self, variable: Variable, procedure: Lambda) -> Lambda:
        """The procedure with its self tail calls as a loop over its parameters, where that's possible."""
        calls = self._self_calls(variable, procedure)
        if not calls or not self._can_loop(procedure):
            return procedure
        label = Label(variable.name)
        initial = tuple(core.Reference(parameter, parameter.span) for parameter in procedure.parameters)
        body = _with_jumps(label, calls, procedure.body)
        loop = hoisted(core.Loop(label, procedure.parameters, initial, body, procedure.span), self._late)
        return attrs.evolve(procedure, body=loop)

    def _named_loop(self, node: core.Letrec, variable: Variable, procedure: Lambda) -> Node:
        label = Label(variable.name)
        calls = self._self_calls(variable, procedure, entries=1)
        initial = node.body.operands if isinstance(node.body, core.Call) else ()
        if not calls:
            bindings = tuple(zip(procedure.parameters, initial, strict=True))
            return core.Let(bindings, procedure.body, node.span) if bindings else procedure.body
        body = _with_jumps(label, calls, procedure.body)
        return hoisted(core.Loop(label, procedure.parameters, initial, body, node.span), self._late)


def _with_jumps(label: Label, calls: dict[Node, Node], body: Node) -> Node:
    jumps: dict[Node, Node] = {
        call: core.Jump(label, call.operands, call.span) for call in calls if isinstance(call, core.Call)
    }
    return replace_tails(body, jumps, _LOOPS_LEFT_MAX)


def _early_letrecs(program: Program) -> frozenset[Variable]:
    """The first variables of those letrecs of which a value may refer to a variable before its definition.

    In a loop it would see the last round's.
    """
    letrecs = [node for item in program.items for node in nodes_of(item) if isinstance(node, core.Letrec)]
    computing = [node for node in letrecs if _computed(node)]
    occurrences = Occurrences(program) if computing else None
    return frozenset(node.bindings[0][0] for node in computing if occurrences and _may_be_early(node, occurrences))


def _computed(node: core.Letrec) -> set[int]:
    """The indices of the values that take code to compute."""
    return {i for i, (_, value) in enumerate(node.bindings) if not isinstance(value, core.Lambda | core.Constant)}


def _may_be_early(node: core.Letrec, occurrences: Occurrences) -> bool:
    """Whether a value refers to its own variable or a later one, be it through procedures."""
    values = [value for _, value in node.bindings]
    computed = _computed(node)
    users = [occurrences.users(variable, values) for variable, _ in node.bindings]
    # For each value the last variable that it leads to: from there backwards, whoever is met for the first time.
    seen: set[int] = set()
    for last in reversed(range(len(values))):
        pending = [last]
        while pending:
            for user in users[pending.pop()]:
                if user in seen:
                    continue
                seen.add(user)
                if user in computed and user <= last:
                    return True
                if isinstance(values[user], core.Lambda):
                    pending.append(user)
    return False


def _mark(program: Program, facts: Facts) -> Program:
    """Turn the tail calls that could grow the stack into TailCalls, and mark the procedures that have some."""
    tails = _Tails(facts, program)

    def change(node: Node) -> Node:
        if not isinstance(node, core.Lambda):
            return rebuild(node, change)
        calls = tails.growing.get(node)
        if calls:
            node = attrs.evolve(node, body=replace_tails(node.body, calls), tail=True)
        return rebuild(node, change)

    return _rebuilt(program, change, tails.growing.__contains__)


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
            for node in nodes_of(item):
                if isinstance(node, core.Lambda):
                    self.calls[node] = self._tail_calls(node)
        self.component = components({p: [c for _, c in calls if c] for p, calls in self.calls.items()})
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


def components(graph: dict[Lambda, list[Lambda]]) -> dict[Lambda, int]:
    """A number for each procedure, the same for those that lead to each other."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        # Loading it takes longer than compiling most programs, in which nothing leads back.
        from networkx import DiGraph, strongly_connected_components

        components = strongly_connected_components(DiGraph(graph))
        return {procedure: number for number, component in enumerate(components) for procedure in component}
    return {procedure: number for number, procedure in enumerate(graph)}
