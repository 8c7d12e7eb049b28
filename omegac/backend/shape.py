"""Which nodes become one Python expression, and which of those give a Python bool."""

from __future__ import annotations

from collections.abc import Iterable

from omegac import core
from omegac.analyse.occurrences import Occurrences
from omegac.core import Node
from omegac.operations import is_model_call
from omegac.primitives import PRIMITIVES, is_boolean
from omegac.traverse import children, few_nodes

_SIZE_MAX = 14
_HEIGHT_MAX = 40
_CALLS = core.Call | core.Inline


def conjuncts(node: Node) -> tuple[Node, Node] | None:
    """The two sides of `(and a b)`, as the expander writes it."""
    if isinstance(node, core.If) and isinstance(node.otherwise, core.Constant) and node.otherwise.value is False:
        return node.test, node.then
    return None


def is_small(node: Node) -> bool:
    """Whether a node is short enough to read inside another expression."""
    return few_nodes(node, _SIZE_MAX) is not None


class Shapes:
    """Decides, once for each node, whether it is written without statements."""

    def __init__(self, occurrences: Occurrences) -> None:
        self._occurrences = occurrences
        self._known: dict[Node, bool] = {}
        self._tests: dict[Node, bool] = {}
        self._heights: dict[Node, int] = {}

    def alternatives(self, node: Node) -> tuple[Node, Node] | None:
        """The two sides of `(or a b)`, as the expander writes it: the variable has no other use."""
        match node:
            case core.Let(bindings=((variable, test),), body=core.If() as body):
                if (
                    isinstance(body.test, core.Reference)
                    and isinstance(body.then, core.Reference)
                    and body.test.variable is body.then.variable is variable
                    and self._occurrences.count(variable) == 2
                ):
                    return test, body.otherwise
            case core.If(then=core.Constant(value=True)) if is_boolean(node.test):
                return node.test, node.otherwise
        return None

    def is_expression(self, node: Node) -> bool:
        """Whether the node's value is one Python expression."""
        if node not in self._known:
            self._known[node] = not self.is_too_deep(node) and self._decide(node)
        return self._known[node]

    def _are_expressions(self, nodes: Iterable[Node]) -> bool:
        return False not in [self.is_expression(node) for node in nodes]

    def is_test(self, node: Node) -> bool:
        """Whether the node as a condition is one Python expression."""
        if node not in self._tests:
            parts = self.alternatives(node) or conjuncts(node)
            self._tests[node] = (
                False not in [self.is_test(part) for part in parts] if parts else self.is_expression(node)
            )
        return self._tests[node]

    def is_boolean_test(self, node: Node) -> bool:
        """Whether a node is a conditional in one expression that gives what its test gives, which is a bool."""
        return isinstance(node, core.If) and is_boolean(node.test) and self.is_expression(node)

    def is_too_deep(self, node: Node) -> bool:
        """Whether an expression goes into a variable of its own, as Python nests 200 brackets at the most."""
        return isinstance(node, _CALLS) and self._height(node) % _HEIGHT_MAX == 0

    def _height(self, node: Node) -> int:
        """How deep calls are nested in a node, counted within one procedure."""
        height = self._heights.get(node)
        if height is None:
            height = 0
            for child in () if isinstance(node, core.Lambda) else children(node):
                height = max(height, self._height(child))
            height += isinstance(node, _CALLS)
            self._heights[node] = height
        return height

    def _decide(self, node: Node) -> bool:
        match node:
            case core.Constant() | core.Reference() | core.Builtin() | core.Imported() | core.Runtime():
                return True
            case core.Entry():
                return self.is_expression(node.procedure)
            case core.Inline():
                return not PRIMITIVES[node.operation].is_statement and self._are_expressions(node.operands)
            case core.Call():
                return self.is_expression(node.operator) and self._are_expressions(node.operands)
            case core.If():
                return self._is_conditional(node)
            case core.Let():
                parts = self.alternatives(node)
                return parts is not None and is_boolean(parts[0]) and self._are_expressions(parts)
            case core.Lambda():
                return is_small(node.body) and self.is_lambda(node)
            case core.Handle():
                return self._are_expressions(tuple(children(node)))
            case core.Gather():
                return self._is_comprehension(node)
            case core.Woven():
                return not is_model_call(node.site.operation) and self._are_expressions(node.operands)
        return False

    def is_lambda(self, node: core.Lambda) -> bool:
        """Whether a procedure, and those that it returns, can be written as a `lambda` of any length."""
        while not node.tail and node.rest is None and node.documentation is None:
            if not isinstance(node.body, core.Lambda):
                return self.is_expression(node.body)
            node = node.body
        return False

    def _is_comprehension(self, node: core.Gather) -> bool:
        parts = (node.source, node.value)
        return (
            is_small(node.value)
            and self._are_expressions(parts)
            and (node.test is None or (is_small(node.test) and self.is_test(node.test)))
        )

    def _is_conditional(self, node: core.If) -> bool:
        branches = (node.then, node.otherwise)
        return is_small(node) and self.is_test(node.test) and self._are_expressions(branches)
