"""Parallelise: maps and bindings whose calls to models are independent may go on at once.

Input: simple core. Output: core in which

    (map f xs)                          => (%concurrent-map f xs)        likewise for-each, vector-map and filter
    (let ((a e) (b e)) body)            => (let ((values (%concurrently (lambda () e) (lambda () e))))
                                             (let ((a (item values 0)) (b (item values 1))) body))

where the effect row of f, and of each e together, is {infer}: calls to models, and nothing that could see in which
order they are made. A row with anything else in it, or with a call of something that is not known, leaves the code as
it was, and so does `sequential` around it. Programs that capture continuations that are entered again stay as they are.
What there is at run time to see the order (trackers, handlers, modes of a budget) is looked for at run time; then these
procedures are loops. Rejected: making every `map` decide at run time, which it could not know enough for.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from omega_runtime.concurrent.library import MOST_BINDINGS

from omegac import core
from omegac.analyse.effects import Effects, calls_models, effects_of
from omegac.analyse.facts import Facts
from omegac.core import Lambda, Node, Program, Variable
from omegac.traverse import rebuild, rebuild_program, walk

_CONCURRENT = {
    "map": "%concurrent-map",
    "for-each": "%concurrent-for-each",
    "vector-map": "%concurrent-vector-map",
    "filter": "%concurrent-filter",
}
_ASKS = frozenset({"infer"})
_AT_ONCE = core.Constant | core.Reference | core.Builtin | core.Lambda


def parallelise(program: Program, facts: Facts) -> Program:
    """The pass."""
    if not calls_models(program):
        return program
    effects = effects_of(program, facts)
    asks = any(not _ASKS.isdisjoint(row.kinds) for row in (*effects.procedures.values(), *effects.items.values()))
    if effects.captures or not asks:
        return program
    independent = _Independent(facts, effects)

    def change(node: Node) -> Node:
        # What the analyses know is about nodes as they were, so they are asked before anything is rebuilt.
        match node:
            case core.Call(operator=core.Builtin(name="%sequential")):
                return node
            case core.Call(operator=core.Builtin(name=name), operands=(procedure, _, *_)) if name in _CONCURRENT:
                is_independent = independent.is_procedure(procedure)
                call = rebuild(node, change)
                return _renamed(call, _CONCURRENT[name]) if is_independent else call
            case core.Let(bindings=bindings):
                values = [value for _, value in bindings if not isinstance(value, _AT_ONCE)]
                are_independent = independent.are_values(values)
                let = rebuild(node, change)
                return _at_once(let) if are_independent else let
        return rebuild(node, change)

    return rebuild_program(program, change)


class _Independent:
    """Which procedures and values ask models and do nothing else that could be seen."""

    def __init__(self, facts: Facts, effects: Effects) -> None:
        self._facts = facts
        self._effects = effects
        self._escapes = effects.continuations | facts.resumptions

    def is_procedure(self, node: Node) -> bool:
        """Whether the calls of a node's value are independent of each other, and ask models."""
        row = self._effects.of_value(node)
        return row.kinds == _ASKS and not row.calls and not self._may_escape(node, set())

    def are_values(self, nodes: Sequence[Node]) -> bool:
        """Whether the values of these nodes may be computed at once, and that is worth it."""
        if not 2 <= len(nodes) <= MOST_BINDINGS:
            return False
        rows = [self._effects.of_node(node) for node in nodes]
        if any(row.calls or not row.kinds <= _ASKS for row in rows) or sum(row.kinds == _ASKS for row in rows) < 2:
            return False
        return not any(self._may_escape(node, set()) for node in nodes)

    def _may_escape(self, node: Node, seen: set[Lambda]) -> bool:
        """Whether the code of a node, or of a procedure that it refers to, may call a continuation from outside.

        What a loop would not have come to must not be asked, and paid for, before it leaves.
        """
        for each in walk(node):
            if not isinstance(each, core.Reference):
                continue
            if each.variable in self._escapes:
                return True
            procedure = self._facts.procedure(each)
            if procedure is not None and procedure not in seen:
                seen.add(procedure)
                if self._may_escape(procedure, seen):
                    return True
        return False


def _renamed(call: Node, name: str) -> Node:
    assert isinstance(call, core.Call)
    return attrs.evolve(call, operator=core.Builtin(name, call.operator.span))


def _at_once(let: Node) -> Node:
    """A Let whose values are computed by procedures of no arguments, but for those that are there already."""
    assert isinstance(let, core.Let)
    values = Variable("values", let.span, hidden=True)
    thunks: list[Lambda] = []
    bindings: list[tuple[Variable, Node]] = []
    for variable, value in let.bindings:
        if isinstance(value, _AT_ONCE):
            bindings.append((variable, value))
            continue
        place = core.Constant(len(thunks), value.span)
        bindings.append((variable, core.Inline("item", (core.Reference(values, value.span), place), value.span)))
        thunks.append(Lambda((), None, value, value.span, variable.name))
    call = core.Call(core.Builtin("%concurrently", let.span), tuple(thunks), let.span)
    return core.Let(((values, call),), core.Let(tuple(bindings), let.body, let.span), let.span)
