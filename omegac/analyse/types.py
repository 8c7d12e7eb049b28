"""What kinds of values operands have, where that is known.

A type is a set of bits, one for each kind of value that is possible. Types of variables are a least fixed point over
what is bound to them; on the way through the program they get narrower: a primitive that didn't fail has told
something about its operands, and so has a test that was passed. Variables that are assigned may hold anything.

    (let loop ((i 0)) … (vector-ref v i) … (loop (+ i 1)))      i is a natural number
    (if (null? x) … (f (cdr x) (car x)))                        behind (cdr x), x is a pair or a Python list
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import reduce
from operator import or_

import attrs

from omegac import core
from omegac.analyse.facts import Facts, bound_by
from omegac.analyse.flows import FLOWING, ends, flows
from omegac.analyse.kinds import (
    ANY,
    BOOLEAN,
    EXACT,
    FIRST_RECORD,
    FLOAT,
    INT,
    MIRRORED,
    NAT,
    NEVER,
    NULL,
    NUMBER,
    OTHER,
    PAIR,
    PLAIN,
    POSITIVE,
    PREDICATES,
    REQUIRED,
    SIZES,
    UNEVEN,
    Type,
    arithmetic,
    declared,
    is_a,
    told_by,
    type_of_datum,
)
from omegac.core import Item, Node, Program, Variable
from omegac.primitives import PRIMITIVES
from omegac.traverse import children, nodes_of, value_of


@attrs.frozen(eq=False)
class Types:
    """What is known: `operands` of primitives and of library calls, by node and position; the bits of `records`.

    `results` are those of calls of the program's own procedures.
    """

    operands: dict[Node, tuple[Type, ...]]
    results: dict[Node, Type]
    records: dict[Variable, Type]

    def operand(self, node: Node, position: int) -> Type:
        """The type of an operand of a primitive or a call."""
        found = self.operands.get(node)
        return ANY if found is None else found[position]

    def is_number(self, node: Node, position: int) -> bool:
        """Whether an operand is certainly a number, or an error came before."""
        return is_a(self.operand(node, position), NUMBER)

    def is_boolean(self, node: Node) -> bool:
        """Whether a node is a call that certainly gives #t or #f."""
        return is_a(self.results.get(node, ANY), BOOLEAN)

    def is_record(self, node: core.Inline) -> bool:
        """Whether the second operand of a record operation is certainly a record of the type that it is about."""
        record_type = node.operands[0]
        bit = self.records.get(record_type.variable) if isinstance(record_type, core.Reference) else None
        return bit is not None and is_a(self.operand(node, 1), bit)


def types_of(program: Program, facts: Facts) -> Types:
    """The types of a program."""
    flow = _Flow(program, facts)
    for item in program.items:
        flow.item(item)
    return Types(flow.operands, flow.results, flow.records)


Narrowing = list[tuple[Variable, Type]]


