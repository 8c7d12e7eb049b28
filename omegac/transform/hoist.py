"""Hoist: the check that a loop's variable is a number, out of the loop.

Where the loop's first test is `(= v …)`, each jump gives v a number, and what v starts with may be anything:

    (Loop L (v) (a) (if (= v 0) …))     =>  (Loop L (v) ((number a)) …)     an error is that of the test

Nothing is evaluated between the start of the loop and its test, so the error comes neither sooner nor later.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

from omegac import core
from omegac.core import Node, Variable
from omegac.primitives import PRIMITIVES
from omegac.traverse import tail_nodes


def hoisted(loop: core.Loop, late: Collection[Variable]) -> core.Loop:
    """A loop with the check before it, where that is the same; the `late` variables may have no value by then."""
    test = _first(loop.body)
    if not isinstance(test, core.Inline) or test.operation != "same-number":
        return loop
    variable = _checked_first(test)
    if variable is None or variable not in loop.variables:
        return loop
    i = loop.variables.index(variable)
    others = [each for each in test.operands if not (isinstance(each, core.Reference) and each.variable is variable)]
    is_last = all(_is_there(each, late) for each in (*loop.initial[i + 1 :], *others))
    if _is_number(loop.initial[i]) or not is_last or not _stays_number(loop, i):
        return loop
    number = core.Inline("number", (loop.initial[i],), test.span)
    return attrs.evolve(loop, initial=(*loop.initial[:i], number, *loop.initial[i + 1 :]))


def _first(node: Node) -> Node:
    """The primitive or call of a node that is evaluated first."""
    while True:
        match node:
            case core.If():
                node = node.test
            case core.Let(bindings=((_, value), *_)):
                node = value
            case core.Inline(operation="not"):
                node = node.operands[0]
            case _:
                return node


def _checked_first(test: core.Inline) -> Variable | None:
    """The variable that a comparison looks at before anything else can fail."""
    match test.operands:
        case (core.Reference(variable=variable), core.Constant() | core.Reference()):
            return variable
        case (core.Constant() as constant, core.Reference(variable=variable)) if _is_number(constant):
            return variable
    return None


def _is_there(node: Node, late: Collection[Variable]) -> bool:
    """Whether evaluating a node does nothing and can't fail."""
    return isinstance(node, core.Constant) or (isinstance(node, core.Reference) and node.variable not in late)


def _stays_number(loop: core.Loop, position: int) -> bool:
    """Whether each jump gives a variable a number."""
    jumps = [each for each, _ in tail_nodes(loop.body, 1) if isinstance(each, core.Jump) and each.label is loop.label]
    return all(_is_number(jump.values[position]) for jump in jumps)


def _is_number(node: Node) -> bool:
    match node:
        case core.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case core.Inline(operation=operation):
            return PRIMITIVES[operation].value == "number"
        case core.Call(operator=core.Builtin(name=name)):
            return name in _GIVING_NUMBERS
    return False


_GIVING_NUMBERS = frozenset({"quotient", "remainder", "abs", "max", "min", "square", "gcd", "length"})
