"""Answers that are paid for and not needed: asked for twice, or used by nobody."""

from __future__ import annotations

from collections.abc import Iterator

from omegac import core
from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject, is_model_site, own_nodes
from omegac.core import Item, Node
from omegac.library import library
from omegac.traverse import children, value_of

# Library procedures that give the same for the same operands whatever happens in between.
_STEADY = {
    *("+", "-", "*", "/", "quotient", "number->string", "symbol->string"),
    *("list", "append", "car", "cdr", "cadr", "cddr"),
    *("string-append", "string-join", "string-upcase", "string-downcase", "string-trim", "substring"),
}
_CHANGING_PAIRS = frozenset({"set-car!", "set-cdr!", "list-set!", "append!", "reverse!"})
# Library procedures that give what the procedure in that position gives.
_GIVING = {"with-budget": 1, "with-tracking": 1, "with-task": 1, "execute": 0, "monitor-budget-usage": 0}
# Library procedures that drop what the procedure gives.
_DROPPING = {"for-each": 0, "vector-for-each": 0}


@checks("OM110")
def repeated_prompt(subject: Subject) -> Found:
    """Calls with equal operands in one body, of which the second could share the answer of the first."""
    if any(isinstance(node, core.Builtin) and node.name in _CHANGING_PAIRS for node in subject.nodes):
        return
    for body in _bodies(subject):
        sites = [node for node in own_nodes(body) if is_model_site(node) and _is_steady(node, subject)]
        for i, site in enumerate(sites):
            first = next((each for each in sites[:i] if _same(each, site) and _go_together(each, site, subject)), None)
            if first is not None:
                yield site.span, f"this asks what the model was asked on line {first.span.line} already"


def _bodies(subject: Subject) -> Iterator[Item]:
    yield from (value_of(item) for item in subject.program.items)
    yield from (node.body for node in subject.nodes if isinstance(node, core.Lambda))


def _is_steady(site: Item, subject: Subject) -> bool:
    """Whether a call asks the same each time that it's evaluated in an activation."""
    return all(_has_steady_value(child, subject) for child in children(site))


def _has_steady_value(node: Node, subject: Subject) -> bool:
    match node:
        case core.Constant():
            return True
        case core.Builtin(name=name):
            return name in _STEADY or "infer" in library()[name].row
        case core.Reference(variable=variable):
            return variable not in subject.facts.assigned
        case core.Call(operator=core.Builtin(name=name)):
            return name in _STEADY and all(_has_steady_value(child, subject) for child in node.operands)
    return False


def _same(one: Item, other: Item) -> bool:
    """Whether two nodes say the same."""
    match one, other:
        case core.Constant(), core.Constant():
            return type(one.value) is type(other.value) and bool(one.value == other.value)
        case core.Reference(), core.Reference():
            return one.variable is other.variable
        case core.Builtin(), core.Builtin():
            return one.name == other.name
        case core.Effect(), core.Effect():
            names = [[name for name, _ in each.options] for each in (one, other)]
            alike = one.operation == other.operation and names[0] == names[1]
        case core.Call(), core.Call():
            alike = True
        case _:
            return False
    parts, others = children(one), children(other)
    return alike and len(parts) == len(others) and all(map(_same, parts, others))


def _go_together(one: Item, other: Item, subject: Subject) -> bool:
    """Whether no branch decides between two nodes of one body."""
    branches = dict(_branches(one, subject))
    return all(branches.get(branch, side) == side for branch, side in _branches(other, subject))


def _branches(node: Item, subject: Subject) -> Iterator[tuple[Item, bool]]:
    """The conditionals around a node in whose branches it stands, and in which."""
    while node in subject.parents:
        around = subject.parents[node]
        if isinstance(around, core.If) and node is not around.test:
            yield around, node is around.then
        node = around


@checks("OM111")
def unused_answer(subject: Subject) -> Found:
    """Model calls whose value is dropped."""
    for item in subject.program.items:
        if not isinstance(item, core.Define):
            yield from _dropped(item)
    for node in subject.nodes:
        match node:
            case core.Sequence(items=items):
                for each in items[:-1]:
                    yield from _dropped(each)
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    if not subject.occurrences.count(variable):
                        yield from _dropped(value)
            case core.Call(operator=core.Builtin(name=name)) if name in _DROPPING:
                yield from _dropped_by_procedure(node.operands[_DROPPING[name]])


def _dropped_by_procedure(procedure: Node) -> Found:
    if isinstance(procedure, core.Lambda):
        yield from _dropped(procedure.body)


def _dropped(node: Item) -> Found:
    """The model calls that give a node its value, which nobody uses."""
    if is_model_site(node):
        yield node.span, "nothing uses the answer of this model call"
        return
    match node:
        case core.If():
            yield from _dropped(node.then)
            yield from _dropped(node.otherwise)
        case core.Let() | core.Letrec():
            yield from _dropped(node.body)
        case core.Sequence(items=items):
            yield from _dropped(items[-1])
        case core.Guard():
            yield from _dropped(node.body)
            yield from _dropped(node.handler)
        case core.Call(operator=core.Builtin(name=name)) if name in _GIVING:
            yield from _dropped_by_procedure(node.operands[_GIVING[name]])
