"""Effect rows: what calling a procedure may do.

A row is a set out of {infer, io, state, control} and the set of variables it calls that aren't known: infer asks a
model, io touches the world, state changes what others see, control performs an operation that only a handler answers,
or takes a continuation that is more than an escape. Rows are the least fixed point over the program's calls; rows of
arguments flow into the procedures that they are given to. A call of something wholly unknown may do everything, so a
row is never too small.

A fifth kind, capture, is for the compiler alone: whether a call may capture a continuation that is entered again.
Here the world is closed: what is unknown may do what some procedure of the program does whose value gets about, or what
the modules do that it imports; and what its importers do where the program is compiled for such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from typing import Any

import attrs

from omegac import core
from omegac.analyse.facts import Facts, bound_by, called_positions
from omegac.analyse.resumptions import CALL_CC, is_general, only_escapes
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.library import CHOOSING, library
from omegac.operations import is_model_call, kind_of
from omegac.traverse import children, nodes_of, tail_nodes, value_of

KINDS = ("infer", "io", "state", "control")
CAPTURE = "capture"

# Library procedures that take continuations: those of call/cc may only escape, the others never do only that.
_CAPTURING = CALL_CC | {
    *("call-with-prompt", "abort-to-prompt"),
    *("%amb-collect", "%amb-collect-n", "require", "mzero", "mplus", "bind"),
}
# Library procedures whose results call what they are given.
_COMBINING = frozenset({"compose", "pipe", "partial", "identity", "constantly", "const", "%case-lambda"})
_DEPTH_MAX = 20


@attrs.frozen
class Row:
    """What a call may do; `calls` holds parameters of procedures around it that it calls."""

    kinds: frozenset[str] = frozenset()
    calls: frozenset[Variable] = frozenset()

    def __or__(self, other: Row) -> Row:
        if other.kinds <= self.kinds and other.calls <= self.calls:
            return self
        return Row(self.kinds | other.kinds, self.calls | other.calls)

    def __str__(self) -> str:
        parts = [kind for kind in KINDS if kind in self.kinds]
        parts += sorted(f"calls {variable.name}" for variable in self.calls)
        return ", ".join(parts) or "pure"


PURE = Row()
# To evaluate these does nothing.
_LEAVES = (core.Reference, core.Constant, core.Builtin, core.Lambda)
ANYTHING = Row(frozenset(KINDS))
_CAPTURES = Row(frozenset({"control", CAPTURE}))


@attrs.frozen(eq=False)
class Effects:
    """The rows of a program: of its `procedures`, and of evaluating each `item`.

    `resumed` are the operations that some handler of the program answers by more than a resumption in tail position,
    `continuations` the variables that call/cc gives one to. `of_value` says of a node of the program what calling its
    value may do, `of_node` what evaluating it does.
    """

    procedures: dict[Lambda, Row]
    items: dict[Item, Row]
    resumed: frozenset[str]
    continuations: frozenset[Variable]
    of_value: Callable[[Node], Row]
    of_node: Callable[[Node], Row]

    @property
    def captures(self) -> bool:
        """Whether anything may capture a continuation that is entered again."""
        return any(CAPTURE in row.kinds for row in (*self.procedures.values(), *self.items.values()))


def effects_of(program: Program, facts: Facts) -> Effects:
    """The rows of a program."""
    nodes: dict[type, list[Any]] = defaultdict(list)
    for item in program.items:
        for node in nodes_of(item):
            nodes[type(node)].append(node)
    analysis = _Analysis(facts, nodes, program.others_capture)
    analysis.solve()
    items = {item: analysis.row_of_item(item) for item in program.items}
    return Effects(
        analysis.rows,
        items,
        analysis.resumed,
        analysis.continuations,
        analysis.row_of_value,
        analysis.row_of_node,
    )


def effect_rows(program: Program, facts: Facts) -> dict[Lambda, Row]:
    """The row of every procedure of a program."""
    return effects_of(program, facts).procedures


def calls_models(program: Program) -> bool:
    """Whether anything in the program could call a model, when it is run."""
    for item in program.items:
        for node in nodes_of(item):
            may_ask = _MAY_ASK.get(type(node))
            if may_ask is not None and may_ask(node):
                return True
    return False


@cache
def _row_of_library(name: str) -> frozenset[str]:
    return frozenset(library()[name].row)


def _row_of_import(external: core.External) -> frozenset[str]:
    """What calling something of another module may do, besides calling its arguments."""
    return external.signature.row if external.signature is not None else ANYTHING.kinds


# By the class of a node, whether it may call a model; those of others don't.
_MAY_ASK: dict[type, Callable[[Any], bool]] = {
    core.Effect: lambda node: is_model_call(node.operation),
    core.Woven: lambda node: is_model_call(node.site.operation),
    core.Builtin: lambda node: "infer" in _row_of_library(node.name),
    core.Imported: lambda node: "infer" in _row_of_import(node.external),
    core.Inline: lambda node: node.operation == "call-python",
}


def general_operations(handles: Iterable[core.Handle]) -> frozenset[str]:
    """The operations that some handler answers by more than a resumption in tail position."""
    return frozenset(clause.operation for node in handles for clause in node.clauses if is_general(clause))


class _Analysis:
    """`nodes` are those of the program by their classes."""

    def __init__(self, facts: Facts, nodes: dict[type, list[Any]], others_capture: bool) -> None:
        self.facts = facts
        self.rows: dict[Lambda, Row] = dict.fromkeys(nodes[Lambda], PURE)
        self._asked: set[Lambda] = set()
        self.resumed = general_operations(nodes[core.Handle])
        self.parameters = {parameter for procedure in self.rows for parameter in procedure.parameters}
        self.continuations = frozenset(_continuations(nodes[core.Call], facts))
        capturing = {node for node in nodes[core.Builtin] if node.name in _CAPTURING}
        captures = bool(capturing) and not capturing.issubset(
            [node.operator for node in (*nodes[core.Call], *nodes[core.TailCall])]
        )
        self.unknown = ANYTHING | _CAPTURES if captures or others_capture else ANYTHING

    @cached_property
    def owners(self) -> dict[Variable, Lambda]:
        """The procedures that variables belong to."""
        return {
            variable: procedure
            for procedure in self.rows
            for node in (procedure, *_own_nodes(procedure.body))
            for variable in bound_by(node)
        }

    def solve(self) -> None:
        """Find the least rows that fit each other."""
        readers: dict[Lambda, set[Lambda]] = {}
        pending = dict.fromkeys(self.rows)
        while pending:
            procedure, _ = pending.popitem()
            self._asked.clear()
            row = self._row(procedure.body, procedure)
            for other in self._asked:
                readers.setdefault(other, set()).add(procedure)
            if row != self.rows[procedure]:
                self.rows[procedure] = row
                pending |= dict.fromkeys(readers.get(procedure, ()))
            if not pending and self._update_unknown():
                pending = dict.fromkeys(self.rows)

    def _update_unknown(self) -> bool:
        """Let what is unknown capture once a procedure does whose value gets about; whether that is new."""
        if CAPTURE in self.unknown.kinds:
            return False
        if any(CAPTURE in self.rows[procedure].kinds for procedure in self.facts.escaping if procedure in self.rows):
            self.unknown = ANYTHING | _CAPTURES
            return True
        return False

    def _row_of_procedure(self, procedure: Lambda) -> Row:
        """The row of a procedure as it is known by now."""
        self._asked.add(procedure)
        return self.rows[procedure]

    def row_of_item(self, item: Item) -> Row:
        """What evaluating a top-level item may do."""
        return self._row(value_of(item), None)

    def row_of_node(self, node: Node) -> Row:
        """What evaluating a node may do; to assign any variable is to change state."""
        return self._row(node, None)

    def row_of_value(self, node: Node) -> Row:
        """What calling the value of a node may do, with whatever arguments."""
        return self._row_of_value(node)

    def _row(self, node: Node, inside: Lambda | None) -> Row:
        """What evaluating a node does; making a procedure does nothing."""
        if isinstance(node, core.Lambda):
            return PURE
        row = PURE
        for child in children(node):
            if not isinstance(child, _LEAVES):
                row |= self._row(child, inside)
        match node:
            case core.Call() | core.TailCall():
                return row | self._row_of_call(node)
            case core.Effect():
                return row | self._row_of_operation(node.operation, node.operands, node.options)
            case core.Woven():
                return row | self._row_of_operation(node.site.operation, node.operands, node.options)
            case core.Assignment():
                own = inside is not None and self.owners.get(node.variable) is inside
                return row if own else row | Row(frozenset({"state"}))
            case core.Inline(operation="set-record-field" | "set-car" | "set-cdr" | "set-imported"):
                return row | Row(frozenset({"state"}))
            case core.Inline(operation="attribute" | "set-attribute" | "call-python"):
                return row | self.unknown
            case core.Handle():
                return row | self._row_of_handle(node)
        return row

    def _row_of_operation(
        self, operation: str, operands: tuple[Node, ...], options: tuple[tuple[str, Node], ...]
    ) -> Row:
        row = Row(frozenset({kind_of(operation)}))
        for name, value in options:
            if name == "on-text":
                row |= self._row_of_value(value)
        if operation == "amb.choose":
            for thunks in operands:
                row |= self._row_of_choices(thunks)
        return row | _CAPTURES if operation in self.resumed or operation.startswith("amb.") else row

    def _row_of_choices(self, thunks: Node) -> Row:
        """What calling the elements of a list may do."""
        if not (isinstance(thunks, core.Call) and isinstance(thunks.operator, core.Builtin)):
            return self.unknown
        row = PURE if thunks.operator.name == "list" else self.unknown
        for thunk in thunks.operands:
            row |= self._row_of_value(thunk)
        return row

    def _row_of_handle(self, node: core.Handle) -> Row:
        row = PURE
        for procedure in children(node):
            row |= self._row_of_value(procedure)
        row = Row(row.kinds, row.calls - self.facts.resumptions)
        return row | _CAPTURES if any(is_general(clause) for clause in node.clauses) else row

    def _row_of_call(self, call: core.Call | core.TailCall) -> Row:
        operator = call.operator
        if isinstance(operator, core.Builtin):
            return self._row_of_library_call(operator.name, call)
        if isinstance(operator, core.Imported) and operator.external.signature is not None:
            return self._row_of_imported(operator.external.signature, call)
        procedure = self.facts.procedure(operator)
        if procedure is None:
            return self._row_of_value(operator)
        return self._with_arguments(self._row_of_procedure(procedure), procedure, call)

    def _row_of_imported(self, signature: core.Signature, call: core.Call | core.TailCall) -> Row:
        """The row of a procedure of another module; one that performs control may capture."""
        row = Row(signature.row) | (self.unknown if "control" in signature.row else PURE)
        for i in signature.calls:
            if i < len(call.operands):
                row |= self._row_of_value(call.operands[i])
        return row

    def _row_of_library_call(self, name: str, call: core.Call | core.TailCall) -> Row:
        row = PURE if name in CALL_CC else Row(_row_of_library(name))
        if name in _CAPTURING and not (name in CALL_CC and isinstance(call, core.Call) and self._only_escapes(call)):
            row |= _CAPTURES
        for i in range(len(call.operands)) if name in CHOOSING else called_positions(call):
            if i < len(call.operands):
                row |= self._row_of_value(call.operands[i])
        if name == "%parameterize":
            for bound in call.operands[:-1:2]:
                row |= self._row_of_converter(bound)
        return row

    def _only_escapes(self, call: core.Call) -> bool:
        return only_escapes(call, self.facts)

    def _with_arguments(self, row: Row, procedure: Lambda, call: core.Call | core.TailCall) -> Row:
        """The row of a known procedure, with what the arguments do in place of its parameters."""
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
        return self.unknown

    def _row_of_value(self, node: Node, depth: int = 0) -> Row:
        """What calling the value of a node may do, with whatever arguments."""
        procedure = self.facts.procedure(node)
        if procedure is not None:
            row = self._row_of_procedure(procedure)
            outer = row.calls.difference(procedure.parameters)
            return row if len(outer) == len(row.calls) else Row(row.kinds, outer) | self.unknown
        if depth > _DEPTH_MAX:
            return self.unknown
        match node:
            case core.Builtin(name=name):
                primitive = library()[name]
                calls_others = primitive.calls or name in CHOOSING
                row = self.unknown if calls_others else Row(_row_of_library(name))
                return row | _CAPTURES if name in _CAPTURING else row
            case core.Imported(external=core.External(signature=core.Signature() as signature)):
                return self.unknown if signature.calls or "control" in signature.row else Row(signature.row)
            case core.Reference(variable=variable):
                return self._row_of_variable(variable, depth)
            case core.If():
                return self._row_of_value(node.then, depth + 1) | self._row_of_value(node.otherwise, depth + 1)
            case core.Let() | core.Letrec():
                return self._row_of_value(node.body, depth + 1)
            case core.Sequence():
                return self._row_of_value(node.items[-1], depth + 1)
            case core.Constant():
                return PURE
            case core.Call():
                return self._row_of_result(node, depth)
        return self.unknown

    def _row_of_variable(self, variable: Variable, depth: int) -> Row:
        if variable in self.facts.resumptions or variable in self.continuations:
            return PURE  # what such a call does is part of the row of its handle, or its call/cc
        if variable in self.parameters and variable not in self.facts.assigned:
            return Row(calls=frozenset({variable}))
        value = self.facts.values.get(variable)
        return self.unknown if value is None else self._row_of_value(value, depth + 1)

    def _row_of_result(self, call: core.Call, depth: int) -> Row:
        """What calling the result of a call may do."""
        if isinstance(call.operator, core.Builtin) and call.operator.name in _COMBINING:
            row = PURE
            for operand in call.operands:
                row |= self._row_of_value(operand, depth + 1)
            return row
        procedure = self.facts.procedure(call.operator)
        if procedure is None:
            return self.unknown
        row = PURE
        for node, _ in tail_nodes(procedure.body):
            row |= self._row_of_value(node, depth + 1)
        return self._with_arguments(row, procedure, call)


def _continuations(calls: Iterable[core.Call], facts: Facts) -> Iterator[Variable]:
    """The parameters that a call/cc gives a continuation to."""
    for call in calls:
        if isinstance(call.operator, core.Builtin) and call.operator.name in CALL_CC:
            receiver = facts.procedure(call.operands[0]) if call.operands else None
            if receiver is not None:
                yield from receiver.parameters[:1]


def _own_nodes(node: Node) -> list[Node]:
    """The nodes of a procedure's body outside of inner procedures."""
    if isinstance(node, core.Lambda):
        return []
    found: list[Node] = [node]
    for each in found:
        found += [child for child in children(each) if not isinstance(child, core.Lambda)]
    return found