class _Flow:
    """Walks the program in the order of evaluation; `now` has the types of variables at the current place."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self.facts = facts
        self.operands: dict[Node, tuple[Type, ...]] = {}
        # A type that a procedure defines is another one at each call.
        records = [v for v in facts.toplevel if isinstance(facts.values.get(v), core.RecordType)]
        self.records = {variable: FIRST_RECORD << i for i, variable in enumerate(records)}
        self.now: dict[Variable, Type] = {}
        self.trail: list[tuple[Variable, Type | None]] = []
        self.results: dict[Node, Type] = {}
        self.base: dict[Variable | core.Lambda, Type] = {}
        self.loops: dict[core.Label, core.Loop] = {}
        self.bound: dict[Variable, Type] = {}
        self._fix(program)

    def item(self, item: Item) -> None:
        """Walk through a top-level item; once more where loops turn out to give their variables less than was known."""
        for _ in range(2):
            self.bound.clear()
            self._node(value_of(item))
            self._undo(0)
            less = {variable: found for variable, found in self.bound.items() if self.base.get(variable, ANY) & ~found}
            if not less:
                break
            self.base.update((variable, self.base[variable] & found) for variable, found in less.items())

    # The types of variables from what is bound to them.

    def _fix(self, program: Program) -> None:
        sources: dict[Variable | core.Lambda, list[Node]] = {}
        for item in program.items:
            for node in nodes_of(item):
                if type(node) in FLOWING:
                    for variable, value in flows(node, self.loops):
                        sources.setdefault(variable, []).append(value)
                elif isinstance(node, core.Lambda):
                    sources[node] = [node.body]
        users: dict[Variable | core.Lambda, list[Variable | core.Lambda]] = {}
        for bound, values in sources.items():
            if bound in self.facts.assigned:
                continue
            self.base[bound] = NEVER
            for used in {used for value in values for used in self._used(value)}:
                users.setdefault(used, []).append(bound)
        # Each once at a time, and what is inside of others before them.
        pending = deque(reversed(self.base))
        waiting = set(pending)
        while pending:
            bound = pending.popleft()
            waiting.remove(bound)
            found = reduce(or_, [self._type(value) for value in sources[bound]])
            if found | self.base[bound] != self.base[bound]:
                self.base[bound] |= found
                again = [user for user in users.get(bound, ()) if user not in waiting]
                waiting.update(again)
                pending += again

    def _used(self, node: Node) -> Iterable[Variable | core.Lambda]:
        """The variables and procedures whose types decide about the type of a node."""
        pending = [node]
        while pending:
            current = pending.pop()
            match current:
                case core.Reference(variable=variable):
                    yield variable
                case core.Inline() | core.Call(operator=core.Builtin()):
                    pending += current.operands
                case core.Call() | core.TailCall():
                    procedure = self.facts.procedure(current.operator)
                    if procedure is not None:
                        yield procedure
                case core.Each(result=core.Variable() as result):
                    yield result
                case core.If() | core.Let() | core.Letrec() | core.Sequence() | core.Loop() | core.Guard():
                    pending += ends(current)

    def _known(self, variable: Variable) -> Type:
        known = self.now.get(variable)
        return self.base.get(variable, ANY) if known is None else known

    def _type(self, node: Node) -> Type:
        """The type of a node's value, from the types of variables."""
        match node:
            case core.Constant(value=value):
                return type_of_datum(value)
            case core.Reference(variable=variable):
                return self._known(variable)
            case core.Inline():
                return self._of_inline(node, tuple([self._type(each) for each in node.operands]))
            case core.Call(operator=core.Builtin(name=name)):
                return self._of_call(name, node.operands, tuple([self._type(each) for each in node.operands]))
            case core.If() | core.Let() | core.Letrec() | core.Sequence() | core.Loop() | core.Guard():
                return reduce(or_, [self._type(each) for each in ends(node)])
            case core.Call() | core.TailCall():
                procedure = self.facts.procedure(node.operator)
                return ANY if procedure is None else self.base.get(procedure, ANY)
            case core.Jump() | core.Reraise():
                return NEVER
            case core.Each(result=result):
                return OTHER if result is None else self._known(result)
            case core.Gather():
                return PLAIN
            case core.Lambda() | core.Assignment() | core.RecordType():
                return OTHER
        return ANY

    def _of_inline(self, node: core.Inline, types: tuple[Type, ...]) -> Type:
        operation = node.operation
        if operation == "multiply" and _is_square(node) and is_a(types[0], INT):
            return NAT
        if operation == "subtract" and _is_one(node.operands[1]) and is_a(types[0], POSITIVE | UNEVEN):
            return NAT
        if operation in EXACT:
            return arithmetic(operation, types)
        if operation == "negate":
            return types[0] if is_a(types[0], FLOAT | UNEVEN) else INT if is_a(types[0], INT) else NUMBER
        if operation == "cons":
            return PAIR
        if operation == "list-from":
            return PAIR | NULL
        if operation == "make-record":
            return self._record(node) or ANY
        value = PRIMITIVES[operation].value
        return BOOLEAN if value == "boolean" else NUMBER if value == "number" else ANY

    def _of_call(self, name: str, operands: tuple[Node, ...], types: tuple[Type, ...]) -> Type:
        if NEVER in types:
            return NEVER
        if name == "apply" and operands and isinstance(operands[0], core.Builtin):
            return declared(operands[0].name)
        if name in SIZES:
            return NAT
        if name in EXACT and len(types) == 2:
            return arithmetic(name, types)
        if name == "/" and len(types) == 2 and FLOAT in {each & ~UNEVEN for each in types}:
            return FLOAT | UNEVEN
        if name in ("abs", "magnitude") and types and is_a(types[0], INT):
            return NAT
        if name == "list":
            return PAIR if types else NULL
        if name == "%make-items":
            return PLAIN
        return declared(name)

    def _record(self, node: core.Inline) -> Type | None:
        """The bit of the record type that an operation is about."""
        first = node.operands[0]
        return self.records.get(first.variable) if isinstance(first, core.Reference) else None

    # Types as they are on the way.

    def _narrow(self, node: Node, wanted: Type) -> None:
        """What a node refers to has turned out to be of a type as well."""
        if isinstance(node, core.Reference):
            self._narrow_variable(node.variable, wanted)

    def _narrow_variable(self, variable: Variable, wanted: Type) -> None:
        if variable in self.facts.assigned or variable in self.facts.toplevel:
            return
        known = self._known(variable)
        if known & wanted not in (known, NEVER):
            self._set(variable, known & wanted)

    def _set(self, variable: Variable, found: Type) -> None:
        self.trail.append((variable, self.now.get(variable)))
        self.now[variable] = found

    def _undo(self, mark: int) -> Narrowing:
        """Forget what was learned since a mark; gives that."""
        learned = {variable: self.now[variable] for variable, _ in self.trail[mark:]}
        while len(self.trail) > mark:
            variable, before = self.trail.pop()
            if before is None:
                del self.now[variable]
            else:
                self.now[variable] = before
        return list(learned.items())

    def _apply(self, narrowing: Narrowing) -> None:
        for variable, wanted in narrowing:
            self._narrow_variable(variable, wanted)

    def _node(self, node: Node) -> Type:
        """Walk through a node; gives the type of its value, NEVER when control doesn't come out of it."""
        match node:
            case core.Reference() | core.Constant():
                return self._type(node)
            case core.Inline():
                types = self.operands[node] = self._evaluated(node.operands)
                self._learn(node, types)
                return self._of_inline(node, types)
            case core.Call(operator=core.Builtin(name=name)):
                types = self.operands[node] = self._evaluated(node.operands)
                for operand, wanted in zip(node.operands, REQUIRED.get(name, ()), strict=False):
                    self._narrow(operand, wanted)
                return self._of_call(name, node.operands, types)
            case core.If():
                return self._if(node)
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    found = self._node(value)
                    if variable in self.base:
                        self._set(variable, found & self.base[variable])
                return self._node(node.body)
            case core.Sequence():
                return [self._node(each) for each in node.items][-1]
            case core.Lambda():
                return self._apart(node.body, OTHER)
            case core.Loop():
                return self._loop(node)
            case core.Jump():
                return self._jump(node)
            case core.Guard():
                return self._apart(node.body) | self._apart(node.handler)
            case core.Gather():
                self._node(node.source)
                self._round(node)
                return PLAIN
            case core.Each():
                self._node(node.initial)
                self._node(node.source)
                self._round(node)
                return self._type(node)
        for child in children(node):
            self._node(child)
        found = self._type(node)
        if isinstance(node, core.Call):
            self.results[node] = found
        return NEVER if isinstance(node, core.TailCall) else found

    def _evaluated(self, operands: tuple[Node, ...]) -> tuple[Type, ...]:
        """The types of operands, when all of them have their values: later ones may tell of earlier ones."""
        types = [self._node(each) for each in operands]
        return tuple(
            [
                self._type(each) if type(each) is core.Reference else known
                for each, known in zip(operands, types, strict=True)
            ]
        )

    def _apart(self, node: Node, result: Type | None = None) -> Type:
        """Walk through a node whose code may not run, or not now."""
        mark = len(self.trail)
        found = self._node(node)
        self._undo(mark)
        return found if result is None else result

    def _loop(self, node: core.Loop) -> Type:
        for variable, found in zip(node.variables, [self._node(each) for each in node.initial], strict=True):
            self._bind(variable, found)
        return self._round(node)

    def _jump(self, node: core.Jump) -> Type:
        variables = self.loops[node.label].variables
        found = [self._node(each) for each in node.values]
        for variable, value, type_ in zip(variables, node.values, found, strict=True):
            # What a variable keeps, it had before.
            if not (isinstance(value, core.Reference) and value.variable is variable):
                self._bind(variable, type_)
        return NEVER

    def _bind(self, variable: Variable, found: Type) -> None:
        """A loop's variable gets a value of a type."""
        if variable in self.base:
            self.bound[variable] = self.bound.get(variable, NEVER) | found

    def _round(self, node: core.Loop | core.Gather | core.Each) -> Type:
        """Walk through what a loop does in each round."""
        mark = len(self.trail)
        for variable in bound_by(node):
            if variable in self.base:
                self._set(variable, self.base[variable])
        if isinstance(node, core.Gather):
            holds, _ = ([], []) if node.test is None else self._test(node.test)
            self._apply(holds)
        found = self._node(node.value if isinstance(node, core.Gather) else node.body)
        self._undo(mark)
        return found

    def _if(self, node: core.If) -> Type:
        holds, fails = self._test(node.test)
        then, learned = self._branch(node.then, holds)
        otherwise, learned_otherwise = self._branch(node.otherwise, fails)
        if then == NEVER or otherwise == NEVER:
            self._apply(learned_otherwise if then == NEVER else learned)
        else:
            others = dict(learned_otherwise)
            self._apply([(variable, each | others[variable]) for variable, each in learned if variable in others])
        return then | otherwise

    def _branch(self, node: Node, narrowing: Narrowing) -> tuple[Type, Narrowing]:
        mark = len(self.trail)
        self._apply(narrowing)
        found = self._node(node)
        return found, self._undo(mark)

    def _test(self, node: Node) -> tuple[Narrowing, Narrowing]:
        """Walk through a test; gives what is known where it holds, and where it fails."""
        match node:
            case core.If(otherwise=core.Constant(value=False)):
                holds, _ = self._test(node.test)
                more, _, learned = self._later_test(node.then, holds)
                return [*holds, *learned, *more], []
            case core.If(then=core.Constant(value=True)):
                _, fails = self._test(node.test)
                _, more, learned = self._later_test(node.otherwise, fails)
                return [], [*fails, *learned, *more]
            case core.Inline(operation="not", operands=(operand,)):
                holds, fails = self._test(operand)
                self.operands[node] = (ANY,)
                return fails, holds
        self._node(node)
        return self._told(node)

    def _later_test(self, node: Node, narrowing: Narrowing) -> tuple[Narrowing, Narrowing, Narrowing]:
        """The second of two tests, with what evaluating it tells besides."""
        mark = len(self.trail)
        self._apply(narrowing)
        holds, fails = self._test(node)
        return holds, fails, self._undo(mark)

    def _told(self, node: Node) -> tuple[Narrowing, Narrowing]:
        """What a primitive tells of a variable when it holds, and when it doesn't."""
        match node:
            case core.Inline(operation="is-record", operands=(_, core.Reference(variable=variable))):
                bit = self._record(node)
                return ([], []) if bit is None else ([(variable, bit)], [(variable, ~bit)])
            case core.Inline(operation=operation, operands=(first, second)) if operation in MIRRORED:
                types = self.operands[node]
                told = (first, told_by(operation, types[1])), (second, told_by(MIRRORED[operation], types[0]))
                known = [(each.variable, facts) for each, facts in told if isinstance(each, core.Reference)]
                return [(each, facts[0]) for each, facts in known], [(each, facts[1]) for each, facts in known]
            case core.Inline(operation=operation, operands=(core.Reference(variable=variable), *rest)):
                holds, fails = told_by(operation, self.operands[node][1] if rest else ANY)
                return [(variable, holds)], [(variable, fails)]
            case core.Call(operator=core.Builtin(name=name), operands=(core.Reference(variable=variable),)):
                return [(variable, PREDICATES.get(name, ANY))], []
        return [], []

    def _learn(self, node: core.Inline, types: tuple[Type, ...]) -> None:
        """Narrow the operands of a primitive to what it takes without an error."""
        operands = node.operands
        match node.operation:
            case "same-number" | "subtract" | "is-even" | "is-odd" | "negate":
                for operand in operands:
                    self._narrow(operand, NUMBER)
            case "add" | "less" | "greater" | "less-or-equal" | "greater-or-equal":
                # Strings have an order, too.
                for operand, other in zip(operands, types[::-1], strict=True):
                    if is_a(other, NUMBER):
                        self._narrow(operand, NUMBER)
            case "multiply" if _is_square(node):
                self._narrow(operands[0], NUMBER)
            case "car" | "cdr":
                self._narrow(operands[0], PAIR | PLAIN)
            case "record-field" | "set-record-field":
                bit = self._record(node)
                if bit is not None:
                    self._narrow(operands[1], bit)


def _is_one(node: Node) -> bool:
    return isinstance(node, core.Constant) and type(node.value) is int and node.value == 1


def _is_square(node: core.Inline) -> bool:
    match node.operands:
        case (core.Reference(variable=one), core.Reference(variable=other)):
            return one is other
    return False
