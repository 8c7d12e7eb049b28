"""Hash tables that a program made itself, and procedures that it gives to the library for their values.

    (hash-table-update!/default t k (lambda (n) e) d)
                                        =>  (let ((n (hash-table-ref/default t k d))) (hash-table-set! t k e))
    (hash-table-ref t k (lambda () 0))  =>  (hash-table-ref/default t k 0)

Of other tables, such as Python's dicts, not every value is a key, and errors name the procedure.
"""

from __future__ import annotations

import attrs

from omegac import core
from omegac.analyse.facts import Facts
from omegac.analyse.kinds import TABLE, gives
from omegac.core import Lambda, Node, Variable

UPDATES = frozenset({"hash-table-update!/default", "hash-table-update!"})


def is_own_table(node: Node, facts: Facts) -> bool:
    """Whether a node certainly is a table of Omega's, which takes every key."""
    value = facts.values.get(node.variable) if isinstance(node, core.Reference) else node
    return value is not None and gives(value, TABLE)


def default_of(name: str, fallback: Node) -> Node | None:
    """What stands for a missing value: the last operand, or the constant that it gives."""
    if name.endswith("/default"):
        return fallback
    match fallback:
        case Lambda(parameters=(), rest=None, body=core.Constant() as body):
            return body
    return None


def updated(call: core.Call, default: Node, variable: Variable, value: Node, facts: Facts) -> Node:
    """The node for an update of a table to `value`, which is computed from the `variable`."""
    bindings: list[tuple[Variable, Node]] = []

    def kept(name: str, node: Node) -> Node:
        """What gives a node's value again."""
        is_local = isinstance(node, core.Reference) and node.variable not in facts.assigned | facts.toplevel
        if is_local or isinstance(node, core.Constant):
            return node
        bindings.append((Variable(name, node.span, hidden=True), node))
        return core.Reference(bindings[-1][0], node.span)

    table = kept("table", call.operands[0])
    key, default = kept("key", call.operands[1]), kept("default", default)
    if len(bindings) == 1 and isinstance(table, core.Reference) and table.variable is bindings[0][0]:
        # Nothing is evaluated before the table, so it can be asked for twice.
        table = bindings.pop()[1]
    found = _asked(call, "hash-table-ref/default", (table, key, default))
    stored = _asked(call, "hash-table-set!", (table, key, value))
    update = core.Let(((variable, found),), stored, call.span)
    return core.Let(tuple(bindings), update, call.span) if bindings else update


def found_or(call: core.Call, default: Node) -> core.Call:
    """The call that gives a table's value or a default."""
    return _asked(call, "hash-table-ref/default", (*call.operands[:2], default))


def _asked(call: core.Call, name: str, operands: tuple[Node, ...]) -> core.Call:
    return attrs.evolve(call, operator=core.Builtin(name, call.operator.span), operands=operands)
