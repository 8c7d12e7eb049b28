"""Which calls to models a program may get to, and what is around them then: budgets and handlers.

Known procedures are followed from call to call. A procedure that is kept as data may be called wherever something
unknown is called; one that is given to a known procedure, where that calls its parameter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import attrs

from omegac import core
from omegac.analyse.facts import Facts, bound_by, called_positions
from omegac.core import Lambda, Node, Variable
from omegac.library import CHOOSING, RETAINING, library
from omegac.operations import is_model_call, performed_by
from omegac.traverse import children, value_of

_DEPTH_MAX = 20
# Library procedures that keep their operands uncalled until one of _FORCING gets what they gave.
_DELAYING = RETAINING - {"make-parameter"}
# Library procedures that call an operand within a budget: the positions of the limit and of the procedure.
BUDGETING = {"with-budget": (0, 1), "run-allocated": (0, 2)}


@attrs.frozen
class Around:
    """What is around a place: whether there is a budget, the least limit that is known, and the handled operations."""

    is_budgeted: bool = False
    limit: int | None = None
    handled: frozenset[str] = frozenset()

    def within(self, limit: int | None) -> Around:
        """The same within another budget."""
        known = [each for each in (self.limit, limit) if each is not None]
        return attrs.evolve(self, is_budgeted=True, limit=min(known, default=None))

    def handling(self, operations: Iterable[str]) -> Around:
        """The same within handlers for some operations."""
        return attrs.evolve(self, handled=self.handled | frozenset(operations))


def _forces(name: str) -> bool:
    """Whether a library procedure calls what was delayed."""
    return name == "force" or name.startswith("stream-")


NOTHING = Around()
Activation = tuple[Lambda, Around]
"""A procedure that is called, and what is around the call."""
Caller = Activation | None
"""Where something is reached from; None is where the walk began."""


def token_limit(node: Node, *, per_period: bool = False) -> int | None:
    """The limit that a node says, in tokens, where it's a constant of a valid form.

    One for each hour or day only counts with `per_period`, as it's no limit on the whole.
    """
    from omega_runtime.budgets.scope import parse_limits
    from omega_runtime.values.errors import OmegaError

    if not isinstance(node, core.Constant) or not isinstance(node.value, int | float | str):
        return None
    try:
        limits = parse_limits("with-budget", node.value)
    except OmegaError:
        return None
    return limits.tokens if limits.periods is None or per_period else None


class Paths:
    """A walk from some nodes; what it finds is in `sites`, `budgets` and `reached`.

    `sites`: each call to a model, with what may be around it and from where it's reached. `budgets`: each call of
    with-budget or run-allocated, with what may be around it. `reached`: the activations, with their callers. `given`:
    the procedures that parameters may stand for, to which another walk may have added some before.
    """

    def __init__(self, facts: Facts, given: Mapping[Variable, Iterable[Lambda]] | None = None) -> None:
        self.facts = facts
        self.given: dict[Variable, set[Lambda]] = defaultdict(set)
        for variable, procedures in (given or {}).items():
            self.given[variable].update(procedures)
        self.sites: dict[Node, dict[Around, Caller]] = defaultdict(dict)
        self.budgets: dict[core.Call, set[Around]] = defaultdict(set)
        self.reached: dict[Activation, Caller] = {}
        self._toplevel = {facts.values.get(variable) for variable in facts.toplevel}
        self._pending: list[Activation] = []
        self._kept: set[Lambda] = set()
        self._kept_variables: set[Variable] = set()
        self._passed_on: dict[Variable, set[Variable]] = defaultdict(set)
        self._called: dict[Variable, dict[Around, Caller]] = defaultdict(dict)
        self._unknown: dict[Around, Caller] = {}
        self._open: set[Variable] = set()

    def from_items(self, items: Iterable[core.Item]) -> Paths:
        """Walk through top-level items, outside of everything."""
        for item in items:
            is_known = isinstance(item, core.Define) and self._is_known(item.variable, item.value)
            if not is_known:
                self._visit(value_of(item), NOTHING, None)
        return self._finished()

    def from_calls(self, nodes: Iterable[Node]) -> Paths:
        """Walk through what happens when somebody unknown calls the values of some nodes."""
        for node in nodes:
            self._call_value(node, NOTHING, None)
        return self._finished()

    def chain(self, caller: Caller) -> list[str]:
        """The names of the top-level procedures that lead to a place, outermost first."""
        names: list[str] = []
        while caller is not None:
            procedure = caller[0]
            if procedure in self._toplevel and procedure.name and procedure.name not in names[-1:]:
                names.append(procedure.name)
            caller = self.reached[caller]
        return names[::-1]

    def procedures(self) -> set[Lambda]:
        """The procedures that are reached, whatever is around."""
        return {procedure for procedure, _ in self.reached}

    def _finished(self) -> Paths:
        while self._pending:
            activation = self._pending.pop()
            self._visit(activation[0].body, activation[1], activation)
        return self

    def _is_known(self, variable: Variable, value: Node) -> bool:
        """Whether a binding is of a procedure that is followed by the variable's uses."""
        return isinstance(value, Lambda) and variable in self.facts.values

    def _visit(self, node: Node, around: Around, caller: Caller) -> None:
        """What evaluating a node gets to; procedures that it evaluates to are kept by somebody."""
        match node:
            case Lambda() | core.Reference():
                self._keep(node)
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    if not self._is_known(variable, value):
                        self._visit(value, around, caller)
                self._visit(node.body, around, caller)
            case core.Call():
                self._visit_call(node, around, caller)
            case core.Handle():
                inside = around.handling(clause.operation for clause in node.clauses)
                self._invoke(node.body, inside, caller)
                for procedure in children(node):
                    if isinstance(procedure, Lambda) and procedure is not node.body:
                        self._call_value(procedure, around, caller)
            case core.Effect(operation="amb.choose", operands=(core.Call(operator=core.Builtin()) as choices,)):
                for thunk in choices.operands:
                    self._call_value(thunk, around, caller)
            case _:
                for child in children(node):
                    self._visit(child, around, caller)
                if isinstance(node, core.Effect) and is_model_call(node.operation):
                    self._site(node, node.operation, around, caller)

    def _site(self, node: Node, operation: str, around: Around, caller: Caller) -> None:
        if operation not in around.handled:
            self.sites[node].setdefault(around, caller)

    def _visit_call(self, call: core.Call, around: Around, caller: Caller) -> None:
        operator = call.operator
        if isinstance(operator, core.Builtin):
            self._visit_library_call(operator.name, call, around, caller)
            return
        procedure = self.facts.procedure(operator)
        if procedure is None:
            self._call_value(operator, around, caller)
            for operand in call.operands:
                self._visit(operand, around, caller)
            return
        self._invoke(procedure, around, caller)
        for parameter, operand in zip(procedure.parameters, call.operands, strict=False):
            self._give(parameter, operand)
            if not isinstance(operand, Lambda | core.Reference):
                self._visit(operand, around, caller)
        for operand in call.operands[len(procedure.parameters) :]:
            self._visit(operand, around, caller)

    def _visit_library_call(self, name: str, call: core.Call, around: Around, caller: Caller) -> None:
        called = called_positions(call)
        inside = around
        if name in BUDGETING and len(call.operands) > BUDGETING[name][1]:
            self.budgets[call].add(around)
            inside = around.within(token_limit(call.operands[BUDGETING[name][0]]))
        if "infer" in library()[name].row:
            self._site(call, performed_by(name), around, caller)
        if _forces(name):
            self._call_unknown(around, caller)
        for i, operand in enumerate(call.operands):
            if name in CHOOSING or (i in called and name not in _DELAYING):
                self._call_value(operand, inside, caller)
            else:
                self._visit(operand, around, caller)

    def _call_value(self, node: Node, around: Around, caller: Caller) -> None:
        """A call of the value of a node with arguments that aren't known."""
        if not isinstance(node, Lambda | core.Reference | core.Builtin):
            self._visit(node, around, caller)
        values = self._values(node)
        if values is None:
            self._call_unknown(around, caller)
        for each in values or ():
            match each:
                case Lambda():
                    self._opened(bound_by(each))
                    self._invoke(each, around, caller)
                case core.Builtin(name=name) if "infer" in library()[name].row:
                    self._site(each, performed_by(name), around, caller)
                case Variable():
                    self._call_variable(each, around, caller)

    def _values(self, node: Node, depth: int = 0) -> list[Lambda | core.Builtin | Variable] | None:
        """What a node may evaluate to, as far as it's a procedure; None when that isn't known."""
        procedure = self.facts.procedure(node)
        if procedure is not None:
            return [procedure]
        match node:
            case core.Builtin():
                return [node]
            case core.Constant() | core.Effect():
                return []
            case core.Reference(variable=variable) if depth < _DEPTH_MAX:
                if variable in self.facts.assigned:
                    return None
                value = self.facts.values.get(variable)
                return [variable] if value is None else self._values(value, depth + 1)
            case core.If():
                then, otherwise = (self._values(each, depth) for each in (node.then, node.otherwise))
                return None if then is None or otherwise is None else then + otherwise
            case core.Let() | core.Letrec():
                return self._values(node.body, depth)
            case core.Sequence():
                return self._values(node.items[-1], depth)
        return None

    def _invoke(self, procedure: Lambda, around: Around, caller: Caller) -> None:
        activation = procedure, around
        if activation not in self.reached:
            self.reached[activation] = caller
            self._pending.append(activation)

    def _keep(self, node: Node) -> None:
        """The value of a node becomes data, so that any unknown call may be one of it."""
        for each in self._values(node) or ():
            if isinstance(each, Variable):
                self._kept_variables.add(each)
                for procedure in list(self.given[each]):
                    self._keep_procedure(procedure)
            elif isinstance(each, Lambda):
                self._keep_procedure(each)

    def _keep_procedure(self, procedure: Lambda) -> None:
        if procedure in self._kept:
            return
        self._kept.add(procedure)
        self._opened(bound_by(procedure))
        for around, caller in list(self._unknown.items()):
            self._invoke(procedure, around, caller)

    def _call_unknown(self, around: Around, caller: Caller) -> None:
        if around not in self._unknown:
            self._unknown[around] = caller
            for procedure in list(self._kept):
                self._invoke(procedure, around, caller)

    def _call_variable(self, variable: Variable, around: Around, caller: Caller) -> None:
        if variable in self.facts.resumptions or around in self._called[variable]:
            return
        self._called[variable][around] = caller
        for procedure in list(self.given[variable]):
            self._invoke(procedure, around, caller)
        if variable in self._open:
            self._call_unknown(around, caller)

    def _opened(self, variables: Iterable[Variable]) -> None:
        """Somebody unknown says what these variables stand for."""
        for variable in variables:
            if variable in self._open:
                continue
            self._open.add(variable)
            for around, caller in list(self._called[variable].items()):
                self._call_unknown(around, caller)
            self._opened(self._passed_on[variable])

    def _give(self, parameter: Variable, operand: Node) -> None:
        """A parameter may stand for the value of an operand."""
        values = self._values(operand)
        if values is None:
            self._opened([parameter])
        for each in values or ():
            if isinstance(each, Lambda):
                self._pass(parameter, each)
            elif isinstance(each, Variable):
                self._passed_on[each].add(parameter)
                for procedure in list(self.given[each]):
                    self._pass(parameter, procedure)
                if each in self._open:
                    self._opened([parameter])

    def _pass(self, parameter: Variable, procedure: Lambda) -> None:
        if procedure in self.given[parameter]:
            return
        self.given[parameter].add(procedure)
        if parameter in self._kept_variables:
            self._keep_procedure(procedure)
        for around, caller in list(self._called[parameter].items()):
            self._invoke(procedure, around, caller)
        for further in list(self._passed_on[parameter]):
            self._pass(further, procedure)
