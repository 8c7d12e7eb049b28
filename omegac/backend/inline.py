"""The Python of the primitives that the compiler writes out itself.

(= a b)    +a == +b                 the plus refuses what isn't a number; known numbers go without
(= a (f))  +f() == +a               nothing is refused before all operands have their values
(car x)    x.car if x.__class__ is Pair else car(x)
(null? x)  x.__class__ is not Pair and is_null(x)
(pair? x)  type(x) is Pair or is_pair(x)

CPython reads `x.__class__` as quickly as a slot where all x of a place are of one class, as those of fields are;
`type(x)` is quicker where they may be of any.
"""

from __future__ import annotations

import ast

from omegac import core
from omegac.analyse.kinds import INT, PAIR, PLAIN, is_a
from omegac.backend.build import attribute, call, compare, constant, is_exactly, is_false, is_of, load, negated
from omegac.backend.frame import Frame, is_stable
from omegac.backend.names import field_names
from omegac.core import Node
from omegac.errors import CompilerBug
from omegac.primitives import PRIMITIVES, is_boolean

_REMAINDERS = {"is-even": 0, "is-odd": 1}


def inline(frame: Frame, node: core.Inline, values: list[ast.expr]) -> ast.expr:
    """The expression for a primitive applied to operands that are expressions already."""
    operation, primitive = node.operation, PRIMITIVES[node.operation]
    match operation:
        case "same-number":
            return _same_number(frame, node, values)
        case "is":
            # Python warns of literals here.
            values = [frame.keep(value) if _is_odd_literal(value) else value for value in values]
        case "not":
            return _not(node.operands[0], values[0])
        case "car" | "cdr" | "is-null" | "is-pair":
            return _list_operation(frame, node, values[0])
        case "is-even" | "is-odd":
            return _parity(frame, node, values[0])
        case "cons":
            return call(frame.module.runtime("Pair"), *values)
        case "elements" | "reversed":
            return call(frame.module.runtime(operation), *values)
        case "list-from":
            return call(frame.module.runtime("list_from"), *values)
        case "item":
            return ast.Subscript(values[0], values[1], ast.Load())
        case "make-record":
            return ast.Call(values[0], values[1:], [])
        case "is-record":
            return call(frame.module.runtime("isinstance"), values[1], values[0])
        case "record-field":
            return _field(frame, node, values)
        case "attribute":
            frame.module.uses_python = frame.module.uses_python or node.span
            return attribute(values[0], _name(node))
        case "call-python":
            return _call_python(node, values)
    match primitive.python:
        case ast.operator() as sign:
            return ast.BinOp(values[0], sign, values[1])
        case ast.cmpop() as sign:
            return compare(values[0], sign, values[1])
        case ast.unaryop() as sign:
            return ast.UnaryOp(sign, values[0])
    raise CompilerBug(f"no template for {operation}")


def _name(node: core.Inline) -> str:
    """The Python name that an operation is about, which is its last operand."""
    last = node.operands[-1]
    assert isinstance(last, core.Constant)
    name: str = last.value
    return name


def _call_python(node: core.Inline, values: list[ast.expr]) -> ast.expr:
    """`(function, argument, …, value, …, names)`: a call with keyword arguments, whose values come last."""
    last = node.operands[-1]
    assert isinstance(last, core.Constant)
    count = len(values) - len(last.value)
    keywords = [ast.keyword(name, value) for name, value in zip(last.value, values[count:], strict=True)]
    return ast.Call(values[0], values[1:count], keywords)


def set_attribute(frame: Frame, node: core.Inline, values: list[ast.expr]) -> ast.stmt:
    """`(object, value, name)` as a statement."""
    if node.operation == "set-attribute":
        frame.module.uses_python = frame.module.uses_python or node.span
    return ast.Assign([ast.Attribute(values[0], _name(node), ast.Store())], values[1])


