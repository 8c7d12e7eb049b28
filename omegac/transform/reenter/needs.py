"""Which procedures need an entry in continuation-passing style, and which nodes take steps in one."""

from __future__ import annotations

from omegac import core
from omegac.analyse.effects import Effects
from omegac.analyse.facts import Facts, called_positions
from omegac.analyse.resumptions import CALL_CC, is_general, only_escapes
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.library import has_entry
from omegac.operations import kind_of
from omegac.traverse import children, walk


class Needs:
    """`procedures` need an entry: something that they call, or that procedures made in them call, may capture.

    That is wider than what may capture by itself: it takes in whatever calls what is not known.
    """

    def __init__(self, program: Program, facts: Facts, effects: Effects) -> None:
        self._facts = facts
        self._resumed = effects.resumed
        self._steps: dict[Node, bool] = {}
        self.procedures: set[Lambda] = set()
        nodes = [node for item in program.items for node in walk(item)]
        self._clauses = [clause for node in nodes if isinstance(node, core.Handle) for clause in node.clauses]
        self.general = {clause for clause in self._clauses if is_general(clause)}
        self.only_called = _only_called(nodes, facts)
        self._find([node for node in nodes if isinstance(node, core.Lambda)])

    def _find(self, procedures: list[Lambda]) -> None:
        inner = {
            procedure: [node for node in walk(procedure.body) if isinstance(node, core.Lambda)]
            for procedure in procedures
        }
        is_changed = True
        while is_changed:
            self._steps = {}
            found = {
                procedure
                for procedure in procedures
                if procedure not in self.procedures
                and (self.is_step(procedure.body) or not self.procedures.isdisjoint(inner[procedure]))
            }
            self.procedures |= found
            is_changed = bool(found)
        self._steps = {}

    def is_step(self, node: Item) -> bool:
        """Whether evaluating a node in an entry may take more than one step."""
        if isinstance(node, core.Lambda | core.Constant | core.Reference | core.Builtin | core.Imported | core.Reraise):
            return False
        assert not isinstance(node, core.Define | core.Companion)
        if node not in self._steps:
            self._steps[node] = self._decide(node)
        return self._steps[node]

    def _decide(self, node: Node) -> bool:
        if isinstance(node, core.Handle):
            return self._is_step_of_handle(node)
        if True in [self.is_step(child) for child in children(node)]:
            return True
        if isinstance(node, core.Woven):
            return self.is_performed_in_steps(node.site.operation)
        return isinstance(node, core.Call) and self._is_step_of_call(node)

    def is_performed_in_steps(self, operation: str) -> bool:
        """Whether who answers an operation may capture, or resume it more than once."""
        if operation in self._resumed or kind_of(operation) == "control":
            return True
        return any(clause.operation == operation and clause.procedure in self.procedures for clause in self._clauses)

    def _is_step_of_handle(self, node: core.Handle) -> bool:
        if not self.general.isdisjoint(node.clauses):
            return True
        return any(isinstance(part, Lambda) and part in self.procedures for part in children(node))

    def _is_step_of_call(self, call: core.Call) -> bool:
        operator = call.operator
        if isinstance(operator, core.Imported) and operator.external.signature is not None:
            signature = operator.external.signature
            operands = [call.operands[i] for i in signature.calls if i < len(call.operands)]
            return "control" in signature.row or any(map(self._may_capture, operands))
        if not isinstance(operator, core.Builtin):
            procedure = self._facts.procedure(operator)
            return procedure is None or procedure in self.procedures
        if not has_entry(operator.name):
            return False
        if operator.name in CALL_CC and not only_escapes(call, self._facts):
            return True
        positions = called_positions(call)
        return not positions or any(self._may_capture(call.operands[i]) for i in positions if i < len(call.operands))

    def _may_capture(self, node: Node) -> bool:
        """Whether calling the value of a node may."""
        procedure = self._facts.procedure(node)
        if procedure is not None:
            return procedure in self.procedures
        return has_entry(node.name) if isinstance(node, core.Builtin) else not isinstance(node, core.Constant)


def _only_called(nodes: list[Item], facts: Facts) -> frozenset[Variable]:
    """The variables of procedures that are used in no other way than to call them."""
    operators = {node.operator for node in nodes if isinstance(node, core.Call)}
    passed = {node.variable for node in nodes if isinstance(node, core.Reference) and node not in operators}
    return frozenset(facts.values) - passed - facts.toplevel
