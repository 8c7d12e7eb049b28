"""Python expressions as text, for the part of Python that the back end writes.

Strings get double quotes, lines break at brackets as the usual formatters break them, and `text_of` adds only
the parentheses that precedence asks for (Python reference, section 6.17).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from omegac.errors import CompilerBug

WIDTH = 100
# Python writes and reads longer integers in hexadecimal only.
_DECIMAL_BITS_MAX = 4_000
TUPLE, TEST, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(10)

_OPERATORS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Mod: "%",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Lt: "<",
    ast.Gt: ">",
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def text_of(node: ast.expr, above: int = TEST) -> str:
    """An expression on one line, in parentheses when it binds less than `above`."""
    level, text = _text(node)
    return f"({text})" if level < above else text


def _text(node: ast.expr) -> tuple[int, str]:
    """The text and how strongly its outermost operator binds."""
    match node:
        case ast.Name():
            return ATOM, node.id
        case ast.Constant():
            return ATOM, literal(node.value)
        case ast.Attribute():
            value = text_of(node.value, ATOM)
            is_number = isinstance(node.value, ast.Constant) and not isinstance(node.value.value, str)
            return ATOM, f"({value}).{node.attr}" if is_number else f"{value}.{node.attr}"
        case ast.Subscript():
            return ATOM, f"{text_of(node.value, ATOM)}[{text_of(node.slice)}]"
        case ast.Call():
            return ATOM, f"{text_of(node.func, ATOM)}({', '.join(_arguments(node))})"
        case ast.Starred():
            return TUPLE, "*" + text_of(node.value, OR)
        case ast.List():
            return ATOM, f"[{', '.join(map(text_of, node.elts))}]"
        case ast.ListComp():
            return ATOM, f"[{text_of(node.elt)} {' '.join(map(_generator, node.generators))}]"
        case ast.Dict():
            return ATOM, "{" + ", ".join(_entries(node)) + "}"
        case ast.Tuple():
            items = [text_of(item, TUPLE if isinstance(item, ast.Starred) else TEST) for item in node.elts]
            return (TUPLE, ", ".join(items) + ("," if len(items) == 1 else "")) if items else (ATOM, "()")
        case ast.Lambda():
            names = parameters(node.args)
            return TEST, f"lambda{' ' if names else ''}{names}: {text_of(node.body)}"
        case ast.IfExp():
            parts = (text_of(node.body, OR), text_of(node.test, OR), text_of(node.orelse))
            return TEST, "{} if {} else {}".format(*parts)
    return _operation(node)


def _operation(node: ast.expr) -> tuple[int, str]:
    match node:
        case ast.BoolOp():
            level, word = (OR, " or ") if isinstance(node.op, ast.Or) else (AND, " and ")
            return level, word.join(text_of(value, level + 1) for value in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return NOT, "not " + text_of(node.operand, NOT)
        case ast.UnaryOp():
            return UNARY, ("-" if isinstance(node.op, ast.USub) else "+") + text_of(node.operand, UNARY)
        case ast.Compare():
            parts = [text_of(node.left, SUM)]
            for operator, value in zip(node.ops, node.comparators, strict=True):
                parts += [_OPERATORS[type(operator)], text_of(value, SUM)]
            return COMPARISON, " ".join(parts)
        case ast.BinOp():
            level = SUM if isinstance(node.op, ast.Add | ast.Sub) else PRODUCT
            left, right = text_of(node.left, level), text_of(node.right, level + 1)
            return level, f"{left} {_OPERATORS[type(node.op)]} {right}"
    raise CompilerBug(f"no text for {ast.dump(node)}")


def _generator(node: ast.comprehension) -> str:
    tests = "".join([f" if {text_of(test, OR)}" for test in node.ifs])
    return f"for {text_of(node.target, TUPLE)} in {text_of(node.iter, OR)}{tests}"


def _arguments(node: ast.Call) -> list[str]:
    plain = [text_of(item, TUPLE if isinstance(item, ast.Starred) else TEST) for item in node.args]
    return plain + [f"{keyword.arg}={text_of(keyword.value)}" for keyword in node.keywords]


def _entries(node: ast.Dict) -> list[str]:
    pairs = zip(node.keys, node.values, strict=True)
    return [f"{text_of(key)}: {text_of(value)}" for key, value in pairs if key is not None]


def parameters(arguments: ast.arguments) -> str:
    """A parameter list."""
    names = [argument.arg for argument in arguments.args]
    if arguments.vararg:
        names.append("*" + arguments.vararg.arg)
    return ", ".join(names)


def literal(value: object) -> str:
    """A Python literal; strings in double quotes unless they hold some."""
    if isinstance(value, int) and value.bit_length() > _DECIMAL_BITS_MAX:
        return hex(value)
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in value:
        return '"' + text[1:-1].replace("\\'", "'") + '"'
    return text


def lines_of(node: ast.expr, margin: int, before: str, after: str, above: int = TEST) -> list[str]:
    """`before`, the expression, `after`, broken inside brackets when it's too long for one line.

    The first line is meant for `margin`; the others carry their own indentation below it. On one line, the expression
    is in parentheses when it binds less than `above`.
    """
    is_open = isinstance(node, ast.Starred) or (
        isinstance(node, ast.Tuple) and before.rstrip().endswith(("=", "return"))
    )
    line = "" if _least(node) > WIDTH else before + text_of(node, TUPLE if is_open else above) + after
    if line and margin + len(line) <= WIDTH:
        return [line]
    match node:
        case ast.Call() if node.args or node.keywords:
            return _broken_call(node, margin, before, after)
        case ast.List(elts=items) | ast.Tuple(elts=items) if items:
            opening, closing = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
            return _broken_parts([("", item, TEST) for item in items], margin, before + opening, closing + after, ",")
        case ast.ListComp():
            return _broken_comprehension(node, margin, before, after)
        case ast.Dict() if node.keys:
            prefixes = ["**" if key is None else f"{text_of(key)}: " for key in node.keys]
            parts = [(prefix, value, TEST) for prefix, value in zip(prefixes, node.values, strict=True)]
            return _broken_parts(parts, margin, before + "{", "}" + after, ",")
        case ast.BoolOp() if not before.endswith("("):
            word, level = ("or ", OR) if isinstance(node.op, ast.Or) else ("and ", AND)
            parts = [("" if i == 0 else word, value, level + 1) for i, value in enumerate(node.values)]
            return _broken_parts(parts, margin, before + "(", ")" + after)
        case ast.IfExp():
            parts = [("", node.body, OR), ("if ", node.test, OR), ("else ", node.orelse, TEST)]
            return _broken_parts(parts, margin, before + "(", ")" + after)
        case ast.BinOp():
            level = SUM if isinstance(node.op, ast.Add | ast.Sub) else PRODUCT
            parts = [("", node.left, level), (f"{_OPERATORS[type(node.op)]} ", node.right, level + 1)]
            return _broken_parts(parts, margin, before + "(", ")" + after)
        case ast.Compare(ops=[operator], comparators=[right]):
            parts = [("", node.left, SUM), (f"{_OPERATORS[type(operator)]} ", right, SUM)]
            return _broken_parts(parts, margin, before + "(", ")" + after)
        case ast.Lambda() if above == TEST:
            body: ast.expr = node
            while isinstance(body, ast.Lambda):  # at once, however many follow each other
                names = parameters(body.args)
                before += f"lambda{' ' if names else ''}{names}: "
                body = body.body
            return lines_of(body, margin, before, after)
    return [line]


def _least(node: ast.expr) -> int:
    """How many characters an expression takes at least, as far as that is seen at once."""
    return sum([4 + _least(value) for value in node.values]) if isinstance(node, ast.Dict) else 1


def _broken_parts(
    parts: Sequence[tuple[str, ast.expr, int]], margin: int, opening: str, closing: str, end: str = ""
) -> list[str]:
    """Words, expressions and how strongly these must bind, each on lines of its own between two brackets."""
    lines = [opening]
    for word, part, above in parts:
        lines += ["    " + line for line in lines_of(part, margin + 4, word, end, above)]
    return [*lines, closing]


def _broken_comprehension(node: ast.ListComp, margin: int, before: str, after: str) -> list[str]:
    """The element, where it comes from, and what it must pass on lines of their own."""
    parts: list[tuple[str, ast.expr, int]] = [("", node.elt, TEST)]
    for each in node.generators:
        parts.append((f"for {text_of(each.target, TUPLE)} in ", each.iter, OR))
        parts += [("if ", test, OR) for test in each.ifs]
    return _broken_parts(parts, margin, before + "[", "]" + after)


def _broken_call(node: ast.Call, margin: int, before: str, after: str) -> list[str]:
    """The arguments on a line of their own, or each on its own line."""
    head = before + text_of(node.func, ATOM) + "("
    together = ", ".join(_arguments(node))
    if margin + 4 + len(together) <= WIDTH and not any(isinstance(a, ast.Lambda) for a in node.args):
        return [head, "    " + together, ")" + after]
    keywords = [(f"{keyword.arg}=", keyword.value, TEST) for keyword in node.keywords]
    return _broken_parts([*(("", each, TEST) for each in node.args), *keywords], margin, head, ")" + after, ",")
