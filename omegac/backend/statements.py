"""Nodes to Python statements that bring a value to its destination."""

from __future__ import annotations

import ast
from typing import TypeGuard

from omegac import core
from omegac.analyse.kinds import INT, is_a
from omegac.backend import expressions, functions, ledger_calls
from omegac.backend.build import (
    assign,
    attribute,
    call,
    compare,
    constant,
    is_exactly,
    is_of,
    load,
    negated,
    store,
)
from omegac.backend.counting import Counted, counted, numbers, stored, without_continue
from omegac.backend.frame import (
    DISCARD,
    NESTING_MAX,
    Assign,
    Destination,
    Discard,
    Frame,
    Leave,
    LoopContext,
    Return,
    breaks,
    is_stable,
    is_terminated,
)
from omegac.backend.inline import set_attribute, set_field
from omegac.backend.loops import while_statements
from omegac.backend.shape import conjuncts, is_small
from omegac.backend.typed import is_indexed, set_item
from omegac.core import Node, Variable

_BLOCKS = core.If | core.Guard | core.Loop | core.Each


def run(frame: Frame, node: Node, destination: Destination) -> None:
    """Write the statements that evaluate a node and deliver its value."""
    outer, frame.span = frame.span, node.span
    _run(frame, node, destination)
    frame.span = outer


def _run(frame: Frame, node: Node, destination: Destination) -> None:
    if frame.nesting >= NESTING_MAX and _ends_early(node, frame, destination):
        _if_not(frame, node, destination)
        return
    if frame.nesting >= NESTING_MAX and isinstance(node, _BLOCKS) and not frame.module.jumps.out_of(node):
        _finish(frame, functions.outlined(frame, node, "rest"), destination)
        return
    match node:
        case core.If():
            _if(frame, node, destination)
        case core.Let() if frame.module.shapes.is_expression(node):
            _deliver(frame, node, destination)
        case core.Let() | core.Letrec():
            bind_all(frame, node)
            run(frame, node.body, destination)
        case core.Sequence():
            for item in node.items[:-1]:
                run(frame, item, DISCARD)
            run(frame, node.items[-1], destination)
        case core.Assignment():
            value = expressions.expression(frame, node.value)
            frame.emit(ast.Assign([frame.target(node.variable)], value))
            _finish(frame, constant(None), destination)
        case core.Inline(operation="set-record-field"):
            frame.emit(*set_field(frame, node, expressions.operands(frame, node.operands[:-1])))
            _finish(frame, constant(None), destination)
        case core.Inline(operation="set-attribute" | "set-imported"):
            frame.emit(set_attribute(frame, node, expressions.operands(frame, node.operands[:-1])))
            _finish(frame, constant(None), destination)
        case core.Call(operator=core.Builtin(name="vector-set!")) if is_indexed(frame, node):
            frame.emit(set_item(expressions.operands(frame, node.operands)))
            _finish(frame, constant(None), destination)
        case core.Each():
            _finish(frame, _sum(frame, node) or each(frame, node), destination)
        case core.Guard():
            _guard(frame, node, destination)
        case core.Reraise():
            frame.emit(ast.Raise(None, None))
        case core.Loop():
            if isinstance(destination, Leave):
                _loop(frame, node, destination.destination)
                frame.emit(ast.Break())
            else:
                _loop(frame, node, destination)
        case core.Jump():
            _jump(frame, node)
        case core.TailCall():
            _tail_call(frame, node)
        case core.Step():
            values = expressions.operands(frame, (node.operator, *node.operands))
            frame.emit(ast.Return(ast.Tuple(values, ast.Load())))
        case core.StepOf():
            frame.emit(ast.Return(ledger_calls.step(frame, node)))
        case _:
            _deliver(frame, node, destination)


def _deliver(frame: Frame, node: Node, destination: Destination) -> None:
    if isinstance(destination, Leave):
        _deliver(frame, node, destination.destination)
        frame.emit(ast.Break())
    elif isinstance(destination, Discard) and isinstance(
        node, core.Constant | core.Builtin | core.Lambda | core.Reference
    ):
        return
    else:
        _finish(frame, expressions.expression(frame, node), destination)


