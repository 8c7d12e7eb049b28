"""What runs at compile time touches nothing outside."""

from __future__ import annotations

from omegac import core
from omegac.core import Item, Program
from omegac.errors import Diagnostics
from omegac.library import library
from omegac.operations import kind_of
from omegac.traverse import walk

_TOUCHES = frozenset({"infer", "io"})
_LIBRARY = "omega_runtime.lib."


def check_pure(program: Program, diagnostics: Diagnostics) -> None:
    """Report what a transformer of a macro may not do; a program's values are not there yet."""
    for node in (node for item in program.items for node in walk(item)):
        problem = _problem(node)
        if problem is not None:
            diagnostics.error(f"{problem} while macros are expanded", node.span)


def _problem(node: Item) -> str | None:
    match node:
        case core.Builtin(name=name):
            primitive = library()[name]
            if primitive.row & _TOUCHES or not primitive.module.startswith(_LIBRARY):
                return f"{name} can't be used"
        case core.Effect(operation=operation) if kind_of(operation) in _TOUCHES:
            return f"{operation} can't be performed"
        case core.Imported(external=external) if not external.module.startswith("%"):
            return f"{external.name or external.module}, which is imported, isn't there"
        case core.Inline(operation="attribute" | "set-attribute" | "call-python"):
            return "Python can't be used"
    return None
