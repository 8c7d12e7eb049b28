"""Situate: the top level of evaluated code lives in a namespace, where later code finds it.

Input: expanded core. Output: the same without definitions but those of procedures on their way into the namespace, and
with no name left open but those of the library:

    (define x 1)      => (set-imported namespace 1 x)
    (define (f) 1)    => (define f (lambda () 1)) (set-imported namespace f f)
    x, y              => variables of the namespace, looked up at each use; y may be defined later
"""

from __future__ import annotations

from collections.abc import Set
from itertools import count

import attrs

from omegac import core
from omegac.analyse.facts import bound_by
from omegac.core import External, Node, Program, Variable
from omegac.lacking import is_lacking
from omegac.library import library
from omegac.traverse import rebuild, walk

_serial = count()


def attribute_of(name: str) -> str:
    """The attribute of a namespace that a variable is; the mark keeps it apart from those that all objects have."""
    return f"'{name}"


def situate(program: Program, namespace: str, visible: Set[object]) -> tuple[Program, dict[Variable, External]]:
    """The pass; also gives what the program's variables are from outside.

    Those in `visible` have their own names there; no other code means those of macros and of libraries by theirs.
    """
    externals: dict[Variable, External] = {}
    for variable in program.toplevel:
        name = attribute_of(variable.name)
        is_open = variable in visible and not variable.hidden
        externals[variable] = External(namespace, name if is_open else f"{next(_serial)}{name}", is_live=True)
    local = {variable for item in program.items for node in walk(item) for variable in bound_by(node)}

    def external(variable: Variable) -> External | None:
        """A variable of the namespace; one of the program around the macro that mentions it is there or nowhere."""
        if variable in local:
            return None
        return externals.get(variable, External(namespace, attribute_of(variable.name), is_live=True))

    def change(node: Node) -> Node:
        match node:
            case core.Reference(variable=variable):
                found = external(variable)
                return node if found is None else core.Imported(found, node.span)
            case core.Assignment(variable=variable):
                found = external(variable)
                return rebuild(node, change) if found is None else _set(found, change(node.value), node)
            case core.GlobalReference(name=name) if name.startswith("%") or not (name in library() or is_lacking(name)):
                return core.Imported(External(namespace, attribute_of(name), is_live=True), node.span)
        return rebuild(node, change)

    items: list[core.Item] = []
    for item in program.items:
        if isinstance(item, core.Define):
            items += _definition(externals[item.variable], change(item.value), item)
        else:
            assert not isinstance(item, core.Companion)
            items.append(change(item))
    return attrs.evolve(program, items=tuple(items), exports={}), externals


def _set(external: External, value: Node, place: core.Assignment | core.Define) -> Node:
    namespace = core.Imported(External(external.module), place.span)
    return core.Inline("set-imported", (namespace, value, core.Constant(external.name, place.span)), place.span)


def _definition(external: External, value: Node, define: core.Define) -> list[core.Item]:
    """A definition as an assignment; a procedure is made with its name, at the top level of its own code."""
    if not isinstance(value, core.Lambda):
        return [_set(external, value, define)]
    variable = Variable(define.variable.name, define.span)
    return [core.Define(variable, value, define.span), _set(external, core.Reference(variable, define.span), define)]
