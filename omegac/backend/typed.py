"""Calls of library procedures as Python's own operations, where the types of the operands allow that.

(vector-ref v i)     v[i]           for a vector and a natural number; an IndexError is told as `vector-ref`'s
(char=? (string-ref s i) c)  s[i] == c.value    for a string, a natural number and a char
(quotient n 2)       n // 2         for a natural number, or an even one
(max a b)            max(a, b)      for integers
(string-append a b)  a + b          for strings; likewise `string=?` and `string-upcase`
(eqv? a b)           a is b         where one is a symbol or a boolean, which are unique objects
(eqv? n 5)           n == 5         for a number
(string? x)          isinstance(x, str)
(symbol? x)          type(x) is Symbol
(char-alphabetic? c) c.value.isalpha()      for a char; c.isalpha() where c is its text
(hash-table-set! t k v)  table_put(t, k, v) for a table of Omega's, and a key that is held as it is
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import reduce

from omega_runtime.values.chars import Char

from omegac import core
from omegac.analyse.kinds import (
    BOOLEAN,
    CHAR,
    CHAR_TEXTS,
    FLOAT,
    INT,
    ITEMS,
    NAT,
    NUMBER,
    SIZES,
    STRING,
    SYMBOL,
    TABLE,
    UNEVEN,
    Type,
    is_a,
)
from omegac.backend.build import attribute, call, compare, constant, is_exactly, load
from omegac.backend.frame import Frame
from omegac.core import Node


def written_operands(frame: Frame, node: core.Call) -> tuple[Node, ...]:
    """The operands of a library call as `typed_call` takes them: texts for chars that are asked for theirs."""
    types = frame.module.types.operands.get(node, ())
    name = node.operator.name if isinstance(node.operator, core.Builtin) else ""
    if _TEXTS.get(name) != len(types) or not all(is_a(each, CHAR) for each in types):
        return node.operands
    return tuple([_text_node(frame, each) or each for each in node.operands])


def typed_call(frame: Frame, node: core.Call, values: list[ast.expr]) -> ast.expr | None:
    """The expression for a call whose operands are expressions already, or None."""
    if not isinstance(node.operator, core.Builtin):
        return None
    template = _TEMPLATES.get((node.operator.name, len(values)))
    types = frame.module.types.operands.get(node)
    return None if template is None or types is None else template(frame, node, types, values)


def is_indexed(frame: Frame, node: core.Call, kind: Type = ITEMS) -> bool:
    """Whether the first two operands are of a kind and a natural number, and errors can tell which."""
    types = frame.module.types.operands.get(node, ())
    if len(types) < 2 or not is_a(types[0], kind) or not is_a(types[1], NAT):
        return False
    items, index = node.operands[:2]
    return isinstance(items, core.Reference | core.Constant) and _is_told(index)


def _is_told(index: Node) -> bool:
    """Whether an error can tell an index, from variables and constants: see `blame.py`."""
    match index:
        case core.Inline(operation="add" | "subtract" | "multiply", operands=operands):
            return False not in [_is_told(each) for each in operands]
    return isinstance(index, core.Reference | core.Constant)


def set_item(values: list[ast.expr]) -> ast.stmt:
    """`vector[index] = value`."""
    vector, index, value = values
    return ast.Assign([ast.Subscript(vector, index, ast.Store())], value)


_Template = Callable[[Frame, core.Call, tuple[Type, ...], list[ast.expr]], ast.expr | None]


def _vector_ref(frame: Frame, node: core.Call, _: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    return ast.Subscript(values[0], values[1], ast.Load()) if is_indexed(frame, node) else None


def _named(name: str, *wanted: Type) -> _Template:
    """A call of a builtin of Python or a procedure of the runtime, for operands whose first ones are of these types."""

    def template(frame: Frame, _: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
        return call(frame.module.runtime(name), *values) if all(map(is_a, types, wanted)) else None

    return template


def _division(operator: ast.operator) -> _Template:
    """Python's division, for a natural number and a positive constant."""

    def template(_: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
        divisor = _positive(node.operands[1])
        is_half = divisor == 2 and isinstance(operator, ast.FloorDiv) and is_a(types[0], NUMBER & ~UNEVEN)
        return ast.BinOp(values[0], operator, values[1]) if (divisor and is_a(types[0], NAT)) or is_half else None

    return template


def _ratio(_: Frame, __: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    return ast.BinOp(values[0], ast.Div(), values[1]) if FLOAT in {each & ~UNEVEN for each in types} else None


def _joined(_: Frame, __: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    if not all(is_a(each, STRING) for each in types):
        return None
    return reduce(lambda text, more: ast.BinOp(text, ast.Add(), more), values)


def _same_strings(_: Frame, __: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    return compare(values[0], ast.Eq(), values[1]) if is_a(types[0] | types[1], STRING) else None


def _method(name: str, wanted: Type) -> _Template:
    """A call of a method without arguments."""

    def template(_: Frame, __: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
        return ast.Call(attribute(values[0], name), [], []) if is_a(types[0], wanted) else None

    return template


def _same(_: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    if all(is_a(each, NUMBER) for each in types) and any(map(_is_number, node.operands)):
        return compare(values[0], ast.Eq(), values[1])
    is_literal = any(isinstance(each, ast.Constant) for each in values)  # beside `is` Python warns of them
    if is_literal or not any(is_a(each, SYMBOL | BOOLEAN) for each in types):
        return None
    return compare(values[0], ast.Is(), values[1])


def _instance(name: str) -> _Template:
    """Whether a value is of a class."""

    def template(frame: Frame, _: core.Call, __: tuple[Type, ...], values: list[ast.expr]) -> ast.expr:
        return call(frame.module.runtime("isinstance"), *values, load(frame.module.runtime(name)))

    return template


def _exact(name: str) -> _Template:
    """Whether a value is of a class itself."""

    def template(frame: Frame, _: core.Call, __: tuple[Type, ...], values: list[ast.expr]) -> ast.expr:
        return is_exactly(frame.module.runtime("type"), values[0], load(frame.module.runtime(name)))

    return template


def _text_test(method: str) -> _Template:
    """What Python says of the text of a char."""

    def template(frame: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
        if not is_a(types[0], CHAR):
            return None
        return ast.Call(attribute(_text(frame, node, values), method), [], [])

    return template


def _code_point(frame: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    return call(frame.module.runtime("ord"), _text(frame, node, values)) if is_a(types[0], CHAR) else None


def _char_text(frame: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    return _text(frame, node, values) if is_a(types[0], CHAR) else None


def _same_chars(frame: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    if not is_a(types[0] | types[1], CHAR):
        return None
    return compare(_text(frame, node, values), ast.Eq(), _text(frame, node, values, 1))


def _text(frame: Frame, node: core.Call, values: list[ast.expr], position: int = 0) -> ast.expr:
    """The text of an operand that is a char."""
    value = values[position]
    return value if _text_node(frame, node.operands[position]) is not None else attribute(value, "value")


def _text_node(frame: Frame, char: Node) -> Node | None:
    """What gives the text of a char without a char, or None."""
    match char:
        case core.Constant(value=Char() as value):
            return core.Constant(value.value, char.span)
        case core.Call(operator=core.Builtin(name="%char"), operands=(text,)):
            return text
        case core.Call(operator=core.Builtin(name="string-ref")) if is_indexed(frame, char, STRING):
            return core.Inline("item", char.operands, char.span)
    return None


def _joined_texts(_: Frame, __: core.Call, ___: tuple[Type, ...], values: list[ast.expr]) -> ast.expr:
    return ast.Call(attribute(constant(""), "join"), values, [])


def _is_number(node: Node) -> bool:
    """Whether a node is a number constant that is equal to itself."""
    return isinstance(node, core.Constant) and isinstance(node.value, int | float) and node.value == node.value


def _digits(frame: Frame, node: core.Call, types: tuple[Type, ...], values: list[ast.expr]) -> ast.expr | None:
    """Python's `str`, which refuses integers of thousands of digits, for what is surely less."""
    match node.operands[0]:
        case core.Inline(operation="modulo", operands=(_, divisor)) if _positive(divisor) and is_a(types[0], INT):
            is_short = True
        case core.Call(operator=core.Builtin(name=name)):
            is_short = name in SIZES
        case _:
            is_short = False
    return call(frame.module.runtime("str"), *values) if is_short else None


def _positive(node: Node) -> int | None:
    """The value of a positive integer constant."""
    if isinstance(node, core.Constant) and type(node.value) is int and node.value > 0:
        return node.value
    return None


_TEXTS = {**CHAR_TEXTS, "%char-text": 1}
_PLAIN_KEY = INT | STRING | SYMBOL

_TEMPLATES: dict[tuple[str, int], _Template] = {
    ("vector-ref", 2): _vector_ref,
    ("vector-length", 1): _named("len", ITEMS),
    ("string-length", 1): _named("len", STRING),
    ("string-append", 2): _joined,
    ("string-append", 3): _joined,
    ("string-append", 4): _joined,
    ("string=?", 2): _same_strings,
    ("string-upcase", 1): _method("upper", STRING),
    ("string-downcase", 1): _method("lower", STRING),
    ("number->string", 1): _digits,
    ("/", 2): _ratio,
    ("eq?", 2): _same,
    ("eqv?", 2): _same,
    ("equal?", 2): _same,
    ("symbol?", 1): _exact("Symbol"),
    ("string?", 1): _instance("str"),
    ("char?", 1): _exact("Char"),
    ("vector?", 1): _instance("Vector"),
    ("boolean?", 1): _instance("bool"),
    ("%joined", 1): _joined_texts,
    ("%char-text", 1): _char_text,
    ("char=?", 2): _same_chars,
    ("char->integer", 1): _code_point,
    ("char-alphabetic?", 1): _text_test("isalpha"),
    ("char-numeric?", 1): _text_test("isdecimal"),
    ("char-whitespace?", 1): _text_test("isspace"),
    ("char-upper-case?", 1): _text_test("isupper"),
    ("char-lower-case?", 1): _text_test("islower"),
    ("abs", 1): _named("abs", NUMBER),
    ("max", 2): _named("max", INT, INT),
    ("min", 2): _named("min", INT, INT),
    ("hash-table-ref/default", 3): _named("table_get", TABLE, _PLAIN_KEY),
    ("hash-table-set!", 3): _named("table_put", TABLE, _PLAIN_KEY),
    ("quotient", 2): _division(ast.FloorDiv()),
    ("remainder", 2): _division(ast.Mod()),
}
