"""Share: arithmetic that an expression does twice on the same numbers is done once.

Input: core with loops. Output: the same, where a common subexpression has a variable:

    (hash-table-set! t (modulo k 5) (+ 1 (hash-table-ref/default t (modulo k 5) 0)))
        =>  (Let ((remainder (modulo k 5))) (hash-table-set! t remainder (+ 1 (hash-table-ref/default t remainder 0))))

Only where the expression begins with it, so that an error comes neither sooner nor later, and where it stands as a
statement of its own: a variable would make statements of a condition, a comprehension or a `lambda`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TypeGuard

import attrs

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.traverse import children, nodes_of, rebuild, rebuild_item, with_items

_NAMES = {"add": "sum", "subtract": "difference", "multiply": "product", "modulo": "remainder"}
_STRICT = core.Inline | core.Call | core.Jump | core.TailCall
_BLOCKS = core.Sequence | core.Let | core.Letrec | core.Loop
# Variables for one expression: looking for each takes as long as the expression is.
_MOST = 8


def share(program: Program, facts: Facts) -> Program:
    """The pass."""
    sharing = _Sharing(facts)
    return with_items(program, [sharing.shared(item) for item in program.items])


@attrs.frozen
class _Sharing:
    """`_numbers` are value numbers: arithmetic on the same variables and constants has the same one.

    `_defined` are the variables of the top level that have a value before the present item's code can run.
    """

    _facts: Facts
    _defined: set[Variable] = attrs.field(factory=set)
    _numbers: dict[Node, int | None] = attrs.field(factory=dict)
    _values: dict[Hashable, int] = attrs.field(factory=dict)

    def shared(self, item: Item) -> Item:
        """An item in which common subexpressions are computed once."""
        if isinstance(item, core.Define) and isinstance(item.value, Lambda):
            self._defined.add(item.variable)
        return rebuild_item(item, self._bound) if self._repeated(nodes_of(item)) else item

    def _bound(self, node: Node) -> Node:
        """What a variable is bound to: a procedure is a `def` then."""
        return rebuild(node, self._statement) if isinstance(node, Lambda) else self._statement(node)

    def _statement(self, node: Node) -> Node:
        """A node that is written as statements, or as one."""
        match node:
            case core.If():
                return rebuild(node, lambda part: (self._part if part is node.test else self._statement)(part))
            case core.Let() | core.Letrec():
                return rebuild(node, self._bound)
            case core.Gather() | Lambda():
                return self._part(node)
            case core.Inline() | core.Call() | core.Jump() | core.TailCall():
                return self._with_variables(rebuild(node, self._part), _MOST)
        return rebuild(node, self._statement)

    def _part(self, node: Node) -> Node:
        """A node within an expression."""
        is_block = isinstance(node, Lambda) and isinstance(node.body, _BLOCKS)
        return rebuild(node, self._statement if is_block else self._part)

    def _with_variables(self, node: Node, most: int) -> Node:
        common = self._common(node) if most else None
        if common is None:
            return node
        variable, number = Variable(_NAMES[common.operation], common.span, hidden=True), self._number(common)

        def change(part: Node) -> Node:
            if _is_arithmetic(part) and self._number(part) == number:
                return core.Reference(variable, part.span)
            return rebuild(part, change) if isinstance(part, _STRICT) else part

        return core.Let(((variable, common),), self._with_variables(change(node), most - 1), node.span)

    def _common(self, node: Node) -> core.Inline | None:
        """The largest common subexpression that a node begins with."""
        order = _evaluated(node)
        repeated = self._repeated(each for each, _ in order)
        if not repeated:
            return None
        began = next((at for at, (each, _) in enumerate(order) if not self._is_there(each)), 0)
        common = None
        for each, start in order:
            # What begins behind the first thing that is done doesn't begin the node.
            if start <= began and _is_arithmetic(each) and self._number(each) in repeated:
                common = each
        return common

    def _repeated(self, nodes: Iterable[Item]) -> set[int | None]:
        """The value numbers that arithmetic has more than once."""
        found = Counter([self._number(node) for node in nodes if _is_arithmetic(node)])
        return {number for number, count in found.items() if count > 1 and number is not None}

    def _number(self, node: Node) -> int | None:
        """The value number of arithmetic, a variable or a constant; None for what may change, or tell that it ran."""
        if node not in self._numbers:
            self._numbers[node] = self._numbered(node)
        return self._numbers[node]

    def _numbered(self, node: Node) -> int | None:
        value: Hashable
        match node:
            case core.Reference(variable=variable) if self._is_there(node):
                value = variable
            case core.Constant(value=int() | float() as number):
                value = repr(number)
            case core.Inline(operation=operation) if _is_arithmetic(node):
                numbers = tuple([self._number(each) for each in node.operands])
                if None in numbers:
                    return None
                value = (operation, numbers)
            case _:
                return None
        return self._values.setdefault(value, len(self._values))

    def _is_there(self, node: Node) -> bool:
        """Whether evaluating a node does nothing, and gives the same everywhere in an expression."""
        match node:
            case core.Constant() | core.Builtin():
                return True
            case core.Reference(variable=variable):
                is_known = variable not in self._facts.toplevel or variable in self._defined
                return is_known and variable not in self._facts.assigned
        return False


def _is_arithmetic(node: Item) -> TypeGuard[core.Inline]:
    return isinstance(node, core.Inline) and node.operation in _NAMES


def _evaluated(node: Node) -> list[tuple[Node, int]]:
    """What is evaluated whenever an expression is, in that order, each with the place of its first part."""
    order: list[tuple[Node, int]] = []
    pending: list[tuple[Node, int | None]] = [(node, None)]
    while pending:
        current, start = pending.pop()
        if start is None and isinstance(current, _STRICT):
            pending.append((current, len(order)))
            pending += [(each, None) for each in children(current)[::-1]]
        else:
            order.append((current, len(order) if start is None else start))
    return order
