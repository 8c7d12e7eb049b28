"""Where variables are used in a program."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from omegac import core
from omegac.core import Item, Node, Program, Variable
from omegac.traverse import children, nodes_of


class Occurrences:
    """Answers whether a node uses a variable, without a set of variables for each node.

    Nodes are numbered in the order of `walk`, in which what is below a node follows it.
    """

    def __init__(self, program: Program) -> None:
        self._numbers: dict[Item, int] = {}
        self._ends: list[int] = []
        self._places: dict[Variable, list[int]] = {}
        self._taken_apart: dict[Variable, list[int]] = {}
        self._as_itself: dict[Variable, list[int]] = {}
        for item in program.items:
            self._number(nodes_of(item))

    def _number(self, nodes: Sequence[Item]) -> None:
        first = len(self._ends)
        self._ends += [0] * len(nodes)
        for number, node in enumerate(nodes, first):
            self._numbers[node] = number
            match node:
                case core.Reference() | core.Assignment():
                    self._places.setdefault(node.variable, []).append(number)
                case core.Inline(operation="car" | "cdr", operands=(core.Reference(variable=variable),)):
                    self._taken_apart.setdefault(variable, []).append(number)
                case core.Inline(operation="is") | core.Call() | core.TailCall() if _is_about_itself(node):
                    for operand in node.operands:
                        if isinstance(operand, core.Reference):
                            self._as_itself.setdefault(operand.variable, []).append(number)
        # From behind: each part begins where the one before it ends.
        for number in reversed(range(first, len(self._ends))):
            end = number + 1
            for _ in children(nodes[number - first]):
                end = self._ends[end]
            self._ends[number] = end

    def count(self, variable: Variable) -> int:
        """How often a variable is referred to or assigned."""
        return len(self._places.get(variable, ()))

    def count_in(self, variable: Variable, node: Item) -> int:
        """How often a variable is referred to or assigned in a node."""
        return self._count(self._places.get(variable, ()), node)

    def is_used(self, variable: Variable, node: Item) -> bool:
        """Whether a variable is referred to or assigned somewhere in a node."""
        return self._has(self._places.get(variable, ()), node)

    def users(self, variable: Variable, nodes: Sequence[Node]) -> list[int]:
        """The indices of those nodes, which follow each other in the program, that use a variable."""
        starts = [self._numbers[node] for node in nodes]
        found = {bisect_right(starts, place) - 1 for place in self._places.get(variable, ())}
        return [i for i in found if i >= 0 and self.is_used(variable, nodes[i])]

    def taken_apart_in(self, variable: Variable, node: Item) -> int:
        """How often the `car` or `cdr` of a variable is taken in a node."""
        return self._count(self._taken_apart.get(variable, ()), node)

    def is_itself_in(self, variable: Variable, node: Item) -> bool:
        """Whether a list of Python's in a variable is more to a node than the list of its elements."""
        return self._has(self._as_itself.get(variable, ()), node)

    def _count(self, places: Sequence[int], node: Item) -> int:
        number = self._numbers[node]
        return bisect_left(places, self._ends[number]) - bisect_left(places, number)

    def _has(self, places: Sequence[int], node: Item) -> bool:
        number = self._numbers[node]
        found = bisect_left(places, number)
        return found < len(places) and places[found] < self._ends[number]


_ABOUT_OBJECTS = ("vector", "subvector", "eq?", "eqv?")


def _is_about_itself(node: core.Inline | core.Call | core.TailCall) -> bool:
    """Whether an operation takes lists of Python's for something else than lists, or asks which one it is."""
    if isinstance(node, core.Inline) or isinstance(node.operator, core.Imported):
        return True
    return isinstance(node.operator, core.Builtin) and node.operator.name.startswith(_ABOUT_OBJECTS)
