"""One Python function being written: its names, its statements and the loops around the current place."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial

import attrs

from omegac import core
from omegac.backend.build import assign, load, store
from omegac.backend.module import Module
from omegac.backend.names import NameTable
from omegac.core import Label, Node, Variable
from omegac.errors import CompilerBug, Malformed
from omegac.names import python_name
from omegac.source import Span

# Python takes time and memory by the square of it.
FUNCTIONS_MAX = 500
# CPython allows that many loops, `try` and `with` within each other in a function; an effect takes up to 5.
BLOCKS_MAX = 20
# What is deeper becomes a function of its own, unless it has to leave a loop around it.
NESTING_MAX = 10


@attrs.frozen
class Return:
    """The value is returned."""


@attrs.frozen
class Discard:
    """The value isn't needed."""


@attrs.frozen
class Assign:
    """The value goes to a local variable."""

    name: str


@attrs.frozen
class Leave:
    """The value goes where `destination` says, and the loop around ends."""

    destination: Discard | Assign


Destination = Return | Discard | Assign | Leave
RETURN, DISCARD = Return(), Discard()


@attrs.frozen
class LoopContext:
    """A loop around the current place, where its value goes, and the variable that counts by itself."""

    loop: core.Loop
    destination: Destination
    counter: Variable | None = None


class Frame:
    """The function for `node` inside of another frame; the outermost frame is the module itself.

    Its variables keep off the names that it uses from outside: those of variables, and the `forbidden` ones.
    Raises Malformed when it is inside too many others.
    """

    def __init__(
        self, module: Module, outer: Frame | None, node: core.Item | None, forbidden: Iterable[str] = ()
    ) -> None:
        self.module = module
        self.outer = outer
        self.depth: int = 0 if outer is None else outer.depth + 1
        if node is not None and self.depth > FUNCTIONS_MAX:
            raise Malformed(f"this is nested too deep: in more than {FUNCTIONS_MAX} procedures", node.span)
        self.block: list[ast.stmt] = []
        self.hoisted: list[ast.stmt] = []
        self.loops: list[LoopContext] = []
        self.nesting = 0
        self.blocks = 0
        self.span: Span | None = None
        self.own: dict[Variable, str] = {}
        self.narrowed: set[Variable] = set()
        self.nonlocals: set[str] = set()
        self.globals: set[str] = set()
        self.names = NameTable(forbidden, None if node is None else partial(self._is_used, node))
        self._bound: dict[str, Variable] = {}
        self._outer_names: dict[Variable, str] = {}

    def name_of(self, variable: Variable) -> str:
        """The Python name of a variable that is in scope."""
        if variable in self.own:
            return self.own[variable]
        if variable not in self._outer_names:
            self._outer_names[variable] = self._name_outside(variable)
        return self._outer_names[variable]

    def knows(self, variable: Variable) -> bool:
        """Whether a variable is in scope."""
        frame: Frame | None = self
        while frame is not None and variable not in frame.own:
            frame = frame.outer
        return frame is not None or variable in self.module.toplevel

    def _name_outside(self, variable: Variable) -> str:
        frame = self.outer
        while frame is not None:
            if variable in frame.own:
                return frame.own[variable]
            if variable in frame._outer_names:
                return frame._outer_names[variable]
            frame = frame.outer
        if variable in self.module.toplevel:
            return self.module.toplevel[variable]
        raise CompilerBug(f"the variable {variable.name} has no Python name")

    def _is_used(self, node: core.Item, name: str) -> bool:
        """Whether a node, which is this function's, uses a name from outside."""
        frame = self.outer
        while frame is not None:
            variable = self.module.defined.get(name) if frame.outer is None else frame._bound.get(name)
            if variable is not None:
                # Further out, another variable of this name would be used in that frame already.
                return self.module.occurrences.is_used(variable, node)
            frame = frame.outer
        return False

    def bind(self, variable: Variable) -> str:
        """Give a variable of this function its name."""
        name = self.own[variable] = self.module.names.variable(python_name(variable.name), self.names)
        self._bound[name] = variable
        return name

    def temporary(self, name: str) -> str:
        """The name of a new local variable."""
        return self.module.names.temporary(name, self.names)

    def target(self, variable: Variable) -> ast.expr:
        """The name of a variable that gets a new value, declared when it lives further out."""
        name = self.name_of(variable)
        if variable not in self.own:
            (self.globals if variable in self.module.toplevel else self.nonlocals).add(name)
        return store(name)

    def emit(self, *statements: ast.stmt) -> None:
        """Add statements; those without a place get that of the node being written."""
        if self.span is not None:
            for statement in statements:
                self.module.placer.place(statement, self.span)
        self.block.extend(statements)

    def capture(self) -> _Nested:
        """Collect the statements written inside the `with` instead of adding them."""
        return _Nested(self, 0)

    def nested(self, levels: int = 1) -> _Nested:
        """Collect the statements of a block that stands so many blocks further in."""
        return _Nested(self, levels)

    def looping(self, levels: int = 1) -> _Nested:
        """The same in so many loops, `try` or `with`. Raises Malformed as `check_room`."""
        self.check_room(levels)
        return _Nested(self, levels, levels)

    def check_room(self, blocks: int) -> None:
        """Raises Malformed when so many loops, `try` or `with` more were too many for Python."""
        if self.blocks + blocks > BLOCKS_MAX and self.span is not None:
            message = f"this is nested too deep: in more than {BLOCKS_MAX} loops and guards"
            raise Malformed(message, self.span, "put what is inside into a procedure")

    def keep(self, value: ast.expr, name: str = "value") -> ast.expr:
        """Keep a value in a new local variable, so that later statements can't change it."""
        temporary = self.temporary(name)
        self.emit(assign(temporary, value))
        return load(temporary)

    def declarations(self) -> list[ast.stmt]:
        """The `nonlocal` and `global` statements that the function needs."""
        statements: list[ast.stmt] = []
        if self.globals:
            statements.append(ast.Global(sorted(self.globals)))
        if self.nonlocals:
            statements.append(ast.Nonlocal(sorted(self.nonlocals)))
        return statements

    def loop(self, label: Label) -> tuple[LoopContext, int]:
        """The loop that a label names, and how many loops lie inside it around the current place."""
        for depth, context in enumerate(reversed(self.loops)):
            if context.loop.label is label:
                return context, depth
        raise CompilerBug(f"a jump to {label.name} is outside of its loop")


