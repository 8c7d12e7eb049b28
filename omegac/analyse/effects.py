"""Effect rows: what calling a procedure may do.

A row is a set out of {infer, io, state, control} and the set of variables it calls that aren't known:
infer asks a model, io touches the world, state changes what others see, control performs an operation that
only a handler answers. Rows are the least fixed point over the program's calls; a call of something wholly
unknown may do everything, so a row is never too small.
"""

from __future__ import annotations

import attrs

from omegac import core
from omegac.analyse.facts import Facts, bound_by, called_positions
from omegac.core import Lambda, Node, Program, Variable
from omegac.library import library
from omegac.operations import is_model_call, kind_of
from omegac.traverse import children, walk

KINDS = ("infer", "io", "state", "control")


@attrs.frozen
class Row:
    """What a call may do; `calls` holds parameters of procedures around it that it calls."""

    kinds: frozenset[str] = frozenset()
    calls: frozenset[Variable] = frozenset()

    def __or__(self, other: Row) -> Row:
        return Row(self.kinds | other.kinds, self.calls | other.calls)

    def __str__(self) -> str:
        parts = [kind for kind in KINDS if kind in self.kinds]
        parts += sorted(f"calls {variable.name}" for variable in self.calls)
        return ", ".join(parts) or "pure"


PURE = Row()
ANYTHING = Row(frozenset(KINDS))
Rows = dict[Lambda, Row]


def effect_rows(program: Program, facts: Facts) -> Rows:
    """The row of every procedure of a program."""
    procedures = [node for item in program.items for node in walk(item) if isinstance(node, core.Lambda)]
    analysis = _Analysis(facts, dict.fromkeys(procedures, PURE))
    changed = True
    while changed:
        changed = False
        for procedure in reversed(procedures):
            row = analysis.row_of_body(procedure)
            changed |= row != analysis.rows[procedure]
            analysis.rows[procedure] = row
    return analysis.rows


def calls_models(program: Program) -> bool:
    """Whether anything in the program could call a model, when it is run."""
    return any(
        (isinstance(node, core.Effect) and is_model_call(node.operation))
        or (isinstance(node, core.Woven) and is_model_call(node.site.operation))
        or (isinstance(node, core.Builtin) and "infer" in _row_of_library(node.name))
        for item in program.items
        for node in walk(item)
    )


def _row_of_library(name: str) -> frozenset[str]:
    return frozenset(library()[name].row)


class _Analysis:
    def __init__(self, facts: Facts, rows: Rows) -> None:
        self.facts = facts
        self.rows = rows
        self.parameters = {parameter for procedure in rows for parameter in procedure.parameters}
        self.owners = {
            variable: procedure
            for procedure in rows
            for node in (procedure, *_own_nodes(procedure.body))
            for variable in bound_by(node)
        }

    def row_of_body(self, procedure: Lambda) -> Row:
        """The row of a procedure under the current assumptions about the others."""
        return self._row(procedure.body, procedure)

    def _row(self, node: Node, inside: Lambda) -> Row:
        """What evaluating a node does; making a procedure does nothing."""
        if isinstance(node, core.Lambda):
            return PURE
        row = PURE
        for child in children(node):
            row |= self._row(child, inside)
        match node:
            case core.Effect():
                return row | _operation_row(node.operation)
            case core.Woven():
                return row | _operation_row(node.site.operation)
            case core.Assignment():
                own = self.owners.get(node.variable) is inside
                return row if own else row | Row(frozenset({"state"}))
            case core.Call() | core.TailCall():
                return row | self._row_of_call(node)
            case core.Inline(operation="set-record-field" | "set-car" | "set-cdr"):
                return row | Row(frozenset({"state"}))
            case core.Handle():
                row |= self.rows[node.body]
                for clause in node.clauses:
                    row |= self.rows[clause.procedure]
                return Row(row.kinds, row.calls - self.facts.resumptions)
        return row

    def _row_of_call(self, call: core.Call | core.TailCall) -> Row:
        operator = call.operator
        if isinstance(operator, core.Builtin):
            row = Row(frozenset(library()[operator.name].row))
            for i in called_positions(call):
                if i < len(call.operands):
                    row |= self._row_of_value(call.operands[i])
            if operator.name == "%parameterize":
                for bound in call.operands[:-1:2]:
                    row |= self._row_of_converter(bound)
            return row
        row = self._row_of_value(operator)
        procedure = self.facts.procedure(operator)
        if procedure is None or not row.calls:
            return row
        actual = dict(zip(procedure.parameters, call.operands, strict=False))
        result = Row(row.kinds, row.calls - actual.keys())
        for parameter in row.calls & actual.keys():
            result |= self._row_of_value(actual[parameter])
        return result

    def _row_of_converter(self, parameter: Node) -> Row:
        """What binding a parameter may do: its converter is called with the new value."""
        value = self.facts.values.get(parameter.variable) if isinstance(parameter, core.Reference) else None
        match value:
            case core.Call(operator=core.Builtin(name="make-parameter"), operands=(_,)):
                return PURE
            case core.Call(operator=core.Builtin(name="make-parameter"), operands=(_, converter)):
                return self._row_of_value(converter)
        return ANYTHING

    def _row_of_value(self, node: Node) -> Row:
        """What calling the value of a node may do."""
        procedure = self.facts.procedure(node)
        if procedure is not None:
            return self.rows[procedure]
        if isinstance(node, core.Builtin):
            primitive = library()[node.name]
            return ANYTHING if primitive.calls else Row(frozenset(primitive.row))
        if isinstance(node, core.Reference):
            if node.variable in self.facts.resumptions:
                return PURE
            if node.variable in self.parameters and node.variable not in self.facts.assigned:
                return Row(calls=frozenset({node.variable}))
        return ANYTHING


def _own_nodes(node: Node) -> list[Node]:
    """The nodes of a procedure's body outside of inner procedures."""
    if isinstance(node, core.Lambda):
        return []
    found: list[Node] = [node]
    for child in children(node):
        found.extend(_own_nodes(child))
    return found


def _operation_row(operation: str) -> Row:
    return Row(frozenset({kind_of(operation)}))
