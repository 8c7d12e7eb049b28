"""Bind the names that a program leaves open: library procedures, or unbound.

Input: core with GlobalReference. Output: core with Builtin and Unbound instead. An unbound name is a warning
here, with the nearest known name, and an error when it is evaluated.
"""

from __future__ import annotations

from omegac import core
from omegac.core import Node, Program
from omegac.errors import Diagnostics, suggestion
from omegac.library import library
from omegac.traverse import rebuild, rebuild_program


def resolve(program: Program, diagnostics: Diagnostics) -> Program:
    """The pass."""
    known = {name for name in library() if not name.startswith("%")}
    known.update(definition.variable.name for definition in program.definitions)
    warned: set[str] = set()

    def change(node: Node) -> Node:
        if not isinstance(node, core.GlobalReference):
            return rebuild(node, change)
        if node.name in library() and not node.name.startswith("%"):
            return core.Builtin(node.name, node.span)
        if node.name not in warned and diagnostics.unclosed is None:
            warned.add(node.name)
            diagnostics.warning(f"unbound variable: {node.name}", node.span, suggestion(node.name, known))
        return core.Unbound(node.name, node.span)

    return rebuild_program(program, change)
