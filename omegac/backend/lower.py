"""Lower: woven core to a Python module.

Input: woven core. Output: an `ast.Module` whose nodes carry places in the Omega source, in sections:
docstring, check, imports, `__all__`, constants, sites, definitions and expressions in source order. Code at the top
level that needs local variables goes into a function of its own, so that nothing but definitions is global.
"""

from __future__ import annotations

import ast
from typing import Any

import attrs

from omegac import core
from omegac.analyse.facts import Facts
from omegac.backend import expressions, functions
from omegac.backend.build import assign, call, constant, data, load, located
from omegac.backend.frame import Frame
from omegac.backend.module import Module
from omegac.core import Program, Variable
from omegac.errors import Diagnostics
from omegac.interface import VARIABLE
from omegac.source import START, Source, SourceLines
from omegac.traverse import Somewhere

RESULT = "__result__"


@attrs.frozen(eq=False)
class Lowered:
    """A Python module in its sections."""

    docstring: str
    check: list[ast.stmt]
    imports: list[ast.stmt]
    exports: list[str]
    constants: list[ast.stmt]
    body: list[ast.stmt]
    lines: SourceLines
    names: dict[Variable, str]
    given: dict[str, str]
    interface: dict[str, Any] = attrs.field(factory=dict)

    def tree(self, prologue: list[ast.stmt] | None = None) -> ast.Module:
        """The whole module, to compile; every node has a place."""
        names: list[ast.expr] = [constant(name) for name in self.exports]
        exports = assign("__all__", ast.List(names, ast.Load()))
        statements = [ast.Expr(constant(self.docstring)), *(prologue or []), *self.check, *self.imports]
        interface = assign(VARIABLE, data(self.interface))
        module = ast.Module([*statements, exports, interface, *self.constants, *self.body], [])
        return located(module, self.lines)


def lower(program: Program, facts: Facts, source: Source, diagnostics: Diagnostics, result: bool = False) -> Lowered:
    """The pass; with `result`, the value of the last expression is left in `__result__`."""
    module = Module(program, facts, source, diagnostics)
    frame = Frame(module, None, None)
    last = next((item for item in reversed(program.items) if not isinstance(item, core.Companion)), None)
    for item in program.items:
        if isinstance(item, core.Define):
            _definition(frame, item)
        elif isinstance(item, core.Companion):
            _companion(frame, item)
        elif result and item is last:
            frame.emit(assign(RESULT, _value(frame, item, f"line_{item.span.line}")))
        else:
            _expression(frame, item)
    for statement in frame.block:
        module.placer.place(statement, START)
    check = module.check_statements(source)
    constants = [*module.constants, *module.sites]
    docstring = source.heading or f"Compiled from {source.name}."
    # Python 3.13 refuses a docstring that isn't UTF-8.
    docstring = docstring.encode("utf-8", "backslashreplace").decode()
    imports = module.import_statements(program)
    lines, names = module.placer.lines, module.toplevel
    return Lowered(docstring, check, imports, module.exports, constants, frame.block, lines, names, module.given)


def _definition(frame: Frame, item: core.Define) -> None:
    module, variable = frame.module, item.variable
    name = module.toplevel[variable]
    if isinstance(item.value, core.Lambda | core.Reentrant):
        decorators = []
        if variable.name != name:
            decorators = [call(module.runtime("named"), constant(variable.name))]
        if isinstance(item.value, core.Lambda):
            functions.define(frame, item.value, name, decorators)
        else:
            functions.define_reentrant(frame, item.value, name, decorators)
    elif isinstance(item.value, core.RecordType):
        frame.emit(functions.record_class(frame, item.value, name))
        if variable in module.record_aliases:
            frame.emit(assign(module.record_aliases[variable], load(name)))
    else:
        frame.emit(assign(name, _value(frame, item.value, name)))


def _companion(frame: Frame, item: core.Companion) -> None:
    module = frame.module
    name = module.toplevel[item.variable] if item.variable in module.toplevel else module.builtin(item.variable.name)
    entry = functions.entry_name(frame, name)
    functions.define(frame, item.entry, entry)
    frame.emit(ast.Assign([ast.Attribute(load(name), "cps", ast.Store())], load(entry)))


def _expression(frame: Frame, node: core.Node) -> None:
    if isinstance(node, core.Constant | core.Reference | core.Builtin | core.Lambda):
        return
    frame.emit(ast.Expr(_value(frame, node, f"line_{node.span.line}")))


# A comprehension's variable could hide one of the module.
_binds = Somewhere(lambda node: isinstance(node, core.Gather), in_procedures=False)


def _value(frame: Frame, node: core.Node, name: str) -> ast.expr:
    """The value of a top-level expression; one that needs statements is computed by a function."""
    if frame.module.shapes.is_expression(node) and not _binds(node):
        value = expressions.expression(frame, node)
    else:
        value = functions.outlined(frame, node, name)
    frame.module.placer.place(value, node.span)
    return value