def _is_odd_literal(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not isinstance(value.value, bool | None)


def _same_number(frame: Frame, node: core.Inline, values: list[ast.expr]) -> ast.expr:
    """Numbers compared; nothing is refused before both operands have their values."""
    first, second = _strict(frame, node, 0, values[0]), _strict(frame, node, 1, values[1])
    if first is values[0] or isinstance(values[1], ast.Name | ast.Constant):
        return compare(first, ast.Eq(), second)
    if isinstance(values[0], ast.Name) and is_stable(node.operands[0], frame):
        return compare(second, ast.Eq(), first)
    return call(frame.module.builtin("="), *values)


def _strict(frame: Frame, node: Node, position: int, value: ast.expr) -> ast.expr:
    """A number as it is; anything else raises where Python's == would answer."""
    return value if frame.module.types.is_number(node, position) else ast.UnaryOp(ast.UAdd(), value)


def _not(node: Node, value: ast.expr) -> ast.expr:
    return negated(value) if is_boolean(node) else is_false(value)


def _parity(frame: Frame, node: core.Inline, value: ast.expr) -> ast.expr:
    """Ints are handled here, whole floats and everything wrong by the library.

    The remainder of a number that is no integer is neither 0 nor 1.
    """
    fallback = _fallback(frame, node.operation, value)
    wanted = _REMAINDERS[node.operation]
    remainder = ast.BinOp(value, ast.Mod(), constant(2))
    holds = compare(remainder, ast.Eq(), constant(wanted))
    if is_a(frame.module.types.operand(node, 0), INT):
        return holds
    if not isinstance(value, ast.Name):
        return fallback
    if frame.module.types.is_number(node, 0):
        is_wrong = compare(remainder, ast.NotEq(), constant(1 - wanted))
        return ast.BoolOp(ast.Or(), [holds, ast.BoolOp(ast.And(), [is_wrong, fallback])])
    is_int = call(frame.module.runtime("isinstance"), value, load(frame.module.runtime("int")))
    return ast.IfExp(is_int, holds, fallback)


def _fallback(frame: Frame, operation: str, value: ast.expr) -> ast.expr:
    """The call of the library procedure for whatever the inlined Python doesn't take."""
    name = PRIMITIVES[operation].fallback
    if name is None:
        raise CompilerBug(f"no library procedure stands behind {operation}")
    return call(frame.module.builtin(name), value)


def _list_operation(frame: Frame, node: core.Inline, value: ast.expr) -> ast.expr:
    """Pairs are handled here, Python's lists and everything wrong by the library.

    After `(null? x)` said no or `(pair? x)` yes, a Python list in x was replaced, and what has no car is an error.
    """
    operation, operand = node.operation, node.operands[0]
    known = frame.module.types.operand(node, 0)
    if isinstance(operand, core.Reference) and operand.variable in frame.narrowed:
        if operation in ("car", "cdr"):
            return attribute(value, operation)
        known &= ~PLAIN
    if operation in ("car", "cdr") and is_a(known, PAIR):
        return attribute(value, operation)
    if operation == "is-null" and not known & PLAIN and not isinstance(value, ast.Constant):
        return compare(value, ast.Is(), load(frame.module.runtime("NIL")))
    fallback = _fallback(frame, operation, value)
    if not isinstance(value, ast.Name):
        return fallback
    pair = load(frame.module.runtime("Pair"))
    if operation == "is-null":
        return ast.BoolOp(ast.And(), [negated(is_of(value, pair)), fallback])
    if operation == "is-pair":
        is_pair = is_exactly(frame.module.runtime("type"), value, pair)
        return ast.BoolOp(ast.Or(), [is_pair, fallback]) if known & PLAIN else is_pair
    return ast.IfExp(is_of(value, pair), attribute(value, operation), fallback)


def _field(frame: Frame, node: core.Inline, values: list[ast.expr]) -> ast.expr:
    """`(record type, record, facts)`: the field, or the error that names the procedure, where there is one."""
    record_class, record = values[0], values[1]
    attribute_name, procedure = _facts(node)
    if procedure is None or frame.module.types.is_record(node):
        return attribute(record, attribute_name)
    facts = [constant(procedure), record_class, record, constant(attribute_name)]
    other = call(frame.module.runtime("record_field"), *facts)
    return ast.IfExp(is_of(record, record_class), attribute(record, attribute_name), other)


def set_field(frame: Frame, node: core.Inline, values: list[ast.expr]) -> list[ast.stmt]:
    """`(record type, record, value, facts)` as statements."""
    record_class, record, value = values
    attribute_name, procedure = _facts(node)
    wrong = call(frame.module.runtime("wrong_record"), constant(procedure), record_class, record)
    is_record = call(frame.module.runtime("isinstance"), record, record_class)
    target = ast.Attribute(record, attribute_name, ast.Store())
    if frame.module.types.is_record(node):
        return [ast.Assign([target], value)]
    if not isinstance(value, ast.Name | ast.Constant):
        value = frame.keep(value)
    check = ast.If(ast.UnaryOp(ast.Not(), is_record), [ast.Expr(wrong)], [])
    return [check, ast.Assign([target], value)]


def _facts(node: core.Inline) -> tuple[str, str | None]:
    """The attribute that a record operation is about, and the procedure that its error names.

    Without one the operand is known to be such a record.
    """
    facts = node.operands[-1]
    assert isinstance(facts, core.Constant)
    fields, field, procedure = facts.value
    return field_names(fields)[field], procedure
