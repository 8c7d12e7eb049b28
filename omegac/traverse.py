"""Generic walks over core nodes: the children of a node, and a node rebuilt with other children.

What a node's parts are is read off the fields of its class, whose order is the order of evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import attrgetter, is_
from typing import Any, TypeVar, get_args
from weakref import WeakKeyDictionary

import attrs

from omegac import core
from omegac.core import Node
from omegac.errors import CompilerBug

Change = Callable[[Node], Node]
T = TypeVar("T", bound=core.Item)


@attrs.frozen
class _Shape:
    """How a field holds nodes: `nodes` gives them, `changed` the field's value with a change applied to each."""

    nodes: Callable[[Any], tuple[Node, ...]]
    changed: Callable[[Any, Change], Any]


def _changed_procedure(node: core.Lambda, change: Change) -> core.Lambda:
    changed = change(node)
    if not isinstance(changed, core.Lambda):
        raise CompilerBug("a part that is a procedure must stay one")
    return changed


# Lists, not generators: recursion through C code is bounded from Python 3.12 on.
def _changed_nodes(nodes: tuple[Node, ...], change: Change) -> tuple[Node, ...]:
    changed = [change(node) for node in nodes]
    return nodes if all(map(is_, nodes, changed)) else tuple(changed)


def _changed_pairs(pairs: tuple[tuple[Any, Node], ...], change: Change) -> tuple[tuple[Any, Node], ...]:
    changed = [change(node) for _, node in pairs]
    if all(map(is_, _second(pairs), changed)):
        return pairs
    return tuple([(name, node) for (name, _), node in zip(pairs, changed, strict=True)])


def _changed_clauses(clauses: tuple[core.Clause, ...], change: Change) -> tuple[core.Clause, ...]:
    changed = [_changed_procedure(each.procedure, change) for each in clauses]
    if all(map(is_, _procedures(clauses), changed)):
        return clauses
    return tuple([attrs.evolve(each, procedure=new) for each, new in zip(clauses, changed, strict=True)])


def _second(pairs: tuple[tuple[Any, Node], ...]) -> tuple[Node, ...]:
    return tuple([node for _, node in pairs])


def _procedures(clauses: tuple[core.Clause, ...]) -> tuple[Node, ...]:
    return tuple([each.procedure for each in clauses])


_NODE = _Shape(lambda node: (node,), lambda node, change: change(node))
_NODES = _Shape(lambda nodes: nodes, _changed_nodes)
_NAMED_NODES = _Shape(_second, _changed_pairs)
_SHAPES: dict[Any, _Shape] = {
    "Node": _NODE,
    "Lambda": _Shape(lambda node: (node,), _changed_procedure),
    "Lambda | None": _Shape(
        lambda node: () if node is None else (node,),
        lambda node, change: None if node is None else _changed_procedure(node, change),
    ),
    "Node | None": _Shape(
        lambda node: () if node is None else (node,),
        lambda node, change: None if node is None else change(node),
    ),
    "Woven": _NODE,
    "tuple[Node, ...]": _NODES,
    "tuple[tuple[Variable, Node], ...]": _NAMED_NODES,
    "tuple[tuple[str, Node], ...]": _NAMED_NODES,
    "tuple[Clause, ...]": _Shape(_procedures, _changed_clauses),
}
"""By the type of the field; fields of other types hold no nodes."""

_KINDS: tuple[Any, ...] = (*get_args(Node), core.Define, core.Companion)
_PARTS: dict[type, tuple[tuple[int, str, _Shape], ...]] = {
    kind: tuple(
        (place, field.name, _SHAPES[field.type])
        for place, field in enumerate(attrs.fields(kind))
        if field.type in _SHAPES
    )
    for kind in _KINDS
}
"""The fields that hold nodes, each with its place among all fields."""

# Every node has a span, and another field unless it is a Reraise, which has no parts.
_VALUES = {kind: attrgetter(*[field.name for field in attrs.fields(kind)]) for kind in _KINDS}


def _children_of(kind: type) -> Callable[[Any], tuple[Node, ...]]:
    """What gives the subnodes of a class of nodes; for most, without a loop over its fields."""
    parts = _PARTS[kind]
    names = [name for _, name, _ in parts]
    match [shape for _, _, shape in parts]:
        case []:
            return lambda _: ()
        case [shape] if shape is _NODES:
            return attrgetter(*names)
        case [_, _, *_] as shapes if all(shape is _NODE for shape in shapes):
            return attrgetter(*names)
        case [first, second] if first is _NODE and second is _NODES:
            one, many = map(attrgetter, names)
            return lambda node: (one(node), *many(node))
    return lambda node: tuple([each for _, name, shape in parts for each in shape.nodes(getattr(node, name))])


_CHILDREN = {kind: _children_of(kind) for kind in _PARTS}


def children(node: core.Item) -> tuple[Node, ...]:
    """The direct subnodes in the order of their evaluation."""
    return _CHILDREN[type(node)](node)