class _Nested:
    """A block of a frame so many levels further in; a class, as generators would take longer than most statements."""

    def __init__(self, frame: Frame, levels: int, blocks: int = 0) -> None:
        self._frame = frame
        self._levels = levels
        self._blocks = blocks
        self._outer = frame.block

    def __enter__(self) -> list[ast.stmt]:
        self._frame.nesting += self._levels
        self._frame.blocks += self._blocks
        self._frame.block = []
        return self._frame.block

    def __exit__(self, *_: object) -> None:
        self._frame.nesting -= self._levels
        self._frame.blocks -= self._blocks
        self._frame.block = self._outer


def is_terminated(block: list[ast.stmt]) -> bool:
    """Whether control never reaches the end of a block."""
    if not block:
        return False
    last = block[-1]
    match last:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If():
            return is_terminated(last.body) and is_terminated(last.orelse)
        case ast.While(test=ast.Constant(value=True)):
            return not breaks(last.body)
        case ast.Try():
            return is_terminated(last.body) and all(is_terminated(h.body) for h in last.handlers)
        case ast.With():
            return is_terminated(last.body)
        case ast.For():
            return is_terminated(last.orelse) and not breaks(last.body)
    return False


def breaks(block: list[ast.stmt]) -> bool:
    """Whether a loop's body leaves that very loop."""
    for statement in block:
        match statement:
            case ast.Break():
                return True
            case ast.For() if breaks(statement.orelse):
                return True
            case ast.If():
                if breaks(statement.body) or breaks(statement.orelse):
                    return True
            case ast.Try():
                if breaks(statement.body) or any(breaks(h.body) for h in statement.handlers):
                    return True
            case ast.With():
                if breaks(statement.body):
                    return True
    return False


def is_stable(node: Node, frame: Frame) -> bool:
    """Whether a node's value can't be changed by evaluating something else first."""
    match node:
        case core.Constant() | core.Builtin() | core.Lambda():
            return True
        case core.Imported(external=external):
            return not external.is_live and not external.is_given
        case core.Reference(variable=variable):
            facts = frame.module.facts
            if variable in facts.assigned:
                return False
            return variable not in facts.toplevel or isinstance(facts.values.get(variable), core.Lambda)
    return False