def _finish(frame: Frame, value: ast.expr, destination: Destination) -> None:
    match destination:
        case Return():
            frame.emit(ast.Return(None if _is_none(value) else value))
        case Assign(name):
            if not (isinstance(value, ast.Name) and value.id == name):
                frame.emit(assign(name, value))
        case Leave(inner):
            _finish(frame, value, inner)
            frame.emit(ast.Break())
        case Discard():
            if not isinstance(value, ast.Constant | ast.Name) and not _is_value_of_hold(value):
                frame.emit(ast.Expr(value))


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_value_of_hold(value: ast.expr) -> bool:
    return isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.attr == "value"


def bind_all(frame: Frame, node: core.Let | core.Letrec) -> None:
    """Compute and assign the variables of a let or letrec*."""
    names = {}
    if isinstance(node, core.Letrec):
        names = {variable: frame.bind(variable) for variable, _ in node.bindings if not variable.unused}
    for variable, value in node.bindings:
        if variable.unused:
            run(frame, value, DISCARD)
            continue
        outer, frame.span = frame.span, value.span
        expressions.bind(frame, names.get(variable) or frame.bind(variable), value)
        frame.span = outer


def _if(frame: Frame, node: core.If, destination: Destination) -> None:
    """An `if`; when the first branch never ends, the second one follows without an `else`."""
    if frame.module.shapes.is_expression(node) and isinstance(destination, Assign):
        _deliver(frame, node, destination)
        return
    if isinstance(destination, Return) and conjuncts(node) and frame.module.shapes.is_expression(node):
        _deliver(frame, node, destination)
        return
    decided = _list_test(frame, node) if isinstance(destination, Return | Leave) else None
    if decided is not None:
        assert isinstance(node.test, core.Inline)
        _if_pair(frame, node.test, *decided, destination)
        return
    condition = expressions.test(frame, node.test)
    with frame.nested() as then:
        run(frame, node.then, destination)
    if is_terminated(then):
        _follow(frame, ast.If(condition, then, []), node.otherwise, destination)
        return
    with frame.nested() as otherwise:
        run(frame, node.otherwise, destination)
    if not then and not otherwise:
        frame.emit(ast.Expr(condition))
    elif not then:
        frame.emit(ast.If(negated(condition), otherwise, []))
    else:
        frame.emit(ast.If(condition, then, otherwise))


def _follow(frame: Frame, first: ast.If, otherwise: Node, destination: Destination) -> None:
    """An `if` whose body never ends, and what is done otherwise: behind it, or as its `elif`."""
    frame.emit(first)
    start = len(frame.block)
    run(frame, otherwise, destination)
    if len(frame.block) == start + 1 and _is_chain(frame.block[start:]):
        first.orelse = [frame.block.pop()]


def _ends_early(node: Node, frame: Frame, destination: Destination) -> TypeGuard[core.If]:
    """Whether a conditional in tail position has a short way out, and goes on with the branch that it tests for."""
    return (
        isinstance(node, core.If)
        and isinstance(destination, Return)
        and frame.module.shapes.is_expression(node.otherwise)
        and not frame.module.shapes.is_expression(node)
    )


def _if_not(frame: Frame, node: core.If, destination: Destination) -> None:
    """The way out first, so that what follows isn't indented any further, however long the chain."""
    condition = expressions.test(frame, node.test)
    with frame.nested() as otherwise:
        run(frame, node.otherwise, destination)
    frame.emit(ast.If(negated(condition), otherwise, []))
    run(frame, node.then, destination)


def _list_test(frame: Frame, node: core.If) -> tuple[Variable, Node, Node] | None:
    """The local list that `(if (null? x) …)` or `(if (pair? x) …)` decides about, where a pair is then taken apart;
    behind `pair?` more than once, as once is said in a line.

    With it the way out for what is no pair, and what is done with a pair.
    """
    match node.test:
        case core.Inline(operation="is-null", operands=(core.Reference(variable=variable),)):
            out, on, least = node.then, node.otherwise, 1
        case core.Inline(operation="is-pair", operands=(core.Reference(variable=variable),)):
            out, on, least = node.otherwise, node.then, 2
            if not (is_small(out) and frame.module.shapes.is_expression(out)):
                return None
        case _:
            return None
    if variable not in frame.own or variable in frame.narrowed or variable in frame.module.facts.assigned:
        return None
    occurrences = frame.module.occurrences
    # A list of Python's is replaced by pairs.
    is_worth_it = occurrences.taken_apart_in(variable, on) >= least and not occurrences.is_itself_in(variable, on)
    return (variable, out, on) if is_worth_it else None


