"""Python statements as lines of text, each with the place of the Omega form that it comes from."""

from __future__ import annotations

import ast

import attrs

from omegac.backend.text import lines_of, literal, parameters, text_of
from omegac.errors import CompilerBug, Malformed
from omegac.source import START, Span

_INDENT = "    "
_DEPTH_MAX = 99
_DEFINITIONS = ast.FunctionDef | ast.ClassDef


@attrs.define
class Layout:
    """Lines written so far. `places` has, for a line from 1, where in the Omega source it comes from."""

    lines: list[str] = attrs.field(factory=list)
    places: dict[int, Span] = attrs.field(factory=dict)

    def add(self, *lines: str) -> None:
        """Lines that come from nowhere in the program."""
        self.lines.extend(lines)

    def placed(self, node: ast.stmt, *lines: str) -> None:
        """Lines whose code is that of a node, which may have no place."""
        if hasattr(node, "span"):
            self._write(0, node.span, *lines)
        else:
            self.add(*lines)

    def statements(self, block: list[ast.stmt], depth: int = 0, place: Span = START) -> None:
        """A block in the given place; definitions stand apart from what is around them."""
        previous: ast.stmt | None = None
        for statement in block:
            if previous is not None:
                self.add(*[""] * _gap(previous, statement, depth))
            self._statement(statement, depth, getattr(statement, "span", place))
            previous = statement

    def _write(self, depth: int, place: Span, *lines: str) -> None:
        """Indented lines whose code comes from a place. Raises Malformed past what Python can read."""
        if depth >= _DEPTH_MAX:
            span = Span(place.line, 1, place.line, 1, place.origin)
            raise Malformed(f"this is nested too deep for a Python module ({_DEPTH_MAX} levels)", span)
        for line in lines:
            self.lines.append(_INDENT * depth + line)
            self.places[len(self.lines)] = place

    def _value(self, depth: int, place: Span, before: str, value: ast.expr, after: str = "") -> None:
        """A line with an expression, which stands where the statement does unless it has a place of its own."""
        self._write(depth, getattr(value, "span", place), *lines_of(value, 4 * depth, before, after))

    def _statement(self, node: ast.stmt, depth: int, place: Span) -> None:
        match node:
            case ast.Return(value=None):
                self._write(depth, place, "return")
            case ast.Return(value=ast.expr() as value):
                self._value(depth, place, "return ", value)
            case ast.Assign():
                self._value(depth, place, f"{text_of(node.targets[0], 0)} = ", node.value)
            case ast.Expr(value=ast.Constant(value=str() as text)):
                self._write(depth, place, *docstring(text))
            case ast.Expr():
                self._value(depth, place, "", node.value)
            case ast.Raise():
                self._write(depth, place, "raise")
            case ast.Import():
                self.placed(node, ast.unparse(node))
            case ast.Continue() | ast.Break() | ast.Pass():
                self._write(depth, place, type(node).__name__.lower())
            case ast.Global() | ast.Nonlocal():
                self._write(depth, place, f"{type(node).__name__.lower()} {', '.join(node.names)}")
            case _:
                self._compound(node, depth, place)

    def _compound(self, node: ast.stmt, depth: int, place: Span) -> None:
        match node:
            case ast.If():
                self._if(node, depth, place, "if ")
            case ast.While():
                self._value(depth, place, "while ", node.test, ":")
                self.statements(node.body, depth + 1, place)
            case ast.For():
                self._value(depth, place, f"for {text_of(node.target, 0)} in ", node.iter, ":")
                self.statements(node.body, depth + 1, place)
                if node.orelse:
                    self._write(depth, place, "else:")
                    self.statements(node.orelse, depth + 1, place)
            case ast.Try():
                self._try(node, depth, place)
            case ast.With():
                self._value(depth, place, "with ", node.items[0].context_expr, ":")
                self.statements(node.body, depth + 1, place)
            case ast.FunctionDef():
                for decorator in node.decorator_list:
                    self._value(depth, place, "@", decorator)
                self._write(depth, place, f"def {node.name}({parameters(node.args)}):")
                self.statements(node.body, depth + 1, place)
            case ast.ClassDef():
                bases = ", ".join(map(text_of, node.bases))
                self._write(depth, place, f"class {node.name}({bases}):")
                self.statements(node.body, depth + 1, place)
            case _:
                raise CompilerBug(f"no text for {ast.dump(node)}")

    def _if(self, node: ast.If, depth: int, place: Span, keyword: str) -> None:
        self._value(depth, place, keyword, node.test, ":")
        self.statements(node.body, depth + 1, place)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            self._if(node.orelse[0], depth, getattr(node.orelse[0], "span", place), "elif ")
        elif node.orelse:
            self._write(depth, place, "else:")
            self.statements(node.orelse, depth + 1, place)

    def _try(self, node: ast.Try, depth: int, place: Span) -> None:
        self._write(depth, place, "try:")
        self.statements(node.body, depth + 1, place)
        for handler in node.handlers:
            kind = text_of(handler.type) if handler.type else "BaseException"
            self._write(depth, getattr(handler, "span", place), f"except {kind} as {handler.name}:")
            self.statements(handler.body, depth + 1, place)
        if node.orelse:
            self._write(depth, place, "else:")
            self.statements(node.orelse, depth + 1, place)


def _gap(previous: ast.stmt, statement: ast.stmt, depth: int) -> int:
    """The blank lines between two statements."""
    if isinstance(previous, _DEFINITIONS) or isinstance(statement, _DEFINITIONS):
        return 2 if depth == 0 else 1
    return 1 if isinstance(previous, ast.Expr) and isinstance(previous.value, ast.Constant) and depth == 0 else 0


def docstring(text: str) -> list[str]:
    """A documentation string; an odd one is written as an ordinary literal."""
    if not text.isprintable() and not text.replace("\n", "").isprintable():
        return [literal(text)]
    if "\\" in text or '"""' in text or text.endswith('"') or not text:
        return [literal(text)]
    return f'"""{text}"""'.split("\n")
