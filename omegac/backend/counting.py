"""Loops that count: `for i in range(n)` in place of a `while` with a test and a step.

    (let loop ((i 0) …) (if (= i n) done … (loop (+ i 1) …)))      for i in range(n): … ; done

The variable goes the same step at each jump, and the bound never changes. Where start and end aren't known to be
integers, `until`, `below` and the like of the run time count as the program would: through floats, or without end.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import attrs

from omegac import core
from omegac.analyse.facts import called_positions
from omegac.analyse.kinds import INT, MIRRORED, NAT, is_a
from omegac.analyse.types import Types
from omegac.backend.build import call, constant, replaced
from omegac.backend.frame import Frame
from omegac.core import Node, Variable
from omegac.traverse import children, tail_nodes, walk

# By the test, whether the loop ends where it holds, and whether the variable grows.
_COUNTERS = {
    ("same-number", True, True): "until",
    ("same-number", True, False): "until",
    ("greater-or-equal", True, True): "reaching",
    ("less-or-equal", True, False): "falling",
    ("greater", True, True): "passing",
    ("less", True, False): "sinking",
    ("less", False, True): "below",
    ("less-or-equal", False, True): "upto",
    ("greater", False, False): "above",
    ("greater-or-equal", False, False): "downto",
}
# Those of the last number, and the way to the end of a range.
_INCLUSIVE = {"upto": 1, "passing": 1, "downto": -1, "sinking": -1}


@attrs.frozen
class Counted:
    """A loop whose variable at `position` goes from its initial value in `step`s as `counter` says.

    `body` is a round, `after` comes behind the last one; `end` is an operand of `test`.
    """

    position: int
    variable: Variable
    counter: str
    test: core.Inline
    end: int
    step: Node
    body: Node
    after: Node


def counted(frame: Frame, loop: core.Loop) -> Counted | None:
    """How a loop counts, if it does."""
    if not isinstance(loop.body, core.If) or not isinstance(loop.body.test, core.Inline):
        return None
    test, jumps = loop.body.test, _jumps(loop, loop.body)
    if test.operation not in MIRRORED or _is_recursion(frame, loop):
        return None
    for at, operand in enumerate(test.operands):
        if isinstance(operand, core.Reference) and operand.variable in loop.variables:
            position = loop.variables.index(operand.variable)
            found = _counted(frame, loop, jumps, position, at)
            if found is not None:
                return found
    return None


def _counted(frame: Frame, loop: core.Loop, jumps: list[core.Jump], position: int, at: int) -> Counted | None:
    """Whether the loop variable at a position, which is an operand of the test, is counted."""
    assert isinstance(loop.body, core.If)
    assert isinstance(loop.body.test, core.Inline)
    module, variable, test = frame.module, loop.variables[position], loop.body.test
    step = _step(loop, jumps, position, frame)
    if step is None or variable in module.facts.assigned:
        return None
    sign = step.value if isinstance(step, core.Constant) else 1
    ends_then = not _jumps(loop, loop.body.then)
    after, body = (loop.body.then, loop.body.otherwise) if ends_then else (loop.body.otherwise, loop.body.then)
    operation = test.operation if at == 0 else MIRRORED[test.operation]
    counter = _COUNTERS.get((operation, ends_then, sign > 0))
    end = 1 - at
    if counter is None or _jumps(loop, after) or not _is_fixed(test.operands[end], loop, jumps, frame):
        return None
    is_sure = at == 0 or module.types.is_number(test, end)
    if not is_sure or not module.types.is_number(test, at) or module.occurrences.is_used(variable, after):
        return None
    return Counted(position, variable, counter, test, end, step, body, after)


def _is_recursion(frame: Frame, loop: core.Loop) -> bool:
    """Whether a loop is that of a procedure which calls itself besides.

    Its rounds are few then, and what each call does before the first one counts.
    """
    pending: list[Node] = [loop.body] if any(map(_is_parameter, loop.variables, loop.initial)) else []
    while pending:
        node = pending.pop()
        if isinstance(node, core.Call):
            procedure = frame.module.facts.procedure(node.operator)
            if procedure is not None and procedure.body is loop:
                return True
        if not isinstance(node, core.Lambda):
            pending += children(node)
    return False


def _is_parameter(variable: Variable, initial: Node) -> bool:
    """Whether a loop's variable is a parameter of the procedure that it is."""
    given = initial.operands[0] if isinstance(initial, core.Inline) and initial.operation == "number" else initial
    return isinstance(given, core.Reference) and given.variable is variable


def _jumps(loop: core.Loop, node: Node) -> list[core.Jump]:
    return [each for each, _ in tail_nodes(node, 1) if isinstance(each, core.Jump) and each.label is loop.label]


def _step(loop: core.Loop, jumps: Sequence[core.Jump], position: int, frame: Frame) -> Node | None:
    """What is added to a variable at each jump: an integer other than 0, or a variable that holds a number."""
    steps = [_added(jump.values[position], loop.variables[position], frame.module.types) for jump in jumps]
    first = steps[0] if steps else None
    if first is None or not _is_fixed(first, loop, jumps, frame):
        return None
    return first if all(step is not None and _is_same(step, first) for step in steps) else None


