"""Merge: procedures that call each other last become loops of their own.

Input: core before loops. Output: the same, where a procedure around a cycle of tail calls has the others' bodies in
the place of its calls, so that the last one calls the procedure itself:

    (define (even n) (if (= n 0) #t (odd (- n 1))))      =>  (define (even n)
    (define (odd n) (if (= n 0) #f (even (- n 1))))            (if (= n 0) #t
                                                                 (let ((n′ (- n 1))) (if (= n′ 0) #f (even (- n′ 1))))))

Only where all of the cycle's calls go away: what is left of a cycle needs TailCalls as before. Nothing is merged that
makes procedures or has effects' sites, that is long, or that could be called before the others are defined.
"""

from __future__ import annotations

import attrs

from omegac import core
from omegac.analyse.facts import Facts, facts_of, runs_before
from omegac.core import Item, Lambda, Node, Program
from omegac.transform.tailcalls import components, replace_tails
from omegac.traverse import copied, few_nodes, nodes_of, rebuild, rebuild_item, tail_nodes

_SIZE_MAX = 40
_MERGED_MAX = 160
_PLAIN = (
    core.Constant
    | core.Reference
    | core.Imported
    | core.Builtin
    | core.If
    | core.Call
    | core.Let
    | core.Sequence
    | core.Inline
)


def merge(program: Program, facts: Facts) -> tuple[Program, Facts]:
    """The pass; gives the facts about its result, too."""
    merging = _Merging(program, facts)
    merged = {procedure: found for procedure in merging.cyclic if (found := merging.merged(procedure))}
    if not merged:
        return program, facts

    def change(node: Node) -> Node:
        if isinstance(node, Lambda) and node in merged:
            node = attrs.evolve(node, body=merged[node])
        return rebuild(node, change)

    # Procedures inside of others may be anywhere; those of the top level are items.
    tops = {item.value for item in program.definitions}
    are_inside = not merged.keys() <= tops
    items = [
        rebuild_item(item, change) if are_inside or (isinstance(item, core.Define) and item.value in merged) else item
        for item in program.items
    ]
    program = attrs.evolve(program, items=tuple(items))
    return program, facts_of(program)


class _Merging:
    """Finds the cycles of small procedures, and the bodies that go around them."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self._facts = facts
        self._homes = _homes(program)
        calls = {each: self._known_calls(each.body) for each in self._homes}
        leading = {each: found for each, found in calls.items() if any(callee is not each for _, callee in found)}
        self._calls = {each: found for each, found in leading.items() if _is_small(each)}
        graph = {each: [callee for _, callee in found if callee in self._calls] for each, found in self._calls.items()}
        graph = {each: [callee for callee in callees if callee is not each] for each, callees in graph.items()}
        self._component = components(graph) if any(graph.values()) else {}
        sizes: dict[int, int] = {}
        for number in self._component.values():
            sizes[number] = sizes.get(number, 0) + 1
        # How many nodes the body that is being made may still get.
        self._room = 0
        self.cyclic = [each for each, number in self._component.items() if sizes[number] > 1]

    def merged(self, procedure: Lambda) -> Node | None:
        """The body of a procedure that goes all around its cycle, if there is one."""
        self._room = _MERGED_MAX
        body = self._around(procedure.body, self._calls[procedure], (procedure,))
        return body if body is not None and few_nodes(body, _MERGED_MAX) is not None else None

    def _around(self, body: Node, calls: list[tuple[core.Call, Lambda]], path: tuple[Lambda, ...]) -> Node | None:
        """A body with the calls that lead around replaced; None when one goes elsewhere in the cycle."""
        first, replacements = path[0], dict[Node, Node]()
        for call, callee in calls:
            if callee is first or self._component.get(callee) != self._component[first]:
                continue
            if callee in path or not self._is_near(callee, first) or len(call.operands) != len(callee.parameters):
                return None
            # There can be more ways around than anyone could write down.
            self._room -= len(nodes_of(callee.body))
            if self._room < 0:
                return None
            parameters = {each: attrs.evolve(each) for each in callee.parameters}
            copy = copied(callee.body, dict(parameters))
            inner = self._around(copy, self._known_calls(copy), (*path, callee))
            if inner is None:
                return None
            bindings = tuple(zip(parameters.values(), call.operands, strict=True))
            replacements[call] = core.Let(bindings, inner, call.span) if bindings else inner
        return replace_tails(body, replacements)

    def _is_near(self, callee: Lambda, procedure: Lambda) -> bool:
        """Whether a procedure is there whenever the other one can be called."""
        (home, place), (other_home, other_place) = self._homes[callee], self._homes[procedure]
        return home is other_home and place <= other_place

    def _known_calls(self, body: Node) -> list[tuple[core.Call, Lambda]]:
        """The tail calls of known procedures."""
        calls = [node for node, _ in tail_nodes(body) if isinstance(node, core.Call)]
        known = [(call, self._facts.procedure(call.operator)) for call in calls]
        return [(call, callee) for call, callee in known if callee is not None]


def _homes(program: Program) -> dict[Lambda, tuple[Item | None, int]]:
    """Where procedures with names are defined: in which letrec, or after how many items that run code."""
    found: dict[Lambda, tuple[Item | None, int]] = {}
    for item, runs in runs_before(program).items():
        if isinstance(item, core.Define) and isinstance(item.value, Lambda):
            found[item.value] = (None, runs)
        for node in nodes_of(item):
            if isinstance(node, core.Letrec) and all(isinstance(value, Lambda) for _, value in node.bindings):
                found.update({value: (node, 0) for _, value in node.bindings if isinstance(value, Lambda)})
    return found


def _is_small(procedure: Lambda) -> bool:
    nodes = few_nodes(procedure.body, _SIZE_MAX)
    return procedure.rest is None and nodes is not None and all(isinstance(node, _PLAIN) for node in nodes)
