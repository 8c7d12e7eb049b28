"""Procedures to entries in continuation-passing style."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from omegac import core
from omegac.analyse.facts import Facts
from omegac.core import Lambda, Node, Variable
from omegac.library import has_entry
from omegac.source import Span
from omegac.transform.reenter.needs import Needs
from omegac.traverse import children, rebuild, value_of, walk


class Converter:
    """Converts the procedures of one program."""

    def __init__(self, needs: Needs, facts: Facts) -> None:
        self.needs = needs
        self.facts = facts
        # Local procedures that are nothing but called have nothing but an entry.
        self._entries: dict[Variable, Variable] = {}
        # What the guard handles whose handler is being converted.
        self._condition: Variable | None = None

    def reentrant(self, procedure: Lambda) -> core.Reentrant:
        """A procedure that has nothing but its entry."""
        return core.Reentrant(self.entry(procedure), procedure.span, procedure.name, procedure.documentation)

    def makes(self, item: core.Item) -> bool:
        """Whether a top-level item takes steps, or makes a procedure that does."""
        node = value_of(item)
        made = (each for each in walk(node) if isinstance(each, Lambda))
        return self.needs.is_step(node) or any(each in self.needs.procedures for each in made)

    def entry(self, procedure: Lambda) -> Lambda:
        """The entry of a procedure: its continuation comes before its parameters."""
        k = _variable("k", procedure.span)
        with self._handling(None):
            body = self.tail(procedure.body, _reference(k))
        return Lambda((k, *procedure.parameters), procedure.rest, body, procedure.span, _name(procedure.name, "cps"))

    @contextmanager
    def _handling(self, condition: Variable | None) -> Iterator[None]:
        outer, self._condition = self._condition, condition
        try:
            yield
        finally:
            self._condition = outer

    def _is_step(self, node: Node) -> bool:
        return self.needs.is_step(node) or (self._condition is not None and _raises_again(node))

    def direct(self, node: Node) -> Node:
        """A node that takes no steps, with entries for the procedures that it makes."""
        if isinstance(node, Lambda):
            return self.reentrant(node) if node in self.needs.procedures else node
        return rebuild(node, self.direct)

    def tail(self, node: Node, k: Node) -> Node:
        """The steps that give a node's value to a continuation, which is a reference."""
        if not self._is_step(node):
            return core.Step(k, (self.direct(node),), node.span)
        match node:
            case core.Call():
                return self._call(node, k)
            case core.If():
                return self.bind(
                    node.test,
                    "test",
                    lambda test: core.If(test, self.tail(node.then, k), self.tail(node.otherwise, k), node.span),
                )
            case core.Let():
                return self._let(list(node.bindings), node, k)
            case core.Letrec():
                return self._letrec(node, k)
            case core.Sequence():
                return self._sequence(node.items, k)
            case core.Assignment():
                return self.bind(node.value, node.variable.name, lambda value: self._assigned(node, value, k))
            case core.Woven():
                return self._woven(node, k)
            case core.Handle():
                return self._handle(node, k)
            case core.Guard():
                return self._guard(node, k)
            case core.Reraise():
                assert self._condition is not None
                return _step("reraise", node.span, k, _reference(self._condition))
        # Inline and the like: the operands take steps, the node itself does not.
        return self.operands(children(node), lambda values: core.Step(k, (_with_children(node, values),), node.span))

    def bind(self, node: Node, name: str, then: Callable[[Node], Node]) -> Node:
        """The steps that evaluate a node, and go on with what `then` makes of its value."""
        if not self._is_step(node):
            return then(self.direct(node))
        if isinstance(node, core.Inline):
            return self.operands(node.operands, lambda values: then(_with_children(node, values)))
        return self._continued(node, _variable(name, node.span), then)

    def _continued(self, node: Node, variable: Variable, then: Callable[[Node], Node]) -> Node:
        """The steps that evaluate a node, with a continuation whose parameter is `variable`."""
        after = _variable(_after(node), node.span)
        rest = Lambda((variable,), None, then(_reference(variable)), node.span, after.name)
        return core.Let(((after, rest),), self.tail(node, _reference(after)), node.span)

    def operands(self, nodes: Sequence[Node], then: Callable[[list[Node]], Node]) -> Node:
        """The steps that evaluate nodes from left to right, and go on with what `then` makes of their values."""
        last = max((i for i, node in enumerate(nodes) if self._is_step(node)), default=-1)

        def from_(i: int, values: list[Node]) -> Node:
            if i == len(nodes):
                return then(values)
            node = nodes[i]
            if i < last and not self._is_stable(node) and (isinstance(node, core.Inline) or not self._is_step(node)):
                return self.bind(node, "value", lambda value: kept(i, values, value))
            return self.bind(node, "value", lambda value: from_(i + 1, [*values, value]))

        def kept(i: int, values: list[Node], value: Node) -> Node:
            # Steps follow, before which this must be evaluated.
            variable = _variable("value", value.span)
            rest = from_(i + 1, [*values, _reference(variable)])
            return core.Let(((variable, value),), rest, value.span)

        return from_(0, [])

    def _is_stable(self, node: Node) -> bool:
        """Whether a node's value can't be changed by evaluating something else first."""
        if isinstance(node, core.Reference):
            return node.variable not in self.facts.assigned and node.variable not in self.facts.toplevel
        return isinstance(node, core.Constant | core.Builtin | Lambda)

    def _call(self, node: core.Call, k: Node) -> Node:
        return self.operands(
            (node.operator, *node.operands), lambda values: self._called(node, values[0], values[1:], k)
        )

    def _called(self, node: core.Call, operator: Node, operands: list[Node], k: Node) -> Node:
        procedure = self.facts.procedure(node.operator)
        if isinstance(node.operator, core.Builtin):
            has = has_entry(node.operator.name)
        else:
            has = procedure is None or procedure in self.needs.procedures
        if not has:
            return core.Step(k, (core.Call(operator, tuple(operands), node.span),), node.span)
        if isinstance(node.operator, core.Reference) and node.operator.variable in self._entries:
            return core.Step(_reference(self._entries[node.operator.variable]), (k, *operands), node.span)
        if procedure is None and not isinstance(node.operator, core.Builtin):
            return _step("call", node.span, k, operator, *operands)
        return core.Step(core.Entry(operator, node.operator.span), (k, *operands), node.span)

    def _let(self, bindings: list[tuple[Variable, Node]], node: core.Let, k: Node) -> Node:
        plain: list[tuple[Variable, Node]] = []
        for i, (variable, value) in enumerate(bindings):
            if self._is_step(value):
                rest = self._continued(value, variable, lambda _, i=i: self._let(bindings[i + 1 :], node, k))  # type: ignore[misc]
                return core.Let(tuple(plain), rest, node.span) if plain else rest
            plain.append((variable, self.direct(value)))
        body = self.tail(node.body, k)
        return core.Let(tuple(plain), body, node.span) if plain else body

    def _letrec(self, node: core.Letrec, k: Node) -> Node:
        if not any(self._is_step(value) for _, value in node.bindings):
            for variable, value in node.bindings:
                if value in self.needs.procedures and variable in self.needs.only_called:
                    self._entries[variable] = _variable(_name(variable.name, "cps"), variable.span)
            bindings = tuple([self._binding(variable, value) for variable, value in node.bindings])
            return core.Letrec(bindings, self.tail(node.body, k), node.span)
        # Procedures may refer to what a continuation gets: all are variables of this place, which are assigned.
        first = tuple((variable, core.Constant(None, node.span)) for variable, _ in node.bindings)
        sets = [core.Assignment(variable, value, value.span) for variable, value in node.bindings]
        return core.Let(first, self._sequence((*sets, node.body), k), node.span)

    def _binding(self, variable: Variable, value: Node) -> tuple[Variable, Node]:
        if variable in self._entries and isinstance(value, Lambda):
            return self._entries[variable], self.entry(value)
        return variable, self.direct(value)

    def _sequence(self, items: Sequence[Node], k: Node) -> Node:
        """Continuations side by side, and not each in the one before, so that long sequences don't nest."""
        segments = self._segments(items)
        bindings: list[tuple[Variable, Node]] = []
        following = k
        for plain, last in reversed(segments[1:]):
            ignored = _variable("_", last.span)
            body = self._segment(plain, last, following)
            after = _variable("then", last.span)
            bindings.append((after, Lambda((ignored,), None, body, last.span, "then")))
            following = _reference(after)
        result = self._segment(*segments[0], following)
        for binding in reversed(bindings):
            result = core.Let((binding,), result, result.span)
        return result

    def _segments(self, items: Sequence[Node]) -> list[tuple[list[Node], Node]]:
        """Runs of items of which only the last takes steps."""
        found: list[tuple[list[Node], Node]] = []
        plain: list[Node] = []
        for i, item in enumerate(items):
            if i == len(items) - 1 or self._is_step(item):
                found.append((plain, item))
                plain = []
            else:
                plain.append(self.direct(item))
        return found

    def _segment(self, plain: list[Node], last: Node, k: Node) -> Node:
        end = self.tail(last, k)
        return core.Sequence((*plain, end), last.span) if plain else end

    def _assigned(self, node: core.Assignment, value: Node, k: Node) -> Node:
        done = core.Step(k, (core.Constant(None, node.span),), node.span)
        return core.Sequence((core.Assignment(node.variable, value, node.span), done), node.span)

    def _woven(self, node: core.Woven, k: Node) -> Node:
        names = [name for name, _ in node.options]
        count = len(node.operands)

        def then(values: list[Node]) -> Node:
            options = tuple(zip(names, values[count:], strict=True))
            woven = core.Woven(node.site, tuple(values[:count]), options, node.span)
            if self.needs.is_performed_in_steps(node.site.operation):
                return core.StepOf(k, woven, node.span)
            return core.Step(k, (woven,), node.span)

        return self.operands((*node.operands, *(value for _, value in node.options)), then)

    def _guard(self, node: core.Guard, k: Node) -> Node:
        inside, outside = _variable("k", node.span), _variable("k", node.span)
        body = Lambda((inside,), None, self.tail(node.body, _reference(inside)), node.span, "guarded")
        with self._handling(node.variable):
            handler = self.tail(node.handler, _reference(outside))
        caught = Lambda((outside, node.variable), None, handler, node.span, "caught")
        return _step("guard", node.span, k, body, caught)

    def _handle(self, node: core.Handle, k: Node) -> Node:
        """Clauses in a row: operation, whether it is resumed in general ways, procedure."""
        clauses: list[Node] = []
        for clause in node.clauses:
            is_general = clause in self.needs.general
            clauses += [
                core.Constant(clause.operation, clause.span),
                core.Constant(is_general, clause.span),
                self.direct(clause.procedure),
            ]
        ends = [
            core.Constant(None, node.span) if end is None else self.direct(end) for end in (node.returned, node.final)
        ]
        return _step("handle_step", node.span, k, self.direct(node.body), *ends, *clauses)


def _with_children(node: Node, values: list[Node]) -> Node:
    """The node with other children, in order."""
    remaining = iter(values)
    return rebuild(node, lambda _: next(remaining))


def _raises_again(node: Node) -> bool:
    """Whether a handler hands its condition on here; in procedures and guards inside, that is theirs."""
    if isinstance(node, core.Reraise):
        return True
    if isinstance(node, Lambda | core.Guard):
        return False
    return True in [_raises_again(child) for child in children(node)]


def _step(name: str, span: Span, *operands: Node) -> core.Step:
    return core.Step(core.Runtime(name, span), operands, span)


def _variable(name: str, span: Span) -> Variable:
    return Variable(name, span, hidden=True)


def _reference(variable: Variable) -> core.Reference:
    return core.Reference(variable, variable.span)


def _name(name: str | None, end: str) -> str:
    return f"{name}-{end}" if name else end


def _after(node: Node) -> str:
    """What the continuation of a node is called: for people who read the Python."""
    if isinstance(node, core.Call) and isinstance(node.operator, core.Reference):
        return f"after-{node.operator.variable.name}"
    if isinstance(node, core.Call) and isinstance(node.operator, core.Builtin):
        return f"after-{node.operator.name.strip('%').replace('/', '-')}"
    return "then"
