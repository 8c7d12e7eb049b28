"""Weave: every effect gets its site record, under which the ledger books it.

Input: core with Effect. Output: core with Woven. The back end writes a Woven out as the ledger calls that
`omega_runtime.calls` documents: reserve, then perform, then settle or void.
"""

from __future__ import annotations

from collections import Counter

import attrs

from omegac import core
from omegac.core import Node, Program
from omegac.traverse import nodes_of, rebuild, rebuild_item


def weave(program: Program, file: str) -> Program:
    """The pass; `file` is the source's name as the ledger shall show it."""
    if not any(isinstance(node, core.Effect) for item in program.items for node in nodes_of(item)):
        return program
    ordinals: Counter[str] = Counter()

    def within(procedure: str, node: Node) -> Node:
        if isinstance(node, core.Lambda) and not procedure:
            procedure = node.name or ""
        if isinstance(node, core.Effect):
            ordinals[procedure] += 1
            span = node.span
            place = (span.origin.name if span.origin else file, span.line, span.column)
            site = core.Site(*place, node.operation, procedure, ordinals[procedure])
            node = rebuild(node, lambda child: within(procedure, child))
            assert isinstance(node, core.Effect)
            return core.Woven(site, node.operands, node.options, span)
        return rebuild(node, lambda child: within(procedure, child))

    items = []
    for item in program.items:
        name = item.variable.name if isinstance(item, core.Define) else ""
        items.append(rebuild_item(item, lambda node, name=name: within(name, node)))  # type: ignore[misc]
    return attrs.evolve(program, items=tuple(items))