def _if_pair(
    frame: Frame, test: core.Inline, variable: Variable, out: Node, on: Node, destination: Destination
) -> None:
    """One check serves for the test and for every `car` and `cdr` after it: see `inline`."""
    module, name = frame.module, frame.name_of(variable)
    pair = load(module.runtime("Pair"))
    with frame.nested(2) as outside:
        run(frame, out, destination)
    if test.operation == "is-null":
        is_pair = is_of(load(name), pair)
        is_nil = compare(load(name), ast.Is(), load(module.runtime("NIL")))
        leaves: ast.expr = ast.BoolOp(ast.Or(), [is_nil, call(module.builtin("null?"), load(name))])
    else:
        is_pair = is_exactly(module.runtime("type"), load(name), pair)
        leaves = negated(call(module.builtin("pair?"), load(name)))
    converted = assign(name, call(module.runtime("as_list"), load(name)))
    check = ast.If(negated(is_pair), [ast.If(leaves, outside, []), converted], [])
    module.placer.place(check, test.span)
    frame.emit(check)
    frame.narrowed.add(variable)
    run(frame, on, destination)
    frame.narrowed.discard(variable)


def _is_chain(block: list[ast.stmt]) -> bool:
    """Whether an else branch reads best as `elif`."""
    return len(block) == 1 and isinstance(block[0], ast.If) and bool(block[0].orelse)


def _guard(frame: Frame, node: core.Guard, destination: Destination) -> None:
    loops, frame.loops = frame.loops, []
    with frame.looping(2) as body:
        run(frame, node.body, destination)
    frame.loops = loops
    name = frame.temporary("exc")
    with frame.looping(2) as handler:
        seen = call(frame.module.runtime("condition"), load(name))
        frame.emit(assign(frame.bind(node.variable), seen))
        run(frame, node.handler, destination)
    scope = ast.With([ast.withitem(call(frame.module.runtime("guarded")))], body or [ast.Pass()])
    handlers = [ast.ExceptHandler(load(frame.module.runtime("Exception")), name, handler)]
    frame.emit(ast.Try([scope], handlers, [], []))


def each(frame: Frame, node: core.Each) -> ast.expr:
    """Write a loop over the elements of a source; gives the expression for the result."""
    result = None
    if node.result is not None:
        added = _sum(frame, node)
        if added is not None:
            return frame.keep(added, "total")
        result = frame.bind(node.result)
        expressions.bind(frame, result, node.initial)
    source = expressions.expression(frame, node.source)
    name = frame.bind(node.variable)
    with frame.looping() as body:
        run(frame, node.body, DISCARD if result is None else Assign(result))
    frame.emit(ast.For(store(name), source, body or [ast.Pass()], []))
    return constant(None) if result is None else load(result)


def _sum(frame: Frame, node: core.Each) -> ast.expr | None:
    """The expression for a loop that adds integers to one, or None: of floats Python's `sum` may give another."""
    match node.initial, node.body:
        case core.Constant(), core.Inline(
            operation="add", operands=(core.Reference() as one, core.Reference() as other)
        ):
            is_each = {one.variable, other.variable} == {node.result, node.variable}
            if not is_each or not all(is_a(each, INT) for each in frame.module.types.operands[node.body]):
                return None
            source, start = expressions.operands(frame, (node.source, node.initial))
            is_zero = isinstance(start, ast.Constant) and start.value == 0
            return call(frame.module.runtime("sum"), source, *([] if is_zero else [start]))
    return None


def gather(frame: Frame, node: core.Gather) -> ast.expr:
    """Write a loop that appends to a list; gives the expression for the list."""
    source = expressions.expression(frame, node.source)
    items = frame.temporary("items")
    frame.emit(assign(items, ast.List([], ast.Load())))
    name = frame.bind(node.variable)
    with frame.looping() as body:
        tests = [] if node.test is None else [expressions.test(frame, node.test)]
        with frame.nested(len(tests)) as kept:
            value = expressions.expression(frame, node.value)
            frame.emit(ast.Expr(ast.Call(attribute(load(items), "append"), [value], [])))
        if tests:
            frame.emit(ast.If(tests[0], kept, []))
        else:
            frame.block += kept
    frame.emit(ast.For(store(name), source, body, []))
    return load(items)


