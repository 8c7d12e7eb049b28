"""Unbox: who goes through the chars of a string and only asks for their texts gets the texts, as Python has them.

Input: core with loops. Output: the same, with texts of one character for chars:

    (map (lambda (c) … (char-numeric? c) …) (string->list s))
                                  =>  (Gather c (%string-texts s) … (char-numeric? (%char c)) …)
    (list->string (map (lambda (c) e) (string->list s)))
                                  =>  (%joined (Gather c (%string-texts s) (%char-text e)))

What takes the text of a char takes that of `(%char c)` without making the char; see `backend/typed.py`. Only where no
char needs to be made, and where each `e` is certainly one, so that nothing else can be wrong than before.
"""

from __future__ import annotations

from operator import is_

import attrs

from omegac import core
from omegac.analyse.facts import Facts
from omegac.analyse.kinds import CHAR, CHAR_TEXTS, declared, type_of_datum
from omegac.core import Item, Node, Program, Variable
from omegac.transform.tailcalls import replace_tails
from omegac.traverse import nodes_of, rebuild, rebuild_item, tail_nodes, walk

_ROUNDS = frozenset({core.Each, core.Gather})
_SOURCE = "%string-chars"


def unbox(program: Program, facts: Facts) -> Program:
    """The pass."""
    items = [_unboxed(item, facts) for item in program.items]
    return program if all(map(is_, program.items, items)) else attrs.evolve(program, items=tuple(items))


def _unboxed(item: Item, facts: Facts) -> Item:
    if not any(type(node) in _ROUNDS and _goes_through_chars(node) for node in nodes_of(item)):
        return item

    def change(node: Node) -> Node:
        match node:
            case core.Call(operator=core.Builtin(name="list->string"), operands=(core.Gather() as gather,)):
                if _goes_through_chars(gather) and gather.variable not in facts.assigned:
                    node = _joined(node, gather) or node
        node = rebuild(node, change)
        match node:
            case core.Each(variable=variable) | core.Gather(variable=variable) if _goes_through_chars(node):
                if variable not in facts.assigned and _is_asked_only(variable, [node]):
                    source = node.source
                    return rebuild(node, lambda part: _texts(part) if part is source else _with_chars(part, variable))
        return node

    return rebuild_item(item, change)


def _goes_through_chars(node: Item) -> bool:
    match node:
        case core.Each(source=core.Call(operator=core.Builtin(name=name))):
            return name == _SOURCE
        case core.Gather(source=core.Call(operator=core.Builtin(name=name))):
            return name == _SOURCE
    return False


def _joined(call: core.Call, gather: core.Gather) -> Node | None:
    """The string of what is gathered, from texts; None where chars would have to be made, or may be something else."""
    variable, tests = gather.variable, [] if gather.test is None else [gather.test]
    ends = [end for end, _ in tail_nodes(gather.value)]
    of_variable = {end for end in ends if _is_reference(end, variable)}
    is_odd = any(isinstance(node, core.Loop | core.Guard) for node in walk(gather.value))
    if is_odd or not all(end in of_variable or _is_char(end) for end in ends):
        return None
    if not _is_asked_only(variable, [*tests, gather.value], len(of_variable)):
        return None
    test = None if gather.test is None else _with_chars(gather.test, variable)
    value = _with_chars(gather.value, variable)
    text = core.Builtin("%char-text", call.span)
    value = replace_tails(value, {end: core.Call(text, (end,), end.span) for end, _ in tail_nodes(value)})
    texts = core.Gather(variable, _texts(gather.source), test, value, gather.span)
    return attrs.evolve(call, operator=core.Builtin("%joined", call.operator.span), operands=(texts,))


def _texts(source: Node) -> Node:
    assert isinstance(source, core.Call)
    return attrs.evolve(source, operator=core.Builtin("%string-texts", source.operator.span))


def _with_chars(node: Node, variable: Variable) -> Node:
    """A node in which a variable has the text of a char, instead of the char."""
    if _is_reference(node, variable):
        return core.Call(core.Builtin("%char", node.span), (node,), node.span)
    return rebuild(node, lambda part: _with_chars(part, variable))


def _is_asked_only(variable: Variable, nodes: list[Node], others: int = 0) -> bool:
    """Whether a variable is nothing but asked for its text, besides so many other references to it."""
    below = [node for each in nodes for node in walk(each)]
    asked = sum(
        _is_reference(operand, variable)
        for node in below
        if isinstance(node, core.Call) and isinstance(node.operator, core.Builtin) and node.operator.name in CHAR_TEXTS
        for operand in node.operands
        if len(node.operands) == CHAR_TEXTS[node.operator.name]
    )
    return asked + others == sum(_is_reference(node, variable) for node in below)


def _is_reference(node: Item, variable: Variable) -> bool:
    return isinstance(node, core.Reference) and node.variable is variable


def _is_char(node: Node) -> bool:
    """Whether a node certainly gives a char, if it gives anything."""
    match node:
        case core.Constant(value=value):
            return type_of_datum(value) == CHAR
        case core.Call(operator=core.Builtin(name=name)):
            return declared(name) == CHAR
    return False
