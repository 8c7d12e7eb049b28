"""Unbox: who goes through the chars of a string and only asks for their texts gets the texts, as Python has them.

Input: core with loops. Output: the same, with texts of one character for chars:

    (map (lambda (c) … (char-numeric? c) …) (string->list s))
                                  =>  (Gather c (%string-texts s) … (char-numeric? (%char c)) …)
    (list->string (map (lambda (c) e) (string->list s)))
                                  =>  (%joined (Gather c (%string-texts s) (%char-text e)))

    (let ((v (make-vector n 0))) …)   =>  (let ((v (%make-items n 0))) …)     where only elements of v are asked for
    (apply string-append (map (lambda (x) e) xs))
                                  =>  (%joined (Gather x xs e))

What takes the text of a char takes that of `(%char c)` without making the char; see `backend/typed.py`. Only where no
char needs to be made, and where each `e` is certainly a char, or a string, so that nothing else can be wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import attrs

from omegac import core
from omegac.analyse.facts import Facts
from omegac.analyse.kinds import CHAR, CHAR_TEXTS, STRING, gives
from omegac.core import Item, Node, Program, Variable
from omegac.transform.tailcalls import replace_tails
from omegac.traverse import nodes_of, rebuild, rebuild_item, tail_nodes, walk, with_items

R = TypeVar("R", bound=core.Each | core.Gather)

_ROUNDS = core.Each | core.Gather
_SOURCE = "%string-chars"
_OF_ELEMENTS = frozenset({"vector-ref", "vector-set!", "vector-length"})


def unbox(program: Program, facts: Facts) -> Program:
    """The pass."""
    return with_items(program, [_unboxed(item, facts) for item in program.items])


def _unboxed(item: Item, facts: Facts) -> Item:
    nodes = nodes_of(item)
    own = _own_vectors(nodes, facts)
    if not own and not any(_goes_through_chars(node) or _appended(node) for node in nodes):
        return item

    def change(node: Node) -> Node:
        match node:
            case core.Call(operator=core.Builtin(name="list->string"), operands=(core.Gather() as gather,)):
                if _goes_through_chars(gather) and gather.variable not in facts.assigned:
                    node = _joined(node, gather) or node
            case core.Call() if node in own:
                node = attrs.evolve(node, operator=core.Builtin("%make-items", node.operator.span))
            case core.Call():
                strings = _appended(node)
                node = node if strings is None else _call_of_joined(node, strings)
        node = rebuild(node, change)
        match node:
            case core.Each() | core.Gather() if _goes_through_chars(node) and node.variable not in facts.assigned:
                return _of_texts(node) if _is_asked_only(node) else node
        return node

    return rebuild_item(item, change)


def _goes_through_chars(node: Item) -> bool:
    if not isinstance(node, _ROUNDS):
        return False
    match node.source:
        case core.Call(operator=core.Builtin(name=name)):
            return name == _SOURCE
    return False


def _joined(call: core.Call, gather: core.Gather) -> Node | None:
    """The string of what is gathered, from texts; None where chars would have to be made, or may be something else."""
    ends = [end for end, _ in tail_nodes(gather.value)]
    of_variable = [end for end in ends if _is_reference(end, gather.variable)]
    is_odd = any(isinstance(node, core.Loop | core.Guard) for node in walk(gather.value))
    if is_odd or not all(end in of_variable or gives(end, CHAR) for end in ends):
        return None
    if not _is_asked_only(gather, len(of_variable)):
        return None
    texts = _of_texts(gather)
    text = core.Builtin("%char-text", call.span)
    ends_as_texts: dict[Node, Node] = {end: core.Call(text, (end,), end.span) for end, _ in tail_nodes(texts.value)}
    texts = attrs.evolve(texts, value=replace_tails(texts.value, ends_as_texts))
    return _call_of_joined(call, texts)


def _call_of_joined(call: core.Call, texts: core.Gather) -> core.Call:
    return attrs.evolve(call, operator=core.Builtin("%joined", call.operator.span), operands=(texts,))


def _own_vectors(nodes: Sequence[Item], facts: Facts) -> set[Node]:
    """The calls that make vectors which nobody sees, only their elements."""
    bindings = [each for node in nodes if isinstance(node, core.Let) for each in node.bindings]
    made = {variable: value for variable, value in bindings if variable not in facts.assigned and _makes_vector(value)}
    if not made:
        return set()
    seen = Counter([node.variable for node in nodes if isinstance(node, core.Reference)])
    for node in nodes:
        match node:
            case core.Call(operator=core.Builtin(name=name), operands=(core.Reference(variable=variable), *_)):
                seen[variable] -= name in _OF_ELEMENTS
    return {value for variable, value in made.items() if not seen[variable]}


def _makes_vector(node: Node) -> bool:
    match node:
        case core.Call(operator=core.Builtin(name="make-vector")):
            return True
    return False


def _appended(node: Item) -> core.Gather | None:
    """What is gathered for `(apply string-append …)`, where all of that are strings."""
    match node:
        case core.Call(
            operator=core.Builtin(name="apply"),
            operands=(core.Builtin(name="string-append"), core.Gather() as gather),
        ) if all(gives(end, STRING) for end, _ in tail_nodes(gather.value)):
            return gather
    return None


def _of_texts(node: R) -> R:
    """A loop through chars as one through their texts."""
    source, variable = node.source, node.variable
    assert isinstance(source, core.Call)
    texts = attrs.evolve(source, operator=core.Builtin("%string-texts", source.operator.span))
    return rebuild(node, lambda part: texts if part is source else _with_chars(part, variable))


def _with_chars(node: Node, variable: Variable) -> Node:
    """A node in which a variable has the text of a char, instead of the char."""
    if _is_reference(node, variable):
        return core.Call(core.Builtin("%char", node.span), (node,), node.span)
    return rebuild(node, lambda part: _with_chars(part, variable))


def _is_asked_only(node: core.Each | core.Gather, others: int = 0) -> bool:
    """Whether a loop only asks its variable for its text, besides so many other references to it."""
    below = list(walk(node))
    asked = sum(
        _is_reference(operand, node.variable)
        for each in below
        if isinstance(each, core.Call) and isinstance(each.operator, core.Builtin)
        if len(each.operands) == CHAR_TEXTS.get(each.operator.name)
        for operand in each.operands
    )
    return asked + others == sum(_is_reference(each, node.variable) for each in below)


def _is_reference(node: Item, variable: Variable) -> bool:
    return isinstance(node, core.Reference) and node.variable is variable
