"""The primitives that have Python of their own: one table for the simplifier, the analyses and the back end.

A primitive is the operation of an `Inline` node. `simplify` writes one where a program calls the library procedure,
except for those of records and multiple values, which the expander writes.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Literal

import attrs

from omegac import core
from omegac.core import Node

Value = Literal["number", "boolean", "any"]


@attrs.frozen
class Primitive:
    """What is known of an operation.

    `value` is what it certainly gives, when it gives anything. `compute` folds it on constants. `python`
    is the operator that it becomes, and `fallback` the library procedure for operands that its Python doesn't take.
    `is_statement` says that it changes something, and so has no value.
    """

    operation: str
    value: Value = "any"
    compute: Callable[..., Any] | None = None
    python: ast.operator | ast.cmpop | ast.unaryop | None = None
    fallback: str | None = None
    is_statement: bool = False


PRIMITIVES = {
    each.operation: each
    for each in (
        Primitive("add", "number", operator.add, ast.Add()),
        Primitive("subtract", "number", operator.sub, ast.Sub()),
        Primitive("multiply", "number", operator.mul, ast.Mult()),
        Primitive("modulo", "number", None, ast.Mod()),
        Primitive("negate", "number", operator.neg, ast.USub()),
        Primitive("number", "number", None, ast.UAdd()),
        Primitive("less", "boolean", operator.lt, ast.Lt()),
        Primitive("greater", "boolean", operator.gt, ast.Gt()),
        Primitive("less-or-equal", "boolean", operator.le, ast.LtE()),
        Primitive("greater-or-equal", "boolean", operator.ge, ast.GtE()),
        Primitive("same-number", "boolean", operator.eq, ast.Eq()),
        Primitive("same-string", "boolean", None, ast.Eq()),
        Primitive("is", "boolean", None, ast.Is()),
        Primitive("not", "boolean", lambda value: value is False),
        Primitive("is-even", "boolean", fallback="even?"),
        Primitive("is-odd", "boolean", fallback="odd?"),
        Primitive("car", fallback="car"),
        Primitive("cdr", fallback="cdr"),
        Primitive("is-null", "boolean", fallback="null?"),
        Primitive("is-pair", "boolean", fallback="pair?"),
        Primitive("cons"),
        Primitive("item"),
        Primitive("elements"),
        Primitive("reversed"),
        Primitive("list-from"),
        Primitive("make-record"),
        Primitive("is-record", "boolean"),
        Primitive("record-field"),
        Primitive("set-record-field", is_statement=True),
        Primitive("set-imported", is_statement=True),
        Primitive("attribute"),
        Primitive("set-attribute", is_statement=True),
        Primitive("call-python"),
    )
}


@attrs.frozen
class Pattern:
    """How a call of a library procedure becomes a primitive: with `count` operands, and then `constants` behind them.

    With `count` None, operands are taken two by two from the left, and `unit` is the value of none.
    """

    operation: str
    count: int | None
    constants: tuple[int, ...] = ()
    unit: int | None = None


PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "+": (Pattern("add", None, unit=0),),
    "*": (Pattern("multiply", None, unit=1),),
    "-": (Pattern("negate", 1), Pattern("subtract", None)),
    "<": (Pattern("less", 2),),
    ">": (Pattern("greater", 2),),
    "<=": (Pattern("less-or-equal", 2),),
    ">=": (Pattern("greater-or-equal", 2),),
    "=": (Pattern("same-number", 2),),
    "modulo": (Pattern("modulo", 2),),
    "cons": (Pattern("cons", 2),),
    "not": (Pattern("not", 1),),
    "car": (Pattern("car", 1),),
    "cdr": (Pattern("cdr", 1),),
    "null?": (Pattern("is-null", 1),),
    "pair?": (Pattern("is-pair", 1),),
    "even?": (Pattern("is-even", 1),),
    "odd?": (Pattern("is-odd", 1),),
    "zero?": (Pattern("same-number", 1, (0,)),),
    "positive?": (Pattern("greater", 1, (0,)),),
    "negative?": (Pattern("less", 1, (0,)),),
    "1+": (Pattern("add", 1, (1,)),),
    "-1+": (Pattern("add", 1, (-1,)),),
}
"""The procedures that become primitives, and how."""


def pattern_of(name: str, count: int) -> Pattern | None:
    """How a call of a library procedure with so many operands becomes a primitive, if it does."""
    for each in PATTERNS.get(name, ()):
        if each.count in (None, count):
            return each
    return None


def is_boolean(node: Node) -> bool:
    """Whether the value is certainly #t or #f."""
    match node:
        case core.Constant(value=value):
            return isinstance(value, bool)
        case core.Inline(operation=operation):
            return PRIMITIVES[operation].value == "boolean"
        case core.Call(operator=core.Builtin(name=name)):
            return name.endswith("?")
        case core.If():
            return is_boolean(node.then) and is_boolean(node.otherwise)
    return False