def walk(node: core.Item) -> Iterator[core.Item]:
    """The node and everything below it, parents first, in the order of evaluation."""
    pending: list[core.Item] = [node]
    while pending:
        current = pending.pop()
        yield current
        below = _CHILDREN[type(current)](current)
        if below:
            pending += below[::-1]


def few_nodes(node: core.Item, most: int) -> list[core.Item] | None:
    """What `walk` gives, or None where that is more than so many nodes."""
    nodes = list(islice(walk(node), most + 1))
    return nodes if len(nodes) <= most else None


# Of items; most passes leave most of them as they are.
_below: WeakKeyDictionary[core.Item, tuple[core.Item, ...]] = WeakKeyDictionary()


def nodes_of(item: core.Item) -> tuple[core.Item, ...]:
    """What `walk` gives for a top-level item, which is looked through once."""
    below = _below.get(item)
    if below is None:
        below = _below[item] = tuple(walk(item))[1:]  # without itself, which would keep it for ever
    return (item, *below)


class Somewhere:
    """Whether a node or one below it has a property. What is known of a node stays known.

    Without `in_procedures`, procedures below the node don't count.
    """

    def __init__(self, has: Callable[[core.Item], bool], *, in_procedures: bool = True) -> None:
        self._has = has
        self._in_procedures = in_procedures
        self._known: dict[core.Item, bool] = {}

    def __call__(self, node: core.Item) -> bool:
        return self._is_at(node)

    # Methods call each other without C between them, where Python 3.12 allows few levels.
    def _is_at(self, node: core.Item) -> bool:
        if node not in self._known:
            self._known[node] = self._has(node) or self._is_below(node)
        return self._known[node]

    def _is_below(self, node: core.Item) -> bool:
        for child in children(node):
            if (self._in_procedures or not isinstance(child, core.Lambda)) and self._is_at(child):
                return True
        return False


def tail_nodes(node: Node, loops_max: int | None = None) -> list[tuple[Node, int]]:
    """The nodes in tail position of a body, each with the number of loops around it inside the body.

    With `loops_max`, those inside more loops are left out.
    """
    found: list[tuple[Node, int]] = []
    pending = [(node, 0)]
    while pending:
        current, loops = pending.pop()
        match current:
            case core.If():
                pending += [(current.otherwise, loops), (current.then, loops)]
            case core.Sequence():
                pending.append((current.items[-1], loops))
            case core.Let() | core.Letrec():
                pending.append((current.body, loops))
            case core.Guard():
                pending.append((current.handler, loops))
            case core.Loop():
                if loops != loops_max:
                    pending.append((current.body, loops + 1))
            case _:
                found.append((current, loops))
    return found


def rebuild(node: T, change: Change) -> T:
    """The node with `change` applied to each direct subnode, from left to right; it is itself when none changes."""
    kind = type(node)
    parts = _PARTS[kind]
    if not parts:
        return node
    values: list[Any] | None = None
    for place, name, shape in parts:
        before = getattr(node, name)
        after = change(before) if shape is _NODE else shape.changed(before, change)
        if after is not before:
            values = values or list(_VALUES[kind](node))
            values[place] = after
    return node if values is None else kind(*values)


def remade(node: T, change: Change) -> T:
    """As `rebuild`, but a node with parts is a new one in any case, as copies must be that stand beside each other."""
    parts = {name: shape.changed(getattr(node, name), change) for _, name, shape in _PARTS[type(node)]}
    return attrs.evolve(node, **parts) if parts else node


def copied(node: Node, given: dict[core.Variable, core.Variable | Node]) -> Node:
    """A copy of plain code, with other variables or nodes in the place of some; it binds variables of its own."""
    match node:
        case core.Reference(variable=variable):
            new = given.get(variable, variable)
            return core.Reference(new, node.span) if isinstance(new, core.Variable) else attrs.evolve(new)
        case core.Let(bindings=bindings):
            values = [copied(value, given) for _, value in bindings]
            variables = [attrs.evolve(variable) for variable, _ in bindings]
            given.update(zip([variable for variable, _ in bindings], variables, strict=True))
            return core.Let(tuple(zip(variables, values, strict=True)), copied(node.body, given), node.span)
    return remade(node, lambda each: copied(each, given))


def value_of(item: core.Item) -> Node:
    """The node of a top-level item."""
    if isinstance(item, core.Define):
        return item.value
    return item.entry if isinstance(item, core.Companion) else item


def rebuild_item(item: core.Item, change: Change) -> core.Item:
    """A top-level item with `change` applied to its node."""
    return rebuild(item, change) if isinstance(item, core.Define | core.Companion) else change(item)


def rebuild_program(program: core.Program, change: Change) -> core.Program:
    """A program with `change` applied to the node of each item; it is itself when none changes."""
    return with_items(program, [rebuild_item(item, change) for item in program.items])


def with_items(program: core.Program, items: Sequence[core.Item]) -> core.Program:
    """A program with other items; it is itself when they are its own."""
    return program if all(map(is_, program.items, items)) else attrs.evolve(program, items=tuple(items))
