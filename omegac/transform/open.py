"""Open: calls of short procedures in loops become what the procedures compute.

Input: core with loops. Output: the same, where a call that is made again and again is none any more:

    (define (next c) (integer->char (+ (char->integer c) 1)))
    (map next (string->list text))      =>  (Gather c (string-chars text) (integer->char (+ (char->integer c) 1)))

Only where the text doesn't grow much and says the same: the procedure has no other effects than errors, calls nothing
but the library, and is there before the loop can run; operands are names and constants, which can be put anywhere.
Rejected: opening calls everywhere, where they cost little; opening recursion once or twice, which makes `fib` a
quarter faster and nobody would write.
"""

from __future__ import annotations

from omegac import core
from omegac.analyse.facts import Facts, runs_before
from omegac.core import Item, Lambda, Node, Program
from omegac.library import library
from omegac.primitives import PRIMITIVES
from omegac.traverse import copied, few_nodes, nodes_of, rebuild, rebuild_item, with_items

_SIZE_MAX = 20
_ROUNDS = core.Loop | core.Gather | core.Each


def open_calls(program: Program, facts: Facts) -> Program:
    """The pass."""
    opening = _Opening(program, facts)
    return with_items(program, [opening.opened(item) for item in program.items])


class _Opening:
    """Rewrites nodes; `_in_round` says whether the present one is evaluated in each round of a loop around it."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self._facts = facts
        self._short: dict[Lambda, bool] = {}
        self._homes = {item.value: item for item in program.definitions}
        self._runs = runs_before(program)
        self._runs_here = 0
        self._in_round = False

    def opened(self, item: Item) -> Item:
        """An item in which such calls are opened."""
        nodes = nodes_of(item)
        if not any(isinstance(node, _ROUNDS) for node in nodes) or not any(map(self._callee, nodes)):
            return item
        self._runs_here = self._runs[item]
        return rebuild_item(item, self._change)

    def _change(self, node: Node) -> Node:
        outer = self._in_round
        self._in_round = not isinstance(node, Lambda) and (outer or isinstance(node, _ROUNDS))
        changed = rebuild(node, self._change)
        self._in_round = outer
        if outer and isinstance(changed, core.Call):
            return self._call(changed)
        return changed

    def _callee(self, node: Item) -> Lambda | None:
        """The short procedure of the top level that a node calls, if it does."""
        procedure = self._facts.procedure(node.operator) if isinstance(node, core.Call) else None
        if procedure is None or procedure not in self._homes:
            return None
        if procedure not in self._short:
            self._short[procedure] = _is_short(procedure)
        return procedure if self._short[procedure] else None

    def _call(self, call: core.Call) -> Node:
        procedure = self._callee(call)
        if procedure is None or len(call.operands) != len(procedure.parameters):
            return call
        if not (self._is_there(procedure) and all(map(self._can_be_anywhere, call.operands))):
            return call
        return copied(procedure.body, dict(zip(procedure.parameters, call.operands, strict=True)))

    def _is_there(self, procedure: Lambda) -> bool:
        """Whether a procedure is defined before the present item's code can run."""
        return self._runs[self._homes[procedure]] <= self._runs_here

    def _can_be_anywhere(self, operand: Node) -> bool:
        match operand:
            case core.Constant():
                return True
            case core.Reference(variable=variable):
                return variable not in self._facts.assigned and variable not in self._facts.toplevel
        return False


def _is_short(procedure: Lambda) -> bool:
    nodes = few_nodes(procedure.body, _SIZE_MAX)
    return procedure.rest is None and not procedure.tail and nodes is not None and all(map(_is_plain, nodes))


def _is_plain(node: Item) -> bool:
    match node:
        case core.Constant() | core.Reference() | core.Builtin() | core.If():
            return True
        case core.Inline(operation=operation):
            return not PRIMITIVES[operation].is_statement
        case core.Call(operator=core.Builtin(name=name)):
            known = library()[name]
            return not known.row and not known.calls
    return False
