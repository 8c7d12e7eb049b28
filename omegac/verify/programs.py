"""Whether a program is what a pass may leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from omegac import core
from omegac.analyse.facts import bound_by
from omegac.core import Item, Lambda, Node, Program, Variable
from omegac.errors import CompilerBug
from omegac.source import Source, Span
from omegac.traverse import children, tail_nodes, value_of, walk
from omegac.verify.grammar import Grammar


def ensure(is_so: bool, otherwise: str) -> None:
    """Raise CompilerBug, with what is wrong, unless something is so."""
    if not is_so:
        raise CompilerBug(otherwise)


def check_program(stage: str, program: Program, grammar: Grammar, source: Source) -> None:
    """Check the kinds of nodes, their places, scopes, jumps and tail calls. Raises CompilerBug."""
    nodes = [node for item in program.items for node in walk(item)]
    for node in nodes:
        name = type(node).__name__
        ensure(type(node) in grammar.kinds, f"{name} after {stage}")
        if isinstance(node, core.Inline) and grammar.operations is not None:
            ensure(node.operation in grammar.operations, f"the primitive {node.operation} after {stage}")
        _check_span(name, node.span, source)
    # Facts are kept by node, so a node with parts stands at one place only.
    twice = [type(node).__name__ for node, count in Counter(nodes).items() if count > 1 and children(node)]
    ensure(not twice, f"nodes that occur twice after {stage}: {twice}")
    _check_binding_once(program)
    toplevel = program.toplevel
    ensure(len(set(toplevel)) == len(toplevel), "a variable is defined twice")
    for item in program.items:
        node = value_of(item)
        _check_scope(node, frozenset(toplevel), in_handler=False)
        _check_tails(node, (), in_procedure=False)
    _check_steps(nodes)
    for node in nodes:
        if isinstance(node, core.Lambda) and node.tail:
            ensure(any(isinstance(each, core.TailCall) for each in _own_nodes(node)), "`tail`, but no TailCall")


def _check_span(name: str, span: Span, source: Source) -> None:
    source = span.origin or source
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    ensure((1, 1) <= start <= end, f"{name} ends before it starts: {span}")
    ensure(end[0] <= len(source.lines), f"{name} ends below the source: {span}")
    for line, column in (start, end):
        ensure(1 <= column <= max(1, len(source.line(line))), f"{name} is not on its line: {span}")


def _check_binding_once(program: Program) -> None:
    """Each variable is bound at one place; a procedure's own loop binds the parameters again."""
    bound: set[Variable] = set(program.toplevel)
    again: set[Item] = set()
    for node in (node for item in program.items for node in walk(item)):
        match node:
            case core.Lambda(parameters=parameters, body=core.Loop(variables=variables) as loop):
                if variables == parameters:
                    again.add(loop)
        for variable in bound_by(node) if node not in again else ():
            ensure(variable not in bound, f"{variable.name} is bound twice")
            bound.add(variable)


def _check_scope(node: Node, visible: frozenset[Variable], in_handler: bool) -> None:
    """Variables are used where they are visible, and Reraise where there is something to raise again."""
    if isinstance(node, core.Reference | core.Assignment):
        ensure(node.variable in visible, f"{node.variable.name} is out of scope at line {node.span.line}")
    ensure(in_handler or not isinstance(node, core.Reraise), "Reraise outside of a guard's handler")
    inner = visible | set(bound_by(node))
    match node:
        case core.Let():
            around, inside = [value for _, value in node.bindings], [node.body]
        case core.Loop():
            around, inside = [*node.initial], [node.body]
        case core.Guard():
            around, inside = [node.body], [node.handler]
        case core.Gather():
            around, inside = [node.source], [*children(node)][1:]
        case core.Each():
            around, inside = [node.initial, node.source], [node.body]
        case _:
            around, inside = [], [*children(node)]
    for child in around:
        _check_scope(child, visible, in_handler)
    for child in inside:
        keeps = isinstance(node, core.Guard) or (in_handler and not isinstance(node, core.Lambda))
        _check_scope(child, inner, keeps)


def _check_tails(node: Node, loops: tuple[core.Loop, ...], in_procedure: bool) -> None:
    """`loops`: those whose tail position this is, outermost first; `in_procedure`: likewise, with `tail` set."""
    tail: tuple[Node, ...] = ()
    inside = loops
    match node:
        case core.Jump():
            # Python's `break` and `continue` reach the loop itself and the one around it.
            target = next((loop for loop in loops[-2:] if loop.label is node.label), None)
            if target is None:
                raise CompilerBug(f"the jump to {node.label.name} is not in tail position of its loop")
            ensure(len(node.values) == len(target.variables), f"the jump to {node.label.name} has a wrong size")
        case core.TailCall():
            ensure(in_procedure, f"TailCall outside of tail position at line {node.span.line}")
        case core.If():
            tail = (node.then, node.otherwise)
        case core.Sequence():
            tail = node.items[-1:]
        case core.Let() | core.Letrec():
            tail = (node.body,)
        case core.Guard():
            tail = (node.handler,)
        case core.Loop():
            ensure(len(node.initial) == len(node.variables), f"the loop {node.label.name} has a wrong size")
            tail, inside = (node.body,), (*loops, node)
        case core.Lambda():
            _check_tails(node.body, (), node.tail)
            return
    for child in children(node):
        if any(child is each for each in tail):
            _check_tails(child, inside, in_procedure)
        else:
            _check_tails(child, (), in_procedure=False)


def _check_steps(nodes: list[Item]) -> None:
    """A procedure ends with steps on all ways, or on none; steps are nowhere else."""
    last: set[Node] = set()
    for node in nodes:
        if isinstance(node, core.Lambda):
            ends = [each for each, _ in tail_nodes(node.body)]
            steps = [each for each in ends if isinstance(each, core.Step | core.StepOf)]
            ensure(len(steps) in (0, len(ends)), f"a procedure ends with a step on some ways only: {node.span}")
            last.update(steps)
        if isinstance(node, core.Reentrant | core.Companion):
            ends = [each for each, _ in tail_nodes(node.entry.body)]
            ensure(all(isinstance(each, core.Step | core.StepOf) for each in ends), "an entry ends without a step")
    ensure(
        all(node in last for node in nodes if isinstance(node, core.Step | core.StepOf)), "a step is not the last thing"
    )


def _own_nodes(procedure: Lambda) -> Iterator[Node]:
    """The nodes of a procedure's body, without those of procedures inside."""
    pending = [procedure.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, core.Lambda):
            pending.extend(children(node))
