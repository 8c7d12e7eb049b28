"""Bind the names that a program leaves open, which only the library can.

Input: core with GlobalReference. Output: core with Builtin instead, or a Constant for the name of a datum. Any other
name is an error, as nothing can define it later; the mend is the nearest name that is visible there.
"""

from __future__ import annotations

from collections.abc import Iterable

from omegac import core
from omegac.analyse.facts import bound_by
from omegac.core import Node, Program, Variable
from omegac.errors import Diagnostics, suggestion
from omegac.lacking import is_lacking, lack_of
from omegac.library import CONSTANTS, library
from omegac.traverse import rebuild, rebuild_program

# Looking for near names takes a millisecond each, which a file of garbage would multiply.
_SUGGESTIONS_MAX = 20


def resolve(program: Program, diagnostics: Diagnostics, *, is_own: bool = False) -> Program:
    """The pass; a program of the compiler's own sees the names that begin with %, too."""
    names = {name for name in library() if is_own or not name.startswith("%")} | CONSTANTS.keys()
    return rebuild_program(program, _Resolver(program, diagnostics, names).change)


class _Resolver:
    def __init__(self, program: Program, diagnostics: Diagnostics, names: set[str]) -> None:
        self.diagnostics = diagnostics
        self.library = names
        self.visible = [definition.variable.name for definition in program.definitions]
        self.reported: set[str] = set()

    def change(self, node: Node) -> Node:
        """The node with its open names bound."""
        match node:
            case core.GlobalReference():
                return self._bound(node)
            case core.Let():
                values = tuple([(variable, self.change(value)) for variable, value in node.bindings])
                count = self._enter(bound_by(node))
                changed: Node = core.Let(values, self.change(node.body), node.span)
            case _:
                variables = bound_by(node)
                if not variables:
                    return rebuild(node, self.change)
                count = self._enter(variables)
                changed = rebuild(node, self.change)
        del self.visible[count:]
        return changed

    def _enter(self, variables: Iterable[Variable]) -> int:
        """Make variables visible; gives how many names were before."""
        count = len(self.visible)
        self.visible += [variable.name for variable in variables if not variable.hidden]
        return count

    def _bound(self, node: core.GlobalReference) -> Node:
        if node.name in CONSTANTS:
            return core.Constant(CONSTANTS[node.name], node.span)
        if node.name in self.library:
            return core.Builtin(node.name, node.span)
        if node.name not in self.reported and self.diagnostics.knows_definitions:
            self.reported.add(node.name)
            if is_lacking(node.name):
                message, mend = lack_of(node.name)
            else:
                message, mend = f"unbound variable: {node.name}", self._near(node.name)
            self.diagnostics.error(message, node.span, mend)
        return core.Constant(None, node.span)

    def _near(self, name: str) -> str | None:
        if len(self.reported) > _SUGGESTIONS_MAX:
            return None
        return suggestion(name, self.visible) or suggestion(name, self.library)
