"""Python statements as lines of text, each with the place of the Omega form that it comes from."""

from __future__ import annotations

import ast

import attrs

from omegac.backend.text import lines_of, literal, parameters, text_of
from omegac.errors import CompilerBug, Malformed
from omegac.source import SourceLines, Span

Place = tuple[int, int]
_INDENT = "    "
_DEPTH_MAX = 99


@attrs.define
class Layout:
    """Lines written so far. `places` has, for a line from 1, the Omega line and column (in UTF-8 bytes)."""

    sources: SourceLines
    lines: list[str] = attrs.field(factory=list)
    places: dict[int, Place] = attrs.field(factory=dict)

    def add(self, *lines: str) -> None:
        """Lines that come from nowhere in the program."""
        self.lines.extend(lines)

    def placed(self, node: ast.stmt, *lines: str) -> None:
        """Lines whose code is that of a node, which may have no place."""
        if hasattr(node, "lineno"):
            self._write(0, node, *lines)
        else:
            self.add(*lines)

    def statements(self, block: list[ast.stmt], depth: int = 0) -> None:
        """A block; definitions stand apart from what is around them."""
        previous: ast.stmt | None = None
        for statement in block:
            if previous is not None:
                self.add(*[""] * _gap(previous, statement, depth))
            self._statement(statement, depth)
            previous = statement

    def _write(self, depth: int, place: ast.expr | ast.stmt | ast.excepthandler, *lines: str) -> None:
        """Indented lines whose code is that of a node. Raises Malformed past what Python can read."""
        if depth >= _DEPTH_MAX:
            source, number = self.sources.find(place.lineno)
            span = Span(number, 1, number, 1, source)
            raise Malformed(f"this is nested too deep for a Python module ({_DEPTH_MAX} levels)", span)
        for line in lines:
            self.lines.append(_INDENT * depth + line)
            self.places[len(self.lines)] = (place.lineno, place.col_offset + 1)

    def _value(self, depth: int, before: str, value: ast.expr, after: str = "") -> None:
        self._write(depth, value, *lines_of(value, 4 * depth, before, after))

    def _statement(self, node: ast.stmt, depth: int) -> None:
        match node:
            case ast.Return(value=None):
                self._write(depth, node, "return")
            case ast.Return(value=ast.expr() as value):
                self._value(depth, "return ", value)
            case ast.Assign():
                self._value(depth, f"{text_of(node.targets[0], 0)} = ", node.value)
            case ast.Expr(value=ast.Constant(value=str() as text)):
                self._write(depth, node, *docstring(text))
            case ast.Expr():
                self._value(depth, "", node.value)
            case ast.Raise():
                self._write(depth, node, "raise")
            case ast.Import():
                self.placed(node, ast.unparse(node))
            case ast.Continue() | ast.Break() | ast.Pass():
                self._write(depth, node, type(node).__name__.lower())
            case ast.Global() | ast.Nonlocal():
                self._write(depth, node, f"{type(node).__name__.lower()} {', '.join(node.names)}")
            case _:
                self._compound(node, depth)

    def _compound(self, node: ast.stmt, depth: int) -> None:
        match node:
            case ast.If():
                self._if(node, depth, "if ")
            case ast.While():
                self._value(depth, "while ", node.test, ":")
                self.statements(node.body, depth + 1)
            case ast.For():
                self._value(depth, f"for {text_of(node.target, 0)} in ", node.iter, ":")
                self.statements(node.body, depth + 1)
                if node.orelse:
                    self._write(depth, node, "else:")
                    self.statements(node.orelse, depth + 1)
            case ast.Try():
                self._try(node, depth)
            case ast.With():
                self._value(depth, "with ", node.items[0].context_expr, ":")
                self.statements(node.body, depth + 1)
            case ast.FunctionDef():
                for decorator in node.decorator_list:
                    self._value(depth, "@", decorator)
                self._write(depth, node, f"def {node.name}({parameters(node.args)}):")
                self.statements(node.body, depth + 1)
            case ast.ClassDef():
                bases = ", ".join(map(text_of, node.bases))
                self._write(depth, node, f"class {node.name}({bases}):")
                self.statements(node.body, depth + 1)
            case _:
                raise CompilerBug(f"no text for {ast.dump(node)}")

    def _if(self, node: ast.If, depth: int, keyword: str) -> None:
        self._value(depth, keyword, node.test, ":")
        self.statements(node.body, depth + 1)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            self._if(node.orelse[0], depth, "elif ")
        elif node.orelse:
            self._write(depth, node, "else:")
            self.statements(node.orelse, depth + 1)

    def _try(self, node: ast.Try, depth: int) -> None:
        self._write(depth, node, "try:")
        self.statements(node.body, depth + 1)
        for handler in node.handlers:
            kind = text_of(handler.type) if handler.type else "BaseException"
            self._write(depth, handler, f"except {kind} as {handler.name}:")
            self.statements(handler.body, depth + 1)
        if node.orelse:
            self._write(depth, node, "else:")
            self.statements(node.orelse, depth + 1)


def _gap(previous: ast.stmt, statement: ast.stmt, depth: int) -> int:
    """The blank lines between two statements."""
    definitions = ast.FunctionDef | ast.ClassDef
    if isinstance(previous, definitions) or isinstance(statement, definitions):
        return 2 if depth == 0 else 1
    return 1 if isinstance(previous, ast.Expr) and isinstance(previous.value, ast.Constant) and depth == 0 else 0


def docstring(text: str) -> list[str]:
    """A documentation string; an odd one is written as an ordinary literal."""
    if not text.isprintable() and not text.replace("\n", "").isprintable():
        return [literal(text)]
    if "\\" in text or '"""' in text or text.endswith('"') or not text:
        return [literal(text)]
    return f'"""{text}"""'.split("\n")