def _loop(frame: Frame, node: core.Loop, destination: Return | Discard | Assign) -> None:
    if not isinstance(destination, Return) and frame.module.jumps.crosses(node):
        # Jumps out of an inner loop need the inner loop's other exits to be returns.
        _finish(frame, functions.outlined(frame, node, "loop"), destination)
        return
    how = counted(frame, node)
    if how is not None:
        _for(frame, node, how, destination)
        return
    _rebind(frame, _bound(frame, node), expressions.operands(frame, node.initial))
    body = _round(frame, LoopContext(node, destination), node.body)
    frame.emit(*while_statements(body))
    if isinstance(destination, Return) and not is_terminated(frame.block):
        frame.emit(ast.Continue())


def _bound(frame: Frame, node: core.Loop) -> list[str]:
    """The names of a loop's variables; those of a procedure's own loop have some."""
    return [frame.own[v] if v in frame.own else frame.bind(v) for v in node.variables]


def _round(frame: Frame, context: LoopContext, node: Node) -> list[ast.stmt]:
    """The statements of a loop's body."""
    destination = context.destination
    frame.loops.append(context)
    with frame.looping() as body:
        run(frame, node, destination if isinstance(destination, Return | Leave) else Leave(destination))
    frame.loops.pop()
    return body


def _for(frame: Frame, node: core.Loop, how: Counted, destination: Return | Discard | Assign) -> None:
    """A loop that counts; what comes behind its last round is an `else` where the loop may be left before."""
    initial, names = expressions.operands(frame, node.initial), _bound(frame, node)
    name, start = names[how.position], initial[how.position]
    if not all(is_stable(each, frame) for each in node.initial[how.position + 1 :]):
        # What is evaluated behind the start must not come before it, so the name has it until the loop begins.
        start = load(name)
    else:
        del names[how.position], initial[how.position]
    _rebind(frame, names, initial)
    end, step = (expressions.expression(frame, each) for each in (how.test.operands[how.end], how.step))
    iterable = numbers(frame, how, start, end, step)
    frame.module.placer.place(iterable, how.test.span)
    same = stored(frame, node, how)
    if same is not None:
        vector, _, value = (expressions.expression(frame, each) for each in same.operands)
        store_each = ast.Expr(call(frame.module.runtime("vector_set_each"), vector, iterable, value))
        frame.module.placer.place(store_each, same.span)
        frame.emit(store_each)
        run(frame, how.after, destination)
    else:
        body = _round(frame, LoopContext(node, destination, how.variable), how.body)
        loop = ast.For(store(name), iterable, without_continue(body), [])
        frame.emit(loop)
        if breaks(loop.body):
            with frame.nested() as loop.orelse:
                run(frame, how.after, destination)
        else:
            run(frame, how.after, destination)
    if isinstance(destination, Return) and not is_terminated(frame.block):
        frame.emit(ast.Continue())


def _jump(frame: Frame, node: core.Jump) -> None:
    context, depth = frame.loop(node.label)
    variables = context.loop.variables
    changed = [
        (frame.name_of(variable), value)
        for variable, value in zip(variables, node.values, strict=True)
        if variable is not context.counter and not (isinstance(value, core.Reference) and value.variable is variable)
    ]
    values = expressions.operands(frame, [value for _, value in changed])
    _rebind(frame, [name for name, _ in changed], values)
    frame.emit(ast.Break() if depth else ast.Continue())


def _rebind(frame: Frame, names: list[str], values: list[ast.expr]) -> None:
    """Assign several variables at once."""
    pairs = [(n, v) for n, v in zip(names, values, strict=True) if not (isinstance(v, ast.Name) and v.id == n)]
    if len(pairs) == 1:
        frame.emit(assign(*pairs[0]))
    elif pairs:
        targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name, _ in pairs]
        target = ast.Tuple(targets, ast.Store())
        frame.emit(ast.Assign([target], ast.Tuple([value for _, value in pairs], ast.Load())))


def _tail_call(frame: Frame, node: core.TailCall) -> None:
    """`return (TAIL, callee, argument, …)`; `apply` spreads its last argument."""
    mark = load(frame.module.runtime("TAIL"))
    if isinstance(node.operator, core.Builtin) and node.operator.name == "apply":
        *values, last = expressions.operands(frame, node.operands)
        spread = call(frame.module.runtime("spread"), last, constant(len(node.operands)))
        values.append(ast.Starred(spread, ast.Load()))
    else:
        values = expressions.operands(frame, (node.operator, *node.operands))
    frame.emit(ast.Return(ast.Tuple([mark, *values], ast.Load())))