def _added(value: Node, variable: Variable, types: Types) -> Node | None:
    match value:
        case core.Inline(operation="add", operands=(core.Reference(variable=counter), step)) if counter is variable:
            return _as_step(step, 1) or (step if types.is_number(value, 1) else None)
        case core.Inline(operation="add", operands=(step, core.Reference(variable=counter))) if counter is variable:
            return _as_step(step, 1)
        case core.Inline(operation="subtract", operands=(core.Reference(variable=counter), step)):
            return _as_step(step, -1) if counter is variable else None
    return None


def _as_step(node: Node, sign: int) -> core.Constant | None:
    if isinstance(node, core.Constant) and type(node.value) is int and node.value:
        return core.Constant(sign * node.value, node.span)
    return None


def _is_same(one: Node, other: Node) -> bool:
    if isinstance(one, core.Constant):
        return isinstance(other, core.Constant) and one.value == other.value
    return isinstance(one, core.Reference) and isinstance(other, core.Reference) and one.variable is other.variable


def _is_fixed(node: Node, loop: core.Loop, jumps: Sequence[core.Jump], frame: Frame) -> bool:
    """Whether a node has the same value in each round, and no effect but an error."""
    match node:
        case core.Constant():
            return True
        case core.Inline(operation="add" | "subtract" | "multiply"):
            return False not in [_is_fixed(each, loop, jumps, frame) for each in node.operands]
        case core.Call(operator=core.Builtin(name="string-length" | "vector-length" as name), operands=(operand,)):
            is_kept = name == "string-length" or not _calls_others(loop.body)
            return is_kept and isinstance(operand, core.Reference) and _is_fixed(operand, loop, jumps, frame)
        case core.Reference(variable=variable):
            facts = frame.module.facts
            if variable in facts.assigned or variable in facts.toplevel:
                return False
            if variable not in loop.variables:
                return frame.knows(variable)  # and so isn't one of a round's own
            position = loop.variables.index(variable)
            return all(_is_same(node, jump.values[position]) for jump in jumps)
    return False


def _calls_others(body: Node) -> bool:
    """Whether a node calls what isn't the library's, such as Python's functions, which may make a vector longer."""
    return any(map(_is_call_of_other, walk(body)))


def _is_call_of_other(node: core.Item) -> bool:
    match node:
        case core.Call(operator=core.Builtin(name=name)):
            calls = any(position < len(node.operands) for position in called_positions(node))
            return calls or name in ("apply", "force")
        case core.Call() | core.TailCall() | core.Woven() | core.Handle():
            return True
        case core.Inline(operation=operation):
            return operation in ("attribute", "set-attribute", "call-python")
    return False


def stored(frame: Frame, loop: core.Loop, node: Counted) -> core.Call | None:
    """The call of `vector-set!`, when a round only stores the same value in the same vector, at the loop's variable."""
    match node.body:
        case core.Sequence(
            items=(
                core.Call(
                    operator=core.Builtin(name="vector-set!"),
                    operands=(core.Reference() as vector, core.Reference(variable=index), value),
                ) as call_,
                core.Jump() as jump,
            )
        ) if index is node.variable and len(loop.variables) == 1:
            # Nothing that may fail: there may be no round.
            is_atom = isinstance(value, core.Constant | core.Reference)
            fixed = is_atom and all(_is_fixed(each, loop, [jump], frame) for each in (vector, value))
            return call_ if fixed else None
    return None


def numbers(frame: Frame, node: Counted, start: ast.expr, end: ast.expr, step: ast.expr) -> ast.expr:
    """What the loop runs through: a `range` where that is certainly the same."""
    types, at = frame.module.types, 1 - node.end
    known_end = types.operand(node.test, node.end)
    is_one = isinstance(node.step, core.Constant) and node.step.value == 1
    steps = [] if is_one else [step]
    if not is_a(types.operand(node.test, at), INT) or not is_a(known_end, INT) or not _is_plain(node, start, known_end):
        if node.counter == "until" and not types.is_number(node.test, node.end):
            end = ast.UnaryOp(ast.UAdd(), end)
        return call(frame.module.runtime(node.counter), start, end, *steps)
    if node.counter in _INCLUSIVE:
        end = _beyond(end, _INCLUSIVE[node.counter])
    starts = [] if is_one and _is_zero(start) else [start]
    return call(frame.module.runtime("range"), *starts, end, *steps)


def _is_plain(node: Counted, start: ast.expr, end: int) -> bool:
    """Whether the loop ends where a `range` over integers does."""
    if not isinstance(node.step, core.Constant):
        return False
    if node.counter != "until":
        return True
    return node.step.value == 1 and is_a(end, NAT) and _is_zero(start)


def _beyond(end: ast.expr, way: int) -> ast.expr:
    """The next integer after an end, up or down."""
    if isinstance(end, ast.Constant) and type(end.value) is int:
        return constant(end.value + way)
    return ast.BinOp(end, ast.Add() if way > 0 else ast.Sub(), constant(1))


def _is_zero(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value == 0 and type(value.value) is int


def without_continue(block: list[ast.stmt]) -> list[ast.stmt]:
    """The body of a loop, without a `continue` behind which nothing follows."""
    if not block:
        return [ast.Pass()]
    *before, last = block
    match last:
        case ast.Continue():
            return without_continue(before) if before else [replaced(last, ast.Pass())]
        case ast.If(orelse=[]) if len(last.body) > 1 or not isinstance(last.body[0], ast.Continue):
            last.body = without_continue(last.body)
        case ast.If(orelse=orelse) if orelse:
            last.body, last.orelse = without_continue(last.body), without_continue(orelse)
    return block
